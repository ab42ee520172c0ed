"""The counts of ratings and pledges over the reports of a term, as soon as there are three."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tracker.models import Report
from tracker.public.charts import Segment, bar
from tracker.public.entries import EntryValues
from tracker.public.published import Published
from tracker.public.scope import Scope
from tracker.reports.figures import Distribution, RatingStep, distribution
from tracker.reports.pledge_states import PledgeCounts, pledge_counts

LEAST_FOR_A_TREND = 3  # reports
COUNTED_FIELDS = ("report_id", "pledge_key", "rating_code")


@dataclass(frozen=True)
class CountedReport:
    """What is counted of a report: its initiatives' ratings, and its pledges."""

    row: Published
    distribution: Distribution
    pledges: PledgeCounts | None

    @property
    def bar(self) -> list[Segment]:
        return bar(self.distribution)

    @property
    def codes(self) -> list[str]:
        return [share.step.code for share in self.distribution.shares if share.step]


def counted_report(
    row: Published, entries: Iterable[EntryValues], scale: Sequence[RatingStep]
) -> CountedReport:
    steps = {step.code: step for step in scale}
    pledges: dict[str, list[RatingStep | None]] = {}
    codes = []
    for entry in entries:
        codes.append(entry["rating_code"])
        pledges.setdefault(entry["pledge_key"], []).append(steps.get(entry["rating_code"]))
    return CountedReport(row, distribution(codes, scale), pledge_counts(pledges.values(), scale))


def counted_before(scope: Scope, reports: Mapping[int, Report]) -> list[CountedReport]:
    """The reports before a scope's, oldest first; `reports` has their scales. One query, none without any."""
    if not scope.earlier:
        return []
    told: dict[int, list[EntryValues]] = {row.pk: [] for row in reversed(scope.earlier)}
    for entry in scope.entries_of(scope.earlier).values(*COUNTED_FIELDS):
        told[entry["report_id"]].append(entry)
    scales = {pk: RatingStep.scale(report.ratings) for pk, report in reports.items()}
    return [counted_report(row, told[row.pk], scales[row.pk]) for row in reversed(scope.earlier)]


def trend(counted: Sequence[CountedReport]) -> list[CountedReport]:
    """Those that are rated by the last one's steps; none while they are fewer than three."""
    alike = [each for each in counted if each.codes == counted[-1].codes]
    return alike if len(alike) >= LEAST_FOR_A_TREND else []
