"""Sessions, CSRF, authentication and messages, below the staff site's address only; and what is in the way.

The public site knows nobody: it sets no cookie, varies by none, and pays for none of this.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.middleware.csrf import CsrfViewMiddleware
from django.utils.functional import SimpleLazyObject

from tracker import troubles
from tracker.staff.frame import entering, unavailable

STAFF = settings.SESSION_COOKIE_PATH


class Troubles:
    """Answers in words where the server's door found something in the way, or a view did."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if trouble := request.META.get(troubles.KEY):
            return unavailable.trouble_page(request, trouble)
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        trouble = troubles.of(exception)
        return unavailable.trouble_page(request, trouble, exception) if trouble else None


class _StaffOnly:
    """Passes every other request on untouched."""

    get_response: Callable[[HttpRequest], Any]

    def __call__(self, request: HttpRequest) -> Any:
        if not request.path_info.startswith(STAFF):
            return self.get_response(request)
        return super().__call__(request)  # type: ignore[misc]


class StaffSessions(_StaffOnly, SessionMiddleware):
    pass


class StaffAuthentication(_StaffOnly, AuthenticationMiddleware):
    """Who asks, while the way in which they came in still holds."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        found = request.user  # not asked for yet
        request.user = SimpleLazyObject(lambda: entering.still_in(request, found))  # type: ignore[assignment]


class StaffMessages(_StaffOnly, MessageMiddleware):
    pass


class StaffCsrf(_StaffOnly, CsrfViewMiddleware):
    def process_view(self, request: HttpRequest, *view: Any) -> HttpResponseForbidden | None:
        return super().process_view(request, *view) if request.path_info.startswith(STAFF) else None
