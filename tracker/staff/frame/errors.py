"""Error pages: below the staff site's address its own, with what was typed; the public ones elsewhere."""

import sys

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from tracker import troubles
from tracker.cycle import permissions
from tracker.public import errors
from tracker.public.context import tell_last_city
from tracker.staff.frame import kept, unavailable
from tracker.staff.frame.access import ToldNotFound
from tracker.staff.frame.middleware import STAFF
from tracker.staff.frame.site import login_needed, next_page, site

OPEN_PAGES = {"staff-invitation", "staff-forgotten"}  # for those who cannot log in
LOGIN_FORMS = {"login", "staff-provider", "staff-proxy"}  # what they carry along is no form of their own


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: not there, or not there for this person; 410: it went with a cancelled round."""
    if request.path_info.startswith(STAFF):
        told = exception if isinstance(exception, ToldNotFound) else None
        status = told.status if told else 404
        context = {"typed": kept.typed_texts(request), "is_gone": status == 410}
        context |= {"heading": told.heading, "words": str(told)} if told else {}
        return render(request, "staff/404.html", context, status=status)
    return errors.not_found(request, exception)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403: there, but not this person's to do."""
    context = {"reason": str(exception), "typed": kept.typed_texts(request)}
    return render(request, "staff/403.html", context, status=403)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: what was sent cannot be read, or is too much for one form."""
    if request.path_info.startswith(STAFF):
        return _without_anybody(request, 400)
    return errors.bad_request(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: our fault; or what stood in the way outside a view, such as a session that cannot be stored."""
    problem = sys.exc_info()[1]
    if trouble := troubles.of(problem):
        return unavailable.trouble_page(request, trouble, problem)
    if request.path_info.startswith(STAFF):
        return _without_anybody(request, 500)
    return errors.server_error(request)


def _without_anybody(request: HttpRequest, status: int) -> HttpResponse:
    """A page that asks nobody who this is: the database may be what fails."""
    request.user = AnonymousUser()
    tell_last_city(request)
    return render(request, f"staff/{status}.html", {"typed": kept.typed_texts(request)}, status=status)


def _route(request: HttpRequest) -> str:
    return (request.resolver_match.url_name or "") if request.resolver_match else ""


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that was opened before another login in this browser, or after its session's end.

    What was typed waits in the session of who is logged in now, or goes along over the login. It does so only
    where one of our own pages sent it; else the answer is 403, with the words for copying. The entry page's
    script hears that a login is needed: what it sends every few seconds would push other forms out.
    """
    if not request.accepts("text/html"):
        return login_needed()
    if _route(request) in OPEN_PAGES or not kept.is_from_here(request) or request.FILES:
        return render(request, "staff/csrf.html", {"typed": kept.typed_texts(request)}, status=403)
    is_login = _route(request) in LOGIN_FORMS
    if _route(request) == "staff-second-step":  # what it carries is in the session
        return redirect("staff-second-step")
    if not permissions.may_enter(request.user):
        return site.login_once_more(request) if is_login else site.login(request)
    if kept.store(request, request.POST.get("kept", "")) if is_login else kept.keep(request):
        return redirect("staff-kept-texts")
    return redirect(next_page(request) if is_login else request.get_full_path())
