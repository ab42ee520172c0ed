"""The review page of one row: what it says against the last report, and the planning office's answer to
it.
"""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.safestring import SafeString
from django.views.decorators.http import require_http_methods

from tracker.choices import APPROVABLE_ROUNDS, HANDED_IN, ActionState, RoundState
from tracker.cycle import permissions, rounds, workflow
from tracker.models import Event, Report, ReportEntry, User, YearlyAction
from tracker.staff.desk.filter import QueueFilter
from tracker.staff.desk.forms import APPROVE, REOPEN, RETURN, ReviewForm
from tracker.staff.frame.pages import show
from tracker.staff.rows import marked, rating_badges, scale_of, visible_action
from tracker.words import differences
from tracker.words.bullets import tidy
from tracker.words.fiscal_years import date_label, short_label

ACTS = {APPROVE: workflow.APPROVE, RETURN: workflow.RETURN, REOPEN: workflow.REOPEN}
DONE_WORDS = {
    APPROVE: "%(place)s「%(pledge)s」を承認しました。",
    RETURN: "%(place)s「%(pledge)s」を差し戻しました。",
    REOPEN: "%(place)s「%(pledge)s」の承認を取り消し、差戻しにしました。",
}


@dataclass(frozen=True)
class Compared:
    """A text beside the one that it is compared with; `before_name` is empty where the last report has
    none.
    """

    name: str
    before_name: str
    before: str
    after: str
    pieces: list[differences.Piece]

    @property
    def is_unchanged(self) -> bool:
        return self.before == self.after

    @property
    def marked(self) -> SafeString:
        """The difference as markup; additions and removals are also said in words."""
        return marked(self.pieces)


def compare(
    kind: str, label: str, year: int, text: str, entry: ReportEntry | None, report: Report | None
) -> Compared:
    """A year's text against the same year's in the last report, else against the last year before that has
    words there.

    `kind` is "results" or "plans". Both sides as they are published: without blank lines.
    """
    texts: dict[str, str] = getattr(entry, kind) if entry else {}
    earlier = [int(told) for told in texts if int(told) < year and texts[told]]
    base = year if str(year) in texts else max(earlier, default=None)
    before, after = tidy(texts.get(str(base), "")), tidy(text)
    before_name = ""
    if base is not None and report is not None:
        words = {"when": date_label(report.as_of), "year": short_label(base), "label": label}
        before_name = "{when}の公表版の「{label}（{year}）」".format(**words)
    return Compared(
        f"{label}（{short_label(year)}）", before_name, before, after, differences.words(before, after)
    )


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """A row as the planning office judges it. Others who may see the row may read it here."""
    action = visible_action(request, pk)
    if request.method == "POST":
        return _act(request, action)
    return _page(request, action, ReviewForm())


def _act(request: HttpRequest, action: YearlyAction) -> HttpResponse:
    """Approves, returns or reopens, and goes on to the next row of the queue."""
    if not permissions.may_review(request.user) or not isinstance(request.user, User):
        raise PermissionDenied("承認や差戻しができるのは、企画の職員だけです。")
    form = ReviewForm(request.POST)
    if not form.is_valid():
        return _page(request, action, form, status=422)
    after = _after(request, action)
    try:
        done = _do(action.pk, request.user, **form.cleaned_data)
    except workflow.Incomplete as problem:
        form.add_problems(problem.errors)
        return _page(request, action, form, status=422)
    except (workflow.Stale, workflow.NotNow) as problem:
        return _page(request, visible_action(request, action.pk), form, status=409, problem=str(problem))
    except workflow.Forbidden as problem:
        raise PermissionDenied(str(problem)) from problem
    words = {"place": done.place, "pledge": done.initiative.pledge}
    messages.success(request, DONE_WORDS[form.cleaned_data["act"]] % words)
    return redirect(after)


def _do(pk: int, by: User, *, act: str, version: int, reason: str, field: str) -> YearlyAction:
    if act == APPROVE:
        return workflow.approve(pk, by=by, version=version)
    write = workflow.send_back if act == RETURN else workflow.reopen
    return write(pk, by=by, version=version, reason=reason, field=field)


def _after(request: HttpRequest, action: YearlyAction) -> str:
    """Where to go after an act: the next row of the queue, as it stands before the act; else the queue
    itself.
    """
    queue = neighbours(request, action)
    return (
        f"/staff/actions/{queue['next']}/review/?{queue['query']}"
        if queue["next"]
        else f"/staff/queue/?{queue['query']}"
    )


def neighbours(request: HttpRequest, action: YearlyAction) -> dict[str, Any]:
    """The rows before and after this one in the queue that the person came from (its filter is in the
    address).
    """
    filters = QueueFilter(request.GET, action.round)
    pks = list(filters.rows().values_list("pk", flat=True))
    query, count = filters.query(), len(pks)
    if action.pk not in pks:
        return {"query": query, "count": count, "position": 0, "previous": None, "next": None}
    index = pks.index(action.pk)
    return {
        "query": query,
        "count": count,
        "position": index + 1,
        "previous": pks[index - 1] if index else None,
        "next": pks[index + 1] if index + 1 < count else None,
    }


def _page(
    request: HttpRequest, action: YearlyAction, form: ReviewForm, *, status: int = 200, problem: str = ""
) -> HttpResponse:
    user, year = request.user, action.round.fiscal_year
    scale = scale_of(action)
    report = rounds.last_report(action.round.manifesto)
    entry = ReportEntry.objects.filter(report=report, key=action.place).first()
    possible = [act for act, rule in ACTS.items() if workflow.can(rule, user, action)]
    is_lost = bool(problem) and form.data.get("act") not in possible
    return show(
        request,
        "review",
        status=status,
        title=f"{action.place} の確認",
        action=action,
        year=year,
        badges=rating_badges(scale),
        result=compare("results", "主な取組", year, action.result, entry, report),
        plan=compare("plans", "取組予定", year + 1, action.plan, entry, report),
        planned=entry.text_lines("plans", year) if entry else [],
        report=report,
        history=list(Event.objects.filter(subject=action.subject).order_by("number")),
        queue=neighbours(request, action) if permissions.may_see_all_actions(user) else None,
        possible=possible,
        why_not=why_not(user, action),
        form=form,
        errors=form.errors_in_order() if form.is_bound else [],
        problem=problem,
        typed=[form.cleaned_data["reason"]] if is_lost and form.cleaned_data["reason"].strip() else [],
    )


def why_not(user: permissions.Visitor, action: YearlyAction) -> str:
    """Why a button that a reviewer might look for is not there; empty where none is missing."""
    state, round_state = action.state, action.round.state
    if not permissions.may_review(user):
        return "承認や差戻しは、企画の職員が行います。"
    if round_state not in APPROVABLE_ROUNDS:
        return (
            "この報告回は公表済みです。直すときは、報告回の設定で「訂正を始める」を選んでから、"
            "承認を取り消します。"
        )
    if state in HANDED_IN and round_state == RoundState.CLOSED:
        words = (
            "この報告回は締め切られているので、担当課に戻せません。"
            "直してもらうときは、報告回の設定で締切を延ばします。"
        )
        return _own(user, action) + words
    if state not in HANDED_IN:
        return (
            "まだ提出されていないので、"
            f"承認も差戻しもできません（いまは「{action.get_state_display()}」です）。"
        )
    return _own(user, action)


def _own(user: permissions.Visitor, action: YearlyAction) -> str:
    if action.state == ActionState.SUBMITTED and not permissions.may_approve(user, action):
        return "あなたが提出した取組なので、あなたは承認できません。ほかの企画の職員が承認します。"
    return ""
