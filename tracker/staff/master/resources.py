"""Import and export of master data with django-import-export: what the resources of all models share.

Objects are found by natural keys (places, codes, names), never by ids. What import reads is what export
writes.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Generic

import tablib  # type: ignore[import-untyped]
from django.core.exceptions import ValidationError
from django.db.models import CharField, Model
from django.db.models import Field as ModelField
from import_export.fields import Field
from import_export.instance_loaders import BaseInstanceLoader
from import_export.resources import Resource
from import_export.results import Result, RowResult
from import_export.widgets import Widget

from tracker.models import Department, Manifesto, User
from tracker.staff.master.files import MasterFile
from tracker.staff.master.generic import DbField, M
from tracker.words.digests import canonical_json, sha256
from tracker.words.folding import fold
from tracker.words.typed_text import control_refusal, line_refusal
from tracker.words.visible import is_empty_to_the_eye
from tracker.workbooks.cell_text import with_line_feeds

EMPTY = "空欄にできません。"
Row = Mapping[str, str]  # headings and texts
Key = tuple[str, ...]  # the texts that tell an object, or a row, from all others
Parts = Sequence[object]


@dataclass(frozen=True)
class MasterImport:
    """What an import does, or did.

    `rows` can be taken: (number in the file, result with (before, after) of each cell as its `diff`).
    `counts` is how many are new, update and skip. `errors`: (row's number, column's heading, words).
    """

    rows: list[tuple[int, RowResult]]
    counts: Mapping[str, int]
    errors: list[tuple[int, str, str]]

    @property
    def writing(self) -> list[tuple[int, RowResult]]:
        return [(number, row) for number, row in self.rows if not row.is_skip()]

    @property
    def fingerprint(self) -> str:
        """The same for two imports that do the same."""
        return sha256(canonical_json([[number, row.import_type, row.diff] for number, row in self.rows]))


class CellWidget(Widget):  # type: ignore[misc]
    """A cell: `show` makes a text of a value, `read` a value of a text. `read` raises ValueError in words.

    A text is read without the white space around it, as a form reads it.
    """

    def __init__(self, read: Callable[..., object] = str.strip, show: Callable[..., object] = str) -> None:
        super().__init__()
        self.read, self.show = read, show

    def clean(self, value: str, row: Row | None = None, **kwargs: object) -> object:
        return self.read(value)

    def render(self, value: object, obj: object = None, **kwargs: object) -> str:
        return "" if value is None else with_line_feeds(str(self.show(value)))


class PartsField(Field):  # type: ignore[misc]
    """A column of what belongs to an object: as its row says, once it is read; else as `stored` finds it."""

    read: Callable[[str, Row], Parts]  # for a column `x` the resource's `read_x`

    def __init__(
        self, name: str, heading: str, stored: Callable[..., Parts], show: Callable[..., str]
    ) -> None:
        super().__init__(name, heading, CellWidget(show=show))
        self.stored = stored

    def clean(self, row: Row, **kwargs: object) -> Parts:
        return self.read(row[self.column_name], row)

    def get_value(self, instance: Model) -> Parts:
        read: Parts | None = vars(instance).get(self.attribute)
        return (self.stored(instance) if instance.pk else []) if read is None else read


class MasterResource(Resource, Generic[M]):  # type: ignore[misc]
    """The columns of one model's file, for one import or export.

    `may_lack` are headings that a file written by an earlier release does not have: what they tell stays.
    """

    may_lack: tuple[str, ...] = ()

    class Meta:
        skip_diff = True  # `after_import_row` tells the difference
        clean_model_instances = True
        store_instance = True
        instance_loader_class = BaseInstanceLoader

    def __init__(self, by: User) -> None:
        super().__init__()
        self.by = by
        self.seen: set[Key] = set()
        for name, field in self.fields.items():
            if isinstance(field, PartsField):
                field.read = getattr(self, f"read_{name}")

    @cached_property
    def manifestos(self) -> dict[str, Manifesto]:
        return Manifesto.objects.in_bulk(field_name="slug")

    @cached_property
    def departments(self) -> dict[str, Department]:
        return Department.objects.in_bulk(field_name="code")

    @cached_property
    def known(self) -> dict[Key, M]:
        """All objects, in one query."""
        return {self.key_of(each): each for each in self.get_queryset()}

    def manifesto_in(self, row: Row) -> Manifesto:
        """Raises ValidationError."""
        slug = fold(row["マニフェスト"])
        if slug not in self.manifestos:
            known = "、".join(self.manifestos)
            words = f"「{slug}」というマニフェストはありません。あるのは {known or 'なし'} です。"
            raise ValidationError({"manifesto": words})
        return self.manifestos[slug]

    def key_of(self, instance: M) -> Key:
        return tuple(self.export_field(self.fields[name], instance) for name in self.get_import_id_fields())

    def key_in(self, row: Row) -> Key:
        return tuple(self.fields[name].clean(row) for name in self.get_import_id_fields())

    def before_import_row(self, row: Row, **kwargs: object) -> None:
        told = {name: field for name, field in self.fields.items() if field.column_name in row}
        refused = {name: self._refusal(field, row[field.column_name]) for name, field in told.items()}
        if any(refused.values()):
            raise ValidationError({name: words for name, words in refused.items() if words})
        key = self.key_in(row)
        if key in self.seen:
            raise ValidationError(f"同じ「{' '.join(key)}」の行が、ファイルの中にもう一つあります。")
        self.seen.add(key)

    @cached_property
    def columns(self) -> dict[str, DbField]:
        """The model's fields by name."""
        return {each.name: each for each in self._meta.model._meta.concrete_fields}

    def _refusal(self, field: Field, text: str) -> str:
        """What to say to a cell that its field does not hold, as the form would say; "" to any other."""
        column = self.columns.get(field.attribute)
        if column and not column.blank and text and is_empty_to_the_eye(text):
            return EMPTY
        return control_refusal(text) or (line_refusal(text) if isinstance(column, CharField) else "")

    def get_instance(self, instance_loader: object, row: Row) -> M | None:
        return self.known.get(self.key_in(row))

    def init_instance(self, row: Row) -> M:
        return self._meta.model()  # type: ignore[no-any-return]

    def after_init_instance(self, instance: M, new: bool, row: Row, **kwargs: object) -> None:
        self.before: list[str] = [""] * len(self.fields) if new else self.export_resource(instance)

    def skip_row(self, instance: M, original: None, row: Row, import_validation_errors: object) -> bool:
        """Compares what is shown: not every column is a field of the model."""
        is_new = instance.pk is None
        return not (is_new or import_validation_errors) and self.export_resource(instance) == self.before

    def after_import_row(self, row: Row, row_result: RowResult, **kwargs: object) -> None:
        row_result.diff = list(zip(self.before, self.export_resource(row_result.instance), strict=True))

    def take_in(self, file: MasterFile, *, dry_run: bool) -> MasterImport:
        """Imports a file's rows, all or none. Where there are errors, nothing is written."""
        dataset = tablib.Dataset(*file.rows, headers=file.headings)
        result = self.import_data(dataset, dry_run=dry_run, rollback_on_validation_errors=True)
        numbered = zip(file.numbers, result.rows, strict=True)
        rows = [(number, row) for number, row in numbered if row.diff is not None]
        return MasterImport(rows, result.totals, sorted(self._errors(result, file.numbers)))

    def _errors(self, result: Result, numbers: tuple[int, ...]) -> list[tuple[int, str, str]]:
        headings = {field.name: str(field.verbose_name) for field in self._meta.model._meta.concrete_fields}
        for name, field in self.fields.items():
            headings[name] = headings[field.attribute] = field.column_name
        errors = [(1, "", str(error.error)) for error in result.base_errors]
        for bad in result.invalid_rows:
            for name, messages in bad.error_dict.items():
                told = (numbers[bad.number - 1], headings.get(name, ""))
                errors += [(*told, _in_our_words(message)) for message in messages]
        for failed in result.error_rows:
            words = f"この行は取り込めませんでした（{type(failed.errors[0].error).__name__}）。"
            errors.append((numbers[failed.number - 1], "", words))
        return errors


def _in_our_words(message: str) -> str:
    """Django's own words speak of fields, which a file does not have."""
    blank = {str(ModelField.default_error_messages["blank"]), str(ModelField.default_error_messages["null"])}
    return EMPTY if message in blank else message
