"""What must hold after each step of a walk: what a person was told equals the database and its history."""

import base64
import json
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field

from playwright.sync_api import APIRequestContext, Page
from playwright.sync_api import Error as PlaywrightError

from tests.browser.walked_hall import Edition, Hall, Round, Year
from tests.browser.walked_public import Public, Told, to_be_told, words_of

MESSAGES = re.compile(r'<div class="notice told notice-messages" role="status">(.*?)</div>', re.DOTALL)
PUBLISHES = re.compile(r"/staff/rounds/(\d+)/publish/")
EXPECTED = re.compile(r'name="expected" value="([0-9a-f]+)"')
# By the kind of what changed: the words of which some must tell its window so.
TOLD = {
    "actions": (
        *(
            "下書きを保存しました",
            "」を保存しました",
            "選んだ内容で保存しました",
            "内容に戻しました",
            "を提出しました",
            "の提出を取り下げました",
        ),
        *(
            "差し戻しました",
            "差戻しにしました",
            "承認しました",
            "取り込みました",
            "取り消しました",
            "この取込",
        ),
        *("下書きは保存しました", "まだ提出していません"),
    ),
    "pledges": ("変更しました",),
    "rounds": (
        *(
            "報告回を開きました",
            "締切日を変えました",
            "締め切りました",
            "訂正を始めました",
            "訂正を終えました",
        ),
        "公表しました（",
    ),
    "initiatives": ("で終わりにしました",),
    "reports": ("公表しました（",),
}


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
class Sent:
    """A form as its button was pressed. The words of one that `is_let_go` need not be kept."""

    path: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    is_let_go: bool = False

    @property
    def words(self) -> set[str]:
        return set() if self.is_let_go else words_of(str(self.fields))

    def text(self, name: str) -> str:
        return self.fields.get(name, "").replace("\r\n", "\n")

    def number(self, kind: str) -> int:
        """The number in the form's address: 12 of /staff/actions/12/check/; 0 where there is none."""
        found = re.search(rf"/{kind}/(\d+)/", self.path)
        return int(found[1]) if found else 0


class State:
    """What the database says beside the browser. `texts`: all that a walk can change, by kind and key."""

    def __init__(self, hall: Hall) -> None:
        self.years, self.rounds, self.editions = hall.years(), hall.rounds(), hall.editions()
        self.texts = {f"actions/{each.pk}": "\n".join(each.written) for each in self.years}
        self.texts |= {f"pledges/{each.pledge}": each.pledge_text for each in self.years}
        self.texts |= {f"initiatives/{each.initiative}": str(each.last_fiscal_year) for each in self.years}
        self.texts |= {f"rounds/{each.pk}": " ".join(map(str, each)) for each in self.rounds}
        self.texts |= {f"reports/{each.as_of}/{each.edition}": each.digest for each in self.editions}

    @property
    def words(self) -> set[str]:
        return words_of("\n".join(self.texts.values()))

    def year(self, pk: int) -> Year:
        return next(each for each in self.years if each.pk == pk)

    def round(self, pk: int) -> Round:
        return next(each for each in self.rounds if each.pk == pk)


@dataclass
class Checks:
    """What holds in one walk. `drafts`: by its digest, what a page of publication has shown would be told."""

    hall: Hall
    citizen: APIRequestContext
    steps: list[str]
    drafts: dict[str, dict[str, Told]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.now = State(self.hall)
        self.public = Public(self.hall, self.citizen)
        self.public.begin()
        self.published_before = len(self.now.editions)

    def require(self, holds: bool, otherwise: str) -> None:
        """Raises AssertionError with the steps that led here."""
        assert holds, "\n".join([otherwise, *self.steps[-14:]])

    def after(self, window: Window, sent: Sent) -> None:
        shown, before, self.now = shown_on(window.page), self.now, State(self.hall)
        self._changes_are_told(window, before, shown)
        told = "".join(MESSAGES.findall(shown))
        kept = self.now.words | words_of(self.hall.history())
        everywhere = kept if told else kept | words_of(shown) | carried_words(window.page)
        lost = sent.words - everywhere
        self.require(not lost, f"sent, {'told to be kept' if told else 'not told'}, and nowhere: {lost}")
        self._what_is_told_is_so(sent, told)
        if new := [each for each in self.now.editions if each not in before.editions]:
            self._is_public(sent, new, told)
        self._remember_draft(window.page.url, shown)
        window.seen |= words_of(shown)

    def at_the_end(self) -> None:
        """Something was published in this walk, and the public has what it was told."""
        self.require(len(self.now.editions) > self.published_before, "nothing was published")
        problems = self.public.whatever_changed() + self.public.leaks()
        self.require(not problems, "\n".join(problems))

    def _changes_are_told(self, window: Window, before: State, shown: str) -> None:
        old, new = before.texts, self.now.texts
        changed = [name for name in old | new if old.get(name) != new.get(name)]
        history = words_of(self.hall.history()) if changed else set()
        for name in changed:
            is_told = any(words in shown for words in TOLD[name.partition("/")[0]])
            # An untouched row goes with the end of its initiative.
            is_gone = name not in new and "で終わりにしました" in shown
            self.require(is_told or is_gone, f"{name} changed, and nobody was told")
            lost = words_of(old.get(name, "")) - words_of(new.get(name, ""))
            self.require(lost <= window.seen, f"{lost - window.seen} overwritten unseen in {name}")
            self.require(lost <= history, f"{lost - history} is in no history of {name}")
            window.seen |= words_of(new.get(name, ""))

    # --- what a message says
    def _what_is_told_is_so(self, sent: Sent, told: str) -> None:
        """Of the form that was sent in this very step."""
        for words, is_so in CLAIMS.items():
            if sent.path and words in told:
                self.require(is_so(self.now, sent), f"told 「{words}」 of {sent}, and it is not so")

    # --- what is public
    def _remember_draft(self, url: str, shown: str) -> None:
        page, digest = PUBLISHES.search(url), EXPECTED.search(shown)
        if page and digest:
            round = self.now.round(int(page[1]))
            told = to_be_told(round, self.now.years, self.public.before(round))
            self.drafts.setdefault(digest[1], told)

    def _is_public(self, sent: Sent, new: list[Edition], told: str) -> None:
        self.require(len(new) == 1, f"{new} at once")
        [edition] = new
        round = next(each for each in self.now.rounds if each.as_of == edition.as_of)
        self.require(f'href="{edition.address}"' in told, f"no link to {edition.address}")
        names = ("correction_reason", "unapproved_reason")
        reasons = {name: sent.text(name).strip() for name in names if sent.text(name).strip()}
        expected = to_be_told(round, self.now.years, self.public.before(round))
        self.require(self.drafts.get(sent.fields.get("expected", "")) == expected, "not what was looked at")
        problems = self.public.problems(edition, expected, reasons)
        self.require(not problems, "\n".join(problems))


FIELD_OF = dict.fromkeys(("phrase_result", "copy_result", "copy_plan"), "result") | {"phrase_plan": "plan"}


def _is_saved(now: State, sent: Sent) -> bool:
    year = now.year(sent.number("actions"))
    written = {"result": year.result, "plan": year.plan, "rating_reason": year.rating_reason}
    if field := FIELD_OF.get(sent.fields.get("act", "")):  # a button that adds a text
        written.pop(field)
    return all(text == sent.text(name) for name, text in written.items())


def _row_is(*states: str) -> "Claim":
    """Of the form's row; of the check of all, of one of those that were ticked."""
    return lambda now, sent: (
        now.year(sent.number("actions") or int(sent.text("rows").partition(":")[0])).state in states
    )


def _round_is(state: str) -> "Claim":
    return lambda now, sent: now.round(sent.number("rounds")).state == state


def _is_due(now: State, sent: Sent) -> bool:
    return now.round(sent.number("rounds")).due_on == sent.text("due_on")


def _is_opened(now: State, sent: Sent) -> bool:
    new = now.rounds[-1]
    told = (sent.text("fiscal_year"), sent.text("as_of"), sent.text("due_on"))
    return (str(new.fiscal_year), new.as_of, new.due_on) == told and new.state == "open"


def _has_ended(now: State, sent: Sent) -> bool:
    own = [each for each in now.years if each.initiative == sent.number("initiatives")]
    return {str(each.last_fiscal_year) for each in own} == {sent.text("last_fiscal_year")}


Claim = Callable[[State, Sent], bool]
CLAIMS: dict[str, Claim] = {  # what a message says, and whether it is so
    "下書きを保存しました": _is_saved,
    "を提出しました": _row_is("submitted"),
    "の提出を取り下げました": _row_is("draft", "returned"),
    "を差し戻しました": _row_is("returned"),
    "」を承認しました": _row_is("approved"),
    "の承認を取り消し": _row_is("returned"),
    "締切日を変えました": _is_due,
    "締め切りました": _round_is("closed"),
    "訂正を始めました": _round_is("correcting"),
    "訂正を終えました": _round_is("published"),
    "公表しました（": _round_is("published"),
    "報告回を開きました": _is_opened,
    "で終わりにしました": _has_ended,
}
