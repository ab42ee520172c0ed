"""The form that pages of the staff site share, and its fields."""

from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.forms.utils import ErrorDict

from tracker.words.typed_text import control_refusal, line_refusal, with_plain_breaks
from tracker.words.visible import visible

MAX_REASON = 2_000  # characters


class StaffForm(forms.Form):
    """Errors are ours and beside the fields, not the browser's."""

    use_required_attribute = False

    @property
    def status(self) -> int:
        """What the form's page answers: 422 for a field to be mended, 409 for an act that is refused."""
        return 409 if self.non_field_errors() else 422 if self.errors else 200

    def without_errors(self) -> None:
        """Shows what was sent, and says nothing of it yet: nobody has asked for it to be done."""
        self._errors = ErrorDict()

    def offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        """The choices of a field, where they depend on the page."""
        self.fields[name].choices = choices  # type: ignore[attr-defined]

    def add_problems(self, problems: dict[str, str]) -> None:
        """Puts what the workflow misses beside the fields."""
        for name, message in problems.items():
            self.add_error(name if name in self.fields else None, message)

    def errors_in_order(self) -> list[tuple[str, str]]:
        """(field name, message) in the order of the page; the name is "" where there is no field to see."""
        found = [
            ("" if name == NON_FIELD_ERRORS or self[name].is_hidden else name, str(message))
            for name in (NON_FIELD_ERRORS, *self.fields)
            for message in self.errors.get(name, [])
        ]
        return list(dict.fromkeys(found))


class TextField(forms.CharField):
    """A text of lines, kept as it was typed but for the way lines end. Raises for control characters."""

    widget = forms.Textarea

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, strip=False, **kwargs)
        self.validators = []  # a null character is one of the control characters

    def to_python(self, value: Any) -> str:
        text = with_plain_breaks(super().to_python(value) or "")
        if words := control_refusal(text):
            raise ValidationError(words)
        return text


class LineField(forms.CharField):
    """A line without breaks and control characters."""

    default_error_messages = {"max_length": "%(limit_value)d 文字までで書いてください。"}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.error_messages["required"] = f"{self.label}を書いてください。"

    def validate(self, value: str) -> None:
        super().validate(value)
        if words := line_refusal(value) or control_refusal(value):
            raise ValidationError(words)


class ReasonField(forms.CharField):
    """A few sentences, in the characters of any typed text. One that shows nothing to the eye is none."""

    widget = forms.Textarea(attrs={"rows": 4})
    default_error_messages = {"max_length": f"{MAX_REASON} 文字までで書いてください。"}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=MAX_REASON, **kwargs)

    def to_python(self, value: Any) -> str:
        return super().to_python(visible(TextField().to_python(value))) or ""


class DayField(forms.DateField):
    """A date, picked or written."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    default_error_messages = {
        "invalid": "日付として読めません。2025-05-30 のように、年-月-日の順に書いてください。"
    }


class YearField(forms.TypedChoiceField):
    """A fiscal year out of a few."""

    default_error_messages = {
        "invalid_choice": "一覧にある年度から選んでください。",
        "required": "年度を選んでください。",
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(coerce=int, **kwargs)
