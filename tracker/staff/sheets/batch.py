"""An uploaded entry sheet: what it would change, cell by cell, the choices, the confirmation, and taking it
back.
"""

import re
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from tracker.choices import WORKED_BATCHES, BatchState
from tracker.cycle import permissions, workflow
from tracker.entry_sheets import applying, mending, working
from tracker.entry_sheets.applying import SeenOtherwise, SheetProblem
from tracker.entry_sheets.file.columns import INPUTS
from tracker.entry_sheets.file.comparison import Outcome, RowPlan
from tracker.entry_sheets.planning import VERSION, Decided, Plan, plan_of
from tracker.models import SheetBatch, User, YearlyAction
from tracker.staff.frame.site import show
from tracker.staff.rows import workbook_answer
from tracker.staff.sheets.batch_rows import shown_rows
from tracker.words.three_way import BOTH, MINE, THEIRS

ROWS_PER_PAGE = 20
ROWS_NAMED = 100
REFRESH_SECONDS = 2
FILTERS = {"changes": "確認する行", "todo": "選ぶ・直す行", "others": "ほかで変わった行", "all": "すべての行"}
ALWAYS_OFFERED = {"changes", "all"}
TO_DO = {Outcome.CONFLICT, Outcome.ERROR, Outcome.IGNORED}
SHOWN = re.compile(
    r"[0-9]{1,18}\.[0-9]{1,9}(?: [0-9]{1,18}\.[0-9]{1,9})*"
)  # id and version of each row on a page
PAGE = re.compile(r"[0-9]{1,6}")
DIGEST = re.compile(r"[0-9a-f]{64}")
ANOTHER_MODE = (
    "「取り込んだあと」を選び直したので、まだ何も書き込んでいません。"
    "件数と内容をもう一度確かめて、よければ、もう一度押してください。"
)


def visible_batch(request: HttpRequest, key: str) -> tuple[SheetBatch, User]:
    """The batch, if it is there for this person: its owner's, and the planning office's. Else 404."""
    user = request.user
    found = SheetBatch.objects.select_related("owner", "round__manifesto", "export", "undone_by")
    # A page that waits asks every other second; what is large is fetched where it is needed.
    batch = found.defer("content", "rows", "export__cells").filter(key=key).first()
    if batch is None or not isinstance(user, User):
        raise Http404
    if batch.owner_id != user.pk and not permissions.is_planning(user):
        raise Http404
    return batch, user


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, key: str) -> HttpResponse:
    """The page of a batch in its state; POST does what its buttons say."""
    batch, user = visible_batch(request, key)
    if request.method == "POST":
        return _act(request, batch, user)
    return _page(request, batch, user)


def _page(
    request: HttpRequest, batch: SheetBatch, user: User, problem: str = "", status: int = 200
) -> HttpResponse:
    if batch.state in WORKED_BATCHES:
        return _progress(request, batch)
    if batch.state == BatchState.READY and not batch.has_expired:
        return _preview(request, batch, user, problem=problem or batch.message, status=status)
    return _outcome(request, batch, user, problem=problem, status=status)


def _progress(request: HttpRequest, batch: SheetBatch) -> HttpResponse:
    """A bar, renewed by the browser itself. Whoever looks also sees to it that somebody works."""
    if working.is_waiting(batch):
        working.start()
    width = round(100 * batch.done / batch.total, 1) if batch.total else 0
    response = show(request, "sheets/progress", title="入力シートを処理しています", batch=batch, width=width)
    response.headers["Refresh"] = str(REFRESH_SECONDS)
    return response


def _act(request: HttpRequest, batch: SheetBatch, user: User) -> HttpResponse:
    """What a button asks for. Who only looks on may filter, turn pages, and take back what is written."""
    act = request.POST.get("act", "choose")
    if act == "undo":
        return _undo(request, batch, user)
    if batch.owner_id != user.pk:
        if act in {"confirm", "discard"}:
            raise PermissionDenied(f"このシートを取り込めるのは、読み込ませた {batch.owner} さんだけです。")
        return redirect(f"{reverse('staff-batch', args=[batch.key])}?{_query(request)}")
    try:
        return {"confirm": _confirm, "discard": _discard}.get(act, _choose)(request, batch, user)
    except SheetProblem as problem:
        return _refused(request, batch.key, act, problem)
    except SheetBatch.DoesNotExist as gone:  # given up in another window since it was fetched
        raise Http404 from gone


def _choose(request: HttpRequest, batch: SheetBatch, user: User) -> HttpResponse:
    _with_choices(request, batch, user)
    return redirect(f"{reverse('staff-batch', args=[batch.key])}?{_query(request)}")


def _discard(request: HttpRequest, batch: SheetBatch, user: User) -> HttpResponse:
    applying.discard(batch, by=user)
    messages.success(request, f"「{batch.file_name}」の取込をやめました。何も書き込んでいません。")
    return redirect("staff-sheets", batch.round_id)


def _refused(request: HttpRequest, key: str, act: str, problem: SheetProblem) -> HttpResponse:
    """The page as it is now, with what is in the way. A confirmation that was sent twice is no problem: it
    was done.
    """
    batch, user = visible_batch(request, key)
    is_done = batch.state == BatchState.APPLIED and batch.plan_digest == request.POST.get("seen")
    if batch.state in WORKED_BATCHES or (act == "confirm" and is_done):
        return redirect("staff-batch", key)
    is_late = isinstance(problem, SeenOtherwise) or batch.state != BatchState.READY or batch.has_expired
    return _page(request, batch, user, str(problem), 409 if is_late else 422)


def _with_choices(request: HttpRequest, batch: SheetBatch, user: User) -> SheetBatch:
    """The batch with the choices of the page that was sent: those of other pages stay as they are."""
    posted = request.POST
    told = posted.get("shown", "")
    shown = dict(each.split(".") for each in told.split()) if SHOWN.fullmatch(told) else {}
    ids = {int(pk) for pk in shown}
    left_out = {pk for pk in batch.left_out if pk not in ids} | {
        pk for pk in ids if f"take_{pk}" not in posted
    }
    picks = dict(batch.picks)
    for pk, version in shown.items():
        sides = {name: posted.get(f"pick_{pk}_{name}", "") for name in INPUTS}
        picks[pk] = {name: side for name, side in sides.items() if side in {MINE, THEIRS, BOTH}} | {
            VERSION: version
        }
    picks = {pk: own for pk, own in picks.items() if own.keys() - {VERSION}}
    return applying.keep_choices(
        batch, by=user, picks=picks, left_out=left_out, submits=_wants_to_submit(request, batch)
    )


def _wants_to_submit(request: HttpRequest, batch: SheetBatch) -> bool:
    return request.POST["submits"] == "yes" if "submits" in request.POST else batch.submits


def _query(request: HttpRequest) -> str:
    """The address of the page that a button of the preview leads to. Another filter begins at its first
    page.
    """
    show = request.POST.get("show", "") or request.GET.get("show", "")
    page = "" if request.POST.get("show") else request.POST.get("page", "") or request.GET.get("page", "")
    wanted = {"show": show if show in FILTERS else "", "page": page if PAGE.fullmatch(page) else ""}
    return urlencode({name: value for name, value in wanted.items() if value})


def _confirm(request: HttpRequest, batch: SheetBatch, user: User) -> HttpResponse:
    """Writes what was chosen, if it is what the page said; a page of the other mode counted otherwise."""
    seen, is_another_mode = request.POST.get("seen", ""), _wants_to_submit(request, batch) != batch.submits
    batch = _with_choices(request, batch, user)
    if is_another_mode:
        raise SeenOtherwise(str(ANOTHER_MODE))
    batch = applying.confirm(batch, by=user, seen=seen if DIGEST.fullmatch(seen) else "")
    if batch.state in WORKED_BATCHES:
        working.start()
    return redirect("staff-batch", batch.key)


def _preview(
    request: HttpRequest, batch: SheetBatch, user: User, *, problem: str, status: int
) -> HttpResponse:
    """What the sheet would change now."""
    plan = plan_of(batch, batch.owner)
    decided = {row.plan.id or 0: row for row in plan.decided(batch.picks, batch.left_out)}
    wanted = request.GET.get("show", "changes")
    wanted = wanted if wanted in FILTERS else "changes"
    rows = {name: _filtered(plan, name, batch, decided) for name in FILTERS}
    left_out = set(batch.left_out)
    page = Paginator(rows[wanted], ROWS_PER_PAGE).get_page(
        request.POST.get("page") or request.GET.get("page")
    )
    shown = shown_rows(batch, plan, list(page.object_list), decided)
    writings = [writing for row in decided.values() if (writing := row.writing(batch.submits))]
    return show(
        request,
        "sheets/preview",
        status=status,
        title="入力シートの確認",
        batch=batch,
        plan=plan,
        shown=shown,
        shown_rows=" ".join(
            f"{row.plan.id}.{plan.current[row.plan.id or 0].stored.version}"
            for row in shown
            if row.can_be_taken
        ),
        page=page,
        numbers=page.paginator.get_elided_page_range(page.number),
        filters=[
            (name, words, len(rows[name]))
            for name, words in FILTERS.items()
            if rows[name] or name == wanted or name in ALWAYS_OFFERED
        ],
        wanted=wanted,
        counts={outcome.value: plan.counts[outcome] for outcome in Outcome},
        undecided=plan.undecided(batch.picks, batch.left_out),
        errors=plan.row_errors,
        left_out=sum(row.id in left_out for row in plan.rows),
        submitted=sum(writing.submits for writing in writings),
        incomplete=sum(bool(row.lacks) and row.changes for row in decided.values()) if batch.submits else 0,
        writes=len(writings),
        is_owner=batch.owner_id == user.pk,
        problem=problem,
    )


def _filtered(plan: Plan, name: str, batch: SheetBatch, decided: dict[int, Decided]) -> list[RowPlan]:
    """Rows of the sheet: what it says or hands in, what is to be decided or mended, what was changed
    elsewhere, or all.
    """
    if name == "all":
        return plan.rows
    if name == "others":
        return [row for row in plan.rows if row.of(Outcome.MERGED)]
    if name == "todo":
        return [row for row in plan.rows if row.message or any(cell.outcome in TO_DO for cell in row.cells)]
    # A row that is only handed in has no cell to show, and must be found again after it was left out.
    handed_in = {pk for pk, row in decided.items() if row.writing(batch.submits)}
    told = handed_in | set(batch.left_out) if batch.submits else set()
    return [
        row
        for row in plan.rows
        if row.message or row.id in told or len(row.cells) > len(row.of(Outcome.MERGED))
    ]


def _outcome(
    request: HttpRequest,
    batch: SheetBatch,
    user: User,
    *,
    problem: str = "",
    status: int = 200,
    touched: Any = (),
) -> HttpResponse:
    """What a batch did, or why it did nothing."""
    pks = [int(pk) for pk in batch.taken]
    rows = YearlyAction.objects.filter(pk__in=pks[:ROWS_NAMED]).with_place().in_table_order()
    return show(
        request,
        "sheets/outcome",
        status=status,
        title="入力シートの取込",
        batch=batch,
        rows=rows,
        row_count=len(pks),
        can_undo=batch.state == BatchState.APPLIED and batch.round.is_writable,
        waits=batch.state == BatchState.APPLIED and any(action.state in workflow.EDITABLE for action in rows),
        problem=problem,
        touched=touched,
        is_owner=batch.owner_id == user.pk,
    )


def _undo(request: HttpRequest, batch: SheetBatch, user: User) -> HttpResponse:
    try:
        applying.undo(batch, by=user)
    except workflow.Blocked as problem:
        return _outcome(request, batch, user, problem=str(problem), status=409, touched=problem.rows)
    except SheetProblem as problem:
        return _outcome(request, visible_batch(request, batch.key)[0], user, problem=str(problem), status=409)
    messages.success(
        request, f"取込を取り消しました。{len(batch.taken)} 件の取組は、取り込む前の内容に戻りました。"
    )
    return redirect("staff-batch", batch.key)


@require_safe
def errors(request: HttpRequest, key: str) -> HttpResponse:
    """The sheet made anew with what was uploaded, the cells that need a hand marked in it."""
    batch, _user = visible_batch(request, key)
    if batch.state != BatchState.READY or batch.has_expired:
        raise Http404
    content = mending.workbook_with_marks(batch, plan_of(batch, batch.owner))
    return workbook_answer(content, "直すところ_{}".format(re.sub(r"\.\w+$", "", batch.file_name)) + ".xlsx")
