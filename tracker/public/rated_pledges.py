"""A report's pledges by the ratings of their initiatives, and what these come to (reports/pledge_states.py).

It is counted from what the report has frozen, so that every report has it, however old.
"""

from collections import defaultdict
from collections.abc import Iterable

from tracker.models import Report
from tracker.public.entries import EntryValues
from tracker.reports.figures import RatingStep
from tracker.reports.pledge_states import PledgeRule, PledgeState, Rated


def rated_pledges(report: Report, entries: Iterable[EntryValues]) -> dict[str, Rated]:
    """The ratings of each pledge's initiatives by its key, from all entries of the report."""
    steps = {step.code: step for step in RatingStep.scale(report.ratings)}
    pledges: dict[str, list[RatingStep | None]] = defaultdict(list)
    for entry in entries:
        pledges[entry["pledge_key"]].append(steps.get(entry["rating_code"]))
    return {**_bare(report), **pledges}


def _bare(report: Report) -> dict[str, Rated]:
    return {each["pledge_key"]: None if "ended_after" in each else () for each in report.bare_pledges}


def pledge_states(report: Report, entries: Iterable[EntryValues]) -> dict[str, PledgeState]:
    """The state of each pledge by its key; empty for classes, which have none."""
    if not (rule := PledgeRule.of(RatingStep.scale(report.ratings))):
        return {}
    return {key: rule.state(ratings) for key, ratings in rated_pledges(report, entries).items()}


def told_states(report: Report) -> dict[PledgeState, str]:
    """The states that the report's pledges can have, with their names; empty for classes."""
    if not (rule := PledgeRule.of(RatingStep.scale(report.ratings))):
        return {}
    return {state: rule.names[state] for state in rule.told(set(map(rule.state, _bare(report).values())))}
