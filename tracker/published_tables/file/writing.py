"""Writes the published table (掲載表) as a workbook to be posted and printed: A3 landscape, one page wide.

Only the look is made here: `laid_table` says what stands where, `geometry` how large it is. Reading the file
gives the same table (`own_table`); the same table always gives the same bytes.
"""

from collections.abc import Iterator
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.utils.indexed_list import IndexedList
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.worksheet import Worksheet

from tracker.published_tables.file import cover_sheet, geometry
from tracker.published_tables.file.check import check_table
from tracker.published_tables.file.cover import MARK, Cover
from tracker.published_tables.file.headings import FIGURES, Kind
from tracker.published_tables.file.laid_table import LINES, Area, LaidTable, Notes, RowPart, lay_out
from tracker.published_tables.file.own_cells import REASON_MARK, rating_in
from tracker.published_tables.file.table import PublishedTable
from tracker.workbooks.bytes import without_time
from tracker.workbooks.cell_text import put_text, spelled

SHEET = "掲載表"
SIZE = geometry.SIZE
FONT = "BIZ UDPゴシック"  # comes with Windows, is made to be read small, and has low lines
# Column widths are counted in digits of a workbook's standard font. Verdana's are 7 pixels wide, and so are
# those of the font that replaces it where it is missing: the page comes out the same everywhere.
STANDARD = Font("Verdana", 8)
INCH = 72.0  # points
A3 = 8  # ECMA-376, ST_PaperSize
NAVY, PALE, PALE_GREY, LINE_COLOUR = "FF1F3864", "FFDCE6F1", "FFF2F2F2", "FF7F7F7F"
EDGE = Side("thin", LINE_COLOUR)
BOX = Border(EDGE, EDGE, EDGE, EDGE)
CENTRED = geometry.RATINGS | {Kind.SDGS, Kind.UNIT, *FIGURES}


def write_workbook(table: PublishedTable, notes: Notes | None = None, cover: Cover | None = None) -> bytes:
    """The workbook's bytes. Raises FileProblem, with the place, for what no cell holds or reader gets.

    With a cover it is a draft to be decided on: the cover is its first sheet, what is too long for that its
    last, and every page is marked.
    """
    laid = lay_out(table, notes)
    check_table(table, laid)
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)  # noqa: S101 - a new workbook has one
    _set_standard_font(book)
    for style in _styles(laid):
        book.add_named_style(style)
    sheet.title = SHEET
    book.properties.title, book.properties.creator = table.title, None
    measured = geometry.measure(laid)
    _fill(sheet, measured)
    _set_up(sheet, measured)
    _set_up_page(sheet, table.title)
    if cover:
        _add_cover(book, cover, table.title)
        book.active = 0
        sheet.sheet_view.tabSelected = False
    return without_time(book)


def _add_cover(book: Workbook, cover: Cover, title: str) -> None:
    """Puts what stands before the table and behind it into sheets of their own, and marks every sheet."""
    first = book.create_sheet(cover_sheet.SHEET, 0)
    cover_sheet.put_cover(first, cover, FONT)
    _set_up_page(first, title)
    if cover.behind:
        last = book.create_sheet(cover_sheet.SHEET_BEHIND)
        cover_sheet.put_behind(last, cover, FONT)
        _set_up_page(last, title)
    for sheet in book.worksheets:
        _mark(sheet, cover)


def _mark(sheet: Worksheet, cover: Cover) -> None:
    header: Any = sheet.oddHeader  # whose parts the types take for optional
    header.center.text, header.center.size = MARK, 14
    header.right.text, header.right.size = spelled(cover.line).replace("&", "&&"), 9


def _set_standard_font(book: Any) -> None:
    """openpyxl has no public way to it."""
    book._fonts = IndexedList([STANDARD])
    book._named_styles["Normal"].font = STANDARD


def _styles(laid: LaidTable) -> Iterator[NamedStyle]:
    """A style per part of the table, named so that Excel's list of styles shows it."""
    middle = Alignment(vertical="center", wrap_text=True)
    colours = {RowPart.CATEGORY: NAVY, RowPart.SECTION: PALE}
    for part in (part for part in RowPart if part in LINES):
        size, white = geometry.SIZES.get(part, SIZE), "FFFFFFFF" if part is RowPart.CATEGORY else None
        font = Font(FONT, size, b=part in geometry.SIZES, color=white)
        yield _style(part.value, font, middle, colours.get(part), BOX if part in colours else None)
    heading = Alignment(horizontal="center", vertical="center", wrap_text=True)
    yield _style(RowPart.HEADINGS.value, Font(FONT, SIZE, b=True), heading, PALE_GREY, BOX)
    for kind in dict.fromkeys(column.kind for column in laid.columns):
        size = geometry.RATING_SIZE if kind in geometry.RATINGS else SIZE
        font = Font(FONT, size, b=kind in {Kind.PLEDGE, Kind.RATING})
        placed = Alignment(
            horizontal="center" if kind in CENTRED else "left",
            vertical="center" if kind in geometry.RATINGS else "top",
            wrap_text=True,
        )
        yield _style(f"{RowPart.INITIATIVE.value}：{kind.value}", font, placed, None, BOX)


def _style(
    name: str, font: Font, alignment: Alignment, colour: str | None, border: Border | None
) -> NamedStyle:
    font.charset = 128  # Japanese, for a machine without the font
    fill = PatternFill("solid", colour) if colour else PatternFill()
    return NamedStyle(f"掲載表 {name}", font=font, fill=fill, border=border or Border(), alignment=alignment)


def _fill(sheet: Worksheet, measured: geometry.Geometry) -> None:
    laid = measured.laid
    for index, row in enumerate(laid.rows):
        if row.part in LINES:
            line = Area(index, index, 0, row.cells[0])
            whole = geometry.PagePart(line, measured.starts[index], measured.starts[index + 1], line.text)
            _put(sheet, whole, row.part.value, len(laid.columns))
    for placed in measured.placed:
        part = laid.rows[placed.area.first].part
        name = f"{RowPart.INITIATIVE.value}：{laid.columns[placed.area.column].kind.value}"
        _put(sheet, placed, part.value if part is RowPart.HEADINGS else name, 1)


def _put(sheet: Worksheet, placed: geometry.PagePart, style: str, columns: int) -> None:
    """One cell with its text and look, merged over its rows, and over several columns where it is a line."""
    first, last, left = placed.first + 1, placed.after, placed.area.column + 1
    cell = sheet.cell(first, left)
    assert isinstance(cell, Cell)  # noqa: S101 - areas do not overlap
    cell.style = f"掲載表 {style}"
    rating, reason = rating_in(placed.text) if style.endswith(Kind.RATING.value) else ("", "")
    if reason:
        cell.value = CellRichText(
            TextBlock(InlineFont(FONT, sz=geometry.RATING_SIZE, b=True), spelled(rating)),
            TextBlock(InlineFont(FONT, sz=SIZE), spelled(REASON_MARK + reason)),
        )
    elif placed.text:
        put_text(cell, placed.text)
    if last > first or columns > 1:
        sheet.merge_cells(None, first, left, last, placed.area.column + columns)


def _in_digits(points: float) -> float:
    """A width as Excel counts it: digits of 7 pixels, beside 5 pixels that a cell keeps free."""
    return (points / 0.75 - 5) / 7


def _set_up(sheet: Worksheet, measured: geometry.Geometry) -> None:
    """Measures, where pages begin, and the screen."""
    for index, width in enumerate(measured.widths, start=1):
        sheet.column_dimensions[get_column_letter(index)].width = _in_digits(width)
    for index, height in enumerate(measured.heights, start=1):
        sheet.row_dimensions[index].height = height
    for row in measured.breaks:
        sheet.row_breaks.append(Break(id=row))
    heading = measured.starts[measured.laid.heading] + 1
    sheet.print_title_rows = f"{heading}:{heading}"
    sheet.freeze_panes = f"A{heading + 1}"
    sheet.sheet_view.zoomScale = 85


def _set_up_page(sheet: Worksheet, title: str) -> None:
    """A3 landscape, one page wide."""
    sheet.sheet_view.showGridLines = False
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", A3
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    assert sheet.sheet_properties.pageSetUpPr is not None  # noqa: S101 - a new sheet has it
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_options.horizontalCentered = True
    margins = sheet.page_margins
    margins.left = margins.right = geometry.SIDE / INCH
    margins.top, margins.bottom = geometry.TOP / INCH, geometry.BOTTOM / INCH
    margins.header = margins.footer = geometry.FOOTER / INCH
    footer: Any = sheet.oddFooter  # whose parts the types take for optional
    footer.left.text, footer.center.text = spelled(title).replace("&", "&&"), "&P / &N"
    footer.left.size = footer.center.size = 9
