"""Where a pledge stands now that other reports have, or had, elsewhere."""

from django.http import Http404, HttpResponse, HttpResponsePermanentRedirect

from tracker.public.bare_pledges import bare_rows
from tracker.public.context import FRESHNESS
from tracker.public.scope import Scope


def moved(scope: Scope, key: str, page: str) -> HttpResponse:
    """Leads to that page of the pledge that other reports have at `key`. Raises Http404 where there is none.

    For good, but asked anew each time: the pledge may move on, or back.
    """
    if not (place := _later_place(scope, key) or _earlier_place(scope, key)):
        raise Http404
    address = scope.url(page, key=place)
    return HttpResponsePermanentRedirect(address, headers={"Cache-Control": FRESHNESS})


def _later_place(scope: Scope, key: str) -> str:
    """Where the report has a pledge that stood at `key` before; "" where it has none."""
    found = scope.entries.with_facet(f"k:{key}").values("pledge_key")
    bare = [row for row in bare_rows(scope.report) if key in (row["former_pledge_keys"] or ())]
    return next((str(row["pledge_key"]) for row in (*found, *bare)), "")


def _earlier_place(scope: Scope, key: str) -> str:
    """Where the report has a pledge that another one has at `key`; "" where it has none."""
    told = scope.entries_of(scope.reports).where(pledge_key__exact=key).values("former_pledge_keys")
    reports = scope.reports_of(scope.reports).values()
    bare = [pledge for report in reports for pledge in report.bare_pledges if pledge["pledge_key"] == key]
    former = {place for each in (*told, *bare) for place in each["former_pledge_keys"] or ()}
    if not former:
        return ""
    found = scope.entries.where(pledge_key__in=former).values("pledge_key")
    here = [row for row in bare_rows(scope.report) if row["pledge_key"] in former]
    return next((str(row["pledge_key"]) for row in (*found, *here)), "")
