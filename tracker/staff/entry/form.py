"""The entry form's fields: what a person types, as the workflow takes it. A draft may be incomplete."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django import forms

from tracker.cycle import workflow
from tracker.cycle.workflow import Content
from tracker.entry_sheets.file.columns import UNRATED
from tracker.models import Rating, User, YearlyAction
from tracker.staff.frame.fields import StaffForm, TextField

HELP = "1 行に 1 つずつ、「・」から始めて書きます。%s"


class EntryForm(StaffForm):
    """A yearly action as it is typed in. `version` and `base` tell what the person saw when they began."""

    result = TextField(
        label="主な取組", help_text=HELP % "いつ、何を、どれだけ行ったかが分かるように書いてください。"
    )
    rating = forms.ChoiceField(
        label="実施状況", required=False, error_messages={"invalid_choice": "一覧から選んでください。"}
    )
    rating_reason = TextField(label="評価を変えた理由")
    plan = TextField(
        label="翌年度の取組予定",
        help_text=HELP % "来年、この予定が実績の横に並びます。予定がなければ空のままにします。",
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    base = forms.CharField(widget=forms.HiddenInput, required=False, strip=False)
    base.validators = []  # what is no base is not known; it is no error that a person could mend

    def __init__(self, data: Any, *, action: YearlyAction, scale: list[Rating]) -> None:
        now = Content.of(action)
        shown = {"version": action.version, "base": as_base(now)}
        super().__init__(data, initial=answers_of(now) | shown)
        self.action, self.scale = action, scale
        self.offer("rating", [*((str(step.pk), str(step)) for step in scale), (UNRATED, "評価を付けない")])

    def content(self) -> Content:
        """What was typed; only for a valid form."""
        return content_of(self.cleaned_data)

    def save(self, *, by: User) -> YearlyAction:
        """Writes what was typed; raises as `workflow.save` does. Only for a valid form."""
        return workflow.save(
            self.action.pk,
            by=by,
            version=self.cleaned_data["version"],
            content=self.content(),
            base=self.base_content(),
        )

    def base_content(self) -> Content | None:
        """What the person saw when they began; None where the browser did not tell."""
        try:
            told = Content(**json.loads(self.cleaned_data["base"]))
            texts = (told.result, told.plan, told.rating_reason)
            "".join(texts).encode()  # JSON can name half of a surrogate pair, which cannot be written
        except (ValueError, TypeError, RecursionError):
            return None
        is_rating = isinstance(told.rating_id, int | None) and isinstance(told.is_unrated, bool)
        return told if is_rating else None


def answers_of(content: Content) -> dict[str, str]:
    """A content by the form's fields, in their order; the rating as the value of its radio button, or ""."""
    rating = UNRATED if content.is_unrated else str(content.rating_id or "")
    reason, plan = content.rating_reason, content.plan
    return {"result": content.result, "rating": rating, "rating_reason": reason, "plan": plan}


def content_of(answers: Mapping[str, str]) -> Content:
    """The content that a valid form's answers make."""
    rating = answers["rating"]
    rating_id = None if rating in {"", UNRATED} else int(rating)
    return Content(answers["result"], answers["plan"], rating_id, rating == UNRATED, answers["rating_reason"])


def as_base(content: Content) -> str:
    """A content as the hidden field carries it."""
    return json.dumps(asdict(content), ensure_ascii=False)
