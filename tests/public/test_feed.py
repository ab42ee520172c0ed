"""The Atom feed: valid, an entry per edition with its changes, and addresses of the host that was asked."""

import xml.etree.ElementTree as ET
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from tests.public.building import RATINGS, copy_report, make_entry, save_report
from tests.public.conftest import Site
from tests.public.markup import Element, parse
from tracker.models import Report, ReportEntry
from tracker.public.feed import MOST_EDITIONS

ATOM = "{http://www.w3.org/2005/Atom}"
HOST = "http://testserver"


def feed(site: Site, slug: str = "2017") -> ET.Element:
    answer = site.get(f"/{slug}/feed.atom")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/atom+xml; charset=utf-8")
    return ET.fromstring(answer.content)


def text(element: ET.Element, name: str) -> str:
    """The text of the only child of a name."""
    (found,) = element.findall(ATOM + name)
    return found.text or ""


def link(element: ET.Element, rel: str) -> str:
    (found,) = [each.attrib["href"] for each in element.findall(f"{ATOM}link") if each.attrib["rel"] == rel]
    return found


def entries(element: ET.Element) -> list[ET.Element]:
    return element.findall(f"{ATOM}entry")


def content(entry: ET.Element) -> Element:
    """What an entry shows, as a tree."""
    return parse(text(entry, "content"))


@pytest.fixture
def three(db: None) -> list[Report]:
    """Two years, and a correction of the second."""
    first = save_report(
        [make_entry(1, rating_code="C"), make_entry(2, rating_code="A"), make_entry(3, rating_code="")]
    )

    def next_year(found: list[ReportEntry]) -> list[ReportEntry]:
        found[0].rating_code, found[0].rating_reason = "B", "工事に入ったため"
        found[1].rating_code, found[1].rating_reason = "D", "入札が<不調>のため"
        found[2].carried_from = date(2024, 3, 31)
        return [*found, make_entry(4, rating_code="E")]

    second = copy_report(first, as_of=date(2025, 3, 31), change=next_year, unapproved_reason="調整中のため")

    def corrected(found: list[ReportEntry]) -> list[ReportEntry]:
        found[1].rating_code, found[3].ended_after = "C", 2024
        return found

    third = copy_report(
        second, as_of=date(2025, 3, 31), edition=2, change=corrected, correction_reason="転記の誤り"
    )
    return [first, second, third]


def test_feed_has_what_atom_requires(site: Site, three: list[Report]) -> None:
    found = feed(site)
    assert (found.tag, found.attrib["{http://www.w3.org/XML/1998/namespace}lang"]) == (f"{ATOM}feed", "ja")
    assert text(found, "id") == "tag:testserver,2024-03-31:/2017/feed.atom"
    assert text(found, "title") == "伊勢崎市 市長マニフェストの達成状況（2017）"
    assert (link(found, "alternate"), link(found, "self")) == (f"{HOST}/2017/", f"{HOST}/2017/feed.atom")
    assert found.find(f"{ATOM}author/{ATOM}name").text == "伊勢崎市"  # type: ignore[union-attr]
    assert datetime.fromisoformat(text(found, "updated")) == three[2].published_at
    for entry in entries(found):
        assert all(
            text(entry, name) for name in ("id", "title", "updated", "published", "summary", "content")
        )
        assert site.status(link(entry, "alternate").removeprefix(HOST)) == 200
    ids = [text(each, "id") for each in (found, *entries(found))]
    assert len(set(ids)) == len(ids)


def test_each_edition_is_an_entry_with_its_own_address(site: Site, three: list[Report]) -> None:
    found = entries(feed(site))
    pages = [
        "/2017/reports/2025-03-31/editions/2/",
        "/2017/reports/2025-03-31/editions/1/",
        "/2017/reports/2024-03-31/editions/1/",
    ]
    assert [link(each, "alternate") for each in found] == [HOST + page for page in pages]
    assert [text(each, "id") for each in found] == [f"tag:testserver,{page[14:24]}:{page}" for page in pages]
    assert [text(each, "title") for each in found] == [
        "令和7年3月末時点 第2版（訂正）",
        "令和7年3月末時点 第1版",
        "令和6年3月末時点 第1版",
    ]
    for name in ("published", "updated"):
        assert [datetime.fromisoformat(text(each, name)) for each in found] == [
            each.published_at for each in reversed(three)
        ]


def test_summary_tells_counts_and_reasons(site: Site, three: list[Report]) -> None:
    correction, year, first = (text(entry, "summary") for entry in entries(feed(site)))
    assert first == "取組3件。 最初の公表版です。"
    assert year == (
        "取組4件。 令和6年3月末時点（第1版）と比べて、評価が上がった取組 1件、評価が下がった取組 1件、"
        "評価が付いた・なくなった取組 0件、新しい取組 1件、終わった取組 0件。 "
        "承認前のため前の公表のまま載せた取組 1件。 承認前の取組を残して公表した理由：調整中のため"
    )
    assert correction == (
        "取組4件。 令和7年3月末時点（第1版）と比べて、評価が上がった取組 1件、評価が下がった取組 0件、"
        "評価が付いた・なくなった取組 0件、新しい取組 0件、終わった取組 1件。 訂正の理由：転記の誤り "
        "承認前のため前の公表のまま載せた取組 1件。"
    )


def test_content_tells_each_rating_change_with_its_reason(site: Site, three: list[Report]) -> None:
    correction, year, first = (content(entry) for entry in entries(feed(site)))
    assert first.texts("p") == ["最初の公表版です。取組3件の状況を見る"]
    assert year.texts("h3") == [
        "評価が上がった取組 1件",
        "評価が下がった取組 1件",
        "新しい取組 1件",
        "承認前のため、前の公表のまま載せた取組 1件",
    ]
    assert year.texts("li") == [
        "①公約1を進めます（取組1）：C 一部達成 → B おおむね達成（理由：工事に入ったため）",
        "①公約2を進めます（取組1）：A 達成 → D 検討・準備中（理由：入札が<不調>のため）",
        "①公約4を進めます（取組1）",
        "①公約3を進めます（取組1） （令和6年3月末時点のまま・承認前）",
    ]
    assert correction.texts("li")[:2] == [
        "①公約2を進めます（取組1）：D 検討・準備中 → C 一部達成（理由：入札が<不調>のため）",
        "①公約4を進めます（取組1） （令和6年度で終了）",
    ]
    links = [each for part in (correction, year, first) for each in part.links]
    assert [each for each in links if not each.startswith(f"{HOST}/2017/")] == []
    assert [each for each in links if site.status(each.removeprefix(HOST).split("#")[0]) != 200] == []


def test_one_report_makes_one_entry(site: Site, demo: Report) -> None:
    found = feed(site, "2021")
    assert [text(each, "summary") for each in entries(found)] == ["取組207件。 最初の公表版です。"]
    assert datetime.fromisoformat(text(found, "updated")) == demo.published_at


@pytest.mark.usefixtures("nothing_published")
def test_manifesto_without_a_report_has_no_feed(site: Site) -> None:
    assert site.status("/2021/feed.atom") == 404


def test_many_reports_are_told_to_a_limit_in_as_many_queries(site: Site, db: None) -> None:
    first = save_report([make_entry(1), make_entry(2)], as_of=date(2000, 3, 31))

    def queries() -> int:
        cache.clear()
        with CaptureQueriesContext(connection) as made:
            feed(site)
        return len(made)

    alone = queries()
    for year in range(2001, 2001 + MOST_EDITIONS + 4):
        copy_report(first, as_of=date(year, 3, 31))
    assert (alone, queries()) == (4, 4)
    found = feed(site)
    assert [text(each, "title")[:7] for each in entries(found)][:2] == ["令和6年3月末", "令和5年3月末"]
    assert len(entries(found)) == MOST_EDITIONS
    assert text(found, "id") == "tag:testserver,2000-03-31:/2017/feed.atom"
    assert "最初の公表版" not in "".join(text(each, "summary") for each in entries(found))


def test_each_report_is_compared_with_what_stood_when_it_was_published(site: Site, db: None) -> None:
    """A later correction of the year before changes no entry that is there already."""
    first = save_report([make_entry(1, rating_code="C")])
    later = datetime(2025, 5, 10, tzinfo=UTC)
    copy_report(first, as_of=date(2025, 3, 31), published_at=later)
    before = {text(each, "id"): text(each, "content") for each in entries(feed(site))}

    def change(found: list[ReportEntry]) -> list[ReportEntry]:
        found[0].rating_code = "A"
        return found

    copy_report(first, as_of=first.as_of, edition=2, change=change, published_at=later + timedelta(days=1))
    after = {text(each, "id"): text(each, "content") for each in entries(feed(site))}
    assert {name: after[name] for name in before} == before
    assert next(text(each, "title") for each in entries(feed(site))) == "令和6年3月末時点 第2版（訂正）"


def test_ratings_are_named_in_the_words_of_their_time(site: Site, db: None) -> None:
    first = save_report([make_entry(1, rating_code="C")])

    def change(found: list[ReportEntry]) -> list[ReportEntry]:
        found[0].rating_code = "S"
        return found

    scale = [{"code": "S", "label": "完了", "definition": "", "percent": 100, "level": 1}, *RATINGS[:2]]
    copy_report(first, as_of=date(2025, 3, 31), change=change, ratings=scale)
    assert content(entries(feed(site))[0]).texts("li") == [
        "①公約1を進めます（取組1）：C 一部達成 → S 完了（理由：記載なし）"
    ]


def test_wording_is_escaped_and_what_xml_cannot_hold_is_left_out(site: Site, db: None) -> None:
    words = "<script>alert(1)</script>&amp;\x0b]]>"
    first = save_report([make_entry(1, rating_code="C", pledge_text=words)], title=words)

    def change(found: list[ReportEntry]) -> list[ReportEntry]:
        found[0].rating_code, found[0].rating_reason = "B", words
        return found

    copy_report(first, as_of=first.as_of, edition=2, change=change, correction_reason=words, title=words)
    newest = entries(feed(site))[0]
    shown = words.replace("\x0b", "")
    assert content(newest).all("script") == []
    assert content(newest).texts("li") == [f"①{shown}（取組1）：C 一部達成 → B おおむね達成（理由：{shown}）"]
    assert parse(text(newest, "summary")).text.endswith(f"訂正の理由：{shown}")


def test_each_host_has_its_own_addresses_and_etag(three: list[Report], settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["a.example.jp", "b.example.jp"]
    told = {}
    for host in ("a.example.jp", "b.example.jp", "a.example.jp"):
        for secure in (False, True):
            answer = Client().get("/2017/feed.atom", headers={"host": host}, secure=secure)
            address = f"{'https' if secure else 'http'}://{host}"
            hrefs = {each.attrib["href"] for each in ET.fromstring(answer.content).iter(f"{ATOM}link")}
            assert {each[: len(address) + 1] for each in hrefs} == {f"{address}/"}
            told.setdefault((host, secure), []).append((answer["ETag"], answer.content))
    assert {len(set(each)) for each in told.values()} == {1}
    assert len({each[0] for each in told.values()}) == 4
    ids = {
        text(ET.fromstring(each[0][1]), "id")
        for (host, _secure), each in told.items()
        if host == "a.example.jp"
    }
    assert ids == {"tag:a.example.jp,2024-03-31:/2017/feed.atom"}


def test_host_that_is_not_ours_is_refused(three: list[Report], settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["a.example.jp"]
    Client().get("/2017/feed.atom", headers={"host": "a.example.jp"})
    answer = Client().get("/2017/feed.atom", headers={"host": "evil.example.com"})
    assert answer.status_code == 400
    assert b"evil" not in answer.content


def test_pages_that_name_no_host_are_kept_once_for_all(three: list[Report], settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["a.example.jp", "b.example.jp"]
    assert (
        len({Client().get("/2017/", headers={"host": host})["ETag"] for host in settings.ALLOWED_HOSTS}) == 1
    )


def test_the_front_page_names_the_feed_of_its_term(site: Site, three: list[Report]) -> None:
    links = site.page("/").one("head").all("link")
    told = {link.attributes["rel"]: link.attributes["href"] for link in links}
    assert told["alternate"] == f"{told['canonical']}feed.atom"


@pytest.mark.parametrize(
    "path", ["/2017/", "/2017/reports/", "/2017/reports/2024-03-31/pledges/1-1-1/", "/2017/changes/"]
)
def test_page_heads_name_the_feed(site: Site, three: list[Report], path: str) -> None:
    (found,) = [
        each.attributes
        for each in site.page(path).one("head").all("link")
        if each.attributes["rel"] == "alternate" and each.attributes["type"] == "application/atom+xml"
    ]
    assert found == {
        "rel": "alternate",
        "type": "application/atom+xml",
        "title": "公表版と評価の変化",
        "href": "/2017/feed.atom",
    }


@pytest.mark.parametrize("path", ["/2017/reports/", "/2017/changes/", "/2017/reports/2024-03-31/changes/"])
def test_reports_and_changes_name_the_feed_in_words(site: Site, three: list[Report], path: str) -> None:
    (found,) = [
        each for each in site.page(path).one("main").all("a") if each.attributes["href"] == "/2017/feed.atom"
    ]
    assert found.text == "フィード（Atom）"


def test_conditional_request_is_answered_without_a_body(site: Site, three: list[Report]) -> None:
    known = site.get("/2017/feed.atom")["ETag"]
    answer = site.get("/2017/feed.atom", **{"If-None-Match": known})
    assert (answer.status_code, answer.content) == (304, b"")
    copy_report(three[0], as_of=date(2026, 3, 31))
    assert site.get("/2017/feed.atom", **{"If-None-Match": known}).status_code == 200
