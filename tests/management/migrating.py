"""What happens while `migrate` runs: `python -m tests.management.migrating …` prints it as JSON.

`begins NAME`: migrates an empty database to NAME, as an older version did. `dies N`: migrates our tables and
dies, as by kill -9, before the Nth statement that changes something. `watch NAME…`: asks for the triggers
without pause, while another process migrates to each NAME in turn, and tells how often some were missing.
`stands`: what is applied, which triggers are missing, what the database is made of. `rows`: what it holds.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.db.migrations.recorder import MigrationRecorder  # noqa: E402

from tests import standing  # noqa: E402
from tests.one_by_one import migrate_one_by_one  # noqa: E402
from tracker import triggers  # noqa: E402

CHANGES = ("CREATE", "DROP", "ALTER", "INSERT", "UPDATE", "DELETE", "LOCK")


def dies(number: int) -> None:
    seen = 0

    def count(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        nonlocal seen
        seen += str(sql).lstrip().upper().startswith(CHANGES)
        if seen == number:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(sql, *rest)

    with connection.execute_wrapper(count):
        call_command("migrate", "tracker", verbosity=0, skip_checks=False)


def watch(*names: str) -> dict[str, Any]:
    asked, lacking = 0, []
    for name in names:
        command = [
            sys.executable,
            "manage.py",
            "migrate",
            "--verbosity=0",
            *(["tracker", name] if name else []),
        ]
        with subprocess.Popen(command, env=os.environ) as migrating:
            while migrating.poll() is None:
                asked += 1
                lacking += triggers.missing(connection)
        assert migrating.returncode == 0
    return {"asked": asked, "missing": lacking}


def stands() -> dict[str, Any]:
    applied = MigrationRecorder(connection).applied_migrations()
    return {
        "applied": sorted(name for app, name in applied if app == "tracker"),
        "missing": triggers.missing(connection),
        "schema": standing.schema(),
    }


if __name__ == "__main__":
    act, *arguments = sys.argv[1:]
    if act == "dies":
        dies(int(arguments[0]))
    elif act == "begins":
        migrate_one_by_one(*arguments)
    told = {"watch": watch, "stands": stands, "rows": standing.rows}.get(act)
    print(json.dumps(told(*arguments) if told else None, default=str))  # noqa: T201
