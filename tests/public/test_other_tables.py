"""The public site of two made-up cities: one rated by symbols, one by words with departments by division."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import transaction
from pytest_django import DjangoDbBlocker

from tests.conftest import SYMBOLS, WORDS
from tests.public.building import copy_report
from tests.public.conftest import Site, keys_of
from tests.public.markup import Element, parse
from tracker.models import Report, ReportEntry
from tracker.published_tables.file.reading import read_table

QUERIES_PER_PATH = 6  # a filtered list leads to every other filter
THE_YEAR_AFTER = date(2026, 3, 31)


def published(file: Path, slug: str, blocker: DjangoDbBlocker) -> Iterator[Report]:
    """The fixture's report; one of the year after follows it, in which the first rating below has gone up,
    the next one down.
    """
    with blocker.unblock(), transaction.atomic():
        call_command("import_report", file, publish=True, manifesto=slug, verbosity=0)
        report = Report.objects.get(slug=slug)
        codes = [rating["code"] for rating in report.ratings]

        def change(entries: list[ReportEntry]) -> list[ReportEntry]:
            last, second = (
                next(entry for entry in entries if entry.rating_code == code)
                for code in (codes[-1], codes[1])
            )
            last.rating_code, second.rating_code = codes[0], codes[-1]
            return entries

        copy_report(report, as_of=THE_YEAR_AFTER, change=change)
        yield report
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def symbols(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Report]:
    yield from published(SYMBOLS, "symbols", django_db_blocker)


@pytest.fixture(scope="module")
def words(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Report]:
    yield from published(WORDS, "words", django_db_blocker)


@pytest.fixture(scope="module", params=["symbols", "words"])
def slug(request: pytest.FixtureRequest) -> str:
    """Each of the two manifestos in turn."""
    report: Report = request.getfixturevalue(request.param)
    return report.slug


def walked(site: Site, slug: str) -> dict[str, tuple[int, Element | None]]:
    """Status and page of every address of a manifesto that its pages lead to. Markup that does not nest
    fails.
    """
    found: dict[str, tuple[int, Element | None]] = {}
    queries: dict[str, int] = {}
    frontier = [f"/{slug}/"]
    while frontier:
        address = frontier.pop(0)
        path, _, query = address.partition("?")
        answer = site.get(path, query)
        is_page = answer["Content-Type"].startswith("text/html")
        page = parse(answer.content.decode()) if is_page and answer.status_code == 200 else None
        found[address] = (answer.status_code, page)
        for link in page.links if page else ():
            link = link.split("#")[0]
            if not link.startswith(f"/{slug}/") or link in found or link in frontier:
                continue
            path, _, query = link.partition("?")
            queries[path] = queries.get(path, 0) + bool(query)
            if not query or queries[path] <= QUERIES_PER_PATH:
                frontier.append(link)
    return found


@pytest.mark.long
def test_every_page_answers_and_is_well_formed(site: Site, slug: str) -> None:
    found = walked(site, slug)
    assert {address: status for address, (status, _) in found.items() if status != 200} == {}
    kinds = {re.sub(r"[\d-]+(?=/)", "N", address.partition("?")[0]) for address in found}
    assert {
        f"/{slug}/{rest}"
        for rest in ("", "pledges/", "pledges/N/", "departments/N/", "ratings/", "reports/", "data/")
    } <= kinds
    for address, (_, page) in found.items():
        if page is None:
            continue
        ids = [each.attributes["id"] for each in page.descendants() if "id" in each.attributes]
        assert len(ids) == len(set(ids)), address
        assert {link[1:] for link in page.links if link.startswith("#")} - set(ids) == set(), address
        levels = [int(each.name[1]) for each in page.descendants() if re.fullmatch("h[1-6]", each.name)]
        assert [b for a, b in pairwise(levels) if b > a + 1] == [], address
        assert re.findall(r"\bNone\b|%s|\{\{", page.one("main").text) == [], address


OVERVIEW = {
    "symbols": (["◎ 実施済", "○ 一部実施", "△ 未実施"], [8, 12, 3, 1], ["◎", "○", "△", "—"], 24),
    "words": (["達成", "順調", "おおむね順調", "遅れ"], [5, 7, 5, 2, 1], ["達", "順", "お", "遅", "—"], 20),
}


def test_the_overview_counts_each_rating_and_draws_it_apart(site: Site, slug: str) -> None:
    names, counts, letters, total = OVERVIEW[slug]
    page = site.page(f"/{slug}/reports/2025-03-31/")
    rows = page.one("table", "distribution").table_rows()[1:]
    assert [row[1] for row in rows] == [*(f"{count}件" for count in counts), f"{total}件"]
    assert [each.text for each in page.one("ul", "legend").all("li")] == [*names, "評価なし"]
    assert {text for square in page.all("ul", "squares") for text in square.texts("text")} == set(letters)
    assert page.section("fields").one("tfoot").table_rows() == [["全体", "", *map(str, counts), str(total)]]
    assert page.section("fields").all("thead")[0].table_rows()[0][2:] == [
        *(name.split()[0] for name in names), "評価なし", "合計"
    ]  # fmt: skip


def test_there_is_no_average_where_the_scale_has_no_percentages(site: Site, slug: str) -> None:
    page = site.page(f"/{slug}/")
    assert page.texts("p", "average") == [
        "この評価には進捗率の目安がないため、平均進捗率は計算できません。件数で見てください。"
    ]
    groups = [f"/{slug}/departments/", f"/{slug}/sdgs/"]
    one = next(
        link
        for link in site.page(groups[0]).one("main").links
        if link.startswith(groups[0]) and link != groups[0]
    )
    others = [site.page(path).one("main").text for path in (*groups, one)]
    assert [
        text for text in (page.section("fields").text, *others) if "平均" in text or "進捗率" in text
    ] == []


def test_a_mark_never_looks_like_another_rating(site: Site, symbols: Report, words: Report) -> None:
    badges = site.page("/symbols/").one("ul", "legend").all("span", "rating")
    assert [len(badge.all("svg")) for badge in badges] == [0, 0, 0, 1]
    badges = site.page("/words/").one("ul", "legend").all("span", "rating")
    assert [[path.attributes["d"] for path in badge.all("path")] for badge in badges[:4]] == [
        ["M8 1a7 7 0 1 1 0 14a7 7 0 1 1 0-14z"],
        ["M8 8V1A7 7 0 1 1 1.00 8.00z"],
        ["M8 8V1A7 7 0 0 1 15.00 8.00z"],
        [],
    ]


def test_the_list_is_filtered_by_each_rating(site: Site, slug: str) -> None:
    codes, counts, _, total = OVERVIEW[slug]
    base = f"/{slug}/reports/2025-03-31/"
    for code, count in zip([*(name.split()[0] for name in codes), "none"], counts, strict=True):
        page = site.page(f"{base}pledges/", {"rating": code})
        assert page.one("p", "result-count").text == f"{total}件中 {count}件の取組"
        assert len(keys_of(page)) == count
    boxes = [each.text for each in site.page(f"{base}pledges/").all("label", "check")]
    assert boxes == [*codes, "評価なし"]


def test_what_the_table_does_not_have_is_not_asked_for(site: Site, words: Report) -> None:
    assert site.page("/words/sdgs/").texts("p", "notice") == [
        "SDGs の目標の記載がないか、元の表のアイコンから番号を読み取れないため、"
        "20件すべての目標が分かりません。"
    ]
    assert site.page("/words/plans/").texts("p", "notice") == [
        "元の表に、総合計画の番号が書かれた取組はありません。"
    ]
    assert [
        each for each in site.page("/words/pledges/").all("select") if each.attributes["name"] == "plan"
    ] == []


def test_a_pledge_tells_its_rating_and_departments_whole(site: Site, symbols: Report, words: Report) -> None:
    facts = site.page("/words/reports/2025-03-31/pledges/2-1-3/").one("dl", "facts").texts("dd")
    assert facts[:2] == [
        "おおむね順調（少し遅れがあるが、任期中に達成できる見込みのもの）",
        "産業部 商工観光課、建設部 都市計画課",
    ]
    facts = site.page("/symbols/reports/2025-03-31/pledges/2-2-1/").one("dl", "facts").texts("dd")
    assert facts[0] == "○：一部実施"


def test_departments_of_one_name_in_two_divisions_are_two(site: Site, words: Report) -> None:
    rows = site.page("/words/departments/").one("table", "group-table").table_rows()
    offices = {row[0]: row[-1] for row in rows if row[0].endswith("総務課")}
    assert offices == {"市民病院事務局 総務課": "1", "教育委員会 総務課": "1", "総務部 総務課": "1"}
    shown = [each.text for each in site.page("/words/pledges/").all("span", "entry-departments")]
    assert shown[11] == "産業部 商工観光課、建設部 都市計画課"


def test_changes_are_told_in_the_scales_own_words(site: Site, slug: str) -> None:
    page = site.page(f"/{slug}/changes/")
    names = OVERVIEW[slug][0]
    moves = [re.sub("から|→", "", each.text).split() for each in page.all("h4", "move")]
    told = [" ".join(move) for move in moves]
    assert told == [f"{names[-1]} {names[0]} 1件".replace("  ", " "), f"{names[1]} {names[-1]} 1件"]
    heads = page.one("table", "transitions").table_rows()[0]
    assert heads == ["前の評価", *names, "評価なし", "合計"]


def test_unrated_is_explained_without_an_average_where_there_is_none(site: Site, slug: str) -> None:
    section = site.page(f"/{slug}/ratings/").section("unrated")
    assert section.text.endswith("まだ始めていないという意味ではありません。件数には入れます。")


def test_open_data_have_the_ratings_and_no_percent(site: Site, slug: str) -> None:
    names, counts, _, _ = OVERVIEW[slug]
    file = site.get(f"/{slug}/data/102041_manifesto-initiatives_2025-03-31_e1.csv")
    rows = list(csv.DictReader(io.StringIO(file.content.decode("utf-8-sig"))))
    codes = [name.split()[0] for name in names]
    assert [sum(row["rating_code"] == code for row in rows) for code in [*codes, ""]] == counts
    assert {row["rating_percent"] for row in rows} == {""}


def test_the_published_table_of_another_city_is_made_and_read_again(
    site: Site, slug: str, tmp_path: Path
) -> None:
    file = site.get(f"/{slug}/data/102041_manifesto-table_2025-03-31_e1.xlsx")
    (tmp_path / "表.xlsx").write_bytes(file.content)
    made, given = read_table(tmp_path / "表.xlsx"), read_table({"symbols": SYMBOLS, "words": WORDS}[slug])
    assert made.ratings == given.ratings
    assert [(i.rating, i.results, i.plans, i.departments, i.others) for i in made.initiatives()] == [
        (i.rating, i.results, i.plans, i.departments, i.others) for i in given.initiatives()
    ]
