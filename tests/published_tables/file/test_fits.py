"""Which column a cell suits: costs of 0 and IMPOSSIBLE decide, those between break ties."""

import pytest

from tests.published_tables.file.writing import HEADINGS
from tracker.published_tables.file.alignment import IMPOSSIBLE, TOO_MUCH, Alignment, Placed
from tracker.published_tables.file.cells import LegendStep
from tracker.published_tables.file.columns import read_headings
from tracker.published_tables.file.fits import Fits, is_unbelievable
from tracker.published_tables.file.scale import Scale

LONG_NAME = "事業" * 30
LETTERS, NUMBERS = (
    Scale(
        tuple(
            LegendStep(code, label, "", None) for code, label in zip(codes, ("達成", "未着手"), strict=True)
        )
    )
    for codes in ("AE", "15")
)
COLUMNS = read_headings(HEADINGS, 1)
DIVIDED = read_headings(["公約", "令和5年度の取組", "評価", "担当部", "担当課"], 1)
PLEDGE, PLAN, SDGS, FIRST_YEAR, RATING, DEPARTMENTS = 0, 1, 2, 3, 7, 8


@pytest.mark.parametrize(
    ("place", "cell", "cost"),
    [
        *((place, cell, 0) for place in range(9) for cell in ("", " ", "—")),
        (PLEDGE, "", 0), (PLEDGE, "①駅", 0), (PLEDGE, "駅", IMPOSSIBLE),
        (PLAN, "2-2-3①③ 駅前", 0), (PLAN, "駅前の事業", 2), (PLAN, LONG_NAME[:59], 2), (PLAN, LONG_NAME, 8),
        (PLAN, "直します。", 8), (PLAN, "①駅", IMPOSSIBLE), (PLAN, "A", IMPOSSIBLE),
        (PLAN, "土木課", IMPOSSIBLE),
        (PLAN, "土木課 都市計画課", IMPOSSIBLE), (PLAN, "土木課 観光協会館", 2),
        (SDGS, "11 ∞", 0), (SDGS, "∞", 0), (SDGS, "住み続けられるまち", 3), (SDGS, "あ" * 19, 3),
        (SDGS, "あ" * 20, 8), (SDGS, "2-2-3① 駅", IMPOSSIBLE), (SDGS, "直します。", IMPOSSIBLE),
        (SDGS, "A", IMPOSSIBLE), (SDGS, "土木課", IMPOSSIBLE),
        (FIRST_YEAR, "・調べました。", 0), (FIRST_YEAR, "A", TOO_MUCH), (FIRST_YEAR, "土木課", TOO_MUCH),
        (FIRST_YEAR, "4 17 ∞", TOO_MUCH), (FIRST_YEAR, "検討委員会", 0), (FIRST_YEAR, "市民の一部", 0),
        (FIRST_YEAR, "令和2年度までの取組を引き続き実施", 0),
        (FIRST_YEAR, "令和4年度までの取組を引き続き実施", 3),
        (FIRST_YEAR, "課" * 121, 0), (FIRST_YEAR, "調整。土木課", 0),
        (RATING, "A", 0), (RATING, "A 達成", 0), (RATING, "達成", 0), (RATING, "C", IMPOSSIBLE),
        (DEPARTMENTS, "土木課", 0), (DEPARTMENTS, "駅前 広場", 4), (DEPARTMENTS, "直します。", IMPOSSIBLE),
        (DEPARTMENTS, "あ" * 119 + "課", 0), (DEPARTMENTS, "あ" * 120 + "課", IMPOSSIBLE),
    ],
)  # fmt: skip
def test_what_a_cell_costs_under_a_column(place: int, cell: str, cost: float) -> None:
    if place == PLEDGE and cell == "—":
        cost = 0.5  # a pledge that says nothing: only where nothing suits better
    assert Fits(COLUMNS, LETTERS).all()[place](cell) == cost


@pytest.mark.parametrize(("scale", "cost"), [(NUMBERS, 0), (LETTERS, 0)])
def test_a_number_may_be_a_goal_even_where_the_scale_has_it(scale: Scale, cost: float) -> None:
    assert Fits(COLUMNS, scale).all()[SDGS]("5") == cost


@pytest.mark.parametrize(("cell", "cost"), [("総務部", 0), ("A", IMPOSSIBLE), ("直します。", IMPOSSIBLE)])
def test_a_division_is_no_rating(cell: str, cost: float) -> None:
    assert Fits(DIVIDED, LETTERS).all()[3](cell) == cost


@pytest.mark.parametrize(
    ("cell", "parts"),
    [
        ("A 土木課", ("A", "土木課")), ("A　土木課 農政課", ("A", "土木課 農政課")),
        ("甲 土木課", None), ("A", None), ("A 駅前広場", None), ("A 直します。", None),
    ],
)  # fmt: skip
def test_a_rating_with_its_departments_is_parted(cell: str, parts: tuple[str, str] | None) -> None:
    fits = Fits(COLUMNS, LETTERS)
    assert [fits.split(cell, place) for place in range(9)] == [
        parts if place == RATING else None for place in range(9)
    ]


@pytest.mark.parametrize(("invented", "unbelievable"), [(0, False), (3, False), (4, True)])
def test_more_than_three_invented_cells_are_not_believed(invented: int, unbelievable: bool) -> None:
    steps = tuple(f"invent:{place}" for place in range(invented))
    assert is_unbelievable(["A"], Alignment((Placed("A", 0),), (*steps, "skip:8")), 9) is unbelievable


@pytest.mark.parametrize(
    ("own", "unbelievable"),
    [(["甲", "甲", ""], True), (["甲", " 甲", ""], True), (["甲", "乙", "甲"], False),
     (["—", "—", ""], False), (["", "", "甲"], False), (["甲", "甲"], False)],
)  # fmt: skip
def test_of_two_equal_cells_beside_each_other_none_is_dropped(own: list[str], unbelievable: bool) -> None:
    assert is_unbelievable(own, Alignment((), ()), 2) is unbelievable
