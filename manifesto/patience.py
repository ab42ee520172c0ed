"""How long a request may wait for the database. Commands have all the time in the world."""

from typing import Any

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper


def limit_waiting(connection: BaseDatabaseWrapper, **_signal: Any) -> None:
    """Sets the limits of a new connection. What takes longer ends with an error (tracker/troubles.py)."""
    lock, statement, idle = (
        1000 * seconds
        for seconds in (settings.LOCK_SECONDS, settings.STATEMENT_SECONDS, settings.IDLE_SECONDS)
    )
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"PRAGMA busy_timeout = {lock}")
        else:
            cursor.execute(
                f"SET lock_timeout = {lock}; SET statement_timeout = {statement};"
                f" SET idle_in_transaction_session_timeout = {idle}"
            )
