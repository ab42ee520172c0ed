"""What a cell of a workbook can hold, and how the file spells it (ECMA-376, ST_Xstring)."""

import re
from typing import TYPE_CHECKING

from tracker.workbooks.problems import FileProblem

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell

MOST_UNITS = 32_767  # of UTF-16, as Excel counts characters
TOO_LONG = "（長すぎて Excel に入りません。画面で入力してください）"
UNSPEAKABLE = "（使えない文字が入っているため Excel に入りません。画面で入力してください）"
NOTICES = (TOO_LONG, UNSPEAKABLE)

# No XML can say these, and no reader agrees with another on their escapes.
NOT_IN_ANY_FILE = re.compile("[\0\ud800-\udfff\ufffe\uffff]")
# A control character is spelled as _x0001_. What looks like such a spelling, or would together with the next,
# gets its underscore spelled.
TO_SPELL = re.compile(r"[\x01-\x08\x0b-\x1f]|_(?=[xX][0-9A-Fa-f]{4}[_\x01-\x08\x0b-\x1f])")
XML_BLANK = re.compile("[ \t\n]")
# Typed into a cell, it would be a formula, or the sign that what follows is a text.
BEGINS_LIKE_FORMULA = ("=", "+", "-", "@", "'")


def held(text: str) -> str:
    """What a cell that was given this text says: the text with plain line breaks, or why it is not there."""
    if NOT_IN_ANY_FILE.search(text):
        return UNSPEAKABLE
    text = with_line_feeds(text)
    return TOO_LONG if is_too_long(text) else text


def is_too_long(text: str) -> bool:
    """Whether a text has more characters than any cell holds."""
    return units(text) > MOST_UNITS


def refuse_too_long(text: str, what: str, *, row: int | None = None, column: str | None = None) -> None:
    """Raises FileProblem for a text that no cell holds. `what` names it: 「取組 1-1-1-1 の「公約」」."""
    if is_too_long(text):
        words = f"{what}が長すぎて、Excel のセルに入りません（{MOST_UNITS:,} 字まで）。"
        raise FileProblem(words, row=row, column=column)


def put_text(cell: "Cell", text: str) -> None:
    """Makes a cell of openpyxl say a text that it can hold, whatever the text begins with."""
    # Not through `value`, which makes formulas of texts and cuts them at 32,767 characters of the spelling.
    cell._value = spelled(text)  # type: ignore[attr-defined]
    cell.data_type = "s"
    cell.quotePrefix = begins_like_formula(text)  # it stays a text when somebody edits it


def with_line_feeds(text: str) -> str:
    """Lines end with a line feed; a carriage return comes back from no program as it went."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def units(text: str) -> int:
    """The length of a text as Excel counts it: 𠮷 and emoji are two."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


def spelled(text: str) -> str:
    """A text that a cell can hold, as the file has to spell it."""
    text = TO_SPELL.sub(_code, text)
    # A text of nothing but white space would be dropped on the way, unless XML's own white space is spelled.
    return text if text.strip() else XML_BLANK.sub(_code, text)


def _code(found: re.Match[str]) -> str:
    return f"_x{ord(found[0]):04X}_"


def begins_like_formula(text: str) -> bool:
    """Whether a program would take the text for something else when it is typed again."""
    return text.startswith(BEGINS_LIKE_FORMULA)
