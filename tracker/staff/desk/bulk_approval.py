"""Bulk approval: submitted rows whose rating did not change, after a look at all of them, all or none.

Some can be left out by ticks. The form carries every row with the version that was shown, and those left out.
"""

import re
from dataclasses import dataclass

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from tracker.choices import APPROVABLE_ROUNDS
from tracker.cycle import permissions, workflow
from tracker.models import User, YearlyAction
from tracker.models.reporting import YearlyActionQuerySet, read_indicators
from tracker.staff.desk.filter import QueueFilter
from tracker.staff.desk.left_out import LeftOut, asked_left_out, ticked_left_out
from tracker.staff.desk.queue import asked_round
from tracker.staff.desk.row_cells import (
    PLACE_HEADINGS,
    are_measured,
    place_cells,
    rating_name,
    text_cells,
    text_headings,
)
from tracker.staff.desk.walk import walk_query
from tracker.staff.desk.workbooks import desk_workbook
from tracker.staff.frame.access import allowed
from tracker.staff.frame.rows import rating_badges
from tracker.staff.frame.site import show
from tracker.words.digests import sha256
from tracker.workbooks.list_writing import ListSheet

TITLE = "まとめて承認"
APPROVALS_PER_PAGE, MOST_ON_A_PAGE = 50, 500  # each with a tick: Django takes a form of a thousand fields
EXCLUDED_PER_PAGE = 100
UNREADABLE_ROWS = (
    "承認する取組の一覧を読み取れませんでした。1 件も承認していません。下の一覧をもう一度確かめてください。"
)
NOTHING_PICKED = (
    "すべての取組が外されているので、1 件も承認していません。承認する取組の「外す」の印を消してください。"
)
PAIRS = re.compile(r"[0-9]{1,18}:[0-9]{1,9}(?: [0-9]{1,18}:[0-9]{1,9})*")  # id and version of each row


@dataclass(frozen=True)
class BulkList:
    """Of a filter's submitted rows those that can be approved at once, and the others."""

    filters: QueueFilter
    ready: YearlyActionQuerySet
    excluded: YearlyActionQuerySet

    @classmethod
    def of(cls, filters: QueueFilter, user: User) -> "BulkList":
        submitted, at_once = filters.rows().submitted(), workflow.approvable_at_once(user)
        return cls(filters, submitted.filter(at_once), submitted.exclude(at_once).with_place())


@require_http_methods(["GET", "HEAD", "POST"])
def bulk_approval(request: HttpRequest) -> HttpResponse:
    """GET shows what would be approved; POST turns to another page with the ticks of this one, or approves
    exactly the rows and versions that were shown, but for those left out.
    """
    user, filters = _asked(request)
    if request.method != "POST":
        return _preview(request, user, filters, asked_left_out(request))
    pairs = request.POST.get("rows", "")
    try:
        out = ticked_left_out(request)
        carried = out.packed
    except ValueError:
        return _unreadable(request, user, filters)
    if more := _turned_to(request):
        return redirect(_turned(request, filters, carried, more))
    if not PAIRS.fullmatch(pairs):
        return _unreadable(request, user, filters)
    return _approve(request, user, filters, pairs, out)


@require_safe
def bulk_workbook(request: HttpRequest) -> HttpResponse:
    """The same lists as Excel, with what is left out."""
    user, filters = _asked(request)
    found, out = BulkList.of(filters, user), asked_left_out(request)
    rows = list(found.ready.with_place().with_departments())
    read_indicators(rows)
    measured = are_measured(rows)
    texts = text_headings(filters.round, measured=measured)
    headings = [*PLACE_HEADINGS, "評価", *texts, "提出した人", "外す"]
    ready = [
        [
            *place_cells(row),
            *(rating_name(row.rating), *text_cells(row, measured=measured), str(row.submitted_by)),
            "外す" if row.pk in out.ids else "",
        ]
        for row in rows
    ]
    excluded = [[*place_cells(row), _why_not(row)] for row in found.excluded.with_departments()]
    listed = ListSheet(TITLE, headings, ready)
    others = ListSheet("含まれない取組", [*PLACE_HEADINGS, "理由"], excluded)
    return desk_workbook(filters.round, listed, others, conditions=filters.conditions())


def _asked(request: HttpRequest) -> tuple[User, QueueFilter]:
    if not permissions.may_see_all_actions(request.user):
        raise Http404
    user = allowed(request, permissions.may_review, "承認できるのは、企画の職員だけです。")
    if (round := asked_round(request)) is None:
        raise Http404
    return user, QueueFilter(request.GET, round)


def _unreadable(request: HttpRequest, user: User, filters: QueueFilter) -> HttpResponse:
    return _preview(request, user, filters, LeftOut(frozenset()), UNREADABLE_ROWS, status=422)


def _turned_to(request: HttpRequest) -> dict[str, str]:
    """What of the page a button turns: another page of either list, or all rows at once; nothing else."""
    if other := request.POST.get("others", ""):
        return {"others": other}
    turn = request.POST.get("turn", "")
    if turn in {"all", "pages"}:
        return {"show": turn, "page": ""}
    return {"page": turn} if turn else {}


def _turned(request: HttpRequest, filters: QueueFilter, out: str, more: dict[str, str]) -> str:
    """The address of a further page of either list; the other one stays where it is."""
    kept = {name: request.GET[name] for name in ("seen", "show", "page", "others") if name in request.GET}
    address = _address(filters, **kept | more, out=out)
    return f"{address}#excluded" if "others" in more else address


def _address(filters: QueueFilter, **more: str) -> str:
    """The page of the filter's rows, whatever their state was asked to be."""
    asked = filters.as_asked(state=None) | {name: value for name, value in more.items() if value}
    return reverse("staff-bulk-approval", query=asked)


def _approve(request: HttpRequest, by: User, filters: QueueFilter, pairs: str, out: LeftOut) -> HttpResponse:
    seen = [(int(pk), int(version)) for pk, version in (pair.split(":") for pair in pairs.split(" "))]
    picked = [(pk, version) for pk, version in seen if pk not in out.ids]
    if not picked:
        return _preview(request, by, filters, out, NOTHING_PICKED, status=422)
    try:
        count = workflow.approve_all(picked, by=by)
    except (workflow.Blocked, workflow.Stale) as problem:
        return _preview(request, by, filters, out, problem, status=409)
    left = len(seen) - len(picked)
    more = f"外した {left} 件は、承認待ちに残っています。" if left else ""
    messages.success(request, f"{count} 件をまとめて承認しました。{more}")
    return redirect(f"{reverse('staff-queue')}?{filters.query()}")


def _preview(
    request: HttpRequest,
    user: User,
    filters: QueueFilter,
    out: LeftOut,
    problem: Exception | str = "",
    status: int = 200,
) -> HttpResponse:
    """The rows with their new texts, and the others with why not, a page of each at a time; the pairs of all
    that can be approved stand in the form.

    `seen` in the address of further pages tells whether the rows are still those of the first.
    """
    round, found = filters.round, BulkList.of(filters, user)
    seen = list(found.ready.values_list("pk", "version"))
    pairs = " ".join(f"{pk}:{version}" for pk, version in seen)
    out = LeftOut(out.ids.intersection(pk for pk, _version in seen), out.complaint)
    digest = sha256(pairs)[:16]
    shows_all = request.GET.get("show") == "all"
    rows, most = found.ready.with_place().with_departments(), (APPROVALS_PER_PAGE, MOST_ON_A_PAGE)
    page = Paginator(rows, most[shows_all]).get_page(request.GET.get("page"))
    read_indicators(page)
    listed = Paginator(found.excluded.defer("result", "plan"), EXCLUDED_PER_PAGE)
    others = listed.get_page(request.GET.get("others"))
    more = {"seen": digest, "show": "all" if shows_all else "", "page": str(page.number)}
    more["others"] = str(others.number) if others.number > 1 else ""
    return show(
        request,
        "desk/bulk_approval",
        status=status,
        title=TITLE,
        round=round,
        can_approve=round.state in APPROVABLE_ROUNDS,
        page=page,
        pairs=pairs,
        out=out,
        picked=len(seen) - len(out.ids),
        query=filters.query(state=None),
        walk_query=walk_query(filters, len(seen) + listed.count),
        form_address=_address(filters, **more),
        kept_query=_address(filters, out=out.packed).partition("?")[2],
        shows_all=shows_all,
        has_changed=request.GET.get("seen", digest) != digest,
        conditions=filters.conditions(),
        complaints=[*filters.complaints(), *([out.complaint] if out.complaint else [])],
        badges=rating_badges(round.scale),
        problem=problem,
        blocked=problem.rows if isinstance(problem, workflow.Blocked) else [],
        others=others,
        excluded=[(action, _why_not(action)) for action in others],
    )


def _why_not(action: YearlyAction) -> str:
    if not action.was_reported:
        return "初めて報告される取組です。"
    if action.rating_changed:
        return "評価が変わっています。"
    return " ".join(workflow.lacks_of_planning(action).values()) or "あなたが提出した取組です。"
