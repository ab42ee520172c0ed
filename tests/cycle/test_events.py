"""The chain of events."""

import pytest
from django.db import connection

from tracker import triggers
from tracker.choices import EventKind
from tracker.cycle import events
from tracker.models import ChainHead, Event
from tracker.words import digests

pytestmark = pytest.mark.django_db


def write(number: int) -> Event:
    return events.record(
        by="企画 花子",
        kind=EventKind.TRANSITION,
        subject=f"action:{number}",
        content={"version": 1, "place": "甲"},
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


@pytest.mark.parametrize("field", [field.attname for field in Event._meta.concrete_fields])
def test_each_part_of_an_event_changes_its_hash_but_the_hash_itself(field: str) -> None:
    event = write(1)
    before = events.event_hash(event)
    values = {"number": 9, "happened_at": event.happened_at.replace(year=2020), "content": {"b": 2}}
    setattr(event, field, values.get(field, "x"))
    assert (events.event_hash(event) == before) is (field in {"id", "own_hash"})


def test_nothing_to_record_is_nothing() -> None:
    assert events.record_all([], by="x") == []
    assert (events.length(), events.head(), Event.objects.count()) == (0, events.GENESIS, 0)
    written = write(1)
    assert events.record_all([], by="x") == []
    assert (events.length(), events.head(), Event.objects.count()) == (1, written.own_hash, 1)


@pytest.mark.parametrize("step", [(ChainHead.objects, "create"), (ChainHead.objects, "filter")])
def test_events_and_the_chains_head_are_written_together_or_not_at_all(
    monkeypatch: pytest.MonkeyPatch, step: tuple[object, str]
) -> None:
    calls = []

    def fail_at_the_end(*args: object, **values: object) -> object:
        if Event.objects.exists():
            calls.append(args)
            raise RuntimeError("a fault of ours")
        return original(*args, **values)

    original = getattr(*step)
    with monkeypatch.context() as patch:
        patch.setattr(*step, fail_at_the_end)
        with pytest.raises(RuntimeError):
            write(1)
    assert (len(calls), Event.objects.count()) == (1, 0)
    assert write(1).number == 1


@pytest.mark.parametrize("known", ["", events.GENESIS])
def test_a_head_from_before_the_first_event_is_in_every_chain(known: str) -> None:
    """Reports that are older than the chain carry none."""
    assert events.first_break([], [known]) is None
    assert events.first_break([write(1)], [known, events.head()]) is None


@pytest.mark.parametrize(
    ("numbers", "at", "why"),
    [
        ([2, 3], 1, "この番号の履歴がありません"),
        ([1, 3], 2, "この番号の履歴がありません"),
        ([1, 1, 2, 3], 2, "この番号の履歴がありません"),
        ([1, 2], 3, "あったはずの履歴が見つかりません"),
    ],
)
def test_a_number_that_is_missing_or_comes_twice_is_named(numbers: list[int], at: int, why: str) -> None:
    written = {number: write(number) for number in (1, 2, 3)}
    found = events.first_break([written[number] for number in numbers], [events.head()])
    assert found is not None
    assert (found.number, found.why[: len(why)]) == (at, why)


def test_an_event_without_content_has_an_empty_one() -> None:
    event = events.record(by="x", kind=EventKind.IMPORTED, subject="manifesto:2021")
    assert (event.content, event.reason) == ({}, "")


def test_canonical_json_has_one_form() -> None:
    assert digests.canonical_json({"乙": [1, None], "a": "①"}) == '{"a":"①","乙":[1,null]}'


def test_sha256_is_that_of_the_utf8_bytes() -> None:
    assert digests.sha256("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
