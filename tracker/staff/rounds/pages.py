"""Rounds: the list, opening one, and what can be done with one before and after it is published."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.db.models import Count, Prefetch, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from tracker.choices import ActionState, EventKind, RoundState
from tracker.cycle import permissions, rounds
from tracker.cycle.rounds import RoundProblem
from tracker.models import Event, Manifesto, Report, ReportingRound, User, YearlyAction
from tracker.staff.frame.fields import StaffForm
from tracker.staff.frame.kept import unshown_texts
from tracker.staff.frame.site import show
from tracker.staff.rounds.access import a_round, nothing_written, own_report, planner, planners_round
from tracker.staff.rounds.ended import departments_that_ended
from tracker.staff.rounds.forms import CorrectForm, DueForm, OpenForm
from tracker.templatetags.tracker_public import japanese_date
from tracker.words.fiscal_years import short_label

WITH_COUNTS = {state.value: Count("actions", filter=Q(actions__state=state)) for state in ActionState}


@require_safe
def round_list(request: HttpRequest) -> HttpResponse:
    """All rounds, newest first, with how far they are."""
    if not permissions.may_see_rounds(request.user):
        raise Http404
    counted = Prefetch("rounds", ReportingRound.objects.annotate(**WITH_COUNTS).order_by("-fiscal_year"))
    manifestos = Manifesto.objects.order_by("-first_fiscal_year").prefetch_related(counted)
    reported = set(Report.objects.values_list("slug", "as_of"))
    return show(
        request,
        "rounds/list",
        title="報告回",
        manifestos=[(each, [_row(round, reported) for round in each.rounds.all()]) for each in manifestos],
        states=ActionState,
        may_run=permissions.may_run_rounds(request.user),
    )


def _row(round: ReportingRound, reported: set[tuple[str, date]]) -> dict[str, Any]:
    """A round as a row of the list; `reported` are slug and date of all reports."""
    counts = [(state, getattr(round, state.value)) for state in ActionState]
    return {
        "round": round,
        "counts": counts,
        "total": sum(count for _state, count in counts),
        "has_report": (round.manifesto.slug, round.as_of) in reported,
        "is_late": round.is_writable and round.due_on is not None and round.due_on < timezone.localdate(),
    }


@require_http_methods(["GET", "HEAD", "POST"])
def open_round(request: HttpRequest) -> HttpResponse:
    """The form of a new round; then what it will hold, to be confirmed; then the round."""
    user = planner(request)
    manifesto = _asked_manifesto(request)
    if manifesto is None:
        return show(request, "rounds/open", title="報告回を開く", manifesto=None)
    form = OpenForm(request.POST or None, manifesto=manifesto)
    step = {"check": _check, "open": _open}.get(request.POST.get("act", ""))
    if step and form.is_valid():
        try:
            return step(request, form, user)
        except RoundProblem as problem:
            form.add_error(problem.field or None, str(problem))
    busy = manifesto.rounds.filter(state__in=[RoundState.OPEN, RoundState.CLOSED]).first()
    return show(
        request,
        "rounds/open",
        status=form.status,
        title="報告回を開く",
        form=form,
        manifesto=manifesto,
        is_only_manifesto=Manifesto.objects.count() == 1,
        busy=None if form.is_bound else busy,
    )


def _asked_manifesto(request: HttpRequest) -> Manifesto | None:
    """The manifesto that the address names, or the latest one."""
    found = Manifesto.objects.order_by("-first_fiscal_year")
    return found.filter(slug=request.GET.get("manifesto", "")).first() or found.first()


def _check(request: HttpRequest, form: OpenForm, user: User) -> HttpResponse:
    with nothing_written():
        new = rounds.open_round(**form.cleaned_data, by=user)
        rows = YearlyAction.objects.filter(round=new)
        found: dict[str, Any] = {
            "count": rows.count(),
            "without": list(rows.without_department().with_place().in_table_order()),
            "ended": departments_that_ended(new),
            "first_time": rows.filter(was_reported=False).count(),
        }
    return show(request, "rounds/open_check", title="報告回を開く", form=form, round=new, **found)


def _open(request: HttpRequest, form: OpenForm, user: User) -> HttpResponse:
    new = rounds.open_round(**form.cleaned_data, by=user)
    words = f"{short_label(new.fiscal_year)} の報告回を開きました。取組は {new.actions.count()} 件です。"
    messages.success(request, words)
    return redirect("staff-rounds")


@require_http_methods(["GET", "HEAD", "POST"])
def round_settings(request: HttpRequest, pk: int) -> HttpResponse:
    """What can be done with a round: extend, close, correct, add what is missing."""
    round, user = planners_round(request, pk)
    if request.method != "POST":
        return _settings_page(request, round)
    act = ROUND_ACTS.get(request.POST.get("act", ""))
    if act is None:
        return _settings_page(request, round, "どの操作か分かりませんでした。もう一度選んでください。", 422)
    try:
        return act(request, round, user)
    except RoundProblem as refused:
        return _settings_page(request, a_round(pk), str(refused), 409)


def _extend(request: HttpRequest, round: ReportingRound, user: User) -> HttpResponse:
    form = DueForm(request.POST)
    if form.is_valid():
        try:
            round = rounds.extend(round, due_on=form.cleaned_data["due_on"], by=user)
            return _done(request, round, "締切日を変えました。")
        except RoundProblem as problem:
            if not problem.field:
                raise
            form.add_error(problem.field, str(problem))
    return _settings_page(request, round, due_form=form, status=form.status)


def _close(request: HttpRequest, round: ReportingRound, user: User) -> HttpResponse:
    """Closes once the number of unfinished rows has been seen, and is still the same."""
    counts = _counts(round)
    unfinished = _unapproved(counts)
    if round.state == RoundState.OPEN and request.POST.get("unfinished") != str(unfinished):
        changed = "unfinished" in request.POST
        context = {"round": round, "counts": counts, "unfinished": unfinished, "has_changed": changed}
        return show(request, "rounds/close", title="締め切る", status=409 if changed else 200, **context)
    return _done(request, rounds.close(round, by=user), "締め切りました。承認は続けられます。")


def _correct(request: HttpRequest, round: ReportingRound, user: User) -> HttpResponse:
    form = CorrectForm(request.POST)
    if not form.is_valid():
        return _settings_page(request, round, correct_form=form, status=422)
    try:
        rounds.start_correction(round, by=user, reason=form.cleaned_data["reason"])
    except RoundProblem as problem:
        return _settings_page(request, a_round(round.pk), str(problem), 409, correct_form=form)
    return _done(request, round, "訂正を始めました。承認済の取組を開き、承認を取り消すと、担当課が直せます。")


def _finish(request: HttpRequest, round: ReportingRound, user: User) -> HttpResponse:
    return _done(request, rounds.finish_correction(round, by=user), "訂正を終えました。")


def _add_missing(request: HttpRequest, round: ReportingRound, user: User) -> HttpResponse:
    count = rounds.add_missing(round, by=user)
    return _done(request, round, f"{count} 件の取組を加えました。")


ROUND_ACTS: dict[str, Callable[[HttpRequest, ReportingRound, User], HttpResponse]] = {
    "extend": _extend,
    "close": _close,
    "correct": _correct,
    "finish": _finish,
    "add_missing": _add_missing,
}


def _done(request: HttpRequest, round: ReportingRound, words: str) -> HttpResponse:
    messages.success(request, words)
    return redirect("staff-round-settings", round.pk)


def _counts(round: ReportingRound) -> list[tuple[ActionState, int]]:
    """How many rows are in each state."""
    found = dict(round.actions.values_list("state").annotate(Count("pk")).order_by())
    return [(state, found.get(state.value, 0)) for state in ActionState]


def _unapproved(counts: list[tuple[ActionState, int]]) -> int:
    return sum(count for state, count in counts if state != ActionState.APPROVED)


def _settings_page(
    request: HttpRequest, round: ReportingRound, problem: str = "", status: int = 200, **forms: StaffForm
) -> HttpResponse:
    """The page of the settings; `forms` are those that were sent: `due_form`, `correct_form`."""
    counts = _counts(round)
    events = Event.objects.filter(kind=EventKind.ROUND, subject=round.subject).order_by("number")
    return show(
        request,
        "rounds/settings",
        status=status,
        title="設定",
        round=round,
        tab="settings",
        problem=problem,
        typed=unshown_texts(request, ["reason" if round.state == RoundState.PUBLISHED else "due_on"]),
        counts=counts,
        total=sum(count for _state, count in counts),
        unapproved=_unapproved(counts),
        report=own_report(round),
        missing=list(rounds.missing_initiatives(round).in_table_order()) if round.is_writable else [],
        events=[(event, _told(event)) for event in events],
        **{"due_form": DueForm(initial={"due_on": round.due_on}), "correct_form": CorrectForm(), **forms},
    )


def _told(event: Event) -> str:
    """What an event of a round says, in a sentence."""
    content = event.content
    if not event.from_state:
        return f"報告回を開きました（締切 {_day(content.get('due_on'))}、取組 {content.get('rows')}件）。"
    if "added" in content:
        return f"取組 {content['added']}件を加えました。"
    if "due_on" in content:
        before, after = _day(content.get("due_before")), _day(content["due_on"])
        return f"締切日を {before} から {after} に変えました。"
    told = {RoundState.CLOSED: "締め切りました。", RoundState.CORRECTING: "訂正を始めました。"}
    return told.get(RoundState(event.to_state), "訂正を終えました。")


def _day(written: str | None) -> str:
    return str(japanese_date(date.fromisoformat(written))) if written else "なし"
