"""The measures of the published table on paper: widths, heights that fit the text, pages. Pure.

Excel shows and prints no row above 409 points, and cuts off what does not fit. So a laid row that needs more
is made of several sheet rows, merged. Measures are in points, column widths as Excel counts them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import ceil

from tracker.published_tables.file.columns import TableColumn
from tracker.published_tables.file.headings import Kind
from tracker.published_tables.file.layout import LINES, Area, Layout, RowPart, areas_of
from tracker.workbooks.text_lines import line_count

A3_WIDTH, A3_HEIGHT = 1190.6, 841.9  # landscape
SIDE, TOP, BOTTOM, FOOTER = 28.3, 34.0, 45.4, 22.7  # margins
PRINTABLE_WIDTH, PRINTABLE_HEIGHT = A3_WIDTH - 2 * SIDE, A3_HEIGHT - TOP - BOTTOM

WIDTHS = {Kind.PLEDGE: 30, Kind.PLAN_PROJECTS: 26, Kind.SDGS: 15, Kind.RATING: 9, Kind.DEPARTMENTS: 22}
ALL_WIDTHS, NARROWEST_YEAR, WIDEST_YEAR = 262.0, 26.0, 60.0  # the years share what the others leave

SIZES = {RowPart.TITLE: 18, RowPart.LEGEND_HEADING: 11, RowPart.CATEGORY: 14, RowPart.SECTION: 12}
SIZE, RATING_SIZE = 10, 14  # of the letters elsewhere
LINE_HEIGHT = 1.7  # of a letter's size: 游ゴシック is the tallest of the fonts in use
PADDING = 5.0
TALLEST = 400.0
MAX_WHOLE = 0.4  # of a page: a higher pledge may be parted between its initiatives
ROUNDING = 0.75  # rows are whole pixels


@dataclass(frozen=True)
class Geometry:
    """A layout's measures. The laid row i begins at sheet row `starts[i]` (from 0); one more is the end."""

    layout: Layout
    widths: tuple[float, ...]
    areas: tuple[Area, ...]
    starts: tuple[int, ...]
    heights: tuple[float, ...]

    def _height(self, first: int, last: int) -> float:
        """Of the laid rows from `first` up to, but without, `last`."""
        return sum(self.heights[self.starts[first] : self.starts[last]])

    @cached_property
    def _page(self) -> float:
        """The height of a page, as the sheet is scaled to its width."""
        width = sum((width * 7 + 5) * 0.75 for width in self.widths)
        return PRINTABLE_HEIGHT / min(1.0, PRINTABLE_WIDTH / width) * 0.97

    @cached_property
    def _pledges(self) -> dict[int, Area]:
        """The pledges' own cells by their first laid row."""
        areas = [area for area in self.areas if area.column == 0]
        return {area.first: area for area in areas if self.layout.rows[area.first].begins_pledge}

    @cached_property
    def whole(self) -> set[int]:
        """The laid rows that begin a pledge to be kept on one page: it is low, or a single initiative."""
        found = set()
        for first, area in self._pledges.items():
            others = self.layout.rows[first + 1 : area.last + 1]
            is_low = self._height(first, area.last + 1) <= MAX_WHOLE * self._page
            if is_low or not any(row.part is RowPart.INITIATIVE for row in others):
                found.add(first)
        return found

    @cached_property
    def breaks(self) -> list[int]:
        """The sheet rows that begin a page: a field does, and a block that does not fit any more."""
        found = []
        begin = self.layout.heading + 1
        used, repeated = self._height(0, begin), self._height(begin - 1, begin)
        for first, last in self._blocks(begin):
            height = self._height(first, last)
            begins_field = self.layout.rows[first].part is RowPart.CATEGORY and first > begin
            if begins_field or (used + height > self._page and used > repeated):
                found.append(self.starts[first])
                used = repeated
            used += height
            if used > self._page:  # a row alone is higher than a page: it goes on over the next ones
                used = repeated + (used - repeated) % (self._page - repeated)
        return found

    def _blocks(self, begin: int) -> Iterator[tuple[int, int]]:
        """(first row, row after the last) of what stays on one page.

        That is a pledge with the headings above it. A high pledge may be parted before an initiative, unless
        that shares a text with the one before it, or too little room would be left for the pledge's own text.
        """
        rows = self.layout.rows
        starts, pledge = [begin], begin
        for index in range(begin + 1, len(rows)):
            row = rows[index]
            if row.begins_pledge:
                pledge = index
            if row.part in LINES or row.begins_pledge:
                may_begin = rows[index - 1].part not in LINES
            else:
                is_apart = row.part is RowPart.INITIATIVE and row.merged == {0} and pledge not in self.whole
                own = self._pledges[pledge].text
                may_begin = is_apart and self._height(pledge, index) >= height_of(own, self.widths[0])
            if may_begin:
                starts.append(index)
        yield from pairwise([*starts, len(rows)])


def measure(layout: Layout) -> Geometry:
    """Everything that has to be known before a sheet is written."""
    widths = tuple(_widths(layout.columns))
    areas = areas_of(layout)
    starts, heights = [0], list[float]()
    for height in _heights(layout, areas, widths):
        count = ceil(height / TALLEST)
        heights += [ceil(height / count / ROUNDING) * ROUNDING] * count
        starts.append(len(heights))
    return Geometry(layout, widths, areas, tuple(starts), tuple(heights))


def _widths(columns: Sequence[TableColumn]) -> Iterator[float]:
    taken = sum(WIDTHS.get(column.kind, 0) for column in columns)
    years = sum(column.kind not in WIDTHS for column in columns)
    share = min(WIDEST_YEAR, max(NARROWEST_YEAR, (ALL_WIDTHS - taken) / max(1, years)))
    return (WIDTHS.get(column.kind, share) for column in columns)


def _heights(layout: Layout, areas: Sequence[Area], widths: Sequence[float]) -> list[float]:
    """The height of each laid row, so that every area shows all its lines."""
    across = sum(widths)
    lowest = SIZE * LINE_HEIGHT + PADDING
    heights = [
        height_of(row.cells[0], across, SIZES.get(row.part, SIZE)) if row.part in LINES else lowest
        for row in layout.rows
    ]
    for area in areas:
        size = RATING_SIZE if layout.columns[area.column].kind is Kind.RATING else SIZE
        lacking = height_of(area.text, widths[area.column], size) - sum(heights[area.first : area.last + 1])
        for index in range(area.first, area.last + 1) if lacking > 0 else ():
            heights[index] += lacking / (area.last - area.first + 1)
    return heights


def height_of(text: str, width: float, size: float = SIZE) -> float:
    """The height that a text needs in a cell. Widths are in digits of 7 pixels, of which 1 is kept free."""
    room = max(2, int((width * 7 * 0.75 - 8) / (size / 2)))
    return line_count(text, room) * size * LINE_HEIGHT + PADDING
