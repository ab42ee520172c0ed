"""The public site after a second year that went through the workflow: ratings changed, one initiative ended,
two unapproved.
"""

import csv
import io
import json
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator

import openpyxl
import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from tests.public.conftest import Row, Site, all_keys_of, key_in, keys_of
from tests.public.markup import Element
from tests.public.test_changes import bare, figures, listed, moves, sections
from tests.second_year import STEPS, UNAPPROVED_REASON, publish_second_year
from tracker.models import Report

OLD = "/2021/reports/2024-03-31/editions/1/"
ENDED, NEW, CARRIED = "8-2-21-2", "8-2-21-3", ["8-2-20-1", "8-2-21-1"]


@pytest.fixture(scope="module")
def second(demo: Report, django_db_blocker: DjangoDbBlocker) -> Iterator[Report]:
    """The report of the second year. `demo` is the one before it."""
    with django_db_blocker.unblock(), transaction.atomic():
        publish_second_year()
        yield Report.objects.get(fiscal_year=2024)
        transaction.set_rollback(True)


def tags(element: Element) -> list[tuple[str, str]]:
    """Tags with where they lead."""
    return [
        (each.text, each.attributes.get("href", ""))
        for each in element.descendants()
        if "tag" in each.attributes.get("class", "")
    ]


def test_old_report_tells_nothing_of_it(site: Site, demo: Report, second: Report) -> None:
    pages = [site.page(f"{OLD}{path}") for path in ("pledges/", "pledges/8-2-21/", "ratings/", "changes/")]
    assert [tags(page) for page in pages] == [[], [], [], []]
    assert all_keys_of(site, f"{OLD}pledges/") == [entry.key for entry in demo.entries.order_by("position")]


def test_table_of_ratings_is_counted_from_the_city_s_table(
    site: Site, demo: Report, second: Report, rows: list[Row]
) -> None:
    codes = ["A", "B", "C", "D", "E", ""]
    before = Counter(row.rating for row in rows)
    moved = {(old, new): count for old, new, count, _reason in STEPS}
    arrows = {("C", "B"): "↑", ("A", "C"): "↓"}
    expected = []
    for old in codes:
        stayed = before[old] - sum(count for (b, _a), count in moved.items() if b == old)
        cells = [
            str(stayed) if new == old else arrows.get((old, new), "") + str(moved.get((old, new), 0))
            for new in codes
        ]
        expected.append([*cells, str(before[old])])
    table = sections(site.page("/2021/changes/"))[0].one("table", "transitions")
    assert [row[1:] for row in bare(table)[:-1]] == expected
    assert bare(table)[-1] == ["合計", "55", "86", "36", "20", "4", "6", "207"]


def test_each_rating_change_stands_in_its_list_with_its_reason(
    site: Site, demo: Report, second: Report
) -> None:
    year, carried = sections(site.page("/2021/changes/"))
    assert figures(year) == {
        "評価が上がった": "9件",
        "評価が下がった": "4件",
        "評価が付いた・なくなった": "2件",
        "新しい取組": "1件",
        "終わった取組": "1件",
        "担当課が変わった": "11件",
        "文章が直った": "0件",
        "そのほかの記載が変わった": "0件",
    }
    told = [
        row[1:]
        for title in ("評価が上がった取組", "評価が下がった取組", "評価が付いた・なくなった取組")
        for row in moves(year, title)
    ]
    words = {"A": "A 達成", "B": "B おおむね達成", "C": "C 一部達成", "D": "D 検討・準備中", "": "評価なし"}
    assert told == [
        [words[old], words[new], reason] for old, new, count, reason in STEPS for _ in range(count)
    ]
    assert [key_in(item.links[0]) for item in carried.all("li")] == CARRIED
    assert carried.texts("p")[0].endswith(f"理由：{UNAPPROVED_REASON}")


def test_who_is_in_charge_is_compared_at_each_date(site: Site, demo: Report, second: Report) -> None:
    """The city's table itself says that six duties of 環境政策課 pass on to GX推進課 with 令和6年度."""
    year = sections(site.page("/2021/changes/"))[0]
    passed = [item for item in listed(year, "担当課が変わった取組") if "環境政策課" in item]
    assert Counter(item.partition("担当課：")[2] for item in passed) == {
        "環境政策課（～令和5年度） → GX推進課（令和6年度～）": 5,
        "環境政策課（～令和5年度）、資源循環課（～令和5年度） → GX推進課（令和6年度～）": 1,
    }


def test_what_was_not_rated_anew_is_no_unchanged_rating(site: Site, demo: Report, second: Report) -> None:
    year = sections(site.page("/2021/changes/"))[0]
    assert year.one("p", "moves-in-words").text == (
        "どちらの公表版にもある取組は207件です。そのうち評価が変わらなかったものは185件、上がったものは9件、"
        "下がったものは4件、評価が付いた・なくなったものは2件です。 "
        "評価なしのままのものが4件あります。終わっていて、終わったときの評価のままのものが1件あります。"
        "承認前のため、前の公表のままの評価を載せたものが2件あります。"
    )
    assert "承認前のため前の公表のままの取組も、ここに入っています。" in year.texts("p", "note")[0]


def test_average_is_told_with_the_ratings_that_came_and_went(
    site: Site, demo: Report, second: Report
) -> None:
    """It rose from 70.3 % to 70.7 % although two ratings of 25 % only vanished."""
    words = (
        "平均進捗率は 70.7%（前の公表版は 70.3%）です。計算に入る取組が同じではありません。"
        "評価が付いて計算に加わった取組が1件、評価がなくなったか載らなくなって計算から外れた取組が2件あります。"
        "どちらの公表版でも評価のある201件だけで比べると、70.8%から70.9%です。"
    )
    overview = site.page("/2021/")
    assert overview.section("changes").texts("p", "average-move") == [words]
    assert sections(site.page("/2021/changes/"))[0].texts("p", "average-move") == [words]
    assert overview.one("h1").text.endswith("前回から、取組9件の評価が上がり、4件が下がりました。")
    assert any(
        words.startswith("「無」には、始まる前や終わったあとの")
        for words in overview.section("years").texts("p")
    )


def test_heads_of_lists_say_what_was_not_rated_anew(site: Site, demo: Report, second: Report) -> None:
    names = {each["name"]: each["code"] for each in second.outline["departments"]}
    pages = ["", *(f"{names[name]}/" for name in ("行政課", "事務管理課"))]
    told = {
        path: [
            words.partition("件は")[0] for words in site.page(path).texts("p", "note") if "で数えて" in words
        ]
        for path in ["/2021/pledges/", *(f"/2021/departments/{own}" for own in pages)]
    }
    ended, carried = "終わった取組 1", "承認前の取組 2"
    assert told["/2021/pledges/"] == told["/2021/departments/"] == [ended, carried]
    assert told[f"/2021/departments/{names['行政課']}/"] == [ended]
    assert told[f"/2021/departments/{names['事務管理課']}/"] == [carried]
    assert site.page(f"{OLD}pledges/").texts("p", "note") == []


def test_history_of_reports_marks_what_was_not_rated_anew(site: Site, demo: Report, second: Report) -> None:
    table = site.page("/2021/pledges/8-2-21/").section("history").all("table")[-1].table_rows()
    assert table == [
        ["時点", "取組1", "取組2", "取組3"],
        ["令和6年3月末時点", "B おおむね達成", "D 検討・準備中", ""],
        ["令和7年3月末時点", "B おおむね達成 承認前", "D 検討・準備中 終了", "D 検討・準備中"],
    ]


def test_overview_and_rating_rule_say_how_such_rows_are_counted(
    site: Site, demo: Report, second: Report
) -> None:
    expected = [
        "終わった取組 1件は、終わったときの評価で数えています。",
        (
            f"承認前の取組 2件は、前の公表のままの評価で数えています。理由：{UNAPPROVED_REASON} "
            "承認前の取組を見る"
        ),
    ]
    for path, section in (("/2021/", "whole"), ("/2021/ratings/", "scale")):
        notes = site.page(path).section(section).all("p", "note")
        assert [each.text for each in notes][-2:] == expected
        assert notes[-1].links == ["/2021/changes/#carried"]
    assert [
        words for words in site.page(OLD).texts("p", "note") if "終わった" in words or "承認" in words
    ] == []


def test_ended_initiative_is_counted_with_its_last_rating(site: Site, demo: Report, second: Report) -> None:
    counts = [row[1] for row in site.page("/2021/").one("table", "distribution").table_rows()[1:]]
    assert counts == ["55件", "86件", "36件", "21件", "4件", "6件", "208件"]


def test_lists_mark_what_has_ended_and_what_was_not_approved(
    site: Site, demo: Report, second: Report
) -> None:
    page = site.page("/2021/pledges/", {"field": "8"})
    marked = {
        key: tags(entry)
        for key, entry in zip(keys_of(page), page.all("li", "entry"), strict=True)
        if tags(entry)
    }
    assert marked == {
        "8-2-20-1": [("承認前", f"{OLD}pledges/8-2-20/#initiative-1")],
        "8-2-21-1": [("承認前", f"{OLD}pledges/8-2-21/#initiative-1")],
        "8-2-21-2": [("令和5年度で終了", "")],
    }
    tag = page.all("a", "tag")[0]
    assert tag.attributes["aria-label"] == tag.attributes["title"] == "令和6年3月末時点のまま（承認前）"
    assert site.status(f"{OLD}pledges/8-2-20/") == 200


def test_department_pages_mark_them_too(site: Site, demo: Report, second: Report, rows: list[Row]) -> None:
    names = dict(zip((row.key for row in rows), (row.departments_in(2023) for row in rows), strict=True))
    codes = {each["name"]: each["code"] for each in second.outline["departments"]}
    ended = site.page(f"/2021/departments/{codes[names[ENDED][0]]}/")
    assert "令和5年度で終了" in ended.texts("span", "tag")
    carried = site.page(f"/2021/departments/{codes[names[CARRIED[0]][0]]}/")
    assert "承認前" in carried.texts("a", "tag")


def test_timeline_of_an_ended_initiative_stops_with_a_sentence(
    site: Site, demo: Report, second: Report
) -> None:
    page = site.page("/2021/pledges/8-2-21/")
    carried, ended, new = page.all("section", "initiative")
    first = ended.all("ol", "timeline")[0].all("li")[0]
    assert first.text == "この取組は令和5年度（2023年度）で終わりました。評価は、終わったときのものです。"
    assert ended.texts("h4")[0] == "令和6年度（2024年度）"  # the plan that was published for it
    assert tags(ended) == [("令和5年度で終了", "")]
    assert new.all("li", "timeline-end") == []
    assert new.texts("h4")[0] == "令和7年度（2025年度）"
    words = carried.one("li", "timeline-end").text
    assert words == (
        "令和6年度（2024年度）の内容は、公表のときにまだ承認されていなかったため、"
        f"令和6年3月末時点の公表のまま載せています。理由：{UNAPPROVED_REASON}"
    )
    assert tags(carried) == [("令和6年3月末時点のまま（承認前）", f"{OLD}pledges/8-2-21/#initiative-1")]
    assert tags(page.one("nav", "initiative-index")) == [("承認前", ""), ("令和5年度で終了", "")]


def test_history_tells_each_year_s_rating_and_why_it_changed(
    site: Site, demo: Report, second: Report
) -> None:
    year = sections(site.page("/2021/changes/"))[0]
    for title, (before, after, _count, reason) in zip(
        ("評価が上がった取組", "評価が下がった取組"), STEPS, strict=False
    ):
        block = next(each for each in year.all("div", "moves") if each.one("h3").text.startswith(title))
        pledge, _, position = key_in(block.all("li")[0].links[0]).rpartition("-")
        tables = site.page(f"/2021/pledges/{pledge}/").section("history").all("table", "rating-years")
        table = next(each for each in tables if each.one("caption").text == f"取組{position}の年度ごとの評価")
        told = [[row[0], row[1].split(" ")[0], row[2]] for row in table.table_rows()]
        assert told == [
            ["年度", "評価", "評価の理由"],
            ["令和5年度", before, "―"],
            ["令和6年度", after, reason],
        ]
    assert site.page(f"{OLD}pledges/{pledge}/").section("history").all("table") == []


def test_reports_page_tells_how_many_and_why(site: Site, demo: Report, second: Report) -> None:
    told = site.page("/2021/reports/").one("ol", "report-list").texts("p")
    assert [words for words in told if "取組 " in words] == [
        "終わった取組 1件は、終わったときのまま載せています。",
        f"承認前の取組 2件は、前の公表のまま載せています。理由：{UNAPPROVED_REASON}（承認前の取組を見る）",
    ]


def test_data_has_a_column_for_each(site: Site, demo: Report, second: Report) -> None:
    name = "/2021/data/102041_manifesto-initiatives_2025-03-31_e1."
    records = json.loads(site.get(f"{name}json").content)
    found = {row["initiative_key"]: (row["ended_after"], row["carried_from"]) for row in records["rows"]}
    assert {key: value for key, value in found.items() if any(value)} == {
        ENDED: (2023, None),
        **dict.fromkeys(CARRIED, (None, "2024-03-31")),
    }
    assert (records["unapproved_reason"], len(found), NEW in found) == (UNAPPROVED_REASON, 208, True)
    rows = list(csv.DictReader(io.StringIO(site.get(f"{name}csv").content.decode("utf-8-sig"))))
    told = {row["initiative_key"]: (row["ended_after"], row["carried_from"]) for row in rows}
    assert {key: value for key, value in told.items() if any(value)} == {
        ENDED: ("2023", ""),
        **dict.fromkeys(CARRIED, ("", "2024-03-31")),
    }
    sheet = openpyxl.load_workbook(io.BytesIO(site.get(f"{name}xlsx").content))["initiatives"]
    head, *cells = sheet.iter_rows(values_only=True)
    in_excel = [dict(zip(head, row, strict=True)) for row in cells]
    assert {row["initiative_key"]: (row["ended_after"], row["carried_from"]) for row in in_excel} == found
    defined = [
        row[0] for table in site.page("/2021/data/").all("table", "definitions") for row in table.table_rows()
    ]
    assert [defined.count(column) for column in ("ended_after", "carried_from")] == [
        2,
        2,
    ]  # in rating_history, too
    history = json.loads(site.get(name.replace("initiatives", "rating-history") + "json").content)["rows"]
    assert Counter(row["report_as_of"] for row in history) == {"2024-03-31": 207, "2025-03-31": 208}
    reasons = [reason for _before, _after, count, reason in STEPS for _each in range(count)]
    told = Counter(
        row["rating_reason"]
        for row in history
        if row["report_as_of"] == "2025-03-31" and row["rating_reason"]
    )
    assert told == Counter([*reasons, "今年度から始めたため"])


def test_feed_tells_the_year(site: Site, demo: Report, second: Report) -> None:
    found = ET.fromstring(site.get("/2021/feed.atom").content)
    summaries = [each.text for each in found.iter("{http://www.w3.org/2005/Atom}summary")]
    assert summaries == [
        "取組208件。 令和6年3月末時点（第1版）と比べて、評価が上がった取組 9件、評価が下がった取組 4件、"
        "評価が付いた・なくなった取組 2件、新しい取組 1件、終わった取組 1件。"
        " 承認前のため前の公表のまま載せた取組 2件。 "
        f"承認前の取組を残して公表した理由：{UNAPPROVED_REASON}",
        "取組207件。 最初の公表版です。",
    ]
