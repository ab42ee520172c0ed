"""A published table's file as rows of text cells: a workbook, a CSV, or lines of text with tabs."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from tracker.published_tables.file import own_cells
from tracker.published_tables.file.columns import is_heading_row
from tracker.workbooks.csv_text import csv_rows, decoded
from tracker.workbooks.disguises import looks_like_text
from tracker.workbooks.problems import BECAME_A_DATE, SHOWN_OTHERWISE, FileProblem
from tracker.workbooks.safe_reading import CellSheet, read_cells

# What was done with quote marks that may be Excel's, or words.
KEPT = '引用符（"）の組が合わないので、引用符も文字として読んだ'
JOINED = '引用符（"）の中にタブがある。ひとつのセルとして読んだ'
TAKEN_OFF = '引用符（"）で囲まれている。引用符を外して読んだ'


@dataclass(frozen=True)
class Row:
    """One row, numbered as in its file. Columns are 0-based places.

    `merged` are the columns that are one with the cell above, `spread` those with the cell to the left.
    `is_hidden`: nobody sees it. `struck` has the words struck out by place, "" for the whole cell; `fills`
    the colours behind cells; `unshown` the places whose number shows otherwise in a format that is not known,
    `dates` those that Excel holds as a date: typed so, or made of a number like 3-1.
    `quotes` tells what was done with quote marks of a text, by place, where it is not certain.
    """

    number: int
    cells: tuple[str, ...]
    sheet: str | None = None
    merged: frozenset[int] = frozenset()
    spread: frozenset[int] = frozenset()
    is_hidden: bool = False
    struck: Mapping[int, str] = field(default_factory=dict)
    fills: Mapping[int, str] = field(default_factory=dict)
    unshown: frozenset[int] = frozenset()
    quotes: Mapping[int, str] = field(default_factory=dict)
    dates: frozenset[int] = frozenset()

    @property
    def place(self) -> tuple[str | None, int]:
        """Sheet and number: what tells it from all others."""
        return self.sheet, self.number

    def cell(self, place: int) -> str:
        """The cell's text, blank where the row has none."""
        return self.cells[place] if place < len(self.cells) else ""

    def left_of(self, place: int) -> int:
        """Where the cell begins that a place is one with sideways."""
        while place in self.spread:
            place -= 1
        return place

    @property
    def filled(self) -> int:
        """How many cells are not blank."""
        return sum(bool(cell.strip()) for cell in self.cells)

    @property
    def is_wide(self) -> bool:
        """Whether its only cell is merged over most of the table."""
        return len(self.cells) > 1 and 2 * len(self.spread) >= len(self.cells)

    @property
    def line(self) -> str:
        """All that a row says, as one line."""
        return " ".join(cell.strip() for cell in self.cells if cell.strip())

    def problem(self, message: str, column: str | None = None) -> FileProblem:
        """Something wrong in this row, to be raised."""
        return FileProblem(message, row=self.number, column=column, sheet=self.sheet)


@dataclass(frozen=True)
class Grid:
    """A file's rows. `knows_merges`: the file says which cells are merged, so a blank one is just blank.

    `hidden_columns` are the places of columns that nobody sees, `comments` those of cells with notes on them
    (row and column, 0-based), `pictures` those where pictures and shapes begin, by sheet.
    """

    rows: tuple[Row, ...]
    knows_merges: bool = False
    sheets: tuple[str, ...] = ()
    hidden_columns: Mapping[str, frozenset[int]] = field(default_factory=dict)
    hidden_sheets: tuple[str, ...] = ()
    comments: Mapping[str, tuple[tuple[int, int], ...]] = field(default_factory=dict)
    pictures: Mapping[str, tuple[tuple[int, int], ...]] = field(default_factory=dict)


def grid_of(content: bytes) -> Grid:
    """The rows of a file, or of all visible sheets of a workbook. Raises FileProblem for a bad file."""
    if looks_like_text(content):
        grid = _of_text(decoded(content))
        return replace(grid, rows=tuple(_rejoined(grid.rows)))
    sheets = read_cells(content)
    visible = [sheet for sheet in sheets if sheet.visible]
    rows = tuple(_rejoined(row for sheet in visible for row in _rows(sheet)))
    return Grid(
        rows,
        any(row.merged for row in rows),
        tuple(sheet.name for sheet in visible),
        {sheet.name: sheet.looks.hidden_columns for sheet in visible},
        tuple(sheet.name for sheet in sheets if not sheet.visible and any(sheet.rows)),
        {sheet.name: sheet.looks.comments for sheet in visible if sheet.looks.comments},
        {sheet.name: sheet.looks.pictures for sheet in visible if sheet.looks.pictures},
    )


def _rejoined(rows: Iterable[Row]) -> Iterator[Row]:
    """The rows; a pledge's text that we print once more on the next page is one with the cell above again."""
    above = ""
    for row in rows:
        if above and row.cells[:1] == (own_cells.continued_cell(above),):
            yield replace(row, cells=("", *row.cells[1:]), merged=row.merged | {0})
        else:
            above = next(iter(row.cells), "") or above
            yield row


def _rows(sheet: CellSheet) -> Iterator[Row]:
    """A sheet's rows, all of one width. A merged cell says its text once, in its first row and column.

    A number is as its cell shows it: 「38.5%」.
    """
    cells, looks = sheet.plain_rows(but_for=(SHOWN_OTHERWISE, BECAME_A_DATE)), sheet.looks
    dates = defaultdict[int, set[int]](set)
    for (row_index, place), message in sheet.refused.items():
        if message == BECAME_A_DATE:
            dates[row_index].add(place)
    width = max(map(len, cells), default=0)
    spread, merged = defaultdict[int, set[int]](set), defaultdict[int, set[int]](set)
    for top, left, bottom, right in sheet.merges:
        spread[top].update(range(left + 1, right + 1))
        for below in range(top + 1, bottom + 1):
            merged[below].update(range(left, right + 1))
    struck, fills, shown = (_by_row(told) for told in (looks.struck, looks.fills, looks.shown))
    for index, row in enumerate(cells):
        hidden, as_shown = spread[index] | merged[index], shown[index]
        texts = (
            "" if place in hidden else (as_shown.get(place) or cell).replace("\t", " ")
            for place, cell in enumerate(row)
        )
        yield Row(
            index + 1,
            (*texts, *[""] * (width - len(row))),
            sheet.name,
            frozenset(merged[index]),
            frozenset(spread[index]),
            index in looks.hidden_rows,
            struck[index],
            fills[index],
            frozenset(place for place, text in as_shown.items() if not text),
            dates=frozenset(dates[index]),
        )


def _by_row(told: Mapping[tuple[int, int], str]) -> defaultdict[int, dict[int, str]]:
    rows = defaultdict[int, dict[int, str]](dict)
    for (row, column), text in told.items():
        rows[row][column] = text
    return rows


def _of_text(text: str) -> Grid:
    """Cells are parted by tabs, or as in a CSV where the table's headings stand between commas only."""
    # Only line feeds end a line: str.splitlines would also cut at characters that may stand inside a cell.
    plain = [line.split("\t") for line in text.split("\n")]
    rows, quotes = _unquoted(text, plain)
    if not any(map(is_heading_row, rows)) and (parted := _comma_separated(text)):
        rows, quotes = parted, {}
    return Grid(
        tuple(
            Row(number, tuple(row) or ("",), quotes=quotes.get(number, {}))
            for number, row in enumerate(rows, start=1)
        )
    )


def _unquoted(text: str, plain: list[list[str]]) -> tuple[list[list[str]], dict[int, dict[int, str]]]:
    """The rows of a text with tabs, as Excel quotes its cells: those with line breaks, quotes or commas.

    Also what is not certain, by row and place: quote marks may be the words' own.
    """
    quoted = {cell for row in plain for cell in row if cell.startswith('"')}
    if not quoted:
        return plain, {}
    try:
        rows = list(csv_rows(text, "\t"))
    except FileProblem:
        return plain, _told_by_cell(plain, lambda cell: KEPT if cell in quoted else "")
    if all(cell in quoted for row in plain for cell in row if cell.strip()):
        return rows, {}  # a program that quotes every cell
    return rows, _told_by_cell(rows, lambda cell: _doubt_of(cell, quoted))


def _doubt_of(cell: str, quoted: Collection[str]) -> str:
    """Why a cell may have been quoted by somebody else than Excel; "" where nothing says so."""
    if "\t" in cell:
        return JOINED
    return TAKEN_OFF if f'"{cell}"' in quoted and "," not in cell else ""


def _told_by_cell(rows: Iterable[list[str]], told: Callable[[str], str]) -> dict[int, dict[int, str]]:
    found = {
        number: {place: words for place, cell in enumerate(row) if (words := told(cell))}
        for number, row in enumerate(rows, start=1)
    }
    return {number: words for number, words in found.items() if words}


def _comma_separated(text: str) -> list[list[str]] | None:
    """The rows of a CSV, or None where the text is none. Raises FileProblem for one that is damaged."""
    rows: list[list[str]] = []
    try:
        rows.extend(csv_rows(text + "\n", ","))
    except FileProblem:
        if any(map(is_heading_row, rows)):
            raise
    return rows if any(map(is_heading_row, rows)) else None
