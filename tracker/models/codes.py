"""A field for what other code parses: written in one spelling, and refused in words, wherever it enters."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models

from tracker.words import codes
from tracker.words.folding import fold
from tracker.words.typed_text import in_one_line, name_refusal

Normal = Callable[[str], str]

if TYPE_CHECKING:
    TextColumn = models.CharField[str, str]
    LongTextColumn = models.TextField[str, str]
else:
    TextColumn = models.CharField
    LongTextColumn = models.TextField


class NormalText(forms.CharField):
    """Takes any spelling and gives the one that is kept."""

    def __init__(self, *, normal: Normal, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.normal = normal

    def to_python(self, value: object) -> str:
        return self.normal(super().to_python(value) or "")


class CodeField(TextColumn):
    """A code as `normal` spells it. Forms, and whatever validates a model, bring it into that spelling."""

    def __init__(self, *args: Any, normal: Normal = fold, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.normal = normal

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return self.normal(text) if isinstance(text, str) else text

    def get_prep_value(self, value: Any) -> Any:
        """What stands in the database is left as it is: a report may name it so."""
        return models.Field.get_prep_value(self, value)

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"form_class": NormalText, "normal": self.normal, **kwargs})

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        """Migrations know the column only."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs


def refuse_no_name(name: str) -> None:
    """Raises ValidationError for what is too long for a name, or no text."""
    _refuse(name_refusal(name))


class NameField(LongTextColumn):
    """A name in one line and of some length. Forms, and whatever validates a model, make one of its lines."""

    default_validators = [refuse_no_name]

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return in_one_line(text) if isinstance(text, str) else text

    def get_prep_value(self, value: Any) -> Any:
        """What stands in the database is left as it is: a report may name it so."""
        return models.Field.get_prep_value(self, value)

    def formfield(self, **kwargs: Any) -> Any:
        own = {"form_class": NormalText, "normal": in_one_line, "validators": self.default_validators}
        return super().formfield(**{**own, **kwargs})

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        """Migrations know the column only."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.TextField", args, kwargs


def refuse_no_plan_code(code: str) -> None:
    """Raises ValidationError for what is no number of a measure in the city's plan."""
    _refuse(codes.plan_code_refusal(code))


def refuse_no_rating_code(code: str) -> None:
    """Raises ValidationError for what cannot be a rating's code."""
    _refuse(codes.rating_code_refusal(code))


def refuse_a_date(text: str) -> None:
    """Raises ValidationError for a code that a spreadsheet has made a date of."""
    if codes.DATE.fullmatch(text):
        _refuse(codes.plan_code_refusal(text))


def _refuse(words: str) -> None:
    if words:
        raise ValidationError(words)
