"""An installation on PostgreSQL, whatever the other tests run on: the same report, protected as well."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests import machine
from tests.conftest import FIXTURE
from tracker.models import Report, ReportEntry
from tracker.reports.digests import CONTENT_FIELDS
from tracker.reports.index import INDEXED

pytestmark = pytest.mark.long

PROJECT = Path(__file__).resolve().parent.parent
FROZEN = ("tracker_report", "tracker_reportentry", "tracker_event")


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a database with the city's table published, made by the commands of the README."""
    with machine.postgresql_database("installed") as url:
        state = str(tmp_path_factory.mktemp("state"))
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "manifesto.settings",
            "DATABASE_URL": url,
            "STATE_DIR": state,
        }
        for command in (
            ["migrate"],
            ["import_report", str(FIXTURE), "--publish"],
            ["import_report", str(FIXTURE), "--publish"],
        ):
            subprocess.run(
                [sys.executable, "manage.py", *command],
                cwd=PROJECT,
                env=environment,
                check=True,
                capture_output=True,
            )
        yield url


def test_second_import_publishes_no_second_edition(installation: str) -> None:
    reports = rows(installation, "SELECT slug, as_of::text, edition, entry_count FROM tracker_report")
    assert reports == [("2021", "2024-03-31", 1, 207)]


def test_report_equals_the_one_of_the_test_database(installation: str, db: None, demo: Report) -> None:
    fields = (*CONTENT_FIELDS, "position", "content_digest", *INDEXED)
    there = rows(
        installation,
        f"SELECT {', '.join(fields)} FROM tracker_reportentry e"
        " JOIN tracker_entryindex i ON i.entry_id = e.id ORDER BY position",
    )
    columns = (f"index__{name}" if name in INDEXED else name for name in fields)
    assert there == list(ReportEntry.objects.filter(report=demo).order_by("position").values_list(*columns))


@pytest.mark.parametrize("table", FROZEN)
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_frozen_table_refuses(installation: str, table: str, statement: str) -> None:
    with (
        psycopg.connect(installation) as connection,
        pytest.raises(psycopg.errors.IntegrityError, match="cannot be changed"),
    ):
        connection.execute(statement.format(table))


def rows(url: str, query: str) -> list[tuple[object, ...]]:
    """All rows of a query."""
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchall()
