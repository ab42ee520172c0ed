"""A table's rows as lines of JSON, in which no database has a part: read from one, written into another."""

import base64
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from hashlib import sha256
from itertools import islice
from typing import Any

from django.apps.registry import Apps
from django.core.management.color import no_style
from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper

CHUNK = 2_000  # rows held at a time
# What JSON has no word for stands as {one of these words: its text}; what is JSON itself as {"json": …}.
READERS: dict[str, Callable[[Any], Any]] = {
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "decimal": Decimal,
    "bytes": base64.b64decode,
    "json": lambda value: value,
}


# Whoever reads a backup must not come in by it: who is logged in, and what is counted against guessing.
LEFT_OUT = {"sessions", "axes"}
LEFT_OUT_TABLES = {"tracker.SentForm"}  # names of sessions that live; of use for minutes only


def is_left_out(label: str) -> bool:
    """Whether a backup is without this table. Those of before may have it."""
    return label.partition(".")[0] in LEFT_OUT or label in LEFT_OUT_TABLES


def tables(apps: Apps) -> list[type[models.Model]]:
    """All tables that a backup has, those between two others as well, by name."""
    every = apps.get_models(include_auto_created=True)
    ours = (
        model
        for model in every
        if model._meta.managed and not model._meta.proxy and not is_left_out(model._meta.label)
    )
    return sorted(ours, key=lambda model: model._meta.label_lower)


def columns(model: type[models.Model]) -> list[str]:
    """What Django calls a table's columns, by name: their order differs from database to database."""
    return sorted(field.attname for field in model._meta.concrete_fields)


def lines(model: type[models.Model], alias: str) -> Iterator[bytes]:
    """A line for each row, by its key: its values in the order of `columns`."""
    rows = model._base_manager.using(alias).order_by("pk").values_list(*columns(model))
    for row in rows.iterator(chunk_size=CHUNK):
        yield as_line(row)


def as_line(row: Sequence[Any]) -> bytes:
    """One spelling of a row: equal rows have equal lines."""
    told = json.dumps([_told(value) for value in row], ensure_ascii=False, sort_keys=True)
    return told.encode("utf-8", "surrogatepass") + b"\n"


def as_row(line: bytes) -> list[Any]:
    """The values of a line. Raises ValueError for what `as_line` did not make."""
    told = json.loads(line.decode("utf-8", "surrogatepass"))
    if not isinstance(told, list):
        raise ValueError("a row is a list")
    return [_read(value) for value in told]


def digest(model: type[models.Model], alias: str) -> str:
    """SHA-256 of all lines of a table."""
    whole = sha256()
    for line in lines(model, alias):
        whole.update(line)
    return whole.hexdigest()


def delete_all(model: type[models.Model], alias: str) -> None:
    """Deletes a table's rows, whatever hangs on them."""
    connection = connections[alias]
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {connection.ops.quote_name(model._meta.db_table)}")  # noqa: S608 - ours


def write(model: type[models.Model], names: Sequence[str], given: Iterable[bytes], alias: str) -> int:
    """Writes rows as they are told, keys and times as well; how many. `names`: what each value is of."""
    connection = connections[alias]
    by_name = {field.attname: field for field in model._meta.concrete_fields}
    fields = [by_name[name] for name in names]
    quoted = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    table = connection.ops.quote_name(model._meta.db_table)
    statement = f"INSERT INTO {table} ({quoted}) VALUES ({', '.join(['%s'] * len(fields))})"  # noqa: S608
    remaining, count = iter(given), 0
    with connection.cursor() as cursor:
        while held := list(islice(remaining, CHUNK)):
            cursor.executemany(statement, [_for_database(fields, as_row(line), connection) for line in held])
            count += len(held)
        for reset in connection.ops.sequence_reset_sql(no_style(), [model]):
            cursor.execute(reset)
    return count


def _for_database(
    fields: "Sequence[models.Field[Any, Any]]", row: Sequence[Any], connection: BaseDatabaseWrapper
) -> list[Any]:
    return [f.get_db_prep_save(value, connection) for f, value in zip(fields, row, strict=True)]


def _told(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, datetime | date | time):  # a datetime is a date
        word = "datetime" if isinstance(value, datetime) else "date" if isinstance(value, date) else "time"
        return {word: value.isoformat()}
    if isinstance(value, Decimal):
        return {"decimal": str(value)}
    if isinstance(value, bytes | memoryview):
        return {"bytes": base64.b64encode(value).decode()}
    return {"json": value}


def _read(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    ((word, told),) = value.items()
    if word not in READERS:
        raise ValueError(f"no kind of value is called {word}")
    return READERS[word](told)
