"""A choice among many things by typing part of a name.

A plain text field with the browser's own list of suggestions is as accessible as any text field, and works
without JavaScript. Where there are too many to list, the script asks the admin's autocomplete for those that
match.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, Self

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import QueryDict
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString

from tracker.staff.master.generic import DbField, M
from tracker.words.folding import fold_for_search

Attrs = Mapping[str, object] | None

LISTED = 300  # suggestions that are part of the page
SPARE = 3  # empty fields after those that are filled


class NameWidget(forms.Widget):
    """One text field, or one per thing and some empty ones."""

    field: "ByName[Any]"

    def render(self, name: str, value: object, attrs: Attrs = None, renderer: object = None) -> SafeString:
        texts, attrs = self.field.texts(value), attrs or {}
        texts += [""] * (SPARE if self.field.takes_many else 1 - len(texts))
        context = {
            "name": name,
            "texts": texts,
            "attrs": attrs,
            "described_by": attrs.get("aria-describedby"),
            "is_invalid": "aria-invalid" in attrs,
            "names": self.field.suggestions(),
            "source": reverse("admin:autocomplete", query=self.field.source),
            "label": self.field.label,
        }
        return render_to_string("admin/includes/by_name.html", context)

    def value_from_datadict(self, data: Mapping[str, Any], files: object, name: str) -> list[str]:
        values = data.getlist(name) if isinstance(data, QueryDict) else data.get(name, [])
        return [text for text in ([values] if isinstance(values, str) else values) if text.strip()]


class ByName(forms.Field, Generic[M]):
    """Things of a queryset by what `name_of` calls them; a part is enough where only one thing has it."""

    widget: NameWidget

    def __init__(
        self, queryset: QuerySet[M], name_of: Callable[[M], str], of: DbField, note: str = ""
    ) -> None:
        super().__init__(required=not of.blank, widget=NameWidget(), label=of.verbose_name, help_text=note)
        self.queryset, self.name_of, self.takes_many = queryset, name_of, bool(of.many_to_many)
        about = of.model._meta
        self.source = {"app_label": about.app_label, "model_name": about.model_name, "field_name": of.name}
        self.widget.field = self

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        copied = super().__deepcopy__(memo)
        copied.queryset = self.queryset.all()
        copied.widget.field = copied
        return copied

    def suggestions(self) -> list[str]:
        """All names, or none where they are too many for the page."""
        found = list(self.queryset[: LISTED + 1])
        return [self.name_of(each) for each in found] if len(found) <= LISTED else []

    def texts(self, value: object) -> list[str]:
        """What was typed, or the names of what is stored (an object, its key, or several of either)."""
        values = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
        return [self._text(each) for each in values if each not in (None, "")]

    def _text(self, value: object) -> str:
        if isinstance(value, int):
            value = self.queryset.get(pk=value)
        return self.name_of(value) if isinstance(value, self.queryset.model) else str(value)

    def clean(self, value: list[str]) -> M | list[M] | None:
        """The thing, or a list of things. Raises ValidationError for a text that names none, or several."""
        self.validate(value)
        if not value:
            return [] if self.takes_many else None
        things = [(self.name_of(each), each) for each in self.queryset]
        found = [self._find(text, things) for text in value]
        return list(dict.fromkeys(found)) if self.takes_many else found[0]

    def _find(self, text: str, things: list[tuple[str, M]]) -> M:
        exact = [thing for name, thing in things if name == text.strip()]
        part = fold_for_search(text)
        matching = exact or [thing for name, thing in things if part and part in fold_for_search(name)]
        if len(matching) == 1:
            return matching[0]
        if not matching:
            raise ValidationError(f"「{text}」にあたるものはありません。候補から選んでください。")
        advice = "続きを入力するか、候補から選んでください。"
        raise ValidationError(f"「{text}」にあたるものが {len(matching)} 件あります。{advice}")

    def has_changed(self, initial: object, data: object) -> bool:
        return self.texts(initial) != self.texts(data)
