"""Who may run rounds, and the round that a page is about."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.http import Http404, HttpRequest

from tracker.cycle import cancelling, permissions
from tracker.models import Report, ReportingRound, User
from tracker.staff.frame.access import Cancelled, allowed


def planner(request: HttpRequest) -> User:
    """The person, who runs rounds. No such page for departments (404); an administrator may not act (403)."""
    if not permissions.may_see_rounds(request.user):
        raise Http404
    return allowed(request, permissions.may_run_rounds, "報告回を扱えるのは企画の職員だけです。")


def a_round(pk: int) -> ReportingRound:
    """The round, or 404, which says so where it was cancelled."""
    round = ReportingRound.objects.select_related("manifesto").filter(pk=pk).first()
    if round is None and (cancellation := cancelling.cancellation_of_round(pk)):
        raise Cancelled(cancellation)
    if round is None:
        raise Http404
    return round


def planners_round(request: HttpRequest, pk: int) -> tuple[ReportingRound, User]:
    """The round, or 404, and the person who runs it."""
    return a_round(pk), planner(request)


def own_report(round: ReportingRound) -> Report | None:
    """The last edition of the report of the round's own date."""
    return Report.objects.filter(slug=round.manifesto.slug, as_of=round.as_of).order_by("-edition").first()


@contextmanager
def nothing_written() -> Iterator[None]:
    """Whatever the block writes is gone after it."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
