"""A walk: people in several windows, and what they do at random. walked_checks.py says what must hold."""

import random
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Locator, Page
from playwright.sync_api import Error as PlaywrightError

from tests.browser.walked_checks import Checks, Sent, Window, carried_words, shown_on
from tests.browser.walked_hall import PEOPLE, Hall, Round, Year
from tests.browser.walked_public import words_of
from tests.entry_sheets.filling import Filled

MOST_WINDOWS = 7
TYPED_IN = "textarea:not([readonly]):not([hidden])"
BUTTONS = "main form[method=post] button:visible:not(.visually-hidden), main .desk-approve button:visible"
FIELDS = """button => Object.fromEntries(
    [...new FormData(button.form, button)].map(([name, value]) => [name, String(value)])
)"""
ADDRESS = "button => new URL(button.form.getAttribute('action') || '', document.URL).pathname"
TO_BE_WRITTEN = ("returned", "draft", "not_started")
LET_GO = ("破棄", "やめる")
Act = Callable[[Window], Sent | None]


def is_planner(window: Window) -> bool:
    return window.person.startswith("kikaku")


@dataclass
class Walk:
    """One walk: its people, what they have done, and what holds since."""

    hall: Hall
    browser: Browser
    dice: random.Random
    folder: Path
    windows: list[Window] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    contexts: dict[str, BrowserContext] = field(default_factory=dict)

    def begin(self, beginning: str) -> None:
        self.hall.begin_again(beginning)
        for person in PEOPLE:
            self.contexts[person] = self.hall.context(self.browser, person, java_script_enabled=False)
            self.windows.append(Window(person, self.contexts[person].new_page()))
        self.contexts["citizen"] = self.browser.new_context()
        self.checks = Checks(self.hall, self.contexts["citizen"].request, self.steps)
        self.initiatives = self._initiatives()
        for window in self.windows:
            self.opens(window)
            self.checks.after(window, Sent())

    def _initiatives(self) -> list[int]:
        """Those of three of the first person's rows: returned, begun, and waiting to be approved."""
        home = self.windows[0].page
        home.goto(f"{self.hall.base}/staff/")
        links = home.locator("ul.task-list .task-name a").evaluate_all(
            "all => all.map(a => a.getAttribute('href'))"
        )
        rows = [year for year in self.checks.now.years if f"/staff/actions/{year.pk}/" in links]
        found = {year.state: year.initiative for year in rows}
        return [found[state] for state in ("returned", "draft", "submitted")]

    def end(self) -> None:
        for context in self.contexts.values():
            context.close()

    def step(self) -> None:
        window = self.dice.choice(self.windows)
        act = self.dice.choice(self.possible(window))
        self.steps.append(f"{window.person} {act.__name__} at {window.page.url.removeprefix(self.hall.base)}")
        self.checks.after(window, act(window) or Sent())

    # --- how a walk ends
    def finish(self) -> None:
        """However it went: something is written, handed in, approved and published."""
        writer, planner = (self._window_of(person) for person in ("tanto3", "kikaku2"))
        round = self.checks.now.rounds[-1]
        settings = f"/staff/rounds/{round.pk}/settings/"
        if round.state == "published":
            self.does(planner, settings, "訂正を始める")
        if round.state == "closed":
            self.does(planner, settings, "締切日を変える")
        for year in [each for each in self._rows_of(round) if each.state in TO_BE_WRITTEN][:1]:
            self.does(writer, f"/staff/actions/{year.pk}/", "提出へ進む（確認画面）")
            self.does(writer, f"/staff/actions/{year.pk}/check/", "提出する")
        for year in [each for each in self._rows_of(round) if each.state == "submitted"]:
            self.does(planner, f"/staff/actions/{year.pk}/review/", "承認する")
        self.does(planner, f"/staff/rounds/{round.pk}/publish/", "この内容で公表する")
        self.checks.at_the_end()

    def _window_of(self, person: str) -> Window:
        return next(window for window in self.windows if window.person == person)

    def _rows_of(self, round: Round) -> list[Year]:
        return [each for each in self.rows if each.round == round.pk]

    def does(self, window: Window, path: str, button: str) -> None:
        """Opens a page, writes into its fields but that of a refusal, and presses a button if it is there."""
        self.goes(window, path)
        if window.page.locator("#id_password").count():
            self.logs_in(window)
            self.goes(window, path)
        self.checks.after(window, Sent())
        for area in window.page.locator(TYPED_IN).all() if button != "承認する" else []:
            area.fill(f"{area.input_value()}\n・{self.word()}".strip("\n"))
        self._chooses(window.page)
        radios = window.page.locator("main input[name=rating]:enabled")
        if radios.count() and not window.page.locator("main input[name=rating]:checked").count():
            radios.first.check()
        names = "|".join(map(re.escape, (button, "承認して次へ") if button == "承認する" else (button,)))
        found = window.page.locator(BUTTONS).filter(has_text=re.compile(f"^\\s*({names})\\s*$"))
        self.steps.append(f"at the end {window.person} at {path}")
        self.checks.after(window, self._presses(found.first) if found.count() else Sent())

    def possible(self, window: Window) -> list[Act]:
        page = window.page
        if page.locator("#id_password").count():
            return [self.logs_in]
        acts: list[Act] = [self.opens, self.goes_back, self.goes_on, self.reloads]
        acts += [self.loses_the_session] if self.dice.random() < 0.3 else []
        acts += [self.opens_another_window] if len(self.windows) < MOST_WINDOWS else []
        if page.locator(TYPED_IN).count():
            acts += [self.types, self.sends, *[self.types_and_sends] * 8]
        elif page.locator(BUTTONS).count():
            acts += [self.sends] * 8
        else:
            acts += [self.opens] * 6
        if not is_planner(window):
            acts += [self.uploads]
        return acts

    # --- going about
    def opens(self, window: Window) -> None:
        """A page that matters to this person now, what asks for a hand oftener than the rest."""
        pages = self._planners_pages() if is_planner(window) else self._departments_pages()
        self.goes(window, self.dice.choice(self.dice.choice([kind for kind in pages if kind])))

    @property
    def rows(self) -> list[Year]:
        """What the initiatives of this walk say of years that are under way, or else of all years."""
        now, own = self.checks.now, self.initiatives
        rows = [each for each in now.years if each.initiative in own]
        return [each for each in rows if now.round(each.round).state != "published"] or rows

    def _departments_pages(self) -> list[list[str]]:
        rows, pages = [f"/staff/actions/{each.pk}/" for each in self.rows], []
        asked = [f"/staff/actions/{each.pk}/" for each in self.rows if each.state in TO_BE_WRITTEN]
        pages += [asked] * 4 + [[f"{path}check/" for path in asked]] * 2
        return [*pages, rows, [f"{path}former/" for path in rows], ["/staff/"]]

    def _planners_pages(self) -> list[list[str]]:
        rows, rounds = self.rows, [f"/staff/rounds/{each.pk}" for each in self.checks.now.rounds]
        rounds += rounds[-1:] * 5
        submitted = [f"/staff/actions/{each.pk}/review/" for each in rows if each.state == "submitted"]
        settings, publish = ([f"{each}/{name}/" for each in rounds] for name in ("settings", "publish"))
        is_published = self.checks.now.rounds[-1].state == "published"
        return [
            *[submitted] * 5,
            *[settings] * (6 if is_published else 2),
            *[publish] * (1 if is_published else 4),
            [f"/staff/actions/{each.pk}/review/" for each in rows],
            [f"/staff/tracker/pledge/{each.pledge}/change/" for each in rows],
            [f"/staff/initiatives/{each.initiative}/end/" for each in rows],
            [f"{each}/preview/{page}" for each in rounds for page in ("", "changes/", "data/")],
            ["/staff/rounds/", "/staff/rounds/open/", "/staff/rounds/open/", "/staff/queue/approve/"],
        ]

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
            self.checks.after(other, Sent())

    def loses_the_session(self, window: Window) -> None:
        self.contexts[window.person].clear_cookies()

    def logs_in(self, window: Window) -> None:
        carried = carried_words(window.page)
        window.page.fill("#id_username", window.person)
        window.page.fill("#id_password", self.hall.passwords[window.person])
        window.page.locator("main button[type=submit]").click()
        lost = carried - words_of(shown_on(window.page))
        self.checks.require(not lost, f"lost over a login: {lost}")

    # --- writing
    def word(self) -> str:
        return f"w{self.dice.randrange(10**8, 10**9)}"

    def types(self, window: Window) -> None:
        areas = window.page.locator(TYPED_IN)
        area = areas.nth(self.dice.randrange(areas.count()))
        before = area.input_value() if self.dice.random() < 0.7 else ""
        area.fill(f"{before}\n・{self.word()}".strip("\n"))
        radios = window.page.locator("main input[type=radio]:enabled")
        if radios.count() and self.dice.random() < 0.5:
            radios.nth(self.dice.randrange(radios.count())).check()

    def types_and_sends(self, window: Window) -> Sent:
        self.types(window)
        return self.sends(window)

    def sends(self, window: Window) -> Sent:
        """Presses one of the page's buttons, or presses it twice."""
        page = window.page
        is_chosen = page.locator("form input[name^=pick_]").count() > 0
        self._chooses(page)
        buttons = page.locator(BUTTONS)
        if not buttons.count():
            return Sent()
        sent = self._presses(buttons.nth(self.dice.randrange(buttons.count())))
        sent.is_let_go |= is_chosen  # one's own side may be left
        return sent

    def _presses(self, button: Locator) -> Sent:
        name, sent = button.inner_text().strip(), self._sent_by(button)
        sent.is_let_go = any(words in name for words in LET_GO)
        if self.dice.random() < 0.3:
            self.steps.append(f"    「{name}」 twice, to {sent.path}")
            button.dblclick()
            button.page.wait_for_timeout(300)  # the second click is answered after the first
        else:
            self.steps.append(f"    「{name}」 to {sent.path}")
            button.click()
        return sent

    def _sent_by(self, button: Locator) -> Sent:
        return Sent(str(button.evaluate(ADDRESS)), button.evaluate(FIELDS))

    def _chooses(self, page: Page) -> None:
        """Most of what a page asks to be chosen: the sides of a conflict, a due date."""
        radios = page.locator("fieldset input[type=radio]").all()
        for name in sorted({str(radio.get_attribute("name")) for radio in radios}):
            if name.startswith("pick_") and self.dice.random() < 0.8:
                sides = page.locator(f"input[name='{name}']")
                sides.nth(self.dice.randrange(sides.count())).check()
        due = page.locator("main input[name=due_on][type=date]")
        if due.count() and self.dice.random() < 0.8:
            due.fill(str(date.today() + timedelta(days=self.dice.randrange(2, 300))))

    def uploads(self, window: Window) -> None:
        """Downloads the department's sheet, writes into a row, and uploads it up to the preview."""
        rounds = [each for each in self.checks.now.rounds if each.state in {"open", "correcting"}]
        if not rounds:
            return
        round = self.dice.choice(rounds)
        path = f"{self.hall.base}/staff/rounds/{round.pk}/sheet.xlsx"
        answer = self.contexts[window.person].request.get(path)
        if "spreadsheet" not in answer.headers["content-type"]:
            return  # the session has ended
        sheet = Filled(answer.body(), round.fiscal_year)
        rows = [each.pk for each in self.rows if str(each.pk) in sheet.ids]
        if not rows:
            return  # another department's in that year
        sheet.write(self.dice.choice(rows), result=f"・{self.word()}")
        self.goes(window, f"/staff/rounds/{round.pk}/sheets/")
        (self.folder / "sheet.xlsx").write_bytes(sheet.bytes())
        window.page.set_input_files("#id_file", self.folder / "sheet.xlsx")
        window.page.get_by_role("button", name="読み込んで確認へ進む", exact=True).click()
