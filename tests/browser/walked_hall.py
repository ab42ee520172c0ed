"""The demo that walks go through: its database beside the browser, and what the public reads of it."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from playwright.sync_api import Browser

from tests.browser.server import copy_state, demo_site, serving
from tests.browser.staff import StaffSite, demo_passwords

DATABASE = "walks.sqlite3"
BEGINNINGS = ("open", "correcting")  # of the round of the walks
PEOPLE = ("tanto3", "kenmu", "kikaku1", "kikaku2")  # two of 事務管理課, two of the planning office


class Year(NamedTuple):
    """What an initiative's row says of its year, with the place and the end of the initiative."""

    pk: int
    key: str
    initiative: int
    last_fiscal_year: int | None
    round: int
    fiscal_year: int
    state: str
    result: str
    plan: str
    rating: str
    rating_reason: str
    pledge: int
    pledge_text: str

    @property
    def written(self) -> tuple[str, ...]:
        """What people write into it, and where it stands."""
        return self.state, self.result, self.plan, self.rating, self.rating_reason


YEARS = """
SELECT action.id, category.number, section.number, pledge.position, initiative.position, initiative.id,
       initiative.last_fiscal_year, round.id, round.fiscal_year, action.state, action.result, action.plan,
       COALESCE(rating.code, ''), action.rating_reason, pledge.id, pledge.text
FROM tracker_yearlyaction action
JOIN tracker_reportinground round ON round.id = action.round_id
JOIN tracker_initiative initiative ON initiative.id = action.initiative_id
JOIN tracker_pledge pledge ON pledge.id = initiative.pledge_id
JOIN tracker_category section ON section.id = pledge.section_id
JOIN tracker_category category ON category.id = section.parent_id
LEFT JOIN tracker_rating rating ON rating.id = action.rating_id
ORDER BY round.fiscal_year, action.id
"""


class Round(NamedTuple):
    """A round as its row says it."""

    pk: int
    fiscal_year: int
    as_of: str
    due_on: str
    state: str


class Edition(NamedTuple):
    """What names a published report."""

    as_of: str
    edition: int
    digest: str

    @property
    def address(self) -> str:
        return f"/2021/reports/{self.as_of}/editions/{self.edition}/"

    def data(self, table: str) -> str:
        return f"/2021/data/102041_manifesto-{table}_{self.as_of}_e{self.edition}.json"


@dataclass
class Hall(StaffSite):
    """The running demo, on SQLite. Every walk begins with its database as kept, so each can be had alone."""

    folder: Path = Path()

    @property
    def file(self) -> Path:
        return self.folder / DATABASE

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(f"file:{self.file}?mode=ro", uri=True, timeout=30)) as connection:
            return connection.execute(statement).fetchall()

    def keep(self, beginning: str) -> None:
        """Keeps the database as it is now, and everybody's login, for walks to begin with."""
        self.kept(beginning).mkdir(parents=True)
        with closing(sqlite3.connect(self.file)) as database:
            database.execute("VACUUM INTO ?", [str(self.kept(beginning) / DATABASE)])
        copy_state(self.folder, self.kept(beginning))

    def begin_again(self, beginning: str) -> None:
        """Puts a kept database back below the running server."""
        with (
            closing(sqlite3.connect(self.kept(beginning) / DATABASE)) as kept,
            closing(sqlite3.connect(self.file, timeout=30)) as database,
        ):
            kept.backup(database)
        copy_state(self.kept(beginning), self.folder)

    def kept(self, beginning: str) -> Path:
        return self.folder / "kept" / beginning

    def years(self) -> list[Year]:
        return [Year(row[0], "-".join(map(str, row[1:5])), *row[5:]) for row in self.ask(YEARS)]

    def rounds(self) -> list[Round]:
        columns = "id, fiscal_year, as_of, due_on, state"
        found = self.ask(f"SELECT {columns} FROM tracker_reportinground ORDER BY fiscal_year")
        return [Round(row[0], row[1], str(row[2]), str(row[3]), row[4]) for row in found]

    def editions(self) -> list[Edition]:
        """All reports, oldest date and edition first."""
        found = self.ask("SELECT as_of, edition, digest FROM tracker_report ORDER BY as_of, edition")
        return [Edition(str(as_of), edition, digest) for as_of, edition, digest in found]

    def history(self) -> str:
        """All that is kept of former states, and the reasons that were given."""
        contents = self.ask("SELECT content FROM tracker_formertext")
        contents += self.ask("SELECT content FROM tracker_event")
        reasons = self.ask("SELECT reason FROM tracker_event")
        told = [json.loads(each) for (each,) in contents]
        return json.dumps([told, reasons], ensure_ascii=False)


@contextmanager
def walked_hall(folder: Path, browser: Browser) -> Iterator[Hall]:
    """The demo as `make run` makes it, served by as many; kept in each of BEGINNINGS."""
    url = f"sqlite:///{folder / DATABASE}"
    with (
        demo_site(folder, DATABASE_URL=url, WEB_CONCURRENCY="2") as environment,
        serving(environment, folder / "gunicorn.log") as base,
    ):
        hall = Hall(base, demo_passwords(folder), folder=folder)
        for person in PEOPLE:
            hall.context(browser, person).close()  # who logs in once
        hall.keep("open")
        publish_and_correct(hall, browser)
        hall.keep("correcting")
        yield hall


def publish_and_correct(hall: Hall, browser: Browser) -> None:
    """Publishes the round as it stands, and begins to correct it."""
    round = hall.rounds()[-1].pk
    with hall.context(browser, "kikaku1", java_script_enabled=False) as context:
        page = context.new_page()
        for path, field, button in (
            ("publish", "unapproved_reason", "この内容で公表する"),
            ("settings", "reason", "訂正を始める"),
        ):
            page.goto(f"{hall.base}/staff/rounds/{round}/{path}/")
            page.fill(f"[name={field}]", "期日が来たため")
            page.get_by_role("button", name=button, exact=True).click()
    assert hall.rounds()[-1].state == "correcting"
