"""Import and export of master data: what a file's columns show of an object, and what a row does to it.

Objects are found by natural keys (places, codes, names), never by ids. What import reads is what export
writes.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from django.db.models import Field, Model, QuerySet

from tracker.models import User
from tracker.staff.master.files import MasterFile
from tracker.staff.master.generic import M
from tracker.words.digests import canonical_json, sha256
from tracker.words.folding import fold
from tracker.workbooks.cell_text import with_line_feeds

Row = Mapping[str, str]  # a column's name and the text in it


@dataclass(frozen=True)
class MasterRow:
    """A row that can be taken, and what it does to an object."""

    number: int  # in the file
    kind: str  # new, update, skip
    cells: list[tuple[str, str]]  # before, after
    instance: Model


@dataclass(frozen=True)
class MasterImport:
    """What an import does, or did. `errors`: (row's number, column's heading, words)."""

    rows: list[MasterRow]
    errors: list[tuple[int, str, str]]

    def count(self, kind: str) -> int:
        return sum(row.kind == kind for row in self.rows)

    @property
    def new(self) -> int:
        return self.count("new")

    @property
    def updated(self) -> int:
        return self.count("update")

    @property
    def skipped(self) -> int:
        return self.count("skip")

    @property
    def writing(self) -> list[MasterRow]:
        return [row for row in self.rows if row.kind != "skip"]

    @property
    def fingerprint(self) -> str:
        """The same for two imports that do the same."""
        return sha256(canonical_json([[row.number, row.kind, row.cells] for row in self.rows]))


class MasterExchange(ABC, Generic[M]):
    """The file of one model, read or written once.

    A column `x` is shown by `show_x(instance)` and taken by `take_x(instance, text)`, which raises ValueError
    with words for the person. Without these methods it is the field of its name. The key is never taken.
    """

    columns: Mapping[str, str]  # name and heading
    key: tuple[str, ...]  # the columns that find the object

    def __init__(self, by: User) -> None:
        self.by = by
        self.seen: set[tuple[str, ...]] = set()

    @property
    def headings(self) -> list[str]:
        return list(self.columns.values())

    @abstractmethod
    def stored(self) -> QuerySet[M]:
        """All objects, in the order of the file."""

    @abstractmethod
    def prepare(self, rows: Sequence[Row]) -> None:
        """Reads what the rows will ask for, in few queries."""

    @abstractmethod
    def find(self, row: Row) -> M:
        """The object of a row, or a new one with its key set. Raises ValidationError by column."""

    def save_related(self, instance: M) -> None:
        """Writes what a row says beyond the object's own fields."""

    def finish(self) -> None:
        """Writes what needs all rows. Called when there is no error."""

    def shown(self, instance: M) -> list[str]:
        """An object as a row of text."""
        return [self._show(name, instance) for name in self.columns]

    def _show(self, name: str, instance: M) -> str:
        show = getattr(self, f"show_{name}", None)
        value = show(instance) if show else getattr(instance, name)
        return "" if value is None else with_line_feeds(str(value))

    def take_in(self, file: MasterFile) -> MasterImport:
        """Writes a file's rows. The caller rolls back a dry run, and an import with errors."""
        names = {heading: name for name, heading in self.columns.items()}
        in_file = [names[heading] for heading in file.headings]
        rows = [dict(zip(in_file, cells, strict=True)) for cells in file.rows]
        self.prepare(rows)
        taken: list[MasterRow] = []
        errors: list[tuple[int, str, str]] = []
        for number, row in zip(file.numbers, rows, strict=True):
            try:
                with transaction.atomic():
                    taken.append(self._take_row(number, row))
            except ValidationError as problem:
                errors += [(number, *told) for told in self._in_words(problem)]
            except Exception as problem:  # whatever a row trips over, the errors of the others are told, too
                errors.append((number, "", f"この行は取り込めませんでした（{type(problem).__name__}）。"))
        if not errors:
            self.finish()
        return MasterImport(taken, sorted(errors))

    def _take_row(self, number: int, row: Row) -> MasterRow:
        """Raises ValidationError by column."""
        key = self.key_in(row)
        if key in self.seen:
            words = "同じ「{}」の行が、ファイルの中にもう一つあります。".format(" ".join(key))
            raise ValidationError({NON_FIELD_ERRORS: words})
        self.seen.add(key)
        instance = self.find(row)
        is_new = instance.pk is None
        before = [""] * len(self.columns) if is_new else self.shown(instance)
        problems = self._take_cells(instance, row)
        if not is_new and not problems and self.shown(instance) == before:
            kind = "skip"
        else:
            _check(instance, problems)
            instance.save()
            self.save_related(instance)
            kind = "new" if is_new else "update"
        return MasterRow(number, kind, list(zip(before, self.shown(instance), strict=True)), instance)

    def _take_cells(self, instance: M, row: Row) -> dict[str, list[ValidationError]]:
        """Sets what a row says. What it cannot take, by column."""
        problems = {}
        for name in self.columns:
            try:
                if take := getattr(self, f"take_{name}", None):
                    take(instance, row[name])
                elif name not in self.key:
                    setattr(instance, name, row[name])
            except ValueError as problem:
                problems[name] = [ValidationError(str(problem))]
        return problems

    def key_in(self, row: Row) -> tuple[str, ...]:
        """What tells a row from all others; full-width digits are digits."""
        return tuple(fold(row[name]) for name in self.key)

    def _in_words(self, problem: ValidationError) -> Iterable[tuple[str, str]]:
        """(column's heading, words); the heading is "" where it is about the row."""
        fields = {field.name: str(field.verbose_name) for field in self.stored().model._meta.concrete_fields}
        headings = {**fields, **self.columns}
        for name, messages in problem.message_dict.items():
            for message in messages:
                yield headings.get(name, ""), _in_our_words(message)


def _check(instance: Model, problems: dict[str, list[ValidationError]]) -> None:
    """Raises ValidationError for what the cells and the database's own rules forbid."""
    try:
        instance.full_clean(exclude=problems)
    except ValidationError as problem:
        problem.update_error_dict(problems)
    if problems:
        raise ValidationError(problems)


def _in_our_words(message: str) -> str:
    """Django's own words speak of fields, which a file does not have."""
    blank = {str(Field.default_error_messages["blank"]), str(Field.default_error_messages["null"])}
    return "空欄にできません。" if message in blank else message
