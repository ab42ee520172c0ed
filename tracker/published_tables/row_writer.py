"""How a load writes rows: what is missing or differs, with a journal, counts and what is told by name."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Model

from tracker.models import Category, Initiative, Pledge
from tracker.published_tables.journal import Journal
from tracker.words.places import written

Key = TypeVar("Key")
Kept = TypeVar("Kept", bound=Model)
Values = dict[str, Any]
# The public's words.
WORDINGS: dict[type[Model], str] = {Category: "name", Pledge: "text", Initiative: "name"}


class LoadingProblem(Exception):  # noqa: N818 - the field's own word for it
    """A table that must not be written; the message says why and what to do."""


class RowWriter:
    """Writes the rows of one load. What it tells: see `LoadingOutcome`."""

    def __init__(self) -> None:
        self.created, self.changed = Counter[str](), Counter[str]()
        self.named: dict[str, list[str]] = {}
        self.reworded: list[tuple[str, str, str]] = []
        self.journal = Journal()

    def keep(
        self, model: type[Kept], there: Mapping[Key, Kept], wanted: Mapping[Key, Values], **common: object
    ) -> dict[Key, Kept]:
        """Creates what is missing and updates what differs, all with the values that they have in `common`.

        Returns all wanted rows by key.
        """
        new = {key: model(**values, **common) for key, values in wanted.items() if key not in there}
        kept = {key: there.get(key) or new[key] for key in wanted}
        differing, names = [], set[str]()
        for key, row in kept.items():
            different = {n: v for n, v in {**wanted[key], **common}.items() if getattr(row, n) != v}
            if different and key in there:
                self.journal.changing(row)
                self._note_wording(key, row, different)
            for name, value in different.items():
                setattr(row, name, value)
            if different:
                differing.append(row)
                names |= different.keys()
        for row in (*new.values(), *differing):
            _refuse_impossible(row)
        model._default_manager.bulk_create(new.values(), batch_size=500)
        if differing:
            model._default_manager.bulk_update(differing, sorted(names), batch_size=500)
        self.journal.created(new.values())
        self.journal.wrote(differing)
        # What a pledge does not stand in is a category without a name: nobody counts it.
        for_none = [row for row in new.values() if isinstance(row, Category) and not row.name]
        self.created[model.__name__] += len(new) - len(for_none)
        self.changed[model.__name__] += len(differing)
        return kept

    def name(self, what: str, names: Iterable[str]) -> None:
        """Tells something by name, if there is any of it."""
        if found := list(names):
            self.named[what] = found

    def _note_wording(self, key: object, row: Model, different: Values) -> None:
        """Somebody may have corrected it since the last table: what stood there is told."""
        name = WORDINGS.get(type(row), "")
        if name in different and (before := getattr(row, name)):
            place = written(key) if isinstance(key, tuple) else str(key)
            self.reworded.append((place, before, different[name]))


def _refuse_impossible(row: Model) -> None:
    """Raises LoadingProblem for what its column does not hold; SQLite would take it."""
    for column in row._meta.concrete_fields:
        value = getattr(row, column.attname)
        try:
            if value not in column.empty_values:
                column.run_validators(value)
        except ValidationError as problem:
            told = (
                f"{row._meta.verbose_name}の「{column.verbose_name}」を書き込めません。{problem.messages[0]}"
            )
            raise LoadingProblem(f"{told}：{str(value)[:60]}") from problem
