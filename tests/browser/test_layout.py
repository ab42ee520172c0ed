"""Reflow at 320 px (WCAG 1.4.10), text spacing (1.4.12), and paper."""

import re

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import PageType
from tests.browser.gaps import CLEAR, gap
from tests.browser.problems import listed
from tests.conftest import a_third_at_once

pytestmark = pytest.mark.browser

NARROWEST = 320  # CSS pixels, WCAG 1.4.10
TELEPHONE = 375  # CSS pixels
TEXT_SPACING = (
    "* {line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important}"
)
WIDEST_ELEMENTS = """limit => [...document.body.querySelectorAll('*')].filter(
    e => e.getBoundingClientRect().right > limit + 1 && !e.closest('[tabindex="0"]')).slice(0, 3).map(
    e => e.tagName.toLowerCase() + (e.id ? '#' + e.id : '') + [...e.classList].map(c => '.' + c).join(''))"""


def test_no_page_scrolls_sideways(browser: Browser, page_types: list[PageType]) -> None:
    """On the narrowest screen as designed, and on a telephone with the reader's own spacing."""
    wide = []
    with browser.new_context(bypass_csp=True) as context:
        page = context.new_page()
        for kind in page_types:
            page.goto(kind.url)
            for limit, css in ((NARROWEST, ""), (TELEPHONE, TEXT_SPACING)):
                page.set_viewport_size({"width": limit, "height": 800})
                if css:
                    page.add_style_tag(content=css)
                if (width := page.evaluate("document.documentElement.scrollWidth")) > limit:
                    wide.append((kind.url, width, page.evaluate(WIDEST_ELEMENTS, limit)))
    assert not wide, listed(wide)


SMALL_TEXT = """() => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    let all = 0, small = 0, node;
    while (node = walker.nextNode()) {
        const text = node.textContent.replace(/\\s/g, ''), element = node.parentElement;
        if (!text || element.closest('.visually-hidden, svg') || !element.getClientRects().length) continue;
        all += text.length;
        if (parseFloat(getComputedStyle(element).fontSize) <= 14) small += text.length;
    }
    return small / all;
}"""


@pytest.mark.parametrize(("width", "height", "letters"), [(375, 812, 24), (1280, 720, 32)])
def test_the_overview_answers_first(
    browser: Browser, site: str, width: int, height: int, letters: int
) -> None:
    """Sentence, bar and what went up and down stand above the fold; 変化 is at most 12 stops away."""
    with browser.new_context(viewport={"width": width, "height": height}) as context:
        page = context.new_page()
        page.goto(f"{site}/")
        for part in ("h1", ".answer-bar", ".change-figures li:nth-child(2)"):
            box = page.locator(part).first.bounding_box()
            assert box, part
            assert box["y"] + box["height"] <= height, part
        assert page.evaluate("parseFloat(getComputedStyle(document.querySelector('h1')).fontSize)") == letters
        assert page.evaluate(SMALL_TEXT) < 0.15
        stops, wanted = 0, "document.activeElement.getAttribute('href')"
        while page.evaluate(wanted) != "/2021/changes/":
            page.keyboard.press("Tab")
            stops += 1
            assert stops <= 12
        page.goto(f"{site}/2021/changes/")
        assert page.evaluate(SMALL_TEXT) < 0.15


@pytest.mark.parametrize(
    "path",
    a_third_at_once(
        ["", "departments/", "sdgs/", "pledges/", "ratings/", "reports/", "pledges/1-1-2/"],
        others=pytest.mark.wide,
    ),
)
def test_letters_of_twice_the_size_fit_on_a_telephone(browser: Browser, site: str, path: str) -> None:
    with browser.new_context(bypass_csp=True, viewport={"width": TELEPHONE, "height": 812}) as context:
        page = context.new_page()
        page.goto(f"{site}/2021/{path}")
        page.add_style_tag(content="html {font-size: 32px}")
        wide = page.evaluate(WIDEST_ELEMENTS, TELEPHONE)
        assert (page.evaluate("document.documentElement.scrollWidth"), wide) == (TELEPHONE, [])


def test_the_list_is_short_and_its_results_are_seen_first(browser: Browser, site: str) -> None:
    with browser.new_context(viewport={"width": TELEPHONE, "height": 812}) as context:
        page = context.new_page()
        for number in (1, 2, 3):
            page.goto(f"{site}/2021/pledges/?page={number}")
            assert page.evaluate("document.documentElement.scrollHeight") < 12_000
        page.goto(f"{site}/2021/pledges/?q=防災")
        first = page.locator(".entry").first.bounding_box()
        assert first
        assert first["y"] + first["height"] <= 900  # a row is begun above the fold, or nearly so
        assert page.locator(".listed-pledge").first.bounding_box()["y"] < 812  # type: ignore[index]
        page.get_by_role("searchbox", name="ことば").fill("子ども")
        page.get_by_role("button", name="探す", exact=True).click()
        page.wait_for_url("**/pledges/?q=*#results")
        assert page.evaluate("document.activeElement.id") == "results"
        assert page.locator("#results").bounding_box()["y"] < 60  # type: ignore[index]


def test_the_menu_is_one_row_on_a_telephone(browser: Browser, site: str) -> None:
    with browser.new_context(viewport={"width": NARROWEST, "height": 812}) as context:
        page = context.new_page()
        page.goto(f"{site}/2021/sdgs/")
        items = page.locator(".site-nav > ul > li")
        tops = {round(each["y"]) for each in (item.bounding_box() for item in items.all()) if each}
        assert (items.count(), len(tops)) == (3, 1)
        page.locator(".more-ways summary").click()
        page.get_by_role("navigation", name="メニュー").get_by_role("link", name="総合計画").click()
        assert page.url.endswith("/2021/plans/")
        page.set_viewport_size({"width": 1280, "height": 720})
        links = page.locator(".site-nav a")
        assert len({round(each.bounding_box()["y"]) for each in links.all()}) == 1  # type: ignore[index]
        assert (links.count(), page.locator(".more-ways summary").is_visible()) == (8, False)


FILLS = """() => Object.fromEntries([...document.querySelectorAll('.legend .rating')].map(each => [
    each.textContent.trim().slice(0, 1),
    [getComputedStyle(each.querySelector('circle')).fill,
     each.querySelector('path') ? getComputedStyle(each.querySelector('path')).fill : '']]))"""


LINES = """() => [...document.querySelectorAll('.site-nav a')].map(each => [
    each.textContent, getComputedStyle(each).borderBottomColor])"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_marks_stay_full_and_empty_in_forced_colours(browser: Browser, site: str, scheme: str) -> None:
    ink, paper = ("rgb(0, 0, 0)", "rgb(255, 255, 255)")[:: 1 if scheme == "light" else -1]
    with browser.new_context(forced_colors="active", color_scheme=scheme) as context:  # type: ignore[arg-type]
        page = context.new_page()
        page.goto(f"{site}/2021/")
        fills, lines = page.evaluate(FILLS), page.evaluate(LINES)
    assert [name for name, colour in lines if colour != paper] == ["概要"]  # where one is
    assert (fills["A"], fills["E"], fills["評"]) == ([paper, ink], [paper, ""], ["none", ""])


def test_nothing_sticks_to_its_neighbour(browser: Browser, site: str) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{site}/2021/changes/")
        assert gap(page.locator(".figures"), page.locator(".average-move")) >= CLEAR
        page.goto(f"{site}/2021/pledges/")
        plans = page.get_by_label("総合計画の施策番号")
        note, next_label = (
            page.locator(".unknown-goals"),
            page.locator(f"label[for={plans.get_attribute('id')}]"),
        )
        assert gap(note, next_label) >= CLEAR


@pytest.mark.parametrize("path", ["/2021/", "/2021/pledges/", "/2021/pledges/1-1-1/"])
def test_page_prints_with_its_text(browser: Browser, site: str, path: str) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{site}{path}")
        pdf = page.pdf(format="A4", prefer_css_page_size=True)
        page.emulate_media(media="print")
        printed = page.inner_text("body")
        heading = page.inner_text("h1")
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) >= 1
    assert re.search(rb"/Type\s*/Font\b", pdf)  # text is drawn, with glyphs
    assert heading in printed
    assert len(printed) > 200


def test_the_whole_list_prints_on_ten_pages(browser: Browser, site: str) -> None:
    sheets = 0
    with browser.new_context() as context:
        page = context.new_page()
        for number in (1, 2, 3):
            page.goto(f"{site}/2021/pledges/?page={number}")
            sheets += len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4", prefer_css_page_size=True)))
        page.goto(f"{site}/2021/")
        page.emulate_media(media="print")
        name = page.locator(".squares a").first.evaluate("e => getComputedStyle(e, '::after').content")
        assert "誘致企業等を含め市内企業との連携を進め" in name  # beside its square
    assert sheets <= 10
