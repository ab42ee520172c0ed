"""Everything works in a browser that runs no scripts."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PageType
from tests.browser.problems import listed

pytestmark = pytest.mark.browser


def test_each_kind_of_page_shows_its_heading(browser: Browser, page_types: list[PageType]) -> None:
    empty = []
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        for kind in page_types:
            page.goto(kind.url)
            if not page.locator("h1").inner_text().strip() or len(page.locator("main").inner_text()) < 40:
                empty.append(kind.url)
    assert not empty, listed(empty)


def test_filter_by_rating_changes_the_address_and_the_count(browser: Browser, site: str) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{site}/2021/pledges/")
        everything = count(page)
        page.locator("main form").get_by_role("checkbox", name=re.compile("^C")).check()
        page.locator("main form").get_by_role("button").first.click()
        expect(page).to_have_url(re.compile(r"[?&]rating=C(&|#|$)"))
        assert 0 < count(page) < everything
        expect(page.locator("main form").get_by_role("checkbox", name=re.compile("^C"))).to_be_checked()


def test_search_for_a_word_keeps_it_in_the_field(browser: Browser, site: str) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{site}/2021/pledges/")
        everything = count(page)
        page.locator("input[name=q]").fill("防災")
        page.locator("input[name=q]").press("Enter")
        expect(page.locator("input[name=q]")).to_have_value("防災")
        assert 0 < count(page) < everything


def count(page: Page) -> int:
    """How many initiatives the list says it found: 「207件中 31件」."""
    found = re.search(r"件中\s*(\d+)件", page.locator("main").inner_text())
    assert found, "the list does not say how many it found"
    return int(found[1])
