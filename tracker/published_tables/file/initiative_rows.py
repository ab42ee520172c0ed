"""A row below the headings as an initiative, or as one more plan project of the initiative above it."""

from collections.abc import Mapping, Sequence

from openpyxl.utils import get_column_letter

from tracker.published_tables.file import cells, departments, own_cells
from tracker.published_tables.file.alignment import TOO_MUCH, Alignment, Placed
from tracker.published_tables.file.columns import TableColumn
from tracker.published_tables.file.fits import Fits
from tracker.published_tables.file.grid import Grid, Row
from tracker.published_tables.file.headings import FIGURES, OF_INDICATORS, Kind
from tracker.published_tables.file.layout import Layout
from tracker.published_tables.file.outline import GOES_ON
from tracker.published_tables.file.placing import align_row, unknown_rating
from tracker.published_tables.file.scale import Scale
from tracker.published_tables.file.table import (
    Anomaly,
    TableIndicator,
    TableInitiative,
    TablePledge,
    TableSection,
)
from tracker.words.bullets import is_blank, is_nothing, lines, text, unmarked
from tracker.words.cutting import cut
from tracker.words.folding import fold
from tracker.words.no_initiative import says_no_initiative
from tracker.workbooks.problems import BECAME_A_DATE

MAX_DEPARTMENT, MAX_CODE, MAX_PROJECT = 100, 30, 400  # what the models hold
OF_THE_PLEDGE = {Kind.FIELD, Kind.SECTION, Kind.NUMBER, Kind.PLEDGE}
BEFORE_THE_YEARS = {*OF_THE_PLEDGE, Kind.PLAN_PROJECTS, Kind.SDGS}
# What a blank cell below another one of its pledge may share with it where the file has lost its merges.
SHARED = {Kind.RESULT, Kind.PLAN, Kind.PREVIOUS_RATING, Kind.RATING, Kind.DIVISION, Kind.DEPARTMENTS}
# Where a date is told in words; elsewhere it is a number that Excel took for one.
MAY_BE_DATES = {Kind.RESULT, Kind.PLAN, Kind.REASON, Kind.EXTRA, Kind.NOTE, Kind.IGNORE}
SPREAD = "左のセルと横に結合されているので、左の列だけの文とした"
DIVISIONS = ("部", "局")
DITTO = {"〃", "々", "同上", "同じ", '"', "''", "″", "”", "ヽヽ", "仝"}
# What is odd of a year's text: the years that it names, or that it is none.
ODD_TEXTS = (
    ("phrase_year", "文中の年度が列の年度と合わない"),
    ("no_text", "取組の文ではなく、評価や担当課、数とみられる"),
)
STEPS = {  # of an alignment, in words
    "invent": "「{}」の列を空欄として補った",
    "skip": "{} 番目の空のセルを除いた",
    "split": "{} 番目のセルを評価と担当課に分けた",
}

PlacedCells = Mapping[TableColumn, Placed]


def cell_of(placed: PlacedCells, kind: Kind) -> str:
    """What a row says in its column of a kind; blank where there is no such column."""
    return next((cell.text for column, cell in placed.items() if column.kind is kind), "")


def is_ditto(cell: str) -> bool:
    """Whether a cell says that it is as the one above: 〃, 同上."""
    return fold(cell).strip("()") in DITTO


def tells_no_initiative(placed: PlacedCells) -> bool:
    """Whether a row says that its pledge has no initiative yet, and nothing else of it."""
    told = [cell.text for column, cell in placed.items() if column.kind not in OF_THE_PLEDGE]
    said = [cell for cell in told if not is_blank(cell) and not is_nothing(cell)]
    return len(said) == 1 and says_no_initiative(said[0])


def adds_to_the_row_above(placed: PlacedCells) -> bool:
    """Whether a row is no initiative of its own (rule 2): it has no year's text, rating or department."""
    apart = {*BEFORE_THE_YEARS, Kind.NOTE, Kind.IGNORE, *OF_INDICATORS}
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

    def __init__(self, grid: Grid, layout: Layout, scale: Scale) -> None:
        self.grid, self.layout, self.scale = grid, layout, scale
        self.anomalies: list[Anomaly] = []
        headings = {(b.sheet, number) for b in layout.blocks for number in range(b.first, b.last + 1)}
        self.knows_merges = grid.knows_merges and any(
            row.merged for row in grid.rows if row.place not in headings and row.filled
        )
        self.columns: tuple[TableColumn, ...] = ()
        self.are_numbered = False  # the pledges so far
        self.numbers: dict[int, set[str]] = {}
        self.above: Mapping[TableColumn, str] = {}  # the cells above in the same pledge, with their values
        self.unknown: set[str] = set()  # headings that have been told

    def begin_table(self, columns: tuple[TableColumn, ...]) -> None:
        """The next rows stand under these columns."""
        self.columns, self.fits = columns, Fits(columns, self.scale)
        self.costs = self.fits.all() if self.layout.slips else []

    def numbers_in(self, section: TableSection) -> set[str]:
        """The numbers of pledges that a section has so far."""
        return self.numbers.setdefault(id(section), set())

    def heading(self, kind: Kind) -> str:
        """The heading of the column of a kind, as printed where there is one."""
        return next((column.heading for column in self.columns if column.kind is kind), kind.value)

    def place(self, row: Row) -> PlacedCells:
        """A row's cells under their headings. Raises FileProblem where no reading is believable."""
        self._refuse_dates(row)
        if not self.layout.slips:
            self._tell_beyond(row)
            own = (unmarked(row.cell(place)) for place in range(len(self.columns)))
            placed = {
                column: Placed(cell, place)
                for place, (column, cell) in enumerate(zip(self.columns, own, strict=True))
            }
        else:
            alignment = align_row(row, self.fits, self.costs, is_last=row is self.grid.rows[-1])
            placed = dict(zip(self.columns, alignment.cells, strict=True))
            self._tell_alignment(row, alignment)
        self._tell_odd_places(row, placed)
        return placed

    def _refuse_dates(self, row: Row) -> None:
        """Raises FileProblem for a date where none can be meant: Excel makes one of a number like 3-1."""
        for place in sorted(row.dates):
            if place < len(self.columns) and (column := self.columns[place]).kind not in MAY_BE_DATES:
                address = f"{get_column_letter(place + 1)}{row.number}"
                raise row.problem(f"セル {address}：{BECAME_A_DATE}", column.heading)

    def _tell_beyond(self, row: Row) -> None:
        """Tells what stands beside the table's columns."""
        if beyond := " | ".join(cell for cell in row.cells[len(self.columns) :] if cell.strip()):
            self.tell(row, "", "cell_beyond", beyond, "見出しのない列にあるので、取り込まなかった")

    def pledge_of(self, row: Row, placed: PlacedCells, above: TablePledge | None) -> tuple[str, str] | None:
        """(number, wording) of the pledge that a row begins, None where it goes on with the one above."""
        cell, number = cell_of(placed, Kind.PLEDGE).strip(), cells.one_line(cell_of(placed, Kind.NUMBER))
        if self.layout.slips:
            return cells.read_pledge(cell)
        if is_blank(cell) or is_ditto(cell) or (above and is_nothing(cell)):
            return None
        if above and self._goes_on(row, cell, above):
            return None
        told = cells.read_pledge(cell)
        found = (number, cells.wording(cell)) if number or not told else told
        if above and found == (above.number, above.text):
            self.tell(
                row,
                self.heading(Kind.PLEDGE),
                "pledge_again",
                shortened(cell),
                "上と同じ公約の取組として読んだ",
            )
            return None
        if self.are_numbered and not found[0]:
            self.tell(
                row,
                self.heading(Kind.PLEDGE),
                "number_missing",
                shortened(cell),
                "番号がないが、公約として読んだ",
            )
        self.are_numbered = self.are_numbered or bool(found[0])
        return found

    def _goes_on(self, row: Row, cell: str, above: TablePledge) -> bool:
        """Whether a pledge's cell says that the pledge above goes on, as after a page: 「（続き）」."""
        before = GOES_ON.sub("", cell).strip()
        told = cells.read_pledge(before) or ("", cells.wording(before))
        goes_on = before != cell and (not before or told[1] == above.text)
        if goes_on:
            done = "上の公約の続きとして読んだ"
            self.tell(row, self.heading(Kind.PLEDGE), "pledge_goes_on", shortened(cell), done)
        return goes_on

    def completes_department(self, initiative: TableInitiative, row: Row, placed: PlacedCells) -> bool:
        """Adds a 課 that stands alone in its row to the 部 alone in the row above: one cell over two rows."""
        column = next((column for column in placed if column.kind is Kind.DEPARTMENTS), None)
        if column is None or not _is_alone(row, placed, column):
            return False
        above, below = self.above.get(column, "").strip(), placed[column].text
        whole = departments.read_departments(f"{above}\n{below}")
        is_division = [term.name for term in initiative.departments] == [above] and above.endswith(DIVISIONS)
        if not is_division or len(whole.terms) != 1:
            done = "担当課だけの行なので、ほかは上の行と同じ、別の取組として読んだ"
            self.tell(row, column.heading, "department_row", shortened(below), done)
            return False
        initiative.departments, initiative.others = whole.terms, whole.others
        initiative.source.append(_source(row))
        done = f"上の行と合わせて「{whole.terms[0].name}」と読んだ"
        self.tell(row, column.heading, "department_joined", shortened(below), done)
        return True

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
        if self._add_indicator(initiative, row, placed):
            return
        if cell.strip() or not notes:
            heading = self.heading(Kind.PLAN_PROJECTS)
            self.tell(row, heading, "reference_joined", cell, "上の取組の関連事業として加えた")

    def _add_indicator(self, initiative: TableInitiative, row: Row, placed: PlacedCells) -> bool:
        columns = [column for column in placed if column.kind in OF_INDICATORS]
        values = {column: self._value(row, column, placed, begins_pledge=False) for column in columns}
        indicator = self._indicator(values, "")
        if indicator is not None:
            initiative.indicators.append(indicator)
            self.above = {**self.above, **values}
        return indicator is not None

    def read(
        self, row: Row, placed: PlacedCells, pledge: TablePledge, *, begins_pledge: bool
    ) -> TableInitiative:
        """A row as the next initiative of its pledge."""
        values = {column: self._value(row, column, placed, begins_pledge) for column in placed}
        by_kind: dict[Kind, str] = {column.kind: value for column, value in values.items()}
        self.above = values
        found = self._departments(row, by_kind)
        rating, reason = self._rating(row, values)
        name = cells.wording(by_kind.get(Kind.INITIATIVE, ""))
        indicator = self._indicator(values, name or pledge.text)
        return TableInitiative(
            position=len(pledge.initiatives) + 1,
            row=row.number,
            plan_projects=self._plan_projects(row, by_kind.get(Kind.PLAN_PROJECTS, "")),
            sdgs=self._sdgs(row, by_kind.get(Kind.SDGS, "")),
            results=_by_year(values, Kind.RESULT),
            plans=_by_year(values, Kind.PLAN),
            rating=rating,
            previous_rating=own_cells.previous_rating_in(by_kind.get(Kind.PREVIOUS_RATING, "")),
            rating_reason=reason or text(by_kind.get(Kind.REASON, "")),
            departments=found.terms,
            others=found.others,
            source=[_source(row)],
            notes=self._notes(row, values),
            text=name,
            extras={c.heading: said for c, v in values.items() if c.kind is Kind.EXTRA and (said := text(v))},
            ratings_by_year=self._earlier_ratings(row, values),
            indicators=[indicator] if indicator else [],
        )

    def _rating(self, row: Row, values: Mapping[TableColumn, str]) -> tuple[str | None, str]:
        """(the step, its reason) that a row's rating column, or the mark in one of several, gives."""
        marked = [
            c for c, cell in values.items() if c.kind is Kind.MARK and cell.strip() and not is_nothing(cell)
        ]
        if len(marked) > 1:
            names = "".join(f"「{column.heading}」" for column in marked)
            raise row.problem(f"評価の印が{names}の 2 つ以上にあります。")
        if marked:
            return self._step(row, marked[0], marked[0].code), ""
        for column, cell in values.items():
            if column.kind is Kind.RATING and column.fiscal_year is None:
                said, reason = own_cells.rating_in(cell)
                return self._step(row, column, said), reason
        return None, ""

    def _step(self, row: Row, column: TableColumn, said: str) -> str | None:
        """The step that a cell names, None for unrated. Raises FileProblem for what the legend lacks."""
        if is_blank(said) or self.scale.is_unrated(said):
            return None
        code = self.scale.code_of(said)
        if code is None:
            raise row.problem(unknown_rating(said, self.scale), column.heading)
        return code

    def _earlier_ratings(self, row: Row, values: Mapping[TableColumn, str]) -> dict[int, str | None]:
        dated = {c: v for c, v in values.items() if c.kind is Kind.RATING and c.fiscal_year is not None}
        return {column.year: self._step(row, column, cell) for column, cell in dated.items() if cell.strip()}

    def _indicator(self, values: Mapping[TableColumn, str], name: str) -> TableIndicator | None:
        """The indicator of a row; it is called as its column says, else as what it measures."""
        if not any(column.kind in OF_INDICATORS for column in values):
            return None
        told = {
            column.kind: cells.wording(cell)
            for column, cell in values.items()
            if column.kind in OF_INDICATORS
        }
        found = TableIndicator(
            told.get(Kind.INDICATOR) or name,
            told.get(Kind.UNIT, ""),
            *({y: v for y, v in _by_year(values, kind).items() if v} for kind in FIGURES),
        )
        return None if found.is_blank and not told.get(Kind.INDICATOR) else found

    def _value(self, row: Row, column: TableColumn, placed: PlacedCells, begins_pledge: bool) -> str:
        """A cell's value (rule 1). A blank says what the cell above says if the two were merged.

        A blank that was invented, because the row lacks a cell, stays one.
        """
        cell = placed[column]
        if is_ditto(cell.text) and column.kind not in BEFORE_THE_YEARS and self.above.get(column):
            done = f"上のセルの値「{shortened(self.above[column])}」を使った"
            self.tell(row, column.heading, "ditto", cell.text, done)
            return self.above[column]
        if column.kind in BEFORE_THE_YEARS or not is_blank(cell.text) or cell.source is None:
            return cell.text
        if cell.source in row.spread and column.kind in SHARED:
            said = shortened(row.cell(row.left_of(cell.source)))
            self.tell(row, column.heading, "cell_spread", said, SPREAD)
            return cell.text
        may_be_merged = _may_be_merged(column, placed, begins_pledge)
        if not (cell.source in row.merged if self.knows_merges else may_be_merged):
            if column.kind in SHARED - {Kind.DIVISION} and not _is_whole_division(column, placed):
                done = "上のセルと結合されていないので、空欄のままにした"
                self.tell(row, column.heading, "blank_kept", "", done)
            return cell.text
        above = self.above.get(column, "")
        if above and not self.knows_merges:
            done = f"結合されていたとみて、上のセルの値「{shortened(above)}」を使った"
            self.tell(row, column.heading, "blank_inherited", "", done)
        return above

    def _departments(self, row: Row, by_kind: Mapping[Kind, str]) -> departments.DepartmentCell:
        cell, division = by_kind.get(Kind.DEPARTMENTS, ""), by_kind.get(Kind.DIVISION, "")
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
            elif is_years and self.layout.slips and (cost := self.fits.year_cost(cell.text, column.year)):
                kind, why = ODD_TEXTS[cost >= TOO_MUCH]
                self.tell(row, heading, kind, shortened(cell.text), f"{why}が、表のとおりに残した")
            elif column.kind is Kind.RESULT and any(line.startswith("<") for line in lines(cell.text)):
                self.tell(row, heading, "markup", shortened(cell.text), "記号のまま残した")

    def _tell_departments(self, row: Row, cell: str, found: departments.DepartmentCell) -> None:
        heading = self.heading(Kind.DEPARTMENTS)
        for name in found.joined:
            self.tell(row, heading, "department_joined", cell, f"続きの語と合わせて「{name}」と読んだ")
        for name in found.doubtful:
            done = "1 つの課の名前ではないようだが、担当課名として残した"
            self.tell(row, heading, "department_doubtful", name, done)
        for name in found.former:
            done = "「→」の後の課が引き継いだとみて、後の課だけを担当課とした"
            self.tell(row, heading, "department_followed", name, done)
        for words in found.aside:
            self.tell(row, heading, "department_aside", words, "電話番号などとみて、担当課名に入れなかった")
        if found.others:
            done = "「外」（ほかにもある）の印として残した"
            self.tell(row, heading, "department_others", cell, done)

    def forget_row_of(self, initiative: TableInitiative) -> None:
        """Tells no more that cells of the last row were blank: it is no initiative."""
        while self.anomalies and self.anomalies[-1].kind in {"blank_kept", "line_as_pledge"}:
            if self.anomalies[-1].row != initiative.row:
                return
            self.anomalies.pop()

    def tell_at(self, initiative: TableInitiative, column: str, kind: str, done: str) -> None:
        """Tells something of an initiative that has been read."""
        sheet = str(initiative.source[0].get("sheet", "")) if len(self.grid.sheets) > 1 else ""
        self.anomalies.append(Anomaly(initiative.row, column, kind, "", done, sheet))

    def tell(self, row: Row, column: str, kind: str, read: str, done: str) -> None:
        sheet = row.sheet or "" if len(self.grid.sheets) > 1 else ""
        self.anomalies.append(Anomaly(row.number, column, kind, read, done, sheet))


def _may_be_merged(column: TableColumn, placed: PlacedCells, begins_pledge: bool) -> bool:
    """Whether a blank in a file that has lost its merges was merged with the cell above.

    A division goes on over its sections, whatever the pledge. A section does not go on into another division,
    and a remark seldom goes on at all: there a blank is a blank.
    """
    if column.kind not in SHARED:
        return False
    if column.kind is Kind.DIVISION:
        return not begins_pledge or not is_blank(cell_of(placed, Kind.DEPARTMENTS))
    return not begins_pledge and not _is_whole_division(column, placed)


def _is_alone(row: Row, placed: PlacedCells, column: TableColumn) -> bool:
    """Whether a row says nothing of its own but in this column."""
    filled = [each for each, cell in placed.items() if not is_blank(cell.text)]
    return filled == [column] and placed[column].source not in row.merged


def _is_whole_division(column: TableColumn, placed: PlacedCells) -> bool:
    """Whether a blank section stands beside a division: the division (部) alone is the department."""
    return column.kind is Kind.DEPARTMENTS and not is_blank(cell_of(placed, Kind.DIVISION))


def _by_year(values: Mapping[TableColumn, str], kind: Kind) -> dict[int, str]:
    """The texts of a kind by year; two columns of one year, one below the other."""
    found: dict[int, str] = {}
    for column, cell in values.items():
        if column.kind is kind:
            found[column.year] = f"{found.get(column.year, '')}\n{text(cell)}".strip("\n")
    return found


def _source(row: Row) -> dict[str, object]:
    return {"row": row.number, "cells": list(row.cells)} | ({"sheet": row.sheet} if row.sheet else {})
