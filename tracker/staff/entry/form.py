"""The entry form's fields: what a person types, as the workflow takes it. A draft may be incomplete."""

import json
from dataclasses import asdict
from typing import Any

from django import forms

from tracker.cycle.workflow import Content
from tracker.entry_sheets.file.columns import UNRATED
from tracker.models import Rating, YearlyAction
from tracker.staff.frame.fields import StaffForm, TextField


class EntryForm(StaffForm):
    """A yearly action as it is typed in. `version` and `base` tell what the person saw when they began."""

    result = TextField(label="主な取組")
    rating = forms.ChoiceField(
        label="実施状況", required=False, error_messages={"invalid_choice": "一覧から選んでください。"}
    )
    rating_reason = TextField(label="評価を変えた理由")
    plan = TextField(label="翌年度の取組予定")
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    base = forms.CharField(widget=forms.HiddenInput, required=False, strip=False)
    base.validators = []  # what is no base is not known; it is no error that a person could mend

    def __init__(self, data: Any, *, action: YearlyAction, scale: list[Rating]) -> None:
        super().__init__(data, initial=initial(action))
        self.scale = scale
        self.offer("rating", [*((str(step.pk), str(step)) for step in scale), (UNRATED, "評価を付けない")])

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
        is_well_formed = (
            all(isinstance(text, str) and is_unicode(text) for text in texts)
            and isinstance(told.rating_id, int | None)
            and isinstance(told.is_unrated, bool)
        )
        return told if is_well_formed else None


def initial(action: YearlyAction) -> dict[str, Any]:
    """A row as the form shows it."""
    content = Content.of(action)
    return {
        "result": content.result,
        "rating": rating_answer(content),
        "rating_reason": content.rating_reason,
        "plan": content.plan,
        "version": action.version,
        "base": as_base(content),
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
