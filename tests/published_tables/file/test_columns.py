"""Heading rows: what a heading means beside others, what is a note, and that doubt is refused."""

import pytest

from tests.published_tables.file.writing import HEADINGS, PLEDGE_ROW
from tracker.published_tables.file.columns import (
    RENAME,
    TableColumn,
    is_heading_row,
    read_headings,
    refuse_lacking,
)
from tracker.published_tables.file.headings import Kind
from tracker.workbooks.problems import FileProblem

TWICE = f"同じ見出しが 2 回あります。{RENAME}"


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
    others = [
        heading
        for heading in HEADINGS
        if read_headings(HEADINGS, 1)[HEADINGS.index(heading)].kind is not kind
    ]
    extra = (
        ["令和7年度の主な取組", "令和6年度の主な取組"]
        if kind is Kind.PLAN
        else ["令和4年度の主な取組"]
        if kind is Kind.RESULT
        else []
    )
    others = [heading for heading in others if "予定" not in heading or kind is not Kind.RESULT]
    assert [
        c.kind for c in read_headings([*others, printed, *extra], 1) if c.heading == " ".join(printed.split())
    ] == [kind]


def test_blank_cells_behind_the_headings_do_not_count() -> None:
    assert read_headings([*HEADINGS, "", " "], 1) == read_headings(HEADINGS, 1)


def problem(headings: list[str]) -> tuple[int | None, str | None, str]:
    with pytest.raises(FileProblem) as caught:
        refuse_lacking(read_headings(headings, 7, "表"), 7, "表")
    assert caught.value.sheet == "表"
    return caught.value.row, caught.value.column, caught.value.message


def changed(place: int, heading: str) -> list[str]:
    return [heading if index == place else known for index, known in enumerate(HEADINGS)]


@pytest.mark.parametrize(
    ("headings", "column", "message"),
    [
        (changed(4, "令和3年度の主な取組"), "令和3年度の主な取組", TWICE),
        (changed(8, "実施状況"), "実施状況", TWICE),
        (
            changed(4, "主な取組"),
            "主な取組",
            "見出しから年度を読み取れません。「令和5年度の主な取組」のように書いてください。",
        ),
        (
            changed(4, "令和4年度・令和5年度の主な取組"),
            "令和4年度・令和5年度の主な取組",
            "見出しから年度を読み取れません。「令和5年度の主な取組」のように書いてください。",
        ),
        (
            changed(6, "令和7年度の取組予定"),
            "令和7年度の取組予定",
            "取組予定の前の年度の「主な取組」の列がありません。",
        ),
        (
            [*changed(6, "令和7年度の取組予定"), "備考"],
            "令和7年度の取組予定",
            "取組予定の前の年度の「主な取組」の列がありません。知らない見出し「備考」を確かめてください。",
        ),
        (list(HEADINGS[1:]), None, "見出し「マニフェスト」がありません。"),
        (
            changed(8, "担当化"),
            None,
            "見出し「担当課」がありません。知らない見出し「担当化」を確かめてください。",
        ),
        (
            [*changed(7, "実施情況"), "", "備考"],
            None,
            ("見出し「実施状況」がありません。知らない見出し「実施情況」「J列」「備考」を確かめてください。"),
        ),
        (
            [*changed(7, "評価"), "達成度"],
            None,
            (
                "評価の列が「評価」「達成度」のどれか決められません。"
                "評価でない列の見出しを、別の名前にしてください。"
            ),
        ),
        ([*HEADINGS[:8], "部"], None, "見出し「担当課」がありません。"),
        (
            [*HEADINGS[:8], "担当部局", "担当化"],
            None,
            "見出し「担当課」がありません。知らない見出し「担当化」を確かめてください。",
        ),
        ([*HEADINGS, "所管課"], "所管課", TWICE),
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


def read(*headings: str, sheet: str | None = None, width: int = 0) -> list[tuple[Kind, str, int | None]]:
    return [(c.kind, c.heading, c.fiscal_year) for c in read_headings(headings, 7, sheet, width=width)]


PLAIN = ("公約", "令和5年度の取組", "評価", "担当課")


def test_an_unknown_heading_is_a_column_of_notes() -> None:
    assert read(*PLAIN, "備考", "予算額\n（千円）")[4:] == [
        (Kind.NOTE, "備考", None),
        (Kind.NOTE, "予算額 （千円）", None),
    ]


def test_a_blank_heading_between_others_is_named_by_its_place() -> None:
    assert read("公約", "", *PLAIN[1:])[1] == (Kind.NOTE, "2列目", None)
    assert read("公約", "", *PLAIN[1:], sheet="表")[1] == (Kind.NOTE, "B列", None)


def test_a_blank_heading_at_the_end_counts_where_something_is_below() -> None:
    assert read(*PLAIN, "", "", sheet="表") == read(*PLAIN, sheet="表")
    assert read(*PLAIN, "", "", sheet="表", width=5)[4:] == [(Kind.NOTE, "E列", None)]


def test_notes_of_one_name_are_told_apart() -> None:
    assert [name for _, name, _ in read(*PLAIN, "備考", "備考", "備考（2）")[4:]] == [
        "備考",
        "備考（2）",
        "備考（2）（2）",
    ]


@pytest.mark.parametrize(
    ("headings", "rating", "others"),
    [
        (["進捗状況", "評価"], "評価", [Kind.NOTE]),
        (["進捗状況", "令和5年度の評価"], "令和5年度の評価", [Kind.NOTE]),
        (["令和4年度の実施状況", "実施状況"], "実施状況", [Kind.RESULT]),
        (["令和4年度の進捗状況", "令和5年度評価"], "令和5年度評価", [Kind.RESULT]),
    ],
)
def test_one_of_several_ratings_is_the_rating(headings: list[str], rating: str, others: list[Kind]) -> None:
    found = read("公約", "令和5年度の取組", *headings, "担当課")
    assert [name for kind, name, _ in found if kind is Kind.RATING] == [rating]
    assert [kind for kind, name, _ in found if name in headings and name != rating] == others


def test_a_rating_of_an_earlier_year_is_that_years() -> None:
    found = read("公約", "令和5年度の取組", "令和4年度評価", "令和5年度評価", "担当課")
    assert found[2:4] == [(Kind.RATING, "令和4年度評価", 2022), (Kind.RATING, "令和5年度評価", None)]


def test_the_only_rating_is_the_tables_whatever_year_it_names() -> None:
    assert read("公約", "R5の取組", "令和5年度評価", "担当課")[2] == (Kind.RATING, "令和5年度評価", None)


@pytest.mark.parametrize("lacking", range(1, 4))
def test_a_table_may_lack_all_but_its_pledges(lacking: int) -> None:
    headings = [heading for place, heading in enumerate(PLAIN) if place != lacking]
    columns = read_headings(headings, 7)
    refuse_lacking(columns, 7)
    assert [column.heading for column in columns] == headings


def test_undated_results_alone_are_of_the_tables_year() -> None:
    assert read("公約", "取組内容", "評価", "担当課")[1] == (Kind.RESULT, "取組内容", None)
    assert read("公約", "これまでの取組", "評価", "担当課")[1] == (Kind.RESULT, "これまでの取組", None)


@pytest.mark.parametrize(
    ("headings", "kinds"),
    [
        (["分野", "項目", "公約"], [Kind.FIELD, Kind.SECTION, Kind.PLEDGE]),
        (["分野", "No.", "マニフェスト"], [Kind.FIELD, Kind.NUMBER, Kind.PLEDGE]),
        (["政策", "具体的施策"], [Kind.FIELD, Kind.PLEDGE]),
        (["重点項目", "実施項目"], [Kind.FIELD, Kind.PLEDGE]),
        (["項目"], [Kind.PLEDGE]),
        (["公約", "事業名"], [Kind.PLEDGE, Kind.INITIATIVE]),
    ],
)
def test_the_last_level_is_the_pledge_where_none_is_called_so(headings: list[str], kinds: list[Kind]) -> None:
    assert [kind for kind, _, _ in read(*headings, *PLAIN[1:])[: len(kinds)]] == kinds


def test_figures_with_years_are_an_indicators() -> None:
    headings = [
        "施策",
        "成果目標",
        "単位",
        "目標値 R4",
        "実績値 R3",
        "実績値 R4",
        "達成率 R4",
        "評価",
        "所管課",
    ]
    assert [(kind, year) for kind, _, year in read(*headings)[1:7]] == [
        *((Kind.INDICATOR, None), (Kind.UNIT, None), (Kind.TARGET, 2022)),
        *((Kind.ACTUAL, 2021), (Kind.ACTUAL, 2022), (Kind.RATE, 2022)),
    ]


def test_an_undated_text_beside_dated_ones_is_a_note() -> None:
    assert read("公約", "取組内容", "R5実績", "評価", "担当課")[1] == (Kind.NOTE, "取組内容", None)


def test_division_and_section_are_two_columns() -> None:
    assert [kind for kind, _, _ in read(*PLAIN[:3], "部", "課")] == [
        *(Kind.PLEDGE, Kind.RESULT, Kind.RATING, Kind.DIVISION, Kind.DEPARTMENTS)
    ]


def test_a_division_alone_is_the_department() -> None:
    assert read(*PLAIN[:3], "担当部局", "備考")[3] == (Kind.DEPARTMENTS, "担当部局", None)


def test_two_plans_stand_beside_their_results() -> None:
    headings = ("公約", "R4実績", "R5の予定", "R5実績", "R6の予定", "評価", "担当課")
    assert [(kind, year) for kind, _, year in read(*headings)[1:5]] == [
        *((Kind.RESULT, 2022), (Kind.PLAN, 2023), (Kind.RESULT, 2023), (Kind.PLAN, 2024))
    ]


@pytest.mark.parametrize("plan", ["令和7年度の予定", "令和8年度の予定"])
def test_a_further_plan_without_results_before_it_is_a_note(plan: str) -> None:
    assert read("公約", plan, "R5実績", "R6の予定", "評価", "担当課")[1] == (Kind.NOTE, plan, None)


@pytest.mark.parametrize("name", ["取組名", "取組の名称", "取り組み名", "事業名", "具体的取組名"])
def test_what_initiatives_are_called_stands_beside_the_pledge(name: str) -> None:
    assert read("公約", name, "R5実績", "評価", "担当課")[1] == (Kind.INITIATIVE, name, None)
    assert read("公約", "事業名", "取組名", "R5実績", "評価", "担当課")[1:3] == [
        *((Kind.NOTE, "事業名", None), (Kind.INITIATIVE, "取組名", None))
    ]
    assert read("取組名", "R5実績", "評価", "担当課")[0] == (Kind.PLEDGE, "取組名", None)


def test_a_plan_of_the_only_results_year_stands_beside_them() -> None:
    assert read("公約", "R5の予定", "R5実績", "評価", "担当課")[1] == (Kind.PLAN, "R5の予定", 2023)


def test_a_column_that_is_no_years_has_none() -> None:
    assert TableColumn(Kind.RESULT, "令和5年度の主な取組", 2023).year == 2023
    with pytest.raises(ValueError, match="担当課"):
        TableColumn(Kind.DEPARTMENTS, "担当課").year  # noqa: B018
