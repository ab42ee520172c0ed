"""The measures of the published table on paper: widths, heights that fit the text, pages. Pure.

Excel shows and prints no row above 409 points, and cuts off what does not fit. So a laid row that needs more
is made of several sheet rows, merged. Measures are in points of the sheet, which is printed at SCALE: the
workbook and the PDF have the same columns, rows and pages.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from math import ceil

from tracker.published_tables.file import own_cells
from tracker.published_tables.file.headings import Kind
from tracker.published_tables.file.laid_table import LINES, Area, LaidTable, RowPart, areas_of
from tracker.published_tables.file.widths import fitted
from tracker.words.bullets import MARK
from tracker.workbooks.text_lines import line_count, text_width

A3_WIDTH, A3_HEIGHT = 1190.6, 841.9  # landscape
SIDE, TOP, BOTTOM, FOOTER = 28.3, 42.5, 36.8, 17.0  # margins; a draft's mark stands in the upper one
SCALE = 0.82  # of the sheet on paper, where the smallest letters are 8.2 points
SHEET_WIDTH = (A3_WIDTH - 2 * SIDE) / SCALE
PAGE = (A3_HEIGHT - TOP - BOTTOM) / SCALE * 0.96  # a page's height; programs round every row, and the scale

SIZES = {RowPart.TITLE: 18, RowPart.LEGEND_HEADING: 11, RowPart.CATEGORY: 14, RowPart.SECTION: 12}
SIZE, RATING_SIZE = 10, 14  # of the letters elsewhere
RATINGS = {Kind.PREVIOUS_RATING, Kind.RATING}
LINE_HEIGHT = 1.45  # of a letter's size: that of Noto Sans, the tallest of the fonts that stand in for ours
PADDING, SIDES = 5.0, 8.0  # what a cell keeps free above and below, left and right
TALLEST = 400.0
MAX_WHOLE = 0.15  # of a page: a higher pledge may be parted between its initiatives
NEARLY_FULL = 0.75  # of a page: a field that begins behind that begins the next one
ROUNDING = 0.75  # rows are whole pixels


@dataclass(frozen=True)
class Geometry:
    """A laid table's measures. Its row i begins at sheet row `starts[i]` (from 0); one more is the end."""

    laid: LaidTable
    widths: tuple[float, ...]
    whole_areas: tuple[Area, ...]
    starts: tuple[int, ...]
    heights: tuple[float, ...]

    def _height(self, first: int, last: int) -> float:
        """Of the laid rows from `first` up to, but without, `last`."""
        return sum(self.heights[self.starts[first] : self.starts[last]])

    @cached_property
    def _pledges(self) -> dict[int, Area]:
        """The pledges' own cells by their first laid row."""
        areas = [area for area in self.whole_areas if area.column == 0]
        return {area.first: area for area in areas if self.laid.rows[area.first].begins_pledge}

    @cached_property
    def _kept_whole(self) -> set[int]:
        """The laid rows that begin a pledge to be kept on one page: it is low, or a single initiative."""
        found = set()
        for first, area in self._pledges.items():
            others = self.laid.rows[first + 1 : area.last + 1]
            is_low = self._height(first, area.last + 1) <= MAX_WHOLE * PAGE
            if is_low or not any(row.part is RowPart.INITIATIVE for row in others):
                found.add(first)
        return found

    @cached_property
    def page_starts(self) -> list[int]:
        """The laid rows that begin a page after the first: a block that does not fit any more does, and a
        field that would stand at the very end of one.
        """
        found = []
        begin = self.laid.heading + 1
        used, repeated = self._height(0, begin), self._height(begin - 1, begin)
        for first, last in self._blocks(begin):
            height = self._height(first, last)
            is_late = self.laid.rows[first].part is RowPart.CATEGORY and used > NEARLY_FULL * PAGE
            if (is_late or used + height > PAGE) and used > repeated:
                found.append(first)
                used = repeated
            used += height
            if used > PAGE:  # a row alone is higher than a page: it goes on over the next ones
                used = repeated + (used - repeated) % (PAGE - repeated)
        return found

    @property
    def breaks(self) -> list[int]:
        """The sheet rows that begin a page."""
        return [self.starts[row] for row in self.page_starts]

    @cached_property
    def areas(self) -> tuple[Area, ...]:
        """The cells as they are shown: a pledge that goes on overleaf says its text again."""
        return tuple(part for area in self.whole_areas for part in self._parts(area))

    def _parts(self, area: Area) -> Iterator[Area]:
        is_pledge = area.column == 0 and area.first in self._pledges
        cuts = [row for row in self.page_starts if area.first < row <= area.last] if is_pledge else []
        for first, after in pairwise([area.first, *cuts, area.last + 1]):
            text = area.text if first == area.first else own_cells.continued_cell(area.text)
            yield replace(area, first=first, last=after - 1, text=text)

    def _blocks(self, begin: int) -> Iterator[tuple[int, int]]:
        """(first row, row after the last) of what stays on one page.

        That is a pledge with the headings above it. A high pledge may be parted before an initiative, unless
        too little room would be left for the pledge's own text on either side.
        """
        rows = self.laid.rows
        starts, pledge = [begin], begin
        for index in range(begin + 1, len(rows)):
            row = rows[index]
            if row.begins_pledge:
                pledge = index
            if row.part in LINES or row.begins_pledge:
                may_begin = rows[index - 1].part not in LINES
            else:
                may_begin = row.part is RowPart.INITIATIVE and self._may_part(pledge, index)
            if may_begin:
                starts.append(index)
        yield from pairwise([*starts, len(rows)])

    def _may_part(self, pledge: int, index: int) -> bool:
        """Whether a page may end within a pledge, before the initiative in a laid row."""
        if pledge in self._kept_whole:
            return False
        area = self._pledges[pledge]
        needed = height_of(own_cells.continued_cell(area.text), self.widths[0])
        return min(self._height(pledge, index), self._height(index, area.last + 1)) >= needed


def measure(laid: LaidTable) -> Geometry:
    """Everything that has to be known before a sheet is written."""
    widths = fitted(laid, SHEET_WIDTH, SIZE, SIDES)
    areas = areas_of(laid)
    starts, heights = [0], list[float]()
    for height in _heights(laid, areas, widths):
        count = ceil(height / TALLEST)
        heights += [ceil(height / count / ROUNDING) * ROUNDING] * count
        starts.append(len(heights))
    return Geometry(laid, widths, areas, tuple(starts), tuple(heights))


def _heights(laid: LaidTable, areas: Sequence[Area], widths: Sequence[float]) -> list[float]:
    """The height of each laid row, so that every area shows all its lines."""
    across = sum(widths)
    lowest = SIZE * LINE_HEIGHT + PADDING
    heights = [
        height_of(row.cells[0], across, SIZES.get(row.part, SIZE)) if row.part in LINES else lowest
        for row in laid.rows
    ]
    for area in areas:
        needed = _needed(laid, area, widths[area.column])
        lacking = needed - sum(heights[area.first : area.last + 1])
        for index in range(area.first, area.last + 1) if lacking > 0 else ():
            heights[index] += lacking / (area.last - area.first + 1)
    return heights


def _needed(laid: LaidTable, area: Area, width: float) -> float:
    """The height of a cell: a rating is large, its heading and the reason under it are not."""
    is_heading = laid.rows[area.first].part is RowPart.HEADINGS
    if is_heading or laid.columns[area.column].kind not in RATINGS:
        return height_of(area.text, width)
    rating, reason = own_cells.rating_in(area.text)
    return height_of(rating, width, RATING_SIZE) + (height_of(reason, width) if reason else 0)


def height_of(text: str, width: float, size: float = SIZE) -> float:
    """The height that a text needs in a cell of a width. A bullet's lines stand under each other."""
    room = max(4, int((width - SIDES) / (size / 2)))
    hanging = text_width(MARK)
    lines = sum(line_count(line, room - hanging * line.startswith(MARK)) for line in text.split("\n"))
    return lines * size * LINE_HEIGHT + PADDING
