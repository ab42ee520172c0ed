"""Text of an action as lines: a bullet is a line that begins with 「・」, a lead line does not."""

import re
from functools import lru_cache
from html import unescape

from tracker.words.visible import DASHES, is_empty_to_the_eye, visible

MARK = "・"
NOTHING = "—"  # a printed dash is a statement: nothing
SPACES = " \t\r\f\v\u3000\xa0"
INNER_MARK = re.compile(rf"(?<=[{SPACES}])(?={MARK})")
OTHER_BULLETS = "･•"  # meant as 「・」
OWN_MARK = re.compile(
    r"[・※◆◇■□●○◎▲△▼▽★☆→⇒*＊①-⑳❶-❿Ⅰ-Ⅻ【《〈＜<\[［]"
    r"|[-‐–—－]|[（(][0-9０-９a-zア-ン]{1,2}[)）]|[0-9０-９]{1,2}[.．)）:：]"
)
ENDS = (
    "。",
    "．",
    ".",
    "！",
    "!",
    "？",
    "?",
    "」",
    "』",
    "）",
    ")",
    "：",
    ":",
)  # of a sentence, or a lead line
TAG = re.compile(r"<(?P<end>/?)(?P<name>ul|ol|li|p|br|div)\b[^<>]*>", re.IGNORECASE)
ENTITY = re.compile(r"&(?:#\d+|#x[0-9a-f]+|[a-z]\w*);", re.IGNORECASE)


def lines(cell: str) -> list[str]:
    """A cell of a published table as lines, without markup and without white space round the wording.

    Takes `<li>` lists, `<p>`, line breaks, and 「・A ・B」 run together on one line. Nothing but markup and
    white space between lines is lost. Any other tag stays as it is written.
    """
    return list(_lines(cell))


@lru_cache(maxsize=2_000)  # a reader asks some ten times of each cell of a row
def _lines(cell: str) -> tuple[str, ...]:
    plain = ENTITY.sub(lambda entity: unescape(entity[0]), cell)
    marked = TAG.sub(
        lambda tag: f"\n{MARK}" if tag["name"].lower() == "li" and not tag["end"] else "\n", plain
    )
    return tuple(piece for line in re.split(r"[\r\n]+", marked) for piece in _split_at_marks(line))


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


def marked(typed: str) -> str:
    """A typed text in which each line that says something of its own begins with 「・」. No word is touched.

    Left as it is: a line with a mark or number of its own (※, ①, (1), 【…】), an indented one, and one that
    goes on with the sentence of the line above.
    """
    lines = typed.split("\n")
    has_sentences = any(line.rstrip(SPACES).endswith(ENDS) for line in lines)
    above, found = "", []
    for line in lines:
        goes_on = has_sentences and above and not above.endswith(ENDS)
        found.append(line if goes_on or is_empty_to_the_eye(line) else _with_mark(line))
        above = line.rstrip(SPACES)
    return "\n".join(found)


def _with_mark(line: str) -> str:
    if line[0] in OTHER_BULLETS:
        return MARK + line[1:]
    is_left = line[0] in SPACES or OWN_MARK.match(line) or line.strip(SPACES) in DASHES
    return line if is_left else MARK + line


def is_blank(cell: str) -> bool:
    """Whether nothing is printed at all, or markup only."""
    return not lines(cell)


def is_nothing(cell: str) -> bool:
    """Whether it is the printed statement 「—」, whatever its markup."""
    return [without_mark(line) for line in lines(cell)] in [[dash] for dash in DASHES]


def without_mark(line: str) -> str:
    """A line's wording, without its bullet."""
    return line.removeprefix(MARK).lstrip(SPACES)
