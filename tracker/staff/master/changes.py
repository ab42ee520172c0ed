"""Every change of master data is one event: what it was called, and each value before and after."""

from collections.abc import Iterable, Mapping
from datetime import date

from django.db.models import Model

from tracker.choices import EventKind
from tracker.models import Category, Event, ExtraColumn, Indicator, Initiative, Manifesto, PlanProject, Pledge

# Never in an event: what nobody typed, and what nobody may read.
UNTOLD = {"password", "last_login", "date_joined", "source", "changed_at"}

Values = dict[str, object]  # by the name of a field, as JSON holds them
Change = tuple[object, object]  # before, after


def subject_of(instance: Model) -> str:
    """What an object's events are filed under."""
    key = instance.slug if isinstance(instance, Manifesto) else instance.pk
    return f"{instance._meta.model_name}:{key}"


def values_of(instance: Model, edited_with: Iterable[str] = ()) -> Values:
    """An object's values and those of its rows. `edited_with` names the rows: ("assignments",)."""
    values = _fields(instance)
    for field in instance._meta.many_to_many:
        through = field.remote_field.through
        is_plain = through and through._meta.auto_created  # others are told as rows
        if is_plain and (chosen := sorted(map(str, getattr(instance, field.name).all()))):
            values[field.name] = chosen
    for accessor in edited_with:
        for row in getattr(instance, accessor).all():
            values[f"{accessor}:{row.pk}"] = _fields(row)
    return values


def _fields(instance: Model) -> Values:
    told = [field for field in instance._meta.concrete_fields if not field.primary_key]
    return {field.name: _as_json(getattr(instance, field.name)) for field in told if field.name not in UNTOLD}


def _as_json(value: object) -> object:
    if isinstance(value, Model):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value


def changes_between(before: Values, after: Values) -> dict[str, Change]:
    """Each value that differs; None where there was, or is, none."""
    pairs = {name: (before.get(name), after.get(name)) for name in before | after}
    return {name: (was, now) for name, (was, now) in pairs.items() if was != now}


def _manifesto_of(instance: Model) -> str:
    """The slug of the manifesto in which a thing has its place; "" for what belongs to none, or to all."""
    if isinstance(instance, Indicator):
        return _manifesto_of(instance.initiative)
    if isinstance(instance, Initiative):
        return instance.pledge.section.manifesto.slug
    if isinstance(instance, Pledge):
        return instance.section.manifesto.slug
    return instance.manifesto.slug if isinstance(instance, (Category, PlanProject, ExtraColumn)) else ""


def recorded(instance: Model, act: str, changes: Mapping[str, Change]) -> Event:
    """What is recorded of one object's change."""
    kind = str(instance._meta.verbose_name)
    content = {"act": act, "model": kind, "name": str(instance), "changes": changes}
    if isinstance(instance, (Category, Pledge, Initiative)):
        content["place"] = instance.place
    if isinstance(instance, Indicator):
        content["place"] = instance.initiative.place
    if slug := _manifesto_of(instance):
        content["manifesto"] = slug
    return Event(kind=EventKind.CATALOGUE, subject=subject_of(instance), content=content)
