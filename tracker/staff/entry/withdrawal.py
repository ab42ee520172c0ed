"""提出を取り下げる: a department takes back what it has submitted, until somebody has acted on it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from tracker.cycle import manifestos, workflow
from tracker.staff.entry.pages import as_it_stands
from tracker.staff.entry.shown import seen_version, writer_of
from tracker.staff.frame.access import visible_action


@require_http_methods(["POST"])
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Leads to the form, where the row may be written again."""
    action = visible_action(request, pk)
    user = writer_of(request, action, "の提出を取下げ")
    try:
        done = workflow.withdraw(action.pk, by=user, version=seen_version(request))
    except (workflow.Stale, workflow.NotNow) as problem:
        return as_it_stands(request, visible_action(request, pk), problem=str(problem), status=409)
    whose = manifestos.beside(done.round.manifesto_id)
    words = "の提出を取り下げました。書いた内容は残っています。直したら、もう一度提出してください。"
    messages.success(request, f"{done.place}「{done.initiative.pledge}」{whose}{words}")
    return redirect("staff-entry", done.pk)
