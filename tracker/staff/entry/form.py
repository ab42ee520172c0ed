"""The entry form's fields: what a person types, as the workflow takes it. A draft may be incomplete."""

import json
from dataclasses import asdict
from typing import Any

from django import forms

from tracker.choices import ActionField
from tracker.cycle.workflow import Content
from tracker.models import Rating, YearlyAction
from tracker.staff.frame.fields import TextField

UNRATED = "none"


class EntryForm(forms.Form):
    """A yearly action as it is typed in. `version` and `base` tell what the person saw when they began."""

    result = TextField(label="主な取組")
    rating = forms.ChoiceField(
        label="実施状況", required=False, error_messages={"invalid_choice": "一覧から選んでください。"}
    )
    rating_reason = TextField(label="評価を変えた理由")
    plan = TextField(label="翌年度の取組予定")
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    base = forms.CharField(widget=forms.HiddenInput, required=False, strip=False)

    def __init__(self, data: Any, *, action: YearlyAction, scale: list[Rating]) -> None:
        super().__init__(data, initial=initial(action))
        self.fields[
            "base"
        ].validators = []  # whatever is no base is not known, and no error that a person could mend
        self.scale = scale
        choices = [(str(step.pk), str(step)) for step in scale]
        self.fields["rating"].choices = [*choices, (UNRATED, "評価を付けない")]  # type: ignore[attr-defined]

    def content(self) -> Content:
        """What was typed; only for a valid form."""
        typed = self.cleaned_data
        rating = typed["rating"]
        return Content(
            result=typed["result"],
            plan=typed["plan"],
            rating_id=int(rating) if rating and rating != UNRATED else None,
            is_unrated=rating == UNRATED,
            rating_reason=typed["rating_reason"],
        )

    def base_content(self) -> Content | None:
        """What the person saw when they began; None where the browser did not tell."""
        try:
            told = Content(**json.loads(self.cleaned_data["base"]))
        except (ValueError, TypeError, RecursionError):
            return None
        texts = (told.result, told.plan, told.rating_reason)
        well_formed = all(isinstance(text, str) and is_unicode(text) for text in texts) and isinstance(
            told.rating_id, int | None
        )
        return told if well_formed and isinstance(told.is_unrated, bool) else None

    def add_problems(self, problems: dict[str, str]) -> None:
        """Puts what a submission lacks beside the fields."""
        for name, message in problems.items():
            self.add_error(name if name in self.fields else None, message)

    def errors_in_order(self) -> list[tuple[str, str]]:
        """(field name, message) in the order of the page; the empty name is the form's own."""
        names = ["", *(name for name in self.fields if name in ActionField.values), "version"]
        found = {("" if name == "__all__" else name): messages for name, messages in self.errors.items()}
        return [(name, str(message)) for name in names for message in found.get(name, [])]


def initial(action: YearlyAction) -> dict[str, Any]:
    """A row as the form shows it."""
    return {
        "result": action.result,
        "rating": rating_answer(Content.of(action)),
        "rating_reason": action.rating_reason,
        "plan": action.plan,
        "version": action.version,
        "base": as_base(Content.of(action)),
    }


def rating_answer(content: Content) -> str:
    """The value of the radio button that stands for a content's rating; empty while there is none."""
    return UNRATED if content.is_unrated else str(content.rating_id or "")


def is_unicode(text: str) -> bool:
    """Whether a text can be written at all: JSON can name half of a surrogate pair."""
    return not any("\ud800" <= character <= "\udfff" for character in text)


def as_base(content: Content) -> str:
    """A content as the hidden field carries it."""
    return json.dumps(asdict(content), ensure_ascii=False)
