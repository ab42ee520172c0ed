"""The workflow behind PgBouncer in transaction mode, as deploy/pgbouncer has it: each transaction of a client
has another session, so what a session would have to keep is missed.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from tests import machine, pgbouncer
from tests.browser.server import PROJECT

pytestmark = pytest.mark.long  # plays on PostgreSQL, whichever the run is for
# Acts, the chain, mails and their lock, a form: the whole rooms are played by hand (docs/adr/0046).
PLAYED = (
    "tests/cycle/test_workflow.py",
    "tests/cycle/test_seals.py",
    "tests/cycle/notices/test_sending.py::test_a_run_on_another_server_with_the_same_database_is_kept_out",
    "tests/staff/entry/test_withdrawal.py",
)


@pytest.fixture(scope="module")
def surroundings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """An empty database behind PgBouncer, as the site's settings name it."""
    folder = tmp_path_factory.mktemp("pgbouncer")
    with machine.postgresql_database("pgbouncer") as url, pgbouncer.serving(url, folder) as through:
        own = {"DATABASE_URL": through, "PGBOUNCER": "true", "STATE_DIR": str(folder / "state")}
        try:
            yield os.environ | own
        finally:
            name = f"test_{url.rpartition('/')[2]}"
            with psycopg.connect(machine.named(url, "postgres"), autocommit=True) as connection:
                drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
                connection.execute(drop.format(sql.Identifier(name)))


def run(surroundings: dict[str, str], *command: str) -> str:
    told = subprocess.run(
        [sys.executable, *command], cwd=PROJECT, env=surroundings, capture_output=True, text=True
    )
    assert told.returncode == 0, told.stdout + told.stderr
    return told.stdout


def test_the_workflows_own_tests_pass(surroundings: dict[str, str]) -> None:
    played = [*PLAYED, "-n", "0", "--reuse-db", "-q", "-m", "long or not long", "-p", "no:cacheprovider"]
    told = run(surroundings, "-m", "pytest", *played)
    assert " passed" in told
    assert "skipped" not in told


LIMITS = """
import django; django.setup()
from django.db import connection, transaction
from manifesto import wsgi

def told(name):
    with connection.cursor() as cursor:
        cursor.execute(f"SHOW {name}")
        return cursor.fetchone()[0]

names = ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout")
with transaction.atomic():
    print([told(name) for name in names], told("jit"), told("TimeZone"))
with connection.cursor() as cursor:
    cursor.execute("CREATE TABLE waiting AS SELECT current_setting('lock_timeout')")
    cursor.execute("SELECT * FROM waiting")
    print(cursor.fetchone()[0])
    for _each in range(12):  # each session of the pool: no limit has stayed in one
        cursor.execute("SELECT current_setting('lock_timeout')")
        assert cursor.fetchone()[0] == "0"
"""


def test_each_transaction_of_a_request_has_its_limits_and_leaves_none_behind(
    surroundings: dict[str, str],
) -> None:
    told = run(surroundings | {"DJANGO_SETTINGS_MODULE": "manifesto.settings"}, "-c", LIMITS)
    assert told.splitlines() == ["['10s', '1min', '1min'] off UTC", "10s"]


LOCKS_HERE = """
SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database
WHERE l.locktype = 'advisory' AND d.datname = current_database()
"""


def test_commands_run_and_leave_no_lock(surroundings: dict[str, str], tmp_path: Path) -> None:
    for command in (
        ["migrate"],
        ["migrate"],
        ["verify_events"],
        ["housekeeping"],
        ["backup", f"{tmp_path}/b.zip"],
    ):
        run(surroundings | {"DJANGO_SETTINGS_MODULE": "manifesto.settings"}, "manage.py", *command)
    with psycopg.connect(surroundings["DATABASE_URL"]) as connection:
        assert connection.execute(LOCKS_HERE).fetchone() == (0,)
