"""The first page after the login: what is asked of this person, by when, and how much is left."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Case, Count, IntegerField, Value, When
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from tracker.choices import HANDED_IN, OPEN_STATES, OUTSTANDING, ActionState
from tracker.cycle import manifestos, permissions, section_check, terms
from tracker.cycle.notices.news import news_for
from tracker.cycle.rounds import current_rounds, last_report
from tracker.models import Membership, ReportingRound, YearlyAction
from tracker.models.reporting import YearlyActionQuerySet
from tracker.staff.desk.board import bar_width, board_context
from tracker.staff.desk.correcting import correction_of
from tracker.staff.desk.queue import with_waiting
from tracker.staff.entry.between import published_for
from tracker.staff.entry.way import ready_count
from tracker.staff.frame.manifestos import asked_manifesto
from tracker.staff.frame.site import show
from tracker.staff.section.waiting import section_tasks
from tracker.staff.setting_up.steps import steps_left

TITLE = "ホーム"
TASKS_PER_PAGE = 250
ORDER = (*OUTSTANDING, *HANDED_IN)  # what needs a hand first


@dataclass(frozen=True)
class Tasks:
    """A person's rows in one round: how many stand where, and the page of them that is shown."""

    round: ReportingRound
    counts: list[tuple[ActionState, int]]
    groups: list[tuple[ActionState, list[YearlyAction]]]
    page: Page[YearlyAction]
    days_left: int | None  # until the due date
    ready: int = 0  # complete drafts that wait to be submitted
    manifesto: str = ""  # its name, where there are several

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
    def in_section(self) -> int:
        """How many wait for their head."""
        return dict(self.counts).get(ActionState.IN_SECTION, 0)

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
    ordered = rows.with_place().with_departments().in_table_order()
    ordered = ordered.order_by(urgency, *ordered.query.order_by)
    shown = Paginator(ordered, TASKS_PER_PAGE).get_page(page)
    by_state = groupby(shown.object_list, attrgetter("state"))
    groups = [(ActionState(state), list(alike)) for state, alike in by_state]
    told = section_check.told_states(round.manifesto, counted)
    counts = [(state, counted.get(state, 0)) for state in ORDER if state in told]
    ready = ready_count(rows) if round.is_writable else 0
    return Tasks(round, counts, groups, shown, round.days_left(timezone.localdate()), ready)


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """A department's tasks; an administrator's pages; the planning office's board and its own rows."""
    user = request.user
    if permissions.is_planning(user):
        return _planning_home(request)
    current, names = list(with_waiting(current_rounds())), manifestos.names()
    if permissions.is_administrator(user):
        rounds, setting_up = _named(current, names), steps_left(user)
        return show(request, "home_administrator", title=TITLE, rounds=rounds, setting_up=setting_up)
    tasks = _all_tasks(request, current, permissions.visible_actions(user), names)
    shown = [each for each in tasks if each.total]
    return show(
        request,
        "home",
        title=TITLE,
        tasks=shown,
        section=section_tasks(user),
        several=len(shown) > 1,
        left=sum(each.left for each in shown),
        places=_places_of(user),
        news=news_for(user) if permissions.may_enter(user) else [],
        published=published_for(user, [each.round for each in shown]),
    )


def _places_of(user: permissions.Visitor) -> list[Membership]:
    """Where a person works, the main department first."""
    return list(
        Membership.objects.filter(user=user.pk).select_related("department").order_by("is_concurrent", "pk")
    )


def _planning_home(request: HttpRequest) -> HttpResponse:
    """The board of one manifesto's round, the others by name, and the rows without a department of all."""
    manifesto, names = asked_manifesto(request), manifestos.names()
    current = list(with_waiting(current_rounds()))
    tasks = _all_tasks(request, current, YearlyAction.objects.without_department(), names)
    preparing = list(terms.in_preparation())
    own = [round for round in current if round.manifesto_id == getattr(manifesto, "pk", None)]
    others = [round for round in current if round not in own[:1]]
    context: dict[str, Any] = {
        "manifesto": manifesto,
        "others": _named(others, names),
        "corrections": [told for told in map(correction_of, others) if told],
        "waiting": sum(getattr(round, "waiting", 0) for round in current),
        "tasks": [each for each in tasks if each.left],
        "several": len(current) > 1,
        "preparing": [(each, names.get(each.pk, str(each))) for each in preparing],
        "is_preparing": manifesto in preparing,
        "setting_up": steps_left(request.user),
    }
    if own:
        context |= board_context(own[0], request.user)
    elif manifesto:
        context["last"] = last_report(manifesto)
    return show(request, "home_planning", title=TITLE, **context)


def _named(rounds: list[ReportingRound], names: Mapping[int, str]) -> list[tuple[ReportingRound, str]]:
    """Each round with its manifesto's name, "" where there is only one."""
    return [(round, names.get(round.manifesto_id, "")) for round in rounds]


def _all_tasks(
    request: HttpRequest, rounds: list[ReportingRound], rows: YearlyActionQuerySet, names: Mapping[int, str]
) -> list[Tasks]:
    """The tasks in each round. Of several that have pages the address says which is turned."""
    page, turned = request.GET.get("page", "1"), request.GET.get("round", "")
    pages = [page if turned in {"", str(round.pk)} else "1" for round in rounds]
    found = [tasks_in(round, rows, page) for round, page in zip(rounds, pages, strict=True)]
    return [replace(each, manifesto=names.get(each.round.manifesto_id, "")) for each in found]
