"""A row below the headings as an initiative, or as one more plan project of the initiative above it."""

from collections.abc import Mapping, Sequence

from tracker.published_tables.file import cells, departments, own_cells
from tracker.published_tables.file.alignment import Alignment, Placed
from tracker.published_tables.file.columns import TableColumn
from tracker.published_tables.file.fits import Fits
from tracker.published_tables.file.grid import Grid, Row
from tracker.published_tables.file.headings import Kind
from tracker.published_tables.file.placing import align_row
from tracker.published_tables.file.scale import Scale
from tracker.published_tables.file.table import Anomaly, TableInitiative
from tracker.words.bullets import is_blank, is_nothing, lines, text
from tracker.words.cutting import cut

MAX_DEPARTMENT, MAX_CODE, MAX_PROJECT = 100, 30, 400  # what the models hold
BEFORE_THE_YEARS = {Kind.PLEDGE, Kind.PLAN_PROJECTS, Kind.SDGS}
STEPS = {  # of an alignment, in words
    "invent": "「{}」の列を空欄として補った",
    "skip": "{} 番目の空のセルを除いた",
    "split": "{} 番目のセルを評価と担当課に分けた",
}

PlacedCells = Mapping[TableColumn, Placed]


def cell_of(placed: PlacedCells, kind: Kind) -> str:
    """What a row says in its column of a kind; blank where there is no such column."""
    return next((cell.text for column, cell in placed.items() if column.kind is kind), "")


def adds_to_the_row_above(placed: PlacedCells) -> bool:
    """Whether a row is no initiative of its own (rule 2): it has no year's text, rating or department."""
    apart = {*BEFORE_THE_YEARS, Kind.NOTE}
    return all(is_blank(cell.text) for column, cell in placed.items() if column.kind not in apart)


def shortened(cell: str) -> str:
    """A cell on one line of at most 40 characters."""
    shown = " ".join(lines(cell))
    return cut(shown, 40)


def within(wording: str, limit: int, row: Row, column: str | None = None) -> str:
    """A wording that the models can hold. Raises FileProblem for a longer one."""
    if len(wording) > limit:
        raise row.problem(f"「{shortened(wording)}」が長すぎます（{limit} 字まで）。", column)
    return wording


class InitiativeRows:
    """Reads rows one after the other, since a merged cell has its value from the row above.

    Whatever had to be interpreted is added to `anomalies`.
    """

    def __init__(self, grid: Grid, scale: Scale) -> None:
        self.grid, self.scale, self.anomalies = grid, scale, list(scale.anomalies)
        self.columns: tuple[TableColumn, ...] = ()
        self.above: Mapping[TableColumn, str] = {}  # the cells above in the same pledge, with their values
        self.unknown: set[str] = set()  # headings that have been told

    def begin_table(self, columns: tuple[TableColumn, ...]) -> None:
        """The next rows stand under these columns."""
        self.columns, self.fits = columns, Fits(columns, self.scale)

    def heading(self, kind: Kind) -> str:
        """The heading of the column of a kind, as printed where there is one."""
        return next((column.heading for column in self.columns if column.kind is kind), kind.value)

    def place(self, row: Row) -> PlacedCells:
        """A row's cells under their headings. Raises FileProblem where no reading is believable."""
        alignment = align_row(row, self.fits, is_last=row is self.grid.rows[-1])
        placed = dict(zip(self.columns, alignment.cells, strict=True))
        self._tell_alignment(row, alignment)
        self._tell_odd_places(row, placed)
        return placed

    def add_to(self, initiative: TableInitiative, row: Row, placed: PlacedCells) -> None:
        """Adds a row that is no initiative of its own to the one above."""
        cell = cell_of(placed, Kind.PLAN_PROJECTS)
        initiative.plan_projects += self._plan_projects(row, cell)
        if goals := self._sdgs(row, cell_of(placed, Kind.SDGS)):
            initiative.sdgs = tuple(dict.fromkeys([*(initiative.sdgs or ()), *goals]))
        initiative.source.append(_source(row))
        notes = self._notes(row, {column: cell.text for column, cell in placed.items()})
        for heading, note in notes.items():
            initiative.notes[heading] = f"{initiative.notes.get(heading, '')}\n{note}".lstrip("\n")
            self.tell(row, heading, "note_joined", shortened(note), "上の取組のメモに加えた")
        if cell.strip() or not notes:
            heading = self.heading(Kind.PLAN_PROJECTS)
            self.tell(row, heading, "reference_joined", cell, "上の取組の関連事業として加えた")

    def read(self, row: Row, placed: PlacedCells, position: int, *, begins_pledge: bool) -> TableInitiative:
        """A row as the initiative at a position of its pledge."""
        values = {column: self._value(row, column, placed, begins_pledge) for column in placed}
        by_kind = {column.kind: value for column, value in values.items()}
        self.above = values
        found = self._departments(row, by_kind)
        rating, reason = own_cells.rating_in(by_kind[Kind.RATING])
        return TableInitiative(
            position=position,
            row=row.number,
            plan_projects=self._plan_projects(row, by_kind.get(Kind.PLAN_PROJECTS, "")),
            sdgs=self._sdgs(row, by_kind.get(Kind.SDGS, "")),
            results={c.year: text(value) for c, value in values.items() if c.kind is Kind.RESULT},
            plans={c.year: text(value) for c, value in values.items() if c.kind is Kind.PLAN},
            rating=self.scale.code_of(rating),
            previous_rating=own_cells.previous_rating_in(by_kind.get(Kind.PREVIOUS_RATING, "")),
            rating_reason=reason,
            departments=found.terms,
            others=found.others,
            source=[_source(row)],
            notes=self._notes(row, values),
        )

    def _value(self, row: Row, column: TableColumn, placed: PlacedCells, begins_pledge: bool) -> str:
        """A cell's value (rule 1). A blank says what the cell above says if the two were merged.

        A blank that was invented, because the row lacks a cell, stays one.
        """
        cell = placed[column]
        if column.kind in BEFORE_THE_YEARS or not is_blank(cell.text) or cell.source is None:
            return cell.text
        may_be_merged = _may_be_merged(column, placed, begins_pledge)
        if not (cell.source in row.merged if self.grid.knows_merges else may_be_merged):
            if column.kind not in {Kind.NOTE, Kind.DIVISION} and not _is_whole_division(column, placed):
                done = "上のセルと結合されていないので、空欄のままにした"
                self.tell(row, column.heading, "blank_kept", "", done)
            return cell.text
        above = self.above.get(column, "")
        if above and not self.grid.knows_merges:
            done = f"結合されていたとみて、上のセルの値「{shortened(above)}」を使った"
            self.tell(row, column.heading, "blank_inherited", "", done)
        return above

    def _departments(self, row: Row, by_kind: Mapping[Kind, str]) -> departments.DepartmentCell:
        cell, division = by_kind[Kind.DEPARTMENTS], by_kind.get(Kind.DIVISION, "")
        found = departments.read_departments(cell)
        if division:
            try:
                found = departments.in_divisions(departments.read_departments(division), found)
            except ValueError:
                words = (
                    f"「{shortened(division)}」と「{shortened(cell)}」を、どの部のどの課と読むか決められません。"
                    "部と課を同じ数だけ、同じ順に書いてください。"
                )
                raise row.problem(words, self.heading(Kind.DIVISION)) from None
        self._check_departments(row, found.terms)
        self._tell_departments(row, f"{division} {cell}".strip() if division else cell, found)
        return found

    def _check_departments(self, row: Row, terms: Sequence[departments.DepartmentTerm]) -> None:
        """Raises FileProblem for duties that contradict each other."""
        heading = self.heading(Kind.DEPARTMENTS)
        begins: dict[tuple[str, int | None], departments.DepartmentTerm] = {}
        for term in terms:
            within(term.name, MAX_DEPARTMENT, row, heading)
            if term.from_year and term.to_year and term.to_year < term.from_year:
                raise row.problem(f"「{term.name}」の終わりの年度が、始まりの年度より前です。", heading)
            if begins.setdefault((term.name, term.from_year), term) != term:
                raise row.problem(f"「{term.name}」の期間が 2 通りあります。", heading)

    def _notes(self, row: Row, values: Mapping[TableColumn, str]) -> dict[str, str]:
        """What the columns say that the reader does not know."""
        told = {column: text(value) for column, value in values.items() if column.kind is Kind.NOTE}
        notes = {column: note for column, note in told.items() if note}
        for column in notes:
            self.tell_unknown(row, column)
        return {column.heading: note for column, note in notes.items()}

    def _plan_projects(self, row: Row, cell: str) -> list[cells.PlanReference]:
        heading = self.heading(Kind.PLAN_PROJECTS)
        references = cells.read_plan_references(cell)
        for reference in references:
            within(reference.code, MAX_CODE, row, heading)
            within(reference.name, MAX_PROJECT, row, heading)
            if not reference.code:
                done = "番号のない関連事業として残した"
                self.tell(row, heading, "plan_code_unreadable", reference.text, done)
            elif not cells.is_clear_code(reference):
                done = f"表記のまま残し、{reference.base_code} に分類した"
                self.tell(row, heading, "plan_code_doubtful", reference.code, done)
        return references

    def _sdgs(self, row: Row, cell: str) -> tuple[int, ...] | None:
        goals, rest = cells.read_sdgs(cell)
        if rest:
            done = f"目標の番号 {list(goals or ())} だけを使った"
            self.tell(row, self.heading(Kind.SDGS), "sdg_words", cell, done)
        return goals

    # --- what is worth telling ---

    def tell_unknown(self, row: Row, column: TableColumn) -> None:
        """Tells once that a column is not known."""
        if column.heading not in self.unknown:
            self.unknown.add(column.heading)
            done = "知らない列なので、取組のメモとして残した"
            self.tell(row, column.heading, "column_unknown", column.heading, done)

    def _tell_alignment(self, row: Row, alignment: Alignment) -> None:
        done = []
        for step in alignment.steps:
            what, _, index = step.partition(":")
            place = self.columns[int(index)].heading if what == "invent" else str(int(index) + 1)
            done.append(STEPS[what].format(place))
        if done:
            self.tell(row, "", "row_realigned", " | ".join(map(shortened, row.cells)), "、".join(done))

    def _tell_odd_places(self, row: Row, placed: PlacedCells) -> None:
        for column, cell in placed.items():
            heading, is_years = column.heading, column.kind in {Kind.RESULT, Kind.PLAN}
            if column.kind is Kind.PLEDGE and is_nothing(cell.text):
                self.tell(row, heading, "dash_as_pledge", cell.text, "上の公約の取組として読んだ")
            elif is_years and self.fits.year_cost(cell.text, column.year):
                done = "文中の年度が列の年度と合わないが、表のとおりに残した"
                self.tell(row, heading, "phrase_year", shortened(cell.text), done)
            elif column.kind is Kind.RESULT and any(line.startswith("<") for line in lines(cell.text)):
                self.tell(row, heading, "markup", shortened(cell.text), "記号のまま残した")

    def _tell_departments(self, row: Row, cell: str, found: departments.DepartmentCell) -> None:
        heading = self.heading(Kind.DEPARTMENTS)
        for name in found.joined:
            self.tell(row, heading, "department_joined", cell, f"続きの語と合わせて「{name}」と読んだ")
        for name in found.doubtful:
            done = "課・室などで終わらないが、担当課名として残した"
            self.tell(row, heading, "department_doubtful", name, done)
        if found.others:
            done = "「外」（ほかにもある）の印として残した"
            self.tell(row, heading, "department_others", cell, done)

    def tell(self, row: Row, column: str, kind: str, read: str, done: str) -> None:
        self.anomalies.append(Anomaly(row.number, column, kind, read, done))


def _may_be_merged(column: TableColumn, placed: PlacedCells, begins_pledge: bool) -> bool:
    """Whether a blank in a file that has lost its merges was merged with the cell above.

    A division goes on over its sections, whatever the pledge. A section does not go on into another division,
    and a remark seldom goes on at all: there a blank is a blank.
    """
    if column.kind is Kind.NOTE:
        return False
    if column.kind is Kind.DIVISION:
        return not begins_pledge or not is_blank(cell_of(placed, Kind.DEPARTMENTS))
    return not begins_pledge and not _is_whole_division(column, placed)


def _is_whole_division(column: TableColumn, placed: PlacedCells) -> bool:
    """Whether a blank section stands beside a division: the division (部) alone is the department."""
    return column.kind is Kind.DEPARTMENTS and not is_blank(cell_of(placed, Kind.DIVISION))


def _source(row: Row) -> dict[str, object]:
    return {"row": row.number, "cells": list(row.cells)} | ({"sheet": row.sheet} if row.sheet else {})
