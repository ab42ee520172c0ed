"""The entry form's fields: what a person types, as the workflow takes it. A draft may be incomplete."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from django import forms

from tracker.choices import ColumnKind
from tracker.cycle import workflow
from tracker.cycle.workflow import Content
from tracker.entry_sheets.file.columns import UNRATED
from tracker.models import Rating, User, YearlyAction
from tracker.staff.frame.fields import StaffForm, TextField
from tracker.words import extra_values
from tracker.words.extra_values import FIELD, REMARK, ColumnProblem, DescribedColumn, FilledColumn, field_of
from tracker.words.indicators import IndicatorColumn

HELP = "1 行に 1 つずつ、「・」から始めて書きます。%s"
COLUMN_HELP: dict[str, str] = {
    ColumnKind.NUMBER: "数字で書きます。",
    ColumnKind.DATE: "「令和7年3月31日」か「2025-03-31」のように書きます。",
    ColumnKind.LINK: "https:// か http:// から始まるアドレスを書きます。",
    REMARK: "1 行で書きます。",
}


class ExtraField(TextField):
    """What is typed for an extra column; the form makes a value of it, which knows what stood there."""

    def __init__(self, column: FilledColumn) -> None:
        self.column = column
        super().__init__(label=column.heading, help_text=COLUMN_HELP.get(column.kind, ""))

    def options(self, stands: str) -> list[str]:
        """What may be chosen; what `stands` there is offered, though it be no choice any more."""
        choices = self.column.open_choices
        return [*choices, *([stands] if stands and stands not in choices else [])]


class EntryForm(StaffForm):
    """A yearly action as it is typed in. `version` and `base` tell what the person saw when they began.

    `columns` are the extra columns, and those of indicators, that the person fills in.
    """

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

    def __init__(
        self, data: Any, *, action: YearlyAction, scale: list[Rating], columns: Sequence[FilledColumn]
    ) -> None:
        now = Content.of(action)
        shown = {"version": action.version, "base": as_base(now)}
        super().__init__(data, initial=answers_of(now, columns) | shown)
        self.action, self.scale, self.columns = action, scale, columns
        self.offer("rating", [*((str(step.pk), str(step)) for step in scale), (UNRATED, "評価を付けない")])
        self.fields |= {field_of(column.code): ExtraField(column) for column in columns}

    @property
    def extra_fields(self) -> list[forms.BoundField]:
        """The fields of extra columns, in order."""
        own = (column for column in self.columns if not isinstance(column, IndicatorColumn))
        return [self[field_of(column.code)] for column in own]

    def clean(self) -> None:
        """Makes values of what was typed for extra columns."""
        base = self.base_content()
        stood = base.extra_values if base else {}
        for column in self.columns:
            name = field_of(column.code)
            try:
                typed = self.cleaned_data.get(name, "")
                self.cleaned_data[name] = extra_values.value_of(column, typed, stood.get(column.code, ""))
            except ColumnProblem as problem:
                self.add_error(name, f"{column.heading}：{problem}")

    def with_what_stood(self) -> "EntryForm":
        """The same form with what stood there in the fields that cannot be saved as they are."""
        base = self.base_content()
        stood = answers_of(base, self.columns) if base else {}
        data = {**dict(self.data.items()), **{name: stood[name] for name in self.errors if name in stood}}
        return EntryForm(data, action=self.action, scale=self.scale, columns=self.columns)

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
            # JSON can name half of a surrogate pair, which cannot be written.
            "".join([*texts, *told.extra_values.keys(), *told.extra_values.values()]).encode()
        except (AttributeError, KeyError, ValueError, TypeError, RecursionError):
            return None
        is_rating = isinstance(told.rating_id, int | None) and isinstance(told.is_unrated, bool)
        return told if is_rating else None


def answers_of(content: Content, columns: Iterable[DescribedColumn] = ()) -> dict[str, str]:
    """A content by the form's fields, in their order; the rating as the value of its radio button, or ""."""
    rating = UNRATED if content.is_unrated else str(content.rating_id or "")
    reason, plan, values = content.rating_reason, content.plan, content.extra_values
    answers = {"result": content.result, "rating": rating, "rating_reason": reason, "plan": plan}
    return answers | {field_of(column.code): values.get(column.code, "") for column in columns}


def content_of(answers: Mapping[str, str]) -> Content:
    """The content that a valid form's answers make."""
    rating = answers["rating"]
    rating_id = None if rating in {"", UNRATED} else int(rating)
    extra = {name.removeprefix(FIELD): value for name, value in answers.items() if name.startswith(FIELD)}
    texts = answers["result"], answers["plan"], rating_id, rating == UNRATED, answers["rating_reason"]
    return Content(*texts, extra_values.kept(extra))


def as_base(content: Content) -> str:
    """A content as the hidden field carries it."""
    return json.dumps(asdict(content), ensure_ascii=False)
