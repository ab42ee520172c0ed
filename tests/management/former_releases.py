"""A database of a former release, brought to the present: `python -m tests.management.former_releases NAME
KILLS STEP` prints what stands then, as JSON.

An empty database becomes the one that the release has made. `migrate` is killed so many times, and run to its
end; then the index is made anew, as docs/upgrading.md says. Told is what an outsider could notice: after each
kill whether reports changed or could be changed, at the end what the public site answers at the addresses
that the release's had.
"""

import csv
import json
import lzma
import random
import re
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from io import StringIO
from pathlib import Path
from typing import Any

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import DatabaseError, connection, transaction  # noqa: E402
from django.db.migrations.executor import MigrationExecutor  # noqa: E402
from django.test import Client  # noqa: E402

from tests.killing import played  # noqa: E402
from tracker import triggers  # noqa: E402
from tracker.reports.verifying import Verification  # noqa: E402

RELEASES = Path(__file__).resolve().parents[1] / "releases"
EACH = 3  # of the addresses that are no file of the open data, one in so many is asked
DESCRIBING = {"columns", "columns_version", "about"}  # in a JSON file
Told = dict[str, Any]


def kept(name: str) -> str:
    """A file of tests/releases, unpacked."""
    return lzma.decompress((RELEASES / f"{name}.xz").read_bytes()).decode()


def load(name: str) -> None:
    script = kept(f"{name}.{connection.vendor}.sql")
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(connection.settings_dict["NAME"])) as database:
            database.executescript(script)
        return
    with connection.cursor() as cursor:
        cursor.execute(script.encode())
    connection.close()  # a dump sets what a session looks through


def migrate() -> None:
    call_command("migrate", verbosity=0)


def killed(times: int, step: int) -> Told:
    """What is seen while `migrate` dies again and again, before its `step` at the latest; each time it goes
    on from what the one before has left.
    """
    chance, told = random.Random(14), {"kills": 0, "unprotected": list[int](), "changed": list[int]()}
    before = reports()
    for turn in range(times):
        told["kills"] += played(migrate, chance.randint(5, step)) is None
        if reports() != before:
            told["changed"].append(turn)
        if can_be_changed():
            told["unprotected"].append(turn)
    migrate()
    return told | {"pending": [str(step) for step in pending()]}


def pending() -> list[Any]:
    executor = MigrationExecutor(connection)
    return list(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def reports() -> list[Any]:
    """Each report's digest, and what its rows hold, by statements that any release knows."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT as_of, edition, digest FROM tracker_report ORDER BY id")
        found = list(cursor.fetchall())
        cursor.execute("SELECT content_digest, rating_code FROM tracker_reportentry ORDER BY id")
        return [*found, *cursor.fetchall()]


def can_be_changed() -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE tracker_report SET digest = 'x'")
            transaction.set_rollback(True)
    except DatabaseError:
        return False
    return True


def public(name: str) -> Told:
    """The addresses that no longer answer, and what differs in the files of the open data."""
    then = json.loads(kept(f"{name}.public.json"))
    files = then["files"]
    pages = [path for path in then["addresses"] if path not in files][::EACH]
    client = Client(headers={"host": "localhost"})
    answers = {path: client.get(path, follow=True) for path in (*files, *pages)}
    found = {
        f"{table_of(path)}{words}"
        for path, text in files.items()
        for words in differences(path, text, text_of(answers[path]))
    }
    lost = [path for path, answer in answers.items() if answer.status_code != 200]
    return {"asked": len(answers), "files": len(files), "lost": lost, "differences": sorted(found)}


def table_of(path: str) -> str:
    found = re.search(r"manifesto-([a-z-]+)_", path)
    assert found, path
    return found[1]


def text_of(answer: Any) -> str:
    body: bytes = b"".join(answer) if answer.streaming else answer.content
    return body.decode("utf-8-sig")


def differences(path: str, then: str, now: str) -> Iterator[str]:
    """What a file of then says, and that of now does not."""
    if then == now:
        return
    if path.endswith(".json"):
        yield from (f".json: {words}" for words in lacking(json.loads(then), json.loads(now)))
        return
    before, after = (list(csv.DictReader(text.splitlines(keepends=True))) for text in (then, now))
    if len(before) != len(after):
        yield f".csv: {len(after) - len(before)} more"
        return
    for old, new in zip(before, after, strict=True):
        for column, value in old.items():
            if column not in new:
                yield f".csv: no {numberless(column)}"
            elif new[column] != value:
                yield f".csv: {column} {value!r} is {new[column]!r}"


def numberless(name: str) -> str:
    """A column of many: department_1 is department_N."""
    return re.sub(r"_[0-9]+$", "_N", name)


def lacking(then: Any, now: Any) -> Iterator[str]:
    """Keys that are gone, and values that are others, in what JSON tells of a report; what came since, and
    how columns are described, is left out.
    """
    if isinstance(then, dict) and isinstance(now, dict):
        for key in then.keys() - DESCRIBING:
            if key in now:
                yield from lacking(then[key], now[key])
            else:
                yield f"no {numberless(key)}"
    elif isinstance(then, list) and isinstance(now, list):
        if len(then) != len(now):
            yield f"{len(now) - len(then)} more"
            return
        for old, new in zip(then, now, strict=True):
            yield from lacking(old, new)
    elif then != now:
        yield f"{str(then)[:40]} is {str(now)[:40]}"


def sound() -> Told:
    found = Verification()
    found.run()
    problems = [str(problem) for problem in found.problems]
    return {"problems": problems, "events": found.count, "missing": triggers.missing(connection)}


if __name__ == "__main__":
    name, times, step = sys.argv[1:]
    load(name)
    told = killed(int(times), int(step))
    call_command("rebuild_index", verbosity=0, stdout=StringIO())
    print(json.dumps(told | sound() | public(name)))  # noqa: T201
