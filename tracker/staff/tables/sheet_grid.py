"""The sheet as a grid: what stands in each cell, what each row and column is taken for, and why."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse
from openpyxl.utils import get_column_letter

from tracker.models.organisation import this_fiscal_year
from tracker.published_tables.file.columns import MAX_COLUMNS
from tracker.published_tables.file.grid import Row
from tracker.published_tables.file.heading_rows import likeliest, span_of, texts_of
from tracker.published_tables.file.layout import RowPlace
from tracker.published_tables.file.role_words import Choice, choices_for, common_choices, group_of, in_words
from tracker.published_tables.file.table import Anomaly
from tracker.published_tables.uploads import ReadUpload
from tracker.staff.tables.advice import on_the_page
from tracker.staff.tables.choices import blocks_in
from tracker.words.cutting import cut
from tracker.words.fiscal_years import fiscal_year_of, fiscal_years_in
from tracker.workbooks.problems import FileProblem

ROWS_PER_PAGE = 60
LETTERS_PER_PAGE = 120_000  # of all cells that a page shows, so that it stays small
MOST_OF_A_CELL, LEAST_OF_A_CELL = 120, 20
YEARS_AROUND = (-3, 2)  # around the last one named, which a column may be of
MOST_YEARS = 12
HEADING, KNOWN, SKIPPED, FIELD, SECTION, LEFT, DOUBTFUL = (
    "見出し",
    "表題・時点・凡例",
    "読まない",
    "分野",
    "項目",
    "取り込まない",
    "要確認",
)
# Doubts of rows that are not read.
LEFT_OUT = {"unread_line", "other_table", "total_row_skipped", "row_aside", "deeper_line"}
LEVELS = {1: FIELD, 2: SECTION}


@dataclass(frozen=True)
class GridCell:
    """A cell: its text, and how many columns it covers."""

    address: str
    text: str
    spans: int = 1
    is_merged: bool = False
    is_doubtful: bool = False
    group: int = 0


@dataclass
class ColumnRole:
    """The list over a column: what it may be, and what it is."""

    name: str
    letter: str
    heading: str
    role: str
    words: str
    group: int
    groups: list[tuple[str, list[Choice]]]


@dataclass
class GridRow:
    """A row: its cells, what it is taken for, and the reasons. `roles` are lists that stand above it."""

    number: int
    cells: list[GridCell]
    kind: str = ""
    reasons: list[str] = field(default_factory=list)
    is_skipped: bool = False
    roles: list[ColumnRole] = field(default_factory=list)

    @property
    def may_be_skipped(self) -> bool:
        """Whether it is of any use to leave the row out."""
        return self.kind not in {HEADING, KNOWN}

    @property
    def css(self) -> str:
        """How the row looks; its kind is told in words, too."""
        names = {HEADING: "heading", FIELD: "outline", SECTION: "outline", KNOWN: "known"}
        return names.get(self.kind) or ("left" if self.kind in {SKIPPED, LEFT} else "")


class SheetGrid:
    """One sheet of an upload, a page of its rows at a time. `sheet` is None where a file has no sheets."""

    def __init__(self, found: ReadUpload, number: int) -> None:
        self.found, self.layout = found, found.understood.layout
        self.document = found.understood.document
        self.sheets = list(found.grid.sheets)
        self.number = min(max(number, 0), max(len(self.sheets) - 1, 0))
        self.sheet = self.sheets[self.number] if self.sheets else None
        self.rows = [row for row in found.grid.rows if row.sheet == self.sheet and row.filled]
        self.numbers: dict[str | None, list[int]] = defaultdict(list)
        for row in found.grid.rows:
            if row.filled:
                self.numbers[row.sheet].append(row.number)
        self.doubts = self._doubts()
        self.width = min(max((len(row.cells) for row in self.rows), default=1), MAX_COLUMNS)
        self.blocks = list(self._blocks())

    # --- where things stand ---

    def way_to(self, sheet: str | None, row: int, column: str | None = None) -> str:
        """The address of a row, or of its cell in a column of that heading."""
        sheet = sheet or self._only_sheet()
        numbers = self.numbers.get(sheet, [])
        page = bisect_left(numbers, row) // ROWS_PER_PAGE + 1
        number = self.sheets.index(sheet) if sheet in self.sheets else 0
        letter = self._letter_of(sheet, column)
        query = {"sheet": number, "page": page}
        address = reverse("staff-load-table-reading", args=[self.found.upload.key], query=query)
        return f"{address}#{f'cell-{letter}{row}' if letter else f'row-{row}'}"

    def way_to_problem(self, problem: FileProblem) -> str:
        return self.way_to(problem.sheet, problem.row, problem.column) if problem.row else ""

    def _only_sheet(self) -> str | None:
        return self.sheets[0] if len(self.sheets) == 1 else None

    def _letter_of(self, sheet: str | None, column: str | None) -> str:
        """The letter of the column with a heading; a letter is its own."""
        if not column:
            return ""
        for block in self.layout.blocks:
            for place, each in enumerate(block.columns):
                if block.sheet == sheet and each.heading == column:
                    return get_column_letter(place + 1)
        return column if column.isascii() and column.isalpha() and len(column) < 3 else ""

    # --- headings ---

    def _blocks(self) -> Iterator[tuple[int, list[Row], Mapping[str, str]]]:
        """(number, rows, roles) of each heading of the document that stands in this sheet."""
        for number, block in enumerate(blocks_in(self.document)):
            first, last = block["heading_rows"]
            sheet = block.get("sheet") or self._sheet_of_main(first, last)
            if sheet == self.sheet:
                yield number, [row for row in self.rows if first <= row.number <= last], block["columns"]

    def _sheet_of_main(self, first: int, last: int) -> str | None:
        read = self.document.get("sheets")
        wanted = self.sheets if read == "all" or not read else [s for s in self.sheets if s in read]
        rows = [row for row in self.found.grid.rows if not self.sheets or row.sheet in wanted]
        span = span_of(rows, first, last)
        return rows[span[0]].sheet if span else self.sheet

    @property
    def is_without_headings(self) -> bool:
        """Whether nothing is read from this sheet, since no heading of it is known."""
        return not self.blocks and self.sheet not in {block.sheet for block in self.layout.blocks}

    @property
    def is_unread(self) -> bool:
        """Whether no row of this sheet is read: it has no headings, or was not picked."""
        picked = self.document["sheets"]
        return self.is_without_headings or not (picked == "all" or self.sheet in picked)

    @property
    def likely_heading(self) -> int | None:
        """The row that is most like a heading, where the sheet has none yet."""
        found = likeliest(self.rows)
        return self.rows[found[0]].number if found else None

    def spans(self) -> list[tuple[int, int, int]]:
        """(number, first, last) of the headings in this sheet."""
        blocks = blocks_in(self.document)
        return [(number, *blocks[number]["heading_rows"]) for number, _rows, _roles in self.blocks]

    def roles_over(self) -> list[ColumnRole]:
        """The lists over the columns: those of the first heading of the sheet; none where it has none."""
        return self._roles(*self.blocks[0]) if self.blocks else []

    def _roles(self, number: int, rows: list[Row], roles: Mapping[str, str]) -> list[ColumnRole]:
        headings = texts_of(rows) if rows else ()
        common = common_choices(self.years(), [step["code"] for step in self.document["scale"]])
        found = []
        for place in range(self.width):
            letter = get_column_letter(place + 1)
            heading = " ".join((headings[place] if place < len(headings) else "").split())
            role = roles.get(letter, "")
            words = in_words(role) if role else "（何もない列）"
            choices = choices_for(heading, letter, role, common)
            found.append(
                ColumnRole(f"role-{number}-{letter}", letter, heading, role, words, group_of(role), choices)
            )
        return found

    def years(self) -> set[int]:
        """The fiscal years that a column may be of."""
        headings = [
            text for _number, rows, _roles in self.blocks for text in (texts_of(rows) if rows else ())
        ]
        named = {year for text in headings for year in fiscal_years_in(text)}
        words = [role for block in blocks_in(self.document) for role in block["columns"].values()]
        named |= {int(role[-4:]) for role in words if role[-4:].isdigit() and role[-5:-4] == " "}
        named |= {self.document["fiscal_year"]} - {None}
        as_of = self.layout.as_of
        near = sorted(named | ({fiscal_year_of(as_of)} if as_of else set()))
        last = near[-1] if near else this_fiscal_year()
        around = range(last + YEARS_AROUND[0], last + YEARS_AROUND[1])
        return {year for year in near if year > last - MOST_YEARS} | set(around)

    # --- rows ---

    @property
    def page_count(self) -> int:
        return max(1, -(-len(self.rows) // ROWS_PER_PAGE))

    def page(self, number: int) -> list[GridRow]:
        """A page's rows, from 1."""
        number = min(max(number, 1), self.page_count)
        most = max(LEAST_OF_A_CELL, min(MOST_OF_A_CELL, LETTERS_PER_PAGE // (ROWS_PER_PAGE * self.width)))
        groups = self._groups()
        begin = (number - 1) * ROWS_PER_PAGE
        further = {
            rows[0].number: self._roles(number, rows, roles)
            for number, rows, roles in self.blocks[1:]
            if rows
        }
        return [
            self._row(row, most, groups, further.get(row.number, []))
            for row in self.rows[begin : begin + ROWS_PER_PAGE]
        ]

    def _groups(self) -> list[int]:
        """The colour of each column, by its first heading."""
        roles = self.blocks[0][2] if self.blocks else {}
        letters = (get_column_letter(place + 1) for place in range(self.width))
        return [group_of(roles.get(letter, "")) for letter in letters]

    def _row(self, row: Row, most: int, groups: list[int], roles: list[ColumnRole]) -> GridRow:
        doubts = self.doubts.get(row.place, [])
        doubtful = {self._letter_of(row.sheet, doubt.column) for doubt in doubts}
        kind = self._kind(row, doubts)
        if kind == HEADING:  # a note among headings makes no row of a page's height
            most = LEAST_OF_A_CELL
        shown = GridRow(row.number, list(self._cells(row, most, groups, doubtful)), kind=kind, roles=roles)
        shown.is_skipped = row.place in self.layout.skipped
        shown.reasons = list(dict.fromkeys(_reason(doubt) for doubt in doubts))[:5]
        return shown

    def _cells(self, row: Row, most: int, groups: list[int], doubtful: set[str]) -> Iterator[GridCell]:
        place = 0
        while place < self.width:
            end = place + 1
            while end < self.width and end in row.spread:
                end += 1
            letter = get_column_letter(place + 1)
            yield GridCell(
                f"{letter}{row.number}",
                cut(row.cell(place).strip(), most),
                end - place,
                place in row.merged and not row.cell(place),
                letter in doubtful,
                groups[place],
            )
            place = end

    def _kind(self, row: Row, doubts: list[Anomaly]) -> str:
        """What a row is taken for; "" for one that pledges are read from."""
        if self._is_heading(row) and not self.is_unread:
            return HEADING
        if row.place in self.layout.skipped:
            return SKIPPED
        if self.is_unread:
            return LEFT
        if row.place in self.layout.known:
            return KNOWN
        if any(doubt.kind in LEFT_OUT for doubt in doubts):
            return LEFT
        line = self.layout.line_of(row)
        if line and line.style in self.layout.lines:
            return LEVELS.get(self.layout.lines[line.style], "")
        return DOUBTFUL if doubts else ""

    def _is_heading(self, row: Row) -> bool:
        laid = ((block.sheet, block.first, block.last) for block in self.layout.blocks)
        said = ((self.sheet, first, last) for _number, first, last in self.spans())
        return any(
            row.sheet == sheet and first <= row.number <= last for sheet, first, last in (*laid, *said)
        )

    def _doubts(self) -> dict[RowPlace, list[Anomaly]]:
        found: dict[RowPlace, list[Anomaly]] = defaultdict(list)
        for doubt in self.found.understood.doubts:
            found[doubt.sheet or self._only_sheet(), doubt.row].append(doubt)
        for problem in self.found.understood.problems:
            if problem.row:
                words, _way = on_the_page(problem.message)
                told = Anomaly(problem.row, problem.column or "", "problem", "", words, problem.sheet or "")
                found[problem.sheet or self._only_sheet(), problem.row].append(told)
        return found


def _reason(doubt: Anomaly) -> str:
    return f"「{doubt.column}」の列：{doubt.done}" if doubt.column else doubt.done


def settings_of(document: Mapping[str, Any]) -> dict[str, Any]:
    """What holds for the whole table, as its part of the page shows it."""
    outline = document["outline"]
    return {
        "title": document["title"] or "",
        "as_of": document["as_of"] or "",
        "fiscal_year": document["fiscal_year"] or "",
        "unrated": "、".join(document["unrated"]),
        "outline": [outline] if isinstance(outline, str) else outline,
        "scale_kind": document["scale_kind"],
        "scale": [{"rank": True, "definition": "", **step} for step in document["scale"]],
    }
