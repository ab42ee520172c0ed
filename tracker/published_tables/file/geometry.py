"""The measures of the published table on paper: widths, heights that fit the text, pages. Pure.

Excel shows and prints no row above 409 points, and cuts off what does not fit. So a laid row that needs more
is made of several sheet rows, merged. Measures are in points, column widths as Excel counts them.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from tracker.published_tables.file.columns import TableColumn
from tracker.published_tables.file.headings import Kind
from tracker.published_tables.file.layout import LINES, Area, LaidRow, Layout, RowPart, areas_of
from tracker.workbooks.text_lines import line_count

A3_WIDTH, A3_HEIGHT = 1190.6, 841.9  # landscape
SIDE, TOP, BOTTOM, FOOTER = 28.3, 34.0, 45.4, 22.7  # margins
PRINTABLE_WIDTH, PRINTABLE_HEIGHT = A3_WIDTH - 2 * SIDE, A3_HEIGHT - TOP - BOTTOM

WIDTHS = {
    Kind.PLEDGE: 30.0,
    Kind.PLAN_PROJECTS: 26.0,
    Kind.SDGS: 15.0,
    Kind.RATING: 9.0,
    Kind.DEPARTMENTS: 22.0,
}
ALL_WIDTHS, NARROWEST_YEAR, WIDEST_YEAR = (
    262.0,
    26.0,
    60.0,
)  # what the years share, and how much each may have

SIZES = {
    RowPart.TITLE: 18,
    RowPart.LEGEND_HEADING: 11,
    RowPart.CATEGORY: 14,
    RowPart.SECTION: 12,
}  # of the letters; 10 elsewhere
SIZE, RATING_SIZE = 10, 14
LINE_HEIGHT = 1.7  # of a letter's size: 游ゴシック is the tallest of the fonts in use
PADDING = 5.0
TALLEST = 400.0
MAX_WHOLE = 0.4  # of a page: a higher pledge may be parted between its initiatives
ROUNDING = 0.75  # rows are whole pixels


@dataclass(frozen=True)
class Geometry:
    """`starts[i]` is the first sheet row (from 0) of the laid row i, with one more for the end.

    A page ends before each row of `breaks`. `whole` are the laid rows that begin a pledge kept on one page.
    """

    widths: tuple[float, ...]
    areas: tuple[Area, ...]
    starts: tuple[int, ...]
    heights: tuple[float, ...]
    breaks: tuple[int, ...]
    whole: frozenset[int]


def measure(layout: Layout) -> Geometry:
    """Everything that has to be known before a sheet is written."""
    widths = tuple(_widths(layout.columns))
    areas = areas_of(layout)
    needed = _heights(layout, areas, widths)
    starts, heights = [0], list[float]()
    for height in needed:
        count = ceil(height / TALLEST)
        heights += [ceil(height / count / ROUNDING) * ROUNDING] * count
        starts.append(len(heights))
    paper = _paper(layout.rows, starts, heights, widths)
    whole = _whole(layout, areas, paper)
    pledges = {area.first: height_of(area.text, widths[0]) for area in areas if area.column == 0}
    breaks = tuple(_breaks(layout.rows, paper, whole, pledges))
    return Geometry(widths, areas, tuple(starts), tuple(heights), breaks, whole)


def _widths(columns: Sequence[TableColumn]) -> Iterator[float]:
    taken = sum(WIDTHS.get(column.kind, 0) for column in columns)
    years = sum(column.kind not in WIDTHS for column in columns)
    share = min(WIDEST_YEAR, max(NARROWEST_YEAR, (ALL_WIDTHS - taken) / max(1, years)))
    return (WIDTHS.get(column.kind, share) for column in columns)


def _heights(layout: Layout, areas: Sequence[Area], widths: Sequence[float]) -> list[float]:
    """The height of each laid row, so that every area shows all its lines."""
    across = sum(widths)
    heights = [
        height_of(row.cells[0], across, SIZES.get(row.part, SIZE))
        if row.part in LINES
        else SIZE * LINE_HEIGHT + PADDING
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


@dataclass(frozen=True)
class _Paper:
    """How much of a page the sheet's rows take. `repeated` is the heading row, which stands on every page."""

    starts: Sequence[int]
    heights: Sequence[float]
    page: float
    repeated: float

    def height(self, first: int, last: int) -> float:
        """Of the laid rows from `first` up to, but without, `last`."""
        return sum(self.heights[self.starts[first] : self.starts[last]])


def _paper(
    rows: Sequence[LaidRow], starts: Sequence[int], heights: Sequence[float], widths: Sequence[float]
) -> _Paper:
    scale = min(1.0, PRINTABLE_WIDTH / sum((width * 7 + 5) * 0.75 for width in widths))
    heading = _heading(rows)
    return _Paper(
        starts, heights, PRINTABLE_HEIGHT / scale * 0.97, sum(heights[starts[heading] : starts[heading + 1]])
    )


def _heading(rows: Sequence[LaidRow]) -> int:
    return next(index for index, row in enumerate(rows) if row.part is RowPart.HEADINGS)


def _breaks(
    rows: Sequence[LaidRow], paper: _Paper, whole: Collection[int], needs: Mapping[int, float]
) -> Iterator[int]:
    """The sheet rows that begin a page: a field does, and a block that does not fit any more."""
    begin = _heading(rows) + 1
    used = paper.height(0, begin)
    for first, last in _blocks(rows, begin, paper, whole, needs):
        height = paper.height(first, last)
        begins_field = rows[first].part is RowPart.CATEGORY and first > begin
        if begins_field or (used + height > paper.page and used > paper.repeated):
            yield paper.starts[first]
            used = paper.repeated
        used += height
        if used > paper.page:  # a row alone is higher than a page: it goes on over the next ones
            used = paper.repeated + (used - paper.repeated) % (paper.page - paper.repeated)


def _blocks(
    rows: Sequence[LaidRow], begin: int, paper: _Paper, whole: Collection[int], needs: Mapping[int, float]
) -> Iterator[tuple[int, int]]:
    """(first row, row after the last) of what stays on one page.

    That is a pledge with the headings above it. A high pledge may be parted before an initiative, unless that
    shares a text with the one before it, or too little room would be left for the pledge's own text.
    """
    starts, pledge = [begin], begin
    for index in range(begin + 1, len(rows)):
        row, before = rows[index], rows[index - 1]
        if row.begins_pledge:
            pledge = index
        if row.part in LINES or row.begins_pledge:
            may_begin = before.part not in LINES
        else:
            is_apart = row.part is RowPart.INITIATIVE and row.merged == {0} and pledge not in whole
            may_begin = is_apart and paper.height(pledge, index) >= needs[pledge]
        if may_begin:
            starts.append(index)
    yield from zip(starts, [*starts[1:], len(rows)], strict=True)


def _whole(layout: Layout, areas: Sequence[Area], paper: _Paper) -> frozenset[int]:
    """The rows that begin a pledge to be kept on one page: it is low, or a single initiative."""
    pledges = [area for area in areas if area.column == 0 and layout.rows[area.first].begins_pledge]
    return frozenset(
        area.first
        for area in pledges
        if paper.height(area.first, area.last + 1) <= MAX_WHOLE * paper.page
        or not any(row.part is RowPart.INITIATIVE for row in layout.rows[area.first + 1 : area.last + 1])
    )
