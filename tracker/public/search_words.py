"""The words of a search box: the field that people type into, and the filter."""

from typing import Any

import django_filters
from django import forms

from tracker.words.searching import Search

MAX_WORDS_CHARACTERS = 100
TOO_LONG = "検索のことばは %(limit_value)d 文字までです。この条件は使わずに表示しています。"
UNUSABLE = "検索のことばに使えない文字があります。この条件は使わずに表示しています。"
UNKNOWN_CHOICE = "「%(value)s」という選択肢はありません。この条件は使わずに表示しています。"


class WordsField(forms.CharField):
    """Search words. Control characters are complained of; a word that nobody sees is none."""

    def to_python(self, value: Any) -> str:
        words = str(super().to_python(value) or "")
        if any(ord(character) < 32 for character in words):
            raise forms.ValidationError(UNUSABLE)
        return words if Search.of(words, {}).words else ""


class WordsFilter(django_filters.CharFilter):
    field_class = WordsField
