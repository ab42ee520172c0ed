"""Where a pledge stands now that other reports have, or had, elsewhere."""

from django.http import Http404, HttpResponse, HttpResponsePermanentRedirect

from tracker.public.bare_pledges import bare_rows
from tracker.public.context import FRESHNESS
from tracker.public.scope import Scope


def moved(scope: Scope, key: str, page: str) -> HttpResponse:
    """Leads to that page of the pledge that other reports have at `key`. Raises Http404 where there is none.

    For good, but asked anew each time: the pledge may move on, or back.
    """
    places = scope.entries.with_facet(f"k:{key}").values("pledge_key")
    if not places:  # a later report's place of it?
        told = scope.entries_of(scope.reports).where(pledge_key__exact=key).values("former_pledge_keys")
        former = {place for entry in told for place in entry["former_pledge_keys"] or ()}
        places = scope.entries.where(pledge_key__in=former).values("pledge_key") if former else ()
    if not places:
        places = [row for row in bare_rows(scope.report) if key in (row["former_pledge_keys"] or ())]
    if not places:
        raise Http404
    address = scope.url(page, key=places[0]["pledge_key"])
    return HttpResponsePermanentRedirect(address, headers={"Cache-Control": FRESHNESS})
