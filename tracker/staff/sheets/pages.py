"""Answering in Excel: a round's entry sheets to download, and the way back for a filled one."""

from collections import Counter
from collections.abc import Iterable
from functools import partial
from operator import attrgetter

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from tracker.cycle import manifestos, permissions
from tracker.entry_sheets import exporting, limits, receiving
from tracker.models import Department, Indicator, ReportingRound, User, YearlyAction
from tracker.staff.frame.rows import workbook_answer
from tracker.staff.frame.site import show
from tracker.staff.rounds.access import a_round
from tracker.workbooks.problems import FileProblem

BATCHES_SHOWN = 20


def sheet_round(request: HttpRequest, pk: int) -> tuple[ReportingRound, User]:
    """The round, if this person has rows in it (else 404) that are theirs to write (else 403)."""
    round, user = a_round(pk), request.user
    if not permissions.visible_actions(user).filter(round=round).exists() or not isinstance(user, User):
        raise Http404
    if not YearlyAction.objects.filter(permissions.writers_rows(user), round=round).exists():
        raise PermissionDenied("入力シートを使えるのは、担当課と企画の職員だけです。")
    return round, user


@require_http_methods(["GET", "HEAD", "POST"])
def round_sheets(request: HttpRequest, pk: int) -> HttpResponse:
    """What there is to download, the form for an upload, and what was uploaded before."""
    round, user = sheet_round(request, pk)
    if request.method == "POST":
        return _upload(request, round, user)
    return _page(request, round, user)


def _upload(request: HttpRequest, round: ReportingRound, user: User) -> HttpResponse:
    """Reads the sheet and goes on to its preview; nothing of the workspace is written."""
    submits = request.POST.get("submits") == "yes"
    if not round.is_writable:
        words = "この報告回は「%s」なので、取り込めません。必要なときは企画に連絡してください。"
        return _page(request, round, user, words % round.get_state_display(), status=409)
    refused = partial(_page, request, round, user, status=422)
    file = request.FILES.get("file")
    if file is None or not file.name:
        return refused(problem="取り込むファイルを選んでください。")
    if (file.size or 0) > limits.MAX_SHEET_BYTES:  # before it is in memory
        return refused(problem=receiving.SHEET_TOO_LARGE)
    try:
        batch = receiving.receive(file.read(), file_name=file.name, round=round, by=user, submits=submits)
    except FileProblem as problem:
        return refused(problem=problem.in_words(file.name))
    return redirect("staff-batch", batch.key)


def _page(
    request: HttpRequest, round: ReportingRound, user: User, problem: str = "", status: int = 200
) -> HttpResponse:
    batches = round.sheet_batches.select_related("owner").defer("rows", "problems", "taken")
    batches = batches if permissions.is_planning(user) else batches.filter(owner=user)
    rows = _rows(round, user)
    return show(
        request,
        "sheets/page",
        status=status,
        title="Excel で入力する",
        round=round,
        departments=_departments(rows, user),
        batches=batches[:BATCHES_SHOWN],
        problem=problem,
        submits=request.POST.get("submits") == "yes",
        accepted=",".join(receiving.FILE_KINDS),
        most_mb=limits.MAX_SHEET_BYTES // 1024 // 1024,
        row_count=len(rows),
        measured_count=sum(vars(row)["is_measured"] for row in rows),
        seconds=limits.seconds_of_waiting(len(rows)),
    )


def _rows(round: ReportingRound, user: User) -> list[YearlyAction]:
    """The round's rows that this person may write, with departments; and whether with indicators."""
    rows = YearlyAction.objects.filter(permissions.writers_rows(user), round=round)
    asked = Indicator.objects.asked_in(round.fiscal_year).filter(initiative=OuterRef("initiative"))
    seen = rows.only("round", "initiative").annotate(is_measured=Exists(asked))
    return list(seen.select_related("round", "initiative").with_departments())


def _departments(rows: Iterable[YearlyAction], user: User) -> list[tuple[Department, int]]:
    """The departments whose sheet this person may take, by code, with the number of their rows."""
    counts = Counter(department for action in rows for department in action.departments)
    offered = counts if permissions.is_planning(user) else [d for d in counts if d.pk in user.department_ids]
    return [(each, counts[each]) for each in sorted(offered, key=attrgetter("code"))]


@require_safe
def download_sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """One department's sheet, or all rows of this person as one workbook."""
    round, user = sheet_round(request, pk)
    code, department = request.GET.get("department", ""), None
    if code:
        offered = (each for each, _count in _departments(_rows(round, user), user))
        department = next((each for each in offered if each.code == code), None)
        if department is None:
            raise Http404
    if request.method == "HEAD":  # a look at the address makes no sheet
        return workbook_answer(b"", f"{_file_name(round)}.xlsx")
    _made, content = exporting.export(round, by=user, department=department)
    who = department.name if department else "全体" if permissions.is_planning(user) else "担当分"
    return workbook_answer(content, f"{_file_name(round)}_{who}.xlsx")


def _file_name(round: ReportingRound) -> str:
    """How the sheets of a round are called; with its manifesto where there are several."""
    name = manifestos.names().get(round.manifesto_id, "")
    return "_".join(filter(None, ("入力シート", name.replace("/", " "), round.short_label)))
