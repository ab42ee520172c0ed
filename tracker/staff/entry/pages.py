"""The entry form of a yearly action: save, autosave, check, submit, and two people writing at once."""

import re
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from tracker.choices import ActionField, ActionState
from tracker.cycle import permissions, workflow
from tracker.cycle.workflow import Content
from tracker.entry_sheets.file.columns import UNRATED
from tracker.entry_sheets.file.ratings import UNRATED_WORDS
from tracker.models import Rating, User, YearlyAction
from tracker.staff.entry import conflict
from tracker.staff.entry.form import EntryForm, answers_of, as_base
from tracker.staff.frame.access import allowed, visible_action
from tracker.staff.frame.kept import typed_texts
from tracker.staff.frame.rows import history_of, last_told, rating_badges, scale_of
from tracker.staff.frame.site import show
from tracker.words import continuations, three_way

CONFLICT_SIDES = {
    three_way.THEIRS: "先に保存された内容を残す",
    three_way.MINE: "自分の内容を残す",
    three_way.BOTH: "両方を続けて残す",
}
PHRASES = {"phrase_result": "result", "phrase_plan": "plan"}
NOTHING_WRITTEN = "まだ何も書かれていません。"
VERSION_DIGITS = re.compile(r"[0-9]{1,9}")


@require_http_methods(["GET", "HEAD", "POST"])
def entry(request: HttpRequest, pk: int) -> HttpResponse:
    """The form of a row that may be written now; a row that may not is shown as it is."""
    if request.method == "POST" and not request.accepts("text/html"):
        return _autosave(request, pk)
    action = visible_action(request, pk)
    if request.method == "POST":
        return _save(request, action)
    if workflow.can(workflow.SAVE, request.user, action):
        return _form(request, action, EntryForm(None, action=action, scale=scale_of(action.round)))
    shown = {"can_review": permissions.may_review(request.user), **_surroundings(action)}
    return show(request, "entry/action", title=str(action.initiative.pledge), **shown)


def _form(
    request: HttpRequest,
    action: YearlyAction,
    form: EntryForm,
    *,
    status: int = 200,
    lead: str = "まだ保存されていません。",
) -> HttpResponse:
    year = action.round.fiscal_year
    return show(
        request,
        "entry/entry",
        status=status,
        title=str(action.initiative.pledge),
        form=form,
        errors=form.errors_in_order() if form.is_bound else [],
        lead=lead,
        reported_rating=(action.reference_rating_id or UNRATED) if action.was_reported else "",
        phrase_result=continuations.phrase(year, done=True),
        phrase_plan=continuations.phrase(year + 1, done=False),
        max_characters=workflow.MAX_CHARACTERS,
        **_surroundings(action),
    )


def _surroundings(action: YearlyAction) -> dict[str, Any]:
    """What stands beside a row: the last report's words, the scale, the history."""
    scale, year = scale_of(action.round), action.round.fiscal_year
    _report, told = last_told(action)
    return {
        "action": action,
        "scale": scale,
        "badges": rating_badges(scale),
        "year": year,
        "last_result": told.text_lines("results", year - 1) if told else [],
        "last_plan": told.text_lines("plans", year) if told else [],
        "history": history_of(action),
    }


def writer_of(request: HttpRequest, action: YearlyAction, act: str = "に入力") -> User:
    """The person, who may write into the row. Raises PermissionDenied."""
    may = partial(permissions.may_write, action=action)
    return allowed(request, may, f"この取組{act}できるのは、担当課と企画だけです。")


def _save(request: HttpRequest, action: YearlyAction) -> HttpResponse:
    user, act = writer_of(request, action), request.POST.get("act", "save")
    form = EntryForm(_with_phrase(request, action, act), action=action, scale=scale_of(action.round))
    if not form.is_valid():
        return _form(request, action, form, status=422)
    try:
        saved = form.save(by=user)
    except workflow.Stale:
        return _conflict(request, visible_action(request, action.pk), form.base_content(), form.content())
    except (workflow.NotNow, workflow.Incomplete) as problem:
        return _refused(request, action, problem)
    if act == "check":
        return _incomplete(request, saved) if workflow.problems(saved) else redirect("staff-check", saved.pk)
    if saved.state == ActionState.NOT_STARTED:
        messages.info(request, f"{NOTHING_WRITTEN}下書きも、まだありません。")
    else:
        messages.success(request, f"下書きを保存しました（{_clock(saved)}）。")
    return redirect("staff-entry", saved.pk)


def _with_phrase(request: HttpRequest, action: YearlyAction, act: str) -> QueryDict:
    """The form's data; a browser without JavaScript sends the button that inserts the stock phrase."""
    data = request.POST.copy()
    if act in PHRASES:
        name, year = PHRASES[act], action.round.fiscal_year
        phrase = continuations.phrase(year if name == "result" else year + 1, done=name == "result")
        data[name] = f"{data.get(name, '').rstrip()}\n{phrase}".lstrip()
    return data


def _autosave(request: HttpRequest, pk: int) -> JsonResponse:
    """The answer to the page's own script, which saves while a person types. Asked often, it reads little."""
    user = allowed(request, permissions.may_enter, "")
    action = get_object_or_404(YearlyAction.objects.select_related("round"), pk=pk)
    form = EntryForm(request.POST, action=action, scale=scale_of(action.round))
    if not form.is_valid():
        writer_of(request, visible_action(request, pk))
        return JsonResponse({"errors": form.errors_in_order()}, status=422)
    try:
        saved = form.save(by=user)
    except workflow.Forbidden:
        writer_of(request, visible_action(request, pk))  # 404 for a row that is not there for this person
        raise
    except workflow.Stale:
        return JsonResponse({"conflict": True}, status=409)
    except (workflow.NotNow, workflow.Incomplete) as problem:
        return JsonResponse({"refused": str(problem)}, status=409)
    base = as_base(Content.of(saved))
    return JsonResponse({"version": saved.version, "base": base, "saved_at": _clock(saved)})


def _incomplete(request: HttpRequest, saved: YearlyAction) -> HttpResponse:
    """The form of a saved draft with what a submission lacks, on top and beside the fields."""
    form = EntryForm(None, action=saved, scale=scale_of(saved.round))
    bound = EntryForm(form.initial, action=saved, scale=form.scale)
    bound.is_valid()
    bound.add_problems(workflow.problems(saved))
    state = NOTHING_WRITTEN if saved.state == ActionState.NOT_STARTED else "下書きは保存しました。"
    return _form(request, saved, bound, status=422, lead=f"{state}提出するには、")


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
        return _incomplete(request, action)
    return show(request, "entry/check", title="入力内容の確認", **_surroundings(action))


def seen_version(request: HttpRequest) -> int:
    """The version that a form of buttons alone was made for; -1, which no row has, for what is none."""
    version = request.POST.get("version", "")
    return int(version) if VERSION_DIGITS.fullmatch(version) else -1


def _submit(request: HttpRequest, action: YearlyAction, user: User) -> HttpResponse:
    try:
        done = workflow.submit(action.pk, by=user, version=seen_version(request))
    except workflow.Incomplete:
        return _incomplete(request, action)
    except workflow.Stale as problem:
        now = {"problem": str(problem), **_surroundings(visible_action(request, action.pk))}
        return show(request, "entry/check", status=409, title="入力内容の確認", **now)
    except workflow.NotNow as problem:
        if action.state == ActionState.SUBMITTED and action.submitted_by == user:  # in another tab
            return redirect("staff-home")
        return _refused(request, action, problem)
    messages.success(request, f"{done.place}「{done.initiative.pledge}」を提出しました。")
    return redirect("staff-home")


def _refused(request: HttpRequest, action: YearlyAction, problem: Exception) -> HttpResponse:
    """409: the row or its round does not allow it any more. Everything typed is shown, for copying."""
    context = {"action": action, "problem": str(problem), "typed": typed_texts(request)}
    return show(request, "entry/refused", status=409, title="保存できませんでした", **context)


def _conflict(
    request: HttpRequest, current: YearlyAction, base: Content | None, mine: Content, problem: str = ""
) -> HttpResponse:
    """409: somebody else has saved. Shows base, theirs and mine, field by field, to be chosen from."""
    scale = scale_of(current.round)
    found, texts = conflict.compare(base, Content.of(current), mine), answers_of(mine)
    return show(
        request,
        "entry/conflict",
        status=409,
        title="ほかの人が先に保存しました",
        action=current,
        conflicts=[
            _shown(each, scale, request.POST.get(f"pick_{each.field}", each.suggestion)) for each in found
        ],
        problem=problem,
        rating=texts.pop("rating"),
        texts=texts,
        base=as_base(base) if base else "",
    )


def _shown(each: conflict.FieldConflict, scale: list[Rating], picked: str) -> dict[str, Any]:
    """A conflicting field as its page shows it: each side in words, and what may be chosen."""
    return {
        "field": each.field,
        "label": ActionField(each.field).label,
        "knows_base": each.base is not None,
        "choices": [(choice, CONFLICT_SIDES[choice]) for choice in each.sides],
        "picked": picked,
        **in_words(each, scale),
    }


def in_words(each: conflict.FieldConflict, scale: list[Rating]) -> dict[str, str]:
    """The sides of a field as a page says them: base, theirs and mine."""
    told = {"base": each.base or "", "theirs": each.theirs, "mine": each.mine}
    if each.field != ActionField.RATING:
        return told
    steps = {str(step.pk): str(step) for step in scale} | {UNRATED: UNRATED_WORDS}
    return {side: steps.get(value, "") for side, value in told.items()}


@require_http_methods(["POST"])
def resolve(request: HttpRequest, pk: int) -> HttpResponse:
    """Saves what was chosen field by field, against the version that the person was shown."""
    action = visible_action(request, pk)
    user = writer_of(request, action)
    form = EntryForm(request.POST, action=action, scale=scale_of(action.round))
    if not form.is_valid():
        return _form(request, action, form, status=422)
    base, mine, theirs = form.base_content(), form.content(), Content.of(action)
    if form.cleaned_data["version"] != action.version:
        again = "選んでいるあいだに、また保存されました。もう一度選んでください。"
        return _conflict(request, action, base, mine, again)
    picks = {field: request.POST.get(f"pick_{field}", "") for field in answers_of(mine)}
    try:
        content = conflict.merge(conflict.compare(base, theirs, mine), theirs, picks)
        workflow.save(action.pk, by=user, version=action.version, content=content)
    except KeyError:
        return _conflict(request, action, base, mine, "どちらを残すか、すべての項目で選んでください。")
    except workflow.Stale:
        return _conflict(request, visible_action(request, pk), base, mine)
    except (workflow.NotNow, workflow.Incomplete) as problem:
        return _refused(request, action, problem)
    messages.success(request, "選んだ内容で保存しました。念のため、内容を確かめてください。")
    return redirect("staff-entry", action.pk)


def _clock(action: YearlyAction) -> str:
    return timezone.localtime(action.saved_at).strftime("%H:%M") if action.saved_at else ""
