"""People at random, in several windows: Back, Forward, reload, double clicks, and sessions that end.

Every word that is typed is a number of its own (語123456789), so it can be followed. After each step the
database is read beside the browser:

- what was sent is stored, or on the page that answered (a conflict, a form to be mended, a login that
  carries it), unless its writer chose to let it go;
- a word that left a row had been seen by the window that took it out, and is in the row's history;
- a row changes only in a step whose window was told so.

The walks are seeded; a failure names the steps that led to it. WALKS=40 in the environment plays so many;
without it none is played, as they have not been seen to hold in every order yet.
"""

import base64
import json
import os
import random
import re
import sqlite3
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page
from playwright.sync_api import Error as PlaywrightError

from tests.browser.server import manage, own_site, serving
from tests.browser.staff import StaffSite
from tests.entry_sheets.filling import Filled

pytestmark = [pytest.mark.browser, pytest.mark.long]
STEPS = 30
WORD = re.compile(r"語[0-9]+")
PEOPLE = ("tanto3", "kenmu", "kikaku1")  # two of 事務管理課, and the planning office
TOLD = (
    "下書きを保存しました",
    "選んだ内容で保存しました",
    "内容に戻しました",
    "を提出しました",
    "差し戻しました",
    "承認しました",
)
TOLD += (
    "変更しました",
    "取り込みました",
    "取り消しました",
    "この取込",
    "下書きは保存しました",
    "まだ提出していません",
)


@dataclass
class Hall(StaffSite):
    """The running demo, and its database beside the browser."""

    database: str = ""

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        if self.database.startswith("sqlite:///"):
            with sqlite3.connect(f"file:{self.database[10:]}?mode=ro", uri=True, timeout=30) as connection:
                return connection.execute(statement).fetchall()
        with psycopg.connect(self.database) as server:
            return server.execute(statement.encode()).fetchall()

    def rows(self) -> dict[str, str]:
        """What can be written in the walks, as one text each: the rows, and the planner's pledges."""
        actions = "SELECT id, result, plan, rating_reason FROM tracker_yearlyaction"
        found = {f"actions/{row[0]}": "\n".join(map(str, row[1:])) for row in self.ask(actions)}
        pledges = self.ask("SELECT id, text FROM tracker_pledge")
        return found | {f"tracker/pledge/{pk}/change": str(text) for pk, text in pledges}

    def history(self) -> str:
        """All that is kept of former states, and the reasons that were given."""
        contents = self.ask("SELECT content FROM tracker_formertext")
        contents += self.ask("SELECT content FROM tracker_event")
        reasons = self.ask("SELECT reason FROM tracker_event")
        told = [json.loads(each) if isinstance(each, str) else each for (each,) in contents]
        return json.dumps([told, reasons], ensure_ascii=False)


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    folder = tmp_path_factory.mktemp("walks")
    with own_site(folder, DEMO="true") as environment:
        manage(environment, "create_demo")
        lines = [line.split() for line in (folder / "demo_accounts.txt").read_text().splitlines()[1:]]
        with serving(environment, folder / "gunicorn.log") as base:
            passwords = {line[0]: line[1] for line in lines if len(line) > 1}
            yield Hall(base, passwords, database=environment["DATABASE_URL"])


def words_of(text: str) -> set[str]:
    return set(WORD.findall(text))


def carried_words(page: Page) -> set[str]:
    """The words that a login page carries along, signed and packed."""
    kept = page.locator("input[name=kept]")
    if not page.url.startswith("http") or not kept.count():
        return set()
    packed = str(kept.first.get_attribute("value")).split(":")[0]
    content = base64.urlsafe_b64decode(packed.lstrip(".") + "==")
    return words_of(str(json.loads(zlib.decompress(content) if packed.startswith(".") else content)))


def shown_on(page: Page) -> str:
    """The page's source, once it has come to rest. "" before the first page."""
    for _attempt in range(100):
        try:
            page.wait_for_load_state("load")
            return page.content() if page.url.startswith("http") else ""
        except PlaywrightError:  # it is on its way to another page
            page.wait_for_timeout(100)
    raise AssertionError(f"{page.url} does not come to rest")


@dataclass
class Window:
    """A tab of a person's browser; `seen` are the words that its pages have shown."""

    person: str
    page: Page
    seen: set[str] = field(default_factory=set)


@dataclass
class Walk:
    """One walk: its people, what it has done, and the rows as they stood after the last step."""

    hall: Hall
    browser: Browser
    dice: random.Random
    folder: Path
    windows: list[Window] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    contexts: dict[str, BrowserContext] = field(default_factory=dict)

    def begin(self) -> None:
        for person in PEOPLE:
            self.contexts[person] = self.hall.context(self.browser, person, java_script_enabled=False)
            self.windows.append(Window(person, self.contexts[person].new_page()))
        home = self.windows[0].page
        home.goto(f"{self.hall.base}/staff/")
        links = home.locator("ul.task-list .task-name a").evaluate_all(
            "all => all.map(a => a.getAttribute('href'))"
        )
        self.entries = [str(link) for link in links[:3]]
        pledges = self.hall.ask("SELECT id FROM tracker_pledge ORDER BY id")
        self.pledges = [f"/staff/tracker/pledge/{pk}/change/" for (pk,) in pledges[:2]]
        self.stored = self.hall.rows()
        for window in self.windows:
            self.opens(window)
            window.seen |= words_of(shown_on(window.page))

    def end(self) -> None:
        for context in self.contexts.values():
            context.close()

    # --- steps
    def step(self) -> None:
        window = self.dice.choice(self.windows)
        act = self.dice.choice(self.possible(window))
        self.steps.append(f"{window.person} {act.__name__} at {window.page.url.removeprefix(self.hall.base)}")
        sent = act(window) or set()
        self.check(window, sent)

    def possible(self, window: Window) -> list[Callable[[Window], set[str] | None]]:
        page = window.page
        if page.locator("#id_password").count():
            return [self.logs_in]
        acts: list[Callable[[Window], set[str] | None]] = [
            self.opens,
            self.goes_back,
            self.goes_on,
            self.reloads,
        ]
        acts += [self.loses_the_session] if self.dice.random() < 0.3 else []
        acts += [self.opens_another_window] if len(self.windows) < 7 else []
        if page.locator("textarea:not([readonly]):not([hidden])").count():
            acts += [self.types, self.sends, *[self.types_and_sends] * 6]
        elif page.locator("main form[method=post]").count():
            acts += [self.sends] * 4
        else:
            acts += [self.opens] * 3
        if window.person != "kikaku1":
            acts += [self.uploads]
        return acts

    def opens(self, window: Window) -> None:
        rows = (
            [f"{each}review/" for each in self.entries] + self.pledges
            if window.person == "kikaku1"
            else [f"{each}{rest}" for each in self.entries for rest in ("", "", "check/", "former/")]
        )
        self.goes(window, self.dice.choice(rows))

    def goes(self, window: Window, path: str) -> None:
        window.page.goto(f"{self.hall.base}{path}")

    def goes_back(self, window: Window) -> None:
        with suppress(PlaywrightError):  # a page that answered a form cannot be shown again
            window.page.go_back()

    def goes_on(self, window: Window) -> None:
        with suppress(PlaywrightError):
            window.page.go_forward()

    def reloads(self, window: Window) -> None:
        if window.page.url.startswith("http"):
            self.goes(window, window.page.url.removeprefix(self.hall.base))

    def opens_another_window(self, window: Window) -> None:
        other = Window(window.person, self.contexts[window.person].new_page())
        self.windows.append(other)
        if window.page.url.startswith("http"):
            other.page.goto(window.page.url)
            other.seen |= words_of(shown_on(other.page))

    def loses_the_session(self, window: Window) -> None:
        self.contexts[window.person].clear_cookies()
        self.hall.states.pop(window.person, None)

    def logs_in(self, window: Window) -> None:
        carried = carried_words(window.page)
        window.page.fill("#id_username", window.person)
        window.page.fill("#id_password", self.hall.passwords[window.person])
        window.page.locator("main button[type=submit]").click()
        assert carried <= words_of(shown_on(window.page)), self.failing("words were lost over a login")

    def types(self, window: Window) -> None:
        areas = window.page.locator("textarea:not([readonly]):not([hidden])")
        area = areas.nth(self.dice.randrange(areas.count()))
        before = area.input_value() if self.dice.random() < 0.7 else ""
        area.fill(f"{before}\n・語{self.dice.randrange(10**8, 10**9)}".strip("\n"))
        radios = window.page.locator("main input[type=radio]:enabled")
        if radios.count() and self.dice.random() < 0.5:
            radios.nth(self.dice.randrange(radios.count())).check()

    def types_and_sends(self, window: Window) -> set[str]:
        self.types(window)
        return self.sends(window)

    def sends(self, window: Window) -> set[str]:
        """Presses one of the page's buttons, or presses it twice."""
        page = window.page
        is_chosen = page.locator("form input[name^=pick_]").count() > 0
        for name in {
            str(radio.get_attribute("name")) for radio in page.locator("fieldset input[type=radio]").all()
        }:
            if name.startswith("pick_") and self.dice.random() < 0.8:
                sides = page.locator(f"input[name='{name}']")
                sides.nth(self.dice.randrange(sides.count())).check()
        buttons = page.locator(
            "main form[method=post] button:visible:not(.visually-hidden), main .desk-approve button:visible"
        )
        if not buttons.count():
            return set()
        button = buttons.nth(self.dice.randrange(buttons.count()))
        self.steps.append(f"    「{button.inner_text().strip()}」")
        sent = self.fields_of(button)
        if self.dice.random() < 0.3:
            button.dblclick()
            page.wait_for_timeout(300)  # the second click is answered after the first
        else:
            button.click()
        is_let_go = "破棄" in self.steps[-1] or is_chosen  # one's own side may be left
        return set() if is_let_go else sent

    def fields_of(self, button: Locator) -> set[str]:
        """The words in the fields of a button's form."""
        form = button.locator("xpath=ancestor::form")
        if not form.count():
            form = button.page.locator(f"form#{button.get_attribute('form')}")
        return {word for area in form.locator("textarea").all() for word in words_of(area.input_value())}

    def uploads(self, window: Window) -> None:
        """Downloads the department's sheet, writes into a row, and uploads it up to the preview."""
        [(pk,)] = self.hall.ask("SELECT id FROM tracker_reportinground WHERE state = 'open'")
        answer = self.contexts[window.person].request.get(f"{self.hall.base}/staff/rounds/{pk}/sheet.xlsx")
        if "spreadsheet" not in answer.headers["content-type"]:
            return  # the session has ended
        sheet = Filled(answer.body())
        row = int(self.dice.choice(self.entries).split("/")[3])
        sheet.write(row, result=f"・語{self.dice.randrange(10**8, 10**9)}")
        self.goes(window, f"/staff/rounds/{pk}/sheets/")
        (self.folder / "sheet.xlsx").write_bytes(sheet.bytes())
        window.page.set_input_files("#id_file", self.folder / "sheet.xlsx")
        window.page.get_by_role("button", name="読み込んで確認へ進む", exact=True).click()

    # --- what must hold
    def check(self, window: Window, sent: set[str]) -> None:
        shown = shown_on(window.page)
        now = self.hall.rows()
        changed = {name for name in now if now[name] != self.stored.get(name)}
        if changed:
            self.check_changes(window, changed, now, shown)
        everywhere = words_of("\n".join(now.values())) | words_of(shown) | words_of(self.hall.history())
        everywhere |= carried_words(window.page)
        assert sent <= everywhere, self.failing(f"sent, and nowhere: {sent - everywhere}")
        window.seen |= words_of(shown)
        self.stored = now

    def check_changes(self, window: Window, changed: set[str], now: dict[str, str], shown: str) -> None:
        assert any(words in shown for words in TOLD), self.failing(f"{changed} changed, and nobody was told")
        history = words_of(self.hall.history())
        typed = words_of("\n".join(now[name] for name in changed))
        for name in changed:
            lost = words_of(self.stored[name]) - words_of(now[name])
            assert lost <= window.seen, self.failing(f"{lost - window.seen} overwritten unseen in {name}")
            assert lost <= history, self.failing(f"{lost - history} is in no history of {name}")
        window.seen |= typed

    def failing(self, what: str) -> str:
        return what + "\n" + "\n".join(self.steps[-12:])


@pytest.mark.parametrize("seed", range(int(os.environ.get("WALKS", "0"))))
def test_nothing_is_lost_on_a_walk(hall: Hall, browser: Browser, tmp_path: Path, seed: int) -> None:
    walk = Walk(hall, browser, random.Random(seed), tmp_path)
    walk.begin()
    try:
        for _step in range(STEPS):
            walk.step()
    finally:
        walk.end()
    assert sum("「" in step for step in walk.steps) >= 3  # something was sent
