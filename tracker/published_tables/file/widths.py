"""Column widths under which a published table is lowest, and so takes the fewest pages. Pure.

Every column begins as narrow as it may be. What is left goes step by step to the column that lowers the rows
most; where a step lowers none, to the one that is highest. The same table always gets the same widths.
"""

from collections.abc import Sequence
from itertools import groupby
from math import ceil

from tracker.published_tables.file import own_cells
from tracker.published_tables.file.headings import Kind
from tracker.published_tables.file.laid_table import LaidTable, RowPart
from tracker.workbooks.text_lines import text_width

# In points on the sheet: what a column needs to be read at all.
LEAST = {
    Kind.PLEDGE: 96.0,
    Kind.INITIATIVE: 84.0,
    Kind.PLAN_PROJECTS: 96.0,
    Kind.SDGS: 54.0,
    Kind.INDICATOR: 90.0,
    Kind.UNIT: 36.0,
    Kind.TARGET: 54.0,
    Kind.ACTUAL: 54.0,
    Kind.RATE: 48.0,
    Kind.EXTRA: 72.0,
    Kind.PREVIOUS_RATING: 54.0,
    Kind.RATING: 54.0,
    Kind.DEPARTMENTS: 94.0,
}
LEAST_YEAR = 90.0
LEAST_OF_REASONS = 120.0  # of the ratings' column, where reasons stand under them
STEP = 6.0
SHARPNESS = 4  # how much more the highest cell of a row counts than the others


def needed(laid: LaidTable) -> float:
    """The width that the columns need together to be read well."""
    return sum(_least(column.kind, texts) for column, texts in zip(laid.columns, _texts(laid), strict=True))


def fitted(laid: LaidTable, whole: float, size: float, padding: float) -> tuple[float, ...]:
    """The widths of the columns, `whole` together, for letters of a size and cells with that much padding."""
    told = _texts(laid)
    columns = [_Column(texts, size, padding) for texts in told]
    widths = [_least(column.kind, texts) for column, texts in zip(laid.columns, told, strict=True)]
    costs = [column.costs(width) for column, width in zip(columns, widths, strict=True)]
    rows = [sum(row) for row in zip(*costs, strict=True)]
    for _step in range(int((whole - sum(widths)) // STEP)):
        wider = [column.costs(width + STEP) for column, width in zip(columns, widths, strict=True)]
        heights = [_height(rows, old, new) for old, new in zip(costs, wider, strict=True)]
        best = min(range(len(heights)), key=lambda each: (heights[each], -sum(costs[each])))
        rows = [row - old + new for row, old, new in zip(rows, costs[best], wider[best], strict=True)]
        costs[best] = wider[best]
        widths[best] += STEP
    share = whole / sum(widths)
    return tuple(width * share for width in widths)


def _least(kind: Kind, texts: Sequence[tuple[str, float]]) -> float:
    with_reasons = kind is Kind.RATING and any(own_cells.rating_in(text)[1] for text, _share in texts)
    return LEAST_OF_REASONS if with_reasons else LEAST.get(kind, LEAST_YEAR)


def _height(rows: Sequence[float], old: Sequence[float], new: Sequence[float]) -> float:
    changed = [row - before + after for row, before, after in zip(rows, old, new, strict=True)]
    return sum(float(max(0.0, row) ** (1 / SHARPNESS)) for row in changed)


class _Column:
    """The texts of a column, one list of lines' widths for each initiative."""

    def __init__(self, texts: Sequence[tuple[str, float]], size: float, padding: float) -> None:
        self.lines = [([text_width(line) for line in text.split("\n")], share) for text, share in texts]
        self.size, self.padding = size, padding

    def costs(self, width: float) -> list[float]:
        """How high the column's cells are at a width, so that the highest counts most."""
        room = max(2, int((width - self.padding) / (self.size / 2)))
        heights = [sum(ceil(line / room) or 1 for line in lines) * share for lines, share in self.lines]
        return [height**SHARPNESS for height in heights]


def _texts(laid: LaidTable) -> list[list[tuple[str, float]]]:
    """Of each column the text of every initiative; a pledge's is shared out over its initiatives."""
    columns: list[list[tuple[str, float]]] = [[] for _column in laid.columns]
    for begins, rows in groupby(_initiatives(laid), key=lambda each: each[0]):
        initiatives = [cells for _begins, cells in rows]
        for place, texts in enumerate(columns):
            if place == 0:
                texts += [(laid.rows[begins].cells[0], 1 / len(initiatives))] * len(initiatives)
            else:
                texts += [
                    ("\n".join(row[place] for row in cells if row[place]), 1.0) for cells in initiatives
                ]
    return columns


def _initiatives(laid: LaidTable) -> list[tuple[int, list[tuple[str, ...]]]]:
    """(the laid row that begins its pledge, its rows' cells) of each initiative."""
    found: list[tuple[int, list[tuple[str, ...]]]] = []
    pledge = 0
    for index, row in enumerate(laid.rows):
        if row.part is RowPart.INITIATIVE:
            pledge = index if row.begins_pledge else pledge
            found.append((pledge, [row.cells]))
        elif row.part is RowPart.FURTHER:
            found[-1][1].append(row.cells)
    return found
