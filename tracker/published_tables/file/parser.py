"""The published table (掲載表) as plain values: reads a grid by the rules of ARCHITECTURE.md, 「表の読み方」.

`parse` walks the rows once. Nothing is dropped: every cell is kept with its initiative, and whatever had to
be interpreted, or could not be, is one `Anomaly`. One class holds the whole walk, since each step needs its
state: the outline so far, the columns in force, the cells above.
"""

from collections.abc import Sequence
from datetime import date

from tracker.published_tables.file import cells, departments
from tracker.published_tables.file.alignment import Alignment, Placed
from tracker.published_tables.file.columns import Kind, TableColumn, is_heading_row, read_headings
from tracker.published_tables.file.grid import Grid, Row
from tracker.published_tables.file.placing import Placing
from tracker.published_tables.file.scale import read_scale
from tracker.published_tables.file.table import (
    Anomaly,
    PublishedTable,
    TableCategory,
    TableInitiative,
    TablePledge,
    TableSection,
)
from tracker.words.bullets import is_blank, is_nothing, lines, text
from tracker.words.fiscal_years import as_of_in
from tracker.words.folding import fold
from tracker.workbooks.problems import FileProblem

MAX_NAME, MAX_DEPARTMENT, MAX_CODE, MAX_PROJECT = 200, 100, 30, 400  # what the models hold


def parse_table(grid: Grid) -> PublishedTable:
    """The table of a grid. Raises FileProblem, naming the row and column, for what cannot be read without
    guessing.
    """
    return _Parser(grid).table()


class _Parser:
    """The walk's state: where in the outline the next row belongs, and the columns in force."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self.title = ""
        self.as_of: date | None = None
        self.scale = read_scale(grid.rows)
        self.columns: tuple[TableColumn, ...] = ()
        self.heading_sheet: str | None = None
        self.categories: list[TableCategory] = []
        self.section: TableSection | None = None
        self.anomalies: list[Anomaly] = list(self.scale.anomalies)
        self.unknown: set[str] = set()  # headings that have been told
        self.last_cells: tuple[str, ...] = ()
        self.above: dict[TableColumn, str] = {}  # the cells above in the same pledge, resolved

    def table(self) -> PublishedTable:
        for index, row in enumerate(self.grid.rows):
            if not row.is_blank and index not in self.scale.rows:
                self._read(index, row)
        if self.as_of is None:
            raise FileProblem(
                "表題と時点（「…（令和6年3月末時点）」）が見つかりません。"
                "市長マニフェストの達成状況の表ですか。"
            )
        if not any(section.pledges for category in self.categories for section in category.sections):
            raise FileProblem("公約の表が見つかりません。市長マニフェストの達成状況の表ですか。")
        results = [column for column in self.columns if column.kind is Kind.RESULT]
        return PublishedTable(
            title=self.title,
            as_of=self.as_of,
            ratings=list(self.scale.steps),
            years=sorted(column.year for column in results),
            plan_years=sorted(column.year for column in self.columns if column.kind is Kind.PLAN),
            cumulative_year=next((column.year for column in results if column.cumulative), None),
            categories=self.categories,
            anomalies=self.anomalies,
        )

    def _read(self, index: int, row: Row) -> None:
        if is_heading_row(row.cells):
            self._read_columns(index, row)
        elif self._is_head(row):
            if not self._read_line(row):
                self._note(row, "", "unread_line", row.line, "表の前にある行なので、取り込まなかった")
        elif row.filled > 1 or (self._in_table(row) and not row.cells[0].strip()):
            self._read_initiative(row)
        elif self._read_line(row):
            pass
        elif cells.read_pledge(row.line):
            self._read_initiative(row)
        else:
            self._note(row, "", "unread_line", row.line, "表の行ではないので、取り込まなかった")

    def _is_head(self, row: Row) -> bool:
        """Whether a row of several cells stands above everything else: the title beside its date, a number of
        the paper.
        """
        return (
            row.filled > 1
            and not self.columns
            and not self.categories
            and not any(map(cells.read_pledge, row.cells))
        )

    def _in_table(self, row: Row) -> bool:
        """Whether the row stands below a heading; on a further sheet only once the heading has come again."""
        return bool(self.columns) and self.heading_sheet == row.sheet

    def _read_columns(self, index: int, row: Row) -> None:
        columns = read_headings(row.cells, row.number, row.sheet, width=self._width(index))
        if self.columns and _known(columns) != _known(self.columns):
            raise FileProblem("見出しが、前の表の見出しと違います。", row=row.number, sheet=row.sheet)
        self.heading_sheet = row.sheet
        # The first table's wording stays in force; a later heading may be broken over lines.
        first = {_meaning(column): column for column in self.columns}
        self.columns = tuple(first.get(_meaning(column), column) for column in columns)
        for column, heading in zip(self.columns, row.cells, strict=False):
            if column.kind is Kind.NOTE and heading.strip():
                self._note_unknown(row, column)

    def _width(self, index: int) -> int:
        """How many columns of a sheet hold anything below a heading row. A text file's rows may be longer by
        mistake only.
        """
        row, width = self.grid.rows[index], 0
        for below in self.grid.rows[index + 1 :] if self.grid.sheets else ():
            if below.sheet != row.sheet or is_heading_row(below.cells):
                break
            if below.filled > 1:
                width = max(width, *(place + 1 for place, cell in enumerate(below.cells) if cell.strip()))
        return width

    def _read_line(self, row: Row) -> bool:
        """A line of its own: title, category or section. False where it is none of them."""
        line = row.line
        if self.as_of is None and (as_of := as_of_in(line)):
            self.title, self.as_of = self._check_length(line.lstrip("# "), MAX_NAME, row), as_of
        elif category := cells.read_category(line):
            self._begin_category(*category, row)
        elif section := cells.read_section(line):
            self._begin_section(*section, row)
        else:
            return False
        return True

    def _begin_category(self, number: int, name: str, row: Row) -> None:
        if any(category.number == number for category in self.categories):
            raise FileProblem(f"分野の番号 {number} が 2 回あります。", row=row.number, sheet=row.sheet)
        self.categories.append(TableCategory(number, self._check_length(name, MAX_NAME, row)))
        self.section = None

    def _begin_section(self, number: int, name: str, row: Row) -> None:
        if not self.categories:
            raise FileProblem(
                "分野の見出し（「1. …」）より前に、項目の見出しがあります。", row=row.number, sheet=row.sheet
            )
        category = self.categories[-1]
        if any(section.number == number for section in category.sections):
            raise FileProblem(
                f"項目の番号 ({number}) が同じ分野に 2 回あります。", row=row.number, sheet=row.sheet
            )
        self.section = TableSection(number, self._check_length(name, MAX_NAME, row))
        category.sections.append(self.section)
        self.above = {}

    def _read_initiative(self, row: Row) -> None:
        if not self._in_table(row):
            raise FileProblem(
                "見出しの行（「マニフェスト」「担当課」など）より前に、表の行があります。",
                row=row.number,
                sheet=row.sheet,
            )
        if self.section is None:
            raise FileProblem(
                "分野と項目の見出し（「1. …」「(1) …」）より前に、表の行があります。",
                row=row.number,
                sheet=row.sheet,
            )
        if row.cells == self.last_cells:
            self._note(
                row, "", "row_repeated", _short(row.line), "上の行とまったく同じだが、別の行として読んだ"
            )
        self.last_cells = row.cells
        placed = self._placed(row)
        begins = cells.read_pledge(self._own(placed, Kind.PLEDGE))
        if begins:
            self._check_number(begins[0], row, self.section)
            self.section.pledges.append(TablePledge(len(self.section.pledges) + 1, *begins))
        elif not self.section.pledges:
            raise FileProblem(
                "公約（①…）のない行が、項目の最初にあります。",
                row=row.number,
                column=self._heading(Kind.PLEDGE),
                sheet=row.sheet,
            )
        pledge = self.section.pledges[-1]
        if not begins and self._is_reference_only(placed):
            self._join(row, placed, pledge.initiatives[-1])
        else:
            pledge.initiatives.append(
                self._initiative(row, placed, len(pledge.initiatives) + 1, inherits=not begins)
            )

    # --- a row's cells
    # ------------------------------------------------------------------------------------------

    def _placed(self, row: Row) -> dict[TableColumn, Placed]:
        alignment = self._placing.align(row, is_last=row is self.grid.rows[-1])
        placed = dict(zip(self.columns, alignment.cells, strict=True))
        self._note_alignment(row, alignment)
        self._note_odd_places(row, placed)
        return placed

    @property
    def _placing(self) -> Placing:
        return Placing(self.columns, self.scale)

    def _own(self, placed: dict[TableColumn, Placed], kind: Kind) -> str:
        return next((cell.text for column, cell in placed.items() if column.kind is kind), "")

    def _is_reference_only(self, placed: dict[TableColumn, Placed]) -> bool:
        """Rule 2: year, rating and department cells all blank."""
        apart = {*_OPENING, Kind.NOTE}
        return all(is_blank(cell.text) for column, cell in placed.items() if column.kind not in apart)

    def _join(self, row: Row, placed: dict[TableColumn, Placed], initiative: TableInitiative) -> None:
        cell = self._own(placed, Kind.PLAN_PROJECTS)
        initiative.plan_projects += self._plan_projects(row, cell)
        if goals := self._sdgs(row, self._own(placed, Kind.SDGS)):
            initiative.sdgs = tuple(dict.fromkeys([*(initiative.sdgs or ()), *goals]))
        initiative.source.append(_source(row))
        notes = self._notes(row, {column: cell.text for column, cell in placed.items()})
        for heading, note in notes.items():
            before = initiative.notes.get(heading)
            initiative.notes[heading] = f"{before}\n{note}" if before else note
            self._note(row, heading, "note_joined", _short(note), "上の取組のメモに加えた")
        if cell.strip() or not notes:
            self._note(
                row,
                self._heading(Kind.PLAN_PROJECTS),
                "reference_joined",
                cell,
                "上の取組の関連事業として加えた",
            )

    def _initiative(
        self, row: Row, placed: dict[TableColumn, Placed], position: int, *, inherits: bool
    ) -> TableInitiative:
        values = {column: self._resolved(row, column, placed, inherits) for column in placed}
        by_kind = {column.kind: value for column, value in values.items()}
        self.above = values
        found = self._departments(row, by_kind)
        return TableInitiative(
            position=position,
            row=row.number,
            plan_projects=self._plan_projects(row, by_kind.get(Kind.PLAN_PROJECTS, "")),
            sdgs=self._sdgs(row, by_kind.get(Kind.SDGS, "")),
            results={c.year: text(value) for c, value in values.items() if c.kind is Kind.RESULT},
            plans={c.year: text(value) for c, value in values.items() if c.kind is Kind.PLAN},
            rating=self.scale.code_of(by_kind[Kind.RATING]),
            departments=found.terms,
            others=found.others,
            source=[_source(row)],
            notes=self._notes(row, values),
        )

    def _resolved(
        self, row: Row, column: TableColumn, placed: dict[TableColumn, Placed], inherits: bool
    ) -> str:
        """Rule 1: a blank that the row has was merged with the cell above; one that was invented stays
        empty.
        """
        cell = placed[column]
        if column.kind in _OPENING or not is_blank(cell.text) or cell.source is None:
            return cell.text
        is_merged = (
            cell.source in row.merged
            if self.grid.knows_merges
            else self._may_be_merged(column, placed, inherits)
        )
        if not is_merged:
            if column.kind not in {Kind.NOTE, Kind.DIVISION} and not self._is_whole_division(column, placed):
                self._note(
                    row, column.heading, "blank_kept", "", "上のセルと結合されていないので、空欄のままにした"
                )
            return cell.text
        above = self.above.get(column, "")
        if above and not self.grid.knows_merges:
            self._note(
                row,
                column.heading,
                "blank_inherited",
                "",
                f"結合されていたとみて、上のセルの値「{_short(above)}」を使った",
            )
        return above

    def _may_be_merged(self, column: TableColumn, placed: dict[TableColumn, Placed], inherits: bool) -> bool:
        """Whether a blank of a file that has lost its merges was merged with the cell above.

        A division goes on over its sections, whatever the pledge. A section is not carried into another
        division, and a remark is seldom: there a blank is taken for a blank.
        """
        if column.kind is Kind.NOTE:
            return False
        if column.kind is Kind.DIVISION:
            return inherits or not is_blank(self._own(placed, Kind.DEPARTMENTS))
        return inherits and not self._is_whole_division(column, placed)

    def _is_whole_division(self, column: TableColumn, placed: dict[TableColumn, Placed]) -> bool:
        """Whether a blank section stands beside a division: 「部」 alone is the department."""
        return column.kind is Kind.DEPARTMENTS and not is_blank(self._own(placed, Kind.DIVISION))

    def _departments(self, row: Row, by_kind: dict[Kind, str]) -> departments.DepartmentCell:
        cell = by_kind[Kind.DEPARTMENTS]
        found = departments.read_departments(cell)
        if division := by_kind.get(Kind.DIVISION, ""):
            try:
                found = departments.in_divisions(departments.read_departments(division), found)
            except ValueError:
                raise FileProblem(
                    f"「{_short(division)}」と「{_short(cell)}」を、どの部のどの課と読むか決められません。"
                    "部と課を同じ数だけ、同じ順に書いてください。",
                    row=row.number, column=self._heading(Kind.DIVISION), sheet=row.sheet,
                ) from None  # fmt: skip
        self._check_departments(row, found.terms)
        self._note_departments(row, f"{division} {cell}".strip() if division else cell, found)
        return found

    def _notes(self, row: Row, values: dict[TableColumn, str]) -> dict[str, str]:
        """What the columns say that the reader does not know."""
        notes = {column: text(value) for column, value in values.items() if column.kind is Kind.NOTE}
        for column in notes:
            if notes[column]:
                self._note_unknown(row, column)
        return {column.heading: note for column, note in notes.items() if note}

    def _plan_projects(self, row: Row, cell: str) -> list[cells.PlanReference]:
        heading = self._heading(Kind.PLAN_PROJECTS)
        references = cells.read_plan_references(cell)
        for reference in references:
            self._check_length(reference.code, MAX_CODE, row, heading)
            self._check_length(reference.name, MAX_PROJECT, row, heading)
            if not reference.code:
                self._note(
                    row, heading, "plan_code_unreadable", reference.text, "番号のない関連事業として残した"
                )
            elif not cells.is_clear_code(reference):
                self._note(
                    row,
                    heading,
                    "plan_code_doubtful",
                    reference.code,
                    f"表記のまま残し、{reference.base_code} に分類した",
                )
        return references

    def _sdgs(self, row: Row, cell: str) -> tuple[int, ...] | None:
        goals, rest = cells.read_sdgs(cell)
        if rest:
            self._note(
                row,
                self._heading(Kind.SDGS),
                "sdg_words",
                cell,
                f"目標の番号 {list(goals or ())} だけを使った",
            )
        return goals

    # --- what is worth telling
    # ----------------------------------------------------------------------------------

    def _check_number(self, number: str, row: Row, section: TableSection) -> None:
        numbers = [pledge.number for pledge in section.pledges]
        heading = self._heading(Kind.PLEDGE)
        if number in numbers:
            self._note(row, heading, "number_repeated", number, "同じ番号の別の公約として、順番で区別した")
        elif (
            numbers
            and fold(number).isdigit()
            and fold(numbers[-1]).isdigit()
            and int(fold(number)) != int(fold(numbers[-1])) + 1
        ):
            self._note(
                row, heading, "number_skipped", number, f"{numbers[-1]} の次の公約として、順番で区別した"
            )

    def _note_unknown(self, row: Row, column: TableColumn) -> None:
        if column.heading not in self.unknown:
            self.unknown.add(column.heading)
            self._note(
                row,
                column.heading,
                "column_unknown",
                column.heading,
                "知らない列なので、取組のメモとして残した",
            )

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

    def _note_odd_places(self, row: Row, placed: dict[TableColumn, Placed]) -> None:
        for column, cell in placed.items():
            if column.kind is Kind.PLEDGE and is_nothing(cell.text):
                self._note(row, column.heading, "dash_as_pledge", cell.text, "上の公約の取組として読んだ")
            elif column.kind in {Kind.RESULT, Kind.PLAN} and self._placing.fits.year_cost(
                cell.text, column.year
            ):
                self._note(
                    row,
                    column.heading,
                    "phrase_year",
                    _short(cell.text),
                    "文中の年度が列の年度と合わないが、表のとおりに残した",
                )
            elif column.kind is Kind.RESULT and any(line.startswith("<") for line in lines(cell.text)):
                self._note(row, column.heading, "markup", _short(cell.text), "記号のまま残した")

    def _note_departments(self, row: Row, cell: str, found: departments.DepartmentCell) -> None:
        heading = self._heading(Kind.DEPARTMENTS)
        for name in found.joined:
            self._note(row, heading, "department_joined", cell, f"続きの語と合わせて「{name}」と読んだ")
        for name in found.doubtful:
            self._note(
                row, heading, "department_doubtful", name, "課・室などで終わらないが、担当課名として残した"
            )
        if found.others:
            self._note(row, heading, "department_others", cell, "「外」（ほかにもある）の印として残した")

    def _check_departments(self, row: Row, terms: Sequence[departments.DepartmentTerm]) -> None:
        """Raises FileProblem for duties that contradict each other."""
        heading = self._heading(Kind.DEPARTMENTS)
        begins: dict[tuple[str, int | None], departments.DepartmentTerm] = {}
        for term in terms:
            self._check_length(term.name, MAX_DEPARTMENT, row, heading)
            if term.from_year and term.to_year and term.to_year < term.from_year:
                raise FileProblem(
                    f"「{term.name}」の終わりの年度が、始まりの年度より前です。",
                    row=row.number,
                    column=heading,
                    sheet=row.sheet,
                )
            if begins.setdefault((term.name, term.from_year), term) != term:
                raise FileProblem(
                    f"「{term.name}」の期間が 2 通りあります。",
                    row=row.number,
                    column=heading,
                    sheet=row.sheet,
                )

    def _check_length(self, wording: str, limit: int, row: Row, column: str | None = None) -> str:
        if len(wording) > limit:
            raise FileProblem(
                f"「{_short(wording)}」が長すぎます（{limit} 字まで）。",
                row=row.number,
                column=column,
                sheet=row.sheet,
            )
        return wording

    def _note(self, row: Row, column: str, kind: str, read: str, done: str) -> None:
        self.anomalies.append(Anomaly(row.number, column, kind, read, done))

    def _column(self, kind: Kind) -> TableColumn | None:
        return next((column for column in self.columns if column.kind is kind), None)

    def _heading(self, kind: Kind) -> str:
        column = self._column(kind)
        return column.heading if column else kind.value


def _meaning(column: TableColumn) -> tuple[Kind, int | str | None]:
    """What a column is, whatever the wording of its heading."""
    return column.kind, column.heading if column.kind is Kind.NOTE else column.fiscal_year


def _known(columns: Sequence[TableColumn]) -> set[tuple[Kind, int | str | None]]:
    return {_meaning(column) for column in columns if column.kind is not Kind.NOTE}


_OPENING = {Kind.PLEDGE, Kind.PLAN_PROJECTS, Kind.SDGS}


def _source(row: Row) -> dict[str, object]:
    return {"row": row.number, "cells": list(row.cells)} | ({"sheet": row.sheet} if row.sheet else {})


def _short(cell: str) -> str:
    shown = " ".join(lines(cell))
    return shown if len(shown) <= 40 else shown[:39] + "…"
