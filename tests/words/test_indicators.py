"""Indicators: one formula, cut and never rounded up, and words where there is no rate."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.indicators import Described
from tracker.words import indicators
from tracker.words.extra_values import ColumnProblem
from tracker.words.indicators import (
    DOWN,
    FROM_BASE,
    KEEP,
    RATIO,
    UP,
    Threshold,
    achievement,
    suggested,
    target_lines,
    targets_in,
)

numbers = st.decimals(-1_000_000, 1_000_000, places=2).map(lambda number: f"{number.normalize():f}")
ways = st.sampled_from(list(indicators.FORMULAS))


@pytest.mark.parametrize(
    ("way", "base", "target", "actual", "rate", "is_reached"),
    [
        ((UP, RATIO), "", "1200", "960", "80.0", False),
        ((UP, RATIO), "", "1200", "1199.99", "99.9", False),
        ((UP, RATIO), "", "1200", "1200", "100.0", True),
        ((UP, RATIO), "", "3", "1", "33.3", False),
        ((UP, RATIO), "", "100", "0", "0.0", False),
        ((UP, RATIO), "", "100", "-5", "-5.0", False),
        ((DOWN, RATIO), "", "80", "100", "80.0", False),
        ((DOWN, RATIO), "", "80", "64", "125.0", True),
        ((DOWN, RATIO), "", "0", "5", "0.0", False),
        ((UP, FROM_BASE), "100", "200", "150", "50.0", False),
        ((UP, FROM_BASE), "100", "200", "90", "-10.0", False),
        ((DOWN, FROM_BASE), "100", "60", "70", "75.0", False),
        ((DOWN, FROM_BASE), "100", "60", "50", "125.0", True),
        ((KEEP, RATIO), "", "50", "50.0", "100.0", True),
        ((KEEP, RATIO), "", "50", "45", "90.0", False),
        ((KEEP, RATIO), "", "50", "55", "90.0", False),
        ((KEEP, RATIO), "", "50", "500", "0.0", False),
    ],
)
def test_the_rate_follows_the_formula(
    way: tuple[str, str], base: str, target: str, actual: str, rate: str, is_reached: bool
) -> None:
    assert achievement(*way, base, target, actual) == (rate, is_reached, "")


@pytest.mark.parametrize(
    ("way", "base", "target", "actual", "is_reached", "why"),
    [
        ((UP, RATIO), "", "100", "", None, "実績がありません"),
        ((UP, RATIO), "", "", "100", None, "目標がありません"),
        ((UP, RATIO), "", "0", "0", True, "目標が 0 なので、達成率は計算できません"),
        ((KEEP, RATIO), "", "0", "1", False, "目標が 0 なので、達成率は計算できません"),
        ((UP, RATIO), "", "-5", "1", True, "目標が負の数なので、達成率は計算できません"),
        ((DOWN, RATIO), "", "0", "0", True, "実績が 0 以下なので、達成率は計算できません"),
        ((UP, FROM_BASE), "", "5", "1", False, "基準値がありません"),
        ((UP, FROM_BASE), "5", "5", "5", True, "目標が基準値と同じなので、達成率は計算できません"),
        ((DOWN, FROM_BASE), "5", "9", "7", True, "目標が基準値より後ろ向きなので、達成率は計算できません"),
    ],
)
def test_where_there_is_no_rate_words_say_why(
    way: tuple[str, str], base: str, target: str, actual: str, is_reached: bool | None, why: str
) -> None:
    told = achievement(*way, base, target, actual)
    assert told == ("", is_reached, why)
    assert told.rate_words == why


@given(way=ways, base=numbers, target=numbers, actual=numbers)
def test_a_rate_shows_100_exactly_where_the_target_is_reached(
    way: tuple[str, str], base: str, target: str, actual: str
) -> None:
    told = achievement(*way, base, target, actual)
    assert bool(told.rate) != bool(told.why)
    if told.rate:
        assert (Decimal(told.rate) >= 100) == told.is_reached
        assert told.rate == f"{Decimal(told.rate):.1f}"


@given(way=st.sampled_from([UP, DOWN]), base=numbers, target=numbers, one=numbers, other=numbers)
def test_a_better_actual_never_has_a_lower_rate(
    way: str, base: str, target: str, one: str, other: str
) -> None:
    worse, better = sorted([one, other], key=Decimal, reverse=way == DOWN)
    for formula in (RATIO, FROM_BASE):
        rates = [achievement(way, formula, base, target, actual).rate for actual in (worse, better)]
        if all(rates):
            assert Decimal(rates[0]) <= Decimal(rates[1])


@given(way=ways, base=numbers, target=numbers)
def test_a_missing_actual_is_not_nought(way: tuple[str, str], base: str, target: str) -> None:
    told = achievement(*way, base, target, "")
    assert (told.rate, told.is_reached, told.verdict) == ("", None, "")


@given(st.dictionaries(st.integers(1990, 2080), numbers, max_size=12))
def test_targets_are_read_as_they_are_kept(targets: dict[int, str]) -> None:
    assert targets_in(target_lines(targets)) == dict(sorted(targets.items()))


def test_targets_are_read_in_every_spelling() -> None:
    typed = "令和６年度　１，２００件\n\n2025: 1300\nR8=▲5.5 件"
    assert targets_in(typed, "件", 1) == {2024: "1200", 2025: "1300", 2026: "-5.5"}


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("1200", "「1200」は目標として読めません"),
        ("来年度 5", "「来年度 5」は目標として読めません"),
        ("令和6年度：約5", "令和6年度の目標：数として読めません"),
        ("令和6年度：0.25", "令和6年度の目標：小数は 1 桁まで"),
        ("令和6年度：1\n2024：2", "令和6年度の目標が、二度書かれています"),
    ],
)
def test_a_wrong_target_says_which_line_and_what_to_do(typed: str, words: str) -> None:
    with pytest.raises(ColumnProblem, match=words):
        targets_in(typed, "件", 1)


def test_the_lowest_rate_suggests_the_step() -> None:
    steps = [Threshold(1, 100), Threshold(2, 80), Threshold(3, 50)]
    assert suggested(steps, ["120.0", "80.0"]) == (2, "80.0")
    assert suggested(steps, ["79.9"]) == (3, "79.9")
    assert suggested(steps, ["49.9"]) is None
    assert suggested(steps, ["", ""]) is None
    assert suggested([], ["100.0"]) is None


def test_an_indicator_is_two_columns_of_its_row() -> None:
    actual, note = indicators.columns_of(Described("k1", "相談件数", "件", decimals=1, last_fiscal_year=2025))
    assert (actual.code, actual.heading, actual.decimals) == ("k1", "指標「相談件数」の実績（件）", 1)
    assert (note.code, note.heading, note.last_fiscal_year) == ("k1n", "指標「相談件数」の補足", 2025)
