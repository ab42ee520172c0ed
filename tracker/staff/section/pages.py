"""What waits for a department's head (課長): one by one, or all rows whose rating did not change."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from tracker.choices import ActionState
from tracker.cycle import manifestos, permissions, section_check, workflow
from tracker.models import ReportingRound, User, YearlyAction
from tracker.models.reporting import YearlyActionQuerySet, read_indicators
from tracker.staff.desk.review import beside_the_last_report
from tracker.staff.frame.access import allowed, row_number, visible_action
from tracker.staff.frame.kept import unshown_texts
from tracker.staff.frame.rows import rating_badges
from tracker.staff.frame.site import show
from tracker.staff.section.forms import CONFIRM, GIVE_BACK, HeadsAnswerForm
from tracker.words.digests import sha256

ROWS_PER_PAGE = 50
ACTS = {CONFIRM: section_check.CONFIRM, GIVE_BACK: section_check.GIVE_BACK}
DONE = {CONFIRM: "を確認し、企画に提出しました。", GIVE_BACK: "を、書いた人に差し戻しました。"}
CLOSED = "この報告回は「%s」になったので、確認できません。1 件も確認していません。"
MOVED = (
    "確かめているあいだに、取組が変わりました。まだ 1 件も確認していません。"
    "下の新しい一覧をもう一度確かめてください。"
)


@dataclass(frozen=True)
class WaitingRound:
    """A round with rows that wait for a head, and the name of its manifesto where there are several."""

    round: ReportingRound
    manifesto: str
    count: int


def waiting_rounds_of(user: User) -> list[WaitingRound]:
    """The rounds with rows that this person may confirm, newest first. Asks nothing of who heads nothing."""
    if not user.headed_ids:
        return []
    keys = list(section_check.waiting_for(user).order_by().values_list("round", flat=True))
    rounds = ReportingRound.objects.filter(pk__in=keys).select_related("manifesto").newest_first()
    names = manifestos.names() if keys else {}
    return [WaitingRound(each, names.get(each.manifesto_id, ""), keys.count(each.pk)) for each in rounds]


@require_http_methods(["GET", "HEAD", "POST"])
def section_rows(request: HttpRequest) -> HttpResponse:
    """The rows of one round that wait for this head. POST confirms those whose rating did not change."""
    user = request.user
    if not permissions.may_enter(user) or not user.headed_ids:
        raise Http404
    waiting = waiting_rounds_of(user)
    asked = row_number(request.GET.get("round", ""))
    here = next((each for each in waiting if each.round.pk == asked), waiting[0] if waiting else None)
    if request.method == "POST" and (closed := _closed_meanwhile(asked)):
        return _list(request, user, here, CLOSED % closed, status=409)
    if request.method == "POST":
        return _confirm_all(request, user, here)
    return _list(request, user, here)


def _closed_meanwhile(asked: int | None) -> str:
    """The state of the round whose rows were looked at, where they cannot be confirmed any more."""
    round = ReportingRound.objects.filter(pk=asked).first() if asked else None
    return round.get_state_display() if round and not round.is_writable else ""


def _ready(user: User, round: ReportingRound) -> YearlyActionQuerySet:
    return section_check.waiting_for(user).filter(section_check.confirmable_at_once(user), round=round)


def _seen(rows: YearlyActionQuerySet) -> list[tuple[int, int]]:
    return list(rows.values_list("pk", "version"))


def _digest(seen: list[tuple[int, int]]) -> str:
    """Stands for the rows and versions that a page was made of."""
    return sha256(" ".join(f"{pk}:{version}" for pk, version in seen))[:16]


def _confirm_all(request: HttpRequest, user: User, here: WaitingRound | None) -> HttpResponse:
    """Confirms exactly the rows and versions that were shown, or none."""
    seen = _seen(_ready(user, here.round)) if here else []
    if not seen or request.POST.get("seen") != _digest(seen):
        return _list(request, user, here, MOVED, status=409)
    try:
        count = section_check.confirm_all(seen, by=user)
    except (workflow.Blocked, workflow.Stale) as problem:
        return _list(request, user, here, str(problem), status=409)
    messages.success(request, f"{count} 件をまとめて確認し、企画に提出しました。")
    return redirect("staff-section")


def _list(
    request: HttpRequest, user: User, here: WaitingRound | None, problem: str = "", status: int = 200
) -> HttpResponse:
    context: dict[str, Any] = {"problem": problem, "waiting": waiting_rounds_of(user)}
    if here:
        ready, seen = _ready(user, here.round), _seen(_ready(user, here.round))
        ready_keys = [pk for pk, _version in seen]
        others = section_check.waiting_for(user).filter(round=here.round).exclude(pk__in=ready_keys)
        listed = Paginator(ready.with_place().with_departments(), ROWS_PER_PAGE)
        page = listed.get_page(request.GET.get("page"))
        read_indicators(page)
        context |= {
            "here": here,
            "round": here.round,
            "page": page,
            "seen": _digest(seen),
            "others": others.with_place().with_departments(),
            "badges": rating_badges(here.round.scale),
            "query": f"round={here.round.pk}",
        }
    return show(request, "section/list", status=status, title="課長の確認", **context)


@require_http_methods(["GET", "HEAD", "POST"])
def section_row(request: HttpRequest, pk: int) -> HttpResponse:
    """One row as its head judges it."""
    action = visible_action(request, pk)
    user = allowed(
        request, lambda each: _heads(each, action), "この取組を確認できるのは、担当課の課長だけです。"
    )
    if request.method == "POST":
        return _act(request, action, user)
    return _page(request, action, user, HeadsAnswerForm())


def _heads(user: permissions.Visitor, action: YearlyAction) -> bool:
    """Whether the page is theirs to see, whoever wrote the row."""
    offices = {department.pk for department in action.departments}
    return permissions.may_enter(user) and not user.headed_ids.isdisjoint(offices)


def _act(request: HttpRequest, action: YearlyAction, user: User) -> HttpResponse:
    """Confirms or gives back, and goes on to the next row that waits."""
    form = HeadsAnswerForm(request.POST)
    if not form.is_valid():
        return _page(request, action, user, form, status=422)
    following = _next(user, action)
    try:
        done = _do(action.pk, user, **form.cleaned_data)
    except workflow.Incomplete as problem:
        form.add_problems(problem.errors)
        return _page(request, action, user, form, status=422)
    except (workflow.Stale, workflow.NotNow) as problem:
        now = visible_action(request, action.pk)
        return _page(request, now, user, form, status=409, problem=str(problem))
    words = DONE[form.cleaned_data["act"]]
    messages.success(request, f"{done.place}「{done.initiative.pledge}」{words}")
    return redirect("staff-section-row", following) if following else redirect("staff-section")


def _do(pk: int, by: User, *, act: str, version: int, reason: str) -> YearlyAction:
    if act == CONFIRM:
        return section_check.confirm(pk, by=by, version=version)
    return section_check.give_back(pk, by=by, version=version, reason=reason)


def _next(user: User, action: YearlyAction) -> int | None:
    """The row of the same round that waits after this one, else the first that waits before it."""
    waiting = section_check.waiting_for(user).filter(round=action.round_id)
    keys = list(waiting.values_list("pk", flat=True))
    position = keys.index(action.pk) + 1 if action.pk in keys else 0
    return next((pk for pk in [*keys[position:], *keys[:position]] if pk != action.pk), None)


def _page(
    request: HttpRequest,
    action: YearlyAction,
    user: User,
    form: HeadsAnswerForm,
    *,
    status: int = 200,
    problem: str = "",
) -> HttpResponse:
    possible = [act for act, rule in ACTS.items() if workflow.can(rule, user, action)]
    return show(
        request,
        "section/row",
        status=status,
        title=f"{action.place} の確認",
        action=action,
        possible=possible,
        why_not=why_not(action, possible),
        form=form,
        errors=form.errors_in_order() if form.is_bound else [],
        problem=problem,
        typed=unshown_texts(request, ["reason"] if possible else ()),
        waiting=section_check.waiting_for(user).filter(round=action.round_id).count(),
        **beside_the_last_report(action),
    )


def why_not(action: YearlyAction, possible: list[str]) -> str:
    """Why there is no button; empty where there is one."""
    if possible:
        return ""
    if action.state != ActionState.IN_SECTION:
        return f"いまは「{action.state_label}」です。課長の確認を待っている取組ではありません。"
    if not action.round.is_writable:
        return (
            f"この報告回は「{action.round.get_state_display()}」なので、確認できません。"
            "必要なときは企画に連絡してください。"
        )
    return "あなたが書いた取組なので、あなたは確認できません。ほかの課長が確認します。"
