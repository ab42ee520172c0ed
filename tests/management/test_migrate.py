"""`migrate` on a database of its own, new or of an older version: several at once, killed in the middle,
watched by somebody else.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests import machine
from tests.apart import PROJECT, empty_databases, run

pytestmark = [pytest.mark.long, pytest.mark.both]

MODULE = "tests.management.migrating"


class Base:
    """A database, and a folder for its state."""

    def __init__(self, url: str, state: Path) -> None:
        self.url, self.state = url, state

    def ask(self, *arguments: str) -> Any:
        return run(MODULE, *arguments, url=self.url, state=self.state)

    def begin(self, *arguments: str) -> "subprocess.Popen[str]":
        """Begins a command without waiting for its end."""
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "DATABASE_URL": self.url,
            "STATE_DIR": str(self.state),
        }
        command = [sys.executable, *arguments]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=pipe, stderr=pipe, text=True)

    def migrate(self) -> None:
        """As the command line does, with all checks."""
        running = self.begin("manage.py", "migrate")
        _, errors = running.communicate(timeout=300)
        assert running.returncode == 0, errors

    def dies(self, number: int) -> bool:
        """Whether migrating had as many statements."""
        running = self.begin("-m", MODULE, "dies", str(number))
        _, errors = running.communicate(timeout=300)
        assert running.returncode in {0, -signal.SIGKILL}, errors
        return running.returncode != 0


@contextmanager
def empty(folder: Path) -> Iterator[Base]:
    with empty_databases(folder, "migrate") as (url,):
        yield Base(url, folder / "state")


@contextmanager
def copy_of(base: Base, folder: Path) -> Iterator[Base]:
    with empty(folder) as copy:
        machine.copy_database(base.url, copy.url)
        yield copy


@pytest.fixture(scope="module")
def new(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Base]:
    """A database that this version made."""
    with empty(tmp_path_factory.mktemp("new")) as base:
        base.migrate()
        yield base


@pytest.fixture(scope="module")
def whole(new: Base) -> Any:
    """What a database tells that has all migrations and triggers, however it came to them."""
    told = new.ask("stands")
    names = sorted(path.stem for path in (PROJECT / "tracker" / "migrations").glob("0*.py"))
    assert (told["applied"], told["missing"]) == (names, [])
    assert {table for _kind, table, *_rest in told["schema"]} >= {"tracker_chainhead", "tracker_yearlyaction"}
    return told


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Base]:
    """A database that an older version made. Copied, not changed."""
    with empty(tmp_path_factory.mktemp("old")) as base:
        base.ask("begins", "0004")
        yield base


def test_three_at_once_take_turns_and_leave_what_a_new_database_has(
    old: Base, new: Base, whole: Any, tmp_path: Path
) -> None:
    with copy_of(old, tmp_path) as base:
        together = [base.begin("manage.py", "migrate") for _ in range(3)]
        said = [each.communicate(timeout=300) for each in together]
        assert [each.returncode for each in together] == [0, 0, 0], said
        assert sum("ほかの migrate が終わるのを待っています…" in out for out, _ in said) >= 1
        assert (base.ask("stands"), base.ask("rows")) == (whole, new.ask("rows"))


def test_nobody_ever_sees_the_tables_without_triggers(new: Base, tmp_path: Path) -> None:
    """Neither while an idle migrate runs nor while one goes back and forth, over each of their tables."""
    with copy_of(new, tmp_path) as base:
        told = base.ask("watch", "", "0006", "")
        assert (told["missing"], told["asked"] > 10) == ([], True)


def test_the_next_migrate_mends_what_killed_ones_left(old: Base, whole: Any, tmp_path: Path) -> None:
    """Each goes on from what the one before has left."""
    with copy_of(old, tmp_path) as base:
        assert [base.dies(number) for number in (5, 45, 40)] == [True, True, True]
        base.migrate()
        assert base.ask("stands") == whole


def test_a_new_database_is_made_whole_after_sudden_deaths(whole: Any, tmp_path: Path) -> None:
    with empty(tmp_path) as base:
        assert [base.dies(number) for number in (5, 95, 80)] == [True, True, True]
        base.migrate()
        assert base.ask("stands") == whole


def test_a_database_of_the_first_version_is_upgraded_even_after_sudden_deaths(
    whole: Any, tmp_path: Path
) -> None:
    with empty(tmp_path) as base:
        base.ask("begins", "0001")
        first = base.ask("stands")
        assert first["applied"] == ["0001_initial"]
        assert [base.dies(number) for number in (3, 60, 120)] == [True, True, True]
        base.migrate()
        assert base.ask("stands") == whole
