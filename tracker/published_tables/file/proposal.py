"""How a grid is likely to be read: a layout, what is doubtful in it, and what only a person can answer. Pure.

What a layout document says is taken; what it leaves out is proposed from the headings, the legend and the
lines of the grid.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from openpyxl.utils import get_column_letter

from tracker.published_tables.file import cells
from tracker.published_tables.file.aside_rows import is_note, is_plain, total_or_example
from tracker.published_tables.file.by_cells import (
    headings_by_cells,
    rating_place,
    with_dated_ratings,
    with_marks,
)
from tracker.published_tables.file.columns import TableColumn, read_headings, refuse_lacking
from tracker.published_tables.file.document import BlockDocument, LayoutDocument, LayoutProblem
from tracker.published_tables.file.grid import Grid, Row
from tracker.published_tables.file.head import TableHead, find_head
from tracker.published_tables.file.heading_rows import (
    Span,
    body_widths,
    find_headings,
    likeliest,
    repeats,
    span_of,
    texts_of,
)
from tracker.published_tables.file.headings import FIGURES, OUTLINE, YEAR, Kind
from tracker.published_tables.file.layout import HeadingBlock, Layout, OutlinePlace, RowPlace
from tracker.published_tables.file.looks import doubts_of_looks
from tracker.published_tables.file.outline import WIDE, read_line
from tracker.published_tables.file.role_words import in_words
from tracker.published_tables.file.roles import column_of, role_of
from tracker.published_tables.file.scale import Scale, best_first, read_scales
from tracker.published_tables.file.table import Anomaly
from tracker.words.cutting import cut
from tracker.words.fiscal_years import fiscal_year_of, fiscal_years_in, short_label, year_named
from tracker.words.folding import fold
from tracker.words.scale_kinds import ScaleKind
from tracker.workbooks.problems import FileProblem

# Kinds of a table whose rows may have slipped and are put straight, as in the text of a PDF.
ALIGNED = {
    *(Kind.PLEDGE, Kind.PLAN_PROJECTS, Kind.SDGS, Kind.RESULT, Kind.PLAN, Kind.PREVIOUS_RATING, Kind.RATING),
    *(Kind.DIVISION, Kind.DEPARTMENTS, Kind.NOTE),
}
MOST_NAMES = 100  # characters of lines that are named together
MOST_LEVELS = 3  # of lines: fields, sections, and what is told and left out
DEFAULT_SHEET = re.compile(r"^(?:Sheet|シート)\d*$", re.IGNORECASE)
# What a question advises last: how a layout says it. A page says instead where it is chosen there.
SAY_YEAR = "配置（--layout）の fiscal_year で示してください。"
SAY_HEAD = "表題と時点のない表であれば、配置（--layout）の title と as_of で示してください。"
SAY_HEADINGS = "配置（--layout）の heading_rows と columns で、何の列かを示してください。"
SAY_NO_OUTLINE = '分野のない表であれば、配置（--layout）に "outline": "none" と書いてください。'
SAY_SHEETS = "配置（--layout）の sheets に、読むシートの名前だけを書いてください。"
SAY_SKIP = "合計などの行であれば、配置（--layout）の skip_rows に、その行の番号を書いてください。"
SAY_SCALE = "配置（--layout）の scale に、進んだ評価から順に書いてください。"
YEARLESS = f"年度のない列です。何年度のことかを、{SAY_YEAR}"


@dataclass(frozen=True)
class Proposal:
    """A layout, what is told of it, and the questions without whose answer nothing can be read."""

    layout: Layout
    doubts: tuple[Anomaly, ...] = ()
    questions: tuple[FileProblem, ...] = ()


def propose(grid: Grid, told: LayoutDocument | None = None) -> Proposal:
    """The layout of a grid. Raises LayoutProblem where the document does not fit the grid."""
    return _Proposer(grid, told or LayoutDocument()).proposal()


class _Proposer:
    """One proposal on its way: each step adds what the next ones need."""

    def __init__(self, grid: Grid, told: LayoutDocument) -> None:
        self.grid, self.told = grid, told
        self.sheets = self._sheets()
        self.rows = [row for row in grid.rows if row.sheet is None or row.sheet in self.sheets]
        self.doubts: list[Anomaly] = []
        self.questions: list[FileProblem] = []
        self.blocks: list[HeadingBlock] = []
        self.bodies: dict[RowPlace, list[Row]] = {}
        self.headings: frozenset[RowPlace] = frozenset()
        self.plain: frozenset[RowPlace] = frozenset()
        self.skipped, self.wanted = self._places(told.skipped), self._places(told.wanted)

    def _places(self, told: frozenset[RowPlace]) -> set[RowPlace]:
        """The rows that a document names; without a sheet it means the row of that number in each."""
        return {row.place for row in self.rows if told & {row.place, (None, row.number)}}

    def proposal(self) -> Proposal:
        scales = read_scales([self._unskipped(row) for row in self.rows])
        self.spans = self._spans()
        self._make_blocks()
        above = self._above()
        known = {self.rows[index].place for scale in scales for index in scale.rows}
        lines = [
            row
            for row in self.rows
            if row.filled
            and row.place not in known | self.skipped | self.headings
            and (row.filled == 1 or row.place in above)
        ]
        head = self._head(lines, above)
        known |= head.rows
        self.as_of = head.as_of
        year = self.told.fiscal_year or (fiscal_year_of(head.as_of) if head.as_of else None)
        self._date_columns(year)
        self._mark_columns()
        scale = self._scale(scales)
        self._rating_by_cells(scale)
        self._dated_ratings(scale)
        self._ask_for_lacking()
        outline, levels = self._outline([row for row in lines if row.place not in known])
        self._leave_out(known, levels)
        self._tell_rest(scale, scales)
        layout = Layout(
            blocks=tuple(self.blocks),
            outline=outline,
            scale=scale.steps,
            scale_kind=self.told.scale_kind or ScaleKind.RANKED,
            unranked=self.told.unranked,
            unrated=scale.unrated,
            title=head.title,
            as_of=head.as_of,
            fiscal_year=year,
            sheets=tuple(self.sheets) if self.told.sheets else (),
            skipped=frozenset(self.skipped),
            wanted=frozenset(self.wanted),
            known=frozenset(known),
            lines=levels,
            plain=self.plain,
            slips=self._slips(),
        )
        self.doubts += [*scale.anomalies, *head.doubts, *doubts_of_looks(self.grid, self.rows, layout)]
        return Proposal(layout, tuple(self.doubts), tuple(self.questions))

    def _unskipped(self, row: Row) -> Row:
        return replace(row, cells=("",)) if row.place in self.skipped else row

    def _sheets(self) -> list[str]:
        wanted = list(self.told.sheets or self.grid.sheets)
        for name in wanted:
            if name not in self.grid.sheets:
                there = "、".join(f"「{each}」" for each in self.grid.sheets) or "なし"
                raise LayoutProblem("sheets", f"「{name}」というシートはありません（あるシート：{there}）。")
        return wanted

    # --- headings and columns ---

    def _spans(self) -> list[Span]:
        if self.told.block.rows:
            return repeats(self.rows, self._told_span(self.told.block, "heading_rows"))
        readable = [self._unskipped(row) for row in self.rows]
        spans = find_headings(readable)
        if not spans and not self.told.block.roles:
            self._ask_for_headings()
        return spans

    def _told_span(self, block: BlockDocument, key: str) -> Span:
        first, last = block.rows or (1, 1)
        if span := span_of(self.rows, first, last, block.sheet):
            return span
        raise LayoutProblem(key, f"{first} 行目から {last} 行目に、見出しがありません。")

    def _ask_for_headings(self) -> None:
        if found := likeliest(self.rows):
            index, unknown = found
            names = "".join(f"「{name}」" for name in unknown[:8])
            self.questions.append(
                self.rows[index].problem(
                    f"見出しの行が見つかりません。この行が見出しでしょうか。知らない見出し{names}を、"
                    "「公約」「令和5年度の取組」「評価」「担当課」のように書き直すか、"
                    f"{SAY_HEADINGS}"
                )
            )

    def _make_blocks(self) -> None:
        further = [(self._told_span(each, "further_headings"), each.roles) for each in self.told.further]
        roles_at = {span: roles for told, roles in further for span in repeats(self.rows, told)}
        self.spans = sorted({*self.spans, *roles_at})
        known: dict[object, TableColumn] = {}
        ends = [*(first for first, _last in self.spans[1:]), len(self.rows)]
        for (first, last), end in zip(self.spans, ends, strict=False):
            below = [
                row for row in self.rows[last + 1 : end] if row.sheet == self.rows[first].sheet and row.filled
            ]
            self.bodies[self.rows[first].place] = below
        for span, width in zip(self.spans, body_widths(self.rows, self.spans), strict=True):
            roles = roles_at.get(span, self.told.block.roles)
            rows = self.rows[span[0] : span[1] + 1]
            try:
                columns = self._columns(rows, width, roles or {})
            except FileProblem as problem:
                self.questions.append(problem)
                continue
            # The first wording stays in force; a later heading may be broken over lines.
            kept = tuple(known.setdefault(_meaning(column), column) for column in columns)
            self.blocks.append(HeadingBlock(rows[0].sheet, rows[0].number, rows[-1].number, kept))
        self.headings = frozenset(
            row.place for first, last in self.spans for row in self.rows[first : last + 1]
        )
        self._tell_differing()

    def _columns(self, rows: Sequence[Row], width: int, roles: Mapping[int, str]) -> tuple[TableColumn, ...]:
        """The columns below heading rows: as told, else as proposed."""
        texts = texts_of(rows)
        where = rows[-1].number if len(rows) == 1 else rows[0].number
        if not roles:
            below = self.bodies[rows[0].place]
            return read_headings(headings_by_cells(texts, rows, below), where, rows[0].sheet, width=width)
        beyond = [place for place in roles if place >= max(len(texts), width)]
        if beyond:
            letter = get_column_letter(beyond[0] + 1)
            raise LayoutProblem("columns", f"{letter} 列は、この表にありません。")
        columns = [
            self._told_column(roles[place], text) if place in roles else _untold(text, place, rows[0].sheet)
            for place, text in enumerate([*texts, *[""] * (width - len(texts))])
        ]
        _refuse_twice(columns)
        return tuple(columns)

    def _told_column(self, role: str, text: str) -> TableColumn:
        heading = cells.one_line(text)
        column = column_of(role, heading)
        is_cumulative = column.kind is Kind.RESULT and any(
            match["since"] or match["until"] for match in YEAR.finditer(fold(heading))
        )
        return replace(column, cumulative=is_cumulative)

    def _tell_differing(self) -> None:
        for block in self.blocks[1:]:
            now, first = (_known(each.columns) for each in (block, self.blocks[0]))
            if now != first:
                names = [column.heading for column in block.columns if _meaning(column) in now - first]
                gone = [c.heading for c in self.blocks[0].columns if _meaning(c) in first - now]
                done = "前の表と列が違う表として読んだ"
                told = f"増えた列：{'・'.join(names) or 'なし'}、ない列：{'・'.join(gone) or 'なし'}"
                self._tell(block.first, "", "headings_differ", told, done, block.sheet)

    def _date_columns(self, year: int | None) -> None:
        """Gives the columns of results, and of an indicator's figures, without a year that of the table."""
        for place, block in enumerate(self.blocks):
            columns = []
            for column in block.columns:
                if column.kind in {Kind.RESULT, *FIGURES} and column.fiscal_year is None:
                    if year is None and column.kind in FIGURES:
                        column = replace(column, kind=Kind.NOTE)
                    elif year is None:
                        words = YEARLESS
                        self.questions.append(FileProblem(words, column=column.heading, sheet=block.sheet))
                    elif self.told.fiscal_year is None and place == 0:
                        done = f"年度のない列なので、時点の {short_label(year)} のこととした"
                        self._tell(
                            block.first, column.heading, "undated_result", column.heading, done, block.sheet
                        )
                    column = replace(column, fiscal_year=year)
                columns.append(column)
            self.blocks[place] = replace(block, columns=tuple(columns))

    def _mark_columns(self) -> None:
        """Columns of marks are steps of the scale, unless a layout says which are."""
        roles = self.told.block.roles or {}
        if not any(role.startswith("mark") for role in roles.values()):
            self.blocks = [with_marks(block, list(self._body(block))) for block in self.blocks]

    # --- the scale ---

    def _scale(self, scales: Sequence[Scale]) -> Scale:
        scale = self._chosen([each for each in scales if each.steps])
        if self.told.scale is not None:
            scale = Scale(self.told.scale, scale.rows, unrated=scale.unrated)
        elif not scale.steps and (marked := self._marked()):
            steps, is_doubtful = best_first(marked)
            scale = Scale(steps, is_doubtful=is_doubtful)
        if self.told.unrated is not None:
            scale = replace(scale, unrated=self.told.unrated)
        codes = {step.code for step in scale.steps}
        for code in scale.unrated:
            if code in codes:
                done = "評価の区分にもある記号なので、評価なしではなく、その区分として読んだ"
                self._tell(0, "", "unrated_is_step", code, done, None)
        scale = replace(scale, unrated=tuple(code for code in scale.unrated if code not in codes))
        if scale.is_doubtful and self.told.scale is None and scale.steps:
            names = "・".join(step.called for step in scale.steps)
            row = self.rows[min(scale.rows)] if scale.rows else self.rows[0]
            self.questions.append(
                row.problem(
                    f"評価の凡例（{names}）が、進んだ評価から順に並んでいるか分かりません。"
                    f"順に並べ直すか、{SAY_SCALE}"
                )
            )
        return scale

    def _marked(self) -> list[cells.LegendStep]:
        words = [c.heading for block in self.blocks for c in block.columns if c.kind is Kind.MARK]
        return [cells.legend_step(word, word, "") for word in dict.fromkeys(words)]

    def _chosen(self, scales: Sequence[Scale]) -> Scale:
        """Of several legends the one that knows most of the ratings."""
        ratings = list(self._cells_of(Kind.RATING))
        return max(
            scales,
            key=lambda scale: sum(scale.code_of(cell) is not None for cell in ratings),
            default=Scale(),
        )

    def _cells_of(self, kind: Kind) -> Iterator[str]:
        for block in self.blocks:
            for place, column in enumerate(block.columns):
                if column.kind is kind and column.fiscal_year is None:
                    body = (row for row in self._body(block) if row.filled > 1)
                    yield from (row.cell(place) for row in body if row.cell(place).strip())

    def _rating_by_cells(self, scale: Scale) -> None:
        """Takes a column whose cells are all steps of the scale for the rating, where none is called so."""
        kinds = {column.kind for block in self.blocks for column in block.columns}
        if not scale.steps or self.told.block.roles or kinds & {Kind.RATING, Kind.MARK}:
            return
        for at, block in enumerate(self.blocks):
            place = rating_place(block, list(self._body(block)), scale)
            if place is not None:
                columns, heading = list(block.columns), block.columns[place].heading
                columns[place] = TableColumn(Kind.RATING, heading)
                self.blocks[at] = replace(block, columns=tuple(columns))
                done = "凡例の評価だけが入っているので、評価の列とした"
                self._tell(block.first, heading, "rating_by_cells", heading, done, block.sheet)

    def _dated_ratings(self, scale: Scale) -> None:
        """The ratings of other years; the history has no place for a second one of the table's year."""
        if scale.steps and not self.told.block.roles and self.as_of:
            now = fiscal_year_of(self.as_of)
            self.blocks = [
                with_dated_ratings(block, list(self._body(block)), scale, now) for block in self.blocks
            ]

    def _beyond(self, block: HeadingBlock) -> list[TableColumn]:
        """The columns beside a text's headings that its rows fill."""
        width = max((len(row.cells) for row in self._body(block) if row.cells[-1].strip()), default=0)
        beyond = range(len(block.columns), width)
        return [TableColumn(Kind.NOTE, f"{place + 1}列目") for place in beyond]

    def _ask_for_lacking(self) -> None:
        """A column that is missed, and that an unknown one may be meant for, is asked for."""
        for block in self.blocks if not self.told.block.roles else ():
            try:
                refuse_lacking([*block.columns, *self._beyond(block)], block.first, block.sheet)
            except FileProblem as problem:
                self.questions.append(problem)

    def _body(self, block: HeadingBlock) -> Iterator[Row]:
        """The rows below a heading, up to the next one or the sheet's end."""
        for row in self.bodies[block.sheet, block.first]:
            if row.place not in self.skipped:
                yield row

    # --- title, outline, rows to leave out ---

    def _above(self) -> frozenset[RowPlace]:
        """The rows above the first heading of their sheet."""
        first: dict[str | None, int] = {}
        for block in self.blocks:
            first.setdefault(block.sheet, block.first)
        default = 0 if self.grid.sheets or first else None
        return frozenset(
            row.place
            for row in self.rows
            if row.filled
            and (default is None or row.number < first.get(row.sheet, default))
            and not any(map(cells.read_pledge, row.cells))
        )

    def _head(self, lines: Sequence[Row], above: frozenset[RowPlace]) -> TableHead:
        found = find_head(lines, above)
        as_of = self.told.as_of or found.as_of
        title, rows = found.title, found.rows
        if self.told.title:
            title = self.told.title
            rows |= {row.place for row in lines if row.place in above and fold(row.line) in fold(title)}
            rows |= {row.place for row in lines if row.place in above and fold(title) in fold(row.line)}
        elif not title and (first := next((row for row in lines if row.place in above), None)):
            title, rows = cells.one_line(first.line), rows | {first.place}
        rows |= {row.place for row in lines if fold(row.line) == fold(title) and row.sheet is not None}
        return replace(found, title=title, as_of=as_of, rows=rows)

    def _outline(self, lines: Sequence[Row]) -> tuple[tuple[OutlinePlace, ...], dict[str, int]]:
        """Where the outline stands, and the levels of its lines by how they begin."""
        kinds = {column.kind for block in self.blocks for column in block.columns}
        styles = self._styles(lines)
        outline = self.told.outline or self._proposed_outline(kinds, styles)
        if OutlinePlace.NONE in outline:
            return outline, {}
        is_above = OutlinePlace.SHEETS in outline or Kind.FIELD in kinds
        if is_above:
            has_sections = Kind.SECTION in kinds or not styles
            return outline, {} if has_sections else {styles[0]: 2}
        if Kind.SECTION in kinds:
            return outline, {styles[0]: 1} if styles else {}
        if OutlinePlace.ROWS not in outline:
            return outline, {}
        return outline, {style: level for level, style in enumerate(styles[:MOST_LEVELS], start=1)}

    def _styles(self, lines: Sequence[Row]) -> list[str]:
        """How the lines of the outline begin, fields before sections."""
        pledges = set() if self._slips() else self._pledge_styles()
        found = [read_line(row.line, is_wide=row.is_wide) for row in lines if self._may_be_line(row)]
        styles = list(dict.fromkeys(line.style for line in found if line and line.style not in pledges))
        if "dot" in styles and "bracketed" in styles:
            styles.remove("bracketed")
            styles.insert(styles.index("dot") + 1, "bracketed")
        if len(styles) > 1 and WIDE in styles:
            styles.remove(WIDE)
        if not styles and (plain := self._plain_lines()):
            self.plain, styles = plain, [WIDE]
        if len(styles) > 2:  # a single line that happens to begin like one
            often = Counter(line.style for line in found if line)
            styles = [style for style in styles if often[style] > 1] or styles
        return styles

    def _plain_lines(self) -> frozenset[RowPlace]:
        """Short lines without any sign above numbered pledges: fields, where one stands above the first."""
        pledges = list(self._cells_of(Kind.PLEDGE))
        are_numbered = any(column.kind is Kind.NUMBER for block in self.blocks for column in block.columns)
        if not self.grid.sheets or not (are_numbered or all(map(cells.read_pledge, pledges))):
            return frozenset()
        found: list[Row] = []
        for block in self.blocks:
            body = list(self._body(block))
            plain = [row for row, below in pairwise(body) if is_plain(row) and below.filled > 1]
            if not plain or plain[0] is not body[0]:
                return frozenset()
            found += plain
        if found:
            names, first = "・".join(row.line for row in found), found[0]
            done = "番号や印のない行だが、分野の行として読んだ"
            self._tell(first.number, "", "plain_line", cut(names, MOST_NAMES), done, first.sheet)
        return frozenset(row.place for row in found)

    def _may_be_line(self, row: Row) -> bool:
        return row.filled == 1 and not is_note(row)

    def _pledge_styles(self) -> set[str]:
        found = set()
        for block in self.blocks:
            places = [at for at, column in enumerate(block.columns) if column.kind in {Kind.PLEDGE, *OUTLINE}]
            for row in self._body(block):
                lines = (read_line(row.cell(at)) for at in places if row.filled > 1)
                found |= {line.style for line in lines if line}
        return found

    def _proposed_outline(self, kinds: set[Kind], styles: Sequence[str]) -> tuple[OutlinePlace, ...]:
        with_blocks = list(dict.fromkeys(block.sheet for block in self.blocks if block.sheet))
        names_fields = len(with_blocks) > 1 and not all(map(DEFAULT_SHEET.match, with_blocks))
        if Kind.FIELD in kinds:
            return (OutlinePlace.COLUMNS,)
        if names_fields and not [style for style in styles if style != "bracketed"]:
            return (OutlinePlace.SHEETS, OutlinePlace.ROWS) if styles else (OutlinePlace.SHEETS,)
        return (OutlinePlace.ROWS,) if styles or not self.grid.sheets else (OutlinePlace.NONE,)

    def _leave_out(self, known: set[RowPlace], levels: Mapping[str, int]) -> None:
        """Totals and examples are left out and told; those that somebody wants are read."""
        for block in self.blocks:
            for row in self._body(block):
                what = total_or_example(block, row)
                if what and row.place not in known | self.wanted:
                    self.skipped.add(row.place)
                    told = " | ".join(cell for cell in row.cells if cell.strip())
                    done = f"{what}の行とみて、取り込まなかった"
                    kind = "total_row_skipped" if what == "合計" else "example_row_skipped"
                    self._tell(row.number, "", kind, told, done, row.sheet)

    def _slips(self) -> bool:
        """Whether rows are put straight: a table of the known columns, with numbered pledges."""
        kinds = {column.kind for block in self.blocks for column in block.columns}
        is_dated = any(
            c.kind is Kind.RATING and c.fiscal_year for block in self.blocks for c in block.columns
        )
        needed = {Kind.PLEDGE, Kind.RESULT, Kind.RATING, Kind.DEPARTMENTS}
        if self.told.block.roles or is_dated or not needed <= kinds <= ALIGNED:
            return False
        return not self.grid.sheets or any(map(cells.read_pledge, self._cells_of(Kind.PLEDGE)))

    # --- what is worth telling ---

    def _tell_rest(self, scale: Scale, scales: Sequence[Scale]) -> None:
        for other in scales:
            if other.steps and other.steps != scale.steps and self.told.scale is None:
                row = self.rows[min(other.rows)]
                told = f"{other.heading}{'・'.join(step.called for step in other.steps)}"
                done = "凡例が 2 つ以上あるので、評価の列に合うほうを使い、この凡例は使わなかった"
                self._tell(row.number, "", "second_legend", told, done, row.sheet)
        kinds = {column.kind for block in self.blocks for column in block.columns}
        lacking = {
            Kind.RESULT: ("no_results", "取組の結果（年度ごとの取組）の列がないので、結果は空にした"),
            Kind.DEPARTMENTS: ("no_department", "担当課の列がないので、担当課は空にした"),
            Kind.RATING: ("no_rating", "評価の列がないので、すべて評価なしとした"),
        }
        self._tell_date()
        for kind, (name, done) in lacking.items():
            is_there = kind in kinds or (kind is Kind.RATING and Kind.MARK in kinds)
            if self.blocks and not is_there and not self.told.block.roles:
                self._tell(self.blocks[0].first, "", name, kind.value, done, self.blocks[0].sheet)
        self._tell_sheets()
        self._ask_for_year()

    def _tell_date(self) -> None:
        """Tells a date that is of another year than the last results."""
        results = [
            c for block in self.blocks for c in block.columns if c.kind is Kind.RESULT and c.fiscal_year
        ]
        last = max((column.year for column in results), default=None)
        if self.as_of and last and not self.told.as_of and fiscal_year_of(self.as_of) != last:
            done = f"時点の日付は、最後の結果の年度（{short_label(last)}）の後か前だが、そのまま時点とした"
            self._tell(
                self.blocks[0].first, "", "as_of_of_another_year", str(self.as_of), done, self.blocks[0].sheet
            )

    def _ask_for_year(self) -> None:
        """A table a year, each on its sheet: which of them is meant?"""
        sheets = list(dict.fromkeys(block.sheet for block in self.blocks if block.sheet))
        dated = [name for name in sheets if len(fiscal_years_in(name)) == 1 or year_named(name)]
        if len(dated) > 1 and not self.told.sheets:
            names = "".join(f"「{name}」" for name in dated)
            words = f"年度ごとの表が {len(dated)} 枚のシートにあります（{names}）。{SAY_SHEETS}"
            self.questions.append(FileProblem(words, sheet=dated[0]))

    def _tell_sheets(self) -> None:
        """Sheets that nothing is read from."""
        read = {block.sheet for block in self.blocks}
        for name in (*self.grid.sheets, *self.grid.hidden_sheets):
            rows = [row for row in self.grid.rows if row.sheet == name and row.filled]
            is_hidden = name in self.grid.hidden_sheets
            if self.blocks and name not in read and (rows or is_hidden):
                what = "非表示のシート" if is_hidden else "見出しのないシート（別の表）"
                shown = " / ".join(row.line for row in rows[:3])
                self._tell(
                    rows[0].number if rows else 0,
                    "",
                    "other_table",
                    f"{name}：{shown}",
                    f"{what}なので、取り込まなかった",
                    name,
                )

    def _tell(self, row: int, column: str, kind: str, read: str, done: str, sheet: str | None) -> None:
        several = len(self.grid.sheets) > 1
        self.doubts.append(Anomaly(row, column, kind, read, done, sheet or "" if several else ""))


def _untold(text: str, place: int, sheet: str | None) -> TableColumn:
    """A column of which a layout says nothing: kept as a note, and told."""
    blank = f"{get_column_letter(place + 1)}列" if sheet else f"{place + 1}列目"
    return TableColumn(Kind.NOTE, cells.one_line(text) or blank)


def _refuse_twice(columns: Sequence[TableColumn]) -> None:
    seen: dict[object, TableColumn] = {}
    for column in columns:
        meaning = _meaning(column)
        if column.kind not in {Kind.IGNORE, Kind.NOTE} and meaning in seen:
            names = "と".join(f"「{each.heading or '（空欄）'}」" for each in (seen[meaning], column))
            raise LayoutProblem(
                "columns",
                f"「{in_words(role_of(column))}」とした列が 2 つあります（{names}）。"
                "どちらかを別のものにしてください。",
            )
        seen[meaning] = column
    if Kind.PLEDGE not in {column.kind for column in columns}:
        raise LayoutProblem("columns", "どの列が公約かが、示されていません。")


def _meaning(column: TableColumn) -> tuple[Kind, int | str | None]:
    """What a column is, whatever the wording of its heading."""
    named = column.kind in {Kind.NOTE, Kind.EXTRA, Kind.MARK}
    return column.kind, column.code or column.heading if named else column.fiscal_year


def _known(columns: Sequence[TableColumn]) -> set[tuple[Kind, int | str | None]]:
    return {_meaning(column) for column in columns if column.kind is not Kind.NOTE}
