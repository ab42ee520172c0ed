"""Putting a row that has slipped sideways back under its headings. Pure: texts and costs in, places out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

# What a deviation costs. A misplaced cell costs what its column says (`Fit`); IMPOSSIBLE rules it out.
SKIPPED = 1.0  # a blank cell too many
SPLIT = 1.0  # two cells' content in one
MOVED_BY_ONE = 0.01  # per column and filled cell: of equal readings the one that moves least
IMPOSSIBLE = 1000.0
TOO_MUCH = 12.0

Fit = Callable[[str], float]


@dataclass(frozen=True)
class Placed:
    """A cell under its heading: `source` is its 0-based place in the row, None where it was invented."""

    text: str
    source: int | None


@dataclass(frozen=True)
class Alignment:
    """A row under its headings, and what was done to get there (empty when nothing had to be)."""

    cells: tuple[Placed, ...]
    steps: tuple[str, ...]


def align(
    cells: Sequence[str],
    fits: Sequence[Fit],
    *,
    inventing: Sequence[float],
    split: Callable[[str, int], tuple[str, str] | None],
) -> Alignment | None:
    """The cheapest way to lay `cells` under `len(fits)` columns, or None where none is believable.

    `fits[j](text)` is the cost of the text in column j, `inventing[j]` that of a cell the row does not have.
    `split(text, j)` parts a text over columns j and j+1, or is None. Only blank cells are ever skipped, so no
    text is lost.
    """
    while len(cells) > len(fits) and not cells[-1].strip():
        cells = cells[:-1]
    width = len(cells)
    if (width - len(fits)) * SKIPPED >= TOO_MUCH:
        return None

    @cache
    def best(i: int, j: int) -> tuple[float, tuple[Placed, ...], tuple[str, ...]]:
        if j == len(fits):
            return IMPOSSIBLE if any(cell.strip() for cell in cells[i:]) else 0, (), ()
        options = []
        if i < width:
            cost, rest, steps = best(i + 1, j + 1)
            moved = MOVED_BY_ONE * abs(i - j) if cells[i].strip() else 0
            options.append((cost + fits[j](cells[i]) + moved, (Placed(cells[i], i), *rest), steps))
            if not cells[i].strip():
                cost, rest, steps = best(i + 1, j)
                options.append((cost + SKIPPED, rest, (f"skip:{i}", *steps)))
            if parts := split(cells[i], j):
                cost, rest, steps = best(i + 1, j + 2)
                both = (Placed(parts[0], i), Placed(parts[1], i), *rest)
                options.append((cost + SPLIT + MOVED_BY_ONE * abs(i - j), both, (f"split:{i}", *steps)))
        cost, rest, steps = best(i, j + 1)
        options.append((cost + inventing[j], (Placed("", None), *rest), (f"invent:{j}", *steps)))
        return min(options, key=lambda option: option[0])

    cost, placed, steps = best(0, 0)
    return Alignment(placed, steps) if cost < TOO_MUCH else None


def lay_straight(cells: Sequence[str], fits: Sequence[Fit]) -> Alignment | None:
    """Each cell under the heading of its own place, where every one suits: nothing can be cheaper."""
    while len(cells) > len(fits) and not cells[-1].strip():
        cells = cells[:-1]
    if len(cells) != len(fits) or any(fit(cell) for fit, cell in zip(fits, cells, strict=True)):
        return None
    return Alignment(tuple(Placed(cell, place) for place, cell in enumerate(cells)), ())


def lay_exactly(cells: Sequence[str], fits: Sequence[Fit], optional: Sequence[bool]) -> Alignment | None:
    """Each cell under the heading of its own place, or None where one does not suit or the numbers differ.

    For tables with a column that anything suits: it would swallow whatever slips beside it. Blank cells may
    be cut off or added at the end where the columns are `optional`.
    """
    width = len(fits)
    while len(cells) > width and not cells[-1].strip():
        cells = cells[:-1]
    if len(cells) > width or not all(optional[len(cells) :]):
        return None
    placed = [Placed(cell, place) for place, cell in enumerate(cells)]
    if sum(fit(cell.text) for fit, cell in zip(fits, placed, strict=False)) >= TOO_MUCH:
        return None
    return Alignment((*placed, *[Placed("", None)] * (width - len(placed))), ())
