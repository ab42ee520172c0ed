"""The first page after the login: what is asked of this person, by when, and how much is left."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Case, Count, IntegerField, Value, When
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from tracker.choices import FILLED_IN_LABEL, HANDED_IN, OPEN_STATES, OUTSTANDING, ActionState, RoundState
from tracker.cycle import manifestos, permissions, section_check, terms
from tracker.cycle.notices.news import news_for
from tracker.cycle.rounds import current_rounds, last_report
from tracker.models import Membership, ReportingRound, YearlyAction
from tracker.models.reporting import YearlyActionQuerySet
from tracker.staff.desk.board import bar_width, board_context
from tracker.staff.desk.correcting import correction_of
from tracker.staff.desk.queue import with_waiting
from tracker.staff.entry.between import published_for
from tracker.staff.entry.way import ready_rows
from tracker.staff.frame.manifestos import asked_manifesto
from tracker.staff.frame.site import show
from tracker.staff.section.waiting import section_tasks
from tracker.staff.setting_up.steps import steps_left

TITLE = "ホーム"
TASKS_PER_PAGE = 250
ORDER = (*OUTSTANDING, *HANDED_IN)  # what needs a hand first


@dataclass(frozen=True)
class Tasks:
    """A person's rows in one round: how many stand where, and the page of them that is shown.

    `groups` are what the page shows, alike by state and its word.
    """

    round: ReportingRound
    counts: dict[ActionState, int]
    groups: list[tuple[ActionState, str, list[YearlyAction]]]
    page: Page[YearlyAction]
    days_left: int | None  # until the due date
    ready: int = 0  # rows that lack nothing and wait to be submitted
    filled: int = 0  # the drafts among them
    stranded: int = 0  # rows that wait for a head who is not there any more
    manifesto: str = ""  # its name, where there are several

    @property
    def figures(self) -> list[tuple[ActionState, str, int]]:
        """How many rows stand where, in the words of `state_label`; what there is none of is left out."""
        told = [(state, str(state.label), count) for state, count in self.counts.items()]
        place = list(self.counts).index(ActionState.DRAFT)
        draft, label, count = told[place]
        told[place : place + 1] = [(draft, label, count - self.filled), (draft, FILLED_IN_LABEL, self.filled)]
        return [each for each in told if each[-1]]

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def is_correction(self) -> bool:
        """Whether what was published is being corrected: only what was given back is asked for then."""
        return self.round.state == RoundState.CORRECTING

    @property
    def left(self) -> int:
        """How many rows are asked for."""
        return sum(self.counts[state] for state in self._asked)

    @property
    def not_asked(self) -> int:
        """How many of a correction's rows were not approved when it was published: they may be written."""
        return sum(self.counts[state] for state in OPEN_STATES if state not in self._asked)

    @property
    def _asked(self) -> tuple[ActionState, ...]:
        return (ActionState.RETURNED,) if self.is_correction else OPEN_STATES

    @property
    def done(self) -> int:
        """How many have reached the planning office."""
        return sum(self.counts[state] for state in HANDED_IN)

    @property
    def in_section(self) -> int:
        """How many wait for their head."""
        return self.counts.get(ActionState.IN_SECTION, 0)

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
    told = section_check.told_states(round.manifesto, counted)
    counts = {state: counted.get(state, 0) for state in ORDER if state in told}
    ready = ready_rows(round, rows) if round.is_writable else []
    return Tasks(
        round,
        counts,
        _alike(shown.object_list),
        shown,
        round.days_left(timezone.localdate()),
        len(ready),
        sum(row.state == ActionState.DRAFT for row in ready),
        section_check.stranded(rows).count() if counts.get(ActionState.IN_SECTION) else 0,
    )


def _alike(rows: Iterable[YearlyAction]) -> list[tuple[ActionState, str, list[YearlyAction]]]:
    """Rows that stand alike, together; drafts that lack nothing after the others."""
    ordered = sorted(rows, key=lambda row: (ORDER.index(ActionState(row.state)), row.is_filled_in))
    grouped = groupby(ordered, attrgetter("state", "state_label"))
    return [(ActionState(state), label, list(alike)) for (state, label), alike in grouped]


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
        news=news_for(user, names) if permissions.may_enter(user) else [],
        published=published_for(user, [each.round for each in shown], names),
        confirms=any(each.round.manifesto.section_check for each in tasks),
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
