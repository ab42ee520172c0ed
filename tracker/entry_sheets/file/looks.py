"""How the entry sheet looks: fonts, colours and borders of its cells, and the heights that its texts need."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.worksheet.worksheet import Worksheet

from tracker.workbooks.cell_text import begins_like_formula, held, spelled
from tracker.workbooks.text_lines import FONT, text_width

INK, GREY_INK, LINE, GREY, GREY_HEAD, BLUE = "1A1A1A", "333333", "767676", "F2F2F2", "D9D9D9", "00118F"
AMBER, RED, PINK = "FFF3D6", "C00000", "FFE3E3"
POINTS_A_LINE, MOST_POINTS = 16.5, 409.0  # of a text of 10 points; the most that Excel allows a row

BorderWidth = Literal["thin", "medium", "thick"]


@dataclass(frozen=True)
class CellLook:
    """One way that a cell looks. `is_open`: a clerk may write into it."""

    fill: str = ""
    ink: str = INK
    points: float = 10
    is_bold: bool = False
    border: BorderWidth | None = "thin"
    border_ink: str = LINE
    horizontal: str = "left"
    vertical: str = "top"
    is_open: bool = False
    is_text: bool = True


TITLE = CellLook(points=15, is_bold=True, border=None, vertical="center")
WORDS = CellLook(border=None, vertical="center")
ALERT = CellLook(border=None, vertical="center", fill=PINK, ink=RED, is_bold=True)
BAND_REFERENCE = CellLook(fill=GREY_HEAD, is_bold=True, vertical="center")
BAND_INPUT = CellLook(fill=BLUE, ink="FFFFFF", is_bold=True, vertical="center")
HEADING_REFERENCE = CellLook(fill=GREY_HEAD, is_bold=True, horizontal="center", vertical="center")
HEADING_INPUT = replace(HEADING_REFERENCE, fill="DCE6FF", ink=BLUE, border="medium", border_ink=BLUE)
HIDDEN_CELL = CellLook(fill=GREY, is_text=False, border=None)
REFERENCE_CELL = CellLook(fill=GREY, ink=GREY_INK)
RETURNED = CellLook(fill=AMBER, is_bold=True)
INPUT_CELL = CellLook(fill="FFFFFF", is_open=True)
MARKED = CellLook(fill=PINK, border="thick", border_ink=RED)
MARKED_OPEN = replace(MARKED, is_open=True)


class Looks:
    """The looks of one workbook, each made once: made cell by cell, they would take most of the time."""

    def __init__(self, book: Workbook) -> None:
        self.scratch = book.create_sheet()  # styles belong to a workbook, and can only be made on a cell
        book.remove(self.scratch)
        self.made: dict[tuple[CellLook, bool], Cell] = {}

    def cell(self, sheet: Worksheet, text: str | int | Decimal | None, look: CellLook) -> Cell:
        """A new cell, to be appended to its sheet. A text stays a text, whatever it begins with."""
        quoted = isinstance(text, str) and begins_like_formula(text)
        made = self.made.get((look, quoted)) or self._make(look, quoted)
        cell = Cell(sheet, 1, 1, style_array=made._style)  # type: ignore[attr-defined]
        if isinstance(text, str) and text:
            # Not through `value`, which makes formulas of texts and cuts their spelling at 32,767 characters.
            cell._value, cell.data_type = spelled(held(text)), "s"  # type: ignore[attr-defined]
        elif isinstance(text, int | Decimal):
            cell.value = text
        return cell

    def _make(self, look: CellLook, quoted: bool) -> Cell:
        cell = self.made[look, quoted] = Cell(self.scratch, 1, 1)
        cell.font = Font(name=FONT, size=look.points, bold=look.is_bold, color=look.ink)
        if look.fill:
            cell.fill = PatternFill("solid", fgColor=look.fill)
        if look.border:
            side = Side(look.border, color=look.border_ink)
            cell.border = Border(side, side, side, side)
        cell.alignment = Alignment(look.horizontal, look.vertical, wrap_text=True)
        cell.protection = Protection(locked=not look.is_open)
        if look.is_text:
            cell.number_format = "@"
        if quoted:
            cell.quotePrefix = True
        return cell


def lines(text: str, width: float) -> int:
    """How many lines a text takes in a column of so many half-width characters, roughly."""
    if len(text) * 2 <= width and "\n" not in text:
        return 1
    room = max(int(width) - 1, 2)  # punctuation that may not begin a line takes a character along
    return sum(max(-(-text_width(line) // room), 1) for line in text.split("\n"))


def height(texts: Iterable[tuple[str, float]], points_a_line: float = POINTS_A_LINE) -> float:
    """The height in points of a row that holds these texts in columns of these widths."""
    most_lines = max((lines(text, width) for text, width in texts if text), default=1)
    return min(most_lines * points_a_line + 4, MOST_POINTS)
