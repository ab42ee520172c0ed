"""A report's pledges by the ratings of their initiatives, and what these come to (reports/pledge_states.py).

It is counted from what the report has frozen, so that every report has it, however old.
"""

from collections import defaultdict
from collections.abc import Iterable

from tracker.models import Report
from tracker.public.entries import EntryValues
from tracker.reports.figures import RatingStep
from tracker.reports.pledge_states import PledgeRule, PledgeState, RatedPledge
from tracker.words.reported import has_ended

# Of each entry, for its pledge's state.
STATE_FIELDS = ("pledge_key", "rating_code", "ended_after")


def rated_pledges(report: Report, entries: Iterable[EntryValues]) -> dict[str, RatedPledge]:
    """Each pledge by its key, from the STATE_FIELDS of all entries of the report."""
    steps = {step.code: step for step in RatingStep.scale(report.ratings)}
    pledges: dict[str, list[EntryValues]] = defaultdict(list)
    for entry in entries:
        pledges[entry["pledge_key"]].append(entry)
    return _bare(report) | {
        key: RatedPledge(
            [steps.get(entry["rating_code"]) for entry in own],
            all(entry["ended_after"] is not None for entry in own),
        )
        for key, own in pledges.items()
    }


def _bare(report: Report) -> dict[str, RatedPledge]:
    return {each["pledge_key"]: RatedPledge((), has_ended(each)) for each in report.bare_pledges}


def pledge_states(report: Report, entries: Iterable[EntryValues]) -> dict[str, PledgeState]:
    """The state of each pledge by its key; empty for classes, which have none."""
    if not (rule := PledgeRule.of(RatingStep.scale(report.ratings))):
        return {}
    return {key: rule.state(pledge) for key, pledge in rated_pledges(report, entries).items()}


def told_states(report: Report) -> dict[PledgeState, str]:
    """The states that the report's pledges can have, with their names; empty for classes."""
    if not (rule := PledgeRule.of(RatingStep.scale(report.ratings))):
        return {}
    without = set(map(rule.state, _bare(report).values()))
    return {state: rule.names[state] for state in rule.told({PledgeState.ENDED, *without})}
