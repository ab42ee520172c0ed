"""What a city hall does in five years, step by step, each by the clicks of the person who does it.

`test_five_years.py` says in which order. Names are those of the city's own table.
"""

import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect

from tests.browser import kept_bytes
from tests.browser.at import program
from tests.browser.seen import seen
from tests.browser.server import PROJECT, serving
from tests.browser.staff import StaffSite, demo_passwords
from tests.entry_sheets.filling import Filled
from tests.public.open_data.reading import file_name
from tracker.words.fiscal_years import label, short_label

TOLD = ".notice.told"
FIRST_RATING = "C"  # of what was not reported before


@dataclass
class CityHall:
    """A site on one day, its people's browsers, and where files are kept. `known` are the passwords that
    people set themselves, by user name; `people` are the newcomers' user names by department; `said` is what
    reports said when they were published, by address.
    """

    browser: Browser
    environment: dict[str, str]
    folder: Path
    known: dict[str, str] = field(default_factory=dict)
    people: dict[str, str] = field(default_factory=dict)
    said: dict[str, bytes] = field(default_factory=dict)
    site: StaffSite = field(init=False)
    today: dict[str, str] = field(init=False)  # the environment of this day's processes

    @contextmanager
    def on(self, moment: str) -> Iterator[None]:
        """The site is served, and it is this moment. Everybody has to log in anew."""
        self.today = self.environment | {"SITE_CLOCK": moment}
        with serving(self.today, self.folder / "gunicorn.log") as base:
            self.site = StaffSite(base, demo_passwords(self.folder) | self.known)
            yield

    @contextmanager
    def desk(self, username: str) -> Iterator[Page]:
        """Somebody's home page."""
        with self.site.context(self.browser, username) as context:
            page = context.new_page()
            page.set_default_timeout(30_000)
            page.goto(f"{self.site.base}/staff/")
            yield page

    def keep(self, name: str, content: bytes) -> Path:
        """A file that somebody saved."""
        file = self.folder / name
        file.write_bytes(content)
        return file

    def remember(self, as_of: str, edition: int = 1, slug: str = "2021", every: int = 9) -> None:
        """Notes what a report says on the day of its publication (kept_bytes)."""
        self.said |= kept_bytes.of_report(self.site.base, slug, as_of, edition, every)

    def changed_since(self) -> list[str]:
        """The addresses that say something else than on the day of their publication."""
        return kept_bytes.changed_since(self.site.base, self.said)

    def tables(self, as_of: str, edition: int = 1, slug: str = "2021") -> dict[str, list[dict[str, Any]]]:
        """The rows of a report's open data, by table."""
        path = f"/{slug}/data/{file_name('all', '.json', as_of, edition)}"
        whole = json.loads(kept_bytes.fetched(self.site.base, [path])[path])
        return {name: table["rows"] for name, table in whole["tables"].items()}

    def answering(self) -> dict[str, list[int]]:
        """Who answers for the rows, by round (tests/browser/answering.py)."""
        command = program(self.today, "tests.browser.answering")
        told = subprocess.run(
            command, cwd=PROJECT, env=self.today, capture_output=True, text=True, check=True
        )
        found: dict[str, list[int]] = json.loads(told.stdout)
        return found


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def follow(page: Page, name: str) -> None:
    page.get_by_role("link", name=name, exact=True).first.click()


def menu(page: Page, name: str) -> None:
    page.locator(".site-nav").get_by_role("link", name=name, exact=True).click()


# --- a round


def of_round(page: Page, round: str, what: str) -> None:
    """Follows a link of a round in the list of rounds: 「令和7年度の設定」, where several, after its term."""
    menu(page, "報告回")
    page.get_by_role("link", name=re.compile(f"{round}の{what}$")).first.click()


def open_round(page: Page, name: str = "", as_of: str = "", due_on: str = "", look: str = "") -> str:
    """Opens the next round that suggests itself. Returns what it is called."""
    menu(page, "報告回")
    follow(page, "報告回を開く")
    for asked, value in {"報告回の名前": name, "時点": as_of, "締切日": due_on}.items():
        if value:
            page.get_by_label(asked).fill(value)
    if look:
        seen(page, f"{look}-form")
    press(page, "件数を確かめる")
    called = page.locator("h1").inner_text().removesuffix("の報告回を開きます")
    if look:
        seen(page, look)
    press(page, "この内容で開く")
    expect(page.locator(TOLD)).to_contain_text(f"{called} の報告回を開きました")
    return called


def write_by_sheet(hall: CityHall, page: Page, round: str, year: int, words: str, look: str = "") -> int:
    """Downloads the largest sheet that there is for somebody, answers what nobody has answered, and hands
    everything in. Returns how many rows were handed in.
    """
    if page.locator(".site-nav").get_by_role("link", name="報告回", exact=True).count():
        of_round(page, round, "メール")
        follow(page, "進み具合")
        follow(page, "Excel の入力シート")
    else:
        menu(page, "ホーム")
        heading = label(year) + round.removeprefix(short_label(year))
        page.locator(".tasks", has_text=f"{heading}の報告").get_by_text("Excel でまとめて入力する").click()
    with page.expect_download() as waited:
        page.locator(".downloads a").first.click()
    content = answered(waited.value.path().read_bytes(), year, words)
    page.get_by_label("保存して、提出まで行う").check()
    page.set_input_files("#id_file", hall.keep("入力シート.xlsx", content))
    press(page, "読み込んで確認へ進む")
    expect(page.locator("h1")).to_contain_text("入力シートの確認")
    if look:
        seen(page, look)
    page.locator("button[value=confirm]").click()
    expect(page.locator("h1")).to_contain_text("入力シートの取込")
    told = page.locator("main").inner_text()
    done = re.search(r"(\d+) 件(の取組)?を提出しました", told)
    assert done, told
    return int(done[1])


def answered(content: bytes, fiscal_year: int, words: str) -> bytes:
    """A sheet in which every row that takes an answer has one: `words` below what is there."""
    opened = Filled(content, fiscal_year)
    for sheet in opened.sheets:
        header, columns = opened.header(sheet)
        for row in range(header + 1, sheet.max_row + 1):
            cells = {name: sheet.cell(row, column) for name, column in columns.items()}
            if not cells["id"].value or cells["state"].value in ("提出済", "承認済"):
                continue
            more = [text for text in (cells["result"].value, words) if text]
            cells["result"].value = "\n".join(more)
            cells["rating"].value = cells["rating"].value or cells["last_rating"].value or FIRST_RATING
            cells["plan"].value = cells["plan"].value or "・続けます。"
    return opened.bytes()


def approve_all(page: Page, round: str, look: str = "") -> None:
    """In bulk what has kept its rating, then one by one what has not."""
    of_round(page, round, "設定")
    follow(page, "進み具合")
    follow(page, "提出済の取組を確かめる")
    queue = page.url
    if page.get_by_role("link", name="評価が変わらないものをまとめて承認").count():
        follow(page, "評価が変わらないものをまとめて承認")
        if look:
            seen(page, f"{look}-bulk")
        if page.get_by_role("button", name="まとめて承認する").count():
            press(page, "まとめて承認する")
            expect(page.locator(TOLD)).to_contain_text("まとめて承認しました")
    page.goto(queue)
    while page.locator(".queue-name a").count():
        page.locator(".queue-name a").first.click()
        if look:
            seen(page, f"{look}-review")
            look = ""
        page.locator("#approve").click()
        expect(page.locator(TOLD)).to_contain_text("承認しました")
        page.goto(queue)


def publish(page: Page, round: str, look: str = "") -> None:
    """Closes the round, looks at what will become public, and publishes it."""
    of_round(page, round, "設定")
    press(page, "締め切る")
    expect(page.locator("main")).to_contain_text("すべての取組が承認されています。")
    press(page, "締め切る")
    expect(page.locator(TOLD)).to_contain_text("締め切りました")
    follow(page, "公表")
    if look:
        seen(page, look)
    press(page, "この内容で公表する")
    expect(page.locator(TOLD)).to_contain_text("公表しました")


def change_a_rating(page: Page, look: str = "") -> None:
    """A clerk answers the first row that nobody has begun, rates it otherwise than before, and says why."""
    page.locator("h3:has-text('未入力') + ul.task-list .task-name a").first.click()
    page.fill("#id_result", "・計画を見直しました。")
    page.locator("label.choice:not(:has(.tag))").first.click()
    page.fill("#id_rating_reason", "・用地の取得が終わったため。")
    page.fill("#id_plan", "・工事を始めます。")
    if look:
        seen(page, look)
    press(page, "提出へ進む（確認画面）")
    press(page, "提出する")
    expect(page.locator(TOLD)).to_contain_text("提出しました")


# --- a correction


def begin_correction(page: Page, round: str, office: str, look: str) -> None:
    """Opens a published round again for one row, for which the office answers today."""
    of_round(page, round, "設定")
    page.get_by_label("訂正を始める理由").fill("会議の回数を誤って転記したため")
    press(page, "訂正を始める")
    expect(page.locator(TOLD)).to_contain_text("訂正を始めました")
    follow(page, "進み具合")
    seen(page, f"{look}-board")
    page.get_by_role("link", name=re.compile(f"^{office}、承認済")).click()
    page.locator(".queue-name a").first.click()
    page.fill("#id_reason", "会議の回数を確かめてください。")
    press(page, "承認を取り消して差し戻す")
    expect(page.locator(TOLD)).to_be_visible()


def mend(page: Page, look: str) -> None:
    """A clerk finds the returned row on the home page, writes what is right, and submits."""
    seen(page, f"{look}-home")
    page.locator(".task-list .task-name a").first.click()
    page.fill("#id_result", "・会議を 3 回開きました。")
    seen(page, f"{look}-entry")
    press(page, "提出へ進む（確認画面）")
    press(page, "提出する")
    expect(page.locator(TOLD)).to_contain_text("提出しました")


def publish_correction(page: Page, round: str, look: str) -> None:
    """Publishes the further edition; none of what changed in the catalogue since is picked."""
    of_round(page, round, "公表")
    expect(page.locator("#catalogue")).to_be_visible()
    seen(page, look)
    press(page, "この内容で公表する")
    expect(page.locator(TOLD)).to_contain_text("公表しました")


def look_at_history(page: Page, look: str) -> None:
    """The history tells the last years in sentences."""
    menu(page, "履歴")
    seen(page, look)
