"""Database triggers, on SQLite and PostgreSQL, for what a constraint cannot say.

Reports and events stay as they were written: UPDATE and DELETE (and TRUNCATE on PostgreSQL) are refused, and
so is an INSERT of a further or replaced entry (SQLite's INSERT OR REPLACE fires no DELETE trigger). The index
of reports is free: it can be made anew. The chain's head only goes forward. A yearly action changes its state
only along the workflow's table, and is rated by a step of its own manifesto's scale.

SQLite drops a table's triggers whenever a migration rebuilds it, and rebuilds none that another table's
trigger reads: the migrate command takes them off within each migration's transaction, and every migrate puts
back what is missing or differs.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from tracker.choices import TRANSITIONS

PREFIX = "manifesto_frozen_"
# In the order in which acts write them: who takes several locks that way round meets no deadlock.
TABLES = (
    *("tracker_yearlyaction", "tracker_report", "tracker_reportentry"),
    *("tracker_event", "tracker_chainhead"),
)
# PostgreSQL's bits of pg_trigger.tgtype.
ROW, BEFORE = 1, 2
KINDS = {"INSERT": 4, "DELETE": 8, "UPDATE": 16, "TRUNCATE": 32}


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


@dataclass(frozen=True)
class Trigger:
    """One trigger: its table, how the database describes it (`Definition`), and the SQL that makes it."""

    table: str
    definition: "Definition"
    statements: tuple[str, ...]


Definition = tuple[object, ...]  # SQLite: its SQL. PostgreSQL: kind, function, the function's body, arguments


def _sqlite(refusal: Refusal) -> Trigger:
    condition = f" WHEN {refusal.condition}" if refusal.condition else ""
    sql = (
        f"CREATE TRIGGER {refusal.name} BEFORE {refusal.when} ON {refusal.table}{condition}"
        f" BEGIN SELECT RAISE(ABORT, '{refusal.message}'); END"
    )
    return Trigger(refusal.table, (sql,), (sql,))


def _postgresql(refusal: Refusal) -> Trigger:
    is_each_row = refusal.when != "TRUNCATE"
    error = "USING ERRCODE = 'integrity_constraint_violation'"
    # PostgreSQL allows no subquery in WHEN, so a condition lives in a function of the trigger's own.
    if refusal.condition:
        name, arguments = f"{refusal.name}_check", ""
        raised = f"RAISE EXCEPTION '{refusal.message}' {error}"
        body = f"BEGIN IF {refusal.condition} THEN {raised}; END IF; RETURN NEW; END"
    else:
        name, arguments = f"{PREFIX}refuse", refusal.message
        body = f"BEGIN RAISE EXCEPTION '%', TG_ARGV[0] {error}; END"
    kind = KINDS[refusal.when] + BEFORE + (ROW if is_each_row else 0)
    given = f"'{arguments}'" if arguments else ""
    statements = (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $${body}$$",
        f"CREATE TRIGGER {refusal.name} BEFORE {refusal.when} ON {refusal.table} "
        f"FOR EACH {'ROW' if is_each_row else 'STATEMENT'} EXECUTE FUNCTION {name}({given})",
    )
    stored = f"{arguments}\0".encode() if arguments else b""
    return Trigger(refusal.table, (kind, name, body, stored), statements)


def _wanted(connection: BaseDatabaseWrapper) -> dict[str, Trigger]:
    if connection.vendor == "postgresql":
        return {refusal.name: _postgresql(refusal) for refusal in REFUSALS}
    return {refusal.name: _sqlite(refusal) for refusal in REFUSALS if refusal.when != "TRUNCATE"}


# A trigger that is switched off, or acts on replicas only, counts as one that is not there.
POSTGRESQL_STANDING = """
SELECT t.tgname, c.relname, t.tgtype, p.proname, p.prosrc, t.tgargs,
       t.tgqual IS NULL AND t.tgenabled IN ('O', 'A')
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
WHERE NOT t.tgisinternal AND pg_table_is_visible(c.oid)
"""
SQLITE_STANDING = "SELECT name, tbl_name, sql, 1 FROM sqlite_master WHERE type = 'trigger'"


def _standing(connection: BaseDatabaseWrapper) -> dict[str, tuple[str, Definition]]:
    """Our triggers that the database has: name to table and definition, which is () for one that is off."""
    is_postgresql = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        cursor.execute(POSTGRESQL_STANDING if is_postgresql else SQLITE_STANDING)
        rows = cursor.fetchall()
    found = {}
    for name, table, *described, is_on in rows:
        if name.startswith(PREFIX):
            read = (bytes(each) if isinstance(each, memoryview) else each for each in described)
            found[name] = (table, tuple(read) if is_on else ())
    return found


def existing(connection: BaseDatabaseWrapper) -> set[str]:
    """The names of our triggers that the database has, and that are switched on."""
    return {name for name, (_table, definition) in _standing(connection).items() if definition}


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """The names of triggers that should be there and are not, or not as they should be."""
    standing = _standing(connection)
    return sorted(name for name, want in _wanted(connection).items() if not _is_as(want, standing.get(name)))


def _is_as(wanted: Trigger, standing: tuple[str, Definition] | None) -> bool:
    return standing == (wanted.table, wanted.definition)


def install(connection: BaseDatabaseWrapper) -> None:
    """Makes the triggers that are missing or differ, for the tables that exist, in one transaction.

    Drops those of ours that are wanted no more. Where nothing is to be done, it locks and touches nothing.
    """
    tables = set(connection.introspection.table_names())
    wanted = {name: want for name, want in _wanted(connection).items() if want.table in tables}
    with transaction.atomic(using=connection.alias):
        standing = _standing(connection)
        lacking = {name: want for name, want in wanted.items() if not _is_as(want, standing.get(name))}
        wrong = {
            name: table for name, (table, _) in standing.items() if name in lacking or name not in wanted
        }
        if not (lacking or wrong):
            return
        _lock(connection, {want.table for want in lacking.values()} | set(wrong.values()))
        _drop(connection, wrong)
        with connection.cursor() as cursor:
            for sql in dict.fromkeys(sql for want in lacking.values() for sql in want.statements):
                cursor.execute(sql)


def remove(connection: BaseDatabaseWrapper) -> None:
    """Drops our triggers, in one transaction: for migrations, and for tests that empty the tables."""
    with transaction.atomic(using=connection.alias):
        standing = {name: table for name, (table, _) in _standing(connection).items()}
        _lock(connection, set(standing.values()))
        _drop(connection, standing)


def _lock(connection: BaseDatabaseWrapper, tables: set[str]) -> None:
    """Takes the tables one after the other as writers do. (On SQLite a transaction has all of them.)"""
    if connection.vendor == "postgresql" and (known := [table for table in TABLES if table in tables]):
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {', '.join(known)} IN ACCESS EXCLUSIVE MODE")


def _drop(connection: BaseDatabaseWrapper, tables: Mapping[str, str]) -> None:
    """Drops triggers, given as name to table."""
    with connection.cursor() as cursor:
        for name, table in tables.items():
            cursor.execute(
                f"DROP TRIGGER {name}{f' ON {table}' if connection.vendor == 'postgresql' else ''}"
            )


@contextmanager
def removed(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Without triggers inside the block. Only for tests."""
    remove(connection)
    try:
        yield
    finally:
        install(connection)
