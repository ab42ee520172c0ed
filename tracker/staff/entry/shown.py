"""What the entry form's pages show: the form itself, a refusal, and two people's texts side by side."""

import re
from collections.abc import Mapping
from functools import partial
from typing import Any

from django.forms import BoundField
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from tracker.choices import ActionField, ActionState, ColumnKind
from tracker.cycle import permissions, workflow
from tracker.cycle.workflow import Content
from tracker.entry_sheets.file.columns import UNRATED
from tracker.entry_sheets.file.ratings import UNRATED_WORDS
from tracker.models import Rating, ReportEntry, User, YearlyAction
from tracker.public.rows import lines_of
from tracker.staff.entry import conflict
from tracker.staff.entry.form import EntryForm, ExtraField, answers_of, as_base
from tracker.staff.entry.indicator_fields import indicator_fields
from tracker.staff.entry.insertion import as_last_time, insertions, last_values
from tracker.staff.entry.returned import since_return
from tracker.staff.entry.suggested import suggested_rating
from tracker.staff.entry.way import way_from
from tracker.staff.frame.access import allowed
from tracker.staff.frame.kept import typed_texts
from tracker.staff.frame.rows import carried_on_by, last_told, rating_badges
from tracker.staff.frame.site import show
from tracker.staff.history.of_row import history_of
from tracker.words import three_way
from tracker.words.answers import MAX_CHARACTERS
from tracker.words.extra_values import field_of, said

CONFLICT_SIDES = {
    three_way.THEIRS: "先に保存された内容を残す",
    three_way.MINE: "自分の内容を残す",
    three_way.BOTH: "両方を続けて残す",
}
NOTHING_WRITTEN = "まだ何も書かれていません。"
VERSION_DIGITS = re.compile(r"[0-9]{1,9}")


def entry_page(
    request: HttpRequest,
    action: YearlyAction,
    form: EntryForm,
    *,
    status: int = 200,
    lead: str = "まだ保存されていません。",
) -> HttpResponse:
    """The form of a row, with what stands beside it."""
    _report, told = last_told(action)
    stood = last_values(action)
    same = as_last_time(action, stood)
    return show(
        request,
        "entry/entry",
        status=status,
        title=str(action.initiative.pledge),
        form=form,
        errors=form.errors_in_order() if form.is_bound else [],
        lead=lead,
        reported_rating=(action.reference_rating_id or UNRATED) if action.was_reported else "",
        insertions=insertions(action, told),
        as_last_time=same,
        same_extra=[
            (each, said(each, value))
            for each in action.extra_columns
            if (value := same.get(field_of(each.code)))
        ],
        extra_fields=[(field, beside(field, stood)) for field in form.extra_fields],
        extra_told=[each for each in action.extra_answers if each[0] not in form.columns],
        indicators=indicator_fields(action, form, told, stood),
        suggested=suggested_rating(action),
        since_return=since_return(action),
        max_characters=MAX_CHARACTERS,
        **_last_texts(action, told),
        **surroundings(request, action),
    )


def form_of(request: HttpRequest, action: YearlyAction, data: Any = None) -> EntryForm:
    """The form of a row, with the fields that this person fills in."""
    columns = permissions.own_columns(request.user, action)
    return EntryForm(data, action=action, scale=action.round.scale, columns=columns)


def beside(field: BoundField, stood: Mapping[str, str]) -> dict[str, Any]:
    """What stands beside an extra column's field: the value of the row before; what to choose from."""
    asked: ExtraField = field.field  # type: ignore[assignment]  # these are the form's only other fields
    column, value = asked.column, str(field.value() or "")
    return {
        "column": column,
        "last": said(column, stood.get(column.code, "")),
        "options": asked.options(value) if column.kind == ColumnKind.CHOICE else [],
    }


def _last_texts(action: YearlyAction, told: ReportEntry | None) -> dict[str, Any]:
    """The last report's words for the row's year and the one before, as the public reads them."""
    year = action.round.fiscal_year
    results = {int(each): text for each, text in told.results.items()} if told else {}
    planned = told.plans.get(str(year), "") if told else ""
    return {
        "begun_result": lines_of(results.get(year, ""), results, year),
        "last_result": lines_of(results.get(year - 1, ""), results, year - 1),
        "last_plan": lines_of(planned, results, year),
    }


def surroundings(request: HttpRequest, action: YearlyAction) -> dict[str, Any]:
    """What every page of a row shows: the scale, the history, the way to the next one."""
    scale = action.round.scale
    return {
        "action": action,
        "scale": scale,
        "badges": rating_badges(scale),
        "year": action.round.fiscal_year,
        "begun_from": action.round.follows,
        "former_pledge": carried_on_by(action),
        "way": way_from(action, request.user),
        "history": history_of(action),
    }


def incomplete_page(request: HttpRequest, saved: YearlyAction) -> HttpResponse:
    """The form of a saved draft with what a submission lacks, on top and beside the fields."""
    form = form_of(request, saved)
    bound = form_of(request, saved, form.initial)
    bound.is_valid()
    bound.add_problems(workflow.problems(saved))
    state = NOTHING_WRITTEN if saved.state == ActionState.NOT_STARTED else "下書きは保存しました。"
    return entry_page(request, saved, bound, status=422, lead=f"{state}提出するには、")


def refused_page(
    request: HttpRequest, action: YearlyAction, problem: Exception, *, title: str = "保存できませんでした"
) -> HttpResponse:
    """409: the row or its round does not allow it any more. Everything typed is shown, for copying."""
    context = {"action": action, "problem": str(problem), "typed": typed_texts(request)}
    return show(request, "entry/refused", status=409, title=title, **context)


def conflict_page(
    request: HttpRequest, current: YearlyAction, base: Content | None, mine: Content, problem: str = ""
) -> HttpResponse:
    """409: somebody else has saved. Shows base, theirs and mine, field by field, to be chosen from."""
    scale = current.round.scale
    columns = permissions.own_columns(request.user, current)
    found, texts = conflict.compare(base, Content.of(current), mine, columns), answers_of(mine, columns)
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
        "label": each.label,
        "knows_base": each.base is not None,
        "choices": [(choice, CONFLICT_SIDES[choice]) for choice in each.sides],
        "picked": picked,
        **in_words(each, scale),
    }


def in_words(each: conflict.FieldConflict, scale: list[Rating]) -> dict[str, str]:
    """The sides of a field as a page says them: base, theirs and mine."""
    told = {"base": each.base or "", "theirs": each.theirs, "mine": each.mine}
    if each.column:
        return {side: said(each.column, value) for side, value in told.items()}
    if each.field != ActionField.RATING:
        return told
    steps = {str(step.pk): str(step) for step in scale} | {UNRATED: UNRATED_WORDS}
    return {side: steps.get(value, "") for side, value in told.items()}


def writer_of(request: HttpRequest, action: YearlyAction, act: str = "に入力") -> User:
    """The person, who may write into the row. Raises PermissionDenied."""
    may = partial(permissions.may_write, action=action)
    return allowed(request, may, f"この取組{act}できるのは、担当課と企画だけです。")


def seen_version(request: HttpRequest) -> int:
    """The version that a form of buttons alone was made for; -1, which no row has, for what is none."""
    version = request.POST.get("version", "")
    return int(version) if VERSION_DIGITS.fullmatch(version) else -1


def clock(action: YearlyAction) -> str:
    """When a row was last saved: 「14:05」."""
    return timezone.localtime(action.saved_at).strftime("%H:%M") if action.saved_at else ""
