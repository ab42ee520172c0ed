"""The seal of the chain's end, and the log outside the database."""

import logging
import stat
from pathlib import Path

import pytest
from django.db import transaction
from django.test import override_settings
from pytest_django import Settings

from tracker.choices import EventKind
from tracker.cycle import events, seals
from tracker.models import ChainHead, Event

HASH = "a" * 64


@pytest.fixture(autouse=True)
def _own_state(settings: Settings, tmp_path: Path) -> None:
    settings.STATE_DIR = tmp_path


def record(count: int = 1) -> Event:
    happenings = [Event(kind=EventKind.CATALOGUE, subject="initiative:1") for _ in range(count)]
    return events.record_all(happenings, by="企画")[-1]


def test_a_seal_is_of_this_number_this_hash_and_this_key() -> None:
    made = seals.seal(1, HASH)
    assert seals.is_ours(1, HASH, made) is True
    assert [seals.is_ours(2, HASH, made), seals.is_ours(1, "b" * 64, made), seals.is_ours(1, HASH, "")] == [
        False
    ] * 3
    with override_settings(SEAL_KEY="another" * 10):
        assert seals.is_ours(1, HASH, made) is False


@pytest.mark.django_db
def test_the_chains_end_carries_the_seal_of_the_last_event() -> None:
    for count in (1, 3):
        last, end = record(count), ChainHead.objects.get()
        assert (end.number, end.own_hash) == (last.number, last.own_hash)
        assert end.seal == seals.seal(last.number, last.own_hash)


@pytest.mark.django_db(transaction=True)
def test_each_commit_leaves_a_line_in_a_private_file() -> None:
    last = [record(), record(5)]
    found = seals.read()
    assert found.hashes == {event.number: {event.own_hash} for event in last}
    assert (found.lines, found.reaches, found.foreign, found.unreadable) == (2, 6, [], [])
    assert stat.S_IMODE(seals.log_path().stat().st_mode) == 0o600


@pytest.mark.django_db(transaction=True)
def test_what_was_not_committed_leaves_no_line() -> None:
    with transaction.atomic():
        record()
        assert seals.read().exists is False
        transaction.set_rollback(True)
    assert seals.read().exists is False


@pytest.mark.django_db(transaction=True)
def test_a_full_disk_costs_no_act_and_the_next_line_vouches_for_it(
    caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    seals.log_path().symlink_to("/dev/full")
    with caplog.at_level(logging.ERROR):
        record()
    [told] = [entry.getMessage() for entry in caplog.records]
    assert told.startswith(f"{seals.log_path()} に履歴 1 番の封印を書けません（[Errno 28]")
    assert Event.objects.count() == 1
    seals.log_path().unlink()
    last = record()
    assert seals.read().hashes == {2: {last.own_hash}}


def test_half_a_line_spoils_no_other() -> None:
    seals.keep(1, HASH)
    with seals.log_path().open("a") as log:
        log.write("2026-11-29T00:00:00+00:00 2 aaaa")
    seals.keep(3, HASH)
    found = seals.read()
    assert (found.hashes, found.unreadable) == ({1: {HASH}, 3: {HASH}}, [2])


def test_a_line_of_another_key_vouches_for_nothing() -> None:
    with override_settings(SEAL_KEY="another" * 10):
        seals.keep(1, HASH)
    seals.keep(2, HASH)
    found = seals.read()
    assert (found.hashes, found.foreign) == ({2: {HASH}}, [1])


def test_a_log_that_cannot_be_read_is_no_empty_one() -> None:
    seals.log_path().mkdir()
    with pytest.raises(IsADirectoryError):
        seals.read()
