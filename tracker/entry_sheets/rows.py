"""The rows of a round as a sheet knows them: every column's text, and what each row needs to be written
again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tracker.choices import ActionState
from tracker.cycle import permissions
from tracker.cycle.workflow import EDITABLE, Content
from tracker.entry_sheets.file.columns import UNRATED
from tracker.entry_sheets.file.comparison import Stored
from tracker.models import ReportingRound, User, YearlyAction

FIELDS = (
    *("pk", "version", "state", "result", "plan", "rating_id", "rating__code", "is_unrated", "rating_reason"),
    *("was_reported", "reference_rating_id"),
)


@dataclass(frozen=True)
class Current:
    """A row as the database has it now."""

    pk: int
    state: str
    was_reported: bool
    reference_rating_id: int | None
    content: Content
    stored: Stored


def current_rows(round: ReportingRound, by: User) -> dict[int, Current]:
    """The round's rows that this person may write, by id, in one query."""
    rows = YearlyAction.objects.filter(permissions.writers_rows(by), round=round).values_list(*FIELDS)
    refusals = {state: refusal(state, round) for state in ActionState.values}
    return {values[0]: _current(values, refusals) for values in rows.iterator()}


def _current(values: tuple[Any, ...], refusals: Mapping[str, str]) -> Current:
    pk, version, state, result, plan, rating, code, is_unrated, reason, was_reported, reference = values
    texts = {
        "result": result,
        "rating": rating_value(code, is_unrated),
        "rating_reason": reason,
        "plan": plan,
    }
    content = Content(result, plan, rating, is_unrated, reason)
    return Current(pk, state, was_reported, reference, content, Stored(version, texts, refusals[state]))


def rating_value(code: str | None, is_unrated: bool) -> str:
    """A rating as a cell's value: the code, `UNRATED`, or "" for no answer yet."""
    return UNRATED if is_unrated else code or ""


def refusal(state: str, round: ReportingRound) -> str:
    """Why a row takes no answer now; "" where it does."""
    if not round.is_writable:
        return f"報告回が「{round.get_state_display()}」なので、書き込めません。"
    if state not in EDITABLE:
        return (
            f"「{ActionState(state).label}」の取組なので、書き換えられません。"
            "直したいときは企画に連絡してください。"
        )
    return ""


def content_with(content: Content, writes: Mapping[str, str], scale: Mapping[str, int]) -> Content:
    """A content with cells written into it. `scale` has the ratings' ids by code. Raises KeyError for a code
    that is none.
    """
    values = dict(vars(content)) | {name: text for name, text in writes.items() if name != "rating"}
    if "rating" in writes:
        answer = writes["rating"]
        values["is_unrated"] = answer == UNRATED
        values["rating_id"] = None if answer in {"", UNRATED} else scale[answer]
    return Content(**values)
