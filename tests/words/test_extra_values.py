"""Values of extra columns: every spelling that people use is understood, and nothing else is."""

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.words.extra_values import ColumnProblem, in_words, value_of
from tracker.words.fiscal_years import day_label


@dataclass(frozen=True)
class Column:
    kind: str
    unit: str = ""
    decimals: int = 0
    open_choices: list[str] = field(default_factory=list)
    ended_choices: list[str] = field(default_factory=list)
    code: str = "x1"
    label: str = "項目"
    is_required: bool = False
    first_fiscal_year: int | None = None
    last_fiscal_year: int | None = None


COST = Column("number", unit="千円", decimals=2)
DAY, LINK, TEXT = Column("date"), Column("link"), Column("text")
COURSE = Column("choice", open_choices=["継続", "拡充（来年度）"], ended_choices=["廃止"])
ALL = COST, DAY, COURSE, LINK, TEXT


@pytest.mark.parametrize(
    ("column", "typed", "value"),
    [
        (COST, "1,200", "1200"),
        (COST, "１，２００．５　千円", "1200.5"),
        (COST, "1200.50", "1200.5"),
        (COST, "▲3", "-3"),
        (COST, "−3", "-3"),
        (COST, "-0", "0"),
        (COST, "100000", "100000"),
        (DAY, "令和7年3月31日", "2025-03-31"),
        (DAY, "Ｒ７．３．３１", "2025-03-31"),
        (DAY, "2025/3/31", "2025-03-31"),
        (DAY, "2025-03-31", "2025-03-31"),
        (DAY, "令和元年5月1日", "2019-05-01"),
        (DAY, "2025年3月31日", "2025-03-31"),
        (COURSE, "継続", "継続"),
        (COURSE, " 拡充(来年度) ", "拡充（来年度）"),
        (LINK, "https://example.jp/報告?a=1", "https://example.jp/報告?a=1"),
        (TEXT, "・一行目\n\n・二行目 ", "・一行目\n\n・二行目 "),
        *((column, typed, "") for column in ALL for typed in ("", "　", "\u200b")),
    ],
)  # fmt: skip
def test_a_value_is_kept_in_one_spelling(column: Column, typed: str, value: str) -> None:
    assert value_of(column, typed) == value
    assert value_of(column, value) == value


@pytest.mark.parametrize(
    ("column", "typed", "words"),
    [
        (COST, "約1200", "数として読めません"),
        (COST, "5 10", "数の途中に空白があります"),
        (COST, "１，２３４　，５６７", "数の途中に空白があります"),
        (COST, "12a", "数として読めません"),
        (COST, "1,20", "数として読めません"),
        (COST, "1.234", "小数は 2 桁まで"),
        (Column("number"), "1.5", "小数のない数"),
        (COST, "1234567890123456", "数が大きすぎます"),
        (DAY, "令和6年13月", "日付として読めません"),
        (DAY, "令和6年13月1日", "日付として読めません"),
        (DAY, "2025-02-30", "日付として読めません"),
        (DAY, "令和7年3月", "日付として読めません"),
        (COURSE, "休止", "「休止」という選択肢はありません。「継続」「拡充（来年度）」のどれか"),
        (COURSE, "廃止", "「廃止」は、いまは使わない選択肢です。"),
        (LINK, "example.jp", "https:// か http:// から"),
        (LINK, "javascript:alert(1)", "https:// か http:// から"),
        (LINK, "https://", "https:// か http:// から"),
        (LINK, 'https://example.jp/"onclick', "https:// か http:// から"),
        (LINK, f"https://example.jp/{'a' * 2000}", "2,000 文字まで"),
        (LINK, "https://example.jp\nhttps://example.com", "1 行で書く欄"),
        (TEXT, "a\x00b", "制御文字"),
    ],
)
def test_what_is_no_value_is_refused_with_what_to_do(column: Column, typed: str, words: str) -> None:
    with pytest.raises(ColumnProblem, match=words.replace("（", ".").replace("）", ".")):
        value_of(column, typed)


def test_what_stands_already_stays_though_it_is_no_choice_any_more() -> None:
    assert value_of(COURSE, "廃止", "廃止") == "廃止"


@given(st.decimals(-(10**10), 10**10, places=2))
def test_a_number_is_the_same_however_it_is_written(number: Decimal) -> None:
    kept = value_of(COST, f"{number:,}")
    assert Decimal(kept) == number
    assert value_of(COST, in_words("number", "千円", 2, kept)) == kept


@given(st.dates(date(1990, 1, 1), date(2099, 12, 31)))
def test_a_day_is_the_same_however_it_is_written(day: date) -> None:
    assert {value_of(DAY, text) for text in (day.isoformat(), f"{day:%Y/%m/%d}", day_label(day))} == {
        day.isoformat()
    }


@given(st.sampled_from(ALL), st.text())
def test_any_text_is_a_value_or_refused_in_words(column: Column, typed: str) -> None:
    with suppress(ColumnProblem):
        value = value_of(column, typed)
        assert value_of(column, value) == value
