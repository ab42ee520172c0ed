"""A whole year on the city's own table, in a real browser: opened, entered, returned, approved, published,
compared.

Read it from top to bottom: it is the story of DESIGN's yearly cycle, each step by the person who takes it.
"""

import json
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.server import PROJECT, own_site, serving
from tests.browser.the_rest import PASSWORD

pytestmark = pytest.mark.browser
ATOM = "{http://www.w3.org/2005/Atom}"


@dataclass
class CityHall:
    """A running site, its people's browsers, and what the rest of the city hall does meanwhile."""

    base: str
    environment: dict[str, str]
    browser: Browser
    complaints: list[str] = field(default_factory=list)

    def the_rest(self, what: str) -> dict[str, Any]:
        command = [sys.executable, "-m", "tests.browser.the_rest", what]
        done = subprocess.run(
            command, cwd=PROJECT, env=self.environment, stdout=subprocess.PIPE, text=True, check=True
        )
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def log_in(self, username: str) -> Page:
        page = self.browser.new_context(locale="ja-JP", viewport={"width": 1280, "height": 900}).new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on("console", lambda message: self._heard(page, message.type, message.text))
        page.goto(f"{self.base}/staff/")
        page.fill("#id_username", username)
        page.fill("#id_password", PASSWORD)
        press(page, "ログイン")
        expect(page.locator("h1")).to_have_text("ホーム")
        return page

    def _heard(self, page: Page, kind: str, text: str) -> None:
        # The browser logs an answer of 409 or 422 as a failure; those are expected here.
        if kind == "error" and "status of 4" not in text:
            self.complaints.append(f"{page.url}: {text}")

    def get(self, path: str) -> bytes:
        with urllib.request.urlopen(self.base + path, timeout=60) as answer:
            content: bytes = answer.read()
            return content


@pytest.fixture
def city_hall(tmp_path: Path, browser: Browser) -> Iterator[CityHall]:
    more = {"WEB_CONCURRENCY": "2"}  # as a city runs it: what one process keeps, the other does not know
    with own_site(tmp_path, **more) as environment, serving(environment, tmp_path / "gunicorn.log") as base:
        hall = CityHall(base, environment, browser)
        hall.the_rest("people")
        yield hall
        assert hall.complaints == []


def press(page: Page, name: str) -> None:
    """Presses the button of exactly this name."""
    page.get_by_role("button", name=name, exact=True).click()


def data_files(hall: CityHall) -> list[str]:
    """The addresses of the first report's data files."""
    page = hall.browser.new_page()
    page.goto(f"{hall.base}/2021/data/")
    links = page.locator("a[href*='_manifesto-']").evaluate_all(
        "all => all.map(each => each.getAttribute('href'))"
    )
    page.close()
    return sorted({link for link in links if "20240331" in link or "2024-03-31" in link})


@pytest.mark.long
@pytest.mark.both
def test_a_whole_year(city_hall: CityHall) -> None:
    hall = city_hall
    files = data_files(hall)
    assert len(files) == 17 * 4 + 4 + 1  # 16 tables and 一覧表, all of them in one, and the published table
    # The files of all tables hold what the single ones do (tests/public/open_data/test_files.py).
    kept = [path for path in files if re.search("manifesto-(all|table)_", path)]
    before = {path: hall.get(path) for path in kept}
    assert len(before) == 4 + 1
    planner = open_the_round(hall)
    clerk = enter_by_the_form(hall)
    submitted = hall.the_rest("enter")
    assert submitted["states"] == {"submitted": 207}
    returned = send_two_back(planner)
    resubmit(clerk, returned)
    approve_in_bulk(planner)
    approve_one_by_one(planner)
    done = hall.the_rest("approve")
    assert done["states"] == {"approved": 207}
    publish(planner)
    the_public_reads(hall, done["changed"])
    assert {path: hall.get(path) for path in kept} == before


def open_the_round(hall: CityHall) -> Page:
    """企画 opens the round of 令和6年度."""
    page = hall.log_in("planner")
    page.get_by_role("link", name="報告回を開く").click()
    expect(page.locator("[name=fiscal_year]")).to_have_value("2024")
    page.fill("[name=due_on]", str(date.today() + timedelta(days=30)))
    press(page, "件数を確かめる")
    expect(page.locator("main")).to_contain_text("207")
    press(page, "この内容で開く")
    expect(page.locator("main")).to_contain_text("報告回を開きました")
    page.goto(f"{hall.base}/staff/")
    expect(page.locator("main")).to_contain_text("未入力")
    return page


def enter_by_the_form(hall: CityHall) -> Page:
    """A clerk answers three of their rows: with the stock phrase, with a changed rating, and with a draft
    that is autosaved.
    """
    page = hall.log_in("clerk")
    tasks = page.locator(".task-name a").evaluate_all("all => all.map(each => each.getAttribute('href'))")
    page.goto(hall.base + tasks[0])
    page.click(".phrase >> nth=0")
    expect(page.locator("#id_result")).to_have_value("・令和5年度までの取組を引き続き実施しました。")
    page.locator("#id_result").press("End")
    page.locator("#id_result").type("\n・新しい窓口を 2 か所に開きました。")
    page.click("#id_plan")  # leaving the field saves
    expect(page.locator("#saved")).to_contain_text("自動保存しました")
    page.fill("#id_plan", "・窓口をもう 1 か所に開きます。")
    page.locator("label.choice:has(.tag)").click()  # as rated before
    press(page, "提出へ進む（確認画面）")
    press(page, "提出する")
    expect(page.locator(".notice-messages[role=status]")).to_contain_text("提出しました")

    page.goto(hall.base + tasks[1])
    page.fill("#id_result", "・計画を見直しました。")
    page.locator("label.choice:not(:has(.tag)) >> nth=0").click()
    press(page, "提出へ進む（確認画面）")
    expect(page.locator("#errors")).to_contain_text("評価を変えた理由を書いてください")
    expect(page.locator("#errors")).to_be_focused()
    page.fill("#id_rating_reason", "・用地の取得が終わったため。")
    press(page, "提出へ進む（確認画面）")
    expect(page.locator("main")).to_contain_text("評価が変わります")
    press(page, "提出する")
    expect(page.locator(".notice-messages[role=status]")).to_contain_text("提出しました")
    return page


def send_two_back(planner: Page) -> list[str]:
    """企画 returns two rows, one with a word about a field. Returns the addresses of their forms."""
    root = planner.url.split("/staff/")[0]
    planner.goto(f"{root}/staff/queue/?q=新しい窓口")
    planner.goto(f"{root}/staff/queue/")
    links = planner.locator("a[href*='/review/']").evaluate_all(
        "all => all.map(each => each.getAttribute('href'))"
    )
    chosen = [link for link in dict.fromkeys(links) if link][:2]
    for link, words in zip(chosen, ("回数と時期を書いてください。", "数字を確かめてください。"), strict=True):
        planner.goto(root + link)
        planner.select_option("#id_field", "result")
        planner.fill("#id_reason", words)
        press(planner, "差し戻す")
        expect(planner.locator(".notice-messages[role=status]")).to_contain_text("差し戻しました")
    return [link.split("review/")[0] for link in chosen]


def resubmit(clerk: Page, returned: list[str]) -> None:
    """Whoever answers for the returned rows finds the words on top, mends the text and submits again."""
    root = clerk.url.split("/staff/")[0]
    clerk.goto(f"{root}/staff/password_change/")
    clerk.context.clear_cookies()
    clerk.goto(f"{root}/staff/")
    clerk.fill("#id_username", "everybody")
    clerk.fill("#id_password", PASSWORD)
    clerk.click("main button[type=submit]")
    first = clerk.locator(".task-list").first
    expect(first).to_contain_text("回数と時期を書いてください。")
    for address in returned:
        clerk.goto(root + address)
        expect(clerk.locator(".notice-warning")).to_contain_text("企画からの差戻し（主な取組について）")
        text = clerk.input_value("#id_result")
        clerk.fill("#id_result", f"{text}\n・6 月と 11 月に 1 回ずつ開きました。")
        press(clerk, "提出へ進む（確認画面）")
        press(clerk, "提出する")
        expect(clerk.locator(".notice-messages[role=status]")).to_contain_text("提出しました")


def approve_in_bulk(planner: Page) -> None:
    """企画 approves all rows whose rating did not change, after a look at them."""
    root = planner.url.split("/staff/")[0]
    planner.goto(f"{root}/staff/queue/approve/")
    planner.locator("button:has-text('まとめて承認する')").first.click()
    expect(planner.locator(".notice-messages[role=status]")).to_contain_text("まとめて承認しました")


def approve_one_by_one(planner: Page) -> None:
    """Changed ratings are approved one at a time, from one to the next."""
    root = planner.url.split("/staff/")[0]
    planner.goto(f"{root}/staff/queue/")
    planner.locator("a[href*='/review/']").first.click()
    for _row in range(3):
        planner.locator("#approve").click()
        expect(planner.locator(".notice-messages[role=status]")).to_contain_text("承認しました")


def publish(planner: Page) -> None:
    """企画 closes the round, reads what will become public, looks at a page of it, and publishes."""
    root = planner.url.split("/staff/")[0]
    planner.goto(f"{root}/staff/rounds/")
    planner.locator("main a[href$='/settings/']").first.click()
    press(planner, "締め切る")
    press(planner, "締め切る")
    expect(planner.locator(".notice-messages[role=status]")).to_contain_text("締め切りました")
    planner.goto(f"{root}/staff/")
    planner.get_by_role("link", name="公表へ進む").click()
    publishing = planner.url
    planner.get_by_role("link", name="公表後のページを見る").first.click()
    expect(planner.locator("body")).to_contain_text("公表前")
    expect(planner.locator("h1")).to_be_visible()
    planner.goto(publishing)
    press(planner, "この内容で公表する")
    expect(planner.locator(".notice-messages[role=status]")).to_contain_text("公表しました")


def the_public_reads(hall: CityHall, changed: dict[str, list[str]]) -> None:
    """The new report, what changed in it with the reasons, the feed, and the way back to the old one."""
    page = hall.browser.new_context(java_script_enabled=False).new_page()
    page.goto(f"{hall.base}/2021/")
    expect(page.locator("main")).to_contain_text("令和7年3月末時点")
    page.goto(f"{hall.base}/2021/changes/")
    text = page.inner_text("main")
    for place, (_before, _after, reason) in changed.items():
        assert reason.removeprefix("・") in text, place
    place, (_before, _after, reason) = next(iter(changed.items()))
    page.goto(f"{hall.base}/2021/pledges/{place.rpartition('-')[0]}/")
    assert reason.removeprefix("・") in page.inner_text("main")
    feed = ElementTree.fromstring(hall.get("/2021/feed.atom"))
    assert len(feed.findall(f"{ATOM}entry")) == 2
    page.goto(f"{hall.base}/2021/reports/2024-03-31/editions/1/")
    expect(page.locator("main")).to_contain_text("令和6年3月末時点")
