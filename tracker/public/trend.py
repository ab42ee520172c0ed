"""The counts of ratings and pledges over the reports of a term, as soon as there are three."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tracker.models import Report
from tracker.public.charts import Segment, bar
from tracker.public.entries import EntryValues
from tracker.public.published import Published
from tracker.public.rated_pledges import STATE_FIELDS, rated_pledges
from tracker.public.scope import Scope
from tracker.reports.figures import Distribution, RatingStep, distribution
from tracker.reports.pledge_states import PledgeCounts, PledgeState, pledge_counts

LEAST_FOR_A_TREND = 3  # reports
COUNTED_FIELDS = ("report_id", *STATE_FIELDS)


@dataclass(frozen=True)
class CountedReport:
    """What is counted of a report: its initiatives' ratings, and its pledges."""

    row: Published
    distribution: Distribution
    pledge_count: int
    pledges: PledgeCounts | None  # by state; None for classes
    is_over: bool  # whether it tells the term's last year

    @property
    def pledge_lines(self) -> list[tuple[str, int]]:
        """(name, count) of each state, best first; once a term is over, nothing is under way."""
        if not self.pledges:
            return []
        names = (
            {PledgeState.UNDER_WAY: f"「{self.pledges.rule.top.label}」の取組なし"} if self.is_over else {}
        )
        return [(names.get(state, name), count) for state, name, _rule, count in self.pledges.lines]

    @property
    def bar(self) -> list[Segment]:
        return bar(self.distribution)

    @property
    def codes(self) -> list[str]:
        return [share.step.code for share in self.distribution.shares if share.step]


def counted_report(row: Published, report: Report, entries: Iterable[EntryValues]) -> CountedReport:
    """A report counted by its own scale, with its pledges that have no initiative."""
    scale, found = RatingStep.scale(report.ratings), list(entries)
    pledges = rated_pledges(report, found)
    counted = distribution([entry["rating_code"] for entry in found], scale)
    last = report.about.get("last_fiscal_year")
    is_over = last is not None and report.fiscal_year >= last
    return CountedReport(row, counted, len(pledges), pledge_counts(pledges.values(), scale), is_over)


def counted_reports(
    scope: Scope, rows: Sequence[Published], reports: Mapping[int, Report]
) -> dict[int, CountedReport]:
    """Other reports by key, each of which `reports` has. One query, none without any."""
    told: dict[int, list[EntryValues]] = {row.pk: [] for row in rows}
    for entry in scope.entries_of(rows).values(*COUNTED_FIELDS) if rows else ():
        told[entry["report_id"]].append(entry)
    return {row.pk: counted_report(row, reports[row.pk], told[row.pk]) for row in rows}


def trend(counted: Sequence[CountedReport]) -> list[CountedReport]:
    """Those that are rated by the last one's steps; none while they are fewer than three."""
    alike = [each for each in counted if each.codes == counted[-1].codes]
    return alike if len(alike) >= LEAST_FOR_A_TREND else []
