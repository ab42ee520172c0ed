"""Typed or pasted text as it is kept, the same for form and sheet. Pure."""

import re

# Word's line break arrives as a vertical tab. Other control characters fit into no table and no workbook.
LINE_BREAKS = re.compile(r"\r\n?|[\v\f\x85\u2028\u2029]")
CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\ufffe\uffff]")

MAX_NAME = 200  # characters of an initiative's name, which stands in headings


def with_plain_breaks(text: str) -> str:
    """Every kind of line break made a line feed; nothing else is touched."""
    return LINE_BREAKS.sub("\n", text)


def control_refusal(text: str) -> str:
    """What to say to a text that holds a control character; "" to any other."""
    found = CONTROLS.search(text)
    if not found:
        return ""
    line = text.count("\n", 0, found.start()) + 1
    return f"{line} 行目に、使えない文字（制御文字）が入っています。その行を打ち直してください。"


def in_one_line(text: str) -> str:
    """A text whose line breaks are spaces, without white space around it."""
    return re.sub(r"\s*\n\s*", " ", with_plain_breaks(text).strip())


def name_refusal(text: str) -> str:
    """What to say to a name that is too long, or holds a control character; "" to any other."""
    too_long = f"名前が長すぎます（{len(text):,} 文字）。{MAX_NAME} 文字までで書いてください。"
    return control_refusal(text) or (too_long if len(text) > MAX_NAME else "")


def line_refusal(text: str) -> str:
    """What to say to a text of one line, a name or a title, that has several; "" to any other."""
    if len(LINE_BREAKS.sub("\n", text.strip()).split("\n")) == 1:
        return ""
    return "1 行で書く欄です。途中の改行を消してください。"
