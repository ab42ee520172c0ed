"""What many tests begin with is written once; later on its statements are repeated."""

from collections.abc import Callable
from copy import deepcopy
from functools import partial
from typing import Any, TypeVar

from django.db import connection
from django.utils import timezone

from tracker.models import Event

Made = TypeVar("Made")
Statement = tuple[str, Any, bool]  # with its values, and whether these are many
# What wrote something, and what it returned, by how the database stood before.
_written: dict[Any, tuple[list[Statement], Any]] = {}


def once(make: Callable[..., Made], *given: Any) -> Made:
    """What `make` returns, which writes what hangs on the database and the day only. On PostgreSQL it is
    called each time, for that gives no number twice.
    """
    if connection.vendor != "sqlite":
        return make(*given)
    before = (make, timezone.localdate(), _last_numbers(), _last_event())
    if before in _written:
        _repeat(_written[before][0])
    else:
        _written[before] = _writing(make, *given)
    return deepcopy(_written[before][1])


def _writing(make: Callable[..., Made], *given: Any) -> tuple[list[Statement], Made]:
    statements: list[Statement] = []
    with connection.execute_wrapper(partial(_noted, statements)):
        return statements, make(*given)


def _last_numbers() -> tuple[tuple[str, int], ...]:
    """The last number of a row in each table: SQLite goes back to it with a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, seq FROM sqlite_sequence ORDER BY name")
        return tuple(cursor.fetchall())


def _last_event() -> str:
    """Tells all that was recorded before, for each event has the hash of its predecessor in its own."""
    return Event.objects.order_by("number").values_list("own_hash", flat=True).last() or ""


def _noted(
    statements: list[Statement], execute: Callable[..., Any], sql: str, values: Any, many: bool, context: Any
) -> Any:
    if sql.startswith(("INSERT", "UPDATE", "DELETE")):
        statements.append((sql, values, many))
    return execute(sql, values, many, context)


def _repeat(statements: list[Statement]) -> None:
    with connection.cursor() as cursor:
        for sql, values, is_of_many in statements:
            (cursor.executemany if is_of_many else cursor.execute)(sql, values)
