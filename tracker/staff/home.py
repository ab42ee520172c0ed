"""The first page after the login: what is asked of this person, by when, and how much is left."""

from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from django.core.paginator import Page, Paginator
from django.db.models import Case, Count, IntegerField, Value, When
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from tracker.choices import HANDED_IN, OPEN_STATES, ActionState
from tracker.cycle import permissions
from tracker.cycle.rounds import current_rounds
from tracker.models import Manifesto, Report, ReportingRound, YearlyAction
from tracker.models.reporting import YearlyActionQuerySet
from tracker.staff.desk.board import bar_width, board_context
from tracker.staff.frame.site import show

TASKS_PER_PAGE = 250
ORDER = (*OPEN_STATES, *HANDED_IN)  # what needs a hand first


@dataclass(frozen=True)
class Tasks:
    """A person's rows in one round: how many stand where, and the page of them that is shown."""

    round: ReportingRound
    counts: list[tuple[ActionState, int]]
    groups: list[tuple[ActionState, list[YearlyAction]]]
    page: Page[YearlyAction]
    days_left: int | None  # until the due date

    @property
    def total(self) -> int:
        return sum(count for _state, count in self.counts)

    @property
    def left(self) -> int:
        return sum(count for state, count in self.counts if state in OPEN_STATES)

    @property
    def done(self) -> int:
        return self.total - self.left

    @property
    def days_late(self) -> int:
        """Days past the due date; 0 before it."""
        return max(0, -(self.days_left or 0))

    @property
    def done_width(self) -> float:
        """The finished part of a bar 100 wide."""
        return bar_width(self.done, self.total)


def tasks_in(round: ReportingRound, rows: YearlyActionQuerySet, page: str) -> Tasks:
    """Sorted by what needs a hand first, then in the table's order."""
    rows = rows.filter(round=round)
    counted = dict(rows.order_by().values_list("state").annotate(count=Count("pk")))
    urgency = Case(*(When(state=s, then=Value(i)) for i, s in enumerate(ORDER)), output_field=IntegerField())
    ordered = rows.with_place().with_departments().defer("result", "plan", "rating_reason").in_table_order()
    ordered = ordered.order_by(urgency, *ordered.query.order_by)
    shown = Paginator(ordered, TASKS_PER_PAGE).get_page(page)
    by_state = groupby(shown.object_list, attrgetter("state"))
    groups = [(ActionState(state), list(alike)) for state, alike in by_state]
    counts = [(state, counted.get(state, 0)) for state in ORDER]
    return Tasks(round, counts, groups, shown, round.days_left(timezone.localdate()))


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """A department's tasks; an administrator's pages; the planning office's board and its own rows."""
    user, title, current = request.user, "ホーム", list(current_rounds())
    if permissions.is_administrator(user):
        return show(request, "home_administrator", title=title, rounds=current)
    if permissions.is_planning(user) and not current:
        last = Report.objects.order_by("-fiscal_year").first()
        has_manifestos = Manifesto.objects.exists()
        return show(request, "home_planning", title=title, last=last, has_manifestos=has_manifestos)
    is_planning = permissions.is_planning(user)
    rows = YearlyAction.objects.without_department() if is_planning else permissions.visible_actions(user)
    page, several = request.GET.get("page", "1"), len(current) > 1
    found = [tasks_in(round, rows, page) for round in current]
    if is_planning:
        tasks, board = [each for each in found if each.left], board_context(current[0], user)
        context = {"tasks": tasks, "several": several, "others": current[1:], **board}
        return show(request, "home_planning", title=title, **context)
    tasks = [each for each in found if each.total]
    return show(request, "home", title=title, tasks=tasks, several=several)
