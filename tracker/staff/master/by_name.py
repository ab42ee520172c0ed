"""A choice among many things by typing part of a name.

A plain text field with the browser's own list of suggestions: it is as accessible as any text field, and
works without JavaScript. Where there are too many to list, the script asks the admin's autocomplete for those
that match.
"""

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString

from tracker.words.folding import fold_for_search

LISTED = 300  # suggestions that are part of the page
SPARE = 3  # empty fields after those that are filled


class NameWidget(forms.Widget):
    """One text field, or one per thing and some empty ones."""

    def __init__(self, field: "ByName", source: dict[str, str]) -> None:
        super().__init__()
        self.field, self.source = field, source

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        texts = self.field.texts(value)
        texts += [""] * (SPARE if self.field.takes_many else 1 - len(texts))
        attrs = attrs or {}
        context = {
            "name": name,
            "texts": texts,
            "attrs": attrs,
            "described_by": attrs.get("aria-describedby"),
            "is_invalid": "aria-invalid" in attrs,
            "names": self.field.suggestions(),
            "source": reverse("admin:autocomplete", query=self.source),
            "label": self.field.label,
        }
        return render_to_string("admin/includes/by_name.html", context)

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        values = data.getlist(name) if hasattr(data, "getlist") else data.get(name, [])
        return [text for text in ([values] if isinstance(values, str) else values) if text.strip()]

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return False


class ByName(forms.Field):
    """Things of a queryset by what `name_of` calls them; a part is enough where only one thing has it."""

    def __init__(
        self,
        queryset: QuerySet[Any],
        name_of: Callable[[Any], str],
        source: Any,
        *,
        takes_many: bool = False,
        **kwargs: Any,
    ) -> None:
        self.queryset, self.name_of, self.takes_many = queryset, name_of, takes_many
        about = source.model._meta
        where = {"app_label": about.app_label, "model_name": about.model_name, "field_name": source.name}
        super().__init__(widget=NameWidget(self, where), **kwargs)

    def __deepcopy__(self, memo: Any) -> "ByName":
        copied = super().__deepcopy__(memo)
        copied.queryset = self.queryset.all()
        copied.widget.field = copied
        return copied

    def suggestions(self) -> list[str]:
        """All names, or none where they are too many for the page."""
        found = list(self.queryset[: LISTED + 1])
        return [self.name_of(each) for each in found] if len(found) <= LISTED else []

    def texts(self, value: Any) -> list[str]:
        """What was typed, or the names of what is stored (an object, its key, or several of either)."""
        values = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
        return [self._text(each) for each in values if each not in {None, ""}]

    def _text(self, value: Any) -> str:
        if isinstance(value, int):
            value = self.queryset.get(pk=value)
        return self.name_of(value) if isinstance(value, Model) else str(value)

    def clean(self, value: Any) -> Any:
        """The thing, or a list of things. Raises ValidationError with words for each text that names none, or
        several.
        """
        if self.required and not value:
            raise ValidationError(self.error_messages["required"], code="required")
        if not value:
            return [] if self.takes_many else None
        things = [(self.name_of(each), each) for each in self.queryset]
        found = [self._find(text, things) for text in value]
        return list(dict.fromkeys(found)) if self.takes_many else found[0]

    def _find(self, text: str, things: list[tuple[str, Any]]) -> Any:
        exact = [thing for name, thing in things if name == text.strip()]
        part = fold_for_search(text)
        matching = exact or [thing for name, thing in things if part in fold_for_search(name)]
        if len(matching) == 1:
            return matching[0]
        if not matching:
            raise ValidationError(f"「{text}」にあたるものはありません。候補から選んでください。")
        words = "「%(text)s」にあたるものが %(count)d 件あります。続きを入力するか、候補から選んでください。"
        raise ValidationError(words % {"text": text, "count": len(matching)})

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.texts(initial) != self.texts(data)
