"""設備のようす: what `manage.py doctor` says, for the administrator in the browser."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from tracker.cycle import permissions
from tracker.doctor.examination import examine
from tracker.doctor.findings import Soundness
from tracker.staff.frame.site import show


@require_safe
def condition(request: HttpRequest) -> HttpResponse:
    """All findings, what is wrong first."""
    if not permissions.is_administrator(request.user):
        raise Http404
    found = examine()
    order = [Soundness.TROUBLE, Soundness.NOTICE, Soundness.GOOD]
    return show(
        request,
        "condition",
        title="設備のようす",
        findings=sorted(found, key=lambda each: order.index(each.standing)),
    )
