"""What many tests begin with is written once; later on its statements are repeated."""

import time
from collections.abc import Callable
from copy import deepcopy
from dataclasses import fields, is_dataclass
from functools import partial
from hashlib import blake2b
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Model
from django.utils import timezone
from time_machine import escape_hatch

Made = TypeVar("Made")
Statement = tuple[str, Any, bool]  # with its values, and whether these are many
YOUNG = 30.0  # seconds: tests take what was written for what has just happened
# What wrote something, what it returned and when, by all that it hung on.
_written: dict[Any, tuple[list[Statement], Any, float]] = {}


def once(make: Callable[..., Made], *given: Any, **more: Any) -> Made:
    """What `make` returns, and has written. It is called once for the same arguments, day and database, which
    SQLite tells byte for byte. Outside a transaction, where acts have effects beside the database, and on
    PostgreSQL, which gives no number twice, it is called each time.
    """
    if connection.vendor != "sqlite" or not connection.in_atomic_block:
        return make(*given, **more)
    before = (make, repr(_told((given, more))), _clock(), _database())
    statements, made, moment = _written.get(before, ([], None, -YOUNG))
    if time.monotonic() - moment < YOUNG:
        _repeat(statements)
        return deepcopy(made)
    _written[before] = _writing(partial(make, *given, **more))
    return deepcopy(_written[before][1])


def _told(value: Any) -> Any:
    """An argument by its values: two objects that say the same are the same."""
    if isinstance(value, Model):
        return type(value), {name: each for name, each in vars(value).items() if not name.startswith("_")}
    if is_dataclass(value):
        return [_told(getattr(value, field.name)) for field in fields(value)]
    if isinstance(value, dict):
        return {name: _told(each) for name, each in value.items()}
    return [_told(each) for each in value] if isinstance(value, (list, tuple)) else value


def _clock() -> tuple[Any, ...]:
    """The day, and how many minutes a test has moved the clock."""
    moved = time.time() - escape_hatch.time.time() if escape_hatch.is_travelling() else 0
    return timezone.localdate(), round(moved / 60)


def _database() -> bytes:
    return blake2b(connection.connection.serialize()).digest()


def _writing(make: Callable[[], Made]) -> tuple[list[Statement], Made, float]:
    statements: list[Statement] = []
    with connection.execute_wrapper(partial(_noted, statements)):
        return statements, make(), time.monotonic()


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
