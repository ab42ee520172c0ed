"""The desk as the planning office works at it: 21 changed ratings with hardly more clicks than rows, by the
keys alone, and many rows at once but for some.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.seen import seen
from tests.browser.server import own_site, serving
from tests.browser.test_the_year import CityHall

pytestmark = [pytest.mark.browser, pytest.mark.long]
TOLD = ".notice-messages[role=status]"
KEYS_WAKE = 1_100  # milliseconds; desk.js takes no key in the first second of a page


@pytest.fixture
def hall(tmp_path: Path, browser: Browser) -> Iterator[CityHall]:
    with own_site(tmp_path) as environment, serving(environment, tmp_path / "gunicorn.log") as base:
        city_hall = CityHall(base, environment, browser)
        city_hall.the_rest("people")
        yield city_hall
        assert city_hall.complaints == []


@dataclass
class Counted:
    """A page whose clicks and loads are counted."""

    page: Page
    clicks: int = 0
    loads: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("domcontentloaded", lambda page: self.loads.append(page.url))

    def click(self, selector: str) -> None:
        self.clicks += 1
        with self.page.expect_navigation():
            self.page.locator(selector).first.click()


def test_the_desk_s_work(hall: CityHall) -> None:
    round = hall.the_rest("desk")["round"]
    planner = hall.log_in("planner")
    filtered = f"{hall.base}/staff/queue/?round={round}&change=changed"
    by_the_keys_alone(planner, filtered)
    every_changed_row_with_a_click(planner, filtered)
    the_rest_at_once_but_for_three(hall, round)


def by_the_keys_alone(page: Page, filtered: str) -> None:
    """`a` approves and goes on, `r` goes to the reason; beside Ctrl, or in a text, they do nothing else."""
    page.goto(filtered)
    page.locator(".queue-name a").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".desk-way").first).to_contain_text("25件中1件目")
    first = page.url
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("a")  # at once: nobody has read the row yet
    page.wait_for_timeout(KEYS_WAKE)
    for ignored in ("Control+a", "Alt+a", "Shift+A", "b"):
        page.keyboard.press(ignored)
    page.focus("#id_field")
    page.keyboard.press("r")
    assert (page.url, page.locator(":focus").get_attribute("id")) == (first, "id_field")
    page.evaluate("document.activeElement.blur()")
    page.evaluate(COMPOSED)
    page.keyboard.press("r")
    expect(page.locator("#id_reason")).to_be_focused()
    page.keyboard.type("arara")
    assert (page.input_value("#id_reason"), page.url) == ("arara", first)
    page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator(TOLD)).to_contain_text("差し戻しました")
    for number in (2, 3, 4):
        expect(page.locator(".desk-way").first).to_contain_text(f"25件中{number}件目")
        page.wait_for_timeout(KEYS_WAKE)
        with page.expect_navigation():
            page.keyboard.press("a")
        expect(page.locator(TOLD)).to_contain_text("承認しました")
    expect(page.locator(".desk-way").first).to_contain_text("25件中5件目")


# A key as an input method sends it.
COMPOSED = """() => {
    for (const more of [{isComposing: true}, {keyCode: 229}])
        document.body.dispatchEvent(new KeyboardEvent('keydown', {key: 'a', bubbles: true, ...more}));
}"""


def every_changed_row_with_a_click(page: Page, filtered: str) -> None:
    """From the filtered list through its 21 rows and back: a click and a page each, and one to begin."""
    page.goto(filtered)
    expect(page.locator(".result-count")).to_contain_text("21件")
    seen(page, "desk-queue")
    page.set_viewport_size({"width": 1280, "height": 900})
    counted = Counted(page)
    counted.click(".queue-name a")
    expect(page.locator(".desk-way").first).to_contain_text("提出済・評価が変わった　のうち 21件中1件目")
    seen(page, "desk-review")
    page.set_viewport_size({"width": 1280, "height": 900})
    for number in range(2, 22):
        counted.click("#approve")
        expect(page.locator(".desk-way").first).to_contain_text(f"21件中{number}件目")
    counted.click("#approve")
    assert page.url == filtered
    expect(page.locator(".result-count")).to_contain_text("0件")
    rows = [url for url in counted.loads if "/review/" in url]
    figures = f"{counted.clicks} clicks, {len(rows)} pages of rows, {len(counted.loads)} page loads"
    print(f"21 changed rows: {figures}")  # noqa: T201 - for whoever asks how many it takes
    assert (counted.clicks, len(rows), len(counted.loads)) == (22, 21, 22)
    seen(page, "desk-queue-empty")


def the_rest_at_once_but_for_three(hall: CityHall, round: int) -> None:
    """In a browser without scripts: ticks on two pages, and the rest is approved."""
    keeps = hall.log_in("planner").context.storage_state()
    with hall.browser.new_context(storage_state=keeps, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{hall.base}/staff/queue/approve/?round={round}")
        boxes = page.locator("input[name=leave]")
        assert boxes.count() == 50
        boxes.nth(0).check()
        boxes.nth(3).check()
        page.get_by_role("button", name="2ページ").click()
        assert boxes.count() == 10
        boxes.nth(9).check()
        page.get_by_role("button", name="外した件数を数え直す").click()
        expect(page.locator("#ready")).to_contain_text("57件（ほかに、外した取組 3件）")
        page.get_by_role("button", name="1ページ").click()
        assert [boxes.nth(place).is_checked() for place in range(4)] == [True, False, False, True]
        boxes.nth(0).focus()
        page.keyboard.press("Enter")  # in a tick: the first button, which approves nothing
        expect(page.locator("#ready")).to_contain_text("57件（ほかに、外した取組 3件）")
        page.get_by_role("button", name="まとめて承認する").click()
        expect(page.locator(TOLD)).to_contain_text(
            "57 件をまとめて承認しました。外した 3 件は、承認待ちに残っています。"
        )
