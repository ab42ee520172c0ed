"""The review queue: rows of a round, changed ratings first."""

from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from tracker.choices import ActionState
from tracker.cycle import manifestos, permissions
from tracker.cycle.rounds import current_rounds
from tracker.models import ReportingRound
from tracker.models.reporting import read_indicators
from tracker.staff.desk.correcting import correction_of
from tracker.staff.desk.filter import QueueFilter
from tracker.staff.desk.handed_in import handing_in
from tracker.staff.desk.row_cells import are_measured, queue_cells, queue_headings
from tracker.staff.desk.walk import QUEUE_ROWS_PER_PAGE, walk_query
from tracker.staff.desk.workbooks import desk_workbook
from tracker.staff.frame.access import row_number
from tracker.staff.frame.rows import rating_badges
from tracker.staff.frame.site import show
from tracker.staff.rounds.access import a_round
from tracker.workbooks.list_writing import ListSheet


def asked_round(request: HttpRequest) -> ReportingRound | None:
    """The round that `?round=` names, else the newest in which rows wait, else the newest under way, else
    the last. None if there is none.
    """
    if asked := request.GET.get("round", ""):
        if (pk := row_number(asked)) is None:
            raise Http404
        return a_round(pk)
    last = ReportingRound.objects.select_related("manifesto").newest_first()
    waiting = waiting_rounds()
    return waiting[0][0] if waiting else current_rounds().first() or last.first()


def waiting_rounds() -> list[tuple[ReportingRound, int]]:
    """The rounds under way in which rows wait for approval, with their number, newest first."""
    found = [(round, round.waiting) for round in with_waiting(current_rounds())]  # type: ignore[attr-defined]
    return [(round, count) for round, count in found if count]


def with_waiting(rounds: QuerySet[ReportingRound]) -> QuerySet[ReportingRound]:
    """Rounds with `waiting`, the number of their rows that wait for approval."""
    submitted = Count("actions", filter=Q(actions__state=ActionState.SUBMITTED))
    return rounds.annotate(waiting=submitted)


@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """One line per row, with what decides whether it needs a closer look."""
    if not permissions.may_see_all_actions(request.user):
        raise Http404
    round = asked_round(request)
    if round is None:
        return show(request, "desk/queue", title="承認待ち", round=None)
    filters = QueueFilter(request.GET, round)
    rows = filters.rows().with_place().with_departments()
    page, waiting = Paginator(rows, QUEUE_ROWS_PER_PAGE).get_page(request.GET.get("page")), waiting_rounds()
    return show(
        request,
        "desk/queue",
        title=filters.list_name,
        round=round,
        filters=filters,
        page=page,
        handed_in=handing_in(page),
        query=filters.query(),
        walk_query=walk_query(filters, page.paginator.count),
        correction=correction_of(round),
        conditions=filters.conditions(),
        complaints=filters.complaints(),
        badges=rating_badges(round.scale),
        elsewhere=_named([(other, count) for other, count in waiting if other != round]),
        all_waiting=sum(count for _round, count in waiting),
        may_review=permissions.may_review(request.user),
    )


@require_safe
def queue_workbook(request: HttpRequest) -> HttpResponse:
    """All rows of the queue's filter as Excel, with their texts in full."""
    if not permissions.may_see_all_actions(request.user) or (round := asked_round(request)) is None:
        raise Http404
    filters = QueueFilter(request.GET, round)
    found = list(filters.rows().with_place().with_departments())
    read_indicators(found)
    handed_in = handing_in(found)
    with_heads = round.manifesto.section_check or any(row.confirmed_by_id for row in found)
    more = {"with_heads": with_heads, "measured": are_measured(found)}
    rows = [queue_cells(row, handed_in[row.pk], **more) for row in found]
    conditions = [("状態", filters.state_words), *filters.conditions()]
    listed = ListSheet("取組の一覧", queue_headings(round, **more), rows)
    return desk_workbook(round, listed, conditions=conditions)


def _named(found: list[tuple[ReportingRound, int]]) -> list[tuple[ReportingRound, str, int]]:
    """Rounds with their manifestos' names, "" where there is only one."""
    names = manifestos.names() if found else {}
    return [(round, names.get(round.manifesto_id, ""), count) for round, count in found]
