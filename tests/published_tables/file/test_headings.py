"""Headings of single columns, in the wordings of many cities."""

import pytest

from tracker.published_tables.file.headings import Kind, read_heading


@pytest.mark.parametrize(
    ("printed", "kind", "years"),
    [
        ("令和5年度実績", Kind.RESULT, (2023,)),
        ("R5取組内容", Kind.RESULT, (2023,)),
        ("Ｒ５\n取組内容", Kind.RESULT, (2023,)),
        ("2023年度の取組状況", Kind.RESULT, (2023,)),
        ("取組実績（令和5年度）", Kind.RESULT, (2023,)),
        ("主な取組（R5）", Kind.RESULT, (2023,)),
        ("【令和元年度】具体的な取り組み", Kind.RESULT, (2019,)),
        ("令和5年度（令和6年3月末）の主な取組内容", Kind.RESULT, (2023,)),
        ("令和5年度（2023年度）の成果等", Kind.RESULT, (2023,)),
        ("令和5年度の市の取組", Kind.RESULT, (2023,)),
        ("令和6年度の予定", Kind.PLAN, (2024,)),
        ("令和6年度取組計画", Kind.PLAN, (2024,)),
        ("取組内容（予定）（令和6年度）", Kind.PLAN, (2024,)),
        ("令和6年度に向けた取組予定", Kind.PLAN, (2024,)),
        ("進捗状況", Kind.RATING, ()),
        ("評価", Kind.RATING, ()),
        ("達成度", Kind.RATING, ()),
        ("実施状況", Kind.RATING, ()),
        ("自己評価", Kind.RATING, ()),
        ("令和5年度評価", Kind.RATING, (2023,)),
        ("評価（令和6年3月末）", Kind.RATING, ()),
        ("担当課", Kind.DEPARTMENTS, ()),
        ("担当部署", Kind.DEPARTMENTS, ()),
        ("所管課", Kind.DEPARTMENTS, ()),
        ("担当課（室）等", Kind.DEPARTMENTS, ()),
        ("課", Kind.DEPARTMENTS, ()),
        ("部", Kind.DIVISION, ()),
        ("担当部", Kind.DIVISION, ()),
        ("所管部局", Kind.DIVISION, ()),
        ("公約（マニフェスト）", Kind.PLEDGE, ()),
        ("マニフェスト項目", Kind.PLEDGE, ()),
        ("SDGsの目標", Kind.SDGS, ()),
        ("備考", Kind.NOTE, ()),
        ("担当化", Kind.NOTE, ()),
        ("関係課", Kind.NOTE, ()),
        ("令和5年度予算額", Kind.NOTE, (2023,)),
        ("今後の取組", Kind.NOTE, ()),
        ("今後の取組（令和6年度）", Kind.PLAN, (2024,)),
        ("最終目標値（R7）", Kind.TARGET, (2025,)),
        ("指標（単位）", Kind.INDICATOR, ()),
        ("施策の柱", Kind.SECTION, ()),
        ("来年度の取組予定", Kind.NOTE, ()),
        ("", Kind.NOTE, ()),
    ],
)
def test_a_heading_says_its_kind_and_year(printed: str, kind: Kind, years: tuple[int, ...]) -> None:
    heading = read_heading(printed)
    assert (heading.kind, heading.fiscal_years, heading.lacks_year) == (kind, years, False)


@pytest.mark.parametrize(
    "printed",
    ["令和3年度までの主な取組", "～令和3年度の取組", "令和3年度以前の取組実績", "取組実績（R3まで）"],
)
def test_a_heading_of_a_year_and_all_before_is_cumulative(printed: str) -> None:
    heading = read_heading(printed)
    assert (heading.kind, heading.fiscal_years, heading.cumulative) == (Kind.RESULT, (2021,), True)


@pytest.mark.parametrize(
    "printed",
    [
        "主な取組",
        "令和Ｘ年度の主な取組",
        "令和5年の主な取組",  # a calendar year
        "令和4・5年度の主な取組",
        "令和4～5年度の主な取組",
        "令和4年度・令和5年度の主な取組",
        "R4～R6年度の主な取組",
        "2023年度・24年度の主な取組",
    ],
)
def test_a_years_heading_without_one_clear_year_lacks_it(printed: str) -> None:
    heading = read_heading(printed)
    assert (heading.kind, heading.lacks_year) == (Kind.RESULT, True)


@pytest.mark.parametrize(
    ("printed", "may"), [("取組内容", True), ("取組状況", True), ("実績", True), ("備考", False)]
)
def test_an_undated_wording_may_lack_its_year(printed: str, may: bool) -> None:
    heading = read_heading(printed)
    assert (heading.kind, heading.may_lack_year) == (Kind.NOTE, may)
