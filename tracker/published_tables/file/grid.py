"""A published table's file as rows of text cells: a workbook, a CSV, or lines of text with tabs."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from tracker.published_tables.file import own_cells
from tracker.published_tables.file.columns import is_heading_row
from tracker.workbooks.csv_text import csv_rows, decoded
from tracker.workbooks.disguises import looks_like_text
from tracker.workbooks.problems import FileProblem
from tracker.workbooks.safe_reading import CellSheet, read_cells


@dataclass(frozen=True)
class Row:
    """One row, numbered as in its file. `merged` are the 0-based columns that are one with the cell above."""

    number: int
    cells: tuple[str, ...]
    sheet: str | None = None
    merged: frozenset[int] = frozenset()

    @property
    def filled(self) -> int:
        """How many cells are not blank."""
        return sum(bool(cell.strip()) for cell in self.cells)

    @property
    def line(self) -> str:
        """All that a row says, as one line."""
        return " ".join(cell.strip() for cell in self.cells if cell.strip())

    def problem(self, message: str, column: str | None = None) -> FileProblem:
        """Something wrong in this row, to be raised."""
        return FileProblem(message, row=self.number, column=column, sheet=self.sheet)


@dataclass(frozen=True)
class Grid:
    """A file's rows. `knows_merges`: the file says which cells are merged, so a blank one is just blank."""

    rows: tuple[Row, ...]
    knows_merges: bool = False
    sheets: tuple[str, ...] = ()


def grid_of(content: bytes) -> Grid:
    """The rows of a file, or of all visible sheets of a workbook. Raises FileProblem for a bad file."""
    if looks_like_text(content):
        grid = _of_text(decoded(content))
        return replace(grid, rows=tuple(_rejoined(grid.rows)))
    visible = [sheet for sheet in read_cells(content) if sheet.visible]
    rows = tuple(_rejoined(row for sheet in visible for row in _rows(sheet)))
    return Grid(rows, any(row.merged for row in rows), tuple(sheet.name for sheet in visible))


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
    """A sheet's rows, all of one width. A merged cell says its text once, in its first row and column."""
    cells = sheet.plain_rows()
    width = max(map(len, cells), default=0)
    hidden, merged = defaultdict[int, set[int]](set), defaultdict[int, set[int]](set)
    for top, left, bottom, right in sheet.merges:
        hidden[top].update(range(left + 1, right + 1))
        for below in range(top + 1, bottom + 1):
            hidden[below].update(range(left, right + 1))
            merged[below].update(range(left, right + 1))
    for index, row in enumerate(cells):
        shown = ("" if place in hidden[index] else cell.replace("\t", " ") for place, cell in enumerate(row))
        yield Row(index + 1, (*shown, *[""] * (width - len(row))), sheet.name, frozenset(merged[index]))


def _of_text(text: str) -> Grid:
    """Cells are parted by tabs, or as in a CSV where the table's headings stand between commas only."""
    # Only line feeds end a line: str.splitlines would also cut at characters that may stand inside a cell.
    rows = [line.split("\t") for line in text.split("\n")]
    if not any(map(is_heading_row, rows)):
        rows = _comma_separated(text) or rows
    return Grid(tuple(Row(number, tuple(row) or ("",)) for number, row in enumerate(rows, start=1)))


def _comma_separated(text: str) -> list[list[str]] | None:
    """The rows of a CSV, or None where the text is none. Raises FileProblem for one that is damaged."""
    rows: list[list[str]] = []
    try:
        rows.extend(csv_rows(text + "\n", ","))
    except FileProblem:
        if any(map(is_heading_row, rows)):
            raise
    return rows if any(map(is_heading_row, rows)) else None
