"""Where the heading rows of a grid stand: one row, or several below each other that make one. Pure."""

from collections.abc import Sequence
from itertools import groupby

from tracker.published_tables.file.cells import read_pledge
from tracker.published_tables.file.columns import MAX_HEADING, heading_kinds
from tracker.published_tables.file.grid import Row
from tracker.published_tables.file.headings import YEAR
from tracker.words.bullets import is_nothing
from tracker.words.folding import fold

MOST_ROWS = 4  # of one heading
LEAST_KINDS = 3  # of headings in a row that is one
LIKELY_KINDS = 2
SHORT = 15  # characters of a cell that may be a heading, whatever it says

Span = tuple[int, int]  # indexes of the first and last row


def texts_of(rows: Sequence[Row]) -> tuple[str, ...]:
    """The headings of the columns: what stands below each other, a cell over several columns in each."""
    width = max(len(row.cells) for row in rows)
    shown: list[list[str]] = [[] for _ in range(width)]
    is_merged = any(row.spread or row.merged for row in rows)
    for number, row in enumerate(rows, start=1):
        left = ""
        for place in range(width):
            # Without merges a blank cell above years belongs to the heading on its left.
            is_over = (
                not is_merged
                and not row.cell(place).strip()
                and any(r.cell(place).strip() for r in rows[number:])
            )
            left = left if place in row.spread or is_over else row.cell(place).strip()
            if left and left not in shown[place][-1:]:
                shown[place].append(left)
    return tuple(" ".join(parts) for parts in shown)


def find_headings(rows: Sequence[Row]) -> list[Span]:
    """Every heading among the rows, from top to bottom."""
    found: list[Span] = []
    for index, row in enumerate(rows):
        if (
            row.filled > 1
            and (not found or index > found[-1][1])
            and (last := _heading_at(rows, index)) is not None
        ):
            found.append((index, last))
    return found


def _heading_at(rows: Sequence[Row], index: int) -> int | None:
    """The last row of the heading that begins in a row, None where none does."""
    last = index
    while last + 1 < min(len(rows), index + MOST_ROWS) and _goes_on(rows[index : last + 1], rows[last + 1]):
        last += 1
    for end in range(last, index - 1, -1):
        if _is_heading(rows[index : end + 1]):
            return end
    return None


def _is_heading(rows: Sequence[Row]) -> bool:
    own = rows[0].cells
    may_be = (
        len(rows) > 1 or all(len(cell) < MAX_HEADING for cell in own if cell.strip()) or heading_kinds(own)
    )
    return bool(may_be) and len(heading_kinds(texts_of(rows))) >= LEAST_KINDS


def _goes_on(above: Sequence[Row], row: Row) -> bool:
    """Whether a row is one more of the heading: merged with it, or years and headings below it."""
    if row.sheet != above[0].sheet or not row.filled:
        return False
    filled = [place for place, cell in enumerate(row.cells) if cell.strip()]
    if any(len(row.cells[place]) >= MAX_HEADING for place in filled):
        return False
    heads = texts_of(above)
    if any(place < len(heads) and heads[place] for place in row.merged):
        return True
    is_below = all(
        place in above[-1].spread or not above[-1].cell(place).strip() or _is_over(above[-1], place)
        for place in filled
    )
    is_year = any(YEAR.fullmatch(fold(row.cells[place])) for place in filled)
    return is_below and is_year and all(_says_heading(row.cells[place]) for place in filled)


def _is_over(row: Row, place: int) -> bool:
    """Whether a cell goes on over the next column, by its merge or, without merges, by a blank beside it."""
    return place + 1 in row.spread or (not row.spread and not row.cell(place + 1).strip())


def _says_heading(cell: str) -> bool:
    return bool(YEAR.fullmatch(fold(cell)) or heading_kinds([cell]))


def repeats(rows: Sequence[Row], span: Span) -> list[Span]:
    """The heading at a span, and wherever else the same one stands."""
    first, last = span
    wanted = _compared(rows[first : last + 1])
    height = last - first + 1
    found: list[Span] = []
    for index, row in enumerate(rows):
        block = rows[index : index + height]
        is_free = not found or index > found[-1][1]
        if is_free and row.filled and len(block) == height and _compared(block) == wanted:
            found.append((index, index + height - 1))
    return found


def span_of(rows: Sequence[Row], first: int, last: int, sheet: str | None = None) -> Span | None:
    """Where the heading rows of these numbers stand, None where there is nothing.

    Of several sheets (None: any) it is that with the likeliest heading: a cover comes first, and has none.
    """
    height = last - first + 1
    found = [
        (index, index + height - 1)
        for index, row in enumerate(rows)
        if row.number == first
        and sheet in {None, row.sheet}
        and _is_block(rows[index : index + height], height)
    ]
    return max(found, key=lambda span: _likeness(rows[span[0] : span[1] + 1]), default=None)


def _is_block(rows: Sequence[Row], height: int) -> bool:
    """Whether the rows stand below each other, with something in them."""
    numbers = [row.number for row in rows if row.sheet == rows[0].sheet]
    return (
        len(numbers) == height and numbers[-1] - numbers[0] == height - 1 and any(row.filled for row in rows)
    )


def _likeness(rows: Sequence[Row]) -> tuple[int, int]:
    texts = texts_of(rows)
    return len(heading_kinds(texts)), sum(bool(text) for text in texts)


def _compared(rows: Sequence[Row]) -> tuple[str, ...]:
    if len({row.sheet for row in rows}) > 1:
        return ()
    texts = [fold(text) for text in texts_of(rows)]
    while texts and not texts[-1]:
        texts.pop()
    return tuple(texts)


def likeliest(rows: Sequence[Row]) -> tuple[int, list[str]] | None:
    """(index, words that are not known) of the row that is most like a heading, None where none is."""
    scored = []
    for index, row in enumerate(rows):
        texts = [cell.strip() for cell in row.cells if cell.strip()]
        is_row = any(read_pledge(text) or is_nothing(text) for text in texts)
        if (
            len(texts) > 1
            and not is_row
            and all(len(text) <= SHORT or heading_kinds([text]) for text in texts)
        ):
            scored.append((len(heading_kinds(texts)), len(texts), -index))
    if not scored:
        return None
    _kinds, _filled, index = max(scored)
    unknown = [cell.strip() for cell in rows[-index].cells if cell.strip() and not heading_kinds([cell])]
    return -index, list(dict.fromkeys(unknown))


def body_widths(rows: Sequence[Row], spans: Sequence[Span]) -> list[int]:
    """Of each heading how many columns are filled below it, up to the next heading or the sheet's end."""
    ends = [first for first, _last in spans[1:]] + [len(rows)]
    widths = []
    for (first, last), end in zip(spans, ends, strict=False):
        same = next(
            (rows for sheet, rows in groupby(rows[last + 1 : end], key=lambda row: row.sheet)), iter(())
        )
        below = [row for row in same if row.sheet == rows[first].sheet and row.filled > 1]
        widths.append(
            max(
                (place + 1 for row in below for place, cell in enumerate(row.cells) if cell.strip()),
                default=0,
            )
        )
    return widths
