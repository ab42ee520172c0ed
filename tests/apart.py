"""Scenarios with a process and a database of their own: SQLite's test database is in memory and knows no
second connection.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from tests import machine

PROJECT = Path(__file__).resolve().parent.parent


@contextmanager
def empty_databases(folder: Path, *purposes: str) -> Iterator[list[str]]:
    """Addresses of empty databases of the kind that the run is for: SQLite's in a folder, PostgreSQL's
    dropped afterwards.
    """
    with ExitStack() as stack:
        if machine.database_is_postgresql():
            yield [stack.enter_context(machine.postgresql_database(purpose)) for purpose in purposes]
        else:
            yield [f"sqlite:///{folder}/{purpose}.sqlite3" for purpose in purposes]


def run(module: str, *arguments: str, url: str, state: Path) -> Any:
    """What a module prints, as JSON."""
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": url,
        "STATE_DIR": str(state),
    }
    answer = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)
