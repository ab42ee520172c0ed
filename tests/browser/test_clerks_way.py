"""A clerk's way through 14 rows in a real browser: how many clicks and page loads it takes, with the mouse
and with the keyboard alone; and what the form says and saves on the way.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.browser.axe import Look, looked_at
from tests.browser.gaps import CLEAR, gap
from tests.browser.one_department import ROWS
from tests.browser.seen import looked_over
from tests.browser.server import PROJECT, own_site, serving
from tests.browser.staff import StaffSite
from tests.browser.test_keyboard import FOCUSED
from tests.browser.the_rest import PASSWORD

pytestmark = pytest.mark.browser
MOST_CLICKS, MOST_LOADS = 25, 18  # for 14 rows in which nothing has changed
FIRST_TASK = {1280: 450, 375: 600}  # CSS pixels from the top, at most
SAME, CHECK_ALL = "前回と同じ内容で入力して次へ", "まとめて確認して提出"
TOLD = ".notice-messages[role=status]"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StaffSite]:
    folder = tmp_path_factory.mktemp("clerk")
    with own_site(folder) as environment:
        command = [sys.executable, "-m", "tests.browser.one_department"]
        subprocess.run(command, cwd=PROJECT, env=environment, check=True)
        with serving(environment, folder / "gunicorn.log") as base:
            people = [f"{name}{number}" for name in ("clerk", "colleague") for number in range(1, 5)]
            yield StaffSite(base, dict.fromkeys(people, PASSWORD))


@dataclass
class Counted:
    """A person's page, with the number of clicks and of page loads so far."""

    page: Page
    clicks: int = 0
    loads: int = 0
    keys: int = 0
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("load", lambda _page: self._loaded())
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _loaded(self) -> None:
        self.loads += 1

    def click(self, what: Locator) -> None:
        what.click()
        self.clicks += 1
        self.page.wait_for_load_state()

    def tab_to(self, condition: str) -> None:
        """Presses Tab until what has the focus fulfils a condition. Whatever has it on the way is seen."""
        for _press in range(120):
            self.press("Tab")
            focused = self.page.evaluate(FOCUSED)
            assert focused["marked"], focused["name"]
            assert focused["uncovered"], focused["name"]
            if self.page.evaluate(f"(focused => {condition})(document.activeElement)"):
                return
        raise AssertionError(f"the keyboard does not reach {condition}")

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)
        self.keys += 1

    def enter(self) -> None:
        with self.page.expect_event("load"):
            self.press("Enter")


@contextmanager
def at_home(site: StaffSite, browser: Browser, username: str) -> Iterator[Counted]:
    with looked_at(site.context(browser, username, bypass_csp=True)) as page:
        counted = Counted(page)
        counted.page.goto(f"{site.base}/staff/")
        yield counted
        assert counted.complaints == []


def test_fourteen_unchanged_rows_take_few_clicks(site: StaffSite, browser: Browser) -> None:
    with at_home(site, browser, "clerk1") as clerk:
        page = clerk.page
        clerk.click(page.locator(".task-name a").first)
        for _row in range(ROWS):
            clerk.click(page.get_by_role("button", name=SAME, exact=True))
        expect(page.locator("h1")).to_have_text(CHECK_ALL)
        expect(page.locator(".ready-rows > li")).to_have_count(ROWS)
        clerk.click(page.get_by_role("button", name="印を付けた取組を提出する"))
        expect(page.locator(TOLD)).to_contain_text(f"{ROWS} 件を提出しました。")
        print(f"{ROWS} rows by the mouse: {clerk.clicks} clicks, {clerk.loads} page loads")  # noqa: T201 - figures
        assert (clerk.clicks, clerk.loads) == (ROWS + 2, ROWS + 3)
        assert clerk.clicks <= MOST_CLICKS
        assert clerk.loads <= MOST_LOADS


def test_fourteen_unchanged_rows_by_the_keyboard_alone(site: StaffSite, browser: Browser) -> None:
    with at_home(site, browser, "clerk2") as clerk:
        clerk.tab_to("focused.closest('.task-name') !== null")
        clerk.enter()
        for _row in range(ROWS):
            clerk.tab_to("focused.value === 'same'")
            clerk.enter()
        expect(clerk.page.locator("h1")).to_have_text(CHECK_ALL)
        clerk.tab_to("focused.textContent.includes('印を付けた取組を提出する')")
        clerk.enter()
        expect(clerk.page.locator(TOLD)).to_contain_text(f"{ROWS} 件を提出しました。")
        print(f"{ROWS} rows by the keyboard: {clerk.keys} keys, {clerk.loads} page loads")  # noqa: T201 - figures
        assert clerk.loads <= MOST_LOADS


@pytest.mark.parametrize("width", FIRST_TASK)
def test_the_first_task_stands_high_and_nothing_covers_the_focus(
    site: StaffSite, browser: Browser, width: int
) -> None:
    with at_home(site, browser, "clerk3") as clerk:
        page = clerk.page
        page.set_viewport_size({"width": width, "height": 900})
        assert begins_at(page) <= FIRST_TASK[width]
        if width == 1280:
            assert gap(page.locator(".due-facts .figures"), page.locator(".tasks h3").first) >= CLEAR
        clerk.click(page.locator(".task-name a").first)
        tops = "all => new Set(all.map(each => each.getBoundingClientRect().top)).size"
        assert page.locator(".entry-way button").evaluate_all(tops) == 1  # 保存 stands beside the others
        page.locator("#id_result").focus()
        page.keyboard.press("Shift+Tab")
        clerk.tab_to("focused.textContent === 'ホームへ戻る'")
        page.evaluate("scrollTo(0, document.body.scrollHeight / 2)")
        expect(page.locator("#saved")).to_be_in_viewport()


def begins_at(page: Page) -> float:
    """How far from the top of the home page its first task begins, in CSS pixels."""
    first = page.locator(".task-list > li").first
    top: float = first.evaluate("each => each.getBoundingClientRect().top + scrollY")
    width = page.evaluate("innerWidth")
    print(f"the first task begins at {top:.0f} in a window of {width}")  # noqa: T201 - figures
    return top


def test_a_text_is_copied_behind_what_is_typed_and_taken_back(site: StaffSite, browser: Browser) -> None:
    with at_home(site, browser, "clerk3") as clerk:
        page = clerk.page
        clerk.click(page.locator(".task-name a").first)
        box = page.locator("#id_result")
        box.fill("・打った文")
        box.select_text()
        page.get_by_role("button", name="去年の文を写す").click()
        copied = box.input_value()
        assert copied.startswith("・打った文\n・")
        box.press("Control+z")
        expect(box).to_have_value("・打った文")
        page.locator("[value=phrase_result]").click()
        expect(box).to_have_value("・打った文\n・令和5年度までの取組を引き続き実施しました。")


def test_somebody_elses_save_is_announced_at_the_top(site: StaffSite, browser: Browser) -> None:
    with at_home(site, browser, "clerk4") as mine, at_home(site, browser, "colleague4") as theirs:
        page = mine.page
        page.clock.install()
        mine.click(page.locator(".task-name a").first)
        theirs.page.goto(page.url)
        theirs.page.fill("#id_result", "・同僚の文")
        theirs.page.get_by_role("button", name="下書き保存", exact=True).click()
        expect(theirs.page.locator(TOLD)).to_contain_text("保存しました")
        page.clock.run_for(21_000)
        expect(page.locator("#saved")).to_contain_text("colleague4 さんが")
        expect(page.locator("#saved")).to_contain_text("画面を開き直すと")
        page.fill("#id_result", "・自分の文")
        page.clock.run_for(2_500)
        expect(page.locator("#saved")).to_contain_text(
            "自動保存を止めました。「保存」を押すと、見比べて選べます。"
        )
        page.get_by_role("button", name="保存", exact=True).click()
        expect(page.locator("h1")).to_have_text("ほかの人が先に保存しました")
        expect(page.locator("main")).to_contain_text("・自分の文")


def test_a_slow_save_does_not_hold_up_the_next_one(site: StaffSite, browser: Browser) -> None:
    """What is typed while a save is under way is saved as soon as that has its answer."""
    with at_home(site, browser, "clerk4") as clerk:
        page, held = clerk.page, list[Route]()
        page.clock.install()
        clerk.click(page.locator(".task-name a").nth(1))
        page.route("**", lambda route: held.append(route) if _is_save(route) else route.continue_())
        page.fill("#id_result", "・はじめの文")
        page.clock.run_for(2_500)
        page.wait_for_function("() => true")
        assert len(held) == 1
        page.fill("#id_result", "・はじめの文\n・続き")
        page.clock.run_for(2_500)
        assert len(held) == 1
        held[0].continue_()
        expect(page.locator("#saved")).to_contain_text("自動保存しました")
        for _look in range(50):  # no tick of the page's clock is needed
            if len(held) == 2:
                break
            page.wait_for_timeout(100)
        assert "続き" in (held[1].request.post_data or "")
        held[1].continue_()


def _is_save(route: Route) -> bool:
    return route.request.resource_type == "fetch" and route.request.method == "POST"


def test_every_new_page_is_fit_to_be_seen(site: StaffSite, browser: Browser) -> None:
    look = Look(whole=False)
    with at_home(site, browser, "clerk4") as clerk:
        page = clerk.page
        looked_over(page, "clerk-home", look)
        page.locator(".task-name a").nth(2).click()
        looked_over(page, "clerk-entry", look)
        page.get_by_role("button", name=SAME, exact=True).click()
        looked_over(page, "clerk-entry-next", look)
        page.goto(f"{site.base}/staff/")
        for width, most in FIRST_TASK.items():
            page.set_viewport_size({"width": width, "height": 900})
            assert begins_at(page) <= most
        page.locator(".is-first").click()
        looked_over(page, "clerk-submission", look)
        page.goto(f"{site.base}/staff/rows/?q=どこにもない")
        looked_over(page, "clerk-rows-none", look)
        page.goto(f"{site.base}/staff/rows/?q=企業")
        looked_over(page, "clerk-rows", look)
        page.emulate_media(media="print")
        assert page.locator(".rows-filter").is_hidden()
