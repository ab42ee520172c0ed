"""Bulk approval: submitted rows whose rating did not change, after a look at all of them, all or none."""

import re

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from tracker.choices import APPROVABLE_ROUNDS
from tracker.cycle import permissions, workflow
from tracker.models import User, YearlyAction
from tracker.staff.desk.filter import QueueFilter
from tracker.staff.desk.queue import asked_round
from tracker.staff.frame.access import allowed
from tracker.staff.frame.rows import rating_badges, scale_of
from tracker.staff.frame.site import show
from tracker.words.digests import sha256

APPROVALS_PER_PAGE, MOST_ON_A_PAGE = 50, 1_000
EXCLUDED_SHOWN = 100
UNREADABLE_ROWS = (
    "承認する取組の一覧を読み取れませんでした。1 件も承認していません。下の一覧をもう一度確かめてください。"
)
PAIRS = re.compile(r"[0-9]{1,18}:[0-9]{1,9}(?: [0-9]{1,18}:[0-9]{1,9})*")  # id and version of each row


@require_http_methods(["GET", "HEAD", "POST"])
def bulk_approval(request: HttpRequest) -> HttpResponse:
    """GET shows what would be approved, POST approves exactly the rows and versions that were shown."""
    if not permissions.may_see_all_actions(request.user):
        raise Http404
    user = allowed(request, permissions.may_review, "承認できるのは、企画の職員だけです。")
    round = asked_round(request)
    if round is None:
        raise Http404
    filters = QueueFilter(request.GET, round)
    return _approve(request, user, filters) if request.method == "POST" else _preview(request, user, filters)


def _approve(request: HttpRequest, by: User, filters: QueueFilter) -> HttpResponse:
    pairs = request.POST.get("rows", "")
    if not PAIRS.fullmatch(pairs):
        return _preview(request, by, filters, UNREADABLE_ROWS, status=422)
    seen = [(int(pk), int(version)) for pk, version in (pair.split(":") for pair in pairs.split(" "))]
    try:
        count = workflow.approve_all(seen, by=by)
    except (workflow.Blocked, workflow.Stale) as problem:
        return _preview(request, by, filters, problem, status=409)
    messages.success(request, f"{count} 件をまとめて承認しました。")
    return redirect(f"{reverse('staff-queue')}?{filters.query()}")


def _preview(
    request: HttpRequest, user: User, filters: QueueFilter, problem: Exception | str = "", status: int = 200
) -> HttpResponse:
    """The rows with their new texts, a page at a time; the pairs of all of them stand in the form.

    `seen` in the address of further pages tells whether the rows are still those of the first.
    """
    round, submitted = filters.round, filters.rows().submitted()
    ready = submitted.filter(workflow.approvable_at_once(user))
    excluded = submitted.exclude(workflow.approvable_at_once(user))
    shown = excluded.with_place().defer("result", "plan")[:EXCLUDED_SHOWN]
    pairs = " ".join(f"{pk}:{version}" for pk, version in ready.values_list("pk", "version"))
    digest = sha256(pairs)[:16]
    shows_all = request.GET.get("show") == "all"
    per_page = MOST_ON_A_PAGE if shows_all else APPROVALS_PER_PAGE
    pages = Paginator(ready.with_place().with_departments(), per_page)
    query = filters.query(state=None)
    return show(
        request,
        "desk/bulk_approval",
        status=status,
        title="まとめて承認",
        round=round,
        can_approve=round.state in APPROVABLE_ROUNDS,
        page=pages.get_page(request.GET.get("page")),
        pairs=pairs,
        query=query,
        page_query=f"{query}&seen={digest}" + ("&show=all" if shows_all else ""),
        all_query="" if shows_all else f"{query}&seen={digest}&show=all",
        has_changed=request.GET.get("seen", digest) != digest,
        conditions=filters.conditions(),
        complaints=filters.complaints(),
        badges=rating_badges(scale_of(round)),
        problem=problem,
        blocked=problem.rows if isinstance(problem, workflow.Blocked) else [],
        excluded=[(action, _why_not(action)) for action in shown],
        excluded_count=excluded.count(),
    )


def _why_not(action: YearlyAction) -> str:
    if not action.was_reported:
        return "初めて報告される取組です。"
    return "評価が変わっています。" if action.rating_changed else "あなたが提出した取組です。"
