"""The chain of events: append-only, each event carrying the hash of the one before it."""

import hashlib
import json
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from tracker.choices import EventKind
from tracker.models import Event

GENESIS = "0" * 64
LOCK = 0x6D616E69  # PostgreSQL's advisory lock of the chain ("mani")


def canonical_json(content: object) -> str:
    """JSON in the one form that is hashed: sorted keys, no spaces, characters as they are."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def event_hash(event: Event) -> str:
    """SHA-256 over everything an event says, the previous hash included."""
    return sha256(
        canonical_json(
            {
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
        )
    )


@transaction.atomic
def record(*, by: str, kind: EventKind, subject: str, content: dict[str, Any] | None = None, reason: str = "") -> Event:
    """Appends one event. Writers take turns, so that the chain never forks; part of the caller's transaction."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    last = Event.objects.order_by("-number").first()
    event = Event(
        number=last.number + 1 if last else 1,
        happened_at=timezone.now(),
        actor=by,
        kind=kind,
        subject=subject,
        reason=reason,
        content=content or {},
        previous_hash=last.own_hash if last else GENESIS,
    )
    event.own_hash = event_hash(event)
    event.save(force_insert=True)
    return event
