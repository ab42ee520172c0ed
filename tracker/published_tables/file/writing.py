"""Writes the published table (掲載表) as a workbook to be posted and printed: A3 landscape, one page wide.

Only the look is made here: `layout` says what stands where, `geometry` how large it is. Reading the file
gives the same table (`own_table`); the same table always gives the same bytes.
"""

from collections.abc import Iterator
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.utils.indexed_list import IndexedList
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.worksheet import Worksheet

from tracker.published_tables.file.check import check_table
from tracker.published_tables.file.geometry import (
    BOTTOM,
    FOOTER,
    RATING_SIZE,
    SIDE,
    SIZE,
    SIZES,
    TOP,
    Geometry,
    measure,
)
from tracker.published_tables.file.headings import Kind
from tracker.published_tables.file.layout import LINES, Area, Layout, Notes, RowPart, lay_out
from tracker.published_tables.file.table import PublishedTable
from tracker.workbooks.bytes import without_time
from tracker.workbooks.cell_text import put_text
from tracker.workbooks.text_lines import FONT

SHEET = "掲載表"
# Column widths are counted in digits of a workbook's standard font. Verdana's are 7 pixels wide, and so are
# those of the font that replaces it where it is missing: the page comes out the same everywhere.
STANDARD = Font("Verdana", 8)
INCH = 72.0  # points
A3 = 8  # ECMA-376, ST_PaperSize
NAVY, PALE, PALE_GREY, LINE_COLOUR = "FF1F3864", "FFDCE6F1", "FFF2F2F2", "FF7F7F7F"
EDGE = Side("thin", LINE_COLOUR)
BOX = Border(EDGE, EDGE, EDGE, EDGE)
CENTRED = {Kind.SDGS, Kind.RATING}


def write_workbook(table: PublishedTable, notes: Notes | None = None) -> bytes:
    """The workbook's bytes. Raises FileProblem, with the place, for what no cell holds or reader gets."""
    layout = lay_out(table, notes)
    check_table(table, layout)
    geometry = measure(layout)
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)  # noqa: S101 - a new workbook has one
    _set_standard_font(book)
    for style in _styles(layout):
        book.add_named_style(style)
    sheet.title = SHEET
    book.properties.title, book.properties.creator = table.title, None
    _fill(sheet, layout, geometry)
    _set_up(sheet, table.title, layout, geometry)
    return without_time(book)


def _set_standard_font(book: Any) -> None:
    """openpyxl has no public way to it."""
    book._fonts = IndexedList([STANDARD])
    book._named_styles["Normal"].font = STANDARD


def _styles(layout: Layout) -> Iterator[NamedStyle]:
    """A style per part of the table, named so that Excel's list of styles shows it."""
    middle = Alignment(vertical="center", wrap_text=True)
    looks = {
        RowPart.TITLE: (Font(FONT, SIZES[RowPart.TITLE], b=True), None),
        RowPart.NOTE: (Font(FONT, SIZE), None),
        RowPart.LEGEND_HEADING: (Font(FONT, SIZES[RowPart.LEGEND_HEADING], b=True), None),
        RowPart.LEGEND: (Font(FONT, SIZE), None),
        RowPart.CATEGORY: (Font(FONT, SIZES[RowPart.CATEGORY], b=True, color="FFFFFFFF"), NAVY),
        RowPart.SECTION: (Font(FONT, SIZES[RowPart.SECTION], b=True), PALE),
    }
    for part, (font, colour) in looks.items():
        yield _style(part.value, font, middle, colour, BOX if colour else None)
    heading = Alignment(horizontal="center", vertical="center", wrap_text=True)
    yield _style(RowPart.HEADINGS.value, Font(FONT, SIZE, b=True), heading, PALE_GREY, BOX)
    for kind in dict.fromkeys(column.kind for column in layout.columns):
        font = Font(FONT, RATING_SIZE if kind is Kind.RATING else SIZE, b=kind in {Kind.PLEDGE, Kind.RATING})
        placed = Alignment(
            horizontal="center" if kind in CENTRED else "left",
            vertical="center" if kind is Kind.RATING else "top",
            wrap_text=True,
        )
        yield _style(f"{RowPart.INITIATIVE.value}：{kind.value}", font, placed, None, BOX)


def _style(
    name: str, font: Font, alignment: Alignment, colour: str | None, border: Border | None
) -> NamedStyle:
    font.charset = 128  # Japanese, for a machine without the font
    fill = PatternFill("solid", colour) if colour else PatternFill()
    return NamedStyle(f"掲載表 {name}", font=font, fill=fill, border=border or Border(), alignment=alignment)


def _fill(sheet: Worksheet, layout: Layout, geometry: Geometry) -> None:
    width = len(layout.columns)
    for index, row in enumerate(layout.rows):
        if row.part in LINES:
            _put(sheet, geometry, Area(index, index, 0, row.cells[0]), f"掲載表 {row.part.value}", width)
    for area in geometry.areas:
        is_heading = layout.rows[area.first].part is RowPart.HEADINGS
        part = (
            RowPart.HEADINGS.value
            if is_heading
            else f"{RowPart.INITIATIVE.value}：{layout.columns[area.column].kind.value}"
        )
        _put(sheet, geometry, area, f"掲載表 {part}", 1)


def _put(sheet: Worksheet, geometry: Geometry, area: Area, style: str, columns: int) -> None:
    """One cell with its text and look, merged over its rows, and over several columns where it is a line."""
    first, last = geometry.starts[area.first] + 1, geometry.starts[area.last + 1]
    cell = sheet.cell(first, area.column + 1)
    assert isinstance(cell, Cell)  # noqa: S101 - areas do not overlap
    cell.style = style
    if area.text:
        put_text(cell, area.text)
    if last > first or columns > 1:
        sheet.merge_cells(
            start_row=first, end_row=last, start_column=area.column + 1, end_column=area.column + columns
        )


def _set_up(sheet: Worksheet, title: str, layout: Layout, geometry: Geometry) -> None:
    """Measures, the screen, and the printed page."""
    for index, width in enumerate(geometry.widths, start=1):
        sheet.column_dimensions[get_column_letter(index)].width = width
    for index, height in enumerate(geometry.heights, start=1):
        sheet.row_dimensions[index].height = height
    for row in geometry.breaks:
        sheet.row_breaks.append(Break(id=row))
    heading = geometry.starts[layout.heading] + 1
    sheet.print_title_rows = f"{heading}:{heading}"
    sheet.freeze_panes = f"A{heading + 1}"
    sheet.sheet_view.showGridLines = False
    sheet.sheet_view.zoomScale = 85
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = A3
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    assert sheet.sheet_properties.pageSetUpPr is not None  # noqa: S101 - a new sheet has it
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_options.horizontalCentered = True
    margins = sheet.page_margins
    margins.left = margins.right = SIDE / INCH
    margins.top, margins.bottom, margins.header, margins.footer = (
        TOP / INCH,
        BOTTOM / INCH,
        FOOTER / INCH,
        FOOTER / INCH,
    )
    footer: Any = sheet.oddFooter  # whose parts the types take for optional
    footer.left.text, footer.center.text = title.replace("&", "&&"), "&P / &N"
    footer.left.size = footer.center.size = 9
