"""How long a request may wait for the database. Commands have all the time in the world."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper


def limit_waiting(connection: BaseDatabaseWrapper, **_signal: Any) -> None:
    """Sets the limits of a new connection. What takes longer ends with an error (tracker/troubles.py)."""
    if connection.vendor == "postgresql" and settings.PGBOUNCER:
        if limited not in connection.execute_wrappers:
            connection.execute_wrappers.insert(0, limited)
        return
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"PRAGMA busy_timeout = {1000 * settings.LOCK_SECONDS}")
        else:
            cursor.execute(_limits("SESSION"))


def _limits(scope: str) -> str:
    """The statements that set the limits, for a SESSION, or LOCAL to a transaction."""
    seconds = {
        "lock_timeout": settings.LOCK_SECONDS,
        "statement_timeout": settings.STATEMENT_SECONDS,
        "idle_in_transaction_session_timeout": settings.IDLE_SECONDS,
    }
    return "; ".join(f"SET {scope} {name} = {1000 * value}" for name, value in seconds.items())


def limited(execute: Callable[..., Any], sql: Any, values: Any, many: bool, context: dict[str, Any]) -> Any:
    """Behind PgBouncer no session is ours: each transaction begins with its limits, and what writes outside
    of one is given one of its own. What reads outside of one is limited by nobody.
    """
    connection = context["connection"]
    if not connection.in_atomic_block:
        if str(sql).lstrip().startswith("SELECT"):
            return execute(sql, values, many, context)
        with transaction.atomic(using=connection.alias):
            return limited(execute, sql, values, many, context)
    if connection.connection.info.transaction_status.name == "IDLE":  # this statement begins it
        with connection.wrap_database_errors:
            connection.connection.execute(_limits("LOCAL"))
    return execute(sql, values, many, context)
