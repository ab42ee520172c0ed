"""Lists as a workbook: a sheet each, with a row of headings. Every text stays a text, whatever it says."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.header_footer import HeaderFooterItem
from openpyxl.worksheet.properties import PageSetupProperties

from tracker.workbooks.bytes import without_time
from tracker.workbooks.cell_text import put_text
from tracker.workbooks.sheet_names import sheet_names
from tracker.workbooks.text_lines import text_width

WIDEST = 60  # of a column, in half-width characters
MEASURED_ROWS = 200
A3, A4 = 8, 9


@dataclass(frozen=True)
class ListSheet:
    """One sheet: rows of texts and numbers, each as long as the headings. No text is too long for a cell."""

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str | int]]


def write_lists(*lists: ListSheet) -> bytes:
    """The workbook (.xlsx), ready to be printed on A4. The same lists give the same bytes."""
    book = Workbook(write_only=True)
    for each, name in zip(lists, sheet_names(each.title for each in lists), strict=True):
        _write(book.create_sheet(name), each)
    return without_time(book)


def _write(sheet: Any, each: ListSheet) -> None:
    sheet.freeze_panes = "A2"
    make_ready_to_print(sheet)
    for place, width in enumerate(widths(each.headings, each.rows), start=1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    sheet.append([_cell(sheet, heading, is_heading=True) for heading in each.headings])
    for row in each.rows:
        sheet.append([_cell(sheet, value) for value in row])


def make_ready_to_print(sheet: Any, paper: int = A4) -> None:
    """Landscape and one page wide. Each page has the headings again, its sheet's name and its number."""
    sheet.print_title_rows = "1:1"
    sheet.page_setup.paperSize, sheet.page_setup.orientation = paper, "landscape"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    footer = HeaderFooterItem()
    footer.left.text, footer.center.text = "&A", "&P / &N"
    sheet.HeaderFooter.oddFooter = footer


def widths(
    headings: Sequence[str], rows: Sequence[Sequence[str | int | None]], widest: int = WIDEST
) -> Iterator[int]:
    """How wide each column is to be, in half-width characters, so that its heading and values can be read."""
    for index, heading in enumerate(headings):
        lines = (line for row in rows[:MEASURED_ROWS] for line in str(row[index]).split("\n"))
        yield min(widest, max(map(text_width, [heading, *lines])) + 2)


def _cell(sheet: Any, value: str | int, *, is_heading: bool = False) -> Cell:
    made = WriteOnlyCell(sheet)
    if isinstance(value, int):
        made.value = value
    else:
        put_text(made, value)
        made.number_format = "@"  # what is typed over it stays text: 1-2 is no date
    made.alignment = Alignment(vertical="top", wrap_text=True)
    made.font = Font(bold=is_heading)
    return made
