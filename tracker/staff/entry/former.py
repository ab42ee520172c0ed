"""What a row said before: each text that a save replaced, with the button that brings it back."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods

from tracker.cycle import workflow
from tracker.cycle.workflow import Content
from tracker.models import FormerText, Rating, YearlyAction
from tracker.staff.entry import conflict
from tracker.staff.entry.shown import in_words, seen_version, writer_of
from tracker.staff.frame.access import row_number, visible_action
from tracker.staff.frame.rows import marked
from tracker.staff.frame.site import show
from tracker.templatetags.tracker_public import date_and_time
from tracker.words import differences


@require_http_methods(["GET", "HEAD", "POST"])
def former_texts(request: HttpRequest, pk: int) -> HttpResponse:
    """The former texts of a row, newest first; POST writes one of them into the row again."""
    action = visible_action(request, pk)
    if request.method == "POST":
        return _restore(request, action)
    return _page(request, action)


def _page(
    request: HttpRequest, action: YearlyAction, *, problem: str = "", status: int = 200
) -> HttpResponse:
    scale = action.round.scale
    kept = FormerText.objects.filter(action=action).select_related("written_by", "replaced_by")
    return show(
        request,
        "entry/former",
        status=status,
        title="前の内容",
        action=action,
        problem=problem,
        may_restore=workflow.can(workflow.SAVE, request.user, action),
        former_texts=[(former, _differing(former, action, scale)) for former in kept],
    )


def _differing(former: FormerText, action: YearlyAction, scale: list[Rating]) -> list[dict[str, Any]]:
    """The fields in which a former text differs from the row, marked: struck out is what stands there now."""
    found = conflict.compare(None, Content.of(action), _content(former, action), action.answer_columns)
    sides = [(each, in_words(each, scale)) for each in found]
    return [
        {
            "label": each.label,
            "marked": marked(differences.words(told["theirs"], told["mine"])),
            "then": told["mine"],
        }
        for each, told in sides
    ]


def _content(former: FormerText, action: YearlyAction) -> Content:
    """What a row said. A text that was kept before there were extra columns says nothing of them."""
    return Content(**{"extra_values": action.extra_values, **former.content})


def _restore(request: HttpRequest, action: YearlyAction) -> HttpResponse:
    user = writer_of(request, action)
    former = get_object_or_404(FormerText, action=action, pk=row_number(request.POST.get("former", "")))
    content = _content(former, action)
    try:
        workflow.save(action.pk, by=user, version=seen_version(request), content=content, restores=True)
    except workflow.WorkflowProblem as problem:
        return _page(request, visible_action(request, action.pk), problem=str(problem), status=409)
    words = "%s に書かれていた内容に戻しました。戻す前の内容も「前の内容」に残っています。"
    messages.success(request, words % date_and_time(former.written_at or former.replaced_at))
    return redirect("staff-entry", action.pk)
