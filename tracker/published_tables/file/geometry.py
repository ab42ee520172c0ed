"""The measures of the published table on paper: widths, heights that fit the text, pages. Pure.

Excel shows and prints no row above 409 points, and cuts off what does not fit. So a laid row that needs more
is made of several sheet rows, merged; between these a page may end where a block is higher than a page.
Measures are in points of the sheet, which is printed at SCALE: the workbook and the PDF have the same
columns, rows and pages.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import ceil

from tracker.published_tables.file import overleaf, own_cells
from tracker.published_tables.file.headings import Kind
from tracker.published_tables.file.laid_table import LINES, Area, LaidTable, RowPart, areas_of
from tracker.published_tables.file.widths import fitted, needed
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
LINES_OF_PART = 5  # of each sheet row of a laid row that needs several
LINE = SIZE * LINE_HEIGHT
NARROWEST = 0.8  # of what a column needs
MAX_WHOLE = 0.15  # of a page: a higher pledge may be parted between its initiatives
NEARLY_FULL = 0.75  # of a page: a field that begins behind that begins the next one
ROUNDING = 0.75  # rows are whole pixels


@dataclass(frozen=True)
class PagePart:
    """A cell, or its part on one page: the sheet rows from `first` up to, but without, `after`."""

    area: Area
    first: int
    after: int
    text: str


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
    def breaks(self) -> list[int]:
        """The sheet rows that begin a page after the first: of a block that does not fit any more, of a field
        that would stand at the very end of one, and those where a block that is higher than a page is cut.
        """
        found = list[int]()
        begin = self.laid.heading + 1
        used, repeated = self._height(0, begin), self._height(begin - 1, begin)
        for first, last in self._blocks(begin):
            height = self._height(first, last)
            is_late = self.laid.rows[first].part is RowPart.CATEGORY and used > NEARLY_FULL * PAGE
            if (is_late or used + height > PAGE) and used > repeated:
                found.append(self.starts[first])
                used = repeated
            cuts = self._cuts(first, last, PAGE - used, PAGE - repeated)
            found += cuts
            used = repeated + sum(self.heights[cuts[-1] : self.starts[last]]) if cuts else used + height
        return found

    def _cuts(self, first: int, last: int, room: float, page: float) -> list[int]:
        """The sheet rows within a block that begin a page; none where the block fits into its room.

        The last part is as high as the pledge's text that it begins with.
        """
        found = list[int]()
        begin, end = self.starts[first], self.starts[last]
        for row in range(begin + 1, end):
            if sum(self.heights[begin : row + 1]) > (page if found else room):
                found.append(row)
                begin = row
        earliest = [self.starts[first], *found[:-1]][-1] + 1
        needed = self._needed_overleaf(last)
        while found and found[-1] > earliest and sum(self.heights[found[-1] : end]) < needed:
            found[-1] -= 1
        return found

    def _needed_overleaf(self, last: int) -> float:
        """The height of the text of the pledge before a laid row, as it stands overleaf."""
        pledge = max((first for first in self._pledges if first < last), default=None)
        if pledge is None:
            return 0
        return height_of(own_cells.continued_cell(self._pledges[pledge].text), self.widths[0])

    @cached_property
    def page_starts(self) -> list[int]:
        """The laid rows that begin a page; not those in which one ends."""
        laid_rows = {start: row for row, start in enumerate(self.starts)}
        return [laid_rows[start] for start in self.breaks if start in laid_rows]

    @cached_property
    def placed(self) -> tuple[PagePart, ...]:
        """The cells as the workbook shows them: a pledge that goes on overleaf says its text again."""
        return tuple(part for area in self.whole_areas for part in self._parts(area))

    def _parts(self, area: Area) -> Iterator[PagePart]:
        if area.column == 0 and area.first in self._pledges:
            yield from self.on_pages(area)
        else:
            yield PagePart(area, self.starts[area.first], self.starts[area.last + 1], area.text)

    def on_pages(self, area: Area) -> Iterator[PagePart]:
        """A cell page by page: a pledge with its text on each, another one with what there is room for."""
        begin, end = self.starts[area.first], self.starts[area.last + 1]
        cuts = [begin, *(row for row in self.breaks if begin < row < end), end]
        is_pledge = area.column == 0 and area.first in self._pledges
        texts = self._texts_on_pages(area, cuts) if not is_pledge else _repeated(area.text, len(cuts) - 1)
        for (first, after), text in zip(pairwise(cuts), texts, strict=True):
            yield PagePart(area, first, after, text)

    def _texts_on_pages(self, area: Area, cuts: Sequence[int]) -> list[str]:
        rooms = [sum(self.heights[first:after]) for first, after in pairwise(cuts)]
        if len(rooms) == 1:
            return [area.text]
        counts = [max(1, int((room - PADDING) / LINE)) for room in rooms]
        return overleaf.divided(area.text, room_in(self.widths[area.column]), counts)

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
        needed = self._needed_overleaf(index)
        return min(self._height(pledge, index), self._height(index, area.last + 1)) >= needed


def is_too_wide(laid: LaidTable) -> bool:
    """Whether A3 paper has no room for the columns: letters stay as large, but stand a few to a line."""
    return needed(laid) * NARROWEST > SHEET_WIDTH


def measure(laid: LaidTable) -> Geometry:
    """Everything that has to be known before a sheet is written."""
    widths = fitted(laid, SHEET_WIDTH, SIZE, SIDES)
    areas = areas_of(laid)
    starts, heights = [0], list[float]()
    for height in _heights(laid, areas, widths):
        count = 1 if height <= TALLEST else ceil(height / (LINES_OF_PART * LINE))
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
        needed = _with_cuts(_needed(laid, area, widths[area.column]))
        lacking = needed - sum(heights[area.first : area.last + 1])
        for index in range(area.first, area.last + 1) if lacking > 0 else ():
            heights[index] += lacking / (area.last - area.first + 1)
    return heights


def _with_cuts(height: float) -> float:
    """The height of a cell that goes over several pages: at each cut a line may find no room."""
    return height + (height // (PAGE / 2)) * (PADDING + LINE)


def _needed(laid: LaidTable, area: Area, width: float) -> float:
    """The height of a cell: a rating is large, its heading and the reason under it are not."""
    is_heading = laid.rows[area.first].part is RowPart.HEADINGS
    if is_heading or laid.columns[area.column].kind not in RATINGS:
        return height_of(area.text, width)
    rating, reason = own_cells.rating_in(area.text)
    return height_of(rating, width, RATING_SIZE) + (height_of(reason, width) if reason else 0)


def height_of(text: str, width: float, size: float = SIZE) -> float:
    """The height that a text needs in a cell of a width. A bullet's lines stand under each other."""
    room = room_in(width, size)
    hanging = text_width(MARK)
    lines = sum(line_count(line, room - hanging * line.startswith(MARK)) for line in text.split("\n"))
    return lines * size * LINE_HEIGHT + PADDING


def room_in(width: float, size: float = SIZE) -> int:
    """How many half-width characters stand side by side in a cell of a width."""
    return max(4, int((width - SIDES) / (size / 2)))


def _repeated(text: str, count: int) -> list[str]:
    """A pledge's text on each of its pages."""
    return [text, *[own_cells.continued_cell(text)] * (count - 1)]
