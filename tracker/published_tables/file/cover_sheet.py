"""What stands before and behind a table that is to be decided on, as sheets of its workbook: how it looks."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from tracker.published_tables.file.cover import WIDTHS as SHARES
from tracker.published_tables.file.cover import Cover, CoverTable
from tracker.published_tables.file.geometry import SHEET_WIDTH, SIZE, height_of
from tracker.workbooks.cell_text import put_text

SHEET, SHEET_BEHIND = "案の要点", "案の一覧"
WIDTHS = [SHEET_WIDTH * share for share in SHARES]
TITLE_SIZE, HEADING_SIZE = 18, 12
EDGE = Side("thin", "FF7F7F7F")
BOX = Border(EDGE, EDGE, EDGE, EDGE)
PALE_GREY = PatternFill("solid", "FFF2F2F2")

# What a row's cells say, how large, whether bold, and whether they have a frame; True for headings.
CoverRow = tuple[Sequence[str], int, bool, bool]


def put_cover(sheet: Worksheet, cover: Cover, font: str) -> None:
    """Fills an empty sheet with what stands before the table."""
    _put_rows(sheet, _rows(cover), font)


def put_behind(sheet: Worksheet, cover: Cover, font: str) -> None:
    """Fills an empty sheet with what stands behind the table."""
    _put_rows(sheet, [*_head(cover), *_lists(cover.behind)], font)


def _put_rows(sheet: Worksheet, rows: Iterable[CoverRow], font: str) -> None:
    for index, width in enumerate(WIDTHS, start=1):
        sheet.column_dimensions[get_column_letter(index)].width = (width / 0.75 - 5) / 7
    for number, row in enumerate(rows, start=1):
        _put_row(sheet, number, row, font)


def _rows(cover: Cover) -> Iterator[CoverRow]:
    yield from _head(cover)
    yield (), SIZE, False, False
    for fact in cover.facts:
        yield fact, SIZE, False, True
    yield from _lists(cover.tables)


def _head(cover: Cover) -> Iterator[CoverRow]:
    yield (cover.title,), TITLE_SIZE, True, False
    yield (cover.line,), HEADING_SIZE, True, False


def _lists(tables: Iterable[CoverTable]) -> Iterator[CoverRow]:
    for table in tables:
        yield (), SIZE, False, False
        yield (table.heading,), HEADING_SIZE, True, False
        if table.explanation:
            yield (table.explanation,), SIZE, False, False
        yield table.columns, SIZE, True, True
        for row in table.rows:
            yield row, SIZE, False, True


def _put_row(sheet: Worksheet, number: int, row: CoverRow, font: str) -> None:
    """A row; its last cell goes on to the edge where it stands alone or is a fact's words."""
    texts, size, is_bold, has_frame = row
    goes_on = 0 < len(texts) <= 2 - (not has_frame)
    heights = [size * 2.0]
    for place, text in enumerate(texts):
        is_last = goes_on and place == len(texts) - 1
        last = len(WIDTHS) if is_last else place + 1
        cell: Any = sheet.cell(number, place + 1)
        assert isinstance(cell, Cell)  # noqa: S101 - nothing is merged here yet
        put_text(cell, text)
        cell.font = Font(font, size, b=is_bold, charset=128)
        cell.alignment = Alignment(vertical="top", wrap_text=True)
        if has_frame:
            cell.border, cell.fill = BOX, PALE_GREY if is_bold else PatternFill()
        if last > place + 1:
            sheet.merge_cells(None, number, place + 1, number, last)
        heights.append(height_of(text, sum(WIDTHS[place:last]), size))
    sheet.row_dimensions[number].height = min(400.0, max(heights))
