"""WCAG 2.2 AA (and with it JIS X 8341-3:2016 AA), as far as a machine can tell: axe-core finds nothing.

The page's own Content-Security-Policy is bypassed so that axe can run; test_policy.py holds it.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from playwright.sync_api import Browser

from tests import machine
from tests.browser.conftest import PageType
from tests.browser.crawl import Crawl
from tests.browser.problems import listed

pytestmark = pytest.mark.browser

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
OPTIONS = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    },
    "rules": {"target-size": {"enabled": True}},  # in 2.2 AA, and off unless asked for
    "resultTypes": ["violations"],
    "iframes": False,
    "preload": False,
}
RUN = """async options => (await axe.run(document, options)).violations.map(
    rule => [
        rule.id, rule.help, rule.nodes.length, rule.nodes.slice(0, 3).map(node => node.target.join(' '))])"""
FAULTY = (
    "data:text/html,<html lang=ja><title>x</title><style>a{display:block;width:9px;height:9px}</style>"
    "<main><h1>x</h1><img src=x><a href=%23>1</a><a href=%23>2</a></main>"
)
WIDE, NARROW = 1280, 375  # CSS pixels


@pytest.mark.skipif(
    machine.database_is_postgresql(),
    reason="the pages are those of the run on SQLite, which looks at each one",
)
@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_each_kind_of_page_has_no_violation(browser: Browser, page_types: list[PageType], width: int) -> None:
    found = violations(browser, [kind.url for kind in page_types], width)
    assert not found, listed(found)


@pytest.mark.skipif(
    machine.database_is_postgresql(),
    reason="the pages are those of the run on SQLite, which looks at each one",
)
@pytest.mark.long
def test_each_page_has_no_violation(browser: Browser, crawled: Crawl, page_types: list[PageType]) -> None:
    seen = {kind.url for kind in page_types}
    latest = [
        page.url
        for page in crawled.pages
        if not page.has_query and "/reports/2" not in page.path and page.url not in seen
    ]
    found = violations(browser, latest, WIDE)
    assert not found, listed(found)


def test_the_check_would_see_violations(browser: Browser) -> None:
    """A test of the test, with the rule that is off by default."""
    assert {rule for _url, rule, *_ in violations(browser, [FAULTY], WIDE)} == {"image-alt", "target-size"}


def violations(browser: Browser, urls: Iterable[str], width: int) -> list[Any]:
    """(page, rule, help, how many, selectors of the first few) of everything that axe reports."""
    found: list[Any] = []
    with browser.new_context(bypass_csp=True, viewport={"width": width, "height": 900}) as context:
        context.add_init_script(AXE)
        page = context.new_page()
        for url in urls:
            page.goto(url)
            found += [(url, *violation) for violation in page.evaluate(RUN, OPTIONS)]
    return found
