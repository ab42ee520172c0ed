"""Fiscal years: 令和6年度 is April 2024 to March 2025."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.words import fiscal_years


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("令和7年度", 2025),
        ("令和７", 2025),
        ("Ｒ7年", 2025),
        (" 令和元年度 ", 2019),
        ("2025年度", 2025),
        ("２０２５", 2025),
        ("令和", None),
        ("20255", None),
        ("令和7年度から", None),
        ("", None),
    ],
)
def test_a_year_that_is_named_alone(text: str, year: int | None) -> None:
    assert fiscal_years.year_named(text) == year


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("令和5年度の主な取組", [2023]),
        ("令和元年度", [2019]),
        ("平成31年度", [2019]),
        ("平成元年度", [1989]),
        *(("昭和63年度", [1988]), ("S63年度", [1988]), ("H元年度", [1989]), ("R元年度", [2019])),
        ("R5年度以降", [2023]),
        ("Ｈ３０年度", [2018]),
        ("２０２３年度", [2023]),
        ("令和 3 年度まで、令和４年度から", [2021, 2022]),
        ("令和5年", []),
        ("取組", []),
    ],
)
def test_fiscal_years_in_text(text: str, years: list[int]) -> None:
    assert fiscal_years.fiscal_years_in(text) == years


@given(st.integers(1989, 2099))
def test_fiscal_years_in_reads_what_label_writes(year: int) -> None:
    assert fiscal_years.fiscal_years_in(fiscal_years.short_label(year)) == [year]
    assert fiscal_years.fiscal_years_in(fiscal_years.label(year)) == [year, year]


@given(st.integers(1950, 1988))
def test_a_year_before_the_eras_stays_gregorian(year: int) -> None:
    assert fiscal_years.short_label(year) == f"{year}年度"


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("市長マニフェストの達成状況（令和6年3月末時点）", date(2024, 3, 31)),
        ("令和６年２月末", date(2024, 2, 29)),
        ("平成31年3月31日時点", date(2019, 3, 31)),
        ("2024年12月1日", date(2024, 12, 1)),
        *(("令和6年12月末", date(2024, 12, 31)), ("令和6年1月末", date(2024, 1, 31))),
        ("令和6年13月末", None),
        ("令和6年0月末", None),
        ("令和6年2月30日", None),
        ("令和6年度", None),
    ],
)
def test_as_of_in_text(text: str, day: date | None) -> None:
    assert fiscal_years.as_of_in(text) == day


@given(st.dates(date(1989, 2, 1), date(2110, 12, 31)))
def test_as_of_in_reads_what_date_label_writes(day: date) -> None:
    assert fiscal_years.as_of_in(fiscal_years.date_label(day)) == day


@pytest.mark.parametrize(
    ("day", "year"),
    [
        (date(2024, 3, 31), 2023),
        (date(2024, 4, 1), 2024),
        (date(2024, 12, 31), 2024),
        (date(2025, 1, 1), 2024),
    ],
)
def test_fiscal_year_of_a_day_begins_in_april(day: date, year: int) -> None:
    assert fiscal_years.fiscal_year_of(day) == year


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (None, None, "current"),
        (2024, 2024, "current"),
        (2023, None, "current"),
        (None, 2023, "past"),
        (2025, None, "next"),
        (None, 0, "past"),
    ],
)
def test_a_term_is_past_current_or_next(first: int | None, last: int | None, expected: str) -> None:
    assert fiscal_years.term_in(2024, first, last) == expected


@pytest.mark.parametrize(
    ("year", "label"),
    [
        (2024, "令和6年度（2024年度）"),
        (2019, "令和元年度（2019年度）"),
        (2018, "平成30年度（2018年度）"),
        (1989, "平成元年度（1989年度）"),
    ],
)
def test_label_for_people(year: int, label: str) -> None:
    assert fiscal_years.label(year) == label


@pytest.mark.parametrize(
    ("day", "label"),
    [
        (date(2024, 3, 31), "令和6年3月末時点"),
        (date(2024, 3, 15), "令和6年3月15日時点"),
        *((date(2018, 12, 31), "平成30年12月末時点"), (date(2019, 1, 1), "平成31年1月1日時点")),
        (date(2019, 4, 30), "平成31年4月末時点"),
        (date(2019, 5, 1), "令和元年5月1日時点"),
    ],
)
def test_date_label_names_the_era_of_the_day(day: date, label: str) -> None:
    assert fiscal_years.date_label(day) == label


@pytest.mark.parametrize(
    ("first", "last", "label"),
    [
        (2022, 2023, "（令和4年度～令和5年度）"),
        (2022, None, "（令和4年度～）"),
        (None, 2023, "（～令和5年度）"),
        (2024, 2024, "（令和6年度）"),
        (None, None, ""),
    ],
)
def test_a_term_of_one_year_is_that_year(first: int | None, last: int | None, label: str) -> None:
    assert fiscal_years.term_label(first, last) == label
