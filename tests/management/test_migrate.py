"""`migrate` on a database of its own: several at once, killed in the middle, watched by somebody else."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.apart import PROJECT, empty_databases, run

pytestmark = [pytest.mark.long, pytest.mark.both]

MODULE = "tests.management.migrating"


class Base:
    """An empty database, and a folder for its state."""

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

    def migrate(self, *target: str) -> None:
        """As the command line does, with all checks."""
        running = self.begin("manage.py", "migrate", *target)
        _, errors = running.communicate(timeout=300)
        assert running.returncode == 0, errors

    def dies(self, number: int, name: str = "") -> bool:
        """Whether migrating had as many statements."""
        running = self.begin("-m", MODULE, "dies", str(number), name)
        _, errors = running.communicate(timeout=300)
        assert running.returncode in {0, -signal.SIGKILL}, errors
        return running.returncode != 0


@pytest.fixture
def base(tmp_path: Path) -> Iterator[Base]:
    with empty_databases(tmp_path, "migrate") as (url,):
        yield Base(url, tmp_path / "state")


def whole(told: dict[str, Any]) -> dict[str, Any]:
    """What a database tells that has all migrations and triggers."""
    names = sorted(path.stem for path in (PROJECT / "tracker" / "migrations").glob("0*.py"))
    assert "tracker_chainhead" in told["tables"]
    return told | {"applied": names, "missing": []}


def test_three_at_once_take_turns_and_leave_all_triggers(tmp_path: Path) -> None:
    for number in range(3):
        with empty_databases(tmp_path, f"together{number}") as (url,):
            base = Base(url, tmp_path / "state")
            together = [base.begin("manage.py", "migrate") for _ in range(3)]
            said = [each.communicate(timeout=300) for each in together]
            assert [each.returncode for each in together] == [0, 0, 0], said
            assert sum("ほかの migrate が終わるのを待っています…" in out for out, _ in said) >= 1
            told = base.ask("stands")
            assert told == whole(told)


@pytest.mark.parametrize("target", ["", "0004"])
def test_nobody_ever_sees_the_tables_without_triggers(base: Base, target: str) -> None:
    """Neither while an idle migrate runs nor while one goes back and forth."""
    base.migrate()
    told = base.ask("watch", *([target, ""] if target else ["", ""]))
    assert (told["missing"], told["asked"] > 10) == ([], True)


@pytest.mark.parametrize(("start", "statements"), [("0004", range(1, 90, 15)), ("", range(5, 400, 70))])
def test_the_next_migrate_mends_what_a_killed_one_left(tmp_path: Path, start: str, statements: range) -> None:
    deaths = 0
    for number in statements:
        with empty_databases(tmp_path, f"killed{number}") as (url,):
            base = Base(url, tmp_path / "state")
            if start:
                base.migrate("tracker", start)
            deaths += base.dies(number)
            base.migrate()
            told = base.ask("stands")
            assert told == whole(told)
    assert deaths >= 2


def test_a_database_of_the_first_release_is_upgraded_even_after_sudden_deaths(base: Base) -> None:
    base.migrate("tracker", "0001")
    first = base.ask("stands")
    assert (first["applied"], len(first["missing"]) > 0) == (["0001_initial"], True)
    assert [base.dies(number) for number in (3, 60, 120)] == [True, True, True]
    base.migrate()
    told = base.ask("stands")
    assert told == whole(told)
