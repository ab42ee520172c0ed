"""Many rows at once, each with an answer of its own: how an entry sheet writes, and how that is taken back.

Also how drafts are handed in together. The twin of `save` and `submit` in workflow.py: the same values, rules
and events, in one statement for all.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django.db import connection, transaction
from django.db.models import Field

from tracker.choices import OPEN_STATES, WITHDRAWING
from tracker.cycle import events, former_texts, permissions, workflow
from tracker.cycle.recorded import happening
from tracker.cycle.workflow import Blocked, Content, Incomplete, NotNow, Stale
from tracker.models import ROWS_PER_STATEMENT, Rating, ReportingRound, User, YearlyAction
from tracker.models.reporting import read_indicators

Json = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """One row of many: the version that was seen, what it shall say, and whether it is handed in as well."""

    pk: int
    version: int
    content: Content
    submits: bool = False


@transaction.atomic
def write_all(answers: Iterable[Answer], *, by: User, reason: str = "") -> dict[int, Json]:
    """Saves rows of one round and hands in those that ask for it, all or none.

    Returns by id what `take_back` needs: {"before": how the row stood (`SNAPSHOT`), "version": its new one}.
    Raises NotNow for a round that takes no answers, Blocked with every row in the way.
    """
    wanted = {answer.pk: answer for answer in answers}
    found = _locked_rows(wanted, by)
    scale, headed = _scale_of(found), _headed_of(found)
    before = {pk: snapshot(action) for pk, action in found.items()}
    saved, handed_in, blocked = [], [], []
    for pk, action in found.items():
        answer = wanted[pk]
        try:
            _require_as_seen(action, answer.version)
            content = answer.content.as_filled_by(by, action)
            if content != Content.of(action):
                saved.append((action, workflow.saving(action, content, by=by, scale=scale)))
            if answer.submits:
                values = workflow.submitting(action, content, by=by, headed=headed)
                handed_in.append((action, values))
        except (NotNow, Stale, Incomplete) as problem:
            blocked.append((action, str(problem)))
    if blocked or len(found) != len(wanted):
        words = "%d 件が書き込めない状態になっていたため、1 件も書き込んでいません。"
        raise Blocked(words, blocked, len(wanted) - len(found))
    former_texts.keep(saved, by=by)
    is_followed = {action.pk for action, _values in handed_in}
    _write_each(saved, by, scale, reason, untold=is_followed)
    _write_each(handed_in, by, scale, reason)
    return {pk: {"before": before[pk], "version": action.version} for pk, action in found.items()}


@transaction.atomic
def submit_all(rows: Iterable[tuple[int, int]], *, by: User) -> list[YearlyAction]:
    """Hands in drafts of one round as they are saved, all or none. Returns them as they stand then.

    `rows` are (pk, version seen) each. Raises NotNow for a round that takes no answers, Blocked with every
    row in the way. Takes a constant number of statements per 500 rows.
    """
    seen = dict(rows)
    found = _locked_rows(seen, by)
    headed, handed_in, blocked = _headed_of(found), [], []
    for pk, action in found.items():
        try:
            _require_as_seen(action, seen[pk])
            values = workflow.submitting(action, Content.of(action), by=by, headed=headed)
            handed_in.append((action, values))
        except (NotNow, Stale, Incomplete) as problem:
            blocked.append((action, str(problem)))
    if blocked or len(found) != len(seen):
        words = "%d 件が提出できない状態になっていたため、1 件も提出していません。"
        raise Blocked(words, blocked, len(seen) - len(found))
    _write_each(handed_in, by, _scale_of(found), "")
    return list(found.values())


@transaction.atomic
def take_back(taken: Mapping[int, Json], *, by: User, reason: str) -> None:
    """Puts rows back as they stood before `write_all`, all or none. `taken` is what it returned.

    Raises NotNow, or Blocked with the rows that were touched since.
    """
    found = _locked_rows(taken, by)
    touched = [action for pk, action in found.items() if action.version != taken[pk]["version"]]
    if touched or len(found) != len(taken):
        words = "%d 件が取り込んだあとに変わっているため、1 件も取り消していません。"
        blocked = [(action, "そのあとに変更されています。") for action in touched]
        raise Blocked(words, blocked, len(taken) - len(found))
    rows = [(action, _as_values(taken[pk]["before"])) for pk, action in found.items()]
    former_texts.keep(rows, by=by, always=True)
    _write_each(rows, by, _scale_of(found), reason)


# What `write_all` may change of a row.
SNAPSHOT = (
    *("state", "result", "plan", "rating_id", "is_unrated", "rating_reason", "extra_values", "saved_by_id"),
    *("saved_at", "submitted_by_id", "submitted_at"),
)
TIMES = {"saved_at", "submitted_at"}


def snapshot(action: YearlyAction) -> Json:
    """How a row stands, as JSON can hold it."""
    values = {name: getattr(action, name) for name in SNAPSHOT} | {"state": str(action.state)}
    return values | {name: values[name] and values[name].isoformat() for name in TIMES}


def _as_values(before: Json) -> Json:
    before = {"extra_values": {}, **before}  # sheets from before there were extra columns
    return before | {name: before[name] and datetime.fromisoformat(before[name]) for name in TIMES}


def _locked_rows(pks: Collection[int], by: User) -> dict[int, YearlyAction]:
    """The rows that this person may write, under the lock of the first one's round. Raises NotNow."""
    first = YearlyAction.objects.filter(pk__in=list(pks)[:1]).values("round")
    round = ReportingRound.objects.select_for_update(of=("self",)).filter(pk__in=first).first()
    if round is None:
        return {}
    if not round.is_writable:
        words = "この報告回は「%s」なので、書き込めません。必要なときは企画に連絡してください。"
        raise NotNow(words % round.get_state_display())
    rows = YearlyAction.objects.filter(permissions.writers_rows(by), round=round)
    rows = rows.filter(pk__in=list(pks)) if len(pks) <= ROWS_PER_STATEMENT else rows
    locked = rows.select_for_update(of=("self",)).with_place().with_departments().in_table_order()
    found = {action.pk: action for action in locked if action.pk in pks}
    read_indicators(found.values())
    return found


def _scale_of(found: Mapping[int, YearlyAction]) -> dict[int, Rating]:
    """The ratings of the rows' manifesto, by id."""
    first = next(iter(found.values()), None)
    return {rating.pk: rating for rating in first.round.scale} if first else {}


def _headed_of(found: Mapping[int, YearlyAction]) -> frozenset[int]:
    """The departments with a head, where the rows' manifesto asks for them."""
    first = next(iter(found.values()), None)
    return permissions.headed_departments() if first and first.round.manifesto.section_check else frozenset()


def _require_as_seen(action: YearlyAction, version: int) -> None:
    if action.state not in OPEN_STATES:
        raise NotNow(f"状態が「{action.get_state_display()}」に変わっています。")
    if action.version != version:
        raise Stale("確かめたあとに内容が変わっています。")


def _write_each(
    rows: Sequence[tuple[YearlyAction, Json]],
    by: User,
    scale: Mapping[int, Rating],
    reason: str,
    *,
    untold: Collection[int] = (),
) -> None:
    """The guarded UPDATE of many locked rows, each with values of its own for the same fields.

    With a reason, a write within a state is an event, too, but for the rows `untold`: another one follows.
    """
    if not rows:
        return
    fields = [cast("Field[Any, Any]", YearlyAction._meta.get_field(name)) for name in rows[0][1]]
    parameters, moved = [], []
    for action, values in rows:
        version, from_state = action.version, str(action.state)
        for name, value in values.items():
            setattr(action, name, value)
        action.rating = scale.get(action.rating_id or 0)
        action.version += 1
        written = [field.get_db_prep_save(getattr(action, field.attname), connection) for field in fields]
        parameters.append([*written, action.pk, version, from_state])
        if action.state != from_state or (reason and action.pk not in untold):
            is_withdrawn = (from_state, action.state) in WITHDRAWING
            moved.append(happening(action, from_state, reason, is_withdrawn))
    with connection.cursor() as cursor:
        cursor.executemany(_update_of(fields), parameters)
        if cursor.rowcount != len(rows):
            words = "書き込もうとした取組が、同時に変更されました。1 件も書き込んでいません。"
            raise Stale(f"{words}もう一度確かめてください。")
    if moved:
        events.record_all(moved, by=by.signature)


def _update_of(fields: "Iterable[Field[Any, Any]]") -> str:
    """The statement for one row; its parameters are the fields' values, then id, version and state."""
    quote = connection.ops.quote_name
    table = quote(YearlyAction._meta.db_table)
    settings = ", ".join(f"{quote(str(field.column))} = %s" for field in fields)
    return (
        f"UPDATE {table} SET {settings}, version = version + 1 "  # noqa: S608 - names of our own
        "WHERE id = %s AND version = %s AND state = %s"
    )
