"""What a load wrote, row by row: what each said before, and says now. Taking back needs it."""

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model

from tracker.words.packing import pack, unpack

Values = dict[str, Any]  # of a row, by the names of its columns
# Columns that say nothing to a person: keys, and what the table itself is kept in.
SILENT = {"version", "source", "state", "is_imported", "was_reported", "reference_rating_id"}


def values_of(row: Model) -> Values:
    """A row's columns as JSON has them."""
    held = {column.attname: getattr(row, column.attname) for column in row._meta.concrete_fields}
    made: Values = json.loads(json.dumps(held, cls=DjangoJSONEncoder))
    return made


def name_of(row: Model) -> str:
    return row._meta.object_name or ""


def model_named(name: str) -> type[Model]:
    return apps.get_model("tracker", name)


def row_of(name: str, values: Values) -> Model:
    """An unsaved row with the values that a journal kept."""
    model = model_named(name)
    columns = {column.attname: column for column in model._meta.concrete_fields}
    return model(
        **{each: columns[each].to_python(value) for each, value in values.items() if each in columns}
    )


class JournalLine(NamedTuple):
    """One row that was written: what it said before (None: it was made) and says now (None: it is gone)."""

    model: str
    pk: int
    before: Values | None
    now: Values | None

    @property
    def is_seen(self) -> bool:
        """Whether a person sees it: more has changed than where a table had the row."""
        if self.before is None or self.now is None:
            return True
        return any(self.before.get(name) != value for name, value in self.now.items() if name not in SILENT)


class Journal:
    """The lines of one load, in the order of writing."""

    def __init__(self) -> None:
        self._before: dict[tuple[str, int], Values] = {}
        self.lines: list[JournalLine] = []

    def created(self, rows: Iterable[Model]) -> None:
        for row in rows:
            self.lines.append(JournalLine(name_of(row), row.pk, None, values_of(row)))

    def deleting(self, rows: Iterable[Model]) -> None:
        for row in rows:
            self.lines.append(JournalLine(name_of(row), row.pk, values_of(row), None))

    def changing(self, row: Model) -> None:
        """Keeps what a row says before it is changed."""
        self._before[name_of(row), row.pk] = values_of(row)

    def wrote(self, rows: Iterable[Model]) -> None:
        """What those rows say now."""
        for row in rows:
            before = self._before.pop((name_of(row), row.pk))
            self.lines.append(JournalLine(name_of(row), row.pk, before, values_of(row)))

    def packed(self) -> bytes:
        return pack(self.lines)


def lines_of(packed: bytes | memoryview) -> list[JournalLine]:
    """The lines of a packed journal."""
    return [JournalLine._make(line) for line in unpack(packed)]
