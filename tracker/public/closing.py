"""任期のまとめ: what each pledge of a term came to, by its latest report, once the next term has one."""

from collections.abc import Iterable
from typing import NamedTuple

from django.http import Http404, HttpRequest

from tracker.public.answer import answer
from tracker.public.bare_pledges import bare_rows, is_bare, with_bare
from tracker.public.context import Context, public_page
from tracker.public.continued import LaterPledges, PledgeOfTerm, carried_on_by, later_pledges
from tracker.public.entries import EntryValues
from tracker.public.groups import NOT_ANEW, in_field, largest_total, rated_group
from tracker.public.rows import badges
from tracker.public.scope import Scope
from tracker.public.trend import counted_report, counted_reports

SHOWN_FIELDS = (
    *("pledge_key", "pledge_number", "pledge_text", "former_pledge_keys", "category_number"),
    *("initiative_position", "initiative_name", "rating_code", *NOT_ANEW),
)


class ClosedPledge(NamedTuple):
    """A pledge with its initiatives as the latest report has them, what carries it on, and the last year of
    one that ended without any.
    """

    key: str
    number: str
    text: str
    initiatives: list[EntryValues]
    later: list[PledgeOfTerm]
    ended_after: int | None


@public_page
def closing(request: HttpRequest, scope: Scope) -> Context:
    """Counts per rating, by field, and every pledge. There is none while no later term has a report."""
    if not scope.term.has_next:
        raise Http404
    entries, later, groups = list(scope.entries.values(*SHOWN_FIELDS)), later_pledges(scope), []
    bare = bare_rows(scope.report)
    for category in scope.report.outline["categories"]:
        own, own_bare = (in_field(rows, category["number"]) for rows in (entries, bare))
        group = rated_group(scope, str(category["number"]), category["name"], own)
        groups.append((group, _closed(with_bare(own, own_bare), later)))
    pledges = [pledge for _group, closed in groups for pledge in closed]
    following = [scope.later_terms[-1].latest]
    counted = counted_reports(scope, following, scope.reports_of(following))
    this = counted_report(scope.this, scope.report, entries)
    return {
        "answer": answer(this.pledge_count, this.distribution, this.pledges, None)[0],
        "whole": rated_group(scope, "", scope.report.title, entries),
        "groups": groups,
        "largest": largest_total(group for group, _closed in groups),
        "terms": [this, *counted.values()],
        "pledge_count": len(pledges),
        "carried_on": [pledge for pledge in pledges if pledge.later],
        "next_term": scope.later_terms[-1],
        "result_years": [year for year in scope.report.years if year["kind"] == "result"],
        "badges": badges(scope.scale),
    }


def _closed(entries: Iterable[EntryValues], later: LaterPledges) -> list[ClosedPledge]:
    """Entries by their pledge, in order."""
    found: dict[str, list[EntryValues]] = {}
    for entry in entries:
        found.setdefault(entry["pledge_key"], []).append(entry)
    return [
        ClosedPledge(
            key,
            own[0]["pledge_number"],
            own[0]["pledge_text"],
            [row for row in own if not is_bare(row)],
            carried_on_by(later, key, own[0]["former_pledge_keys"]),
            own[0]["ended_after"] if is_bare(own[0]) else None,
        )
        for key, own in found.items()
    ]
