"""The keyboard alone: a way past the navigation, and a focus that can be seen (WCAG 2.4.1, 2.4.7, 2.4.11)."""

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import PageType
from tests.browser.problems import listed

pytestmark = pytest.mark.browser

STOPS = 25  # presses of Tab per page; what follows are more of the same links
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


def test_first_tab_is_a_skip_link_into_the_main_part(browser: Browser, page_types: list[PageType]) -> None:
    problems = []
    with browser.new_context() as context:
        page = context.new_page()
        for kind in page_types:
            page.goto(kind.url)
            page.keyboard.press("Tab")
            if not page.evaluate("document.activeElement.matches('a[href^=\"#\"]')"):
                problems.append((kind.url, "the first Tab does not reach a skip link"))
                continue
            page.keyboard.press("Enter")
            if not page.evaluate("document.activeElement.closest('main') !== null"):
                problems.append((kind.url, "the skip link does not move the focus into main"))
    assert not problems, listed(problems)


def test_focus_is_marked_and_not_covered(browser: Browser, page_types: list[PageType]) -> None:
    problems = []
    with browser.new_context(viewport={"width": 1280, "height": 800}) as context:
        page = context.new_page()
        for kind in page_types:
            page.goto(kind.url)
            for _ in range(STOPS):
                page.keyboard.press("Tab")
                focused = page.evaluate(FOCUSED)
                if focused["body"]:  # past the last one
                    break
                problems += [
                    (kind.url, what, focused["name"]) for what in ("marked", "uncovered") if not focused[what]
                ]
    assert not problems, listed(problems)
