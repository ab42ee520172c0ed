"""Fields that forms of the staff site share."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from tracker.words.typed_text import control_refusal, with_plain_breaks

MAX_REASON = 2_000  # characters


class DayField(forms.DateField):
    """A date, picked or written."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    default_error_messages = {
        "invalid": "日付として読めません。2025-05-30 のように、年-月-日の順に書いてください。"
    }


class ReasonField(forms.CharField):
    """A few sentences."""

    widget = forms.Textarea(attrs={"rows": 4})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=MAX_REASON, **kwargs)
        self.error_messages["max_length"] = f"{MAX_REASON} 文字までで書いてください。"

    def to_python(self, value: Any) -> str:
        """As any text that is typed: line breaks of every kind, and no control characters."""
        return super().to_python(TextField().to_python(value)) or ""


class StaffForm(forms.Form):
    """Errors are ours and beside the fields, not the browser's."""

    use_required_attribute = False

    def ask(self, name: str, message: str) -> None:
        """The words for a field left empty."""
        self.fields[name].error_messages["required"] = message


class YearField(forms.TypedChoiceField):
    """A fiscal year out of a few."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(coerce=int, **kwargs)
        self.error_messages["invalid_choice"] = "一覧にある年度から選んでください。"
        self.error_messages["required"] = "年度を選んでください。"


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
