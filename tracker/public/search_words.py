"""The words of a search box: the field that people type into, and the filter."""

from typing import Any

import django_filters
from django import forms

MAX_WORDS_CHARACTERS = 100
UNKNOWN_CHOICE = "「%(value)s」という選択肢はありません。この条件は使わずに表示しています。"


class WordsField(forms.CharField):
    """Search words. Control characters cannot be searched for, and are complained of."""

    def to_python(self, value: Any) -> str:
        words = str(super().to_python(value) or "")
        if any(ord(character) < 32 for character in words):
            raise forms.ValidationError(
                "検索のことばに使えない文字があります。この条件は使わずに表示しています。"
            )
        return words


class WordsFilter(django_filters.CharFilter):
    field_class = WordsField
