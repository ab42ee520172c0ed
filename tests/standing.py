"""What a database is made of, as text: two that are the same tell the same, however each was made.

The order of columns is left out, and so are the names that Django makes up: they keep what a table was called
at first.
"""

from typing import Any

from django.apps import apps
from django.db import connection

POSTGRESQL = {
    "columns": """
        SELECT table_name, column_name, '', concat_ws(' ', data_type, character_maximum_length,
            CASE is_nullable WHEN 'NO' THEN 'NOT NULL' END, column_default, identity_generation)
        FROM information_schema.columns WHERE table_schema = 'public'""",
    "constraints": """
        SELECT conrelid::regclass::text, '', conname, pg_get_constraintdef(oid)
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace""",
    "indexes": "SELECT tablename, '', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "triggers": """
        SELECT tgrelid::regclass::text, '', tgname, pg_get_triggerdef(oid) || pg_get_functiondef(tgfoid)
        FROM pg_trigger WHERE NOT tgisinternal""",
}
SQLITE = "SELECT type, tbl_name, name, sql FROM sqlite_master WHERE sql IS NOT NULL"


def schema() -> list[list[str]]:
    """Columns, constraints, indexes and triggers: each with its table and its definition, sorted."""
    return sorted(_postgresql() if connection.vendor == "postgresql" else _sqlite())


def _postgresql() -> list[list[str]]:
    found = []
    for kind, statement in POSTGRESQL.items():
        for table, column, name, definition in _ask(statement):
            found.append([kind, table, column, *_named(name, definition)])
    return found


def _sqlite() -> list[list[str]]:
    """A table's definition holds its columns and constraints, between commas."""
    found = []
    for kind, table, name, definition in _ask(SQLITE):
        if kind == "table":
            found += [[kind, table, part] for part in parts(definition)]
        else:
            found.append([kind, table, *_named(name, definition)])
    return found


def _ask(statement: str) -> list[tuple[str, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


def _named(name: str, definition: str) -> tuple[str, str]:
    """A name of ours beside the definition, or none."""
    is_ours = name in given_names() or name.startswith("manifesto_frozen_")
    return (name, definition) if is_ours else ("", definition.replace(name, "…"))


def given_names() -> set[str]:
    """The names of indexes and constraints that the models say."""
    told = [model._meta for model in apps.get_models()]
    return {each.name for meta in told for each in (*meta.constraints, *meta.indexes)}


def parts(definition: str) -> list[str]:
    """What stands in a definition's brackets, cut at its commas."""
    found, depth = [""], 0
    for sign in definition[definition.index("(") + 1 : definition.rindex(")")]:
        depth += (sign == "(") - (sign == ")")
        if sign == "," and not depth:
            found.append("")
        else:
            found[-1] += sign
    return [part.strip() for part in found]


def rows() -> dict[str, Any]:
    """The rows of our tables that have any; not when a migration put them in."""
    models = apps.get_app_config("tracker").get_models(include_auto_created=True)
    found = {model._meta.db_table: list(model._base_manager.order_by("pk").values()) for model in models}
    for synonym in found["tracker_synonym"]:
        del synonym["changed_at"]
    return {table: held for table, held in found.items() if held}
