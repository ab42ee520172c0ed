"""The site's addresses, an empty view to compare them with, and the worker's own account of itself."""

from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.urls import path

from manifesto.urls import handler400, handler404, handler500
from manifesto.urls import urlpatterns as site

__all__ = ["handler400", "handler404", "handler500", "urlpatterns"]


def empty(request: HttpRequest) -> HttpResponse:
    """What Django, its middleware and gunicorn cost alone."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


def memory(request: HttpRequest) -> HttpResponse:
    """The most memory that this worker ever had resident, in KiB (Linux)."""
    status = Path("/proc/self/status").read_text()
    return HttpResponse(status.split("VmHWM:")[1].split()[0], content_type="text/plain; charset=utf-8")


urlpatterns = [path("empty/", empty), path("memory/", memory), *site]
