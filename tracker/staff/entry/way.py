"""The way through a person's rows of a round, from one entry form to the next, without the home page."""

from collections.abc import Sequence
from dataclasses import dataclass

from tracker.choices import ActionState
from tracker.cycle import permissions, workflow
from tracker.models import ReportingRound, YearlyAction
from tracker.models.reporting import YearlyActionQuerySet
from tracker.staff.entry.own_rows import asked_of
from tracker.staff.entry.returned import unchanged_since_return

# What of a row the way looks at: what it lacks, its return, and its rating; departments are no part of it.
LOOKED_AT = (
    *workflow.READ_BY_PROBLEMS,
    *("state", "return_reason", "section_reason", "initiative", "rating", "rating__code"),
)
BEGUN = workflow.SUBMIT.from_states
RETURNED_FIRST, UNTOUCHED, INCOMPLETE = range(3)


@dataclass(frozen=True)
class WayThrough:
    """Where a row stands among a person's rows, in the table's order, and where one goes on from it.

    `previous`: the row before it. `following`: the next one that needs a hand. `ready`: how many wait to be
    submitted, of all rows. Rows are told by their ids.
    """

    position: int
    total: int
    previous: int | None
    following: int | None
    ready: int


def way_from(action: YearlyAction, user: permissions.Visitor) -> WayThrough | None:
    """The way on from a row; None for who is not asked to answer for it. Two queries at most."""
    rows = _rows_of(action.round, asked_of(user).filter(round=action.round))
    places = {row.pk: place for place, row in enumerate(rows)}
    if action.pk not in places:
        return None
    at = places[action.pk]
    needs = needs_of(rows)
    return WayThrough(
        position=at + 1,
        total=len(rows),
        previous=rows[at - 1].pk if at else None,
        following=_following(at, needs, rows),
        ready=sum(need is None and row.state in BEGUN for row, need in zip(rows, needs, strict=True)),
    )


def ready_rows(round: ReportingRound, rows: YearlyActionQuerySet) -> list[YearlyAction]:
    """Which of `rows`, all of the round, lack nothing and wait to be submitted. Three queries at most."""
    begun = _rows_of(round, rows.filter(state__in=BEGUN))
    return [row for row, need in zip(begun, needs_of(begun), strict=True) if need is None]


def needs_of(rows: Sequence[YearlyAction]) -> list[int | None]:
    """What each row still needs of its department, what comes first having the smallest number; None:
    nothing. A returned row that is complete needs nothing more once it has been changed.
    """
    unchanged = unchanged_since_return(rows)
    return [_need(row, is_unchanged=row.pk in unchanged) for row in rows]


def _need(row: YearlyAction, *, is_unchanged: bool) -> int | None:
    if row.state == ActionState.RETURNED and is_unchanged:
        return RETURNED_FIRST
    if row.state == ActionState.NOT_STARTED:
        return UNTOUCHED
    return INCOMPLETE if row.state in BEGUN and workflow.problems(row) else None


def _following(at: int, needs: Sequence[int | None], rows: Sequence[YearlyAction]) -> int | None:
    """What comes first of what is left; of what is alike, the next in the table, then from its beginning.

    Who leaves a row as it is goes on to rows of another kind before coming round to it again.
    """
    left = [(need, place) for place, need in enumerate(needs) if need is not None and place != at]

    def order(each: tuple[int, int]) -> tuple[bool, int, bool, int]:
        need, place = each
        is_behind = place < at
        return is_behind and need == needs[at], need, is_behind, place

    return rows[min(left, key=order)[1]].pk if left else None


def _rows_of(round: ReportingRound, rows: YearlyActionQuerySet) -> list[YearlyAction]:
    """Rows of a round, in the table's order, with what the way looks at."""
    looked_at = rows.select_related("rating").only(*LOOKED_AT)
    found = list(looked_at.in_table_order())
    for row in found:
        row.round = round  # one for all, which knows its columns
    return found
