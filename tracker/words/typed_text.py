"""Typed or pasted text as it is kept, the same for form and sheet. Pure."""

import re

# Word's line break arrives as a vertical tab. Other control characters fit into no table and no workbook.
LINE_BREAKS = re.compile(r"\r\n?|[\v\f\x85\u2028\u2029]")
CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\ufffe\uffff]")


def with_plain_breaks(text: str) -> str:
    """Every kind of line break made a line feed; nothing else is touched."""
    return LINE_BREAKS.sub("\n", text)


def line_with_control(text: str) -> int | None:
    """The number of the first line that holds a control character. None where none does."""
    found = CONTROLS.search(text)
    return text.count("\n", 0, found.start()) + 1 if found else None
