"""What the entry form's own script asks for: saving while a person types, and whether somebody else has."""

from typing import Any

from django.http import Http404, HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from tracker.choices import OPEN_STATES
from tracker.cycle import permissions, workflow
from tracker.cycle.workflow import Content
from tracker.models import ExtraColumn, Indicator, Rating, YearlyAction
from tracker.staff.entry.form import EntryForm, as_base
from tracker.staff.entry.shown import clock, writer_of
from tracker.staff.frame.access import Cancelled, allowed, not_there, visible_action
from tracker.words.extra_values import FilledColumn


def autosave(request: HttpRequest, pk: int) -> JsonResponse:
    """The answer to the page's own script, which saves while a person types. Asked often, it reads little.

    What cannot be saved as it is, a number that is none, keeps nothing else from being saved: it is told, and
    stays in the browser.
    """
    user = allowed(request, permissions.may_enter, "")
    scale = list(Rating.objects.filter(manifesto__rounds__actions=pk).order_by("position"))
    try:
        if not scale and not YearlyAction.objects.filter(pk=pk).exists():
            not_there(pk)
    except Cancelled as gone:
        return JsonResponse({"refused": str(gone)}, status=409)
    columns = _columns_of(pk)
    form = EntryForm(request.POST, action=YearlyAction(pk=pk), scale=scale, columns=columns)
    errors = form.errors_in_order()
    if errors:
        writer_of(request, visible_action(request, pk))
        form = form.with_what_stood()
    if not form.is_valid():
        return JsonResponse({"errors": errors}, status=422)
    try:
        saved = form.save(by=user)
    except workflow.Forbidden:
        writer_of(request, visible_action(request, pk))  # 404 for a row that is not there for this person
        raise
    except workflow.Stale:
        return JsonResponse({"conflict": True, "words": _who_was_first(request, pk)}, status=409)
    except (workflow.NotNow, workflow.Incomplete) as problem:
        return JsonResponse({"refused": str(problem)}, status=409)
    base = as_base(Content.of(saved))
    told = {"version": saved.version, "base": base, "saved_at": clock(saved)}
    return JsonResponse(told | ({"errors": errors} if errors else {}))


def _columns_of(pk: int) -> list[FilledColumn]:
    """All that may be typed beside a row's own fields; which of it is this person's, saving knows."""
    own = ExtraColumn.objects.filter(manifesto__rounds__actions=pk)
    measured = Indicator.objects.filter(initiative__actions=pk)
    return [*own, *(column for each in measured for column in each.columns)]


@require_safe
def row_version(request: HttpRequest, pk: int) -> JsonResponse:
    """The version that a row has now, and in words who made it; the open form asks every few seconds."""
    row = _row(request, pk)
    return JsonResponse({"version": row.version, "words": _words(request, row)})


def _row(request: HttpRequest, pk: int) -> YearlyAction:
    rows = permissions.visible_actions(request.user).select_related("saved_by", "round").filter(pk=pk)
    row = rows.only("state", "version", "saved_at", "saved_by", "round__state").first()
    if row is None:
        raise Http404
    return row


def _who_was_first(request: HttpRequest, pk: int) -> str:
    return _words(request, _row(request, pk))


def _words(request: HttpRequest, row: YearlyAction) -> str:
    """What has happened to a row since a form of it was opened, whose version is another one."""
    if row.state not in OPEN_STATES or not row.round.is_writable:
        state = row.get_state_display() if row.round.is_writable else row.round.get_state_display()
        return f"この取組は「{state}」になりました。"
    who: Any = "あなたが別の画面で" if row.saved_by == request.user else f"{row.saved_by} さんが"
    return f"{who} {clock(row)} に、この取組を保存しました。" if row.saved_by else ""
