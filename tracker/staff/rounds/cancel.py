"""What was begun by mistake is taken back: a round with all that was typed, or the import of a table."""

from collections import Counter

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from tracker.choices import BatchState
from tracker.cycle import cancelling, manifestos, rounds
from tracker.cycle.rounds import RoundProblem
from tracker.models import ReportingRound, User
from tracker.published_tables import taking_back
from tracker.staff.frame.kept import unshown_texts
from tracker.staff.frame.site import show
from tracker.staff.rounds.access import nothing_written, planners_round
from tracker.staff.rounds.forms import CancelForm

KINDS = {
    "Pledge": "公約",
    "Initiative": "取組",
    "YearlyAction": "年度別取組",
    "Department": "担当課",
    "Assignment": "担当",
    "ReportingRound": "報告回",
}


@require_http_methods(["GET", "HEAD", "POST"])
def cancel_round(request: HttpRequest, pk: int) -> HttpResponse:
    """What was typed into the round, by name; a POST with a reason takes the round back."""
    round, user = planners_round(request, pk)
    form = CancelForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _show_typed(request, round, form, status=form.status)
    reason, seen = form.cleaned_data["reason"], request.POST.get("seen", "")
    try:
        cancelling.cancel(round, by=user, reason=reason, seen=seen)
    except RoundProblem as problem:
        form.add_error(problem.field or None, str(problem))
        return _show_typed(request, round, form, status=form.status)
    words = "の報告回を取り消しました。入力されていた内容は、「履歴」に残っています。"
    messages.success(request, f"{round.short_label}{manifestos.beside(round.manifesto_id)}{words}")
    return redirect("staff-rounds")


def _show_typed(
    request: HttpRequest, round: ReportingRound, form: CancelForm, *, status: int = 200
) -> HttpResponse:
    typed, refused = cancelling.typed_rows(round), _refusal(round)
    return show(
        request,
        "rounds/cancel",
        status=status,
        title="取り消す",
        round=round,
        tab="settings",
        form=form,
        typed_rows=typed,
        row_count=round.actions.count(),
        seen=cancelling.seen_digest(typed),
        refused=refused,
        unconfirmed=list(round.sheet_batches.filter(state=BatchState.READY).select_related("owner")),
        typed=unshown_texts(request, () if refused else form.fields),
    )


def _refusal(round: ReportingRound) -> str:
    """Why the round cannot be taken back; "" where it can."""
    try:
        rounds.require_unpublished(round, "取り消せません")
    except RoundProblem as problem:
        return str(problem)
    return ""


@require_http_methods(["GET", "HEAD", "POST"])
def take_back_import(request: HttpRequest, pk: int) -> HttpResponse:
    """What goes and what comes back with the import of a table; a POST with a reason undoes it."""
    round, user = planners_round(request, pk)
    form = CancelForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _show_import(request, round, form, user, status=form.status)
    try:
        undone = taking_back.take_back(round, by=user, reason=form.cleaned_data["reason"])
    except RoundProblem as problem:
        form.add_error(problem.field or None, str(problem))
        return _show_import(request, round, form, user, status=form.status)
    kept = "、".join(map(str, undone.staying))
    told = f"ほかで使われている課（{kept}）は残しました。" if kept else ""
    messages.success(request, f"取り込みを取り消しました。取り込む前の内容に戻っています。{told}")
    return redirect("staff-rounds")


def _show_import(
    request: HttpRequest, round: ReportingRound, form: CancelForm, user: User, *, status: int = 200
) -> HttpResponse:
    undone, refused = None, ""
    try:
        with nothing_written():
            undone = taking_back.take_back(round, by=user, reason="確認")
    except RoundProblem as problem:
        refused = str(problem)
    return show(
        request,
        "rounds/take_back",
        status=status,
        title="取り込みを取り消す",
        round=round,
        tab="settings",
        form=form,
        refused=refused,
        found=taking_back.last_import(round),
        gone=_in_words(undone.gone) if undone else [],
        restored=_in_words(undone.restored) if undone else [],
        staying=undone.staying if undone else [],
        typed=unshown_texts(request, () if refused else form.fields),
    )


def _in_words(counts: Counter[str]) -> list[tuple[str, int]]:
    return [(words, counts[kind]) for kind, words in KINDS.items() if counts[kind]]
