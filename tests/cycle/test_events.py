"""The chain of events."""

import pytest
from django.db import connection

from tracker import triggers
from tracker.choices import EventKind
from tracker.cycle import events
from tracker.models import Event
from tracker.words import digests

pytestmark = pytest.mark.django_db


def write(number: int) -> Event:
    return events.record(
        by="企画 花子",
        kind=EventKind.TRANSITION,
        subject=f"action:{number}",
        content={"b": 1, "a": "甲"},
        reason="理由",
    )


def chain_holds() -> bool:
    found = list(Event.objects.order_by("number"))
    before = [events.GENESIS, *(event.own_hash for event in found)]
    return all(
        e.previous_hash == p and e.own_hash == events.event_hash(e)
        for e, p in zip(found, before, strict=False)
    )


def test_events_are_numbered_and_chained() -> None:
    written = [write(number) for number in range(3)]
    assert [event.number for event in written] == [1, 2, 3]
    assert [event.previous_hash for event in written] == [
        events.GENESIS,
        written[0].own_hash,
        written[1].own_hash,
    ]
    assert chain_holds() is True


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("actor", "別人"),
        ("subject", "偽"),
        ("reason", ""),
        ("content", {}),
        ("kind", "imported"),
        ("to_state", "approved"),
        ("number", 9),
    ],
)
def test_the_hash_covers_everything_that_an_event_says(field: str, value: object) -> None:
    write(1)
    write(2)
    with triggers.removed(connection):
        Event.objects.filter(number=1).update(**{field: value})
    assert chain_holds() is False


def test_an_event_without_content_has_an_empty_one() -> None:
    event = events.record(by="x", kind=EventKind.IMPORTED, subject="manifesto:2021")
    assert (event.content, event.reason) == ({}, "")


def test_canonical_json_has_one_form() -> None:
    assert digests.canonical_json({"乙": [1, None], "a": "①"}) == '{"a":"①","乙":[1,null]}'


def test_sha256_is_that_of_the_utf8_bytes() -> None:
    assert digests.sha256("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
