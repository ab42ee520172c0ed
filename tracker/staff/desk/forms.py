"""What the planning office sends from the review page."""

from django import forms

from tracker.choices import ActionField
from tracker.staff.frame.fields import StaffForm, TextField
from tracker.words.visible import says_nothing

APPROVE, RETURN, REOPEN = "approve", "return", "reopen"
UNREADABLE_ACT = dict.fromkeys(
    ("required", "invalid", "invalid_choice"),
    "どの操作か読み取れませんでした。何も変わっていません。下のボタンから、もう一度操作してください。",
)


class ReviewForm(StaffForm):
    """One act on a row, with the version that the person saw. The workflow says whether it needs a reason."""

    act = forms.ChoiceField(
        choices=[(act, act) for act in (APPROVE, RETURN, REOPEN)],
        widget=forms.HiddenInput,
        error_messages=UNREADABLE_ACT,
    )
    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput, error_messages=UNREADABLE_ACT)
    field = forms.ChoiceField(
        label="どこについて",
        required=False,
        choices=[("", "取組全体について"), *ActionField.choices],
        error_messages={"invalid_choice": "一覧から選んでください。"},
    )
    reason = TextField(label="理由")

    def clean_reason(self) -> str:
        """A reason beside an approval is a slip of the hand. No typed text is thrown away unasked."""
        reason: str = self.cleaned_data["reason"]
        if self.cleaned_data.get("act") == APPROVE and not says_nothing(reason):
            raise forms.ValidationError(
                "差戻しの理由が書かれているので、まだ承認していません。"
                "承認するときは理由を消し、差し戻すときは「差し戻す」を押します。"
            )
        return reason
