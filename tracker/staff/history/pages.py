"""The list of events and one event's page. EventAdmin (master/record_pages) has asked who may."""

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from tracker.cycle import permissions
from tracker.cycle.event_words import index
from tracker.models import Event
from tracker.staff.frame.site import show
from tracker.staff.history.filter import HistoryFilter
from tracker.staff.history.shown import Shown, shown

EVENTS_PER_PAGE = 50
TITLE = "変更の履歴"


@require_safe
def event_list(request: HttpRequest) -> HttpResponse:
    """Who did what and when, newest first, as far as the filter goes."""
    filters = HistoryFilter(request.GET, reads_people=permissions.may_keep_people(request.user))
    page = Paginator(filters.events(), EVENTS_PER_PAGE).get_page(request.GET.get("page"))
    is_searched = filters.cleaned_data.get("q") or filters.cleaned_data.get("by")
    return show(
        request,
        "history/list",
        title=TITLE,
        filters=filters,
        page=page,
        numbers=elided(page),
        query=filters.query(),
        events=shown(page.object_list, request.user),
        conditions=filters.conditions(),
        complaints=filters.complaints(),
        unsearched=index.lacking() if is_searched else 0,
    )


def elided(page: "Page[Event]") -> list[int | str]:
    """The numbers of the pages to link, with 「…」 between them."""
    return list(page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1))


@require_safe
def event_page(request: HttpRequest, event: Event) -> HttpResponse:
    """All that one event tells."""
    found = shown([event], request.user)[0]
    return show(request, "history/event", title=f"履歴 {event.number} 番", shown=found, event=event)


def events_of(subject: str, request: HttpRequest) -> tuple["Page[Event]", list[Shown]]:
    """A page of the events that are filed under a subject, newest first."""
    found = Event.objects.filter(subject=subject).order_by("-number")
    page = Paginator(found, EVENTS_PER_PAGE).get_page(request.GET.get("page"))
    return page, shown(page.object_list, request.user)
