"""評価が下がった取組: what the deputies ask for, with reasons, while a round runs and after publication."""

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.views.decorators.http import require_safe

from tracker.choices import ActionState, RoundState
from tracker.cycle import permissions, rounds
from tracker.models import Rating, ReportingRound, YearlyAction
from tracker.staff.desk.filter import ALL_STATES, QueueFilter
from tracker.staff.desk.row_cells import PLACE_HEADINGS, place_cells, rating_name
from tracker.staff.desk.walk import walk_query
from tracker.staff.desk.workbooks import desk_workbook
from tracker.staff.frame.rows import rating_badges
from tracker.staff.frame.site import show
from tracker.staff.rounds.access import a_round
from tracker.workbooks.list_writing import ListSheet

TITLE = "評価が下がった取組"


@dataclass(frozen=True)
class WorsenedRow:
    """A row beside the better rating that it had before."""

    action: YearlyAction
    before: Rating | None


@require_safe
def worsened(request: HttpRequest, pk: int) -> HttpResponse:
    """All of them on one page."""
    round, filters = _asked(request, pk)
    rows = worsened_rows(filters)
    return show(
        request,
        "desk/worsened",
        title=TITLE,
        round=round,
        rows=rows,
        is_over=round.state == RoundState.PUBLISHED,
        former=rounds.report_before(round),
        unapproved=sum(row.action.state != ActionState.APPROVED for row in rows),
        walk_query=walk_query(filters, len(rows)),
        badges=rating_badges(round.scale),
    )


@require_safe
def worsened_workbook(request: HttpRequest, pk: int) -> HttpResponse:
    """The same list as Excel."""
    round, filters = _asked(request, pk)
    headings = [*PLACE_HEADINGS, "前回の評価", "今回の評価", "評価を変えた理由", "状態"]
    rows = [
        [
            *place_cells(each.action),
            rating_name(each.before),
            rating_name(each.action.rating),
            each.action.rating_reason,
            each.action.state_label,
        ]
        for each in worsened_rows(filters)
    ]
    return desk_workbook(round, ListSheet(TITLE, headings, rows))


def _asked(request: HttpRequest, pk: int) -> tuple[ReportingRound, QueueFilter]:
    if not permissions.may_see_rounds(request.user):
        raise Http404
    round = a_round(pk)
    # What was not approved in time is not in the report: there the initiative stands as it stood before.
    state = ActionState.APPROVED if round.state == RoundState.PUBLISHED else ALL_STATES
    asked = QueryDict(mutable=True)
    asked.update({"change": "down", "state": str(state)})
    return round, QueueFilter(asked, round)


def worsened_rows(filters: QueueFilter) -> list[WorsenedRow]:
    """The rows whose rating is worse than the last report's, in the table's order.

    Once the round is published, its own report may be the rows' reference: then the report before it counts.
    """
    round = filters.round
    earlier = rounds.ratings_before(round) if filters.reads_earlier_report else {}
    scale = {rating.pk: rating for rating in round.scale}
    found = []
    for action in filters.rows().with_place().with_departments().in_table_order():
        was = scale.get(earlier.get(action.place) or 0)
        is_worse = was and action.rating and action.rating.direction_from(was) > 0
        found.append(WorsenedRow(action, was if is_worse else action.reference_rating))
    return found
