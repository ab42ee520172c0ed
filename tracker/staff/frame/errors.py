"""Error pages: below the staff site's address its own, with what was typed; the public ones elsewhere."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tracker.public import errors
from tracker.staff.frame.kept import is_typed
from tracker.staff.frame.middleware import STAFF


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: not there, or not there for this person, or not any more."""
    if request.path_info.startswith(STAFF):
        return render(request, "staff/404.html", {"typed": typed_texts(request)}, status=404)
    return errors.not_found(request, exception)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403: there, but not this person's to do."""
    context = {"reason": str(exception), "typed": typed_texts(request)}
    return render(request, "staff/403.html", context, status=403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the form was opened before another login in this browser."""
    return render(request, "staff/csrf.html", {"typed": typed_texts(request)}, status=403)


def typed_texts(request: HttpRequest) -> list[str]:
    """The longer texts of a form that was not accepted."""
    texts = [str(value) for name, value in request.POST.items() if is_typed(name)]
    return [text for text in texts if len(text) > 3]
