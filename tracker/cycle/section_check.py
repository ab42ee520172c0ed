"""課長確認: a department's head looks at what it has submitted before the planning office gets it.

The third part of the workflow: what a head does. Whom a submission goes to is `workflow.submitting`'s to
say. How it hangs together: docs/adr/0021.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from tracker.choices import WRITABLE_ROUNDS, ActionState, EventKind
from tracker.cycle import permissions, workflow
from tracker.cycle.workflow import Act, ActOnMany, Forbidden
from tracker.models import Assignment, Department, Event, Manifesto, ReportingRound, User, YearlyAction
from tracker.models.reporting import UNCHANGED_RATING, YearlyActionQuerySet, answered_by

CONFIRM = Act((ActionState.IN_SECTION,), WRITABLE_ROUNDS, "確認", needs_head=True)
GIVE_BACK = Act((ActionState.IN_SECTION,), WRITABLE_ROUNDS, "差戻し", needs_head=True)


@transaction.atomic
def confirm(pk: int, *, by: User, version: int) -> YearlyAction:
    """Confirms a row for its section, and hands it to the planning office.

    Raises Forbidden (also for what one wrote, while another head could), NotNow or Stale.
    """
    action = workflow.locked(pk, CONFIRM, by)
    workflow.require_version(action, version)
    return workflow.write(action, by, permissions.confirmers_rows(by), _confirming(by))


@transaction.atomic
def give_back(pk: int, *, by: User, version: int, reason: str) -> YearlyAction:
    """Returns a row to who wrote it. What 企画 had asked for stays beside the head's words.

    Raises as `confirm`, or Incomplete.
    """
    action = workflow.locked(pk, GIVE_BACK, by)
    workflow.require_version(action, version)
    workflow.require_reason(reason)
    values = {"state": ActionState.RETURNED, "section_reason": reason.strip(), "submitted_at": None}
    return workflow.write(action, by, permissions.confirmers_rows(by), values, reason=reason.strip())


@transaction.atomic
def confirm_all(rows: Iterable[tuple[int, int]], *, by: User) -> int:
    """Confirms rows of one round whose rating did not change, all or none. Returns how many.

    `rows` are (pk, version seen) each. Raises Forbidden, or Blocked with every row that stands in the way.
    Takes a constant number of statements per 500 rows.
    """
    if not by.headed_ids:
        raise Forbidden("確認できるのは課長だけです。")
    why_not = partial(_why_not, by=by)
    many = ActOnMany(CONFIRM, _confirming(by), confirmable_at_once(by), why_not)
    return workflow.act_on_all(dict(rows), many, by)


def _confirming(by: User) -> dict[str, Any]:
    """What confirming writes. What the head had said is settled; what 企画 has said, 企画 settles."""
    return {
        "state": ActionState.SUBMITTED,
        "confirmed_by": by,
        "submitted_at": timezone.now(),
        "section_reason": "",
    }


def confirmable_at_once(by: User) -> Q:
    """Which rows `confirm_all` takes: `_why_not` as a condition."""
    return UNCHANGED_RATING & permissions.confirmers_rows(by)


def _why_not(action: YearlyAction, version: int, by: User) -> str:
    if words := workflow.why_not_as_seen(CONFIRM, action, version):
        return words
    return "" if permissions.may_confirm(by, action) else "あなたが確認できる取組ではありません。"


def told_states(manifesto: Manifesto, counts: Mapping[ActionState, int]) -> list[ActionState]:
    """The states that are told of rows: 課内確認中 only where heads confirm, or where a row still waits."""
    is_told = manifesto.section_check or bool(counts.get(ActionState.IN_SECTION))
    return [state for state in ActionState if is_told or state != ActionState.IN_SECTION]


def departments_without_head(round: ReportingRound) -> list[str]:
    """The names of the departments whose rows go straight to the planning office, though heads confirm."""
    if not round.manifesto.section_check or not round.is_writable:
        return []
    duties = Assignment.objects.answering(round.fiscal_year).filter(initiative__actions__round=round)
    offices = Department.objects.filter(pk__in=duties.values("department"))
    return [str(each) for each in offices.exclude(pk__in=permissions.heads().values("department"))]


def stranded(rows: YearlyActionQuerySet) -> YearlyActionQuerySet:
    """Those of the rows that wait for a head whom their departments do not have any more."""
    headed = answered_by(Q(department__in=permissions.heads().values("department")))
    return rows.in_section().exclude(headed)


def lacks_head(action: YearlyAction) -> bool:
    """`stranded` of one row."""
    if action.state != ActionState.IN_SECTION:
        return False
    return permissions.headed_departments().isdisjoint(each.pk for each in action.departments)


def waiting_for(user: User) -> YearlyActionQuerySet:
    """The rows that this person may confirm now, in the table's order."""
    rows = YearlyAction.objects.in_section().filter(round__state__in=WRITABLE_ROUNDS)
    return rows.filter(permissions.confirmers_rows(user)).in_table_order()


def submission_times(rows: Iterable[YearlyAction]) -> dict[int, datetime]:
    """When the department submitted each of the rows that a head has confirmed since, by id.

    The rows themselves say when the head confirmed them. One query, none without such a row.
    """
    confirmed = {row.subject: row.pk for row in rows if row.confirmed_by_id}
    if not confirmed:
        return {}
    events = Event.objects.filter(
        subject__in=list(confirmed), kind=EventKind.TRANSITION, to_state=ActionState.IN_SECTION
    )
    told = events.order_by("number").values_list("subject", "happened_at")
    return {confirmed[subject]: at for subject, at in told}  # the last one counts


def submitted_words(action: YearlyAction) -> str:
    """Where a row that was just submitted is now, to whoever submitted it."""
    if action.state == ActionState.IN_SECTION:
        return "提出しました。課長の確認を待っています。"
    if action.round.manifesto.section_check:
        return "提出しました。課長が登録されていないので、企画に直接提出しました。"
    return "提出しました。"
