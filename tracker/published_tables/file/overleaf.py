"""A cell's text that is higher than a page, page by page. Pure.

A bullet that is parted goes on overleaf with REST before it, which no text has, so that it can be shown under
the line above and not as one of its own.
"""

from collections.abc import Iterator, Sequence

from tracker.words.bullets import MARK
from tracker.workbooks.text_lines import lines_of, text_width

REST = "\x00"


def divided(text: str, room: int, counts: Sequence[int]) -> list[str]:
    """The text in as many parts as there are counts, of at most so many lines each, but for the last.

    `room` is the width of a line in half-width characters.
    """
    found: list[list[str]] = [[] for _count in counts]
    page, used = 0, 0
    for line in text.split("\n"):
        for number, piece in enumerate(_shown(line, room)):
            if used == counts[page] and page < len(counts) - 1:
                page, used = page + 1, 0
            if number > 0 and found[page]:
                found[page][-1] += piece
            else:
                found[page].append(REST + piece if number and line.startswith(MARK) else piece)
            used += 1
    return ["\n".join(lines) for lines in found]


def _shown(line: str, room: int) -> Iterator[str]:
    """The lines that a line of a text takes. A bullet's stand under each other."""
    hanging = text_width(MARK) if line.startswith(MARK) else 0
    mark, rest = (line[: len(MARK)], line[len(MARK) :]) if hanging else ("", line)
    first, *others = lines_of(rest, room - hanging)
    yield mark + first
    yield from others
