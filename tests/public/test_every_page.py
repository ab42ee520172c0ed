"""What holds for the HTML of every page, in the latest report and in an older one."""

import re
from collections.abc import Iterator
from datetime import date
from itertools import pairwise

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from tests.public.building import copy_report
from tests.public.conftest import Site
from tests.public.markup import Element
from tests.public.test_scope import IN_SCOPE, SCOPES
from tracker.models import Report

UNFILTERED = (
    "/accessibility/",
    "/2021/reports/",
    "/2021/data/",
    *(scope + path for scope in SCOPES[:2] for path in IN_SCOPE),
)
PAGES = (
    "/",
    *UNFILTERED,
    "/2021/pledges/?q=防災&rating=A",
    "/2021/pledges/?field=99",
    "/2021/departments/050/",
)


@pytest.fixture(scope="module")
def pages(demo: Report, django_db_blocker: DjangoDbBlocker) -> Iterator[dict[str, Element]]:
    """Every kind of page, while another report follows the city's own."""
    with django_db_blocker.unblock(), transaction.atomic():
        copy_report(demo, as_of=date(2025, 3, 31), change=lambda entries: entries[:-1])
        site = Site()
        yield {path: site.page(path) for path in PAGES}
        transaction.set_rollback(True)


def test_every_page_is_well_formed(site: Site, pages: dict[str, Element]) -> None:
    for path, page in pages.items():
        assert page.one("html").attributes["lang"] == ("en" if path.endswith("/english/") else "ja"), path
        assert len(page.all("h1")) == 1, path
        assert page.one("main").attributes["id"] == "main", path
        links = [each.attributes["href"] for each in page.all("link")]
        assert any("/public." in link for link in links), f"{path}: no telephone, print or dark colours"
        descriptions = [
            each.attributes["content"]
            for each in page.all("meta")
            if each.attributes.get("name") == "description"
        ]
        assert [len(words) > 20 for words in descriptions] == [True], path
        ids = [each.attributes["id"] for each in page.descendants() if "id" in each.attributes]
        assert len(ids) == len(set(ids)), path
        named = {
            each.attributes[name]
            for each in page.descendants()
            for name in ("aria-labelledby", "for", "aria-describedby")
            if name in each.attributes
        }
        assert named - set(ids) == set(), path
        levels = [int(each.name[1]) for each in page.descendants() if re.fullmatch("h[1-6]", each.name)]
        assert [b for a, b in pairwise(levels) if b > a + 1] == [], path


def test_every_page_runs_nothing_but_the_list_s_script_and_loads_nothing_from_outside(
    site: Site, pages: dict[str, Element]
) -> None:
    loads = ("src", "srcset", "data", "poster", "background")
    for path, page in pages.items():
        is_list = page.one("h1").text == "公約と取組"
        for each in page.descendants():
            assert "style" not in each.attributes, path
            assert [name for name in each.attributes if name.startswith("on")] == [], path
            assert each.name not in ("style", "iframe", "object", "embed"), path
            is_ours = is_list and each.attributes.get("src", "").startswith("/static/")
            is_data = each.attributes == {"type": "application/ld+json"}
            assert each.name != "script" or is_data or is_ours, path
            assert [
                each.attributes[name] for name in loads if each.attributes.get(name, "/")[0] != "/"
            ] == [], path
            assert each.name != "link" or each.attributes["href"].startswith("/"), path
            assert each.name != "form" or each.attributes["action"].startswith("/"), path


def test_every_title_is_unique_in_its_report(site: Site, pages: dict[str, Element]) -> None:
    titles = [pages[path].one("title").text for path in UNFILTERED if not path.startswith(SCOPES[1])]
    assert len(set(titles)) == len(titles)
    assert [title for title in titles if not re.fullmatch(r".+｜伊勢崎市 市長マニフェスト", title)] == []


def test_every_canonical_link_resolves_to_the_same_page(site: Site, pages: dict[str, Element]) -> None:
    for path, page in pages.items():
        links = [
            each.attributes["href"] for each in page.all("link") if each.attributes.get("rel") == "canonical"
        ]
        assert len(links) == (0 if path == "/accessibility/" else 1), path
        for link in links:
            assert site.page(link).one("h1").text == page.one("h1").text, path


def test_every_link_resolves(site: Site, pages: dict[str, Element]) -> None:
    links = {link.split("#")[0] for page in pages.values() for link in page.links if link.startswith("/")}
    covered = re.compile(
        r"/(pledges|departments|plans|sdgs)/[^/?]+/$|/data/.*_|/changes/|pledges/\?"
    )  # by tests of their own
    plain = sorted(link for link in links if not covered.search(link))
    assert [link for link in plain if site.status(link) != 200] == []


def test_every_anchor_is_there(site: Site, pages: dict[str, Element]) -> None:
    for path, page in pages.items():
        ids = {each.attributes.get("id") for each in page.descendants()}
        assert {link[1:] for link in page.links if link.startswith("#")} - ids == set(), path
