"""Bulk approval: submitted rows whose rating did not change, after a look at all of them, all or none."""

import re
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from tracker.choices import APPROVABLE_ROUNDS
from tracker.cycle import permissions, workflow
from tracker.models import User, YearlyAction
from tracker.models.reporting import YearlyActionQuerySet
from tracker.staff.desk.filter import QueueFilter
from tracker.staff.desk.queue import asked_round
from tracker.staff.frame.pages import show
from tracker.staff.rows import rating_badges
from tracker.words.digests import sha256

ROWS_PER_PAGE = 50
EXCLUDED_SHOWN = 100
PAIRS = re.compile(r"[0-9]{1,18}:[0-9]{1,9}(?: [0-9]{1,18}:[0-9]{1,9})*")


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """GET shows what would be approved, POST approves exactly the rows and versions that were shown."""
    if not permissions.may_see_all_actions(request.user):
        raise Http404
    if not permissions.may_review(request.user) or not isinstance(request.user, User):
        raise PermissionDenied("承認できるのは、企画の職員だけです。")
    round = asked_round(request)
    if round is None:
        raise Http404
    filters = QueueFilter(request.GET, round)
    if request.method == "POST":
        return _approve(request, request.user, filters)
    return _preview(request, request.user, filters)


def _approve(request: HttpRequest, by: User, filters: QueueFilter) -> HttpResponse:
    pairs = request.POST.get("rows", "")
    if not PAIRS.fullmatch(pairs):
        problem = (
            "承認する取組の一覧を読み取れませんでした。1 件も承認していません。"
            "下の一覧をもう一度確かめてください。"
        )
        return _preview(request, by, filters, status=422, problem=problem)
    seen = [(int(pk), int(version)) for pk, version in (pair.split(":") for pair in pairs.split(" "))]
    try:
        count = workflow.approve_all(seen, by=by)
    except workflow.Blocked as problem:
        return _preview(request, by, filters, status=409, problem=str(problem), blocked=problem.rows)
    except workflow.Stale as problem:
        return _preview(request, by, filters, status=409, problem=str(problem))
    except workflow.Forbidden as problem:
        raise PermissionDenied(str(problem)) from problem
    messages.success(request, f"{count} 件をまとめて承認しました。")
    return redirect(f"/staff/queue/?{filters.query()}")


def _preview(
    request: HttpRequest,
    user: User,
    filters: QueueFilter,
    *,
    status: int = 200,
    problem: str = "",
    blocked: list[tuple[YearlyAction, str]] | None = None,
) -> HttpResponse:
    """The rows with their new texts, a page at a time; the pairs of all of them stand in the form.

    `seen` in the address of further pages tells whether the rows are still those of the first.
    """
    submitted = filters.rows().submitted()
    ready = submitted.filter(workflow.approvable_at_once(user))
    pairs = " ".join(f"{pk}:{version}" for pk, version in ready.values_list("pk", "version"))
    digest = sha256(pairs)[:16]
    return show(
        request,
        "bulk",
        status=status,
        title="まとめて承認",
        round=filters.round,
        can_approve=filters.round.state in APPROVABLE_ROUNDS,
        page=Paginator(ready.with_place().with_departments(), ROWS_PER_PAGE).get_page(
            request.GET.get("page")
        ),
        pairs=pairs,
        query=filters.query(state=None),
        page_query=f"{filters.query(state=None)}&seen={digest}",
        has_changed=request.GET.get("seen", digest) != digest,
        conditions=filters.conditions(),
        complaints=filters.complaints(),
        badges=rating_badges(list(filters.round.manifesto.ratings.order_by("position"))),
        problem=problem,
        blocked=blocked or [],
        **_excluded(submitted, user),
    )


def _excluded(submitted: YearlyActionQuerySet, user: User) -> dict[str, Any]:
    """Submitted rows that cannot be approved here, each with the reason; the first hundred of them by
    name.
    """
    rows = submitted.exclude(workflow.approvable_at_once(user))
    shown = list(rows.with_place().defer("result", "plan")[:EXCLUDED_SHOWN])
    return {
        "excluded": [(action, _why_not(action, user)) for action in shown],
        "excluded_count": rows.count(),
    }


def _why_not(action: YearlyAction, user: User) -> str:
    if not action.was_reported:
        return "初めて報告される取組です。"
    return "評価が変わっています。" if action.rating_changed else "あなたが提出した取組です。"
