"""What the planning office sends from the review page."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from django import forms

from tracker.choices import ActionField
from tracker.models import ExtraColumn
from tracker.staff.entry.form import ExtraField
from tracker.staff.frame.fields import StaffForm, TextField
from tracker.words.extra_values import ColumnProblem, FilledColumn, field_of, value_of
from tracker.words.visible import says_nothing

APPROVE, RETURN, REOPEN, FILL_IN = "approve", "return", "reopen", "fill_in"
NOTHING: Mapping[str, str] = MappingProxyType({})
UNREADABLE_ACT = dict.fromkeys(
    ("required", "invalid", "invalid_choice"),
    "どの操作か読み取れませんでした。何も変わっていません。下のボタンから、もう一度操作してください。",
)


class ReviewForm(StaffForm):
    """One act on a row, with the version that the person saw. The workflow says whether it needs a reason.

    `columns` are the extra columns that the planning office fills in beside any act, `stood` their values;
    `returnable` are the columns that a return can be about, beside the fields that every row has.
    """

    act = forms.ChoiceField(
        choices=[(act, act) for act in (APPROVE, RETURN, REOPEN, FILL_IN)],
        widget=forms.HiddenInput,
        error_messages=UNREADABLE_ACT,
    )
    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput, error_messages=UNREADABLE_ACT)
    field = forms.ChoiceField(
        label="どこについて", required=False, error_messages={"invalid_choice": "一覧から選んでください。"}
    )
    reason = TextField(label="理由")

    def __init__(
        self,
        data: Any = None,
        *,
        columns: Sequence[ExtraColumn] = (),
        stood: Mapping[str, str] = NOTHING,
        returnable: Sequence[FilledColumn] = (),
    ) -> None:
        super().__init__(data, initial={field_of(each.code): stood.get(each.code, "") for each in columns})
        self.columns, self.stood = columns, stood
        named = [(field_of(column.code), column.label) for column in returnable]
        self.offer("field", [("", "取組全体について"), *ActionField.choices, *named])
        self.fields |= {field_of(column.code): ExtraField(column) for column in columns}

    @property
    def extra_fields(self) -> list[forms.BoundField]:
        """The fields of extra columns, in order."""
        return [self[field_of(column.code)] for column in self.columns]

    @property
    def changed_values(self) -> dict[str, str]:
        """The values that are others than those that stood, by code; only for a valid form."""
        return {code: value for code, value in self.values.items() if value != self.stood.get(code, "")}

    def clean(self) -> None:
        """Makes values of what was typed for extra columns; a browser that sends none changes none."""
        self.values: dict[str, str] = {}
        for column in self.columns:
            name, stands = field_of(column.code), self.stood.get(column.code, "")
            try:
                typed = self.cleaned_data.get(name, "") if name in self.data else stands
                self.values[column.code] = value_of(column, typed, stands)
            except ColumnProblem as problem:
                self.add_error(name, f"{column.heading}：{problem}")

    def clean_reason(self) -> str:
        """A reason beside an approval is a slip of the hand. No typed text is thrown away unasked."""
        reason: str = self.cleaned_data["reason"]
        done = {APPROVE: ("承認していません", "承認する"), FILL_IN: ("保存していません", "保存する")}
        if (words := done.get(self.cleaned_data.get("act", ""))) and not says_nothing(reason):
            raise forms.ValidationError(
                f"差戻しの理由が書かれているので、まだ{words[0]}。"
                f"{words[1]}ときは理由を消し、差し戻すときは「差し戻す」を押します。"
            )
        return reason
