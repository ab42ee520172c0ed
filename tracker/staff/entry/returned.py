"""Rows that were returned, also once they are handed in again: what was asked for, what has changed since."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString

from tracker.choices import ActionField, ActionState, EventKind
from tracker.cycle.event_words.rows import extra_words_in
from tracker.cycle.recorded import content_digest, digest_of
from tracker.entry_sheets.file.ratings import UNRATED_WORDS
from tracker.models import Event, YearlyAction
from tracker.staff.frame.rows import marked
from tracker.words import differences
from tracker.words.extra_values import said

ThenContent = Mapping[str, Any]  # an event's content (cycle/recorded.content_of)


@dataclass(frozen=True)
class SinceReturn:
    """What a row says otherwise than when it was returned, marked: by the form's fields, and the names of
    extra columns.
    """

    changes: dict[str, SafeString]

    @property
    def told(self) -> list[tuple[str, SafeString]]:
        """(the field's name for people, the difference) in the form's order."""
        labels = dict(ActionField.choices)
        return [(str(labels.get(name, name)), change) for name, change in self.changes.items()]

    @property
    def is_unchanged(self) -> bool:
        return not self.changes


def since_return(action: YearlyAction) -> SinceReturn | None:
    """What has changed in a row since its return; None for another row, or where no event tells of one."""
    then = contents_at_return([action]).get(action.pk)
    return SinceReturn(_changes(action, then)) if then is not None else None


def unchanged_since_return(rows: Iterable[YearlyAction]) -> set[int]:
    """The ids of the returned rows that say what they said then. Their ratings must be loaded. One query."""
    listed = list(rows)
    then = contents_at_return(listed)
    same = (each for each in listed if each.pk in then)
    return {each.pk for each in same if digest_of(each) == content_digest(then[each.pk])}


def contents_at_return(rows: Iterable[YearlyAction]) -> dict[int, ThenContent]:
    """What rows that were returned said then, by id. No query without such a row.

    A row keeps the words of its return until it is approved. By them a return is told from a submission that
    was taken back.
    """
    returned = {each.subject: each for each in rows if _words_of_return(each)}
    if not returned:
        return {}
    events = Event.objects.filter(
        subject__in=list(returned), kind=EventKind.TRANSITION, to_state=ActionState.RETURNED
    )
    told = events.order_by("number").values_list("subject", "reason", "content")
    return {
        returned[subject].pk: content
        for subject, reason, content in told
        if reason in _words_of_return(returned[subject])
    }


def _words_of_return(row: YearlyAction) -> set[str]:
    return {row.return_reason, row.section_reason} - {""}


def _changes(action: YearlyAction, then: ThenContent) -> dict[str, SafeString]:
    before, now = _in_words(then), _words_now(action)
    return {
        name: marked(differences.words(before.get(name, ""), now.get(name, "")))
        for name in {**now, **before}
        if before.get(name, "") != now.get(name, "")
    }


def _words_now(action: YearlyAction) -> dict[str, str]:
    rating = UNRATED_WORDS if action.is_unrated else str(action.rating or "")
    reason, plan = action.rating_reason, action.plan
    values, columns = action.extra_values, action.known_columns
    extra = {each.label: said(each, values[each.code]) for each in columns if values.get(each.code)}
    return {"result": action.result, "rating": rating, "rating_reason": reason, "plan": plan, **extra}


def _in_words(then: ThenContent) -> dict[str, str]:
    rating = UNRATED_WORDS if then.get("is_unrated") else str(then.get("rating_label") or "")
    texts = {name: str(then.get(name) or "") for name in ("result", "rating_reason", "plan")}
    return {"result": texts["result"], "rating": rating, **texts, **dict(extra_words_in(then))}
