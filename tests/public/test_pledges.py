"""The list of initiatives: what a row shows, and its pages."""

from urllib.parse import parse_qsl

import pytest

from tests.public.building import make_entry, save_report, term
from tests.public.conftest import Row, Site, keys_of
from tests.public.markup import Element
from tracker.models import Report


def test_list_has_every_initiative_in_the_table_s_order(site: Site, demo: Report, rows: list[Row]) -> None:
    page = site.page("/2021/pledges/")
    assert keys_of(page) == [row.key for row in rows]
    assert page.one("p", "result-count").text == "207件中 207件の取組"
    assert page.all("nav", "pagination") == []


def test_row_tells_place_pledge_rating_and_departments(site: Site, demo: Report, rows: list[Row]) -> None:
    shown = [
        (
            each.one("p", "entry-place").text,
            each.one("a").text,
            each.one("div", "entry-rating").text.split(" ")[0],
            each.one("p", "entry-departments").text,
        )
        for each in site.page("/2021/pledges/").all("li", "entry")
    ]
    assert shown == [
        (
            (
                f"{row.category.number}. {row.category.name} ({row.section.number}) {row.section.name} "
                f"取組{row.initiative.position}"
            ),
            " ".join(f"{row.pledge.number}{row.pledge.text}（取組{row.initiative.position}）".split()),
            row.rating or "評価なし",
            " ".join([*row.departments_in(2023), *(["ほか"] if row.initiative.others else [])]),
        )
        for row in rows
    ]


def test_row_leads_to_its_initiative(site: Site, demo: Report) -> None:
    for link in [each.links[0] for each in site.page("/2021/pledges/").all("p", "entry-pledge")][::40]:
        path, _, anchor = link.partition("#")
        assert len(site.page(path).all("section", "initiative", id=anchor)) == 1


def test_row_without_text_has_an_empty_excerpt_that_the_style_hides(site: Site, db: None) -> None:
    save_report([make_entry(1, results={}, plans={}), make_entry(2)])
    assert [each.texts("p", "entry-excerpt") for each in site.page("/2017/pledges/").all("li", "entry")] == [
        [""],
        ["計画を作りました。"],
    ]


def test_row_shows_only_departments_of_the_day(site: Site, db: None) -> None:
    duties = [
        term("001", "土木課", "past", None, 2022),
        term("002", "道路課"),
        term("003", "公園課", "next", 2024),
    ]
    save_report([make_entry(1, departments=duties)])
    assert site.page("/2017/pledges/").one("p", "entry-departments").text == "道路課"


@pytest.fixture
def many(db: None) -> Report:
    """600 initiatives: three pages of a list."""
    return save_report(make_entry(number) for number in range(1, 601))


def shown(page: Element) -> tuple[int, str]:
    return len(keys_of(page)), page.one("p", "result-count").text


def test_pages_hold_250_rows(site: Site, many: Report) -> None:
    assert [shown(site.page("/2017/pledges/", {"page": number})) for number in ("", "1", "2", "3")] == [
        (250, "600件中 600件の取組（1～250件目を表示）"),
        (250, "600件中 600件の取組（1～250件目を表示）"),
        (250, "600件中 600件の取組（251～500件目を表示）"),
        (100, "600件中 600件の取組（501～600件目を表示）"),
    ]
    keys = [key for number in (1, 2, 3) for key in keys_of(site.page("/2017/pledges/", {"page": number}))]
    assert keys == [make_entry(number).key for number in range(1, 601)]


def test_page_beyond_the_last_shows_the_last_and_says_so(site: Site, many: Report) -> None:
    page = site.page("/2017/pledges/", {"page": "4"})
    assert shown(page) == (100, "600件中 600件の取組（501～600件目を表示）")
    assert page.one("div", "notice-warning").texts("li") == [
        "ページ：「4」ページはありません。3 ページ目を表示しています。"
    ]


def test_page_links_keep_the_query(site: Site, many: Report) -> None:
    page = site.page(
        "/2017/pledges/", "q=公約+進め&sort=worst&rating=A&rating=B&rating=C&rating=none&rating=D&page=2"
    )
    asked = [
        ("q", "公約 進め"),
        ("rating", "A"),
        ("rating", "B"),
        ("rating", "C"),
        ("rating", "D"),
        ("rating", "none"),
        ("sort", "worst"),
    ]
    assert page.one("p", "result-count").text == "600件中 500件の取組（251～500件目を表示）"
    nav = page.one("nav", "pagination")
    assert [sorted(parse_qsl(link.removeprefix("?"))) for link in nav.links] == [
        sorted([*asked, ("page", "1")])
    ] * 2
    assert nav.one("span").attributes["aria-current"] == "page"
    first = site.page("/2017/pledges/", nav.links[0].removeprefix("?"))
    assert shown(first) == (250, "600件中 500件の取組（1～250件目を表示）")
    assert [link.attributes.get("rel") for link in first.one("nav", "pagination").all("a")] == [None, "next"]


def test_page_links_without_query(site: Site, many: Report) -> None:
    nav = site.page("/2017/pledges/", {"page": 2}).one("nav", "pagination")
    assert nav.links == ["?page=1", "?page=1", "?page=3", "?page=3"]
    assert nav.texts("li") == ["前へ", "1", "2", "3", "次へ"]


def test_removing_a_condition_leads_back_to_the_first_page(site: Site, many: Report) -> None:
    page = site.page("/2017/pledges/", {"q": "公約", "sort": "best", "page": "2"})
    assert page.one("ul", "chips").links == ["/2017/pledges/?sort=best"]
