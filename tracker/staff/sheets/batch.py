"""An uploaded entry sheet: what it would change, the choices, the confirmation, and taking it back."""

import re
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from tracker.choices import OPEN_STATES, BatchState
from tracker.cycle import permissions, workflow
from tracker.entry_sheets import applying, mending
from tracker.entry_sheets.applying import SeenOtherwise, SheetProblem
from tracker.entry_sheets.file.columns import may_be_input
from tracker.entry_sheets.file.comparison import CellOutcome, ComparedRow
from tracker.entry_sheets.limits import seconds_of_waiting
from tracker.entry_sheets.planning import PICKED_VERSION, Plan, plan_of
from tracker.models import SheetBatch, User
from tracker.staff.frame.rows import workbook_answer
from tracker.staff.frame.site import show
from tracker.staff.sheets.batch_rows import SIDES, shown_rows

ROWS_PER_PREVIEW = 20
ROWS_NAMED = 100  # of those that were written
FILTERS = {"changes": "確認する行", "todo": "選ぶ・直す行", "others": "ほかで変わった行", "all": "すべての行"}
TO_DO = (CellOutcome.CONFLICT, CellOutcome.ERROR, CellOutcome.IGNORED)
SHOWN_ROWS = re.compile(r"[0-9]{1,18}\.[0-9]{1,9}(?: [0-9]{1,18}\.[0-9]{1,9})*")  # id and version of each
PAGE_NUMBER = re.compile(r"[0-9]{1,6}")
ANOTHER_MODE = (
    "「取り込んだあと」を選び直したので、まだ何も書き込んでいません。"
    "件数と内容をもう一度確かめて、よければ、もう一度押してください。"
)


def visible_batch(request: HttpRequest, key: str) -> tuple[SheetBatch, User]:
    """The batch, if it is there for this person: its owner's, and the planning office's. Else 404."""
    user = request.user
    found = SheetBatch.objects.select_related("owner", "round__manifesto", "export", "undone_by")
    batch = found.defer("rows", "export__cells").filter(key=key).first()  # large; fetched where needed
    if isinstance(user, User) and batch and (batch.owner_id == user.pk or permissions.is_planning(user)):
        return batch, user
    raise Http404


@require_http_methods(["GET", "HEAD", "POST"])
def sheet_batch(request: HttpRequest, key: str) -> HttpResponse:
    """The page of a batch in its state; POST does what its buttons say."""
    batch, user = visible_batch(request, key)
    if request.method == "POST":
        return _act(request, batch, user)
    return _page(request, batch, user)


def _page(
    request: HttpRequest, batch: SheetBatch, user: User, problem: Exception | None = None, status: int = 200
) -> HttpResponse:
    if batch.state == BatchState.READY and not batch.has_expired:
        return _preview(request, batch, user, problem, status)
    return _outcome(request, batch, problem, status)


def _act(request: HttpRequest, batch: SheetBatch, user: User) -> HttpResponse:
    """What a button asks for. Only the owner may do more than filter, turn pages and take back."""
    act = request.POST.get("act", "choose")
    if act in {"confirm", "discard"} and batch.owner_id != user.pk:
        raise PermissionDenied(f"このシートを取り込めるのは、読み込ませた {batch.owner} さんだけです。")
    acts = {"confirm": _confirm, "discard": _discard, "undo": _undo}
    try:
        return acts.get(act, _choose)(request, batch, user)
    except SheetProblem as problem:
        return _refused(request, batch.key, act, problem)
    except SheetBatch.DoesNotExist as gone:  # given up in another window since it was fetched
        raise Http404 from gone


def _choose(request: HttpRequest, batch: SheetBatch, user: User) -> HttpResponse:
    if batch.owner_id == user.pk:
        _with_choices(request, batch, user)
    return redirect(f"{reverse('staff-batch', args=[batch.key])}?{_query(request)}")


def _discard(request: HttpRequest, batch: SheetBatch, user: User) -> HttpResponse:
    applying.discard(batch, by=user)
    messages.success(request, f"「{batch.file_name}」の取込をやめました。何も書き込んでいません。")
    return redirect("staff-sheets", batch.round_id)


def _refused(request: HttpRequest, key: str, act: str, problem: SheetProblem) -> HttpResponse:
    """The page as it is now, with what is in the way. A confirmation that was sent twice is done already."""
    batch, user = visible_batch(request, key)
    is_done = batch.state == BatchState.APPLIED and batch.plan_digest == request.POST.get("seen")
    if act == "confirm" and is_done:
        return redirect("staff-batch", key)
    is_late = isinstance(problem, SeenOtherwise) or batch.state != BatchState.READY or batch.has_expired
    return _page(request, batch, user, problem, 409 if is_late else 422)


def _with_choices(request: HttpRequest, batch: SheetBatch, user: User) -> SheetBatch:
    """The batch with the choices of the page that was sent; those of other pages stay as they are."""
    posted = request.POST
    told = posted.get("shown", "")
    shown = dict(each.split(".") for each in told.split()) if SHOWN_ROWS.fullmatch(told) else {}
    ids = {int(pk) for pk in shown}
    left_out = (set(batch.left_out) - ids) | {pk for pk in ids if f"take_{pk}" not in posted}
    picks = dict(batch.picks)
    for pk, version in shown.items():
        named = {key.removeprefix(f"pick_{pk}_"): side for key, side in posted.items() if side in SIDES}
        picks[pk] = {name: side for name, side in named.items() if may_be_input(name)}
        picks[pk] |= {PICKED_VERSION: version}
    picks = {pk: own for pk, own in picks.items() if own.keys() - {PICKED_VERSION}}
    submits = _wants_to_submit(request, batch)
    return applying.keep_choices(batch, by=user, picks=picks, left_out=left_out, submits=submits)


def _wants_to_submit(request: HttpRequest, batch: SheetBatch) -> bool:
    return request.POST["submits"] == "yes" if "submits" in request.POST else batch.submits


def _query(request: HttpRequest) -> str:
    """The page that a button of the preview leads to, as a query. Another filter begins at its first page."""
    show = request.POST.get("show", "") or request.GET.get("show", "")
    page = "" if request.POST.get("show") else request.POST.get("page", "") or request.GET.get("page", "")
    wanted = {"show": show if show in FILTERS else "", "page": page if PAGE_NUMBER.fullmatch(page) else ""}
    return urlencode({name: value for name, value in wanted.items() if value})


def _confirm(request: HttpRequest, batch: SheetBatch, user: User) -> HttpResponse:
    """Writes what was chosen, if it is what the page said; a page of the other mode counted otherwise."""
    seen, is_another_mode = request.POST.get("seen", ""), _wants_to_submit(request, batch) != batch.submits
    batch = _with_choices(request, batch, user)
    if is_another_mode:
        raise SeenOtherwise(ANOTHER_MODE)
    applying.confirm(batch, by=user, seen=seen)
    return redirect("staff-batch", batch.key)


def _preview(
    request: HttpRequest, batch: SheetBatch, user: User, problem: Exception | None, status: int
) -> HttpResponse:
    """What the sheet would change now."""
    plan = plan_of(batch, batch.owner)
    answers = plan.answers.values()
    show_only = request.GET.get("show", "")
    wanted = show_only if show_only in FILTERS else "changes"
    rows = {name: [row for row in plan.rows if _shows(plan, row, name)] for name in FILTERS}
    always = {"changes", "all", wanted}
    number = request.POST.get("page") or request.GET.get("page")
    page = Paginator(rows[wanted], ROWS_PER_PREVIEW).get_page(number)
    seen = [f"{row.id}.{row.now.version}" for row in page.object_list if row.now and plan.is_offered(row)]
    return show(
        request,
        "sheets/preview",
        status=status,
        title="入力シートの確認",
        batch=batch,
        plan=plan,
        shown=shown_rows(batch, plan, page.object_list),
        shown_rows=" ".join(seen),
        page=page,
        numbers=page.paginator.get_elided_page_range(page.number),
        filters=[
            (key, words, len(rows[key])) for key, words in FILTERS.items() if rows[key] or key in always
        ],
        wanted=wanted,
        counts=plan.counts,
        undecided=plan.undecided,
        errors=[row for row in plan.rows if row.has_error],
        left_out=sum(row.is_left_out for row in plan.rows),
        submitted=plan.submitted,
        unwritten=plan.submitted_as_they_stand,
        incomplete=len(answers) - plan.submitted if batch.submits else 0,
        writes=len(answers),
        seconds=seconds_of_waiting(len(answers)),
        is_owner=batch.owner_id == user.pk,
        problem=problem,
    )


def _shows(plan: Plan, row: ComparedRow, name: str) -> bool:
    """Whether one of FILTERS shows a row."""
    if name == "others":
        return bool(row.of(CellOutcome.MERGED))
    if name == "todo":
        return bool(row.message or row.of(*TO_DO))
    # A row that is only handed in has no cell to show, and must be found again after it was left out.
    is_handed_in = plan.submits and (row.id in plan.answers or row.is_left_out)
    says_something = row.message or len(row.cells) > len(row.of(CellOutcome.MERGED))
    return name == "all" or is_handed_in or bool(says_something)


def _outcome(request: HttpRequest, batch: SheetBatch, problem: Exception | None, status: int) -> HttpResponse:
    """What a batch did, or why it did nothing, and the rows that are in the way of taking it back.

    Rows that have since become another department's are counted, not named.
    """
    pks = [int(pk) for pk in batch.taken]
    rows = permissions.visible_actions(request.user).filter(pk__in=pks[:ROWS_NAMED])
    rows = rows.with_place().in_table_order()
    return show(
        request,
        "sheets/outcome",
        status=status,
        title="入力シートの取込",
        batch=batch,
        rows=rows,
        row_count=len(pks),
        unnamed=len(pks) - len(rows),
        can_undo=batch.state == BatchState.APPLIED and batch.round.is_writable,
        waits=batch.state == BatchState.APPLIED and any(action.state in OPEN_STATES for action in rows),
        problem=problem,
        touched=problem.rows if isinstance(problem, workflow.Blocked) else [],
    )


def _undo(request: HttpRequest, batch: SheetBatch, user: User) -> HttpResponse:
    try:
        applying.undo(batch, by=user)
    except (workflow.Blocked, SheetProblem) as problem:
        return _outcome(request, visible_batch(request, batch.key)[0], problem, 409)
    words = f"取込を取り消しました。{len(batch.taken)} 件の取組は、取り込む前の内容に戻りました。"
    messages.success(request, words)
    return redirect("staff-batch", batch.key)


@require_safe
def batch_errors(request: HttpRequest, key: str) -> HttpResponse:
    """The sheet made anew with what was uploaded, and a mark at what is wrong."""
    batch, _user = visible_batch(request, key)
    if batch.state != BatchState.READY or batch.has_expired:
        raise Http404
    content = mending.workbook_with_marks(batch, plan_of(batch, batch.owner))
    name = re.sub(r"\.\w+$", "", batch.file_name)
    return workbook_answer(content, f"直すところ_{name}.xlsx")
