"""The texts that saves replace, kept so that each can be had back. Written in the save's own transaction."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from itertools import takewhile
from typing import Any

from django.utils import timezone

from tracker.choices import ActionState
from tracker.models import ROWS_PER_STATEMENT, FormerText, User, YearlyAction

FIELDS = ("result", "plan", "rating_id", "is_unrated", "rating_reason", "extra_values")
TEXTS = ("result", "plan", "rating_reason")
ONE_SITTING = timedelta(hours=1)  # of one person's saves, the last one within it is enough
TAKEN_AWAY = 5  # characters; a save that removes as many may be a slip, and is kept at once
MOST = 100  # per row


def keep(rows: Iterable[tuple[YearlyAction, Mapping[str, Any]]], *, by: User, always: bool = False) -> None:
    """Keeps what locked rows say before `by` writes the values beside them.

    Left out are empty rows, unchanged ones and, unless `always`, those of which hardly anything is removed
    while one person goes on saving: a form saves itself every few seconds.
    """
    kept = [_of(action, by) for action, values in rows if _is_lost(action, values, by, always)]
    FormerText.objects.bulk_create(kept, batch_size=ROWS_PER_STATEMENT)
    for former in kept if len(kept) == 1 else ():
        oldest = FormerText.objects.filter(action=former.action_id).values_list("pk", flat=True)[MOST:]
        FormerText.objects.filter(pk__in=list(oldest)).delete()


def _of(action: YearlyAction, by: User) -> FormerText:
    content = {name: getattr(action, name) for name in FIELDS}
    return FormerText(
        action=action,
        content=content,
        written_by_id=action.saved_by_id,
        written_at=action.saved_at,
        replaced_by=by,
    )


def _is_lost(action: YearlyAction, values: Mapping[str, Any], by: User, always: bool) -> bool:
    """Whether the save takes away something that is worth having again."""
    if action.state == ActionState.NOT_STARTED:  # its extra values are the earlier row's
        return False
    before = {name: getattr(action, name) for name in FIELDS}
    if not _takes_anything(before, values):
        return False
    if always or action.saved_by_id != by.pk or action.saved_at is None:
        return True
    if timezone.now() - action.saved_at >= ONE_SITTING:
        return True
    if any(_removed(before[name], values[name]) >= TAKEN_AWAY for name in TEXTS):
        return True
    later = values["extra_values"]
    return any(
        _removed(text, later.get(code, "")) >= TAKEN_AWAY for code, text in before["extra_values"].items()
    )


def _takes_anything(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether what was said is said no more, or otherwise. Filling in what was empty takes nothing."""
    later = after["extra_values"]
    if any(text != later.get(code) for code, text in before["extra_values"].items() if text):
        return True
    return any(before[name] and before[name] != after[name] for name in FIELDS if name != "extra_values")


def _removed(before: str, after: str) -> int:
    """How many characters of a text are gone if it was changed in one place, and more if in several."""
    rest, new = before[_shared(before, after) :], after[_shared(before, after) :]
    return len(rest) - _shared(rest[::-1], new[::-1])


def _shared(one: str, other: str) -> int:
    """How many characters two texts begin with alike."""
    alike = takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))
    return sum(1 for _pair in alike)
