"""Small answers: is the process alive, is the site ready, what robots may read."""

import logging
from enum import StrEnum

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect, JsonResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from tracker import storage, triggers
from tracker.public.addresses import absolute_here

logger = logging.getLogger(__name__)


class NotReady(StrEnum):
    """What can be in the way, as the log says it."""

    DISK = "disk is full or read-only"
    UNREACHABLE = "database does not answer"
    READ_ONLY = "database is read-only"
    MIGRATIONS = "migrations pending"
    TRIGGERS = "triggers missing"


@never_cache
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """The process answers. It looks at nothing else, so that a pause of the database restarts nobody."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


@never_cache
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """200 when all can be read and written, is migrated and protects the reports; else 503.

    Why is for the log and `manage.py doctor`, not for strangers.
    """
    if reason := reason_not_ready():
        logger.error("not ready: %s", reason)
        return JsonResponse({"ready": False}, status=503)
    return JsonResponse({"ready": True})


def reason_not_ready() -> NotReady | None:
    """What is in the way, if anything is."""
    if not storage.can_be_written(settings.STATE_DIR):
        return NotReady.DISK
    try:
        executor = MigrationExecutor(connection)
        pending = bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
        missing = [] if pending else triggers.missing(connection)
        is_read_only = storage.is_read_only(connection)
    except DatabaseError:
        return NotReady.UNREACHABLE
    if is_read_only:
        return NotReady.READ_ONLY
    if pending:
        return NotReady.MIGRATIONS
    return NotReady.TRIGGERS if missing else None


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Robots may read all that is public, but skip filtered lists: many addresses of the same rows."""
    sitemap = absolute_here(request, reverse("sitemap"))
    return HttpResponse(
        f"User-agent: *\nDisallow: /staff/\nDisallow: /*?\n\nSitemap: {sitemap}\n",
        content_type="text/plain; charset=utf-8",
    )


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """Browsers ask for this address, whatever icon a page names."""
    return HttpResponsePermanentRedirect(staticfiles_storage.url("tracker/favicon.svg"))
