"""When a row reached the planning office: submission and head's confirmation, told apart."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from tracker.choices import HANDED_IN
from tracker.cycle import section_check
from tracker.models import ReportingRound, YearlyAction


@dataclass(frozen=True)
class HandingIn:
    """When a row was submitted, and confirmed where its head looked at it first. `late`: what was too late.

    The planning office counts from the day on which it had the row (docs/adr/0021), so that a head may be
    late with what was submitted in time.
    """

    submitted_at: datetime | None
    confirmed_at: datetime | None
    late: str


def handing_in(rows: Iterable[YearlyAction]) -> dict[int, HandingIn]:
    """Of each row by its id. One query at most."""
    listed = list(rows)
    to_head = section_check.submission_times(listed)
    return {row.pk: _handing_in(row, to_head.get(row.pk)) for row in listed}


def _handing_in(row: YearlyAction, to_head: datetime | None) -> HandingIn:
    if row.confirmed_by_id is None:
        return HandingIn(row.submitted_at, None, _late(row, row.submitted_at))
    return HandingIn(to_head, row.submitted_at, _late(row, to_head))


def _late(row: YearlyAction, submitted_at: datetime | None) -> str:
    if not row.is_late:
        return ""
    if row.state not in HANDED_IN:
        return "締切を過ぎています"
    is_heads = submitted_at is not None and not _is_after_due(submitted_at, row.round)
    return "締切後に課長確認" if is_heads else "締切後に提出"


def _is_after_due(moment: datetime, round: ReportingRound) -> bool:
    return round.due_on is not None and timezone.localdate(moment) > round.due_on
