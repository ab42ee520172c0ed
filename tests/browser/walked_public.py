"""What the public must read after each publication of a walk, told from the rows and the report before."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from html import unescape
from typing import Any

from playwright.sync_api import APIRequestContext

from tests.browser.walked_hall import Edition, Hall, Round, Year

WORD = re.compile(r"\bw[0-9]{9}\b")  # letters and digits: a difference never cuts it
# What an edition's own pages say besides its content: that there is a newer one.
NEWER = re.compile(r'<p class="notice notice-older".*?</p>', re.DOTALL)
SPACE = re.compile(r"\s+")
MAIN = re.compile(r"<main.*?</main>", re.DOTALL)
FROZEN = ("changes/",)  # pages of an edition, and its tables, that are compared
TABLES = ("initiatives", "actions", "rating-history")
LIVING = ("/", "/2021/changes/", "/2021/reports/", "/2021/feed.atom")  # pages that go on with the reports

# Of an initiative: its texts by kind and year, its rating, the words of its pledge.
Told = dict[tuple[str, int], str]


def words_of(text: str) -> set[str]:
    return set(WORD.findall(text))


def told_by(year: Year) -> Told:
    """What an approved row says in public. A row's plan is of the year after."""
    told = {
        ("result", year.fiscal_year): lines(year.result),
        ("plan", year.fiscal_year + 1): lines(year.plan),
    }
    return {name: text for name, text in told.items() if text}


def lines(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if line.strip())


@dataclass
class Before:
    """What the last report up to a round's date says, by initiative; of the same date, if it is corrected."""

    told: dict[str, Told] = field(default_factory=dict)
    is_corrected: bool = False


def to_be_told(round: Round, years: Iterable[Year], before: Before) -> dict[str, Told]:
    """By initiative what the publication of a round must say: what is approved, else as it was said before.

    A pledge's words are those of today (docs/adr/0018), in a correction those that it corrects: walks pick
    no change of the catalogue.
    """
    found: dict[str, list[Year]] = {}
    for year in years:
        if year.fiscal_year <= round.fiscal_year:
            found.setdefault(year.key, []).append(year)
    told = {key: _told_of(round, own, before.told.get(key)) for key, own in found.items()}
    return {
        key: each | {("pledge", 0): _pledge_text(key, found[key], before)}
        for key, each in told.items()
        if each is not None
    }


def _pledge_text(key: str, years: list[Year], before: Before) -> str:
    if before.is_corrected and key in before.told:
        return before.told[key]["pledge", 0]
    return years[-1].pledge_text


def _told_of(round: Round, years: list[Year], before: Told | None) -> Told | None:
    approved = [year for year in years if year.state == "approved"]
    last = min(years[-1].last_fiscal_year or round.fiscal_year, round.fiscal_year)
    now = next((year for year in approved if year.fiscal_year == last), None)
    if not approved or (now is None and last == round.fiscal_year):
        return before
    told = {name: text for year in approved for name, text in told_by(year).items()}
    for year in years:
        if year.state != "approved" and before:
            own = {("result", year.fiscal_year), ("plan", year.fiscal_year + 1)}
            told |= {name: text for name, text in before.items() if name in own}
    is_open = now is None and any(year.fiscal_year == last for year in years)
    rated = now or approved[-1]
    as_before = before if is_open and before else {}
    told["rating", 0] = as_before.get(("rating", 0), rated.rating)
    told["reason", 0] = as_before.get(("reason", 0), rated.rating_reason)
    return told


def read(edition: Edition, tables: dict[str, list[dict[str, Any]]]) -> dict[str, Told]:
    """By initiative what an edition's open data say."""
    told: dict[str, Told] = {}
    for row in tables["initiatives"]:
        rating, pledge = row["rating_code"] or "", row["pledge_text"]
        told[row["initiative_key"]] = {("rating", 0): rating, ("pledge", 0): pledge}
    for row in tables["actions"]:
        name = row["kind"], row["fiscal_year"]
        line = ("・" if row["line_type"] == "bullet" else "") + (row["text"] or "")
        own = told[row["initiative_key"]]
        own[name] = f"{own[name]}\n{line}" if name in own else line
    for row in tables["rating-history"]:
        if row["report_as_of"] == edition.as_of:
            told[row["initiative_key"]]["reason", 0] = row["rating_reason"] or ""
    return told


@dataclass
class Public:
    """What a citizen has been shown since the walk began, and must be shown again, byte for byte."""

    hall: Hall
    request: APIRequestContext
    editions: list[Edition] = field(default_factory=list)
    bytes: dict[str, bytes] = field(default_factory=dict)  # by address
    told: dict[Edition, dict[str, Told]] = field(default_factory=dict)
    words: set[str] = field(default_factory=set)  # of walks, that may be public

    def begin(self) -> None:
        for edition in self.hall.editions():
            self._keep(edition)

    def _keep(self, edition: Edition) -> dict[str, Any]:
        """Remembers what is public of an edition; returns what its files say of it."""
        self.bytes |= self._fetched(edition)
        data = {table: json.loads(self.bytes[edition.data(table)]) for table in TABLES}
        self.told[edition] = read(edition, {table: each["rows"] for table, each in data.items()})
        self.editions.append(edition)
        head: dict[str, Any] = data["initiatives"]
        return head

    def _fetched(self, edition: Edition) -> dict[str, bytes]:
        pages = {edition.address + page: MAIN.search(self.get(edition.address + page)) for page in FROZEN}
        own = {path: SPACE.sub(" ", NEWER.sub("", main[0])).encode() for path, main in pages.items() if main}
        assert len(own) == len(FROZEN)
        return own | {edition.data(table): self.get(edition.data(table)).encode() for table in TABLES}

    def get(self, path: str) -> str:
        answer = self.request.get(self.hall.base + path)
        assert answer.status == 200, (path, answer.status)
        return answer.text()

    def before(self, round: Round) -> Before:
        """What the report says that a round's publication follows: the last one up to its date."""
        earlier = [edition for edition in self.editions if edition.as_of <= round.as_of]
        if not earlier:
            return Before()
        last = max(earlier)
        return Before(self.told[last], is_corrected=last.as_of == round.as_of)

    def problems(self, edition: Edition, expected: dict[str, Told], reasons: dict[str, str]) -> list[str]:
        """What is untrue in public after this edition was told to be there. `reasons` as they were typed."""
        found = self.whatever_changed()
        data = self._keep(edition)
        found += [] if data["digest"] == edition.digest else ["another digest is public"]
        told = self.told[edition]
        for key in sorted(expected.keys() | told.keys()):
            if (wanted := expected.get(key)) != (said := told.get(key)):
                is_public, approved = _differing(said, wanted), _differing(wanted, said)
                found.append(f"{key}: public is {is_public}, approved {approved}")
        for name in ("correction_reason", "unapproved_reason"):
            if (data[name] or "") != reasons.get(name, ""):
                found.append(f"{name}: public is {data[name]!r}, typed was {reasons.get(name)!r}")
        self.words |= words_of(str([*expected.values(), *reasons.values()]))
        found += self.leaks()
        listed = unescape(self.get("/2021/reports/"))
        found += [f"the list of reports lacks {words!r}" for words in reasons.values() if words not in listed]
        return found

    def whatever_changed(self) -> list[str]:
        """What was public and is not as it was."""
        now = {path: content for edition in self.editions for path, content in self._fetched(edition).items()}
        return [f"{path} is not what it was" for path in self.bytes if self.bytes[path] != now[path]]

    def leaks(self) -> list[str]:
        """Words that are public and that nobody approved."""
        told = {path: content.decode() for path, content in self.bytes.items()}
        told |= {path: self.get(path) for path in LIVING}
        found = {path: words_of(text) - self.words for path, text in told.items()}
        return [f"{path} tells {words}, which nobody approved" for path, words in found.items() if words]


def _differing(one: Told | None, other: Told | None) -> object:
    return one and {name: text for name, text in one.items() if (other or {}).get(name) != text}
