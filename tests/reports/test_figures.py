"""Figures of a report, from plain values."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.reports import figures
from tracker.reports.figures import RatingStep, TextCounts, distribution, text_counts

CODES = ("A", "B", "C", "D", "E")
SCALE = [
    RatingStep(code, f"名称{code}", "", percent, level)
    for level, (code, percent) in enumerate(zip(CODES, (100, 75, 50, 25, 0), strict=True), 1)
]
WITHOUT_PERCENT = [RatingStep(code, "", "", None, 1) for code in CODES]


def test_scale_is_read_from_a_report_s_ratings() -> None:
    assert RatingStep.scale(
        [{"code": "A", "label": "達成", "definition": "全部", "percent": 100, "level": 1}]
    ) == [RatingStep("A", "達成", "全部", 100, 1)]


def step(code: str, label: str, percent: int | None = None, level: int = 1) -> RatingStep:
    return RatingStep(code, label, "", percent, level)


def scale(*codes: str) -> list[RatingStep]:
    return RatingStep.scale(
        {"code": c, "label": "", "definition": "", "percent": None, "level": 1} for c in codes
    )


@pytest.mark.parametrize(
    ("codes", "letters"),
    [
        (("A", "B"), ["A", "B"]),
        (("達成", "順調", "おおむね順調", "遅れ"), ["達", "順", "お", "遅"]),
        (("達成", "未達成", "未着手"), ["達成", "未達", "未着"]),
        (("未着手A", "未着手B"), ["未", "未"]),
    ],
)
def test_letters_tell_the_steps_apart(codes: tuple[str, ...], letters: list[str]) -> None:
    assert [each.letter for each in scale(*codes)] == letters


@pytest.mark.parametrize(
    ("code", "label", "name", "is_word", "is_symbol"),
    [
        ("A", "達成", "A 達成", False, False),
        ("順調", "順調", "順調", True, False),
        ("順", "順調", "順 順調", False, False),
        ("◎", "実施済", "◎ 実施済", False, True),
    ],
)
def test_a_step_is_named_once(code: str, label: str, name: str, is_word: bool, is_symbol: bool) -> None:
    made = step(code, label)
    assert (made.name, made.is_word, made.is_symbol) == (name, is_word, is_symbol)


def test_a_mark_is_as_full_as_the_percentage_or_the_place() -> None:
    assert [
        step("A", "", percent, level).fullness
        for percent, level in ((80, 1), (0, 1), (None, 1), (None, 3), (None, 5))
    ] == [*(80, 0, 100, 50, 0)]


def test_a_scale_has_percents_where_any_step_has() -> None:
    assert [
        distribution([], made).has_percents
        for made in (SCALE, WITHOUT_PERCENT, [*WITHOUT_PERCENT, SCALE[0]], [SCALE[4]])
    ] == [*(True, False, True, True)]


def test_distribution_counts_best_first_and_unrated_last() -> None:
    made = distribution(["B", "", "A", "B"], SCALE)
    assert [(share.step.code if share.step else "", share.count) for share in made.shares] == [
        *(("A", 1), ("B", 2), ("C", 0), ("D", 0), ("E", 0), ("", 1))
    ]
    assert (made.total, made.rated, made.unrated) == (4, 3, 1)


def test_code_outside_the_scale_counts_as_unrated() -> None:
    made = distribution(["Z", *"AAAAA"], SCALE)
    assert (made.unrated, made.rated, made.average) == (1, 5, Decimal("100.0"))


@pytest.mark.parametrize(
    ("codes", "average"),
    [
        ([*"AB" * 3], "87.5"),
        ([*"AB" * 3, ""], "87.5"),
        ([*"EEEEE", ""], "0.0"),
        ([*"AAE" * 2], "66.7"),
        ([*"BBBA" * 2], "81.3"),  # 81.25: half goes up, not to the even figure
        ([*"DDDE" * 2], "18.8"),  # 18.75
        ([*"AAAA", "", ""], "None"),  # of four, none
    ],
)
def test_average_is_of_the_rated_and_rounds_half_up(codes: list[str], average: str) -> None:
    assert str(distribution(codes, SCALE).average) == average


@pytest.mark.parametrize(
    ("codes", "scale"), [([], SCALE), ([""] * 6, SCALE), ([*"ABABA"], WITHOUT_PERCENT), ([*"ZZZZZ"], SCALE)]
)
def test_average_of_nothing_rated_or_of_no_percent_is_none(codes: list[str], scale: list[RatingStep]) -> None:
    assert distribution(codes, scale).average is None


def test_step_without_percent_matters_only_where_it_is_used() -> None:
    scale = [*SCALE, RatingStep("F", "中止", "", None, 5)]
    assert distribution("ABABAB", scale).average == Decimal("87.5")
    assert distribution("AAAAAF", scale).average is None


def test_formula_can_be_calculated_by_hand() -> None:
    assert distribution(["A", "B", "B", "E", ""], SCALE).formula == "（100×1件＋75×2件＋0×1件）÷4件"


def test_percent_of_all_is_to_one_place() -> None:
    made = distribution(["A", "A", "B"], SCALE)
    assert [str(share.percent_of_all) for share in made.shares] == [
        "66.7",
        "33.3",
        "0.0",
        "0.0",
        "0.0",
        "0.0",
    ]
    assert [str(share.percent_of_all) for share in distribution([], SCALE).shares] == ["0.0"] * 6


@given(st.lists(st.sampled_from([*CODES, "", "?"]), max_size=60))
def test_shares_always_add_up(codes: list[str]) -> None:
    made = distribution(codes, SCALE)
    assert sum(share.count for share in made.shares) == made.total == len(codes)
    assert made.rated + made.unrated == made.total
    percents = [{"A": 100, "B": 75, "C": 50, "D": 25, "E": 0}[code] for code in codes if code in CODES]
    if made.average is None:
        assert len(percents) < 5
    else:
        assert abs(made.average - Decimal(sum(percents)) / len(percents)) <= Decimal("0.05")


def test_text_counts_are_per_year_and_kind() -> None:
    progress = [
        {"results": {"2022": "new", "2023": "continued"}, "plans": {"2024": "new"}},
        {"results": {"2022": "none"}, "plans": {}},
    ]
    years = [
        {"fiscal_year": 2022, "kind": "result"},
        {"fiscal_year": 2023, "kind": "result"},
        {"fiscal_year": 2024, "kind": "plan"},
    ]
    assert text_counts(progress, years) == [
        TextCounts(2022, "result", 1, 0, 1),
        TextCounts(2023, "result", 0, 1, 1),
        TextCounts(2024, "plan", 1, 0, 1),
    ]


def test_text_counts_of_an_entry_without_kinds_are_none() -> None:
    year = {"fiscal_year": 2023, "kind": "result"}
    assert text_counts([{}, None], [year]) == [TextCounts(2023, "result", 0, 0, 2)]


def test_text_counts_know_their_total() -> None:
    assert TextCounts(2023, "result", 1, 2, 3).total == 6


@pytest.mark.parametrize(
    ("position", "steps", "level"),
    [
        *((1, 1, 1), (1, 5, 1), (3, 5, 3), (5, 5, 5), (1, 3, 1), (2, 3, 3), (3, 3, 5), (2, 2, 5), (7, 7, 5)),
        *((2, 4, 2), (3, 4, 4), (2, 6, 2), (4, 6, 3), (5, 6, 4)),
    ],
)
def test_level_spreads_a_scale_over_five_looks(position: int, steps: int, level: int) -> None:
    assert figures.level(position, steps) == level
