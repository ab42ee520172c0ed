"""Database triggers, on SQLite and PostgreSQL, for what a constraint cannot say.

Reports and events stay as they were written: UPDATE and DELETE (and TRUNCATE on PostgreSQL) are refused, and
so is an INSERT of a further or replaced entry (SQLite's INSERT OR REPLACE fires no DELETE trigger). The index
of reports is free: it can be made anew. The chain's head only goes forward. A yearly action changes its state
only along the workflow's table, and is rated by a step of its own manifesto's scale.

Installed after every migrate: SQLite drops a table's triggers whenever a migration rebuilds the table.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db.backends.base.base import BaseDatabaseWrapper

from tracker.choices import TRANSITIONS

PREFIX = "manifesto_frozen_"


@dataclass(frozen=True)
class Refusal:
    """A kind of statement that a table refuses, always or under a condition, and with which words."""

    table: str
    when: str  # INSERT, UPDATE, DELETE or TRUNCATE
    message: str
    condition: str = ""  # SQL on OLD and NEW
    suffix: str = ""

    @property
    def name(self) -> str:
        return f"{PREFIX}{self.table}_{self.suffix or self.when.lower()}"


def _frozen(table: str, message: str, refuse_insert: str) -> list[Refusal]:
    always = [Refusal(table, when, message) for when in ("UPDATE", "DELETE", "TRUNCATE")]
    return [*always, Refusal(table, "INSERT", message, refuse_insert)]


OFF_SCALE = (
    "NEW.rating_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM tracker_rating s JOIN tracker_reportinground r"
    " ON r.manifesto_id = s.manifesto_id WHERE s.id = NEW.rating_id AND r.id = NEW.round_id)"
)
ALLOWED = ", ".join(sorted(f"'{before}>{after}'" for before, after in TRANSITIONS))
OFF_THE_TABLE = f"NEW.state <> OLD.state AND OLD.state || '>' || NEW.state NOT IN ({ALLOWED})"
SCALE_MESSAGE = "その評価は、このマニフェストの区分にありません。"

REFUSALS = (
    *_frozen(
        "tracker_report",
        "a published report cannot be changed",
        "EXISTS (SELECT 1 FROM tracker_report r WHERE r.id = NEW.id"
        " OR (r.slug = NEW.slug AND r.as_of = NEW.as_of AND r.edition = NEW.edition))",
    ),
    *_frozen(
        "tracker_reportentry",
        "a published report cannot be changed",
        "NEW.position > (SELECT r.entry_count FROM tracker_report r WHERE r.id = NEW.report_id)"
        " OR EXISTS (SELECT 1 FROM tracker_reportentry e WHERE e.id = NEW.id"
        " OR (e.report_id = NEW.report_id AND (e.position = NEW.position OR e.key = NEW.key)))",
    ),
    *_frozen(
        "tracker_event",
        "an event cannot be changed",
        "EXISTS (SELECT 1 FROM tracker_event e"
        " WHERE e.id = NEW.id OR e.number = NEW.number OR e.own_hash = NEW.own_hash)",
    ),
    Refusal("tracker_chainhead", "DELETE", "an event cannot be changed"),
    Refusal("tracker_chainhead", "TRUNCATE", "an event cannot be changed"),
    Refusal("tracker_chainhead", "UPDATE", "an event cannot be changed", "NEW.number <= OLD.number"),
    Refusal("tracker_yearlyaction", "INSERT", SCALE_MESSAGE, OFF_SCALE, "insert_scale"),
    Refusal("tracker_yearlyaction", "UPDATE", SCALE_MESSAGE, OFF_SCALE, "update_scale"),
    Refusal("tracker_yearlyaction", "UPDATE", "その状態には変えられません。", OFF_THE_TABLE, "update_state"),
)


def _sqlite(refusal: Refusal) -> str:
    condition = f" WHEN {refusal.condition}" if refusal.condition else ""
    return (
        f"CREATE TRIGGER {refusal.name} BEFORE {refusal.when} ON {refusal.table}{condition}"
        f" BEGIN SELECT RAISE(ABORT, '{refusal.message}'); END"
    )


def _postgresql(refusal: Refusal) -> str:
    each = "STATEMENT" if refusal.when == "TRUNCATE" else "ROW"
    # PostgreSQL allows no subquery in WHEN, so a condition lives in a function of the trigger's own.
    function = f"{refusal.name}_check()" if refusal.condition else f"{PREFIX}refuse('{refusal.message}')"
    return (
        f"CREATE TRIGGER {refusal.name} BEFORE {refusal.when} ON {refusal.table} FOR EACH {each} "
        f"EXECUTE FUNCTION {function}"
    )


def _postgresql_functions() -> list[str]:
    error = "USING ERRCODE = 'integrity_constraint_violation'"
    bodies = {f"{PREFIX}refuse": f"BEGIN RAISE EXCEPTION '%', TG_ARGV[0] {error}; END"}
    for refusal in REFUSALS:
        if refusal.condition:
            refuse = f"RAISE EXCEPTION '{refusal.message}' {error}"
            body = f"BEGIN IF {refusal.condition} THEN {refuse}; END IF; RETURN NEW; END"
            bodies[f"{refusal.name}_check"] = body
    return [
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $${body}$$"
        for name, body in bodies.items()
    ]


def _wanted(connection: BaseDatabaseWrapper) -> dict[str, tuple[str, str]]:
    """Trigger name to (table, SQL)."""
    if connection.vendor == "postgresql":
        return {refusal.name: (refusal.table, _postgresql(refusal)) for refusal in REFUSALS}
    return {
        refusal.name: (refusal.table, _sqlite(refusal)) for refusal in REFUSALS if refusal.when != "TRUNCATE"
    }


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
    """Drops our triggers: for `install`, for migrations, and for tests that empty the tables."""
    wanted = _wanted(connection)
    with connection.cursor() as cursor:
        for name in existing(connection) & wanted.keys():
            table = f" ON {wanted[name][0]}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{table}")


@contextmanager
def removed(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Without triggers inside the block. Only for tests."""
    remove(connection)
    try:
        yield
    finally:
        install(connection)
