"""How pages are shared and found: their tags, the picture, sitemap.xml, and short addresses."""

import struct
import xml.etree.ElementTree as ET
from datetime import date
from urllib.parse import urljoin

import pytest
from pytest_django import Settings

from tests.public.building import RATINGS, copy_report, make_entry, save_report
from tests.public.conftest import Site
from tests.public.markup import Element
from tracker.models import Report
from tracker.public import picture

PUBLIC = "https://manifesto.example.lg.jp"
NEW = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


@pytest.fixture
def public(settings: Settings) -> str:
    settings.PUBLIC_URL = PUBLIC
    return PUBLIC


def tags(page: Element) -> dict[str, str]:
    found = [each.attributes for each in page.all("meta")]
    names = {each.get("property") or each.get("name", ""): each.get("content", "") for each in found}
    canonical = [e.attributes["href"] for e in page.all("link") if e.attributes.get("rel") == "canonical"]
    return names | {"canonical": "".join(canonical)}


def test_a_shared_page_has_its_title_and_absolute_addresses(site: Site, demo: Report, public: str) -> None:
    page = site.page("/2021/pledges/1-1-1/")
    found = tags(page)
    assert found["canonical"] == found["og:url"] == f"{PUBLIC}/2021/pledges/1-1-1/"
    assert (found["og:title"], found["og:description"]) == (page.one("title").text, found["description"])
    assert (found["og:image"], found["twitter:card"]) == (f"{PUBLIC}/2021/picture.png", "summary_large_image")
    printed = page.one("aside", "permalink").text
    assert f"{PUBLIC}/2021/reports/2024-03-31/editions/1/pledges/1-1-1/" in printed
    old = tags(site.page("/2021/reports/2024-03-31/editions/1/"))
    assert (old["canonical"], old["og:url"]) == (f"{PUBLIC}/2021/", f"{PUBLIC}/2021/")


def test_without_a_public_address_no_host_is_told(site: Site, demo: Report) -> None:
    found = tags(site.page("/2021/"))
    assert found["canonical"] == "/2021/"
    assert not {"og:url", "og:image"} & found.keys()
    assert "testserver" not in site.get("/2021/").content.decode()
    assert found["og:title"].startswith("令和6年3月末時点の概要")


def test_feed_catalogue_and_data_page_have_the_public_address(site: Site, demo: Report, public: str) -> None:
    feed = site.get("/2021/feed.atom").content.decode()
    assert "testserver" not in feed
    assert f'<link href="{PUBLIC}/2021/" rel="alternate"' in feed
    catalogue = site.get("/2021/data/catalog.jsonld").json()
    assert catalogue["foaf:homepage"]["@id"] == f"{PUBLIC}/2021/data/"
    assert f'"url": "{PUBLIC}/2021/data/"' in site.get("/2021/data/").content.decode()


def sitemap(site: Site) -> list[str]:
    found = ET.fromstring(site.get("/sitemap.xml").content)
    return [each.text or "" for each in found.iter(f"{NEW}loc")]


def test_sitemap_has_each_linked_page_once_at_its_canonical_address(
    site: Site, demo: Report, public: str
) -> None:
    addresses = sitemap(site)
    assert len(addresses) == len(set(addresses)) > 138
    paths = {address.removeprefix(PUBLIC) for address in addresses}
    linked = {
        urljoin(start, link.split("#")[0])
        for start in ("/2021/", "/2021/departments/", "/2021/plans/", "/2021/sdgs/", "/2021/pledges/")
        for link in site.page(start).links
        if "?" not in link
    }
    own = {link for link in linked if link.startswith("/2021/") and link.endswith("/")}
    permanent = {link for link in own if "/editions/" in link}
    assert own - permanent - paths == set()
    for path in sorted(paths)[::25]:
        assert tags(site.page(path))["canonical"] in {f"{PUBLIC}{path}", ""}


def test_sitemap_knows_every_term_and_older_editions(site: Site, demo: Report) -> None:
    first = save_report([make_entry(1)], slug="2017")
    copy_report(first, as_of=date(2025, 3, 31))
    addresses = sitemap(site)
    assert {"http://testserver/2017/", "http://testserver/2021/"} <= set(addresses)
    assert "http://testserver/2017/reports/2024-03-31/editions/1/" in addresses
    paths = [each.removeprefix("http://testserver") for each in addresses if "/2017/" in each]
    assert [path for path in paths if site.status(path) != 200] == []


def test_sitemap_before_anything_is_published(site: Site, nothing_published: None) -> None:
    assert sitemap(site) == ["http://testserver/accessibility/"]


def size(png: bytes) -> tuple[int, int]:
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def test_picture_shows_the_reports_own_ratings(site: Site, db: None) -> None:
    if not picture.can_draw():
        pytest.skip("resvg-py or a Japanese font is not installed")
    many = [{**RATINGS[0], "code": f"{n}", "label": "とても長い名前の評価の区分" * 3} for n in range(12)]
    save_report([make_entry(1, rating_code="A")])
    save_report([make_entry(1, rating_code="3")], ratings=many, slug="2013")
    drawn = [site.get(f"/{slug}/picture.png").content for slug in ("2017", "2013")]
    assert [size(each) for each in drawn] == [(1200, 630)] * 2
    assert len({*drawn, picture.DEFAULT.read_bytes()}) == 3


def test_without_what_draws_there_is_one_picture_for_all(
    site: Site, demo: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picture, "IS_INSTALLED", False)
    picture.can_draw.cache_clear()
    answer = site.get("/2021/picture.png")
    picture.can_draw.cache_clear()
    assert (answer["Content-Type"], answer.content) == ("image/png", picture.DEFAULT.read_bytes())
    assert size(answer.content) == (1200, 630)


@pytest.mark.parametrize(
    ("query", "short"),
    [
        ("q=&rating=A&field=&sort=", "?rating=A"),
        ("q=&field=", ""),
        ("rating=A&rating=B&q=", "?rating=A&rating=B"),
    ],
)
def test_what_a_form_sends_leads_to_the_short_address(
    site: Site, demo: Report, query: str, short: str
) -> None:
    answer = site.get("/2021/pledges/", query)
    assert (answer.status_code, answer["Location"]) == (302, f"/2021/pledges/{short}")
    assert site.get(answer["Location"]).status_code == 200
    assert site.get("/2021/pledges/", "rating=A&utm_source=").status_code == 200
