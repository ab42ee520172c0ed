"""Many rows at once, each with an answer of its own: how an entry sheet writes, and how that is taken back.

The twin of workflow.py's `save` and `submit`: the same rules and the same events, in one statement for all
rows.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django.db import connection, transaction
from django.db.models import Field, QuerySet
from django.utils import timezone

from tracker.choices import ActionState
from tracker.cycle import events, permissions
from tracker.cycle.workflow import EDITABLE, Blocked, Content, NotNow, Stale, happening, lacking, saved_state
from tracker.models import ROWS_PER_STATEMENT, Rating, ReportingRound, User, YearlyAction


@dataclass(frozen=True)
class Writing:
    """One row of many: the version that was seen, what it shall say, and whether it is handed in as well."""

    pk: int
    version: int
    content: Content
    submits: bool = False


@dataclass(frozen=True)
class Taken:
    """What writing a row took away: how it stood before (`SNAPSHOT`, as JSON can hold it), and the version it
    got.
    """

    before: dict[str, Any]
    version: int


@transaction.atomic
def write_all(writings: Iterable[Writing], *, by: User, reason: str = "") -> dict[int, Taken]:
    """Saves rows of one round and hands in those that ask for it, all or none; the twin of `save` and
    `submit` for sheets.

    Raises NotNow for a round that takes no answers, Blocked with every row in the way. The statements grow by
    500 rows.
    """
    wanted = {each.pk: each for each in writings}
    found = _locked_rows(wanted, by)
    scale = {step.pk: step for step in _scale_of(found)}
    blocked = [
        (action, why) for pk, action in found.items() if (why := _why_not_written(action, wanted[pk], scale))
    ]
    if blocked or len(found) != len(wanted):
        words = "%d 件が書き込めない状態になっていたため、1 件も書き込んでいません。"
        raise Blocked(words, blocked, len(wanted) - len(found))
    before = {pk: snapshot(action) for pk, action in found.items()}
    now = timezone.now()
    saved = [action for pk, action in found.items() if Content.of(action) != wanted[pk].content]
    _write_each(
        [
            (action, {**vars(wanted[action.pk].content), "state": saved_state(action), "saved_by_id": by.pk, "saved_at": now})
            for action in saved
        ],
        by, scale, reason,
    )  # fmt: skip
    handed_in = [action for pk, action in found.items() if wanted[pk].submits]
    values = {"state": ActionState.SUBMITTED, "submitted_by_id": by.pk, "submitted_at": now}
    _write_each(
        [(action, {**values, "return_reason": "", "return_field": ""}) for action in handed_in],
        by,
        scale,
        reason,
    )
    return {pk: Taken(before[pk], action.version) for pk, action in found.items()}


@transaction.atomic
def take_back(taken: Mapping[int, Taken], *, by: User, reason: str) -> None:
    """Puts rows back as they stood before `write_all`, all or none. Raises NotNow, or Blocked where one was
    touched since.
    """
    found = _locked_rows(taken, by)
    blocked = [
        (action, "そのあとに変更されています。")
        for pk, action in found.items()
        if action.version != taken[pk].version
    ]
    if blocked or len(found) != len(taken):
        words = "%d 件が取り込んだあとに変わっているため、1 件も取り消していません。"
        raise Blocked(words, blocked, len(taken) - len(found))
    scale = {step.pk: step for step in _scale_of(found)}
    _write_each([(action, _as_values(taken[pk].before)) for pk, action in found.items()], by, scale, reason)


# What `write_all` may change of a row.
SNAPSHOT = (
    *("state", "result", "plan", "rating_id", "is_unrated", "rating_reason", "saved_by_id", "saved_at"),
    *("submitted_by_id", "submitted_at", "return_reason", "return_field"),
)
TIMES = {"saved_at", "submitted_at"}


def snapshot(action: YearlyAction) -> dict[str, Any]:
    """How a row stands, as JSON can hold it."""
    values = {name: getattr(action, name) for name in SNAPSHOT}
    return (
        values
        | {"state": str(action.state)}
        | {name: values[name] and values[name].isoformat() for name in TIMES}
    )


def _as_values(before: Mapping[str, Any]) -> dict[str, Any]:
    times = {name: before[name] and datetime.fromisoformat(before[name]) for name in TIMES}
    return {**before, **times}


def _locked_rows(pks: Collection[int], by: User) -> dict[int, YearlyAction]:
    """The rows that are this person's to write, under the lock of the first one's round. Raises NotNow."""
    first = YearlyAction.objects.filter(pk__in=list(pks)[:1]).values("round")
    round = ReportingRound.objects.select_for_update(of=("self",)).filter(pk__in=first).first()
    if round is None:
        return {}
    if not round.is_writable:
        words = "この報告回は「%s」なので、書き込めません。必要なときは企画に連絡してください。"
        raise NotNow(words % round.get_state_display())
    rows = YearlyAction.objects.filter(permissions.writers_rows(by), round=round)
    rows = rows.filter(pk__in=list(pks)) if len(pks) <= ROWS_PER_STATEMENT else rows
    locked = rows.select_for_update(of=("self",)).with_place().in_table_order()
    return {action.pk: action for action in locked if action.pk in pks}


def _scale_of(found: Mapping[int, YearlyAction]) -> QuerySet[Rating]:
    return Rating.objects.filter(
        manifesto__in=[action.round.manifesto_id for action in list(found.values())[:1]]
    )


def _why_not_written(action: YearlyAction, writing: Writing, scale: Mapping[int, Rating]) -> str:
    content = writing.content
    if action.state not in EDITABLE:
        return f"状態が「{action.get_state_display()}」に変わっています。"
    if action.version != writing.version:
        return "確かめたあとに内容が変わっています。"
    if content.rating_id is not None and (content.rating_id not in scale or content.is_unrated):
        return "その評価は、このマニフェストの区分にありません。"
    if writing.submits and (errors := lacking(content, action.reference_rating_id, action.was_reported)):
        return " ".join(errors.values())
    return ""


def _write_each(
    rows: Sequence[tuple[YearlyAction, dict[str, Any]]], by: User, scale: Mapping[int, Rating], reason: str
) -> None:
    """The guarded UPDATE of many locked rows, each with values of its own under the same names, and their
    events.
    """
    if not rows:
        return
    fields = [cast("Field[Any, Any]", YearlyAction._meta.get_field(name)) for name in rows[0][1]]
    guards, from_states = [], [str(action.state) for action, _values in rows]
    for (action, values), from_state in zip(rows, from_states, strict=True):
        guards.append([action.pk, action.version, from_state])
        for name, value in values.items():
            setattr(action, name, value)
        action.rating = scale.get(action.rating_id or 0)
        action.version += 1
    table, quote = YearlyAction._meta.db_table, connection.ops.quote_name
    settings = ", ".join(f"{quote(str(field.column))} = %s" for field in fields)
    statement = (
        f"UPDATE {quote(table)} SET {settings}, version = version + 1 WHERE id = %s AND version = "
        "%s AND state = %s"
    )  # noqa: S608
    parameters = [
        [*(field.get_db_prep_save(getattr(action, field.attname), connection) for field in fields), *guard]
        for (action, _values), guard in zip(rows, guards, strict=True)
    ]
    with connection.cursor() as cursor:
        cursor.executemany(statement, parameters)
        if cursor.rowcount != len(rows):
            raise Stale(
                "書き込もうとした取組が、同時に変更されました。1 件も書き込んでいません。"
                "もう一度確かめてください。"
            )
    moved = [
        happening(action, from_state, reason)
        for (action, _values), from_state in zip(rows, from_states, strict=True)
        if action.state != from_state
    ]
    if moved:
        events.record_all(moved, by=by.signature)
