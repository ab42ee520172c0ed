"""The answer's sentences, who says so, and how far the term has gone."""

from datetime import date
from typing import Any

import pytest

from tests.public.building import RATINGS, make_entry, save_report
from tests.public.conftest import Site
from tracker.models import Report
from tracker.public.answer import SELF_EVALUATED, evaluator, term_so_far
from tracker.public.change_marks import marks_of_all
from tracker.reports.comparison import compare

TERM = {"first_fiscal_year": 2021, "last_fiscal_year": 2024}
TERM_IN_WORDS = "任期4年（令和3年度～令和6年度）"
CLASSES = [{**step, "ranked": False, "percent": None} for step in RATINGS]


@pytest.mark.parametrize(
    ("about", "fiscal_year", "round_name", "words"),
    [
        (TERM, 2023, "", f"{TERM_IN_WORDS}のうち、3年目（令和5年度）までの報告です。"),
        (
            TERM,
            2024,
            "上半期",
            "任期4年（令和3年度～令和6年度）のうち、4年目（令和6年度上半期）までの報告です。",
        ),
        (TERM, 2025, "", f"{TERM_IN_WORDS}が終わったあとの報告です。"),
        ({}, 2023, "", "令和4年度から令和5年度までの取組の報告です。"),
    ],
)
def test_how_far_the_term_has_gone(
    about: dict[str, int], fiscal_year: int, round_name: str, words: str
) -> None:
    years = [{"fiscal_year": year, "kind": "result", "cumulative": False} for year in (2022, 2023)]
    report = Report(about=about, fiscal_year=fiscal_year, round_name=round_name, years=years)
    assert (term_so_far(report), evaluator(report)) == (words, SELF_EVALUATED)
    assert term_so_far(Report(fiscal_year=2023, years=years[1:])) == "令和5年度の取組の報告です。"


def test_what_the_manifesto_says_stands_where_the_rating_does(site: Site, db: None) -> None:
    about = {
        "mayor": "市民 花子",
        "evaluator": "外部の委員が評価しました。",
        "consideration": "「検討する」公約は、結論を出したときに「達成」とします。",
        "original_url": "https://city.example.jp/manifesto/",
    }
    entries = [make_entry(1, pledge_text="駅の建て替えを検討します"), make_entry(2)]
    save_report(entries, about=about)
    facts = {
        row.one("dt").text: row.one("dd") for row in site.page("/2017/").section("about").one("dl").all("div")
    }
    assert facts["市長"].text == about["mayor"]
    assert facts["だれの評価か"].text.startswith(about["evaluator"])
    assert facts["公約の原本"].links == [about["original_url"]]
    pages = ("", "ratings/", "pledges/1-1-1/", "pledges/1-1-2/")
    assert [about["consideration"] in site.page(f"/2017/{path}").text for path in pages] == [
        *(True, True, True, False)
    ]


def test_classes_are_counted_and_never_called_kept(site: Site, db: None) -> None:
    codes = [*"AABB", ""]
    entries = [make_entry(number, rating_code=code) for number, code in enumerate(codes, start=1)]
    save_report(entries, ratings=CLASSES)
    page = site.page("/2017/")
    assert page.one("h1").text == "5の公約を5の取組に分け、4件に評価が付いています。"
    assert "公約の数え方" not in page.text
    assert site.page("/2017/pledges/").all("select", id="id_pledge_state") == []
    entries[0].rating_code = "C"
    save_report(entries, ratings=CLASSES, as_of=date(2025, 3, 31))
    assert site.page("/2017/").one("h1").text.endswith("前回から、取組1件の評価が変わりました。")


def test_a_rating_that_did_not_move_is_said_so(site: Site, db: None) -> None:
    for year in (2024, 2025):
        save_report([make_entry(1, rating_code="A")], as_of=date(year, 3, 31))
    page = site.page("/2017/")
    assert page.one("h1").text == (
        "1の公約のうち1件が、すべての取組で達成。前回から、評価の上がり下がりはありません。"
    )
    assert page.all("section", "trend") == []


def test_a_pledge_says_how_its_rating_changed(site: Site, db: None) -> None:
    for year, codes in ((2024, "AB"), (2025, "CB")):
        entries = [make_entry(number, rating_code=code) for number, code in enumerate(codes, start=1)]
        save_report(entries, as_of=date(year, 3, 31))
    head = [site.page(f"/2017/pledges/1-1-{number}/").all("span", "change-mark") for number in (1, 2)]
    assert [[mark.text for mark in marks] for marks in head] == [["A→C ▼（前回のAから下がった）"], []]
    squares = [link.attributes["aria-label"] for link in site.page("/2017/").one("ul", "squares").all("a")]
    assert squares == [
        "①公約1を進めます（C 一部達成。前回から：A→C ▼）",
        "①公約2を進めます（B おおむね達成）",
    ]


def test_a_filter_for_changes_can_say_which() -> None:
    def entries(*rows: dict[str, Any]) -> list[Any]:
        return [make_entry(number, **values) for number, values in enumerate(rows, start=1)]

    before = entries({"rating_code": "A"}, {"rating_code": "B"}, {"rating_code": "C"})
    after = entries(
        {"rating_code": "B", "pledge_text": "直しました"}, {"rating_code": "B"}, {"rating_code": "C"}, {}
    )
    after[2].ended_after = 2023
    found = marks_of_all(compare(before, after, [*"ABCDE"]), "令和5年3月末時点")
    kinds = ("A→B", "文章が直った", "終わった取組", "新しい取組")
    assert "（令和5年3月末時点のAから下がった）" in found["1-1-1-1"]
    assert {key: [words in mark for words in kinds] for key, mark in found.items()} == {
        "1-1-1-1": [True, True, False, False],
        "1-1-3-1": [False, False, True, False],
        "1-1-4-1": [False, False, False, True],
    }


def test_a_trend_begins_with_three_reports_of_one_scale(site: Site, db: None) -> None:
    told = []
    for year, ratings in ((2024, RATINGS), (2025, RATINGS), (2026, RATINGS), (2027, CLASSES[:4])):
        save_report([make_entry(1, rating_code="A")], as_of=date(year, 3, 31), ratings=ratings)
        found = [each for each in site.page("/2017/").all("section") if each.all("table", "trend")]
        told.append([row[0] for each in found for row in each.one("table").table_rows()[1:]])
    reports = ["令和6年3月末時点", "令和7年3月末時点", "令和8年3月末時点"]
    assert told == [[], [], reports, []]
