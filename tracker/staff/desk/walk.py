"""The way through the rows of a filter: which comes next, how far it is, and where the list has this row."""

import re
from dataclasses import dataclass
from math import ceil

from django.http import HttpRequest
from django.urls import reverse

from tracker.models import YearlyAction
from tracker.staff.desk.filter import COUNT_AT_FIRST, WORDS_LABEL, QueueFilter

QUEUE_ROWS_PER_PAGE = 100
A_COUNT = re.compile(r"[0-9]{1,5}")


@dataclass(frozen=True)
class Walk:
    """Where a row stands among `count` rows; `position` is 0 for one that the filter does not list.

    Rows leave the list of what waits once they are judged. They are counted on: 「21件中3件目」 is said of
    the third, whatever became of the two before it.
    """

    query: str  # of the pages of the rows
    back: str  # the list's page with this row
    list_name: str
    words: str  # the filter
    count: int
    position: int
    previous: int | None
    next: int | None

    def after_act(self) -> str:
        """Where to go when this row is done: the next one; after the last one the list."""
        if self.next:
            return f"{reverse('staff-review', args=[self.next])}?{self.query}"
        return self.back.partition("#")[0]


def walk_through(request: HttpRequest, action: YearlyAction) -> Walk:
    """The way through the filter that is in the address, as it stands now."""
    filters = QueueFilter(request.GET, action.round)
    pks = list(filters.rows().values_list("pk", flat=True))
    index = pks.index(action.pk) if action.pk in pks else -1
    asked = request.GET.get(COUNT_AT_FIRST, "")
    count = max(len(pks), int(asked) if A_COUNT.fullmatch(asked) else 0)
    return Walk(
        query=walk_query(filters, count),
        back=_back(filters, action, index),
        list_name=filters.list_name,
        words=filter_words(filters),
        count=count,
        position=count - len(pks) + index + 1 if index >= 0 else 0,
        previous=pks[index - 1] if index > 0 else None,
        next=pks[index + 1] if 0 <= index < len(pks) - 1 else None,
    )


def walk_query(filters: QueueFilter, count: int) -> str:
    """The query string of a row's page in a walk through `count` rows."""
    return f"{filters.query()}&{COUNT_AT_FIRST}={count}"


def filter_words(filters: QueueFilter) -> str:
    """「提出済・評価が変わった・商工課・「防災」」."""
    conditions = [f"「{value}」" if name == WORDS_LABEL else value for name, value in filters.conditions()]
    return "・".join([filters.state_words, *conditions])


def _back(filters: QueueFilter, action: YearlyAction, index: int) -> str:
    page = ceil((index + 1) / QUEUE_ROWS_PER_PAGE)
    address = f"{reverse('staff-queue')}?{filters.query()}" + (f"&page={page}" if page > 1 else "")
    return f"{address}#row-{action.pk}" if index >= 0 else address
