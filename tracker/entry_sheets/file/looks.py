"""How the entry sheet looks: fonts, colours and borders of its cells, and the heights that its texts need."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.worksheet.worksheet import Worksheet

from tracker.workbooks.cell_text import begins_like_formula, held, spelled

FONT = "游ゴシック"
INK, GREY_INK, LINE, GREY, GREY_HEAD, BLUE = "1A1A1A", "333333", "767676", "F2F2F2", "D9D9D9", "00118F"
AMBER, RED, PINK = "FFF3D6", "C00000", "FFE3E3"
POINTS_A_LINE, MOST_POINTS = 16.5, 409.0  # of a text of 10 points; the most that Excel allows a row


Width = Literal["thin", "medium", "thick"]


@dataclass(frozen=True)
class Look:
    """One way that a cell looks. `is_open`: a clerk may write into it."""

    fill: str = ""
    ink: str = INK
    points: float = 10
    is_bold: bool = False
    border: Width | None = "thin"
    border_ink: str = LINE
    horizontal: str = "left"
    vertical: str = "top"
    is_open: bool = False
    is_text: bool = True


TITLE = Look(points=15, is_bold=True, border=None, vertical="center")
WORDS = Look(border=None, vertical="center")
ALERT = Look(border=None, vertical="center", fill=PINK, ink=RED, is_bold=True)
BAND_REFERENCE = Look(fill=GREY_HEAD, is_bold=True, vertical="center")
BAND_INPUT = Look(fill=BLUE, ink="FFFFFF", is_bold=True, vertical="center")
HEADING_REFERENCE = Look(fill=GREY_HEAD, is_bold=True, horizontal="center", vertical="center")
HEADING_INPUT = Look(
    fill="DCE6FF",
    ink=BLUE,
    is_bold=True,
    border="medium",
    border_ink=BLUE,
    horizontal="center",
    vertical="center",
)
HIDDEN = Look(fill=GREY, is_text=False, border=None)
REFERENCE = Look(fill=GREY, ink=GREY_INK)
RETURNED = Look(fill=AMBER, is_bold=True)
INPUT = Look(fill="FFFFFF", is_open=True)
CLOSED_INPUT = Look(fill=GREY, ink=GREY_INK)
MARKED = Look(fill=PINK, border="thick", border_ink=RED)
MARKED_OPEN = Look(fill=PINK, border="thick", border_ink=RED, is_open=True)


class Looks:
    """The looks of one workbook, each made once: setting them cell by cell would take most of the writing's
    time.
    """

    def __init__(self, book: Workbook) -> None:
        self.scratch = book.create_sheet()  # styles belong to a workbook, and can only be made on a cell
        book.remove(self.scratch)
        self.made: dict[tuple[Look, bool], Cell] = {}

    def cell(self, sheet: Worksheet, text: str | int | None, look: Look) -> Cell:
        """A new cell, to be appended to its sheet. A text stays a text, whatever it begins with."""
        spelling = spelled(held(text)) if isinstance(text, str) else text
        quoted = isinstance(text, str) and begins_like_formula(text)
        made = self.made.get((look, quoted)) or self._make(look, quoted)
        cell = Cell(sheet, 1, 1, style_array=made._style)  # type: ignore[attr-defined]
        if spelling not in ("", None):
            # Not through `value`, which makes formulas of texts and cuts them at 32,767 characters of the
            # spelling.
            cell._value = spelling  # type: ignore[attr-defined]
            cell.data_type = "s" if isinstance(spelling, str) else "n"
        return cell

    def _make(self, look: Look, quoted: bool) -> Cell:
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
    """How many lines a text takes in a column of this width, roughly: a full-width character is two
    half-width ones.
    """
    if len(text) * 2 <= width and "\n" not in text:
        return 1
    room = max(int(width) - 1, 2)  # punctuation that may not begin a line takes a character along
    return sum(max(-(-_half_widths(line) // room), 1) for line in text.split("\n"))


def height(texts: Iterable[tuple[str, float]], points_a_line: float = POINTS_A_LINE) -> float:
    """The height in points of a row that holds these texts in columns of these widths."""
    return min(
        max((lines(text, width) for text, width in texts if text), default=1) * points_a_line + 4, MOST_POINTS
    )


def _half_widths(line: str) -> int:
    return len(line) if line.isascii() else len(line.encode("cp932", "replace"))
