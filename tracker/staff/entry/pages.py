"""The entry form of a yearly action: save, autosave, check, submit, and what happens when two people write at
once.
"""

import re
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from tracker.choices import ActionField, ActionState
from tracker.cycle import permissions, rounds, workflow
from tracker.cycle.workflow import Content
from tracker.models import Event, Rating, ReportEntry, User, YearlyAction
from tracker.staff.entry import conflict
from tracker.staff.entry.form import EntryForm, as_base, rating_answer
from tracker.staff.frame.errors import typed_texts
from tracker.staff.frame.pages import show
from tracker.staff.rows import rating_badges, scale_of, visible_action
from tracker.words import continuations, three_way

CHOICES = {
    three_way.THEIRS: "先に保存された内容を残す",
    three_way.MINE: "自分の内容を残す",
    three_way.BOTH: "両方を続けて残す",
}
PHRASES = {"phrase_result": "result", "phrase_plan": "plan"}
VERSION = re.compile(r"[0-9]{1,9}")


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """The form of a row that may be written now; a row that may not is shown as it is."""
    action = visible_action(request, pk)
    if request.method == "POST":
        return _save(request, action)
    if not workflow.can(workflow.SAVE, request.user, action):
        can_review = permissions.may_review(request.user)
        return show(
            request,
            "action",
            title=str(action.initiative.pledge),
            can_review=can_review,
            **_surroundings(action),
        )
    return _form(request, action, EntryForm(None, action=action, scale=scale_of(action)))


def _form(
    request: HttpRequest, action: YearlyAction, form: EntryForm, *, status: int = 200, **context: Any
) -> HttpResponse:
    reference = _surroundings(action)
    year = action.round.fiscal_year
    return show(
        request,
        "entry",
        status=status,
        title=str(action.initiative.pledge),
        form=form,
        errors=form.errors_in_order() if form.is_bound else [],
        phrase_result=continuations.phrase(year, done=True),
        phrase_plan=continuations.phrase(year + 1, done=False),
        max_characters=workflow.MAX_CHARACTERS,
        **reference,
        **context,
    )


def _surroundings(action: YearlyAction) -> dict[str, Any]:
    """What stands beside a row: the last report's words, the scale, the history."""
    scale = scale_of(action)
    year = action.round.fiscal_year
    report = rounds.last_report(action.round.manifesto)
    entry = ReportEntry.objects.filter(report=report, key=action.place).first()
    return {
        "action": action,
        "scale": scale,
        "badges": rating_badges(scale),
        "year": year,
        "report": report,
        "entry": entry,
        "last_result": entry.text_lines("results", year - 1) if entry else [],
        "last_plan": entry.text_lines("plans", year) if entry else [],
        "history": list(Event.objects.filter(subject=action.subject).order_by("number")),
    }


def _save(request: HttpRequest, action: YearlyAction) -> HttpResponse:
    if not permissions.may_write(request.user, action):
        raise PermissionDenied("この取組に入力できるのは、担当課と企画だけです。")
    act = request.POST.get("act", "save")
    form = EntryForm(_with_phrase(request, action, act), action=action, scale=scale_of(action))
    wants_json = not request.accepts("text/html")
    if not form.is_valid():
        if wants_json:
            return JsonResponse({"errors": form.errors_in_order()}, status=422)
        return _form(request, action, form, status=422)
    try:
        saved = workflow.save(
            action.pk, by=_person(request), version=form.cleaned_data["version"], content=form.content()
        )
    except workflow.Stale:
        return _conflict(request, action, form, wants_json)
    except workflow.Forbidden as problem:
        raise PermissionDenied(str(problem)) from problem
    except (workflow.NotNow, workflow.Incomplete) as problem:
        return refused(request, action, problem, wants_json)
    if wants_json:
        return JsonResponse(
            {"version": saved.version, "base": as_base(Content.of(saved)), "saved_at": _clock(saved)}
        )
    if act == "check":
        return _to_check(request, saved)
    messages.success(request, f"下書きを保存しました（{_clock(saved)}）。")
    return redirect(request.path)


def _with_phrase(request: HttpRequest, action: YearlyAction, act: str) -> Any:
    """The form's data; a browser without JavaScript sends the button that inserts the stock phrase."""
    data = request.POST.copy()
    if act in PHRASES:
        name, year = PHRASES[act], action.round.fiscal_year
        phrase = continuations.phrase(year if name == "result" else year + 1, done=name == "result")
        data[name] = f"{data.get(name, '').rstrip()}\n{phrase}".lstrip()
    return data


def _to_check(request: HttpRequest, saved: YearlyAction) -> HttpResponse:
    """On to the page that asks to check the answers; back to the form where something is missing. The draft
    is saved.
    """
    if not workflow.problems(saved):
        return redirect(f"{request.path}check/")
    return incomplete(request, saved)


def incomplete(request: HttpRequest, saved: YearlyAction) -> HttpResponse:
    """The form of a saved draft with what a submission lacks, on top and beside the fields."""
    form = EntryForm(None, action=saved, scale=scale_of(saved))
    bound = EntryForm(form.initial, action=saved, scale=form.scale)
    bound.is_valid()
    bound.add_problems(workflow.problems(saved))
    return _form(request, saved, bound, status=422, is_saved=True)


@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest, pk: int) -> HttpResponse:
    """The answers once more, to be checked; then they are submitted."""
    action = visible_action(request, pk)
    if not permissions.may_write(request.user, action):
        raise PermissionDenied("この取組を提出できるのは、担当課と企画だけです。")
    if request.method == "POST":
        return _submit(request, action)
    if not workflow.can(workflow.SUBMIT, request.user, action):
        return redirect(f"/staff/actions/{action.pk}/")
    if workflow.problems(action):
        return incomplete(request, action)
    return show(request, "check", title="入力内容の確認", **_surroundings(action))


def _submit(request: HttpRequest, action: YearlyAction) -> HttpResponse:
    version = request.POST.get("version", "")
    seen = int(version) if VERSION.fullmatch(version) else -1
    try:
        done = workflow.submit(action.pk, by=_person(request), version=seen)
    except workflow.Incomplete:
        return incomplete(request, action)
    except workflow.Stale as problem:
        current = visible_action(request, action.pk)
        title = "入力内容の確認"
        return show(request, "check", status=409, title=title, problem=str(problem), **_surroundings(current))
    except workflow.Forbidden as problem:
        raise PermissionDenied(str(problem)) from problem
    except workflow.NotNow as problem:
        if action.state == ActionState.SUBMITTED and action.submitted_by == request.user:  # a second click
            return redirect("/staff/")
        return refused(request, action, problem)
    messages.success(request, f"{done.place}「{done.initiative.pledge}」を提出しました。")
    return redirect("/staff/")


def refused(
    request: HttpRequest, action: YearlyAction, problem: Exception, wants_json: bool = False
) -> HttpResponse:
    """409: the row or its round does not allow it any more. Everything typed is shown, for copying."""
    if wants_json:
        return JsonResponse({"refused": str(problem)}, status=409)
    title = "保存できませんでした"
    return show(
        request,
        "refused",
        status=409,
        title=title,
        action=action,
        problem=str(problem),
        typed=typed_texts(request),
    )


def _conflict(request: HttpRequest, action: YearlyAction, form: EntryForm, wants_json: bool) -> HttpResponse:
    """409: somebody else has saved. Shows base, theirs and mine; or takes the choices that were made on that
    page.
    """
    if wants_json:
        return JsonResponse({"conflict": True}, status=409)
    current = visible_action(request, action.pk)
    return _choose(request, current, form.base_content(), form.content())


def _choose(
    request: HttpRequest, current: YearlyAction, base: Content | None, mine: Content, problem: str = ""
) -> HttpResponse:
    scale = scale_of(current)
    found = conflict.compare(base, Content.of(current), mine)
    texts = {"result": mine.result, "plan": mine.plan, "rating_reason": mine.rating_reason}
    return show(
        request,
        "conflict",
        status=409,
        title="ほかの人が先に保存しました",
        action=current,
        conflicts=[
            _shown(each, scale, request.POST.get(f"pick_{each.field}", each.suggestion)) for each in found
        ],
        problem=problem,
        mine={**texts, "rating": rating_answer(mine)},
        base=as_base(base) if base else "",
    )


def _shown(each: conflict.FieldConflict, scale: list[Rating], picked: str) -> dict[str, Any]:
    """A conflicting field as its page shows it: each side in words, and what may be chosen."""
    steps = {step.pk: str(step) for step in scale}

    def words(value: Any) -> str:
        if value is None or each.is_text:
            return value or ""
        rating_id, is_unrated = value
        return "評価を付けない" if is_unrated else steps.get(rating_id, "")

    return {
        "field": each.field,
        "label": ActionField(each.field).label,
        "base": words(each.base),
        "knows_base": each.base is not None,
        "theirs": words(each.theirs),
        "mine": words(each.mine),
        "choices": [(choice, CHOICES[choice]) for choice in each.choices],
        "picked": picked,
    }


@require_http_methods(["POST"])
def resolve(request: HttpRequest, pk: int) -> HttpResponse:
    """Saves what was chosen field by field, against the version that the person was shown."""
    action = visible_action(request, pk)
    if not permissions.may_write(request.user, action):
        raise PermissionDenied("この取組に入力できるのは、担当課と企画だけです。")
    form = EntryForm(request.POST, action=action, scale=scale_of(action))
    if not form.is_valid():
        return _form(request, action, form, status=422)
    base, mine, theirs = form.base_content(), form.content(), Content.of(action)
    if form.cleaned_data["version"] != action.version:
        return _choose(
            request, action, base, mine, "選んでいるあいだに、また保存されました。もう一度選んでください。"
        )
    picks = {field: request.POST.get(f"pick_{field}", "") for field in conflict.PARTS}
    try:
        content = conflict.merge(conflict.compare(base, theirs, mine), theirs, picks)
        workflow.save(action.pk, by=_person(request), version=action.version, content=content)
    except KeyError:
        return _choose(request, action, base, mine, "どちらを残すか、すべての項目で選んでください。")
    except workflow.Stale:
        return _choose(request, visible_action(request, pk), base, mine)
    except (workflow.NotNow, workflow.Incomplete) as problem:
        return refused(request, action, problem)
    messages.success(request, "選んだ内容で保存しました。念のため、内容を確かめてください。")
    return redirect(f"/staff/actions/{action.pk}/")


def _person(request: HttpRequest) -> User:
    """The logged-in person; the site lets nobody else in."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def _clock(action: YearlyAction) -> str:
    return timezone.localtime(action.saved_at).strftime("%H:%M") if action.saved_at else ""
