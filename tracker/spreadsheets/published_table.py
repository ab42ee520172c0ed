"""The published table (掲載表) as plain values: reads a grid by the rules of ARCHITECTURE.md, 「表の読み方」.

`parse` walks the rows once. Nothing is dropped: every cell is kept with its initiative, and whatever had to be
interpreted, or could not be, is one `Anomaly`. One class holds the whole walk, since each step needs its state: the
outline so far, the columns in force, the cells above.
"""

import re
from collections.abc import Sequence
from datetime import date

from tracker.bullets import is_blank, is_nothing, lines, text, unmarked
from tracker.fiscal_years import as_of_in
from tracker.folding import fold
from tracker.spreadsheets import cells
from tracker.spreadsheets.alignment import IMPOSSIBLE, Alignment, Placed, align
from tracker.spreadsheets.columns import Column, Kind, is_heading_row, read_headings
from tracker.spreadsheets.fits import Fits, is_unbelievable
from tracker.spreadsheets.grid import FileProblem, Grid, Row
from tracker.spreadsheets.table import Anomaly, Category, Initiative, Pledge, Section, Table

CATEGORY = re.compile(r"^\s*#*\s*(\d{1,2})\s*[.．、]\s*(\S.*?)\s*$")
SECTION = re.compile(r"^\s*#*\s*[(（]\s*(\d{1,2})\s*[)）]\s*(\S.*?)\s*$")
LEGEND_HEADING = re.compile(r"^[<＜〈【]?実施状況[>＞〉】]?$")
MAX_NAME, MAX_LABEL, MAX_DEPARTMENT, MAX_CODE, MAX_PROJECT = 200, 50, 100, 30, 400  # what the models hold


def parse(grid: Grid) -> Table:
    """The table of a grid. Raises FileProblem, naming the row and column, for what cannot be read without guessing."""
    return _Parser(grid).parse()


class _Parser:
    """The walk's state: where in the outline the next row belongs, and the columns in force."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self.title = ""
        self.as_of: date | None = None
        self.ratings: dict[str, cells.Legend] = {}
        self.in_legend = False
        self.columns: tuple[Column, ...] = ()
        self.heading_sheet: str | None = None
        self.categories: list[Category] = []
        self.section: Section | None = None
        self.anomalies: list[Anomaly] = []
        self.last_cells: tuple[str, ...] = ()
        self.above: dict[Column, str] = {}  # the cells above in the same pledge, resolved

    def parse(self) -> Table:
        for row in self.grid.rows:
            if row.is_blank:
                self.in_legend = self.in_legend and not self.ratings
            else:
                self._read(row)
        if self.as_of is None:
            raise FileProblem("表題と時点（「…（令和6年3月末時点）」）が見つかりません。市長マニフェストの達成状況の表ですか。")
        if not any(section.pledges for category in self.categories for section in category.sections):
            raise FileProblem("公約の表が見つかりません。市長マニフェストの達成状況の表ですか。")
        results = [column for column in self.columns if column.kind is Kind.RESULT]
        return Table(
            title=self.title,
            as_of=self.as_of,
            ratings=list(self.ratings.values()),
            years=sorted(column.year for column in results),
            plan_years=sorted(column.year for column in self.columns if column.kind is Kind.PLAN),
            cumulative_year=next((column.year for column in results if column.cumulative), None),
            categories=self.categories,
            anomalies=self.anomalies,
        )

    def _read(self, row: Row) -> None:
        if is_heading_row(row.cells):
            self._read_columns(row)
        elif row.filled > 1 or (self._in_table(row) and not row.cells[0].strip()):
            self._read_initiative(row)
        elif self._read_line(row):
            pass
        elif cells.pledge(row.line):
            self._read_initiative(row)
        else:
            self._note(row, "", "unread_line", row.line, "表の行ではないので、取り込まなかった")

    def _in_table(self, row: Row) -> bool:
        """Whether the row stands below a heading; on a further sheet only once the heading has come again."""
        return bool(self.columns) and self.heading_sheet == row.sheet

    def _read_columns(self, row: Row) -> None:
        columns = read_headings(row.cells, row.number, row.sheet)
        if self.columns and {(c.kind, c.fiscal_year) for c in columns} != {(c.kind, c.fiscal_year) for c in self.columns}:
            raise FileProblem("見出しが、前の表の見出しと違います。", row=row.number, sheet=row.sheet)
        self.heading_sheet = row.sheet
        # The first table's wording stays in force; a later heading may be broken over lines.
        self.columns = tuple(
            next((known for known in self.columns if (known.kind, known.fiscal_year) == (c.kind, c.fiscal_year)), c)
            for c in columns
        )

    def _read_line(self, row: Row) -> bool:
        """A line with one cell: title, legend, category or section. False where it is none of them."""
        line = row.line
        if LEGEND_HEADING.match(fold(line)) or LEGEND_HEADING.match(line):
            self.in_legend = True
        elif self.in_legend and (step := cells.legend(line)):
            if self.ratings.setdefault(step.code, step) != step:
                raise FileProblem(f"評価「{step.code}」の説明が 2 通りあります。", row=row.number, sheet=row.sheet)
            if step.percent is not None and step.percent > 100:
                raise FileProblem(f"評価「{step.code}」の進捗率が 100% を超えています。", row=row.number, sheet=row.sheet)
            self._check_length(step.label, MAX_LABEL, row)
            self._check_length(step.definition, MAX_NAME, row)
        elif self.as_of is None and (as_of := as_of_in(line)):
            self.title, self.as_of = self._check_length(line.lstrip("# "), MAX_NAME, row), as_of
        elif match := CATEGORY.match(line):
            self._begin_category(int(match[1]), match[2], row)
        elif match := SECTION.match(line):
            self._begin_section(int(match[1]), match[2], row)
        else:
            return False
        return True

    def _begin_category(self, number: int, name: str, row: Row) -> None:
        if any(category.number == number for category in self.categories):
            raise FileProblem(f"分野の番号 {number} が 2 回あります。", row=row.number, sheet=row.sheet)
        self.categories.append(Category(number, self._check_length(name, MAX_NAME, row)))
        self.section = None

    def _begin_section(self, number: int, name: str, row: Row) -> None:
        if not self.categories:
            raise FileProblem("分野の見出し（「1. …」）より前に、項目の見出しがあります。", row=row.number, sheet=row.sheet)
        category = self.categories[-1]
        if any(section.number == number for section in category.sections):
            raise FileProblem(f"項目の番号 ({number}) が同じ分野に 2 回あります。", row=row.number, sheet=row.sheet)
        self.section = Section(number, self._check_length(name, MAX_NAME, row))
        category.sections.append(self.section)
        self.above = {}

    def _read_initiative(self, row: Row) -> None:
        if not self._in_table(row):
            raise FileProblem(
                "見出しの行（「マニフェスト」「担当課」など）より前に、表の行があります。", row=row.number, sheet=row.sheet
            )
        if self.section is None:
            raise FileProblem(
                "分野と項目の見出し（「1. …」「(1) …」）より前に、表の行があります。", row=row.number, sheet=row.sheet
            )
        if row.cells == self.last_cells:
            self._note(row, "", "row_repeated", _short(row.line), "上の行とまったく同じだが、別の行として読んだ")
        self.last_cells = row.cells
        placed = self._placed(row)
        begins = cells.pledge(self._own(placed, Kind.PLEDGE))
        if begins:
            self._check_number(begins[0], row, self.section)
            self.section.pledges.append(Pledge(len(self.section.pledges) + 1, *begins))
        elif not self.section.pledges:
            raise FileProblem(
                "公約（①…）のない行が、項目の最初にあります。", row=row.number, column=self._heading(Kind.PLEDGE), sheet=row.sheet
            )
        pledge = self.section.pledges[-1]
        if not begins and self._is_reference_only(placed, row):
            self._join(row, placed, pledge.initiatives[-1])
        else:
            pledge.initiatives.append(self._initiative(row, placed, len(pledge.initiatives) + 1, inherits=not begins))

    # --- a row's cells ------------------------------------------------------------------------------------------

    def _placed(self, row: Row) -> dict[Column, Placed]:
        own = ["" if index in row.merged else unmarked(cell) for index, cell in enumerate(row.cells)]
        if self._is_trimmed_reference(row, own):
            own += [""] * (len(self.columns) - len(own))
        fits = self._fits
        alignment = align(own, fits.all(), inventing=fits.inventing(), split=fits.split)
        if alignment is None or is_unbelievable(own, alignment, len(self.columns)):
            raise self._refusal(row, own)
        placed = dict(zip(self.columns, alignment.cells, strict=True))
        self._note_alignment(row, alignment)
        self._note_odd_places(row, placed)
        return placed

    @property
    def _fits(self) -> Fits:
        return Fits(self.columns, self.ratings)

    def _is_trimmed_reference(self, row: Row, own: Sequence[str]) -> bool:
        """Whether an editor cut the blank cells off the end of a reference row. The file's last row may itself be cut off."""
        is_reference = len(own) < 4 and not own[0].strip() and bool(cells.PLAN_CODE.match("".join(own[1:2]).strip()))
        return is_reference and row is not self.grid.rows[-1]

    def _refusal(self, row: Row, own: list[str]) -> FileProblem:
        """The problem that tells most: a rating outside the legend, or a row that fits nowhere."""
        while len(own) > len(self.columns) and not own[-1].strip():
            own.pop()
        rating = next(index for index, column in enumerate(self.columns) if column.kind is Kind.RATING)
        if (
            len(own) == len(self.columns)
            and 0 < len(own[rating].strip()) <= 12
            and self._fits.rating_cost(own[rating]) == IMPOSSIBLE
        ):
            return FileProblem(
                f"評価「{own[rating].strip()}」は凡例（{'・'.join(self.ratings) or 'なし'}）にありません。",
                row=row.number, column=self.columns[rating].heading, sheet=row.sheet,
            )  # fmt: skip
        return FileProblem(
            f"列がずれていて、どの見出しの下に入るか決められません（セル {len(own)} 個、見出し {len(self.columns)} 個）。"
            "セルの数と、評価・担当課の位置を元の表のとおりに直してください。",
            row=row.number, column=self.columns[rating].heading, sheet=row.sheet,
        )  # fmt: skip

    def _own(self, placed: dict[Column, Placed], kind: Kind) -> str:
        return next((cell.text for column, cell in placed.items() if column.kind is kind), "")

    def _is_reference_only(self, placed: dict[Column, Placed], row: Row) -> bool:
        """Rule 2: year, rating and department cells all blank."""
        return all(is_blank(cell.text) for column, cell in placed.items() if column.kind not in _OPENING)

    def _join(self, row: Row, placed: dict[Column, Placed], initiative: Initiative) -> None:
        cell = self._own(placed, Kind.PLAN_PROJECTS)
        initiative.plan_projects += self._plan_projects(row, cell)
        if goals := self._sdgs(row, self._own(placed, Kind.SDGS)):
            initiative.sdgs = tuple(dict.fromkeys([*(initiative.sdgs or ()), *goals]))
        initiative.source.append(_source(row))
        self._note(row, self._heading(Kind.PLAN_PROJECTS), "reference_joined", cell, "上の取組の関連事業として加えた")

    def _initiative(self, row: Row, placed: dict[Column, Placed], position: int, *, inherits: bool) -> Initiative:
        values = {column: self._resolved(row, column, cell, inherits) for column, cell in placed.items()}
        by_kind = {column.kind: value for column, value in values.items()}
        self.above = values
        rating = fold(by_kind[Kind.RATING])
        found = cells.departments(by_kind[Kind.DEPARTMENTS])
        self._check_departments(row, found.terms)
        self._note_departments(row, by_kind[Kind.DEPARTMENTS], found)
        return Initiative(
            position=position,
            row=row.number,
            plan_projects=self._plan_projects(row, by_kind.get(Kind.PLAN_PROJECTS, "")),
            sdgs=self._sdgs(row, by_kind.get(Kind.SDGS, "")),
            results={c.year: text(value) for c, value in values.items() if c.kind is Kind.RESULT},
            plans={c.year: text(value) for c, value in values.items() if c.kind is Kind.PLAN},
            rating=self.ratings[rating].code if rating in self.ratings else None,
            departments=found.terms,
            others=found.others,
            source=[_source(row)],
        )

    def _resolved(self, row: Row, column: Column, cell: Placed, inherits: bool) -> str:
        """Rule 1: a blank that the row has was merged with the cell above; one that was invented stays empty."""
        if column.kind in _OPENING or not is_blank(cell.text) or cell.source is None:
            return cell.text
        if cell.source not in row.merged if self.grid.knows_merges else not inherits:
            self._note(row, column.heading, "blank_kept", "", "上のセルと結合されていないので、空欄のままにした")
            return cell.text
        above = self.above.get(column, "")
        if above and not self.grid.knows_merges:
            self._note(
                row, column.heading, "blank_inherited", "", f"結合されていたとみて、上のセルの値「{_short(above)}」を使った"
            )
        return above

    def _plan_projects(self, row: Row, cell: str) -> list[cells.PlanReference]:
        heading = self._heading(Kind.PLAN_PROJECTS)
        references = cells.plan_references(cell)
        for reference in references:
            self._check_length(reference.code, MAX_CODE, row, heading)
            self._check_length(reference.name, MAX_PROJECT, row, heading)
            if not reference.code:
                self._note(row, heading, "plan_code_unreadable", reference.text, "番号のない関連事業として残した")
            elif not cells.is_clear_code(reference):
                self._note(
                    row, heading, "plan_code_doubtful", reference.code, f"表記のまま残し、{reference.base_code} に分類した"
                )
        return references

    def _sdgs(self, row: Row, cell: str) -> tuple[int, ...] | None:
        goals, rest = cells.sdgs(cell)
        if rest:
            self._note(row, self._heading(Kind.SDGS), "sdg_words", cell, f"目標の番号 {list(goals or ())} だけを使った")
        return goals

    # --- what is worth telling ----------------------------------------------------------------------------------

    def _check_number(self, number: str, row: Row, section: Section) -> None:
        numbers = [pledge.number for pledge in section.pledges]
        heading = self._heading(Kind.PLEDGE)
        if number in numbers:
            self._note(row, heading, "number_repeated", number, "同じ番号の別の公約として、順番で区別した")
        elif (
            numbers and fold(number).isdigit() and fold(numbers[-1]).isdigit() and int(fold(number)) != int(fold(numbers[-1])) + 1
        ):
            self._note(row, heading, "number_skipped", number, f"{numbers[-1]} の次の公約として、順番で区別した")

    def _note_alignment(self, row: Row, alignment: Alignment) -> None:
        if not alignment.steps:
            return
        words = {
            "invent": "「{}」の列を空欄として補った",
            "skip": "{} 番目の空のセルを除いた",
            "split": "{} 番目のセルを評価と担当課に分けた",
        }
        done = []
        for step in alignment.steps:
            what, _, index = step.partition(":")
            place = self.columns[int(index)].heading if what == "invent" else str(int(index) + 1)
            done.append(words[what].format(place))
        self._note(row, "", "row_realigned", " | ".join(_short(cell) for cell in row.cells), "、".join(done))

    def _note_odd_places(self, row: Row, placed: dict[Column, Placed]) -> None:
        for column, cell in placed.items():
            if column.kind is Kind.PLEDGE and is_nothing(cell.text):
                self._note(row, column.heading, "dash_as_pledge", cell.text, "上の公約の取組として読んだ")
            elif column.kind in {Kind.RESULT, Kind.PLAN} and self._fits.year_cost(cell.text, column.year):
                self._note(
                    row, column.heading, "phrase_year", _short(cell.text), "文中の年度が列の年度と合わないが、表のとおりに残した"
                )
            elif column.kind is Kind.RESULT and any(line.startswith("<") for line in lines(cell.text)):
                self._note(row, column.heading, "markup", _short(cell.text), "記号のまま残した")

    def _note_departments(self, row: Row, cell: str, found: cells.DepartmentCell) -> None:
        heading = self._heading(Kind.DEPARTMENTS)
        for name in found.joined:
            self._note(row, heading, "department_joined", cell, f"続きの語と合わせて「{name}」と読んだ")
        for name in found.doubtful:
            self._note(row, heading, "department_doubtful", name, "課・室などで終わらないが、担当課名として残した")
        if found.others:
            self._note(row, heading, "department_others", cell, "「外」（ほかにもある）の印として残した")

    def _check_departments(self, row: Row, terms: Sequence[cells.DepartmentTerm]) -> None:
        """Raises FileProblem for duties that contradict each other."""
        heading = self._heading(Kind.DEPARTMENTS)
        begins: dict[tuple[str, int | None], cells.DepartmentTerm] = {}
        for term in terms:
            self._check_length(term.name, MAX_DEPARTMENT, row, heading)
            if term.from_year and term.to_year and term.to_year < term.from_year:
                raise FileProblem(
                    f"「{term.name}」の終わりの年度が、始まりの年度より前です。", row=row.number, column=heading, sheet=row.sheet
                )
            if begins.setdefault((term.name, term.from_year), term) != term:
                raise FileProblem(f"「{term.name}」の期間が 2 通りあります。", row=row.number, column=heading, sheet=row.sheet)

    def _check_length(self, wording: str, limit: int, row: Row, column: str | None = None) -> str:
        if len(wording) > limit:
            raise FileProblem(
                f"「{_short(wording)}」が長すぎます（{limit} 字まで）。", row=row.number, column=column, sheet=row.sheet
            )
        return wording

    def _note(self, row: Row, column: str, kind: str, read: str, done: str) -> None:
        self.anomalies.append(Anomaly(row.number, column, kind, read, done))

    def _column(self, kind: Kind) -> Column | None:
        return next((column for column in self.columns if column.kind is kind), None)

    def _heading(self, kind: Kind) -> str:
        column = self._column(kind)
        return column.heading if column else kind.value


_OPENING = {Kind.PLEDGE, Kind.PLAN_PROJECTS, Kind.SDGS}


def _source(row: Row) -> dict[str, object]:
    return {"row": row.number, "cells": list(row.cells)} | ({"sheet": row.sheet} if row.sheet else {})


def _short(cell: str) -> str:
    shown = " ".join(lines(cell))
    return shown if len(shown) <= 40 else shown[:39] + "…"
