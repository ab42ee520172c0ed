"""The rows of a round as a sheet knows them, by column name, and the way back to what the workflow writes."""

from collections.abc import Mapping

from tracker.choices import OPEN_STATES, ActionState
from tracker.cycle import permissions
from tracker.cycle.workflow import Content
from tracker.entry_sheets.file.columns import UNRATED
from tracker.entry_sheets.file.comparison import StoredRow
from tracker.models import ReportingRound, User, YearlyAction


def stored_rows(round: ReportingRound, by: User) -> dict[int, StoredRow]:
    """The round's rows that this person may write, by id, in one query."""
    refusals = {state: refusal(state, round) for state in ActionState.values}
    rows = YearlyAction.objects.filter(permissions.writers_rows(by), round=round).values_list(
        *("pk", "version", "state", "was_reported", "reference_rating_id"),
        *("result", "rating__code", "is_unrated", "rating_reason", "plan"),
    )
    found = {}
    for pk, version, state, was_reported, reference, *content in rows.iterator():
        result, code, is_unrated, reason, plan = content
        rating = rating_value(code, is_unrated)
        values = {"result": result, "rating": rating, "rating_reason": reason, "plan": plan}
        found[pk] = StoredRow(version, values, refusals[state], state, was_reported, reference)
    return found


def rating_value(code: str | None, is_unrated: bool) -> str:
    """A rating as a cell's value: the code, `UNRATED`, or "" for no answer yet."""
    return UNRATED if is_unrated else code or ""


def refusal(state: str, round: ReportingRound) -> str:
    """Why a row takes no answer now; "" where it does."""
    if not round.is_writable:
        return f"報告回が「{round.get_state_display()}」なので、書き込めません。"
    if state == ActionState.IN_SECTION:
        return "課長の確認を待っている取組なので、取り込みません。直すときは、画面で提出を取り下げます。"
    if state == ActionState.SUBMITTED:
        return "提出済みなので、この行は取り込みません。直すときは、画面で提出を取り下げます。"
    if state not in OPEN_STATES:
        return "承認済みなので、この行は取り込みません。直したいときは企画に連絡してください。"
    return ""


def content_of(values: Mapping[str, str], scale: Mapping[str, int]) -> Content:
    """A row's values as the workflow writes them. `scale` has the ratings' ids by code, which must be one."""
    rating = values["rating"]
    rating_id = None if rating in {"", UNRATED} else scale[rating]
    return Content(values["result"], values["plan"], rating_id, rating == UNRATED, values["rating_reason"])
