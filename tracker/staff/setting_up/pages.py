"""The list of what a fresh site lacks. It stands on the home page until the first round is open."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from tracker.cycle import permissions
from tracker.models import User
from tracker.staff.frame.site import show
from tracker.staff.setting_up.steps import steps_for


def keeper(request: HttpRequest) -> User:
    """The person, who keeps master data. For departments there is no such page."""
    if not permissions.may_keep_master_data(request.user) or not isinstance(request.user, User):
        raise Http404
    return request.user


@require_safe
def setting_up(request: HttpRequest) -> HttpResponse:
    """All steps, with their state and pages, whenever somebody wants to see them."""
    return show(request, "setting_up/page", title="はじめの準備", steps=steps_for(keeper(request)))
