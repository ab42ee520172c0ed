"""The review queue: rows of a round, changed ratings first."""

import re

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from tracker.cycle import permissions
from tracker.cycle.rounds import current_rounds
from tracker.models import ReportingRound
from tracker.staff.desk.filter import QueueFilter
from tracker.staff.frame.rows import rating_badges, scale_of
from tracker.staff.frame.site import show
from tracker.staff.rounds.access import a_round

QUEUE_ROWS_PER_PAGE = 100
ROUND_DIGITS = re.compile(r"[0-9]{1,18}")


def asked_round(request: HttpRequest) -> ReportingRound | None:
    """The round that `?round=` names, else the newest under way, else the last. None if there is none."""
    if asked := request.GET.get("round", ""):
        if not ROUND_DIGITS.fullmatch(asked):
            raise Http404
        return a_round(int(asked))
    last = ReportingRound.objects.select_related("manifesto").order_by("-fiscal_year", "-pk")
    return current_rounds().first() or last.first()


@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """One line per row, with what decides whether it needs a closer look."""
    if not permissions.may_see_all_actions(request.user):
        raise Http404
    round, title = asked_round(request), "承認待ち"
    if round is None:
        return show(request, "desk/queue", title=title, round=None)
    filters = QueueFilter(request.GET, round)
    rows = filters.rows().with_place().with_departments().defer("result", "plan")
    return show(
        request,
        "desk/queue",
        title=title,
        round=round,
        filters=filters,
        page=Paginator(rows, QUEUE_ROWS_PER_PAGE).get_page(request.GET.get("page")),
        query=filters.query(),
        conditions=filters.conditions(),
        complaints=filters.complaints(),
        badges=rating_badges(scale_of(round)),
        may_review=permissions.may_review(request.user),
    )
