"""Every kind of public page: axe finds nothing."""

from collections.abc import Iterable
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.axe import NARROW, WIDE, Look, looked_at, on_sqlite
from tests.browser.conftest import PageType
from tests.browser.crawl import Crawl
from tests.browser.problems import listed

pytestmark = pytest.mark.browser

PAGE = "data:text/html,<html lang=ja><title>x</title><style>{style}</style><main><h1>x</h1>{body}</main>"
SMALL = "a{display:block;width:9px;height:9px}"


@on_sqlite
@pytest.mark.parametrize("width", [WIDE, pytest.param(NARROW, marks=pytest.mark.wide)])
def test_each_kind_of_page_has_no_violation(browser: Browser, page_types: list[PageType], width: int) -> None:
    found = violations(browser, [kind.url for kind in page_types], Look(widths=(width,)))
    assert not found, listed(found)


@on_sqlite
@pytest.mark.long
def test_what_looks_alike_is_alike(browser: Browser, small_pages: list[str]) -> None:
    """All of a page of each kind, and nothing left out: a small one, for axe takes time for each element."""
    found = violations(browser, small_pages, Look(whole=True))
    assert not found, listed(found)


@on_sqlite
@pytest.mark.long
def test_each_third_page_has_no_violation(browser: Browser, crawled: Crawl) -> None:
    latest = [page.url for page in crawled.pages if not page.has_query and "/reports/2" not in page.path]
    assert len(latest) > 200
    found = violations(browser, latest[::3], Look())
    assert not found, listed(found)


def test_the_check_would_see_violations(browser: Browser) -> None:
    """A test of the test, with the rule that is off by default."""
    faulty = PAGE.format(style=SMALL, body="<img src=x><a href=%23>1</a><a href=%23>2</a>")
    assert rules(violations(browser, [faulty], Look())) == {"image-alt", "target-size"}


def test_the_check_would_see_the_one_that_is_not_like_the_others(browser: Browser) -> None:
    """Another test of the test: among a hundred alike, a colour, and a name that is missing."""
    faulty = PAGE.format(
        style=".pale{color:%23eee}",
        body="<p>x<p>x"
        + "<p>words" * 50
        + "<p class=pale>words"
        + "<p>words" * 50
        + "<p><img src=x alt=x>" * 9
        + "<p><img src=x>",
    )
    look = Look()
    assert rules(violations(browser, [faulty.replace("pale", ""), faulty], look)) == {
        "color-contrast",
        "image-alt",
    }
    assert rules(violations(browser, [faulty], look)) == {"color-contrast"}


def rules(found: Iterable[Any]) -> set[str]:
    return {rule for _url, _width, rule, *_ in found}


def violations(browser: Browser, urls: Iterable[str], look: Look) -> list[Any]:
    """What is found on each page, with its address."""
    found: list[Any] = []
    with looked_at(browser.new_context(bypass_csp=True)) as page:
        for url in urls:
            page.goto(url)
            found += [(url, *violation) for violation in look(page)]
    return found
