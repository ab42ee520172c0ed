"""Entries as pages show them."""

from datetime import date

import pytest
from django.utils.safestring import SafeString

from tests.public.building import RATINGS, YEARS, make_entry, term
from tracker.public.pledge_lists import _current_departments
from tracker.public.rows import TextLine, badges, rating_years, squares, timeline
from tracker.reports.figures import RatingStep

SCALE = RatingStep.scale(RATINGS)


def test_badges_are_letter_and_word_and_shape() -> None:
    made = badges(SCALE)
    assert list(made) == ["A", "B", "C", "D", "E", ""]
    assert [
        ">達成<" in made["A"],
        ">A<" in made["A"],
        "<path" in made["A"],
        "<path" in made["E"],
        "<circle" in made["E"],
    ] == [*(True, True, True, False, True)]
    assert ["評価なし" in made[""], "stroke-dasharray" in made[""], "rating-letter" in made[""]] == [
        True,
        True,
        False,
    ]


def test_badge_of_a_word_says_it_once_and_of_a_symbol_draws_no_other() -> None:
    made = badges([RatingStep("順調", "順調", "", None, 2), RatingStep("△", "未実施", "", None, 5)])
    assert [made["順調"].count("順調"), "rating-letter" in made["順調"], "<path" in made["順調"]] == [
        1,
        False,
        True,
    ]
    assert [made["△"].count("△"), "未実施" in made["△"], "<svg" in made["△"]] == [1, True, False]


def test_departments_with_divisions_are_parted_by_commas() -> None:
    terms = [
        term("001", "総務部 総務課"),
        term("002", "議会事務局"),
        term("003", "建設部 土木課", when="past"),
    ]
    shown = [_current_departments({"departments": terms[:n], "other_departments": n == 3}) for n in (1, 2, 3)]
    assert shown == ["総務部 総務課", "総務部 総務課、議会事務局", "総務部 総務課、議会事務局、ほか"]
    assert (
        _current_departments(
            {"departments": [term("1", "甲課"), term("2", "乙課")], "other_departments": False}
        )
        == "甲課 乙課"
    )


def test_badge_of_a_label_with_markup_is_escaped() -> None:
    step = RatingStep("<b>", "<script>alert(1)</script>", "", 50, 3)
    assert "<script" not in badges([step])["<b>"]
    assert "&lt;script&gt;" in badges([step])["<b>"]


def test_squares_keep_order_and_name_ratings() -> None:
    rows = [
        make_entry(1, rating_code="A"),
        make_entry(2, rating_code=""),
        make_entry(3, key="1-1-2-2", pledge_key="1-1-2", initiative_position=2, rating_code="E"),
        make_entry(4, key="1-1-2-3", pledge_key="1-1-2", initiative_position=3, rating_code="E"),
        make_entry(5, rating_code="Z"),
    ]
    made = squares([vars(row) for row in rows], SCALE, "/2021/pledges/{key}/")
    assert [(each.address, each.name) for each in made] == [
        ("/2021/pledges/1-1-1/", "①公約1を進めます（A 達成）"),
        ("/2021/pledges/1-1-2/", "①公約2を進めます（取組3件：評価なし 1件、E 未着手 2件）"),
        ("/2021/pledges/1-1-5/", "①公約5を進めます（評価なし）"),
    ]
    assert [[part.letter for part in each.parts] for each in made] == [["A"], ["—", "E", "E"], ["—"]]


@pytest.mark.parametrize(
    ("refers_to", "gist"),
    [
        ([], ""),
        ([(2021, ["甲", "乙"])], "甲　乙"),
        ([(2021, ["甲"]), (2022, ["乙"])], "乙"),
        ([(2021, ["字" * 60])], "字" * 60),
        ([(2021, ["字" * 61])], "字" * 59 + "…"),
    ],
)
def test_gist_is_the_last_wording_cut_short(refers_to: list[tuple[int, list[str]]], gist: str) -> None:
    assert TextLine("令和4年度までの取組を引き続き実施しました。", True, refers_to).gist == gist


def test_further_counts_the_lines_of_years_before_the_last() -> None:
    assert [
        TextLine("", True, told).further
        for told in ([], [(2021, ["甲"])], [(2021, ["甲", "乙"]), (2022, ["丙"])])
    ] == [0, 0, 2]


def test_years_are_in_order_with_plan_and_result_where_the_report_tells_them() -> None:
    columns = [
        {"fiscal_year": 2024, "kind": "plan", "cumulative": False},
        {"fiscal_year": 2023, "kind": "result", "cumulative": False},
        {"fiscal_year": 2023, "kind": "plan", "cumulative": False},
        {"fiscal_year": 2022, "kind": "result", "cumulative": True},
    ]
    made = timeline(make_entry(plans={"2023": "・甲", "2024": ""}), columns)
    assert [(y.fiscal_year, y.cumulative, y.plan is not None, y.result is not None) for y in made] == [
        (2022, True, False, True),
        (2023, False, True, True),
        (2024, False, True, False),
    ]
    assert made[1].plan == [TextLine("甲", True, [])]
    assert made[2].plan == []


def test_continuation_refers_only_to_what_lies_before_it() -> None:
    """A slip of the pen that names a later year must not let a text explain itself."""
    entry = make_entry(
        results={
            "2022": "・令和9年度までの取組を引き続き実施しました。\n・乙",
            "2023": "・令和9年度までの取組を引き続き実施しました。",
        },
        plans={},
    )
    made = timeline(entry, YEARS)
    assert made[0].result == [
        TextLine("令和9年度までの取組を引き続き実施しました。", True, []),
        TextLine("乙", True, []),
    ]
    assert made[1].result == [TextLine("令和9年度までの取組を引き続き実施しました。", True, [(2022, ["乙"])])]


def test_year_missing_from_an_entry_is_empty() -> None:
    made = timeline(make_entry(results={}, plans={}), YEARS)
    assert [(y.plan, y.result) for y in made] == [(None, []), (None, []), ([], None)]


TWO_MORE = [
    *YEARS,
    {"fiscal_year": 2024, "kind": "result", "cumulative": False},
    {"fiscal_year": 2025, "kind": "plan", "cumulative": False},
]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, [(2022, False, True), (2023, False, True), (2024, True, True), (2025, True, False)]),
        ({"ended_after": 2023, "plans": {}}, [(2022, False, True), (2023, False, True)]),
        ({"ended_after": 2023}, [(2022, False, True), (2023, False, True), (2024, True, False)]),
        (
            {"carried_from": date(2024, 3, 31)},
            [(2022, False, True), (2023, False, True), (2024, True, False)],
        ),
        ({"carried_from": date(2025, 3, 31)}, [(2022, False, True), (2023, False, True), (2024, True, True)]),
        ({"results": {"2024": ""}, "plans": {}}, [(2024, False, True), (2025, True, False)]),
        ({"results": {"2024": ""}}, [(2024, True, True), (2025, True, False)]),
        ({"results": {}, "plans": {"2025": "・甲"}}, [(2025, True, False)]),
        (
            {"results": {"2022": "", "2024": "・甲"}},
            [(2022, False, True), (2023, False, True), (2024, True, True), (2025, True, False)],
        ),
    ],
)
def test_years_begin_and_stop_where_an_entry_does(
    values: dict[str, object], expected: list[tuple[int, bool, bool]]
) -> None:
    """A plan that was published for a year after the end is still told; so is a year of an empty row."""
    made = timeline(make_entry(**values), TWO_MORE)
    assert [(y.fiscal_year, y.plan is not None, y.result is not None) for y in made] == expected


def history(*rated: tuple[int, str, str]) -> list[dict[str, object]]:
    return [{"fiscal_year": year, "code": code, "reason": reason} for year, code, reason in rated]


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ([], []),
        ([(2023, "B", "")], []),  # the badge says so already
        ([(2023, "B", "甲")], [(2023, "<B>", "甲", False)]),
        ([(2023, "B", ""), (2024, "Z", "乙")], [(2023, "<B>", "", False), (2024, "Z", "乙", False)]),
    ],
)
def test_rating_years_are_told_where_there_is_something_to_tell(
    told: list[tuple[int, str, str]], expected: list[tuple[int, str, str, bool]]
) -> None:
    entry = make_entry(rating_history=history(*told))
    assert [tuple(year) for year in rating_years(entry, {"B": SafeString("<B>")})] == expected


def test_a_single_rating_is_told_where_only_a_table_said_it() -> None:
    entry = make_entry(rating_history=[{"fiscal_year": 2022, "code": "B", "reason": "", "from_table": True}])
    assert rating_years(entry, {"B": SafeString("<B>")}) == [(2022, "<B>", "", True)]
