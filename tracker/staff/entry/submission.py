"""The check of all: a person's complete drafts of a round on one page, submitted together, all or none."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from tracker.choices import ActionState
from tracker.cycle import manifestos, permissions, section_check, workflow, workflow_in_bulk
from tracker.models import ReportingRound, User, YearlyAction
from tracker.models.reporting import read_indicators
from tracker.staff.desk.bulk_approval import PAIRS
from tracker.staff.entry.own_rows import asked_of
from tracker.staff.entry.returned import unchanged_since_return
from tracker.staff.entry.way import BEGUN
from tracker.staff.frame.access import allowed
from tracker.staff.frame.rows import rating_badges
from tracker.staff.frame.site import show
from tracker.staff.rounds.access import a_round

SUBMISSIONS_PER_PAGE = 50
TITLE = "まとめて確認して提出"
NONE_TICKED = "提出する取組が選ばれていません。1 件も提出していません。"


@dataclass(frozen=True)
class ReadyRow:
    """A complete draft. `is_unchanged`: nothing has changed since it was returned; a person is asked once."""

    action: YearlyAction
    is_unchanged: bool
    is_ticked: bool

    @property
    def pair(self) -> str:
        """The row and the version that the page shows."""
        return f"{self.action.pk}:{self.action.version}"


@dataclass(frozen=True)
class OpenRows:
    """What a person still has in a round: complete drafts, what is lacking in others, and untouched rows."""

    ready: list[YearlyAction]
    lacking: list[tuple[YearlyAction, dict[str, str]]]
    untouched: list[YearlyAction]

    @classmethod
    def of(cls, round: ReportingRound, user: User) -> "OpenRows":
        rows = asked_of(user).filter(round=round, state__in=[*BEGUN, ActionState.NOT_STARTED])
        found = list(rows.with_place().with_departments().in_table_order())
        read_indicators(found)
        begun = [(row, workflow.problems(row)) for row in found if row.state in BEGUN]
        return cls(
            [row for row, problems in begun if not problems],
            [(row, problems) for row, problems in begun if problems],
            [row for row in found if row.state == ActionState.NOT_STARTED],
        )


@require_http_methods(["GET", "HEAD", "POST"])
def submission(request: HttpRequest, pk: int) -> HttpResponse:
    """GET shows what would be submitted, POST submits just the ticked rows, in the versions shown."""
    round = a_round(pk)
    user = _somebody_asked(request, round)
    return _submit_ticked(request, round, user) if request.method == "POST" else _page(request, round, user)


def _somebody_asked(request: HttpRequest, round: ReportingRound) -> User:
    """The person, who has rows in the round. Raises Http404, or PermissionDenied for who only looks on."""
    user = allowed(request, permissions.may_enter, "")
    if permissions.is_administrator(user):
        raise PermissionDenied("取組を提出できるのは、担当課と企画だけです。")
    if not permissions.is_planning(user) and not asked_of(user).filter(round=round).exists():
        raise Http404
    return user


def _submit_ticked(request: HttpRequest, round: ReportingRound, by: User) -> HttpResponse:
    pairs = request.POST.getlist("rows")
    if not pairs or not PAIRS.fullmatch(" ".join(pairs)):
        return _page(request, round, by, NONE_TICKED, status=422)
    seen = {int(pk): int(version) for pk, version in (pair.split(":") for pair in pairs)}
    if YearlyAction.objects.filter(pk__in=seen).exclude(round=round).exists():
        raise Http404  # no page of this round has sent them
    try:
        submitted = workflow_in_bulk.submit_all(seen.items(), by=by)
    except workflow.WorkflowProblem as problem:
        return _page(request, round, by, problem, status=409)
    whose = manifestos.beside(round.manifesto_id)
    for words, count in Counter(map(section_check.submitted_words, submitted)).items():
        messages.success(request, f"{count} 件{whose}を{words}")
    left = OpenRows.of(round, by)
    return redirect("staff-submission", round.pk) if left.ready else redirect("staff-home")


def _page(
    request: HttpRequest, round: ReportingRound, user: User, problem: Exception | str = "", status: int = 200
) -> HttpResponse:
    rows = OpenRows.of(round, user)
    page: Page[YearlyAction] = Paginator(rows.ready, SUBMISSIONS_PER_PAGE).get_page(request.GET.get("page"))
    shown = _ready_rows(list(page), request.POST.getlist("rows") if request.method == "POST" else None)
    context: dict[str, Any] = {
        "round": round,
        "rows": rows,
        "page": page,
        "shown": shown,
        "pairs": " ".join(each.pair for each in shown),
        "year": round.fiscal_year,
        "badges": rating_badges(round.scale),
        "problem": problem,
        "blocked": problem.rows if isinstance(problem, workflow.Blocked) else [],
    }
    return show(request, "entry/submission", title=TITLE, status=status, **context)


def _ready_rows(actions: Collection[YearlyAction], sent: list[str] | None) -> list[ReadyRow]:
    """The rows of a page; ticked are those that were sent, at first all but those to be asked about."""
    unchanged = unchanged_since_return(actions)
    ticked = None if sent is None else {pair.partition(":")[0] for pair in sent}
    return [
        ReadyRow(
            action,
            action.pk in unchanged,
            action.pk not in unchanged if ticked is None else str(action.pk) in ticked,
        )
        for action in actions
    ]
