"""The list of initiatives by pledge: what a pledge and a row show, and its pages."""

from urllib.parse import parse_qsl

import pytest

from tests.public.building import make_entry, save_report, term
from tests.public.conftest import Row, Site, all_keys_of, keys_of, pages_of
from tests.public.markup import Element, parse
from tracker.models import Report
from tracker.reports.figures import RatingStep


def test_list_has_every_initiative_in_the_table_s_order(site: Site, demo: Report, rows: list[Row]) -> None:
    pages = pages_of(site, "/2021/pledges/")
    assert [key for page in pages for key in keys_of(page)] == [row.key for row in rows]
    assert {page.one("p", "result-count").text for page in pages} == {"207件中 207件の取組"}
    assert [len(page.all("h3", "listed-pledge")) for page in pages] == [50, 50, 38]


def listed(page: Element) -> list[tuple[str, str, str]]:
    """The headings, places and rows of a list, in order: what each is, and what it says."""
    shown = [each for each in page.one("div", "listed").descendants() if each.name in {"h2", "h3", "p", "li"}]
    names = {"entry-line": "", "entry-excerpt": "", "entry-place": "place"}
    told = []
    for each in shown:
        kind = each.name if each.name != "p" else names[each.attributes["class"]]
        if kind in {"h2", "h3", "place"}:
            told.append((kind, each.text, ""))
        elif kind == "li":
            line = each.one("p", "entry-line")
            told.append((line.one("a").text, line.one("span", "entry-rating").text, line.texts("span")[-1]))
    return told


def test_pledges_stand_under_their_fields_with_their_initiatives(
    site: Site, demo: Report, rows: list[Row]
) -> None:
    expected: list[tuple[str, str, str]] = []
    for place, row in enumerate(rows):
        before = rows[place - 1] if place else None
        if before is None or before.category != row.category:
            expected.append(("h2", f"{row.category.number}. {row.category.name}", ""))
        if before is None or before.section != row.section:
            expected.append(("place", f"({row.section.number}) {row.section.name}", ""))
        if before is None or before.pledge_key != row.pledge_key:
            expected.append(("h3", " ".join(f"{row.pledge.number}{row.pledge.text}".split()), ""))
        name = next((step.name for step in steps(demo) if step.code == row.rating), "評価なし")
        departments = " ".join([*row.departments_in(2023), *(["ほか"] if row.initiative.others else [])])
        expected.append((f"取組{row.initiative.position}", name, departments))
    shown = [each for page in pages_of(site, "/2021/pledges/") for each in listed(page)]
    # A page begins by saying again under which field and section it stands.
    assert [each for each in shown if each[0] not in {"h2", "place"}] == [
        each for each in expected if each[0] not in {"h2", "place"}
    ]
    first = listed(site.page("/2021/pledges/"))
    assert first == expected[: len(first)]


def steps(report: Report) -> list[RatingStep]:
    return RatingStep.scale(report.ratings)


def test_pledge_and_row_lead_to_their_places(site: Site, demo: Report) -> None:
    page = site.page("/2021/pledges/")
    heads = [each.links[0] for each in page.all("h3", "listed-pledge")]
    assert heads == list(dict.fromkeys(f"/2021/pledges/{key.rpartition('-')[0]}/" for key in keys_of(page)))
    for link in [each.links[0] for each in page.all("p", "entry-line")][::30]:
        path, _, anchor = link.partition("#")
        assert len(site.page(path).all("section", "initiative", id=anchor)) == 1


def test_a_list_by_rating_stands_under_ratings(site: Site, db: None) -> None:
    """A pledge whose initiatives have two ratings is told under both, each time with its field."""
    same = {"pledge_key": "1-1-1", "pledge_text": "道を直します", "section_name": "道"}
    save_report(
        make_entry(n, key=f"1-1-1-{n}", initiative_position=n, rating_code=code, **same)
        for n, code in enumerate("BAB", start=1)
    )
    assert [each[:2] for each in listed(site.page("/2017/pledges/", {"sort": "best"}))] == [
        *(("h2", "A 達成"), ("place", "1. 分野1 (1) 道"), ("h3", "①道を直します"), ("取組2", "A 達成")),
        *(("h2", "B おおむね達成"), ("place", "1. 分野1 (1) 道"), ("h3", "①道を直します")),
        *(("取組1", "B おおむね達成"), ("取組3", "B おおむね達成")),
    ]


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
    assert site.page("/2017/pledges/").one("span", "entry-departments").text == "道路課"


def said(site: Site, words: str) -> list[list[str]]:
    """What each row of a search says of it: sentences with their years, and what is marked."""
    return [
        [row.one("p", "entry-excerpt").text, *row.texts("mark")]
        for row in site.page("/2017/pledges/", {"q": words}).all("li", "entry")
    ]


def test_the_word_is_marked_in_the_sentence_that_says_it(site: Site, db: None) -> None:
    texts = {
        "results": {
            "2022": "・サービスを広げました。\n・防災の\n訓練をしました。",
            "2023": "・橋を直しました。障害者の就労を支えました。",
        },
        "plans": {"2024": "・ＤＸの計画を作ります。"},
    }
    save_report([make_entry(1, pledge_text="防災のまち", **texts)])
    assert said(site, "さーびす") == [["令和4年度までの取組 サービスを広げました。", "サービス"]]
    assert said(site, "障がい者") == [["令和5年度の取組 障害者の就労を支えました。", "障害者"]]
    assert said(site, "dx 橋") == [
        ["令和5年度の取組 橋を直しました。 令和6年度の予定 ＤＸの計画を作ります。", "橋", "ＤＸ"]
    ]
    assert said(site, "防災") == [["令和4年度までの取組 防災の", "防災"]]
    assert said(site, "土木課 のまち") == [["担当課 土木課", "土木課"]]
    assert site.page("/2017/pledges/", {"q": "のまち"}).one("h3").texts("mark") == ["のまち"]
    assert [len(row) for row in said(site, "のまち")] == [1]  # no text says it: the last wording


@pytest.fixture
def many(db: None) -> Report:
    """120 pledges of one initiative: three pages of a list."""
    return save_report(make_entry(number) for number in range(1, 121))


def shown(page: Element) -> tuple[int, str]:
    return len(keys_of(page)), page.one("div", "results").texts("p", "support")[0]


def test_pages_hold_50_pledges(site: Site, many: Report) -> None:
    assert [shown(site.page("/2017/pledges/", {"page": number})) for number in ("", "1", "2", "3")] == [
        (50, "公約では 120件です。3ページに分けた 1ページ目です。"),
        (50, "公約では 120件です。3ページに分けた 1ページ目です。"),
        (50, "公約では 120件です。3ページに分けた 2ページ目です。"),
        (20, "公約では 120件です。3ページに分けた 3ページ目です。"),
    ]
    assert all_keys_of(site, "/2017/pledges/") == [make_entry(number).key for number in range(1, 121)]


def test_pages_of_the_whole_list_have_paths(site: Site, many: Report) -> None:
    for scope in ("/2017", f"/2017/reports/{many.as_of}", f"/2017/reports/{many.as_of}/editions/1"):
        second = site.get(f"{scope}/pledges/page/2/")
        assert second.content == site.get(f"{scope}/pledges/", {"page": "2"}).content
        page = parse(second.content.decode())
        assert shown(page) == (50, "公約では 120件です。3ページに分けた 2ページ目です。")
        named = [link for link in page.all("link") if link.attributes["rel"] == "canonical"]
        assert [link.attributes["href"] for link in named] == ["/2017/pledges/page/2/"]
        assert page.one("title").text.startswith("公約と取組（2ページ目）")
    ways = [("0", "page/3/"), ("1", ""), ("4", "page/3/"), ("99", "page/3/")]
    for asked, target in ways:  # a page of another edition, which has more of them
        answer = site.get(f"/2017/pledges/page/{asked}/")
        assert (answer.status_code, answer["Location"]) == (302, f"/2017/pledges/{target}"), asked


def test_page_beyond_the_last_shows_the_last_and_says_so(site: Site, many: Report) -> None:
    page = site.page("/2017/pledges/", {"page": "4"})
    assert shown(page) == (20, "公約では 120件です。3ページに分けた 3ページ目です。")
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
    assert page.one("p", "result-count").text == "120件中 100件の取組"
    nav = page.one("nav", "pagination")
    assert [sorted(parse_qsl(link.removeprefix("?").removesuffix("#results"))) for link in nav.links] == [
        sorted([*asked, ("page", "1")])
    ] * 2
    assert nav.one("span").attributes["aria-current"] == "page"
    first = site.page("/2017/pledges/", nav.links[0].removeprefix("?").removesuffix("#results"))
    assert shown(first)[0] == 50
    assert [link.attributes.get("rel") for link in first.one("nav", "pagination").all("a")] == [None, "next"]


def test_page_links_lead_to_the_results(site: Site, many: Report) -> None:
    page = site.page("/2017/pledges/", {"page": 2})
    nav = page.one("nav", "pagination")
    assert nav.links == [f"/2017/pledges/{page}#results" for page in ("", "", "page/3/", "page/3/")]
    assert nav.texts("li") == ["前へ", "1", "2", "3", "次へ"]
    assert page.one("form", "filters").attributes["action"] == "/2017/pledges/#results"
    assert page.one("p", id="results").attributes["tabindex"] == "-1"  # so that it receives the focus


def test_removing_a_condition_leads_back_to_the_first_page(site: Site, many: Report) -> None:
    page = site.page("/2017/pledges/", {"q": "公約", "sort": "best", "page": "2"})
    assert page.one("ul", "chips").links == ["/2017/pledges/?sort=best#results"]
