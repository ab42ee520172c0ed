"""Error pages: the staff site's own below /staff/, the public ones elsewhere."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tracker.public import errors
from tracker.staff.frame.middleware import STAFF

CHOSEN = {"rating", "version", "field", "expected"}  # picked or carried along, not typed


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: not there, or not there for this person, or not any more: what was typed is shown, for copying."""
    if request.path_info.startswith(STAFF):
        return render(request, "staff/404.html", {"typed": typed_texts(request)}, status=404)
    return errors.not_found(request, exception)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403: there, but not this person's to do. Shows what was typed, for copying."""
    return render(
        request, "staff/403.html", {"reason": str(exception), "typed": typed_texts(request)}, status=403
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the form was opened before another login in this browser. Shows what was typed, for copying."""
    return render(request, "staff/csrf.html", {"typed": typed_texts(request)}, status=403)


def typed_texts(request: HttpRequest) -> list[str]:
    """The longer texts of a form that was not accepted."""
    hidden = (
        "csrfmiddlewaretoken",
        "password",
        "base",
        "kept",
        "act",
        "rows",
        "seen",
        "shown",
        "pick_",
        "take_",
    )
    texts = ((name, str(value)) for name, value in request.POST.items())
    return [
        text for name, text in texts if name not in CHOSEN and not name.startswith(hidden) and len(text) > 3
    ]
