"""Who may open a page of a round, and the round that its address names."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from tracker.cycle import permissions
from tracker.models import Report, ReportingRound, User

ROUNDS = "/staff/rounds/"


def planner(request: HttpRequest) -> User:
    """The person, who runs rounds. For departments there are no such pages (404); an administrator may not
    act (403).
    """
    if not permissions.may_see_rounds(request.user):
        raise Http404
    if not permissions.may_run_rounds(request.user) or not isinstance(request.user, User):
        raise PermissionDenied("報告回を扱えるのは企画の職員だけです。")
    return request.user


def a_round(pk: int) -> ReportingRound:
    """The round, or 404."""
    return get_object_or_404(ReportingRound.objects.select_related("manifesto"), pk=pk)


def own_report(round: ReportingRound) -> Report | None:
    """The last edition of the report of the round's own date."""
    return Report.objects.filter(slug=round.manifesto.slug, as_of=round.as_of).order_by("-edition").first()


@contextmanager
def nothing_written() -> Iterator[None]:
    """Whatever the block writes is gone after it."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
