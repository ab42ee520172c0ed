"""The review queue: rows of a round, changed ratings first."""

from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from tracker.choices import ActionState
from tracker.cycle import permissions
from tracker.cycle.rounds import current_rounds
from tracker.models import ReportingRound
from tracker.staff.desk.filter import QueueFilter
from tracker.staff.frame.access import row_number
from tracker.staff.frame.rows import rating_badges, scale_of
from tracker.staff.frame.site import show
from tracker.staff.rounds.access import a_round

QUEUE_ROWS_PER_PAGE = 100


def asked_round(request: HttpRequest) -> ReportingRound | None:
    """The round that `?round=` names, else the newest in which rows wait, else the newest under way, else
    the last. None if there is none.
    """
    if asked := request.GET.get("round", ""):
        if (pk := row_number(asked)) is None:
            raise Http404
        return a_round(pk)
    last = ReportingRound.objects.select_related("manifesto").order_by("-fiscal_year", "-pk")
    waiting = waiting_rounds()
    return waiting[0][0] if waiting else current_rounds().first() or last.first()


def waiting_rounds() -> list[tuple[ReportingRound, int]]:
    """The rounds under way in which rows wait for approval, with their number, newest first."""
    submitted = Count("actions", filter=Q(actions__state=ActionState.SUBMITTED))
    found = [(round, round.waiting) for round in current_rounds().annotate(waiting=submitted)]
    return [(round, count) for round, count in found if count]


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
        elsewhere=[(other, count) for other, count in waiting_rounds() if other != round],
        may_review=permissions.may_review(request.user),
    )
