"""Headings: years are read from them, and a table with a doubtful one is refused."""

import pytest

from tests.spreadsheets.writing import HEADINGS, PLEDGE_ROW
from tracker.spreadsheets.columns import Column, Kind, is_heading_row, read_headings
from tracker.spreadsheets.grid import FileProblem


def test_the_citys_headings_are_read() -> None:
    assert [(c.kind, c.fiscal_year, c.cumulative) for c in read_headings(HEADINGS, 1)] == [
        (Kind.PLEDGE, None, False),
        (Kind.PLAN_PROJECTS, None, False),
        (Kind.SDGS, None, False),
        (Kind.RESULT, 2021, True),
        (Kind.RESULT, 2022, False),
        (Kind.RESULT, 2023, False),
        (Kind.PLAN, 2024, False),
        (Kind.RATING, None, False),
        (Kind.DEPARTMENTS, None, False),
    ]


@pytest.mark.parametrize(
    ("printed", "kind"),
    [
        ("公約項目", Kind.PLEDGE),
        ("総合計画実施計画\nの関連事業", Kind.PLAN_PROJECTS),
        ("ＳＤＧｓ", Kind.SDGS),
        ("実施 状況", Kind.RATING),
        ("評価", Kind.RATING),
        ("担当部署", Kind.DEPARTMENTS),
        ("R5年度の取り組み実績", Kind.RESULT),
        ("2025年度の取組予定", Kind.PLAN),
    ],
)
def test_other_wordings_are_known(printed: str, kind: Kind) -> None:
    others = [heading for heading in HEADINGS if read_headings(HEADINGS, 1)[HEADINGS.index(heading)].kind is not kind]
    extra = (
        ["令和7年度の主な取組", "令和6年度の主な取組"]
        if kind is Kind.PLAN
        else ["令和4年度の主な取組"]
        if kind is Kind.RESULT
        else []
    )
    others = [heading for heading in others if "予定" not in heading or kind is not Kind.RESULT]
    assert [c.kind for c in read_headings([*others, printed, *extra], 1) if c.heading == " ".join(printed.split())] == [kind]


def test_blank_cells_behind_the_headings_do_not_count() -> None:
    assert read_headings([*HEADINGS, "", " "], 1) == read_headings(HEADINGS, 1)


def problem(headings: list[str]) -> tuple[int | None, str | None, str]:
    with pytest.raises(FileProblem) as caught:
        read_headings(headings, 7, "表")
    assert caught.value.sheet == "表"
    return caught.value.row, caught.value.column, caught.value.message


def changed(place: int, heading: str) -> list[str]:
    return [heading if index == place else known for index, known in enumerate(HEADINGS)]


@pytest.mark.parametrize(
    ("headings", "column", "message"),
    [
        (changed(2, "備考"), "備考", "知らない見出しです。列の見出しを元の表のとおりに直してください。"),
        (changed(2, " "), "（空欄）", "知らない見出しです。列の見出しを元の表のとおりに直してください。"),
        (changed(4, "令和3年度の主な取組"), "令和3年度の主な取組", "同じ見出しが 2 回あります。"),
        (changed(8, "実施状況"), "実施状況", "同じ見出しが 2 回あります。"),
        (changed(4, "主な取組"), "主な取組", "見出しから年度を読み取れません。「令和5年度の主な取組」のように書いてください。"),
        (
            changed(4, "令和4年度・令和5年度の主な取組"),
            "令和4年度・令和5年度の主な取組",
            "見出しから年度を読み取れません。「令和5年度の主な取組」のように書いてください。",
        ),
        (changed(6, "令和7年度の取組予定"), "令和7年度の取組予定", "取組予定の前の年度の「主な取組」の列がありません。"),
        (list(HEADINGS[1:]), None, "見出し「マニフェスト」がありません。"),
        ([*HEADINGS[:3], *HEADINGS[7:]], None, "見出し「主な取組」がありません。"),
        ([*HEADINGS[:7], HEADINGS[8]], None, "見出し「実施状況」がありません。"),
        (list(HEADINGS[:8]), None, "見出し「担当課」がありません。"),
        ([*HEADINGS, *["甲"] * 60], None, "見出しが多すぎます（60 列まで）。"),
    ],
)
def test_a_doubtful_heading_is_refused(headings: list[str], column: str | None, message: str) -> None:
    assert problem(headings) == (7, column, message)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (HEADINGS, True),
        (("マニフェスト", "実施状況", "担当課"), True),
        (("マニフェスト", "担当課"), False),
        (PLEDGE_ROW, False),
        (("・甲の取組", "・乙の取組", "・丙の取組"), False),
        ((), False),
    ],
)
def test_is_heading_row(cells: tuple[str, ...], expected: bool) -> None:
    assert is_heading_row(cells) is expected


def test_a_column_that_is_no_years_has_none() -> None:
    assert Column(Kind.RESULT, "令和5年度の主な取組", 2023).year == 2023
    with pytest.raises(ValueError, match="担当課"):
        Column(Kind.DEPARTMENTS, "担当課").year  # noqa: B018
