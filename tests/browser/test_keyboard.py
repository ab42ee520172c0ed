"""The keyboard alone: a way past the navigation, and a focus that can be seen (WCAG 2.4.1, 2.4.7, 2.4.11)."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import PageType
from tests.browser.problems import listed

pytestmark = pytest.mark.browser

STOPS = 25  # presses of Tab per page; what follows are more of the same links
FIRST_LINK = "document.querySelector('a[href^=\"#\"]')"
# What has the focus, whether it is marked, and whether something else covers its middle.
FOCUSED = """() => {
    const element = document.activeElement, style = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    const outlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
    const marked = outlined || style.boxShadow !== 'none';
    const line = element.getClientRects()[0] || box;  // a link may run over two lines
    // of the part on the screen
    const middle = (start, end, limit) => (Math.max(start, 0) + Math.min(end, limit)) / 2;
    const top = document.elementFromPoint(
        middle(line.left, line.right, innerWidth), middle(line.top, line.bottom, innerHeight));
    const name = element.outerHTML.slice(0, 120);
    const uncovered = !!top && (element.contains(top) || top.contains(element));
    return {body: element === document.body, marked, uncovered, name};
}"""


def test_the_keyboard_alone_is_enough(browser: Browser, page_types: list[PageType]) -> None:
    """The first Tab reaches a skip link, each is seen where it leads, and the skip link leads into the main
    part.
    """
    problems = []
    with browser.new_context(viewport={"width": 1280, "height": 800}) as context:
        page = context.new_page()
        for kind in page_types:
            page.goto(kind.url)
            problems += [(kind.url, *problem) for problem in walk(page)]
            if not page.evaluate(f"{FIRST_LINK}.focus(), document.activeElement === {FIRST_LINK}"):
                problems.append((kind.url, "the skip link cannot have the focus"))
            page.keyboard.press("Enter")
            if not page.evaluate("document.activeElement.closest('main') !== null"):
                problems.append((kind.url, "the skip link does not move the focus into main"))
    assert not problems, listed(problems)


def walk(page: Page) -> Iterator[tuple[str, str]]:
    """What is wrong at the stops of the Tab key, from the top of the page."""
    for stop in range(STOPS):
        page.keyboard.press("Tab")
        focused = page.evaluate(FOCUSED)
        if stop == 0 and not page.evaluate(f"document.activeElement === {FIRST_LINK}"):
            yield "the first Tab does not reach a skip link", focused["name"]
        if focused["body"]:  # past the last one
            return
        yield from ((what, focused["name"]) for what in ("marked", "uncovered") if not focused[what])
