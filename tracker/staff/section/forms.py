"""What a head sends from the page of one row."""

from django import forms

from tracker.staff.desk.forms import UNREADABLE_ACT
from tracker.staff.frame.fields import StaffForm, TextField
from tracker.words.visible import says_nothing

CONFIRM, GIVE_BACK = "confirm", "give_back"


class HeadsAnswerForm(StaffForm):
    """One act on a row, with the version that the head saw. The workflow says whether it needs a reason."""

    act = forms.ChoiceField(
        choices=[(act, act) for act in (CONFIRM, GIVE_BACK)],
        widget=forms.HiddenInput,
        error_messages=UNREADABLE_ACT,
    )
    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput, error_messages=UNREADABLE_ACT)
    reason = TextField(label="直してほしいこと")

    def clean_reason(self) -> str:
        """A reason beside a confirmation is a slip of the hand. No typed text is thrown away unasked."""
        reason: str = self.cleaned_data["reason"]
        if self.cleaned_data.get("act") == CONFIRM and not says_nothing(reason):
            raise forms.ValidationError(
                "直してほしいことが書かれているので、まだ確認していません。"
                "確認するときはそれを消し、差し戻すときは「書いた人に差し戻す」を押します。"
            )
        return reason
