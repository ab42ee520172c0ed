"""The review queue: rows of a round, changed ratings first."""

import re

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from tracker.cycle import permissions
from tracker.cycle.rounds import current_rounds
from tracker.models import ReportingRound
from tracker.staff.desk.filter import QueueFilter
from tracker.staff.frame.pages import show
from tracker.staff.rows import rating_badges

ROWS_PER_PAGE = 100
NUMBER = re.compile(r"[0-9]{1,18}")


def asked_round(request: HttpRequest) -> ReportingRound | None:
    """The round that `?round=` names, else the one being worked in, else the last. None where there is none
    at all.
    """
    rounds = ReportingRound.objects.select_related("manifesto")
    if asked := request.GET.get("round", ""):
        if not NUMBER.fullmatch(asked):
            raise Http404
        return get_object_or_404(rounds, pk=int(asked))
    return current_rounds().first() or rounds.order_by("-fiscal_year", "-pk").first()


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """One line per row, with what decides whether it needs a closer look."""
    if not permissions.may_see_all_actions(request.user):
        raise Http404
    round = asked_round(request)
    title = "承認待ち"
    if round is None:
        return show(request, "queue", title=title, round=None)
    filters = QueueFilter(request.GET, round)
    rows = filters.rows().with_place().with_departments().defer("result", "plan")
    return show(
        request,
        "queue",
        title=title,
        round=round,
        filters=filters,
        page=Paginator(rows, ROWS_PER_PAGE).get_page(request.GET.get("page")),
        query=filters.query(),
        complaints=filters.complaints(),
        badges=rating_badges(list(round.manifesto.ratings.order_by("position"))),
        may_review=permissions.may_review(request.user),
    )
