"""The small answers: alive, ready, robots, favicon."""

import pytest
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client, RequestFactory
from pytest_django import DjangoAssertNumQueries

from tests.public.conftest import Site
from tests.test_migrations import newest_migration
from tracker import storage, triggers
from tracker.public import health


def test_live_looks_at_no_database() -> None:
    """No `db` fixture: any query would fail the test."""
    answer = Client().get("/livez")
    assert (answer.status_code, answer.content, answer["Content-Type"]) == (
        200,
        b"ok\n",
        "text/plain; charset=utf-8",
    )
    assert "no-store" in answer["Cache-Control"]


def test_live_sends_no_query(db: None, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        Client().get("/livez")


def test_ready_when_migrated_and_protected(site: Site) -> None:
    answer = site.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"ready": True})
    assert "no-store" in answer["Cache-Control"]


def assert_not_ready(site: Site, reason: str) -> None:
    """A stranger is told no more than that."""
    answer = site.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"ready": False})
    assert health.reason_not_ready() == reason


def test_ready_where_all_replaced_migrations_are_applied(site: Site) -> None:
    """As an older version left it, which had no migration that stands for them."""
    replacing = "0001_squashed_0026_keys_of_the_desk"
    assert MigrationRecorder.Migration.objects.filter(app="tracker", name=replacing).delete()[0] == 1
    assert site.get("/readyz").json() == {"ready": True}


def test_ready_with_a_pending_migration_is_not(site: Site) -> None:
    MigrationRecorder.Migration.objects.filter(app="tracker", name=newest_migration()).delete()
    assert_not_ready(site, "migrations pending")


@pytest.fixture
def one_trigger_less(db: None) -> str:
    """A database that lost a trigger, as SQLite does when a migration rebuilds a table."""
    name = "manifesto_frozen_tracker_reportentry_update"
    connection.check_constraints()
    with connection.cursor() as cursor:
        cursor.execute(
            f"DROP TRIGGER {name}" + (" ON tracker_reportentry" if connection.vendor == "postgresql" else "")
        )
    return name


def test_ready_with_a_missing_trigger_is_not(site: Site, one_trigger_less: str) -> None:
    assert triggers.missing(connection) == [one_trigger_less]
    assert_not_ready(site, "triggers missing")


def test_ready_without_a_database_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*args: object) -> None:
        raise OperationalError("no route to SECRET-HOST")

    monkeypatch.setattr(health, "MigrationExecutor", unreachable)
    answer = health.ready(RequestFactory().get("/readyz"))
    assert answer.status_code == 503
    assert answer.content == b'{"ready": false}'
    assert health.reason_not_ready() == "database does not answer"


@pytest.mark.parametrize(
    ("kept", "reason"),
    [("can_be_written", "disk is full or read-only"), ("is_read_only", "database is read-only")],
)
def test_ready_where_nothing_can_be_written_is_not(
    site: Site, monkeypatch: pytest.MonkeyPatch, kept: str, reason: str
) -> None:
    monkeypatch.setattr(storage, kept, lambda _what: kept == "is_read_only")
    assert_not_ready(site, reason)


def test_robots_may_read_pages_and_skip_filtered_lists() -> None:
    answer = Client().get("/robots.txt")
    sitemap = b"Sitemap: http://testserver/sitemap.xml\n"
    assert answer.content == b"User-agent: *\nDisallow: /staff/\nDisallow: /*?\n\n" + sitemap
    assert answer["Content-Type"] == "text/plain; charset=utf-8"


def test_favicon_leads_to_the_picture() -> None:
    answer = Client().get("/favicon.ico")
    assert (answer.status_code, answer["Location"]) == (301, "/static/tracker/favicon.svg")
