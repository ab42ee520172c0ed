"""Who may open the pages of people: the planning office some, administrators all, departments none."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest

from tracker.cycle import permissions
from tracker.models import User


def inviter(request: HttpRequest) -> User:
    """The person, if they may give links to set a password; for others the page is not there (404)."""
    if not permissions.may_invite(request.user) or not isinstance(request.user, User):
        raise Http404
    return request.user


def people_keeper(request: HttpRequest) -> User:
    """The person, if they keep people. Raises Http404 for departments, PermissionDenied for planning."""
    user = inviter(request)
    if not permissions.may_keep_people(user):
        raise PermissionDenied(permissions.KEEPERS_ONLY)
    return user
