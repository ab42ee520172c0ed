"""Database triggers that keep reports and events as they were written, on SQLite and PostgreSQL.

Installed after every migrate, because SQLite drops a table's triggers whenever a migration rebuilds the table. They
refuse UPDATE and DELETE (and TRUNCATE on PostgreSQL). A report says at its birth how many entries it has, so a later
INSERT of a further or replaced entry is refused too (SQLite's INSERT OR REPLACE fires no DELETE trigger).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db.backends.base.base import BaseDatabaseWrapper

PREFIX = "manifesto_frozen_"


@dataclass(frozen=True)
class FrozenTable:
    """A table whose rows never change, and the SQL condition under which a NEW row is refused."""

    name: str
    message: str
    refuse_insert: str


FROZEN_TABLES = (
    FrozenTable(
        "tracker_report",
        "a published report cannot be changed",
        "EXISTS (SELECT 1 FROM tracker_report r WHERE r.id = NEW.id"
        " OR (r.slug = NEW.slug AND r.as_of = NEW.as_of AND r.edition = NEW.edition))",
    ),
    FrozenTable(
        "tracker_reportentry",
        "a published report cannot be changed",
        "NEW.position > (SELECT r.entry_count FROM tracker_report r WHERE r.id = NEW.report_id)"
        " OR EXISTS (SELECT 1 FROM tracker_reportentry e WHERE e.id = NEW.id"
        " OR (e.report_id = NEW.report_id AND (e.position = NEW.position OR e.key = NEW.key)))",
    ),
    FrozenTable(
        "tracker_event",
        "an event cannot be changed",
        "EXISTS (SELECT 1 FROM tracker_event e WHERE e.id = NEW.id OR e.number = NEW.number OR e.own_hash = NEW.own_hash)",
    ),
)


def _sqlite(table: FrozenTable) -> dict[str, str]:
    def trigger(when: str, condition: str = "") -> str:
        return (
            f"CREATE TRIGGER {PREFIX}{table.name}_{when.lower()} BEFORE {when} ON {table.name} {condition}"
            f" BEGIN SELECT RAISE(ABORT, '{table.message}'); END"
        )

    return {
        f"{PREFIX}{table.name}_update": trigger("UPDATE"),
        f"{PREFIX}{table.name}_delete": trigger("DELETE"),
        f"{PREFIX}{table.name}_insert": trigger("INSERT", f"WHEN {table.refuse_insert}"),
    }


def _postgresql(table: FrozenTable) -> dict[str, str]:
    def trigger(when: str, each: str, function: str) -> str:
        return (
            f"CREATE TRIGGER {PREFIX}{table.name}_{when.lower()} BEFORE {when} ON {table.name}"
            f" FOR EACH {each} EXECUTE FUNCTION {PREFIX}{function}"
        )

    refuse = f"refuse('{table.message}')"
    return {
        f"{PREFIX}{table.name}_update": trigger("UPDATE", "ROW", refuse),
        f"{PREFIX}{table.name}_delete": trigger("DELETE", "ROW", refuse),
        f"{PREFIX}{table.name}_truncate": trigger("TRUNCATE", "STATEMENT", refuse),
        # PostgreSQL allows no subquery in WHEN, so the condition lives in a function of the table's own.
        f"{PREFIX}{table.name}_insert": trigger("INSERT", "ROW", f"{table.name}_check()"),
    }


def _postgresql_functions() -> list[str]:
    refuse = "BEGIN RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation'; END"
    functions = [f"CREATE OR REPLACE FUNCTION {PREFIX}refuse() RETURNS trigger LANGUAGE plpgsql AS $${refuse}$$"]
    for table in FROZEN_TABLES:
        body = (
            f"BEGIN IF {table.refuse_insert} THEN RAISE EXCEPTION '{table.message}'"
            " USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END"
        )
        functions.append(
            f"CREATE OR REPLACE FUNCTION {PREFIX}{table.name}_check() RETURNS trigger LANGUAGE plpgsql AS $${body}$$"
        )
    return functions


def _wanted(connection: BaseDatabaseWrapper) -> dict[str, tuple[str, str]]:
    """Trigger name to (table, SQL)."""
    make = _postgresql if connection.vendor == "postgresql" else _sqlite
    return {name: (table.name, sql) for table in FROZEN_TABLES for name, sql in make(table).items()}


def existing(connection: BaseDatabaseWrapper) -> set[str]:
    """The names of our triggers that the database has."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'")
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        return {name for (name,) in cursor.fetchall() if name.startswith(PREFIX)}


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """The names of triggers that should be there and are not."""
    return sorted(_wanted(connection).keys() - existing(connection))


def install(connection: BaseDatabaseWrapper) -> None:
    """Makes every trigger anew, for the tables that exist."""
    tables = set(connection.introspection.table_names())
    remove(connection)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for function in _postgresql_functions():
                cursor.execute(function)
        for table, sql in _wanted(connection).values():
            if table in tables:
                cursor.execute(sql)


def remove(connection: BaseDatabaseWrapper) -> None:
    """Drops our triggers. Only for `install` and for tests that must empty the tables."""
    wanted = _wanted(connection)
    with connection.cursor() as cursor:
        for name in existing(connection) & wanted.keys():
            table = f" ON {wanted[name][0]}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{table}")


@contextmanager
def removed(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Without triggers inside the block. Only for tests: they empty tables between runs."""
    remove(connection)
    try:
        yield
    finally:
        install(connection)
