"""Shapes: what they add up to, and that colour is never alone."""

import math
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.public.building import RATINGS
from tracker.public.charts import (
    LOOKS,
    SQUARE,
    UNRATED_LOOK,
    SquarePart,
    bar,
    bar_room,
    leads,
    look,
    pie,
    square,
    text_bar,
)
from tracker.reports.figures import RatingStep, TextCounts, distribution

SCALE = RatingStep.scale(RATINGS)
STEPS = st.sampled_from([*SCALE, None])


@pytest.mark.parametrize("count", range(1, 13))
def test_square_is_tiled_without_gap_or_overlap(count: int) -> None:
    cells = square([SCALE[index % 5] for index in range(count)])
    assert len(cells) == count
    assert sum(cell.width * cell.height for cell in cells) == pytest.approx(SQUARE * SQUARE, rel=0.002)
    rows: dict[float, list[SquarePart]] = {}
    for cell in cells:
        rows.setdefault(cell.y, []).append(cell)
    for row in rows.values():
        assert row[0].x == 0
        assert [b.x for b in row[1:]] == pytest.approx([a.x + a.width for a in row[:-1]], abs=0.02)
        assert row[-1].x + row[-1].width == pytest.approx(SQUARE, abs=0.02)
    assert min(rows) == 0
    assert max(rows) + rows[max(rows)][0].height == pytest.approx(SQUARE, abs=0.02)


@given(st.lists(st.tuples(STEPS, st.sampled_from([None, -1, 0, 1])), min_size=1, max_size=12))
def test_an_arrow_lies_inside_its_cell_and_points_where_the_rating_went(
    moved: list[tuple[RatingStep | None, int | None]],
) -> None:
    steps, directions = zip(*moved, strict=True)
    for cell, direction in zip(square(steps, directions), directions, strict=True):
        assert bool(cell.arrow) is bool(direction)
        if cell.arrow:
            corners = [[float(n) for n in corner.split(",")] for corner in cell.arrow.split()]
            assert all(cell.x < x < cell.x + cell.width for x, _y in corners)
            assert all(cell.y < y < cell.y + cell.height for _x, y in corners)
            (_left, flat), _right, (_middle, tip) = corners
            assert (tip > flat) is (direction == 1)


@given(st.lists(STEPS, max_size=40))
def test_each_rating_that_is_there_is_led_from_its_segment_to_its_own_column(
    steps: list[RatingStep | None],
) -> None:
    counted = distribution([step.code if step else "" for step in steps], SCALE)
    found = leads(counted)
    segments = bar(counted)
    assert len(found) == len(segments)
    for (middle, _column), segment in zip(found, segments, strict=True):
        assert segment.x <= middle <= segment.x + segment.width
    there = [place for place, share in enumerate(counted.shares) if share.count]
    assert [column for _middle, column in found] == [round(1000 * (place + 0.5) / 6, 1) for place in there]


def test_bars_of_one_table_share_a_scale() -> None:
    assert [bar_room(*each) for each in ((47, 47), (7, 47), (0, 47), (7, ""))] == [
        *(1000.0, 6714.3, 1000.0, 1000.0)
    ]


@given(st.lists(STEPS, min_size=1, max_size=12))
def test_letter_lies_inside_its_cell(steps: list[RatingStep | None]) -> None:
    for cell, step in zip(square(steps), steps, strict=True):
        assert cell.letter == (step.code if step else "—")
        assert cell.unrated is (step is None)
        assert cell.x < cell.middle < cell.x + cell.width
        assert cell.y < cell.baseline < cell.y + cell.height
        assert 9 <= cell.letter_size <= 20
        # A capital is about 0.72 of its size high: half of that below the middle, it stands in the middle.
        assert cell.baseline - (cell.y + cell.height / 2) == pytest.approx(cell.letter_size * 0.36)


@pytest.mark.parametrize(
    ("count", "rows"),
    [(1, [1]), (2, [2]), (3, [2, 1]), (4, [2, 2]), (5, [3, 2]), (7, [3, 3, 1]), (10, [4, 4, 2])],
)
def test_a_square_has_about_as_many_columns_as_rows(count: int, rows: list[int]) -> None:
    cells = square([SCALE[0]] * count)
    assert [sum(cell.y == y for cell in cells) for y in sorted({cell.y for cell in cells})] == rows


def test_two_letters_are_drawn_smaller() -> None:
    one, two = (
        RatingStep(code, code, "", None, 1, letters) for code, letters in (("達成", 1), ("未達成", 2))
    )
    ((large,), (small,)) = (square([step]) for step in (one, two))
    assert (large.letter, small.letter) == ("達", "未達")
    assert small.letter_size * 2 < SQUARE
    assert small.letter_size < large.letter_size


@given(st.lists(st.sampled_from(["A", "B", "C", "D", "E", ""]), min_size=1, max_size=300))
def test_bar_is_as_wide_as_all_its_segments(codes: list[str]) -> None:
    segments = bar(distribution(codes, SCALE))
    assert sum(segment.width for segment in segments) == pytest.approx(1000, abs=0.05)
    assert [s.x for s in segments[1:]] == pytest.approx([s.x + s.width for s in segments[:-1]], abs=0.02)
    assert len(segments) == len(set(codes))
    assert [segment.unrated for segment in segments] == [False] * (len(segments) - ("" in codes)) + [True] * (
        "" in codes
    )


def test_bar_of_nothing_is_empty() -> None:
    assert bar(distribution([], SCALE)) == []


def test_bar_letters_stand_only_where_they_fit() -> None:
    segments = bar(distribution(["A"] * 98 + ["B", ""], SCALE))
    assert [(s.letter, s.width) for s in segments] == [("A", 980.0), ("", 10.0), ("", 10.0)]
    assert [s.letter for s in bar(distribution(["A", ""], SCALE))] == ["A", "—"]
    assert [s.letter for s in bar(distribution(["A"] * 97 + ["B"] * 3, SCALE))] == ["A", "B"]


@pytest.mark.parametrize(
    ("percent", "path"),
    [
        (None, ""),
        (0, ""),
        (25, "M8 8V1A7 7 0 0 1 15.00 8.00z"),
        (50, "M8 8V1A7 7 0 0 1 8.00 15.00z"),
        (75, "M8 8V1A7 7 0 1 1 1.00 8.00z"),
        (100, "M8 1a7 7 0 1 1 0 14a7 7 0 1 1 0-14z"),
    ],
)
def test_pie_is_a_sector_of_the_percent(percent: int | None, path: str) -> None:
    assert pie(percent) == path


@given(st.integers(1, 99))
def test_pie_ends_on_the_circle_and_takes_the_long_way_beyond_half(percent: int) -> None:
    found = re.fullmatch(r"M8 8V1A7 7 0 ([01]) 1 ([\d.]+) ([\d.]+)z", pie(percent))
    assert found is not None
    assert math.hypot(float(found[2]) - 8, float(found[3]) - 8) == pytest.approx(7, abs=0.02)
    assert found[1] == ("1" if percent > 50 else "0")


def test_text_bar_adds_up() -> None:
    parts = text_bar(TextCounts(2023, "result", 1, 1, 2))
    assert parts == [(0.0, 25.0, "#0055ad"), (25.0, 25.0, "#97d3ff"), (50.0, 50.0, "#e6e6e6")]
    assert [part[1] for part in text_bar(TextCounts(2023, "result", 0, 0, 0))] == [0, 0, 0]


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    parts = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("colours", [*LOOKS.values(), UNRATED_LOOK])
def test_ink_has_contrast_enough_on_its_fill(colours: object) -> None:
    light, dark = sorted((luminance(getattr(colours, name)) for name in ("fill", "ink")), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_looks_differ_for_each_level() -> None:
    outside = replace(SCALE[0], level=0)
    looks = [look(outside), *(look(step) for step in SCALE), look(None)]
    assert looks == [*LOOKS.values(), UNRATED_LOOK]
    assert len({each.fill for each in looks}) == 7


@pytest.mark.parametrize(
    ("width", "height", "letter", "size"),
    [(44, 44, "A", 20), (22, 44, "A", 15.84), (44, 22, "A", 15.84), (10, 44, "A", 9), (44, 44, "AB", 14.29)],
)
def test_a_letter_is_as_large_as_its_cell_has_room(
    width: float, height: float, letter: str, size: float
) -> None:
    part = SquarePart(0, 0, width, height, UNRATED_LOOK, letter, False)
    assert part.letter_size == pytest.approx(size, abs=0.01)
    assert part.baseline - height / 2 == pytest.approx(size * 0.36, abs=0.01)  # its middle is the cell's
