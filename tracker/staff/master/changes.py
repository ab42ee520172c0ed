"""Every change of master data is one event: what it was called, and each value before and after."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import Model

from tracker.choices import EventKind
from tracker.cycle.events import Happening
from tracker.models import Manifesto

# Never in an event: what nobody typed, and what nobody may read.
UNTOLD = {"password", "last_login", "date_joined", "source"}

Values = dict[str, Any]


def subject_of(instance: Model) -> str:
    """What an object's events are filed under."""
    key = instance.slug if isinstance(instance, Manifesto) else instance.pk
    return f"{instance._meta.model_name}:{key}"


def snapshot(instance: Model, accessors: Iterable[str] = ()) -> Values:
    """An object's values by field name, and those of the rows that are edited with it (`accessors`:
    "assignments").
    """
    values = _fields(instance)
    for field in instance._meta.many_to_many:
        if field.remote_field.through._meta.auto_created:  # type: ignore[union-attr]
            related = getattr(instance, field.name).all()
            if chosen := sorted(map(str, related)):
                values[field.name] = chosen
    for accessor in accessors:
        for row in getattr(instance, accessor).all():
            values[f"{accessor}:{row.pk}"] = _fields(row)
    return values


def _fields(instance: Model) -> Values:
    fields = [
        field
        for field in instance._meta.concrete_fields
        if not field.primary_key and field.name not in UNTOLD
    ]
    return {field.name: _plain(getattr(instance, field.name)) for field in fields}


def _plain(value: Any) -> Any:
    """A value as JSON holds it."""
    if isinstance(value, Model):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value


def differences(before: Values, after: Values) -> dict[str, list[Any]]:
    """[before, after] of each value that differs; None where there was, or is, none."""
    names = [*before, *(name for name in after if name not in before)]
    return {
        name: [before.get(name), after.get(name)] for name in names if before.get(name) != after.get(name)
    }


def happening(instance: Model, act: str, changes: dict[str, list[Any]]) -> Happening:
    """What is recorded of one object's change."""
    content = {
        "act": act,
        "model": str(instance._meta.verbose_name),
        "name": str(instance),
        "changes": changes,
    }
    return Happening(EventKind.CATALOGUE, subject_of(instance), content)
