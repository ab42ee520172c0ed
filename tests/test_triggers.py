"""Reports and events cannot be changed, not even by SQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.core.management.sql import emit_post_migrate_signal
from django.db import DatabaseError, connection, models, transaction
from django.test.utils import CaptureQueriesContext

from tests.management.importing import published
from tracker import triggers
from tracker.apps import check_triggers
from tracker.models import ChainHead, Event, Report, ReportEntry

pytestmark = pytest.mark.django_db

SQLITE = connection.vendor == "sqlite"
FROZEN_MODELS = (Report, ReportEntry, Event, ChainHead)
FROZEN = ("tracker_report", "tracker_reportentry", "tracker_event")
ENTRY_COLUMNS = ", ".join(field.column for field in ReportEntry._meta.concrete_fields if field.name != "id")
REPORT_COLUMNS = ", ".join(field.column for field in Report._meta.concrete_fields if field.name != "id")
EVENT_COLUMNS = ", ".join(field.column for field in Event._meta.concrete_fields if field.name != "id")


def copy(table: str, columns: str, changes: dict[str, str], verb: str = "INSERT") -> str:
    """SQL that inserts a table's first row again with other values in some columns."""
    values = columns
    for column, value in changes.items():
        assert f" {column}," in f" {columns},"
        values = ", ".join(value if name == column else name for name in values.split(", "))
    return f"{verb} INTO {table} ({columns}) SELECT {values} FROM {table} ORDER BY id LIMIT 1"


REFUSED = {
    "update of a report": "UPDATE tracker_report SET title = 'x'",
    "update of an entry": "UPDATE tracker_reportentry SET rating_code = 'A'",
    "update of an event": "UPDATE tracker_event SET actor = 'x'",
    "delete of a report": "DELETE FROM tracker_report",
    "delete of an entry": "DELETE FROM tracker_reportentry WHERE position = 2",
    "delete of an event": "DELETE FROM tracker_event",
    "a further entry": copy("tracker_reportentry", ENTRY_COLUMNS, {"position": "3", "key": "'9-9-9-9'"}),
    "an entry in another's place": copy("tracker_reportentry", ENTRY_COLUMNS, {"key": "'9-9-9-9'"}),
    "an entry with another's key": copy("tracker_reportentry", ENTRY_COLUMNS, {"position": "0"}),
    "the same edition again": copy("tracker_report", REPORT_COLUMNS, {}),
    "the same event number again": copy("tracker_event", EVENT_COLUMNS, {"own_hash": "'x'"}),
    "delete of the chain's head": "DELETE FROM tracker_chainhead",
    "the chain's head put back": "UPDATE tracker_chainhead SET number = 1",
    "the chain's head replaced": "UPDATE tracker_chainhead SET own_hash = 'x'",
    "the same event hash again": copy("tracker_event", EVENT_COLUMNS, {"number": "99"}),
}
SQLITE_ONLY = {
    "replacing a report": copy("tracker_report", REPORT_COLUMNS, {"title": "'x'"}, "REPLACE"),
    "replacing a report by its id": "REPLACE INTO tracker_report SELECT * FROM tracker_report",
    "replacing an entry": copy(
        "tracker_reportentry", ENTRY_COLUMNS, {"rating_code": "'E'"}, "INSERT OR REPLACE"
    ),
    "replacing an entry by its id": "REPLACE INTO tracker_reportentry SELECT * FROM tracker_reportentry",
    "replacing an event": copy("tracker_event", EVENT_COLUMNS, {"actor": "'x'"}, "REPLACE"),
    "replacing an event by its id": copy(
        "tracker_event", f"id, {EVENT_COLUMNS}", {"number": "99", "own_hash": "'x'"}, "REPLACE"
    ),
    "updating with replace": "UPDATE OR REPLACE tracker_report SET title = 'x'",
    "inserting or ignoring": copy(
        "tracker_reportentry", ENTRY_COLUMNS, {"position": "3", "key": "'9'"}, "INSERT OR IGNORE"
    ),
}
POSTGRESQL_ONLY = {
    "truncating entries": "TRUNCATE tracker_reportentry CASCADE",
    "truncating all": "TRUNCATE tracker_report CASCADE",
    "truncating events": "TRUNCATE tracker_event",
    "truncating the chain's head": "TRUNCATE tracker_chainhead",
    "an upsert": copy("tracker_event", EVENT_COLUMNS, {}) + " ON CONFLICT (number) DO UPDATE SET actor = 'x'",
}
ALL_REFUSED = REFUSED | (SQLITE_ONLY if SQLITE else POSTGRESQL_ONLY)


@pytest.mark.parametrize("name", ALL_REFUSED)
def test_sql_that_changes_what_is_frozen_is_refused(tmp_path: Path, name: str) -> None:
    published(tmp_path)
    # PostgreSQL truncates no table whose foreign keys are still to be looked at
    connection.check_constraints()
    before = [list(model.objects.order_by("pk").values()) for model in FROZEN_MODELS]
    with (
        pytest.raises(DatabaseError, match="cannot be changed"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(ALL_REFUSED[name])
    assert [list(model.objects.order_by("pk").values()) for model in FROZEN_MODELS] == before


@pytest.mark.skipif(not SQLITE, reason="PostgreSQL has no REPLACE")
def test_an_entry_does_not_move_into_another_report(tmp_path: Path) -> None:
    """By its id, into a place that is free there."""
    published(tmp_path)
    further = copy("tracker_report", REPORT_COLUMNS, {"edition": "2", "correction_reason": "'x'"})
    changes = {"report_id": "(SELECT max(id) FROM tracker_report)", "position": "1"}
    move = copy("tracker_reportentry", f"id, {ENTRY_COLUMNS}", changes, "REPLACE")
    with connection.cursor() as cursor:
        cursor.execute(further)
    before = list(ReportEntry.objects.order_by("pk").values())
    with (
        pytest.raises(DatabaseError, match="cannot be changed"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(move)
    assert list(ReportEntry.objects.order_by("pk").values()) == before


def test_triggers_are_made_for_the_tables_that_there_are() -> None:
    """Migrations before a table, and back over it, end with an installation, too."""
    with transaction.atomic(), connection.cursor() as cursor:
        triggers.remove(connection)
        cursor.execute("ALTER TABLE tracker_chainhead RENAME TO not_made_yet")
        triggers.install(connection)
        kinds = ("delete", "update") + (() if SQLITE else ("truncate",))
        names = {f"{triggers.PREFIX}tracker_chainhead_{kind}" for kind in kinds}
        assert set(triggers.missing(connection)) == names
        transaction.set_rollback(True)
    assert triggers.missing(connection) == []


def test_a_trigger_of_the_citys_own_is_left_alone() -> None:
    """Somebody may have added one for an export of theirs."""
    with transaction.atomic(), connection.cursor() as cursor:
        if SQLITE:
            cursor.execute("CREATE TRIGGER theirs AFTER INSERT ON tracker_department BEGIN SELECT 1; END")
        else:
            cursor.execute(
                "CREATE TRIGGER theirs AFTER INSERT ON tracker_department FOR EACH ROW"
                " EXECUTE FUNCTION suppress_redundant_updates_trigger()"
            )
        triggers.install(connection)
        assert "theirs" not in triggers.existing(connection)
        cursor.execute("DROP TRIGGER theirs" + ("" if SQLITE else " ON tracker_department"))  # it is there
        transaction.set_rollback(True)


def test_a_further_report_may_be_inserted(tmp_path: Path) -> None:
    published(tmp_path)
    with connection.cursor() as cursor:
        cursor.execute(copy("tracker_report", REPORT_COLUMNS, {"edition": "2", "correction_reason": "'x'"}))
    assert list(Report.objects.values_list("edition", flat=True)) == [2, 1]


def test_every_trigger_is_there_after_migrate() -> None:
    kinds = ("update", "delete", "insert") + (() if SQLITE else ("truncate",))
    names = {f"{triggers.PREFIX}{table}_{kind}" for table in FROZEN for kind in kinds}
    names |= {
        f"{triggers.PREFIX}tracker_yearlyaction_{kind}"
        for kind in ("insert_scale", "update_scale", "update_state")
    }
    names |= {f"{triggers.PREFIX}tracker_chainhead_{kind}" for kind in kinds if kind != "insert"}
    assert triggers.existing(connection) == names
    assert triggers.missing(connection) == []


def drop(name: str, table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {name}" + ("" if SQLITE else f" ON {table}"))


@pytest.mark.parametrize("table", FROZEN)
def test_a_dropped_trigger_is_found_by_the_system_check_and_migrate_puts_it_back(table: str) -> None:
    name = f"{triggers.PREFIX}{table}_delete"
    drop(name, table)
    assert triggers.missing(connection) == [name]
    assert [(error.id, error.msg) for error in run_checks(databases=["default"])] == [
        ("tracker.E001", f"missing triggers: {name}")
    ]
    call_command("migrate", verbosity=0, stdout=StringIO(), skip_checks=False)
    assert triggers.missing(connection) == []
    assert check_triggers(databases=["default"]) == []


def replace(name: str, table: str) -> None:
    """Puts a trigger in another's place that has its name and refuses nothing."""
    drop(name, table)
    with connection.cursor() as cursor:
        if SQLITE:
            cursor.execute(f"CREATE TRIGGER {name} BEFORE DELETE ON {table} BEGIN SELECT 1; END")
            return
        cursor.execute(
            "CREATE FUNCTION lets_pass() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN OLD; END$$"
        )
        cursor.execute(
            f"CREATE TRIGGER {name} BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION lets_pass()"
        )


@pytest.mark.parametrize("table", FROZEN)
def test_a_trigger_in_anothers_place_counts_as_missing_and_migrate_replaces_it(table: str) -> None:
    name = f"{triggers.PREFIX}{table}_delete"
    replace(name, table)
    assert (triggers.missing(connection), name in triggers.existing(connection)) == ([name], True)
    call_command("migrate", verbosity=0, stdout=StringIO(), skip_checks=False)
    assert triggers.missing(connection) == []


@pytest.mark.skipif(SQLITE, reason="SQLite has no functions of its own")
def test_a_function_that_lets_everything_pass_is_found_and_mended() -> None:
    body = "CREATE OR REPLACE FUNCTION {}() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN OLD; END$$"
    with connection.cursor() as cursor:
        cursor.execute(body.format(f"{triggers.PREFIX}refuse"))
    unconditional = [each.name for each in triggers.REFUSALS if not each.condition]
    assert triggers.missing(connection) == sorted(unconditional)
    triggers.install(connection)
    assert triggers.missing(connection) == []


def test_a_trigger_of_ours_that_is_wanted_no_more_is_dropped() -> None:
    name = f"{triggers.PREFIX}tracker_event_former"
    with connection.cursor() as cursor:
        body = "BEGIN SELECT 1; END" if SQLITE else f"FOR EACH ROW EXECUTE FUNCTION {triggers.PREFIX}refuse()"
        cursor.execute(f"CREATE TRIGGER {name} BEFORE DELETE ON tracker_event {body}")
    triggers.install(connection)
    assert (name in triggers.existing(connection), triggers.missing(connection)) == (False, [])


def test_an_idle_migrate_touches_no_trigger() -> None:
    with CaptureQueriesContext(connection) as queries:
        call_command("migrate", verbosity=0, stdout=StringIO(), skip_checks=False)
    touched = [each["sql"] for each in queries if " TRIGGER " in each["sql"] or "LOCK TABLE" in each["sql"]]
    assert touched == []


def test_the_check_without_a_database_asks_none() -> None:
    with CaptureQueriesContext(connection) as queries:
        assert check_triggers(databases=None) == []
    assert len(queries) == 0


@pytest.mark.skipif(SQLITE, reason="SQLite cannot switch a trigger off")
def test_a_trigger_that_is_switched_off_counts_as_missing() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE tracker_event DISABLE TRIGGER {triggers.PREFIX}tracker_event_delete")
    assert triggers.missing(connection) == [f"{triggers.PREFIX}tracker_event_delete"]


@contextmanager
def rebuilt(model: type[models.Model], name: str) -> Iterator[None]:
    """A field changed as a migration would change it, which makes SQLite rebuild the table; put back
    afterwards.
    """
    old, new = model._meta.get_field(name), models.TextField()
    new.set_attributes_from_name(name)
    new.model = model
    try:
        with connection.schema_editor() as editor:
            editor.alter_field(model, old, new)  # type: ignore[arg-type]
        yield
    finally:
        triggers.remove(connection)
        with connection.schema_editor() as editor:
            editor.alter_field(model, new, old)  # type: ignore[arg-type]
        triggers.install(connection)


@pytest.mark.skipif(not SQLITE, reason="only SQLite rebuilds tables")
@pytest.mark.django_db(transaction=True)
def test_a_rebuilt_table_loses_its_triggers_and_migrate_puts_them_back() -> None:
    with rebuilt(Event, "actor"):
        assert triggers.missing(connection) == [
            f"{triggers.PREFIX}tracker_event_{kind}" for kind in ("delete", "insert", "update")
        ]
        call_command("migrate", verbosity=0, stdout=StringIO())
        assert triggers.missing(connection) == []


@pytest.mark.django_db(transaction=True)
def test_a_table_that_triggers_read_may_be_rebuilt_without_them() -> None:
    triggers.remove(connection)
    assert triggers.existing(connection) == set()
    with rebuilt(Report, "title"):
        emit_post_migrate_signal(0, False, "default")
        assert triggers.missing(connection) == []


def test_removed_puts_the_triggers_back_after_an_error() -> None:
    inside: list[set[str]] = []

    def fail() -> None:
        with triggers.removed(connection):
            inside.append(triggers.existing(connection))
            raise ValueError("x")

    with pytest.raises(ValueError, match="x"):
        fail()
    assert inside == [set()]
    assert triggers.missing(connection) == []
