"""The chain of events: append-only, each event carrying the hash of the one before it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from tracker.choices import EventKind
from tracker.cycle import seals, sent_forms
from tracker.cycle.event_words import index
from tracker.models import ROWS_PER_STATEMENT, ChainHead, Event, Report
from tracker.words.digests import canonical_json, sha256

GENESIS = "0" * 64
LOCK = 0x6D616E69  # PostgreSQL's advisory lock of the chain ("mani")


def event_hash(event: Event) -> str:
    """SHA-256 over everything an event says, the previous hash included."""
    content = {
        "number": event.number,
        "happened_at": event.happened_at.isoformat(),
        "actor": event.actor,
        "kind": str(event.kind),
        "subject": event.subject,
        "from": event.from_state,
        "to": event.to_state,
        "reason": event.reason,
        "content": event.content,
        "previous": event.previous_hash,
    }
    return sha256(canonical_json(content))


def record(
    *, by: str, kind: EventKind, subject: str, content: dict[str, Any] | None = None, reason: str = ""
) -> Event:
    """Appends one event, in the caller's transaction."""
    return record_all([Event(kind=kind, subject=subject, content=content or {}, reason=reason)], by=by)[0]


@transaction.atomic
def record_all(happenings: Sequence[Event], *, by: str) -> Sequence[Event]:
    """Gives unsaved events, which say what happened, their place in the chain, and appends them in order.

    In the caller's transaction. Writers take turns: the chain never forks.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    (number, previous_hash), now = _end(), timezone.now()
    for event in happenings:
        number += 1
        event.number, event.happened_at, event.actor, event.previous_hash = number, now, by, previous_hash
        event.own_hash = previous_hash = event_hash(event)
    Event.objects.bulk_create(happenings, batch_size=ROWS_PER_STATEMENT)
    index.write(happenings)
    if happenings:
        _move_end(number, previous_hash)
        sent_forms.note()
    return happenings


def _move_end(number: int, own_hash: str) -> None:
    """The chain ends there now; sealed, and kept outside the database as soon as it is committed."""
    end = {"number": number, "own_hash": own_hash, "seal": seals.seal(number, own_hash)}
    if not ChainHead.objects.filter(pk=1).update(**end):
        ChainHead.objects.create(pk=1, **end)
    transaction.on_commit(partial(seals.keep, number, own_hash), robust=True)


def head() -> str:
    """The hash that the next event will be chained to."""
    return _end()[1]


def length() -> int:
    """How many events the chain must have."""
    return _end()[0]


def _end() -> tuple[int, str]:
    """Number and hash of the last event, as kept beside the chain, which may have been cut off since."""
    return ChainHead.objects.filter(pk=1).values_list("number", "own_hash").first() or (0, GENESIS)


@dataclass(frozen=True)
class Break:
    """The first number at which the chain does not hold, the reason, and the event there (None: none)."""

    number: int
    why: str
    event: Event | None = None


def first_break(events: Iterable[Event], known_heads: Iterable[str] = ()) -> Break | None:
    """Recomputes the chain, oldest event first. None where every number, link and hash holds.

    `known_heads` are hashes that must be in the chain. One is missing where its end was cut off.
    """
    number, previous_hash = 0, GENESIS
    missing = set(known_heads) - {GENESIS, ""}
    for number, event in enumerate(events, start=1):
        if event.number != number:
            words = "この番号の履歴がありません（削除されたか、番号が書き換えられています）"
            return Break(number, words, event)
        if event.previous_hash != previous_hash:
            return Break(number, "ひとつ前の履歴とつながっていません", event)
        if event_hash(event) != event.own_hash:
            return Break(number, "内容が、記録されたときのものと違います", event)
        previous_hash = event.own_hash
        missing.discard(previous_hash)
    if missing:
        words = "あったはずの履歴が見つかりません（終わりの履歴が削除されたか、書き換えられています）"
        return Break(number + 1, words)
    return None


def known_heads() -> list[str]:
    """The hashes that must be in the chain: those that reports carry, and that of its end."""
    return [*Report.objects.values_list("chain_head", flat=True), head()]
