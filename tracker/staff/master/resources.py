"""Import and export of master data with django-import-export: what the resources of all models share.

Objects are found by natural keys (places, codes, names), never by ids. What import reads is what export
writes. A column `x` that is no field of the model is shown by `dehydrate_x(instance)` and read by
`read_x(text, row)`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import tablib  # type: ignore[import-untyped]
from django.core.exceptions import ValidationError
from django.db.models import Field as ModelField
from django.db.models import Model
from import_export.instance_loaders import BaseInstanceLoader
from import_export.resources import Diff, ModelResource
from import_export.results import Result
from import_export.widgets import Widget

from tracker.models import Manifesto, User
from tracker.staff.master.files import MasterFile
from tracker.words.digests import canonical_json, sha256
from tracker.words.folding import fold
from tracker.workbooks.cell_text import with_line_feeds

Row = Mapping[str, str]  # headings and texts


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


class CellWidget(Widget):  # type: ignore[misc]
    """A cell: `show` makes a text of a value, `read` a value of a text. `read` raises ValueError in words."""

    def __init__(self, read: Callable[..., object] = str, show: Callable[..., object] = str) -> None:
        super().__init__()
        self.read, self.show = read, show

    def clean(self, value: str, row: Row | None = None, **kwargs: object) -> object:
        return self.read(value)

    def render(self, value: object, obj: object = None, **kwargs: object) -> str:
        return "" if value is None else with_line_feeds(str(self.show(value)))


class RowWidget(CellWidget):
    """A cell that is read with the rest of its row."""

    def clean(self, value: str, row: Row | None = None, **kwargs: object) -> object:
        return self.read(value, row)


class KnownLoader(BaseInstanceLoader):  # type: ignore[misc]
    """Finds objects by the texts of their keys, all of them in one query."""

    def __init__(self, resource: "MasterResource", dataset: object = None) -> None:
        super().__init__(resource, dataset)
        self.known = {resource.key_of(each): each for each in resource.get_queryset()}

    def get_instance(self, row: Row) -> Model | None:
        return self.known.get(self.resource.key_in(row))


class TextDiff(Diff):  # type: ignore[misc]
    """(before, after) of each column, as the export shows it."""

    def __init__(self, resource: "MasterResource", instance: Model, new: bool) -> None:
        self.left = resource.before

    def compare_with(self, resource: "MasterResource", instance: Model) -> None:
        self.right: list[str] = resource.export_resource(instance)

    def as_html(self) -> list[tuple[str, str]]:
        return list(zip(self.left, self.right, strict=True))


class MasterResource(ModelResource):  # type: ignore[misc]
    """The columns of one model's file, for one import or export."""

    class Meta:
        skip_unchanged = True
        report_skipped = True
        clean_model_instances = True
        store_instance = True
        instance_loader_class = KnownLoader

    def __init__(self, by: User) -> None:
        super().__init__()
        self.by = by
        self.seen: set[tuple[str, ...]] = set()
        for name, field in self.fields.items():
            if read := getattr(self, f"read_{name}", None):
                field.widget = RowWidget(read)

    @classmethod
    def get_diff_class(cls) -> type[Diff]:
        return TextDiff

    @cached_property
    def manifestos(self) -> dict[str, Manifesto]:
        return {manifesto.slug: manifesto for manifesto in Manifesto.objects.all()}

    def manifesto_in(self, row: Row) -> Manifesto:
        """Raises ValidationError."""
        slug = fold(row["マニフェスト"])
        if slug not in self.manifestos:
            raise ValidationError({"manifesto": f"「{slug}」というマニフェストはありません。"})
        return self.manifestos[slug]

    def key_of(self, instance: Model) -> tuple[str, ...]:
        """What tells an object from all others."""
        return tuple(self.export_field(self.fields[name], instance) for name in self.get_import_id_fields())

    def key_in(self, row: Row) -> tuple[str, ...]:
        """What tells a row from all others."""
        return tuple(self.fields[name].clean(row) for name in self.get_import_id_fields())

    def before_import_row(self, row: Row, **kwargs: object) -> None:
        key = self.key_in(row)
        if key in self.seen:
            raise ValidationError(f"同じ「{' '.join(key)}」の行が、ファイルの中にもう一つあります。")
        self.seen.add(key)

    def after_init_instance(self, instance: Model, new: bool, row: Row, **kwargs: object) -> None:
        self.before: list[str] = [""] * len(self.fields) if new else self.export_resource(instance)

    def skip_row(
        self, instance: Model, original: Model, row: Row, import_validation_errors: object = None
    ) -> bool:
        """Compares what is shown: not every column is a field of the model."""
        is_new = original.pk is None
        return not (is_new or import_validation_errors) and self.export_resource(instance) == self.before

    def after_import(self, dataset: object, result: Result, **kwargs: object) -> None:
        """No ids are imported, so no sequence is to be reset."""

    def take_in(self, file: MasterFile, *, dry_run: bool) -> MasterImport:
        """Imports a file's rows, all or none. Where there are errors, nothing is written."""
        dataset = tablib.Dataset(*file.rows, headers=file.headings)
        result = self.import_data(dataset, dry_run=dry_run, rollback_on_validation_errors=True)
        rows = [
            MasterRow(number, row.import_type, row.diff, row.instance)
            for number, row in zip(file.numbers, result.rows, strict=True)
            if row.diff is not None
        ]
        return MasterImport(rows, sorted(self._errors(result, file.numbers)))

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
    return "空欄にできません。" if message in blank else message
