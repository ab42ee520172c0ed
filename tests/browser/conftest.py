"""One server, one crawl and one browser for all tests of this folder.

Fixtures live for the package, not the session: Playwright's synchronous interface keeps an event loop
running, and Django's ORM refuses to work beside one in the tests that follow.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.urls import resolve
from playwright.sync_api import Browser, sync_playwright

from tests import machine
from tests.browser.crawl import Answer, Crawl, crawl
from tests.browser.server import serving, site_of_two_years

# Chromium speaks to our server only: any other name is unknown to it.
CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
# States of a page that no link leads to.
UNLINKED = {
    "list with one rating": "/2021/pledges/?rating=C",
    "list with several conditions": "/2021/pledges/?q=防災&rating=A&rating=B&sort=worst",
    "list with nothing found": "/2021/pledges/?q=どこにもないことば",
    "list with conditions refused": "/2021/pledges/?rating=Z&department=none&page=99",
    "pledge with an ended and an unapproved initiative": "/2021/pledges/8-2-21/",
    "pledge whose rating changed": "/2021/pledges/1-1-4/",
    "list with an ended and an unapproved initiative": "/2021/pledges/?field=8&sort=worst",
    "not found": "/no-such-page/",
    "no such pledge": "/2021/pledges/99-99-99/",
}


@dataclass(frozen=True)
class PageType:
    """A kind of page and the address that stands for it."""

    name: str
    url: str
    is_error: bool = False


@pytest.fixture(scope="package")
def two_years(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """What every process of a site with the city's table, and a second year, is started with."""
    with site_of_two_years(tmp_path_factory.mktemp("site")) as environment:
        yield environment


@pytest.fixture(scope="package")
def site(two_years: dict[str, str]) -> Iterator[str]:
    """The base address of that site while it runs."""
    with serving(two_years, Path(two_years["STATE_DIR"]) / "gunicorn.log") as base:
        yield base


@pytest.fixture(scope="package")
def crawled(site: str) -> Crawl:
    """Everything that the site links to."""
    return crawl(site)


@pytest.fixture(scope="package")
def page_types(crawled: Crawl) -> list[PageType]:
    """Per view its largest page, an overview and a pledge as they are frozen, and states that no link leads
    to.
    """
    return page_types_of(crawled)


@pytest.fixture(scope="package")
def small_pages(crawled: Crawl) -> list[str]:
    """Per view the address of its smallest page."""
    return [page.url for page in of_each_kind(crawled, min).values()]


def page_types_of(crawled: Crawl) -> list[PageType]:
    types = [PageType(name, page.url) for name, page in of_each_kind(crawled, max).items()]
    types += [
        PageType(name, crawled.base + path, is_error=name.startswith("no")) for name, path in UNLINKED.items()
    ]
    return types


def of_each_kind(crawled: Crawl, choose: Callable[..., Answer]) -> dict[str, Answer]:
    """Of each kind of page that a link leads to the largest, or the smallest."""
    found: dict[str, list[Answer]] = {}
    for page in crawled.pages:
        name = view_name(page)
        if page.status == 200 and ("latest" in name or name.startswith(("overview", "pledge "))):
            found.setdefault(name, []).append(page)
    return {name: choose(pages, key=lambda page: page.size) for name, pages in found.items()}


def view_name(page: Answer) -> str:
    """The view that serves a page and how it is frozen: latest, as of a date, or one edition."""
    match = resolve(page.path)
    frozen = "edition" if "edition" in match.kwargs else "dated" if "as_of" in match.kwargs else "latest"
    return (
        f"{getattr(match.func, '__name__', match.route)} ({frozen}{', filtered' if page.has_query else ''})"
    )


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium, without a way out of this machine."""
    path = machine.chromium()
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=CHROMIUM_OPTIONS)
        yield chromium
        chromium.close()
