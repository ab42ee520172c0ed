"""What thirty kills leave: `python -m tests.kill_plays …` prints it as JSON.

`exports FOLDER`: which sites were shown after each kill of an export. `backups FILE`: which backups stood
under the name. `restores FILE EMPTY`: what the database held, which EMPTY is a copy of before. Each tells how
often the new was there, too, and what the next run makes of it.
"""

import json
import sys
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

import django

django.setup()

from django.apps import apps  # noqa: E402
from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import DEFAULT_DB_ALIAS, connections  # noqa: E402

from tests import machine  # noqa: E402
from tests.killing import moments, played  # noqa: E402
from tests.public.building import make_entry, save_report  # noqa: E402
from tests.site_export.shown import notices  # noqa: E402
from tracker.backup import rows  # noqa: E402
from tracker.backup.archive import Reader  # noqa: E402
from tracker.backup.restoring import OF_PEOPLE  # noqa: E402
from tracker.public import frozen  # noqa: E402
from tracker.site_export import exporting, writing  # noqa: E402
from tracker.site_export.apply_site import Releases  # noqa: E402

TABLE = Path(__file__).parent / "releases/2024.txt"
Told = dict[str, Any]


def exports(folder: str) -> Told:
    """Of a few pages, so that nearly each step is a moment. Another notice above them makes them anew."""
    call_command("migrate", verbosity=0)
    save_report([make_entry(1)])
    site = Path(folder)

    def act_of(notice: str) -> Callable[[], object]:
        def act() -> None:
            settings.SITE_NOTICE = notice
            frozen.code_version.cache_clear()
            few = patch.object(exporting, "named", lambda: ["/", "/2017/", "/404.html", "/robots.txt"])
            with (
                few,
                patch.object(writing, "links", lambda *_given: set()),
                Releases(site).turn() as releases,
            ):
                exporting.export(releases, "http://localhost", lambda _done, _known: None)

        return act

    act_of("-2")()  # here, so that each play finds the templates read
    steps = [played(act_of(notice)) or 0 for notice in ("-1", "0")][-1]
    told, shown = {"old": 0, "new": 0, "other": 0}, "0"
    for turn, moment in enumerate(moments(steps), start=1):
        with Releases(site).turn():  # what a killed one has left is gone, so that the steps are the same
            pass
        assert played(act_of(str(turn)), moment) is None
        found = notices(site)
        kind = "new" if found == {str(turn)} else "old" if found == {shown} else "other"
        told[kind] += 1
        shown = str(turn) if kind == "new" else shown
    played(act_of("last"))
    left = sorted(path.name for path in site.iterdir())
    return told | {"last": sorted(notices(site)), "left": left}


def backups(file: str) -> Told:
    """Each is written over the one before; which one stands there, its time tells."""
    call_command("migrate", verbosity=0)
    call_command("import_report", TABLE, publish=True, verbosity=0, stdout=StringIO())
    path = Path(file)

    def backing_up() -> None:
        call_command("backup", file, keys=Path(f"{file}.keys"), overwrite=True, stdout=StringIO())

    steps = [played(backing_up) or 0 for _run in range(2)][-1]
    told = {"old": 0, "new": 0}
    for moment in moments(steps):
        before = Reader(path).manifest.made_at
        assert played(backing_up, moment) is None
        told["old" if Reader(path).manifest.made_at == before else "new"] += 1
    return told


def restores(file: str, empty: str, url: str) -> Told:
    call_command("migrate", verbosity=0)
    connections.close_all()
    machine.copy_database(url, empty)
    wanted = {table.label: table.sha256 for table in Reader(Path(file)).manifest.tables}

    def restoring() -> None:
        call_command("restore", file, keys=Path(f"{file}.keys"), stdout=StringIO())

    def standing() -> str:
        if not any(apps.get_model(label)._base_manager.exists() for label in OF_PEOPLE):
            return "old"
        whole = {label: rows.digest(apps.get_model(label), DEFAULT_DB_ALIAS) for label in wanted}
        return "new" if whole == wanted else "other"

    def begin_again() -> None:
        connections.close_all()
        machine.copy_database(empty, url)

    for _run in range(2):  # the second finds the log of seals there, as all that follow
        begin_again()
        steps = played(restoring) or 0
    told = {"old": 0, "new": 0, "other": 0, "first": standing()}
    begin_again()
    for moment in moments(steps):
        assert played(restoring, moment) is None
        told[found := standing()] += 1
        if found != "old":
            begin_again()
    if standing() == "old":
        played(restoring)
    return told | {"last": standing()}


if __name__ == "__main__":
    name, *arguments = sys.argv[1:]
    acts: dict[str, Callable[..., Told]] = {"exports": exports, "backups": backups, "restores": restores}
    print(json.dumps(acts[name](*arguments)))  # noqa: T201
