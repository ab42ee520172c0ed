"""What the chain of events says of the workspace's rows, beside what the rows say now."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from tracker.choices import BOUND, CANCELLED, ActionState, EventKind
from tracker.models import Event, YearlyAction
from tracker.words import extra_values
from tracker.words.digests import canonical_json, sha256
from tracker.words.extra_values import FIELD

CHUNK = 2_000  # rows held at a time
# What a person writes (workflow.Content).
NAMES = ("result", "plan", "rating", "is_unrated", "rating_reason", "extra_values")


def content_digest(content: Mapping[str, Any]) -> str:
    """What a row says, as 32 hexadecimal digits; named as in an event's content, `rating` by its code.

    What is empty does not count, so that a field that comes later changes nothing for older events.
    """
    said = {name: value for name in NAMES if (value := content.get(name))}
    return sha256(canonical_json(said))[:32]


def digest_of(action: YearlyAction) -> str:
    """`content_digest` of a row as it stands. Its rating must be loaded."""
    return content_digest({**vars(action), "rating": action.rating.code if action.rating else None})


def happening(action: YearlyAction, from_state: str, reason: str = "", is_withdrawn: bool = False) -> Event:
    """A transition with the content as it stood, and the names of then beside codes and places.

    `is_withdrawn` tells the way back of a department from the same way that a return takes.
    """
    told = Event(kind=EventKind.TRANSITION, subject=action.subject, reason=reason, content=content_of(action))
    told.from_state, told.to_state = str(from_state), str(action.state)
    told.content |= {"withdrawn": True} if is_withdrawn else {}
    return told


def content_of(action: YearlyAction) -> dict[str, Any]:
    """What an event keeps of a row."""
    named = {"round_name": action.round.name} if action.round.name else {}
    return {
        "manifesto": action.round.manifesto.slug,
        "fiscal_year": action.round.fiscal_year,
        **named,
        "place": action.place,
        "pledge": str(action.initiative.pledge),
        "departments": [str(department) for department in action.departments],
        "result": action.result,
        "plan": action.plan,
        "rating": action.rating.code if action.rating else None,
        "rating_label": str(action.rating) if action.rating else "",
        "is_unrated": action.is_unrated,
        "was_reported": action.was_reported,
        "rating_before": action.reference_rating.code if action.reference_rating else None,
        "rating_before_label": str(action.reference_rating) if action.reference_rating else "",
        "rating_reason": action.rating_reason,
        **extra_told(action, action.extra_values),
        "return_field": action.return_field,
        **({"return_label": action.return_label} if action.return_field.startswith(FIELD) else {}),
        "version": action.version,
    }


def extra_told(action: YearlyAction, values: Mapping[str, str]) -> dict[str, Any]:
    """Values of extra columns, and what these were called; nothing where there is no value."""
    if not values:
        return {}
    words = {
        each.code: [each.label, extra_values.said(each, values[each.code])]
        for each in action.known_columns
        if each.code in values
    }
    return {"extra_values": values, "extra_words": words}


@dataclass(frozen=True)
class Said:
    """What the last event about a row says: its state then, and `content_digest`."""

    state: str
    digest: str


class Recorded:
    """Takes all events, oldest first; then compares the rows with them.

    An import names the digests of its rows. Those before version 1.1 did not: `has_bare_imports`.
    """

    def __init__(self) -> None:
        self.said: dict[int, Said] = {}
        self.has_bare_imports = False
        self.last_number = 0
        self.compared = self.not_comparable = 0

    def take(self, event: Event) -> None:
        self.last_number = event.number
        kind, _colon, key = event.subject.partition(":")
        if event.kind == EventKind.TRANSITION and kind == "action" and key.isdigit():
            self.said[int(key)] = Said(event.to_state, content_digest(event.content))
        elif event.kind == EventKind.IMPORTED:
            rows: dict[str, str] | None = event.content.get("row_digests")
            self.has_bare_imports = self.has_bare_imports or rows is None
            for pk, digest in (rows or {}).items():
                self.said[int(pk)] = Said(str(ActionState.APPROVED), digest)
            for pk in event.content.get("taken_back", ()):
                self.said[int(pk)] = Said(CANCELLED, "")

    def differences(self) -> Iterator[tuple[str, str]]:
        """(subject, why) for each row that is not as its last event says, and for each that is gone."""
        gone = set(self.said)
        rows = YearlyAction.objects.select_related("rating", "round", "initiative__pledge__section__parent")
        for action in rows.order_by("pk").iterator(chunk_size=CHUNK):
            gone.discard(action.pk)
            why = self._why_not(action)
            if why and not self._has_moved_on(action.subject):
                year = f"{action.round.fiscal_year} 年度{action.round.name}"
                yield f"{year} {action.place}（{action.subject}）", why
        for pk in sorted(gone):
            # An untouched row goes with its initiative (rounds.end_initiative), others with their round.
            subject, is_told = f"action:{pk}", self.said[pk].state in {ActionState.NOT_STARTED, CANCELLED}
            if not is_told and not self._has_moved_on(subject):
                yield subject, "履歴があるのに、取組の行がありません"

    def _why_not(self, action: YearlyAction) -> str:
        self.compared += 1
        said = self.said.get(action.pk)
        if said is None or said.state == CANCELLED:  # what was cancelled is gone: this is another row
            return self._why_unsaid(action)
        if action.state != said.state:
            before = dict(ActionState.choices).get(said.state, said.state)
            return f"状態が「{action.get_state_display()}」ですが、履歴では「{before}」です"
        if action.state in BOUND and digest_of(action) != said.digest:
            return f"「{action.get_state_display()}」の内容が、履歴に記録されたものと違います"
        return ""

    def _why_unsaid(self, action: YearlyAction) -> str:
        if action.state == ActionState.NOT_STARTED:
            return ""
        if action.is_imported and action.state == ActionState.APPROVED and self.has_bare_imports:
            self.compared -= 1
            self.not_comparable += 1
            return ""
        return f"状態が「{action.get_state_display()}」ですが、それを記録した履歴がありません"

    def _has_moved_on(self, subject: str) -> bool:
        """Whether somebody has written an event about the row since: people go on working meanwhile."""
        about = Q(subject=subject) | Q(kind=EventKind.IMPORTED)
        return Event.objects.filter(about, number__gt=self.last_number).exists()
