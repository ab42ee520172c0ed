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
from tracker.cycle import event_words, manifestos, permissions, rounds, section_check
from tracker.cycle.round_dates import too_early
from tracker.cycle.rounds import RoundProblem
from tracker.models import Event, Manifesto, Report, ReportingRound, User, YearlyAction
from tracker.published_tables.taking_back import last_import
from tracker.staff.frame.fields import StaffForm
from tracker.staff.frame.kept import unshown_texts
from tracker.staff.frame.manifestos import asked_manifesto
from tracker.staff.frame.site import show
from tracker.staff.rounds.access import a_round, nothing_written, own_report, planner, planners_round
from tracker.staff.rounds.ended import departments_that_ended
from tracker.staff.rounds.forms import CorrectForm, DescribeForm, DueForm, OpenForm

BUSY = (RoundState.OPEN, RoundState.CLOSED, RoundState.IMPORTED)  # before the next round may be opened
WITH_COUNTS = {state.value: Count("actions", filter=Q(actions__state=state)) for state in ActionState}


@require_safe
def round_list(request: HttpRequest) -> HttpResponse:
    """All rounds, newest first, with how far they are."""
    if not permissions.may_see_rounds(request.user):
        raise Http404
    counted = Prefetch("rounds", ReportingRound.objects.annotate(**WITH_COUNTS).newest_first())
    found = Manifesto.objects.order_by("-first_fiscal_year", "-pk").prefetch_related(counted)
    names = manifestos.names()
    reported = set(Report.objects.values_list("slug", "as_of"))
    return show(
        request,
        "rounds/list",
        title="報告回",
        manifestos=[
            (each, name, states, [_row(round, reported, name, states) for round in each.rounds.all()])
            for each in found
            for name, states in [(names.get(each.pk, ""), _told_states(each))]
        ],
        may_run=permissions.may_run_rounds(request.user),
    )


def _told_states(manifesto: Manifesto) -> list[ActionState]:
    """The columns of a manifesto's rounds, which have their counts."""
    rounds_of = manifesto.rounds.all()
    counts = {state: sum(getattr(each, state.value) for each in rounds_of) for state in ActionState}
    return section_check.told_states(manifesto, counts)


def _row(
    round: ReportingRound, reported: set[tuple[str, date]], name: str, states: list[ActionState]
) -> dict[str, Any]:
    """A round as a row of the list; `reported` are slug and date of all reports, `name` the manifesto's."""
    counts = [(state, getattr(round, state.value)) for state in states]
    return {
        "round": round,
        "called": f"{name} {round.short_label}".strip(),
        "counts": counts,
        "total": sum(count for _state, count in counts),
        "has_report": (round.manifesto.slug, round.as_of) in reported,
        "is_late": round.is_writable and round.due_on is not None and round.due_on < timezone.localdate(),
    }


@require_http_methods(["GET", "HEAD", "POST"])
def open_round(request: HttpRequest) -> HttpResponse:
    """The form of a new round; then what it will hold, to be confirmed; then the round."""
    user = planner(request)
    manifesto = asked_manifesto(request)
    if manifesto is None:
        return show(request, "rounds/open", title="報告回を開く", manifesto=None)
    form = OpenForm(request.POST or None, manifesto=manifesto)
    step = {"check": _check, "open": _open}.get(request.POST.get("act", ""))
    if step and form.is_valid():
        try:
            return step(request, form, user)
        except RoundProblem as problem:
            form.add_error(problem.field or None, str(problem))
    busy = manifesto.rounds.filter(state__in=BUSY).newest_first().first()
    return show(
        request,
        "rounds/open",
        status=form.status,
        title="報告回を開く",
        form=form,
        manifesto=manifesto,
        busy=None if form.is_bound else busy,
    )


def _check(request: HttpRequest, form: OpenForm, user: User) -> HttpResponse:
    with nothing_written():
        new = rounds.open_round(**form.cleaned_data, by=user)
        rows = YearlyAction.objects.filter(round=new)
        found: dict[str, Any] = {
            "count": rows.count(),
            "without": list(rows.without_department().with_place().in_table_order()),
            "ended": departments_that_ended(new),
            "first_time": rows.filter(was_reported=False).count(),
            "begun": rows.as_begun().count(),
            "begun_from": new.follows,
            "after_term": _ended_before(new),
            "too_early": too_early(new.fiscal_year, None, timezone.localdate()),
        }
    return show(request, "rounds/open_check", title="報告回を開く", form=form, round=new, **found)


def _ended_before(round: ReportingRound) -> int | None:
    """The term's last year, where the round's is later."""
    last = round.manifesto.last_fiscal_year
    return last if last is not None and round.fiscal_year > last else None


def _open(request: HttpRequest, form: OpenForm, user: User) -> HttpResponse:
    new = rounds.open_round(**form.cleaned_data, by=user)
    which = f"{new.short_label}{manifestos.beside(new.manifesto_id)}"
    words = f"{which} の報告回を開きました。取組は {new.actions.count()} 件です。"
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


def _describe(request: HttpRequest, round: ReportingRound, user: User) -> HttpResponse:
    form = DescribeForm(request.POST, round=round)
    if form.is_valid():
        try:
            round = rounds.describe(round, **form.cleaned_data, by=user)
            return _done(request, round, "報告回の名前と時点を変えました。")
        except RoundProblem as problem:
            if not problem.field:
                raise
            form.add_error(problem.field, str(problem))
    return _settings_page(request, round, describe_form=form, status=form.status)


def _close(request: HttpRequest, round: ReportingRound, user: User) -> HttpResponse:
    """Closes once the number of unfinished rows has been seen, and is still the same."""
    counts = _counts(round)
    unfinished = _unapproved(counts)
    if round.state == RoundState.OPEN and request.POST.get("unfinished") != str(unfinished):
        changed = "unfinished" in request.POST
        context = {"round": round, "counts": counts, "unfinished": unfinished, "has_changed": changed}
        context["in_section"] = dict(counts).get(ActionState.IN_SECTION, 0)
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
    "describe": _describe,
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
    counts = {state: found.get(state.value, 0) for state in ActionState}
    return [(state, counts[state]) for state in section_check.told_states(round.manifesto, counts)]


def _unapproved(counts: list[tuple[ActionState, int]]) -> int:
    return sum(count for state, count in counts if state != ActionState.APPROVED)


def _settings_page(
    request: HttpRequest, round: ReportingRound, problem: str = "", status: int = 200, **forms: StaffForm
) -> HttpResponse:
    """The page of the settings; `forms` has the one that was sent, by its name in the template."""
    counts, is_asking = _counts(round), round.state in {RoundState.OPEN, RoundState.CLOSED}
    fields = {
        "name": is_asking,
        "as_of": is_asking,
        "due_on": is_asking or round.state == RoundState.CORRECTING,
        "reason": round.state in {RoundState.PUBLISHED, RoundState.IMPORTED},
    }
    report = own_report(round)
    events = Event.objects.filter(kind=EventKind.ROUND, subject=round.subject).order_by("number")
    return show(
        request,
        "rounds/settings",
        status=status,
        title="設定",
        round=round,
        tab="settings",
        problem=problem,
        typed=unshown_texts(request, [name for name, is_there in fields.items() if is_there]),
        is_described=is_asking and report is None,
        table_import=last_import(round) if round.is_imported else None,
        counts=counts,
        total=sum(count for _state, count in counts),
        unapproved=_unapproved(counts),
        report=report,
        without_head=section_check.departments_without_head(round),
        missing=list(rounds.missing_initiatives(round).in_table_order()) if round.is_writable else [],
        events=[(event, event_words.told(event)) for event in events],
        **{
            "describe_form": DescribeForm(round=round),
            "due_form": DueForm(initial={"due_on": round.due_on}),
            "correct_form": CorrectForm(),
            **forms,
        },
    )
