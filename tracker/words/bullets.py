"""Text of an action as lines: a bullet is a line that begins with 「・」, a lead line does not."""

import re
from html import unescape

from tracker.words.visible import DASHES, is_empty_to_the_eye, visible

MARK = "・"
NOTHING = "—"  # a printed dash is a statement: nothing
SPACES = " \t\r\f\v\u3000\xa0"
INNER_MARK = re.compile(rf"(?<=[{SPACES}])(?={MARK})")
TAG = re.compile(r"<(?P<end>/?)(?P<name>ul|ol|li|p|br|div)\b[^<>]*>", re.IGNORECASE)
ENTITY = re.compile(r"&(?:#\d+|#x[0-9a-f]+|[a-z]\w*);", re.IGNORECASE)


def lines(cell: str) -> list[str]:
    """A cell of a published table as lines, without markup and without white space round the wording.

    Takes `<li>` lists, `<p>`, line breaks, and 「・A ・B」 run together on one line. Nothing but markup and
    white space between lines is lost. Any other tag stays as it is written.
    """
    plain = ENTITY.sub(lambda entity: unescape(entity[0]), cell)
    marked = TAG.sub(
        lambda tag: f"\n{MARK}" if tag["name"].lower() == "li" and not tag["end"] else "\n", plain
    )
    return [piece for line in re.split(r"[\r\n]+", marked) for piece in _split_at_marks(line)]


def _split_at_marks(line: str) -> list[str]:
    pieces = [piece.strip(SPACES) for piece in INNER_MARK.split(line)]
    # The 「・」 made of an <li> may stand before the author's own: one mark is enough.
    marked = [re.sub(rf"^{MARK}[{MARK}{SPACES}]*", MARK, piece) for piece in pieces]
    return [piece for piece in marked if not is_empty_to_the_eye(piece)]


def unmarked(cell: str) -> str:
    """A cell without markup, a line per bullet or lead line."""
    return "\n".join(lines(cell)) if TAG.search(cell) or ENTITY.search(cell) else cell


def text(cell: str) -> str:
    """A cell as one text, a line per bullet or lead line; a lone dash or blank is the empty text."""
    return "" if is_blank(cell) or is_nothing(cell) else "\n".join(lines(cell))


def tidy(typed: str) -> str:
    """A typed text without empty lines, and without white space at the lines' ends; a lone dash is none.

    No wording is touched.
    """
    lines = visible(typed).splitlines()
    return "\n".join(line.rstrip(SPACES) for line in lines if not is_empty_to_the_eye(line))


def is_blank(cell: str) -> bool:
    """Whether nothing is printed at all, or markup only."""
    return not lines(cell)


def is_nothing(cell: str) -> bool:
    """Whether it is the printed statement 「—」, whatever its markup."""
    return [without_mark(line) for line in lines(cell)] in [[dash] for dash in DASHES]


def without_mark(line: str) -> str:
    """A line's wording, without its bullet."""
    return line.removeprefix(MARK).lstrip(SPACES)
