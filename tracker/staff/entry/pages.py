"""The entry form of a yearly action: save, check, submit, and go on to the next one."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from tracker.choices import BOUND, ActionState
from tracker.cycle import manifestos, permissions, section_check, workflow
from tracker.cycle.workflow import Content
from tracker.models import User, YearlyAction
from tracker.staff.entry import conflict, insertion
from tracker.staff.entry.autosave import autosave
from tracker.staff.entry.form import answers_of
from tracker.staff.entry.returned import since_return
from tracker.staff.entry.shown import (
    NOTHING_WRITTEN,
    clock,
    conflict_page,
    entry_page,
    form_of,
    incomplete_page,
    refused_page,
    seen_version,
    surroundings,
    writer_of,
)
from tracker.staff.entry.way import WayThrough, way_from
from tracker.staff.frame.access import visible_action
from tracker.staff.frame.site import show

GOES_ON = {"next", "previous", insertion.SAME}  # buttons that save and lead to another row


@require_http_methods(["GET", "HEAD", "POST"])
def entry(request: HttpRequest, pk: int) -> HttpResponse:
    """The form of a row that may be written now; a row that may not is shown as it is."""
    if request.method == "POST" and not request.accepts("text/html"):
        return autosave(request, pk)
    action = visible_action(request, pk)
    if request.method == "POST":
        return _save(request, action)
    if workflow.can(workflow.SAVE, request.user, action):
        return entry_page(request, action, form_of(request, action))
    return as_it_stands(request, action)


def as_it_stands(
    request: HttpRequest, action: YearlyAction, *, problem: str = "", status: int = 200
) -> HttpResponse:
    """A row that this person does not write into now, and what they may do with it."""
    user = request.user
    return show(
        request,
        "entry/action",
        status=status,
        title=str(action.initiative.pledge),
        problem=problem,
        can_review=permissions.may_review(user),
        can_confirm=workflow.can(section_check.CONFIRM, user, action),
        lacks_head=section_check.lacks_head(action),
        can_withdraw=workflow.can(workflow.WITHDRAW, user, action),
        **surroundings(request, action),
    )


def _save(request: HttpRequest, action: YearlyAction) -> HttpResponse:
    user, act = writer_of(request, action), request.POST.get("act", "save")
    data = insertion.with_insertion(request.POST, action)
    form = form_of(request, action, data)
    if not form.is_valid():
        return entry_page(request, action, form, status=422)
    try:
        saved = form.save(by=user)
    except workflow.Stale:
        return conflict_page(request, visible_action(request, action.pk), form.base_content(), form.content())
    except (workflow.NotNow, workflow.Incomplete) as problem:
        return refused_page(request, action, problem)
    return _after_saving(request, saved, act)


def _after_saving(request: HttpRequest, saved: YearlyAction, act: str) -> HttpResponse:
    if act in {"check", insertion.SAME} and workflow.problems(saved):
        return incomplete_page(request, saved)
    if act == "check":
        return redirect("staff-check", saved.pk)
    if act in GOES_ON:
        return _go_on(request, saved, act)
    if saved.state == ActionState.NOT_STARTED:
        messages.info(request, f"{NOTHING_WRITTEN}下書きも、まだありません。")
    elif saved.is_as_begun:
        messages.info(request, "始めの内容のままです。変わったところはありません。")
    else:
        messages.success(request, f"下書きを保存しました（{clock(saved)}）。")
    return redirect("staff-entry", saved.pk)


def _go_on(request: HttpRequest, saved: YearlyAction, act: str) -> HttpResponseRedirect:
    """To another row's form, or to the check of all where no row waits any more."""
    if saved.saved_by_id is not None:
        messages.success(request, f"{_called(saved)}を保存しました（{clock(saved)}）。")
    way = way_from(saved, request.user)
    if act == "previous" and way and way.previous:
        return redirect("staff-entry", way.previous)
    return redirect(_onward(way, saved))


def _onward(way: WayThrough | None, action: YearlyAction) -> str:
    """Where a person goes on from a row: to the next one, to the check of all, or home from another's row."""
    if way is None:
        return reverse("staff-home")
    if way.following:
        return reverse("staff-entry", args=[way.following])
    return reverse("staff-submission", args=[action.round_id])


def _called(action: YearlyAction) -> str:
    """A row by its name, where a message stands on another row's page."""
    return f"{action.place}「{action.initiative.pledge}」{manifestos.beside(action.round.manifesto_id)}"


@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest, pk: int) -> HttpResponse:
    """The answers once more, to be checked; then they are submitted."""
    action = visible_action(request, pk)
    user = writer_of(request, action, "を提出")
    if request.method == "POST":
        return _submit(request, action, user)
    if not workflow.can(workflow.SUBMIT, user, action):
        return redirect("staff-entry", action.pk)
    if workflow.problems(action):
        return incomplete_page(request, action)
    return _check_page(request, action)


def _check_page(
    request: HttpRequest, action: YearlyAction, *, problem: str = "", status: int = 200
) -> HttpResponse:
    """What would be submitted. A returned row in which nothing has changed is asked about once, here."""
    since = since_return(action)
    return show(
        request,
        "entry/check",
        status=status,
        title="入力内容の確認",
        problem=problem,
        since_return=since,
        submit_words="このまま提出する" if since and since.is_unchanged else "提出する",
        **surroundings(request, action),
    )


def _submit(request: HttpRequest, action: YearlyAction, user: User) -> HttpResponse:
    try:
        done = workflow.submit(action.pk, by=user, version=seen_version(request))
    except workflow.Incomplete:
        return incomplete_page(request, action)
    except workflow.Stale as problem:
        now = visible_action(request, action.pk)
        return _check_page(request, now, problem=str(problem), status=409)
    except workflow.NotNow as problem:
        if action.state in BOUND and action.submitted_by == user:  # in another tab
            return redirect(_after_submitting(request, action))
        return refused_page(request, action, problem, title="提出できませんでした")
    messages.success(request, f"{_called(done)}を{section_check.submitted_words(done)}")
    return redirect(_after_submitting(request, done))


def _after_submitting(request: HttpRequest, done: YearlyAction) -> str:
    """The next row's form, where its button was pressed and a row is left; else home."""
    way = way_from(done, request.user) if request.POST.get("act") == "next" else None
    return _onward(way, done) if way and (way.following or way.ready) else reverse("staff-home")


@require_http_methods(["POST"])
def resolve(request: HttpRequest, pk: int) -> HttpResponse:
    """Saves what was chosen field by field, against the version that the person was shown."""
    action = visible_action(request, pk)
    user = writer_of(request, action)
    form = form_of(request, action, request.POST)
    if not form.is_valid():
        return entry_page(request, action, form, status=422)
    try:
        workflow.require_possible(workflow.SAVE, action)  # else there is nothing to choose any more
    except workflow.NotNow as problem:
        return refused_page(request, action, problem)
    base, mine, theirs = form.base_content(), form.content(), Content.of(action)
    if form.cleaned_data["version"] != action.version:
        again = "選んでいるあいだに、また保存されました。もう一度選んでください。"
        return conflict_page(request, action, base, mine, again)
    columns = form.columns
    picks = {field: request.POST.get(f"pick_{field}", "") for field in answers_of(mine, columns)}
    try:
        content = conflict.merge(conflict.compare(base, theirs, mine, columns), theirs, picks, columns)
        workflow.save(action.pk, by=user, version=action.version, content=content)
    except KeyError:
        return conflict_page(request, action, base, mine, "どちらを残すか、すべての項目で選んでください。")
    except workflow.Stale:
        return conflict_page(request, visible_action(request, pk), base, mine)
    except (workflow.NotNow, workflow.Incomplete) as problem:
        return refused_page(request, action, problem)
    messages.success(request, "選んだ内容で保存しました。念のため、内容を確かめてください。")
    return redirect("staff-entry", action.pk)
