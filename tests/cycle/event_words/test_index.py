"""The index of the history is written with each event, and can be made anew; the events stay as they are."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.staff.people import submit
from tests.workspace import Workspace
from tracker.choices import EventKind
from tracker.cycle import events
from tracker.cycle.event_words import index
from tracker.models import Event, EventIndex
from tracker.words.folding import fold_for_search


def test_an_event_is_indexed_as_it_is_recorded(space: Workspace) -> None:
    submit(space.row(2), space.cast.other)
    event = Event.objects.latest("number")
    own = event.index
    assert own.places == "|1-1-1-2|"
    assert own.actor == fold_for_search(space.cast.other.signature)
    for words in ("提出しました", "農政課", "駅を直します", "1-1-1-2", "令和6年度"):
        assert fold_for_search(words) in own.said
    assert Event.objects.filter(index.at_place("1-1-1-2")).latest("number") == event
    assert Event.objects.filter(index.at_place("1-1-1")).latest("number") == event
    assert not Event.objects.filter(index.at_place("1-1-11")).exists()
    assert index.lacking() == 0


def test_an_older_event_gets_the_names_of_today(space: Workspace) -> None:
    row = space.row(2)
    content = {"fiscal_year": 2024, "place": row.place, "rating": "A", "manifesto": "2021"}
    old = Event(kind=EventKind.TRANSITION, subject=row.subject, from_state="draft", content=content)
    old.to_state = "submitted"
    events.record_all([old], by="花子")
    before = events.head()
    EventIndex.objects.all().delete()
    assert index.lacking() == Event.objects.count()
    assert index.fill() == Event.objects.count()
    assert index.fill() == 0
    said = EventIndex.objects.get(event=old.number).said
    assert fold_for_search("農政課") in said
    assert fold_for_search("駅を直します") in said
    assert events.head() == before
    assert events.first_break(Event.objects.order_by("number"), events.known_heads()) is None


def test_the_command_makes_it_anew(space: Workspace) -> None:
    submit(space.row(1), space.cast.clerk)
    call_command("rebuild_index", stdout=StringIO())
    EventIndex.objects.filter(event=Event.objects.latest("number").number).update(said="")
    for told in ("変更の履歴：1 件の索引を作り直しました。", "変更の履歴：索引は、内容と合っています。"):
        out = StringIO()
        call_command("rebuild_index", stdout=out)
        assert out.getvalue().splitlines()[-1] == told


def test_the_migrate_command_indexes_what_an_older_version_recorded(space: Workspace) -> None:
    EventIndex.objects.all().delete()
    for told in (f"変更の履歴 {Event.objects.count()} 件を探せるようにしました。", ""):
        out = StringIO()
        call_command("migrate", stdout=out)
        assert (told in out.getvalue().splitlines()) is bool(told)
        assert index.lacking() == 0


@pytest.mark.parametrize("count", [3, 30])
def test_recording_takes_as_many_statements_whatever_the_number(db: None, count: int) -> None:
    happenings = [Event(kind=EventKind.CATALOGUE, subject=f"pledge:{pk}") for pk in range(count)]
    with CaptureQueriesContext(connection) as queries:
        events.record_all(happenings, by="花子")
    indexed = [query for query in queries if "tracker_eventindex" in query["sql"]]
    assert len(indexed) == 1
