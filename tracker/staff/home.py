"""The first page after the login: what is asked of this person, by when, and how much is left."""

from dataclasses import dataclass
from datetime import date

from django.core.paginator import Page, Paginator
from django.db.models import Case, Count, IntegerField, Value, When
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from tracker.choices import HANDED_IN, OPEN_STATES, ActionState
from tracker.cycle import permissions
from tracker.cycle.rounds import current_rounds
from tracker.models import ReportingRound, YearlyAction
from tracker.models.reporting import YearlyActionQuerySet
from tracker.staff.desk import board
from tracker.staff.frame.pages import show

ROWS_PER_PAGE = 250
ORDER = (*OPEN_STATES, *HANDED_IN)  # what needs a hand first


@dataclass(frozen=True)
class Tasks:
    """A person's rows in one round: how many stand where, and the page of them that is shown."""

    round: ReportingRound
    counts: list[tuple[ActionState, int]]
    groups: list[tuple[ActionState, list[YearlyAction]]]
    page: Page[YearlyAction]
    today: date

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
    def days_left(self) -> int | None:
        return self.round.days_left(self.today)

    @property
    def days_late(self) -> int:
        """Days past the due date; 0 before it."""
        return max(0, -(self.days_left or 0))

    @property
    def done_width(self) -> float:
        """The finished part, of a bar 100 wide."""
        return round(100 * self.done / self.total, 1) if self.total else 0


def tasks_in(round: ReportingRound, rows: YearlyActionQuerySet, page: str) -> Tasks:
    """Sorted by what needs a hand first, then in the table's order."""
    rows = rows.filter(round=round)
    counted = dict(rows.order_by().values_list("state").annotate(count=Count("pk")))
    urgency = Case(*(When(state=s, then=Value(i)) for i, s in enumerate(ORDER)), output_field=IntegerField())
    ordered = rows.with_place().with_departments().defer("result", "plan", "rating_reason").in_table_order()
    ordered = ordered.order_by(urgency, *ordered.query.order_by)
    shown = Paginator(ordered, ROWS_PER_PAGE).get_page(page)
    found = list(shown.object_list)
    groups = [(state, [row for row in found if row.state == state]) for state in ORDER]
    counts = [(state, counted.get(state, 0)) for state in ORDER]
    return Tasks(round, counts, [group for group in groups if group[1]], shown, timezone.localdate())


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The task list of a department; the planning office's board and the rows that fall to it; an
    administrator's pages.
    """
    user, title = request.user, "ホーム"
    current = list(current_rounds())
    if permissions.is_administrator(user):
        return show(request, "home_administrator", title=title, rounds=current)
    if permissions.is_planning(user):
        return _planning(request, current)
    asked = request.GET.get("page", "1")
    tasks = [tasks_in(round, permissions.visible_actions(user), asked) for round in current]
    return show(
        request, "home", title=title, tasks=[each for each in tasks if each.total], several=len(current) > 1
    )


def _planning(request: HttpRequest, current: list[ReportingRound]) -> HttpResponse:
    """The board of the newest round that is under way, the way to the others, and rows that no department
    answers for.
    """
    title = "ホーム"
    if not current:
        last = ReportingRound.objects.select_related("manifesto").order_by("-fiscal_year").first()
        return show(request, "home_planning", title=title, last=last)
    own = [
        tasks_in(round, YearlyAction.objects.without_department(), request.GET.get("page", "1"))
        for round in current
    ]
    tasks = [each for each in own if each.left]
    found = board.context(current[0], request.user)
    return show(
        request,
        "home_planning",
        title=title,
        others=current[1:],
        tasks=tasks,
        several=len(current) > 1,
        **found,
    )
