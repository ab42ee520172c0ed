"""Frozen pages: kept, recognised, replaced at once; and that nothing written is taken for markup."""

import gzip
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from tests.conftest import a_third_at_once
from tests.public.building import copy_report, make_entry, save_report, term
from tests.public.conftest import Site
from tracker.models import Report, ReportEntry, User
from tracker.models.city import CityFacts
from tracker.public.context import city, city_of, tell_city
from tracker.public.frozen import code_version, normalised

FILE = "/2021/data/102041_manifesto-initiatives_2024-03-31_e1"
KEPT = (
    "/",
    "/2021/",
    "/2021/pledges/",
    "/2021/pledges/1-1-1/",
    "/2021/data/",
    f"{FILE}.csv",
    f"{FILE}.xlsx",
    "/accessibility/",
    "/2021/feed.atom",
)


def etag(site: Site, path: str) -> str:
    found: str = site.get(path)["ETag"]
    return found


@pytest.mark.parametrize("path", KEPT)
def test_page_is_kept_and_must_be_asked_about(site: Site, demo: Report, path: str) -> None:
    answer = site.get(path)
    assert re.fullmatch(r'W/"[0-9a-f]{64}"', answer["ETag"])
    assert (answer["Cache-Control"], answer["Vary"]) == ("public, no-cache", "Accept-Encoding")
    assert not answer.cookies


MOST_BYTES = 30_000  # of a page as it is sent


@pytest.mark.parametrize("path", KEPT)
def test_known_etag_gets_304_without_body(site: Site, demo: Report, path: str) -> None:
    known = etag(site, path)
    cache.clear()
    with CaptureQueriesContext(connection) as made:
        answer = site.get(path, **{"If-None-Match": f'"x", {known}'})
    assert (answer.status_code, answer.content, answer["ETag"], len(made)) == (304, b"", known, 1)
    assert (answer["Cache-Control"], answer["Vary"]) == ("public, no-cache", "Accept-Encoding")


@pytest.mark.parametrize("known", ['"x"', "", "*", 'W/"0"'])
def test_other_etag_gets_the_page(site: Site, demo: Report, known: str) -> None:
    assert site.get("/2021/", **{"If-None-Match": known}).status_code == 200


@pytest.mark.parametrize("path", KEPT)
def test_packed_and_plain_are_the_same_bytes(site: Site, demo: Report, path: str) -> None:
    plain = site.get(path)
    packed = site.get(path, **{"Accept-Encoding": "gzip, br"})
    assert "Content-Encoding" not in plain.headers
    assert packed["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == plain.content
    assert len(packed.content) <= MOST_BYTES or not packed["Content-Type"].startswith("text/html")
    assert (packed["ETag"], packed["Content-Type"]) == (plain["ETag"], plain["Content-Type"])
    cache.clear()
    assert gzip.decompress(site.get(path, **{"Accept-Encoding": "gzip"}).content) == plain.content


@pytest.mark.parametrize("path", KEPT)
def test_head_is_get_without_body(site: Site, demo: Report, path: str) -> None:
    answer = site.client.head(path)
    full = site.get(path)
    assert (answer.status_code, answer.content) == (200, b"")
    assert (answer["ETag"], answer["Content-Type"]) == (full["ETag"], full["Content-Type"])


def test_page_from_the_cache_is_the_same(site: Site, demo: Report) -> None:
    first, second = site.get("/2021/pledges/1-1-1/"), site.get("/2021/pledges/1-1-1/")
    assert first.content == second.content
    assert dict(first.headers) == dict(second.headers)


@pytest.mark.parametrize(
    "path", a_third_at_once([path for path in KEPT if not path.startswith(FILE)], others=pytest.mark.wide)
)
def test_etag_changes_at_once_with_each_publication(site: Site, demo: Report, path: str) -> None:
    found = [etag(site, path)]
    copy_report(demo, as_of=demo.as_of, edition=2)
    found.append(etag(site, path))
    copy_report(demo, as_of=date(2025, 3, 31))
    found.append(etag(site, path))
    assert len(set(found)) == 3


@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
def test_a_file_of_an_edition_stays_with_each_publication(site: Site, demo: Report, ending: str) -> None:
    found = [(etag(site, FILE + ending), site.get(FILE + ending).content)]
    copy_report(demo, as_of=demo.as_of, edition=2)
    found.append((etag(site, FILE + ending), site.get(FILE + ending).content))
    copy_report(demo, as_of=date(2025, 3, 31))
    cache.clear()
    found.append((etag(site, FILE + ending), site.get(FILE + ending).content))
    assert len(set(found)) == 1


def test_content_changes_at_once_with_a_publication(site: Site, demo: Report) -> None:
    def change(entries: list[ReportEntry]) -> list[ReportEntry]:
        entries[0].pledge_text = "訂正した公約"
        return entries

    assert site.page("/2021/pledges/1-1-1/").one("h1").text != "①訂正した公約"
    copy_report(demo, as_of=demo.as_of, edition=2, change=change)
    assert site.page("/2021/pledges/1-1-1/").one("h1").text == "①訂正した公約"
    assert site.page("/2021/reports/2024-03-31/editions/1/pledges/1-1-1/").one("h1").text != "①訂正した公約"


def test_etag_knows_neither_cookies_nor_person(site: Site, demo: Report) -> None:
    User.objects.create_user("staff", password="x")
    other = Client(headers={"Authorization": "Basic x", "Accept-Language": "en"})
    other.cookies["sessionid"] = "abc"
    assert other.get("/2021/")["ETag"] == etag(site, "/2021/")
    assert other.get("/2021/").content == site.get("/2021/").content


def test_etag_differs_by_address_and_query(site: Site, demo: Report) -> None:
    found = [
        etag(site, path)
        for path in (
            "/",
            "/2021/",
            "/2021/pledges/",
            "/2021/pledges/?q=a",
            "/2021/pledges/?q=b",
            "/2021/pledges/?field=1",
        )
    ]
    assert len(set(found)) == 6


@pytest.mark.parametrize(
    ("query", "same"), [("q=a&field=1", "field=1&q=a"), ("q=%E9%98%B2", "q=防"), ("q=a+b", "q=a%20b")]
)
def test_query_in_another_spelling_is_the_same_page(site: Site, demo: Report, query: str, same: str) -> None:
    assert etag(site, f"/2021/pledges/?{query}") == etag(site, f"/2021/pledges/?{same}")


@pytest.mark.parametrize(
    ("query", "other"),
    [("field=1&field=2", "field=2&field=1"), ("field=1&field=", "field=1"), ("q=a", "Q=a")],
)
def test_query_that_means_something_else_is_another_page(query: str, other: str) -> None:
    names = ("q", "field")
    made = [normalised(RequestFactory().get(f"/?{each}"), names) for each in (query, other)]
    assert made[0] != made[1]


@pytest.mark.parametrize(
    ("path", "same"),
    [
        ("/2021/pledges/?utm_source=x", "/2021/pledges/"),
        ("/2021/pledges/?rating=A&page=1&fbclid=%00", "/2021/pledges/?page=1&rating=A"),
        ("/2021/?x=1", "/2021/"),
        ("/2021/data/?page=1", "/2021/data/"),
        ("/2021/pledges/1-1-1/?q=a", "/2021/pledges/1-1-1/"),
        (f"{FILE}.csv?x=1", f"{FILE}.csv"),
    ],
)
def test_an_unknown_name_in_the_query_is_no_part_of_the_page(
    site: Site, demo: Report, path: str, same: str
) -> None:
    answer = site.get(path)
    assert (answer.status_code, len(cache._cache)) == (200, 1)  # type: ignore[attr-defined]
    assert (answer.headers["ETag"], answer.content) == (etag(site, same), site.get(same).content)
    assert b"fbclid" not in answer.content
    assert len(cache._cache) == 1  # type: ignore[attr-defined]


def test_failure_is_not_kept(site: Site, demo: Report) -> None:
    assert site.status("/2021/pledges/9-9-9/") == 404
    assert len(cache._cache) == 0  # type: ignore[attr-defined]


@pytest.fixture
def _forgetting_versions() -> Iterator[None]:
    """The version is calculated once a process; here it is not."""
    code_version.cache_clear()
    yield
    code_version.cache_clear()


@pytest.mark.usefixtures("_forgetting_versions")
@pytest.mark.parametrize(
    "path",
    [
        "tracker/public/views.py",
        "tracker/public/open_data/changelog.csv",
        "tracker/words/synonyms.txt",
        "templates/public/overview.html",
        "tracker/static/tracker/site.css",
    ],
)
def test_code_version_follows_code_templates_and_styles(
    settings: Settings, tmp_path: Path, path: str
) -> None:
    settings.BASE_DIR = tmp_path
    (tmp_path / path).parent.mkdir(parents=True)
    (tmp_path / path).write_text("before")
    before = code_version()
    assert code_version() == before
    (tmp_path / path).write_text("after")
    code_version.cache_clear()
    assert code_version() != before
    (tmp_path / path).write_text("before")
    code_version.cache_clear()
    assert code_version() == before


@pytest.mark.usefixtures("_forgetting_versions")
@pytest.mark.parametrize(
    "name", ["CITY_NAME", "CITY_CODE", "CITY_CONTACT", "CITY_CONTACT_URL", "DATA_LICENSE", "SITE_NOTICE"]
)
def test_code_version_follows_the_city_s_settings(settings: Settings, tmp_path: Path, name: str) -> None:
    settings.BASE_DIR = tmp_path
    before = code_version()
    setattr(settings, name, "another")
    code_version.cache_clear()
    assert code_version() != before


def test_city_is_told_from_settings(settings: Settings) -> None:
    settings.CITY_NAME, settings.DATA_LICENSE, settings.SITE_NOTICE = "前橋市", "PDL 1.0", "試験公開中"
    request = RequestFactory().get("/")
    tell_city(request, CityFacts.of({}))
    told = city(request)
    assert told["license"] == {
        "name": "公共データ利用規約（第1.0版）",
        "url": "https://www.digital.go.jp/resources/open_data/public_data_license_v1.0",
    }
    assert str(vars(city_of(request))).count("前橋市") == 1


def test_notice_and_contact_are_shown_where_set(site: Site, db: None, settings: Settings) -> None:
    save_report([make_entry(1)])
    assert site.page("/2017/").all("aside", "site-notice") == []
    cache.clear()
    settings.SITE_NOTICE, settings.CITY_CONTACT_URL = "試験公開中", "https://www.city.example.jp/contact"
    page = site.page("/2017/")
    assert page.one("aside", "site-notice").text == "試験公開中"
    assert "https://www.city.example.jp/contact" in page.one("footer").links
    assert "https://www.city.example.jp/contact" in site.page("/accessibility/").one("main").links


@pytest.mark.parametrize("path", ["/", "/2021/pledges/", f"{FILE}.csv", "/accessibility/", "/nowhere/"])
def test_security_headers_are_on_every_answer(site: Site, demo: Report, path: str) -> None:
    answer = site.get(path)
    names = ("X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy", "Cross-Origin-Opener-Policy")
    assert [answer[name] for name in names] == ["nosniff", "DENY", "same-origin", "same-origin"]
    assert set(answer["Content-Security-Policy"].split("; ")) == {
        *(
            "default-src 'none'",
            "style-src 'self'",
            "img-src 'self'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        ),
        *(("script-src 'self'", "connect-src 'self'") if path == "/2021/pledges/" else ()),
    }


def test_every_pledge_has_a_title_of_its_own(site: Site, demo: Report) -> None:
    links = [link for each in site.page("/2021/").all("ul", "squares") for link in each.links]
    titles = {re.findall(r"<title>(.*?)</title>", site.get(link).content.decode())[0] for link in links}
    assert len(titles) == 138


def test_menu_marks_where_one_is(site: Site, demo: Report) -> None:
    current = {
        path: [
            each.text
            for each in site.page(path).one("nav", "site-nav").all("a")
            if "aria-current" in each.attributes
        ]
        for path in (
            "/2021/",
            "/2021/pledges/1-1-1/",
            "/2021/departments/001/",
            "/2021/changes/",
            "/2021/data/",
            "/accessibility/",
        )
    }
    assert current == {
        "/2021/": ["概要"],
        "/2021/pledges/1-1-1/": ["公約と取組"],
        "/2021/departments/001/": ["担当課"],
        "/2021/changes/": ["公表版と変化"],
        "/2021/data/": ["オープンデータ"],
        "/accessibility/": [],
    }


HOSTILE = "<script>alert('1')</script>\"'><img src=x onerror=alert(2)>&amp;{{ 7|add:7 }}"


@pytest.fixture
def hostile(db: None) -> Report:
    """Two reports in which every wording is hostile."""

    def entry(number: int, words: str) -> ReportEntry:
        return make_entry(
            number,
            category_name=words,
            section_name=words,
            pledge_text=words,
            pledge_number="<b>",
            plan_projects=[{"code": "<i>", "base_code": "1-1-1", "name": words}],
            results={"2022": words, "2023": f"・令和4年度までの取組を引き続き実施しました。\n・{words}"},
            plans={"2024": words},
            rating_reason=words,
            departments=[term("001", words), term("002", words, "past", None, 2022)],
        )

    ratings = [
        {"code": code, "label": HOSTILE, "definition": HOSTILE, "percent": 100, "level": 1}
        for code in ("B", "C", "<b>")
    ]
    values: dict[str, Any] = {"title": HOSTILE, "ratings": ratings}
    save_report([entry(1, "x"), entry(2, HOSTILE), entry(3, HOSTILE)], as_of=date(2023, 3, 31), **values)
    changed = [entry(1, HOSTILE), entry(2, HOSTILE + "!"), entry(4, HOSTILE)]
    changed[1].rating_code = "B"
    save_report(changed, as_of=date(2024, 3, 31), **values)
    return save_report(changed, as_of=date(2024, 3, 31), edition=2, correction_reason=HOSTILE, **values)


def test_wording_is_escaped_everywhere(site: Site, hostile: Report) -> None:
    paths = [
        *(
            "",
            "pledges/",
            "pledges/1-1-1/",
            "pledges/1-1-2/",
            "departments/",
            "departments/001/",
            "departments/002/",
            "sdgs/11/",
        ),
        *("plans/", "plans/1-1-1/", "ratings/", "changes/", "reports/", "data/"),
    ]
    for path in paths:
        page = site.page(f"/2017/{path}", {"q": HOSTILE} if path == "pledges/" else None)
        ours = ({"type": "application/ld+json"}, {"src", "defer", "data-index"})
        scripts = [s for s in page.all("script") if s.attributes != ours[0] and {*s.attributes} != ours[1]]
        assert (scripts, page.all("img"), page.all("i")) == ([], [], []), path
        assert [
            name for each in page.descendants() for name in each.attributes if name.startswith("on")
        ] == [], path
        assert "14" not in page.texts("p"), path
    assert site.page("/2017/pledges/1-1-1/").one("h1").text == f"<b>{HOSTILE}"
