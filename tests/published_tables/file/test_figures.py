"""Numbers of an indicator's cells, which way it goes, and printed rates beside ours."""

import pytest

from tracker.published_tables.file.figures import PrintedFigure, figures_of, printed_in, rate_differs
from tracker.published_tables.file.table import TableIndicator


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1,200", ("1200", "", "")),
        ("１２０人", ("120", "人", "")),
        ("38.50％", ("38.5", "%", "")),
        ("▲3.2", ("-3.2", "", "")),
        ("10 人以下", ("10", "人", "以下")),
        ("80％以上", ("80", "%", "以上")),
    ],
)
def test_a_number_is_read_with_what_follows_it(text: str, found: tuple[str, str, str]) -> None:
    assert printed_in(text) == PrintedFigure(*found)


@pytest.mark.parametrize(
    "text", ["", "集計中", "約100", "5～10人", "12/20", "1,2,3", "令和7年度", "1.23456789"]
)
def test_what_says_more_than_a_number_is_none(text: str) -> None:
    assert printed_in(text) is None


def test_a_unit_that_only_the_cells_tell_is_taken_and_another_one_stays_words() -> None:
    figures = figures_of(TableIndicator("満足度", targets={2024: "60%"}, actuals={2023: "55%", 2024: "12人"}))
    assert (figures.unit, figures.actuals, figures.actual_words) == ("%", {2023: "55"}, {2024: "12人"})


@pytest.mark.parametrize("bound", ["以上", "以下"])
def test_a_bound_that_was_reached_stays_words(bound: str) -> None:
    figures = figures_of(
        TableIndicator("相談", "件", {2024: f"10件{bound}"}, {2023: "9", 2024: f"10件{bound}"})
    )
    assert (figures.targets, figures.target_words) == ({2024: "10"}, {})
    assert (figures.actuals, figures.actual_words) == ({2023: "9"}, {2024: f"10件{bound}"})
    assert figures.direction == {"以上": "up", "以下": "down"}[bound]


@pytest.mark.parametrize(
    ("targets", "actuals", "rates", "direction"),
    [
        ({2024: "3"}, {2024: "4"}, {2024: "75%"}, "down"),
        ({2024: "3"}, {2024: "4"}, {2024: "133%"}, "up"),
        ({2024: "3"}, {2022: "9", 2024: "4"}, {}, "down"),
        ({2024: "3"}, {2022: "2", 2024: "4"}, {}, "up"),
        ({2024: "3以下"}, {}, {}, "down"),
        ({2024: "3g未満"}, {}, {}, "down"),
        ({}, {}, {}, "up"),
    ],
)
def test_the_table_tells_the_direction(
    targets: dict[int, str], actuals: dict[int, str], rates: dict[int, str], direction: str
) -> None:
    figures = figures_of(TableIndicator("ごみ", "g", targets, actuals, rates))
    assert (figures.direction, bool(figures.why)) == (direction, bool(rates) or direction == "down")


@pytest.mark.parametrize(
    ("unit", "targets", "actuals", "told"),
    [
        ("件", {2024: "10件以上"}, {2023: "12", 2024: "9件"}, ("up", "目標に「以上」とあるので")),
        ("%", {2024: "90％以上"}, {2023: "95", 2024: "88"}, ("up", "目標に「以上」とあるので")),
        ("人", {2023: "5以下", 2024: "8以上"}, {2022: "9"}, ("up", "目標に「以上」とあるので")),
        ("日", {2024: "3日以内"}, {2023: "2", 2024: "4"}, ("down", "目標に「以内」とあるので")),
        ("件以上", {2024: "10"}, {2023: "12", 2024: "9"}, ("up", "目標に「以上」とあるので")),
    ],
)
def test_a_bound_tells_the_direction_whatever_course_the_values_take(
    unit: str, targets: dict[int, str], actuals: dict[int, str], told: tuple[str, str]
) -> None:
    figures = figures_of(TableIndicator("相談", unit, targets, actuals))
    assert (figures.direction, figures.why) == told


@pytest.mark.parametrize("bound", ["未満", "超"])
@pytest.mark.parametrize("unit", ["", "件"])
def test_a_bound_that_its_own_number_does_not_reach_stays_words(bound: str, unit: str) -> None:
    figures = figures_of(TableIndicator("苦情", unit, {2024: f"10件{bound}"}, {2023: "10", 2024: "10"}))
    assert (figures.targets, figures.target_words) == ({}, {2024: f"10件{bound}"})
    assert figures.direction == {"未満": "down", "超": "up"}[bound]


@pytest.mark.parametrize(
    ("printed", "ours", "differs"),
    [
        *[("104.2%", "104.1", False), ("104", "104.1", False), ("105.2%", "104.1", True), ("—", "", False)],
        *[("90%", "", True), ("達成", "100.0", True)],
    ],
)
def test_a_rate_differs_beyond_rounding(printed: str, ours: str, differs: bool) -> None:
    assert rate_differs(printed, ours) is differs
