"""The index of the history: made as an event is recorded, and by `manage.py rebuild_index` for all."""

from collections.abc import Iterable, Sequence

from django.db import transaction
from django.db.models import Q

from tracker.cycle.event_words.names import NO_NAMES, Names
from tracker.cycle.event_words.registry import told
from tracker.models import ROWS_PER_STATEMENT, Event, EventIndex
from tracker.words.folding import fold_for_search, folded_pieces

COLUMNS = ("said", "kept_back", "places", "actor")


def index_of(event: Event, names: Names = NO_NAMES) -> EventIndex:
    """The unsaved index of an event."""
    found = told(event, names)
    lines = [line.words for line in found.lines]
    said = [found.what, found.about, event.reason, event.actor, event.subject, *found.departments]
    return EventIndex(
        event_id=event.number,
        said=folded_pieces(said if found.is_private else [*said, *lines]),
        kept_back=folded_pieces(lines) if found.is_private else "",
        places="".join(f"|{place}" for place in found.places) + ("|" if found.places else ""),
        actor=fold_for_search(event.actor),
    )


def write(events: Sequence[Event]) -> None:
    """Indexes events that were recorded just now: their contents have all names of their own."""
    rows = [index_of(event) for event in events]
    EventIndex.objects.bulk_create(rows, batch_size=ROWS_PER_STATEMENT)


def at_place(place: str) -> Q:
    """The events about what stood at a place, or below it."""
    return Q(index__places__contains=f"|{place}|") | Q(index__places__contains=f"|{place}-")


def lacking() -> int:
    """How many events no search finds."""
    return max(Event.objects.count() - EventIndex.objects.count(), 0)


def fill() -> int:
    """Indexes the events that have none: those of an older version. Returns how many."""
    return _make(Event.objects.filter(index=None).order_by("number").values_list("number", flat=True))


def rebuild() -> int:
    """Makes the index of all events anew by the rules and names of today. Returns how many differed."""
    return _make(Event.objects.order_by("number").values_list("number", flat=True))


def _make(numbers: Iterable[int]) -> int:
    """The index of these events, a few hundred at a time, so that the site goes on meanwhile."""
    ordered, changed = list(numbers), 0
    for at in range(0, len(ordered), ROWS_PER_STATEMENT):
        with transaction.atomic():
            changed += _make_some(ordered[at : at + ROWS_PER_STATEMENT])
    return changed


def _make_some(numbers: Sequence[int]) -> int:
    events = list(Event.objects.filter(number__in=numbers).order_by("number"))
    there = EventIndex.objects.in_bulk(numbers)
    rows = [index_of(event, names) for names in [Names.of(events)] for event in events]
    differing = [row for row in rows if _values(row) != _values(there.get(row.event_id))]
    EventIndex.objects.bulk_create(
        differing,
        batch_size=ROWS_PER_STATEMENT,
        update_conflicts=True,
        unique_fields=["event"],
        update_fields=COLUMNS,
    )
    return len(differing)


def _values(row: EventIndex | None) -> tuple[str, ...] | None:
    return tuple(getattr(row, name) for name in COLUMNS) if row else None
