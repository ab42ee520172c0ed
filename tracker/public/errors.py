"""Error pages: what happened and what to do, in the site's own look. Only 404 asks the database, and can
do without.
"""

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tracker.public.context import tell_last_city
from tracker.public.scope import Scope, choose, published


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: the address is not, or no longer, there. Menu and search are those of the newest report."""
    return render(request, "404.html", {"scope": _newest()}, status=404)


def _newest() -> Scope | None:
    try:
        return choose(published(), None, None, None)
    except DatabaseError:
        return None


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: the browser sent something that cannot be read."""
    tell_last_city(request)
    return render(request, "400.html", status=400)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: our fault."""
    tell_last_city(request)
    return render(request, "500.html", status=500)
