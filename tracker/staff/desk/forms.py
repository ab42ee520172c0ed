"""What the planning office sends from the review page."""

from typing import Any

from django import forms

from tracker.choices import ActionField
from tracker.staff.frame.fields import TextField

APPROVE, RETURN, REOPEN = "approve", "return", "reopen"
UNREADABLE = (
    "どの操作か読み取れませんでした。何も変わっていません。下のボタンから、もう一度操作してください。"
)


class ReviewForm(forms.Form):
    """One act on a row, with the version that the person saw. Whether a reason is needed is the workflow's to
    say.
    """

    act = forms.ChoiceField(choices=[(act, act) for act in (APPROVE, RETURN, REOPEN)])
    version = forms.IntegerField(min_value=0)
    field = forms.ChoiceField(
        label="どこについて",
        required=False,
        choices=[("", "取組全体について"), *ActionField.choices],
        error_messages={"invalid_choice": "一覧から選んでください。"},
    )
    reason = TextField(label="理由")

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        for name in ("act", "version"):
            self.fields[name].error_messages = dict.fromkeys(
                ("required", "invalid", "invalid_choice"), UNREADABLE
            )

    def clean_reason(self) -> str:
        """A reason beside an approval is a slip of the hand: nothing that was typed is thrown away
        unasked.
        """
        reason: str = self.cleaned_data["reason"]
        if self.cleaned_data.get("act") == APPROVE and reason.strip():
            raise forms.ValidationError(
                "差戻しの理由が書かれているので、まだ承認していません。"
                "承認するときは理由を消し、差し戻すときは「差し戻す」を押します。"
            )
        return reason

    def add_problems(self, problems: dict[str, str]) -> None:
        """Puts what the workflow misses beside the fields."""
        for name, message in problems.items():
            self.add_error(name if name in self.fields else None, message)

    def errors_in_order(self) -> list[tuple[str, str]]:
        """(field name, message) in the order of the page; the empty name is the form's own."""
        names = {"__all__": "", "act": "", "version": "", "field": "field", "reason": "reason"}
        found = [(names[name], str(message)) for name in names for message in self.errors.get(name, [])]
        return list(dict.fromkeys(found))
