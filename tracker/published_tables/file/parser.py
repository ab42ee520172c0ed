"""The published table (掲載表) as plain values: reads a grid by a layout, strictly.

The rows are walked once. Here is the outline: fields, sections, headings, pledges; `initiative_rows` reads
what stands in a pledge's rows. Nothing is dropped: every cell is kept with its initiative, and whatever had
to be interpreted, or is no part of the table, is one `Anomaly`.
"""

import re
from collections.abc import Iterable
from dataclasses import replace

from tracker.published_tables.file import cells, initiative_rows
from tracker.published_tables.file.aside_rows import is_blank_form, is_contact, is_note, is_page
from tracker.published_tables.file.grid import Grid, Row
from tracker.published_tables.file.headings import Kind
from tracker.published_tables.file.layout import HeadingBlock, Layout, OutlinePlace
from tracker.published_tables.file.outline import OutlineLine, read_line
from tracker.published_tables.file.proposal import (
    SAY_HEAD,
    SAY_HEADINGS,
    SAY_NO_OUTLINE,
    SAY_SKIP,
    Proposal,
    propose,
)
from tracker.published_tables.file.repeats import repeats_in
from tracker.published_tables.file.scale import Scale
from tracker.published_tables.file.table import (
    Anomaly,
    PublishedTable,
    TableCategory,
    TableInitiative,
    TablePledge,
    TableSection,
)
from tracker.words.folding import fold
from tracker.words.scale_kinds import ScaleKind
from tracker.workbooks.problems import FileProblem

MAX_NAME = 200  # what the models hold
ALONE = {Kind.FIELD, Kind.SECTION, Kind.NUMBER, Kind.PLEDGE, Kind.IGNORE}  # where a line across may begin
AGAIN = re.compile(r"再掲|[(（]再[)）]")
SKIPPED, HEAD = "number_skipped", "pledge_alone"
OFTEN = {SKIPPED: "番号が続かない所", HEAD: "公約だけの行"}  # what a table may have all the way down
MOST_ALIKE, MOST_ROWS_TOLD = 3, 10  # anomalies of a kind that are told one by one; rows named of more
QUESTION = "市長マニフェストの達成状況の表ですか。"
NO_DATE = f"表題と時点（「…（令和6年3月末時点）」）が見つかりません。{QUESTION}{SAY_HEAD}"
BEFORE_OUTLINE = "分野と項目の見出し（「1. …」「(1) …」）より前に、表の行があります。"
NO_PLEDGES = f"公約の表が見つかりません。{QUESTION}"
NO_INITIATIVES = "取組が 1 つもありません。取組が始まってから取り込んでください。"


def parse_table(grid: Grid) -> PublishedTable:
    """The table of a grid, by its proposed layout. Raises FileProblem for what could only be guessed."""
    return proposed_table(grid, propose(grid))


def proposed_table(grid: Grid, proposal: Proposal) -> PublishedTable:
    """The table by a proposal, with its doubts. Raises FileProblem for the first question."""
    for question in proposal.questions:
        raise question
    table = read(grid, proposal.layout)
    table.anomalies[:0] = proposal.doubts
    return table


def read(grid: Grid, layout: Layout) -> PublishedTable:
    """The table that a layout finds in a grid. Raises FileProblem where the grid does not suit it."""
    return _Reader(grid, layout).table()


class _Reader:
    """The walk's state: where in the outline the next row belongs, and the columns in force."""

    def __init__(self, grid: Grid, layout: Layout) -> None:
        self.grid, self.layout = grid, layout
        self.scale = Scale(layout.scale, unrated=layout.unrated)
        self.starts = {(block.sheet, block.first): block for block in layout.blocks}
        self.headings = {
            (block.sheet, number) for block in layout.blocks for number in range(block.first, block.last + 1)
        }
        self.block: HeadingBlock | None = None
        self.sheet: str | None = None
        self.categories: list[TableCategory] = []
        self.category: TableCategory | None = None
        self.section: TableSection | None = None
        self.reader = initiative_rows.InitiativeRows(grid, layout, self.scale)
        self.last_cells: tuple[str, ...] = ()
        self.after_table = False  # another table begins below the last row
        self.last_number = 0

    def table(self) -> PublishedTable:
        for row in self._rows():
            if row.sheet != self.sheet:
                self._begin_sheet(row)
            if block := self.starts.get(row.place):
                self._begin_block(block, row)
            elif row.place not in self.headings:
                self._read(row)
        if self.layout.as_of is None:
            raise FileProblem(NO_DATE)
        pledges = [p for category in self.categories for s in category.sections for p in s.pledges]
        if not any(pledge.initiatives for pledge in pledges):
            raise FileProblem(NO_INITIATIVES if pledges else NO_PLEDGES)
        columns = self.layout.columns
        results = [column for column in columns if column.kind is Kind.RESULT]
        table = PublishedTable(
            title=initiative_rows.within(self.layout.title, MAX_NAME, self._title_row()),
            as_of=self.layout.as_of,
            ratings=list(self.layout.scale),
            years=sorted({column.year for column in results}),
            plan_years=sorted({column.year for column in columns if column.kind is Kind.PLAN}),
            cumulative_year=next((column.year for column in results if column.cumulative), None),
            categories=[category for category in self.categories if category.number or category.sections],
            anomalies=self.reader.anomalies,
            has_ranks=self.layout.scale_kind is ScaleKind.RANKED,
            unranked=self.layout.unranked,
        )
        for kind, called in OFTEN.items():
            table.anomalies = _often_once(table.anomalies, kind, called)
        table.anomalies += repeats_in(table)
        return table

    def _rows(self) -> Iterable[Row]:
        wanted = self.layout.sheets or self.grid.sheets
        apart = self.layout.known | self.layout.skipped
        with_table = {block.sheet for block in self.layout.blocks}
        return (
            row
            for row in self.grid.rows
            if row.filled
            and row.place not in apart
            and (row.sheet is None or (row.sheet in wanted and (row.sheet in with_table or not with_table)))
        )

    def _title_row(self) -> Row:
        return next((row for row in self.grid.rows if row.place in self.layout.known), self.grid.rows[0])

    def _begin_sheet(self, row: Row) -> None:
        self.sheet, self.block, self.after_table = row.sheet, None, False
        if OutlinePlace.SHEETS in self.layout.outline and row.sheet:
            self._begin_category(OutlineLine("sheet", None, cells.one_line(row.sheet)), row)

    def _begin_block(self, block: HeadingBlock, row: Row) -> None:
        self.block, self.after_table = block, False
        self.reader.begin_table(block.columns)
        for column, heading in zip(block.columns, row.cells, strict=False):
            if column.kind is Kind.NOTE and heading.strip():
                self.reader.tell_unknown(row, column)

    def _read(self, row: Row) -> None:
        is_head = self._is_head(row)
        if not is_head and (done := self._why_aside(row)):
            self.reader.tell(row, "", "row_aside", row.line, f"{done}、取り込まなかった")
        elif not is_head and not self._is_line_alone(row):
            self._read_initiative(row)
        elif self._read_line(row):
            pass
        elif not is_head and self._is_lone_pledge(row):
            self._read_initiative(row)
        else:
            self._tell_unread(row, is_head)

    def _why_aside(self, row: Row) -> str:
        """Why a row of several cells below the headings is no part of the table; "" where it is one."""
        if self.block is None or self.layout.slips:
            return ""
        if is_blank_form(self.block, row):
            return "番号のほかに何も書かれていないので"
        pledge = next(
            (row.cell(at) for at, column in enumerate(self.block.columns) if column.kind is Kind.PLEDGE), ""
        )
        if row.filled > 1 and pledge.strip() and self.scale.code_of(pledge):
            return "評価ごとの集計の行とみて"
        return "問い合わせ先などの行とみて" if is_contact(row) else ""

    def _tell_unread(self, row: Row, is_head: bool) -> None:
        what = "表の前にある行なので" if is_head else "表の行ではないので"
        if is_note(row):
            what = "注記とみて"
        self.reader.tell(row, "", "unread_line", row.line, f"{what}、取り込まなかった")

    def _is_head(self, row: Row) -> bool:
        """Whether a row of several cells stands above everything else, as the title beside its date does."""
        is_above = self.block is None and not (self.categories and self.layout.slips)
        return row.filled > 1 and is_above and not any(map(cells.read_pledge, row.cells))

    def _is_line_alone(self, row: Row) -> bool:
        """Whether the row's only cell stands where a line of the outline, or a note, would."""
        if row.filled > 1:
            return False
        if self.block is None:
            return True
        if not self.grid.sheets:
            return bool(row.cells[0].strip())
        place = next(place for place, cell in enumerate(row.cells) if cell.strip())
        kind = self.block.columns[place].kind if place < len(self.block.columns) else Kind.IGNORE
        is_aside = (is_note(row) or is_page(row)) and kind in initiative_rows.SHARED
        return is_aside or row.is_wide or kind in ALONE

    def _is_lone_pledge(self, row: Row) -> bool:
        """Whether a row with a single cell begins a pledge of which nothing is told yet."""
        if cells.read_pledge(row.line):
            return True
        if self.block is None or self.layout.slips or self.reader.are_numbered or is_note(row):
            return False
        place = next(place for place, cell in enumerate(row.cells) if cell.strip())
        is_pledge = place < len(self.block.columns) and self.block.columns[place].kind is Kind.PLEDGE
        if is_pledge and not self.after_table:
            self.reader.tell(row, "", "line_as_pledge", row.line, "ほかの列が空だが、公約の行として読んだ")
        return is_pledge and not self.after_table

    # --- the outline ---

    def _read_line(self, row: Row) -> bool:
        """Reads a line of the outline. False where it is none."""
        line = self.layout.line_of(row)
        level = self.layout.lines.get(line.style) if line else None
        if line is None or level is None:
            return False
        if level > 2:
            done = "分野と項目より下の段の行なので、取り込まなかった"
            self.reader.tell(row, "", "deeper_line", row.line, done)
            self.last_number = row.number
            return True
        section = self.section
        if level == 1:
            self._begin_category(line, row)
        else:
            self._begin_section(line, row)
        if self.section is not section:
            self.reader.above = {}  # the next rows share no cell with those above
        self.after_table, self.last_number = False, row.number
        return True

    def _begin_category(self, line: OutlineLine, row: Row) -> None:
        current = self.category
        if current and current.name == line.name and (line.goes_on or line.number in {None, current.number}):
            self._tell_goes_on(line, row)
            return
        numbers = [category.number for category in self.categories]
        if line.number in numbers and self._refuses_numbers():
            raise row.problem(f"分野の番号 {line.number} が 2 回あります。")
        number = line.number if line.number and line.number not in numbers else max(numbers, default=0) + 1
        self.category = TableCategory(number, initiative_rows.within(line.name, MAX_NAME, row))
        self.categories.append(self.category)
        self.section = None

    def _begin_section(self, line: OutlineLine, row: Row) -> None:
        if self.category is None:
            raise row.problem("分野の見出し（「1. …」）より前に、項目の見出しがあります。")
        category, there = self.category, self.section
        is_same = there and there.number and there.name == line.name
        if there and is_same and (line.goes_on or line.number in {None, there.number}):
            self._tell_goes_on(line, row)
            return
        numbers = [section.number for section in category.sections]
        if line.number in numbers and self._refuses_numbers():
            raise row.problem(f"項目の番号 ({line.number}) が同じ分野に 2 回あります。")
        number = line.number if line.number and line.number not in numbers else max(numbers, default=0) + 1
        self.section = TableSection(number, initiative_rows.within(line.name, MAX_NAME, row))
        category.sections.append(self.section)

    def _refuses_numbers(self) -> bool:
        """Whether a number that comes twice is a mistake: in lines it is, elsewhere it is a label only."""
        return self.layout.outline == (OutlinePlace.ROWS,)

    def _tell_goes_on(self, line: OutlineLine, row: Row) -> None:
        self.reader.tell(row, "", "outline_goes_on", row.line, f"上の「{line.name}」の続きとして読んだ")

    def _outline_of(self, row: Row, values: initiative_rows.PlacedCells) -> None:
        """Takes the field and the section from a row's own columns; blank, or again the same, they go on."""
        for kind, begin in ((Kind.FIELD, self._begin_category), (Kind.SECTION, self._begin_section)):
            text = cells.wording(initiative_rows.cell_of(values, kind))
            if not text or initiative_rows.is_ditto(text):
                continue
            line = read_line(text) or OutlineLine("column", None, text)
            if kind is Kind.FIELD and (again := self._field_called(line.name)):
                if again is not self.category:
                    self.category, self.section = again, None
                continue
            if kind is Kind.SECTION and (section := self._section_called(line.name)):
                self.section = section
                continue
            begin(line, row)

    def _field_called(self, name: str) -> TableCategory | None:
        return next((category for category in self.categories if category.name == name), None)

    def _section_called(self, name: str) -> TableSection | None:
        there = self.category.sections if self.category else []
        return next((section for section in there if section.name == name), None)

    def _standing(self, row: Row) -> TableSection:
        """The section in force; one without a name where the table has none there."""
        if self.section is None:
            if self.category is None:
                is_text = not self.grid.sheets and OutlinePlace.NONE not in self.layout.outline
                if 1 in self.layout.lines.values() or is_text:
                    raise row.problem(f"{BEFORE_OUTLINE}{SAY_NO_OUTLINE}")
                self.category = TableCategory(0, "")
                self.categories.append(self.category)
            unnamed = (section for section in self.category.sections if not section.number)
            self.section = next(unnamed, None) or TableSection(0, "")
            if self.section not in self.category.sections:
                self.category.sections.append(self.section)
        return self.section

    # --- pledges ---

    def _read_initiative(self, row: Row) -> None:
        if self.block is None:
            words = "見出しの行（「マニフェスト」「担当課」など）より前に、表の行があります。"
            raise row.problem(f"{words}{SAY_HEADINGS}")
        if self.after_table or self._begins_another(row):
            self.after_table = True
            self.reader.tell(row, "", "other_table", row.line, "別の表とみて、取り込まなかった")
            return
        if row.cells == self.last_cells:
            done = "上の行とまったく同じだが、別の行として読んだ"
            self.reader.tell(row, "", "row_repeated", initiative_rows.shortened(row.line), done)
        self.last_cells = row.cells
        if not {Kind.FIELD, Kind.SECTION} & {column.kind for column in self.block.columns}:
            self._standing(row)
        placed = self.reader.place(row)
        self._outline_of(row, placed)
        section = self._standing(row)
        begins = self.reader.pledge_of(row, placed, section.pledges[-1] if section.pledges else None)
        if begins:
            self._tell_number(begins[0], row, section)
            self._tell_again(begins[1], row)
            section.pledges.append(TablePledge(len(section.pledges) + 1, *begins))
        elif not section.pledges:
            heading = self.reader.heading(Kind.PLEDGE)
            raise row.problem(f"公約（①…）のない行が、項目の最初にあります。{SAY_SKIP}", heading)
        if begins and initiative_rows.tells_no_initiative(placed):
            self.reader.tell(row, "", "no_initiative", begins[1], "取組がまだない公約として読んだ")
        else:
            self._add(row, placed, section.pledges[-1], begins_pledge=bool(begins))

    def _begins_another(self, row: Row) -> bool:
        """Whether a row below a gap is of another table: by a rating that is none, or a lacking number."""
        has_gap, self.last_number = row.number > self.last_number + 1, row.number
        if not has_gap or self.block is None or not row.sheet or row.number <= self.block.last + 2:
            return False
        by_kind = {
            c.kind: row.cell(place).strip() for place, c in enumerate(self.block.columns) if not c.fiscal_year
        }
        rating, pledge = by_kind.get(Kind.RATING, ""), by_kind.get(Kind.PLEDGE, "")
        is_rated = not rating or self.scale.is_unrated(rating) or self.scale.code_of(rating)
        if not is_rated and not self.layout.slips:
            return True
        has_number = bool(by_kind.get(Kind.NUMBER)) or cells.read_pledge(pledge) is not None
        return (self.reader.are_numbered or self.layout.slips) and bool(pledge) and not has_number

    def _add(
        self, row: Row, placed: initiative_rows.PlacedCells, pledge: TablePledge, *, begins_pledge: bool
    ) -> None:
        there: list[TableInitiative] = pledge.initiatives
        if not begins_pledge and there and initiative_rows.adds_to_the_row_above(placed):
            self.reader.add_to(there[-1], row, placed)
        elif begins_pledge or not there or not self.reader.completes_department(there[-1], row, placed):
            head = self._head_of(there, row)
            there.append(self.reader.read(row, placed, pledge, begins_pledge=begins_pledge))
            there[-1].source[:0] = head

    def _head_of(self, there: list[TableInitiative], row: Row) -> list[dict[str, object]]:
        """Takes away an initiative of nothing: its row has the pledge alone, and the initiatives follow."""
        if self.layout.slips or len(there) != 1:
            return []
        if there[0].tells_rating_alone:
            done = "公約の行に評価だけがあるので、取組の 1 つとして数えた"
            self.reader.tell_at(there[0], self.reader.heading(Kind.PLEDGE), "pledge_rated", done)
        if not there[0].tells_nothing:
            return []
        done = f"{row.number} 行目からの取組の、公約だけの行として読んだ"
        head = there.pop()
        self.reader.forget_row_of(head)
        self.reader.tell_at(head, self.reader.heading(Kind.PLEDGE), HEAD, done)
        return head.source

    def _tell_again(self, text: str, row: Row) -> None:
        """Tells a pledge that says it is one from elsewhere: it is counted as one more."""
        if AGAIN.search(text):
            done = "再掲とあるが、1 つの公約として数えた。数えないときは、この行を読まないようにする"
            heading = self.reader.heading(Kind.PLEDGE)
            self.reader.tell(row, heading, "pledge_listed_again", initiative_rows.shortened(text), done)

    def _tell_number(self, number: str, row: Row, section: TableSection) -> None:
        """Tells that a pledge's number does not follow the one before."""
        heading, done = self.reader.heading(Kind.PLEDGE), "の公約として、順番で区別した"
        last = section.pledges[-1].number if section.pledges else None
        if number and number in self.reader.numbers_in(section):
            self.reader.tell(row, heading, "number_repeated", number, f"同じ番号の別{done}")
        elif number and last and not _follows(number, last):
            self.reader.tell(row, heading, SKIPPED, number, f"{last} の次{done}")
        self.reader.numbers_in(section).add(number)


def _often_once(anomalies: list[Anomaly], kind: str, called: str) -> list[Anomaly]:
    """The anomalies; many of one kind, as a table may have all the way down, are told once."""
    alike = [each for each in anomalies if each.kind == kind]
    if len(alike) <= MOST_ALIKE:
        return anomalies
    rows = "・".join(f"{each.row}" for each in alike[1:MOST_ROWS_TOLD])
    more = "など" if len(alike) > MOST_ROWS_TOLD else ""
    others = f"{called}は、ほかに {len(alike) - 1} か所（{rows}行目{more}）"
    told = replace(alike[0], done=f"{alike[0].done}。{others}")
    return [told if each is alike[0] else each for each in anomalies if each is alike[0] or each.kind != kind]


def _follows(number: str, before: str) -> bool:
    """Whether a printed number comes after another; one that is no number never jumps."""
    now, last = fold(number), fold(before)
    return not (now.isdigit() and last.isdigit()) or int(now) == int(last) + 1
