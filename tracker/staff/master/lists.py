"""Columns and filters of the lists of master data, in words of their own."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from functools import reduce
from typing import Any

from django.contrib import admin
from django.contrib.admin import EmptyFieldListFilter, RelatedFieldListFilter, RelatedOnlyFieldListFilter
from django.contrib.admin.views.main import ChangeList
from django.db.models import Model
from django.http import HttpRequest
from django.utils.timezone import localtime

from tracker.cycle import manifestos
from tracker.models import Category, Initiative, Pledge
from tracker.models.catalogue import NO_CATEGORY
from tracker.templatetags.tracker_public import date_and_time, japanese_date


@admin.display(description="番号")
def place(row: Category | Pledge | Initiative) -> str:
    return row.place


Choices = list[tuple[Any, Any]]  # of a filter: keys and words


def count_of(name: str, description: str) -> Callable[[Model], str]:
    """The column of a count that the list's query is annotated with."""

    def column(row: Model) -> str:
        return str(getattr(row, name))

    column.__name__ = name  # the cells' class
    return admin.display(column, description=description)


def when(name: str, description: str) -> Callable[[Model], str]:
    """The column of a day or a moment, written as on the other pages; sorted by it."""

    def column(row: Model) -> str:
        value: date | None = getattr(row, name)
        if isinstance(value, datetime):
            return str(date_and_time(localtime(value)))
        return str(japanese_date(value)) if value else ""

    column.__name__ = name  # the cells' class
    return admin.display(column, description=description, ordering=name)


def manifesto_column(names: Mapping[int, str], path: str) -> Callable[[Model], str]:
    """The column of the manifestos' names; `path` leads from a row to its manifesto."""
    *above, last = path.split("__")

    def column(row: Model) -> str:
        return names.get(getattr(reduce(getattr, above, row), f"{last}_id"), "")

    column.__name__ = "manifesto_name"  # the cells' class
    return admin.display(column, description="マニフェスト", ordering=path)


class ByManifesto(RelatedFieldListFilter):
    """By the manifesto, called so that none is taken for another."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Choices:
        return [(manifesto.pk, name) for manifesto, name in manifestos.names_of_all().items()]


class _InManifesto(RelatedFieldListFilter):
    """By things that belong to a manifesto: each manifesto has its own 1. and its own A."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Choices:
        named, names = super().field_choices(field, request, model_admin), manifestos.names()
        choices = [(pk, words or NO_CATEGORY) for pk, words in named]
        if not names:
            return choices
        whose = dict(field.related_model._default_manager.values_list("pk", "manifesto"))
        return [(pk, f"{words}（{names[whose[pk]]}）" if pk in whose else words) for pk, words in choices]


class ByRating(_InManifesto):
    """By the step of a scale."""


class ByField(_InManifesto, RelatedOnlyFieldListFilter):
    """By the field (分野) that a section belongs to."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = "分野"


class ByEmptiness(EmptyFieldListFilter):
    """By whether a field is empty."""

    words: tuple[str, ...]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = self.words[0]

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        names = ("全て", *self.words[1:])
        for choice, name in zip(super().choices(changelist), names, strict=True):
            yield {**choice, "display": name}


def by_emptiness(*words: str) -> type[ByEmptiness]:
    """The filter that is called and answered so: its title, empty, not empty."""
    return type("ByEmptiness", (ByEmptiness,), {"words": words})
