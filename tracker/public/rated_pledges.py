"""A report's pledges by the ratings of their initiatives, and what these come to (reports/pledge_states.py).

It is counted from what the report has frozen, so that every report has it, however old.
"""

from collections.abc import Iterable

from tracker.models import Report
from tracker.public.entries import EntryValues
from tracker.reports.figures import RatingStep
from tracker.reports.pledge_states import PledgeRule, PledgeState

Ratings = list[RatingStep | None]  # None: unrated


def rated_pledges(report: Report, entries: Iterable[EntryValues]) -> dict[str, Ratings]:
    """The ratings of each pledge's initiatives by its key, from all entries of the report; a pledge without
    an initiative has none.
    """
    steps = {step.code: step for step in RatingStep.scale(report.ratings)}
    pledges: dict[str, Ratings] = {pledge["pledge_key"]: [] for pledge in report.bare_pledges}
    for entry in entries:
        pledges.setdefault(entry["pledge_key"], []).append(steps.get(entry["rating_code"]))
    return pledges


def pledge_states(report: Report, entries: Iterable[EntryValues]) -> dict[str, PledgeState]:
    """The state of each pledge by its key; empty for classes, which have none."""
    if not (rule := PledgeRule.of(RatingStep.scale(report.ratings))):
        return {}
    return {key: rule.state(ratings) for key, ratings in rated_pledges(report, entries).items()}
