"""What the cells below a heading say of its column, where the heading alone does not. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from tracker.published_tables.file import cells
from tracker.published_tables.file.columns import TableColumn
from tracker.published_tables.file.grid import Row
from tracker.published_tables.file.headings import Kind, read_heading
from tracker.published_tables.file.layout import HeadingBlock
from tracker.published_tables.file.scale import Scale
from tracker.words.bullets import is_nothing

MARKS = set("●○◎◯〇■✓✔☑レ*＊★◆×")
NUMBER_ALONE = re.compile(r"[①-⑳㉑-㉟㊱-㊿]|[(（]?[\d０-９]{1,4}(?:[-－.．][\d０-９]{1,3})*[)）.．]?")


def headings_by_cells(texts: Sequence[str], rows: Sequence[Row], below: Sequence[Row]) -> list[str]:
    """The headings of rows, by what stands below them: of one merged over two columns each has its own.

    It is over nothing, or over numbers. So may a blank one be beside the pledges.
    """
    found = list(texts)
    if any(read_heading(text).kind is Kind.NUMBER for text in texts):
        return found
    for place, (text, after) in enumerate(pairwise(texts)):
        if not text.strip() and read_heading(after).kind is Kind.PLEDGE and _are_numbers(below, place):
            found[place] = Kind.NUMBER.value
    for place in sorted(set.intersection(*(set(row.spread) for row in rows))):
        if not any(row.cell(place).strip() for row in below):
            found[place] = ""
        elif texts[place] == texts[place - 1] and _are_numbers(below, place - 1):
            found[place - 1] = Kind.NUMBER.value
    return found


def with_marks(block: HeadingBlock, body: Sequence[Row]) -> HeadingBlock:
    """Takes neighbouring columns that hold nothing but marks, one in a row, for steps of the scale."""
    if any(column.kind is Kind.RATING and column.fiscal_year is None for column in block.columns):
        return block
    columns = list(block.columns)
    for run in _runs([column.kind is Kind.NOTE for column in block.columns]):
        marks = [[cell for at in run if (cell := row.cell(at).strip())] for row in body]
        if any(marks) and all(len(row) <= 1 and set(row) <= MARKS for row in marks):
            names = _below([columns[at].heading for at in run])
            for at, name in zip(run, names, strict=True):
                columns[at] = TableColumn(Kind.MARK, name, code=cells.rating_code(name))
    return replace(block, columns=tuple(columns))


def rating_place(block: HeadingBlock, body: Sequence[Row], scale: Scale) -> int | None:
    """The first column without a meaning whose cells are all steps of the scale."""
    unknown = (at for at, column in enumerate(block.columns) if column.kind is Kind.NOTE)
    return next((at for at in unknown if _are_steps(body, at, scale)), None)


def with_dated_ratings(block: HeadingBlock, body: Sequence[Row], scale: Scale, now: int) -> HeadingBlock:
    """Takes 「令和4年度の進捗状況」 whose cells are all steps for that year's rating, no text of it.

    A second rating of the table's own year, `now`, has no place in the history: it is a note.
    """
    columns = list(block.columns)
    for at, column in enumerate(columns):
        is_status = column.kind is Kind.RESULT and read_heading(column.heading).kind is Kind.RATING
        if is_status and column.year < now and _are_steps(body, at, scale):
            columns[at] = replace(column, kind=Kind.RATING)
        elif column.kind is Kind.RATING and (column.fiscal_year or 0) >= now:
            columns[at] = TableColumn(Kind.NOTE, column.heading)
    return replace(block, columns=tuple(columns))


def _filled(body: Sequence[Row], place: int) -> list[str]:
    return [cell for row in body if (cell := row.cell(place)).strip()]


def _are_steps(body: Sequence[Row], place: int, scale: Scale) -> bool:
    said = _filled(body, place)
    return bool(said) and all(scale.code_of(cell) or is_nothing(cell) for cell in said)


def _are_numbers(body: Sequence[Row], place: int) -> bool:
    """Whether a column has printed numbers alone, ①, (1), 1-2; a line across the table does not count."""
    said = _filled([row for row in body if row.filled > 1], place)
    return bool(said) and all(NUMBER_ALONE.fullmatch(cell.strip()) for cell in said)


def _below(headings: Sequence[str]) -> list[str]:
    """Headings without the words that stand over all of them: 「進捗状況 完了」 is 「完了」."""
    over = {heading.partition(" ")[0] for heading in headings}
    below = [heading.partition(" ")[2] for heading in headings]
    return below if len(over) == 1 and all(below) else list(headings)


def _runs(flags: Sequence[bool]) -> Iterator[range]:
    """Neighbouring places, two or more, whose flag is set."""
    begin = None
    for place, flag in enumerate([*flags, False]):
        if flag and begin is None:
            begin = place
        elif not flag and begin is not None:
            if place - begin > 1:
                yield range(begin, place)
            begin = None
