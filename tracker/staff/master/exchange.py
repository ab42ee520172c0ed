"""Import and export of master data: what a table's columns show of an object, and take from a row.

Rows are found by natural keys (places, codes, names), never by ids. What import reads is what export writes.
"""

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model
from import_export.resources import Diff, ModelResource

from tracker.staff.master.master_admin import YEARS
from tracker.words.folding import fold

YES = "はい"
NONE = "なし"
ANSWERS = {
    "はい": True,
    "○": True,
    "1": True,
    "true": True,
    "いいえ": False,
    "": False,
    "0": False,
    "false": False,
}


class PlainDiff(Diff):  # type: ignore[misc]
    """(before, after) of each column, as text: the template shows it."""

    def __init__(self, resource: "MasterResource", instance: Any, new: bool) -> None:
        self.left, self.new = resource.shown(instance), new
        self.right: list[str] = []

    def compare_with(self, resource: "MasterResource", instance: Any) -> None:
        self.right = resource.shown(instance)

    def as_html(self) -> list[tuple[str, str]]:
        return [
            ("" if self.new else before, after) for before, after in zip(self.left, self.right, strict=True)
        ]


class MasterResource(ModelResource):  # type: ignore[misc]
    """A table of one model. A column `x` is shown by `show_x(instance)` and taken by `take_x(instance,
    text)`.
    """

    class Meta:
        skip_unchanged = True
        report_skipped = True
        use_transactions = True
        clean_model_instances = True
        store_instance = True

    key: tuple[str, ...] = ()  # the columns that find the row

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.seen: set[tuple[str, ...]] = set()

    @classmethod
    def get_diff_class(cls) -> type[Diff]:
        return PlainDiff

    def _check_import_id_fields(self, headers: Any) -> None:
        """The headings were compared before (exchange.py)."""

    @property
    def headings(self) -> list[str]:
        return [str(field.column_name) for field in self.get_import_fields()]

    def shown(self, instance: Any) -> list[str]:
        """An object as a row of text."""
        return [self.export_field(field, instance) for field in self.get_import_fields()]

    def export_field(self, field: Any, instance: Any, **kwargs: Any) -> str:
        show = getattr(self, f"show_{field.attribute}", None)
        value = show(instance) if show else getattr(instance, field.attribute)
        return "" if value is None else str(value)

    def import_field(self, field: Any, instance: Any, row: Any, is_m2m: bool = False, **kwargs: Any) -> None:
        """Raises ValueError with words for the person, which import-export gathers by column."""
        text = row[field.column_name]
        take = getattr(self, f"take_{field.attribute}", None)
        if take:
            take(instance, text)
        elif field.attribute not in self.key:
            setattr(instance, field.attribute, text)

    def get_or_init_instance(self, instance_loader: Any, row: Any) -> tuple[Model, bool]:
        texts = self.key_in(row)
        if texts in self.seen:
            raise ValidationError(
                "同じ「{}」の行が、ファイルの中にもう一つあります。".format(" ".join(texts))
            )
        self.seen.add(texts)
        found = self.find(row)
        return found, found.pk is None

    def key_in(self, row: Any) -> tuple[str, ...]:
        """What tells a row from all others."""
        return tuple(self.text_of(row, name) for name in self.key)

    def find(self, row: Any) -> Model:
        """The object of a row, or a new one with its key set. Raises ValidationError."""
        raise NotImplementedError

    def text_of(self, row: Any, name: str) -> str:
        """A key's text, folded: full-width digits are digits."""
        return fold(row[self.fields[name].column_name])

    def skip_row(self, instance: Any, original: Any, row: Any, import_validation_errors: Any = None) -> bool:
        unchanged: bool = original.pk is not None and self.shown(instance) == self.shown(original)
        return unchanged and not import_validation_errors

    def after_import(self, dataset: Any, result: Any, **kwargs: Any) -> None:
        """No ids are imported, so no sequence is to be reset."""


def number_of(text: str) -> int | None:
    """A year; None for blank. Raises ValueError."""
    folded = fold(text)
    if not folded:
        return None
    if not re.fullmatch(r"\d{4}", folded) or int(folded) not in YEARS:
        raise ValueError(f"「{text}」は年度として読めません。西暦 4 桁で書いてください（例：2024）。")
    return int(folded)


def answer_of(text: str) -> bool:
    """はい, or blank. Raises ValueError."""
    answer = ANSWERS.get(fold(text).lower())
    if answer is None:
        raise ValueError(f"「{text}」は読めません。「はい」か空欄にしてください。")
    return answer


def lines_of(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def fold_spaced(text: str) -> str:
    """Each word folded, the spaces between them kept."""
    return " ".join(fold(word) for word in text.split())
