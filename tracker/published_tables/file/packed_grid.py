"""A grid as things that JSON can hold, and back: an upload is read once, and then kept so. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tracker.published_tables.file.grid import Grid, Row


def parts_of(grid: Grid) -> Iterator[object]:
    """What stands for all rows, then each row."""
    columns = {sheet: sorted(places) for sheet, places in grid.hidden_columns.items()}
    aside = [
        {sheet: list(places) for sheet, places in told.items()} for told in (grid.comments, grid.pictures)
    ]
    yield [grid.knows_merges, list(grid.sheets), columns, list(grid.hidden_sheets), *aside]
    for row in grid.rows:
        told = [row.number, list(row.cells), row.sheet, sorted(row.merged), sorted(row.spread), row.is_hidden]
        looks = [list(each.items()) for each in (row.struck, row.fills)]
        yield [*told, *looks, sorted(row.unshown), list(row.quotes.items()), sorted(row.dates)]


def grid_from(parts: Iterable[Any]) -> Grid:
    """The grid that `parts_of` took apart."""
    kept = iter(parts)
    knows_merges, sheets, columns, hidden, *more = next(kept)  # an older upload has no more
    hidden_columns: Mapping[str, frozenset[int]] = {
        name: frozenset(places) for name, places in columns.items()
    }
    rows = tuple(_row(*told) for told in kept)
    aside = (
        {name: tuple((row, column) for row, column in places) for name, places in told.items()}
        for told in more
    )
    return Grid(rows, knows_merges, tuple(sheets), hidden_columns, tuple(hidden), *aside)


def _row(
    number: int,
    cells: list[str],
    sheet: str | None,
    merged: list[int],
    spread: list[int],
    is_hidden: bool,
    struck: list[tuple[int, str]],
    fills: list[tuple[int, str]],
    unshown: list[int],
    quotes: Iterable[tuple[int, str]] = (),  # an upload of an older version has none of these
    dates: Iterable[int] = (),
) -> Row:
    looks = dict(struck), dict(fills), frozenset(unshown), dict(quotes), frozenset(dates)
    return Row(number, tuple(cells), sheet, frozenset(merged), frozenset(spread), is_hidden, *looks)
