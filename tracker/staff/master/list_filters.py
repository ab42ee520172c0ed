"""Filters beside the lists of master data, in words of their own."""

from collections.abc import Iterator
from typing import Any

from django.contrib.admin import EmptyFieldListFilter, RelatedOnlyFieldListFilter
from django.contrib.admin.views.main import ChangeList


class ByField(RelatedOnlyFieldListFilter):
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
