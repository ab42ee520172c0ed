"""The review page of one row: what it says against the last report, and the planning office's answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.safestring import SafeString
from django.views.decorators.http import require_http_methods

from tracker.choices import APPROVABLE_ROUNDS, BOUND, HANDED_IN, ActionState, RoundState
from tracker.cycle import permissions, workflow
from tracker.models import ExtraColumn, Report, ReportEntry, User, YearlyAction
from tracker.models.indicators import Measured
from tracker.staff.desk.correcting import correction_of
from tracker.staff.desk.forms import APPROVE, FILL_IN, REOPEN, RETURN, ReviewForm
from tracker.staff.desk.handed_in import handing_in
from tracker.staff.desk.walk import walk_through
from tracker.staff.entry.insertion import last_values
from tracker.staff.entry.returned import since_return
from tracker.staff.entry.shown import beside
from tracker.staff.frame.access import allowed, visible_action
from tracker.staff.frame.kept import unshown_texts
from tracker.staff.frame.rows import carried_on_by, last_told, marked, rating_badges
from tracker.staff.frame.site import show
from tracker.staff.history.of_row import history_of
from tracker.words import differences, indicators
from tracker.words.answers import MAX_CHARACTERS
from tracker.words.bullets import tidy
from tracker.words.extra_values import said
from tracker.words.fiscal_years import short_label

REVIEW_ACTS = {APPROVE: workflow.APPROVE, RETURN: workflow.RETURN, REOPEN: workflow.REOPEN}
REVIEW_ACTS |= {FILL_IN: workflow.FILL_IN}
DONE = {
    APPROVE: "を承認しました。",
    FILL_IN: "の、企画の項目を保存しました。",
    RETURN: "を差し戻しました。",
    REOPEN: "の承認を取り消し、差戻しにしました。",
}


@dataclass(frozen=True)
class ComparedText:
    """A text beside that of the last report. `before_name` is empty where that has none."""

    name: str
    before_name: str
    before: str
    after: str

    @property
    def is_unchanged(self) -> bool:
        return self.before == self.after

    @property
    def marked(self) -> SafeString:
        return marked(differences.words(self.before, self.after))


def compared_text(
    kind: str, label: str, year: int, text: str, entry: ReportEntry | None, report: Report | None
) -> ComparedText:
    """A year's text against the same year's in the last report, or the last year's before it that has words.

    `kind` is "results" or "plans". Both sides as they are published: without blank lines.
    """
    texts: dict[str, str] = getattr(entry, kind) if entry else {}
    earlier = [int(told) for told in texts if int(told) < year and texts[told]]
    base = year if str(year) in texts else max(earlier, default=None)
    before, after = tidy(texts.get(str(base), "")), tidy(text)
    before_name = ""
    if base is not None and report is not None:
        before_name = f"{report.dated_label}の公表版の「{label}（{short_label(base)}）」"
    return ComparedText(f"{label}（{short_label(year)}）", before_name, before, after)


def _compared_value(column: ExtraColumn, words: str, stood: Mapping[str, str]) -> ComparedText:
    """What a row says in an extra column, against the initiative's row before."""
    before = said(column, stood.get(column.code, ""))
    where = "" if column.is_public else "（公表しない項目）"
    return ComparedText(f"{column.heading}{where}", "前の報告" if before else "", before, words)


class ComparedIndicator(NamedTuple):
    """An indicator of a row, and its actual in the initiative's row before, in words; "" for none."""

    now: Measured
    before: str


def _compared_indicator(measured: Measured, stood: Mapping[str, str]) -> ComparedIndicator:
    indicator = measured.indicator
    return ComparedIndicator(measured, indicators.said(indicator, stood.get(indicator.code, "")))


@require_http_methods(["GET", "HEAD", "POST"])
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """A row as the planning office judges it. Others who may see the row may read it here."""
    action = visible_action(request, pk)
    if request.method == "POST":
        return _act(request, action)
    return _page(request, action, _form(action))


def _form(action: YearlyAction, data: Any = None) -> ReviewForm:
    """The form of a row; of one that waits for its approval with the planning office's extra columns."""
    waits = action.state == ActionState.SUBMITTED
    columns = [each for each in action.extra_columns if each.is_of_planning] if waits else []
    asked = action.returnable_columns
    return ReviewForm(data, columns=columns, stood=action.extra_values, returnable=asked)


def _act(request: HttpRequest, action: YearlyAction) -> HttpResponse:
    """Approves, returns or reopens, and goes on to the next row of the queue."""
    user = allowed(request, permissions.may_review, "承認や差戻しができるのは、企画の職員だけです。")
    form = _form(action, request.POST)
    if not form.is_valid():
        return _page(request, action, form, status=422)
    after = walk_through(request, action).after_act()
    try:
        done = _do(action, user, form)
    except workflow.Incomplete as problem:
        form.add_problems(problem.errors)
        return _page(request, action, form, status=422)
    except (workflow.Stale, workflow.NotNow) as problem:
        return _page(request, visible_action(request, action.pk), form, status=409, problem=str(problem))
    words = DONE[form.cleaned_data["act"]]
    messages.success(request, f"{done.place}「{done.initiative.pledge}」{words}")
    return redirect(request.get_full_path() if form.cleaned_data["act"] == FILL_IN else after)


@transaction.atomic
def _do(action: YearlyAction, by: User, form: ReviewForm) -> YearlyAction:
    """Writes what was typed into the planning office's extra columns, and does the act."""
    pk, version, act = action.pk, form.cleaned_data["version"], form.cleaned_data["act"]
    if form.changed_values:
        action = workflow.fill_in(pk, by=by, version=version, values=form.changed_values)
        version = action.version
    if act == FILL_IN:
        return action
    if act == APPROVE:
        return workflow.approve(pk, by=by, version=version)
    write = workflow.send_back if act == RETURN else workflow.reopen
    reason, field = form.cleaned_data["reason"], form.cleaned_data["field"]
    return write(pk, by=by, version=version, reason=reason, field=field)


def beside_the_last_report(action: YearlyAction) -> dict[str, Any]:
    """What templates/staff/desk/compared.html shows of a row beside the last report; and its history."""
    report, entry = last_told(action)
    year, stood = action.round.fiscal_year, last_values(action)
    return {
        "year": year,
        "badges": rating_badges(action.round.scale),
        "result": compared_text("results", "主な取組", year, action.result, entry, report),
        "plan": compared_text("plans", "取組予定", year + 1, action.plan, entry, report),
        "extra": [_compared_value(column, words, stood) for column, words in action.extra_answers],
        "measured": [_compared_indicator(each, stood) for each in action.measured],
        "former_pledge": carried_on_by(action),
        "planned": entry.text_lines("plans", year) if entry else [],
        "since_return": since_return(action) if action.state in BOUND else None,
        "history": history_of(action),
    }


def _page(
    request: HttpRequest, action: YearlyAction, form: ReviewForm, *, status: int = 200, problem: str = ""
) -> HttpResponse:
    user = request.user
    walk = walk_through(request, action) if permissions.may_see_all_actions(user) else None
    rules = {act: rule for act, rule in REVIEW_ACTS.items() if act != FILL_IN or form.columns}
    possible = [act for act, rule in rules.items() if workflow.can(rule, user, action)]
    has_field = form.data.get("act") in possible and not {RETURN, REOPEN}.isdisjoint(possible)
    fills = form.extra_fields if FILL_IN in possible else []
    shown = [*(["reason"] if has_field else []), *(field.html_name for field in fills)]
    return show(
        request,
        "desk/review",
        status=status,
        title=f"{action.place} の確認",
        action=action,
        handed_in=handing_in([action])[action.pk],
        **beside_the_last_report(action),
        fills=[(field, beside(field, last_values(action))) for field in fills],
        max_characters=MAX_CHARACTERS,
        walk=walk,
        correction=correction_of(action.round) if walk else None,
        approve_words="承認して次へ" if walk and walk.next else "承認する",
        possible=possible,
        why_not=why_not(user, action),
        form=form,
        errors=form.errors_in_order() if form.is_bound else [],
        problem=problem,
        typed=unshown_texts(request, shown),
    )


def why_not(user: permissions.Visitor, action: YearlyAction) -> str:
    """Why a button that a reviewer might look for is not there; empty where none is missing."""
    if not permissions.may_review(user):
        return "承認や差戻しは、企画の職員が行います。"
    if action.round.is_imported:
        return (
            "表から取り込んだ、公表前の報告回です。直すときは、報告回の設定で「訂正を始める」を選んでから、"
            "承認を取り消します。"
        )
    if action.round.state not in APPROVABLE_ROUNDS:
        return (
            "この報告回は公表済みです。直すときは、報告回の設定で「訂正を始める」を選んでから、"
            "承認を取り消します。"
        )
    if action.state not in HANDED_IN:
        state = action.get_state_display()
        return f"まだ提出されていないので、承認も差戻しもできません（いまは「{state}」です）。"
    words = ""
    if action.state == ActionState.SUBMITTED and not permissions.may_approve(user, action):
        words += "あなたが提出した取組なので、あなたは承認できません。ほかの企画の職員が承認します。"
    if action.round.state == RoundState.CLOSED:
        words += (
            "この報告回は締め切られているので、担当課に戻せません。"
            "直してもらうときは、報告回の設定で締切を延ばします。"
        )
    return words
