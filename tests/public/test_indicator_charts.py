"""The line chart of an indicator: all of it within its picture, gaps where there is no actual."""

from hypothesis import given
from hypothesis import strategies as st

from tracker.public.indicator_charts import HEIGHT, WIDTH, line_chart

values = st.dictionaries(
    st.integers(2010, 2040), st.floats(-1e9, 1e9, allow_nan=False, allow_subnormal=False), max_size=12
)


@given(targets=values, actuals=values)
def test_every_point_is_within_the_picture_and_every_value_within_the_scale(
    targets: dict[int, float], actuals: dict[int, float]
) -> None:
    chart = line_chart(targets, actuals, 0)
    if not actuals or len({*targets, *actuals}) < 2:
        assert chart is None
        return
    assert chart is not None
    marks = [mark for lines in (chart.targets, chart.actuals) for line in lines for mark in line]
    assert len(marks) == len(targets) + len(actuals)
    lowest, highest = chart.ticks[0][0], chart.ticks[-1][0]
    assert all(highest - 0.1 <= mark.y <= lowest + 0.1 for mark in marks)
    assert all(chart.left <= mark.x <= WIDTH for mark in marks)
    assert 0 < highest < lowest < HEIGHT
    assert 2 <= len(chart.ticks) <= 7


def test_a_year_without_an_actual_is_a_gap_and_not_nought() -> None:
    chart = line_chart({2023: 10, 2024: 20, 2025: 30}, {2023: 9, 2025: 28}, 0)
    assert chart is not None
    assert [len(line) for line in chart.actuals] == [1, 1]
    assert chart.actual_lines == []
    assert [len(line) for line in chart.targets] == [3]


def test_the_scale_begins_with_nought_where_small_is_small_and_has_round_numbers() -> None:
    chart = line_chart({2024: 1200}, {2023: 400, 2024: 1100}, 0)
    assert chart is not None
    assert [label for _y, label in chart.ticks] == ["0", "500", "1,000", "1,500"]
    chart = line_chart({}, {2023: 0.5, 2024: 0.85}, 2)
    assert chart is not None
    assert [label for _y, label in chart.ticks] == ["0.00", "0.25", "0.50", "0.75", "1.00"]
    assert [label for _x, label in chart.years] == ["令和5", "令和6"]
