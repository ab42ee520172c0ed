"""What a button of the entry form puts into its fields: the stock phrase, last year's texts, and all of it at
once where nothing has changed. It comes after what is typed there, and never in its place.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from django.http import QueryDict

from tracker.choices import ActionState, ColumnKind
from tracker.cycle import workflow
from tracker.entry_sheets.file.columns import UNRATED
from tracker.models import ExtraColumn, ReportEntry, YearlyAction
from tracker.public.rows import TextLine, lines_of
from tracker.staff.frame.rows import last_told
from tracker.words import continuations
from tracker.words.extra_values import ColumnProblem, field_of, kept, value_of
from tracker.words.visible import visible

SAME = "same"  # the button that fills what is empty as last time
ONE_BY_ONE = ("phrase_result", "phrase_plan", "copy_result", "copy_plan")  # buttons, each for one field


@dataclass(frozen=True)
class Insertion:
    """A text that a button puts into a field; `refers_to` has what an "as before" stands for."""

    field: str
    words: str  # on the button
    text: str
    refers_to: list[TextLine]

    @property
    def refers_to_name(self) -> str:
        return "引き続き行った内容" if self.field == "result" else "引き続き行う内容"


def insertions(action: YearlyAction, told: ReportEntry | None) -> dict[str, Insertion]:
    """What may be put in, by the value of its button; `told` is what the last report says of the row."""
    year = action.round.fiscal_year
    results = {int(each): text for each, text in told.results.items()} if told else {}
    found = {"phrase_plan": _phrase("plan", year, {**results, **_own(action)})}
    if has_begun_before(action):
        found["phrase_result"] = _phrase("result", year, results)
    if last := visible(results.get(year - 1, "")):
        found["copy_result"] = Insertion("result", "去年の文を写す", last, [])
    if told and (planned := visible(told.plans.get(str(year), ""))):
        found["copy_plan"] = Insertion("result", "予定を実績に写す", planned, [])
    return found


def _phrase(field: str, year: int, results: dict[int, str]) -> Insertion:
    written_in, is_done = (year, True) if field == "result" else (year + 1, False)
    phrase = continuations.phrase(written_in, done=is_done)
    lines = [line for line in lines_of(phrase, results, written_in) if line.refers_to]
    return Insertion(field, f"「{phrase}」を入れる", phrase, lines)


def _own(action: YearlyAction) -> dict[int, str]:
    """The row's own text, which next year's plan goes on with."""
    return {action.round.fiscal_year: action.result} if visible(action.result) else {}


def has_begun_before(action: YearlyAction) -> bool:
    """Whether a row's initiative ran before the row's year: else there is nothing to go on with."""
    return action.initiative.first_fiscal_year < action.round.fiscal_year


def last_values(action: YearlyAction) -> Mapping[str, str]:
    """The extra values of the initiative's row before this one. No query where no column is asked for."""
    if not action.answer_columns:
        return {}
    if "last_extra_values" not in vars(action):  # a row that a save has returned
        action = YearlyAction.objects.with_last_values().get(pk=action.pk)
    stood: Mapping[str, str] | None = vars(action)["last_extra_values"]
    return stood or {}


def _still_valid(columns: Iterable[ExtraColumn], stood: Mapping[str, str]) -> dict[str, str]:
    """By field the values of the row before that may be given once more. A number or a date is its own
    year's: it is typed anew.
    """
    found = {}
    for column in columns:
        if column.kind in {ColumnKind.NUMBER, ColumnKind.DATE}:
            continue
        with suppress(ColumnProblem):
            found[field_of(column.code)] = value_of(column, stood.get(column.code, ""), "")
    return kept(found)


def as_last_time(action: YearlyAction, stood: Mapping[str, str]) -> dict[str, str]:
    """The answers of a row in which nothing has changed since the last report, by field; empty for a row
    that had no last time, was returned, or is complete. `stood` are its `last_values`.
    """
    is_begun = action.state in {ActionState.NOT_STARTED, ActionState.DRAFT}
    if not (is_begun and action.was_reported and has_begun_before(action) and workflow.problems(action)):
        return {}
    year = action.round.fiscal_year
    return {
        "result": continuations.phrase(year, done=True),
        "rating": str(action.reference_rating_id or UNRATED),
        "plan": continuations.phrase(year + 1, done=False),
        **_still_valid(action.asked_columns, stood),
    }


def with_insertion(data: QueryDict, action: YearlyAction) -> QueryDict:
    """A form's data with what its button puts in; the same data for a button that puts in nothing."""
    act, filled = data.get("act", ""), data.copy()
    if act == SAME:
        for field, value in as_last_time(action, last_values(action)).items():
            typed = data.get(field, "")
            filled[field] = typed if visible(typed) else value
    elif act in ONE_BY_ONE:
        _report, told = last_told(action)
        if asked := insertions(action, told).get(act):
            filled[asked.field] = f"{data.get(asked.field, '').rstrip()}\n{asked.text}".lstrip()
    return filled
