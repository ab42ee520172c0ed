"""The overview: the answer first, then what changed, who says so, every pledge, fields, and years."""

from collections.abc import Iterable, Mapping

from django.http import HttpRequest

from tracker.models import Report
from tracker.public.answer import answer, consideration, evaluator, term_so_far
from tracker.public.bare_pledges import bare_counts, bare_rows, with_bare
from tracker.public.change_marks import RatingChanges, rating_changes
from tracker.public.changes import ComparedReport, compared_with
from tracker.public.charts import leads, text_bar
from tracker.public.context import Context, public_page
from tracker.public.entries import EntryValues
from tracker.public.groups import NOT_ANEW, RatedGroup, in_field, largest_total, rated_group
from tracker.public.original import original_of
from tracker.public.published import Published
from tracker.public.rows import PledgeSquare, badges, squares
from tracker.public.scope import Scope
from tracker.public.trend import counted_report, counted_reports, trend
from tracker.reports.figures import TextCounts, first_year, text_counts
from tracker.words.reported import ReportedYear

TextBars = list[tuple[TextCounts, list[tuple[float, float, str]]]]
SHOWN_FIELDS = (
    *("key", "pledge_key", "pledge_number", "pledge_text", "category_number", "rating_code", "progress"),
    *("initiative_position", *NOT_ANEW),
)


@public_page
def overview(request: HttpRequest, scope: Scope) -> Context:
    """What a citizen asks, in one sentence made from figures; then all that it is made from."""
    entries = list(scope.entries.values(*SHOWN_FIELDS))
    former = _former(scope)
    others = [*reversed(scope.earlier), *former]
    reports = scope.reports_of(others) if others else {}
    comparison = _comparison(scope, reports)
    changes = rating_changes(comparison.rows) if comparison else {}
    counted = counted_report(scope.this, scope.report, entries)
    told = counted_reports(scope, others, reports)
    before = [told[row.pk] for row in reversed(scope.earlier)]
    groups, whole = _groups(scope, entries, changes), rated_group(scope, "", scope.report.title, entries)
    compared = comparison.rows if comparison else None
    return {
        "answer": answer(counted.pledge_count, whole.distribution, counted.pledges, compared),
        "evaluator": evaluator(scope.report),
        "original": original_of(scope),
        "term_so_far": term_so_far(scope.report),
        "consideration": consideration(scope.report),
        "whole": whole,
        "leads": leads(counted.distribution),
        "pledge_count": counted.pledge_count,
        "pledges": counted.pledges,
        "bare": bare_counts(scope.report),
        "pledges_before": before[-1].pledges if before else None,
        "groups": groups,
        "largest": largest_total(group for group, _squares, _texts in groups),
        "badges": badges(scope.scale),
        "texts": _text_bars(entries, scope.report.years),
        "begun_later": _has_begun_later(entries, scope.report.years),
        "cumulative_year": next((y["fiscal_year"] for y in scope.report.years if y["cumulative"]), None),
        "comparison": comparison,
        "trend": trend([*before, counted]),
        "terms": [counted, *(told[row.pk] for row in former)] if former else [],
        "trend_largest": max(each.distribution.total for each in (*before, counted)),
    }


def _former(scope: Scope) -> list[Published]:
    """The latest report of the term before, on the latest pages: dated ones stay as they are."""
    following = scope.terms.index(scope.term) + 1
    return [term.latest for term in scope.terms[following : following + 1]] if scope.is_root else []


def _comparison(scope: Scope, reports: Mapping[int, Report]) -> ComparedReport | None:
    """What changed since the report of the date before; None in the first."""
    return next((compared_with(scope, 1, row, reports[row.pk]) for row in scope.earlier[:1]), None)


def _groups(
    scope: Scope, entries: Iterable[EntryValues], changes: RatingChanges
) -> list[tuple[RatedGroup, list[PledgeSquare], TextBars]]:
    """Each field with its squares and its kinds of texts."""
    groups, found, bare = [], list(entries), bare_rows(scope.report)
    for category in scope.report.outline["categories"]:
        own, own_bare = (in_field(rows, category["number"]) for rows in (found, bare))
        group = rated_group(scope, str(category["number"]), category["name"], own)
        shown = with_bare(own, own_bare)
        own_squares = squares(shown, scope.scale, scope.pages.pledge_pattern, changes)
        groups.append((group, own_squares, _text_bars(own, scope.report.years)))
    return groups


def _has_begun_later(entries: Iterable[EntryValues], years: Iterable[ReportedYear]) -> bool:
    """Whether the report tells of years before the first row of an entry."""
    first = min((year["fiscal_year"] for year in years), default=0)
    told = [each["progress"] for each in entries if each["progress"]]
    return any(first_year(each["results"], each["plans"]) > first for each in told)


def _text_bars(entries: Iterable[EntryValues], years: Iterable[ReportedYear]) -> TextBars:
    """What kinds of text each year has, as counts and as a bar."""
    return [(counts, text_bar(counts)) for counts in text_counts([e["progress"] for e in entries], years)]
