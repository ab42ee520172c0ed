"""The rows of a round as a sheet knows them, by column name, and the way back to what the workflow writes."""

from collections.abc import Iterable, Mapping, Sequence

from tracker.choices import OPEN_STATES, ActionState
from tracker.cycle import permissions
from tracker.cycle.workflow import Content
from tracker.entry_sheets.file.columns import UNRATED
from tracker.entry_sheets.file.comparison import StoredRow
from tracker.models import ExtraColumn, Indicator, ReportingRound, User, YearlyAction
from tracker.words import extra_values
from tracker.words.extra_values import FIELD, DescribedColumn, field_of
from tracker.words.indicators import IndicatorColumn


def stored_rows(
    round: ReportingRound, by: User, measured: Mapping[int, Sequence[Indicator]]
) -> dict[int, StoredRow]:
    """The round's rows that this person may write, by id, with what they may write of each. Two queries.

    `measured` are the indicators of initiatives (`round_indicators`).
    """
    columns = [each for each in round_columns(round) if permissions.may_fill(by, each)]
    refusals = {state: refusal(state, round) for state in ActionState.values}
    rows = YearlyAction.objects.filter(permissions.writers_rows(by), round=round).values_list(
        *("pk", "version", "initiative_id", "state", "was_reported", "reference_rating_id"),
        *("result", "rating__code", "is_unrated", "rating_reason", "plan", "extra_values"),
    )
    found = {}
    for pk, version, initiative, state, was_reported, reference, *content in rows.iterator():
        result, code, is_unrated, reason, plan, extra = content
        rating = rating_value(code, is_unrated)
        values = {"result": result, "rating": rating, "rating_reason": reason, "plan": plan}
        of_indicators = (column for each in measured.get(initiative, ()) for column in each.columns)
        values |= extra_cells([*columns, *of_indicators], extra)
        unasked = {name: text for code, text in extra.items() if (name := field_of(code)) not in values}
        found[pk] = StoredRow(version, values, refusals[state], state, was_reported, reference, unasked)
    return found


def round_columns(round: ReportingRound) -> list[ExtraColumn]:
    """The extra columns that a round asks for, in order."""
    return extra_values.asked_in(round.fiscal_year, round.manifesto.extra_columns.all())


def round_indicators(round: ReportingRound) -> dict[int, list[Indicator]]:
    """The indicators that a round asks for, by initiatives, in order."""
    found: dict[int, list[Indicator]] = {}
    asked = Indicator.objects.asked_in(round.fiscal_year).filter(initiative__actions__round=round)
    for indicator in asked.order_by("initiative_id", "position"):
        found.setdefault(indicator.initiative_id, []).append(indicator)
    return found


def indicator_columns(measured: Mapping[int, Sequence[Indicator]]) -> dict[str, IndicatorColumn]:
    """The columns of indicators by code."""
    columns = (column for several in measured.values() for each in several for column in each.columns)
    return {column.code: column for column in columns}


def extra_cells(columns: Iterable[DescribedColumn], values: Mapping[str, str]) -> dict[str, str]:
    """Values of extra columns, and of indicators, by the names of their cells."""
    return {field_of(each.code): values.get(each.code, "") for each in columns}


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
    extra = {name.removeprefix(FIELD): text for name, text in values.items() if name.startswith(FIELD)}
    texts = values["result"], values["plan"], rating_id, rating == UNRATED, values["rating_reason"]
    return Content(*texts, extra_values.kept(extra))
