"""The life of a yearly action. With its twin for many rows (workflow_in_bulk.py) and the acts of a head
(section_check.py) it is the only code that writes a state.

One function per act, each atomic. Each locks the row's round (a save shares it with other saves), so that
closing, publishing and writing take turns; checks permission, state and version; checks them again in the
UPDATE itself; and appends one event per transition.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.models import F, Q, prefetch_related_objects
from django.utils import timezone

from tracker.choices import APPROVABLE_ROUNDS, WRITABLE_ROUNDS, ActionField, ActionState, Role
from tracker.choices import OPEN_STATES as EDITABLE
from tracker.cycle import cancelling, events, former_texts, permissions
from tracker.cycle.recorded import happening
from tracker.cycle.rounds import references
from tracker.models import ROWS_PER_STATEMENT, ExtraColumn, Rating, ReportingRound, User, YearlyAction
from tracker.models.reporting import UNCHANGED_RATING, YearlyActionQuerySet, read_indicators
from tracker.words import bullets, extra_values
from tracker.words.answers import ANSWERED, MAX_CHARACTERS, lacking, lacking_values, too_long
from tracker.words.visible import says_nothing

SAVED_MEANWHILE = "画面を開いたあとに、ほかの人がこの取組を保存しました。"


class WorkflowProblem(Exception):  # noqa: N818 - the field's own word for it
    """Something that must not happen; the message says why and what to do. Nothing was written."""


class Forbidden(WorkflowProblem, PermissionDenied):
    """Not this person's to do: a page answers 403 with the message."""


class NotNow(WorkflowProblem):
    """The row's state, or its round, does not allow it."""


class Stale(WorkflowProblem):
    """Somebody has written since the version that the caller saw."""


class Incomplete(WorkflowProblem):
    """A submission that lacks something: `errors` by field name."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__(" ".join(errors.values()))
        self.errors = errors


class Blocked(WorkflowProblem):
    """Many rows at once, some of which must not be written: (row, why) each. None was written.

    `words` take the number of these rows and of the `missing` ones, which are not there, or in another round.
    """

    def __init__(self, words: str, rows: list[tuple[YearlyAction, str]], missing: int = 0) -> None:
        super().__init__(words % (len(rows) + missing))
        self.rows = rows


@dataclass(frozen=True)
class Content:
    """What a person writes into a yearly action. Texts have a line per bullet.

    `rating_id` None is 「評価を付けない」 with `is_unrated`, and no answer yet without it.
    `extra_values` are by the code of their column.
    """

    result: str = ""
    plan: str = ""
    rating_id: int | None = None
    is_unrated: bool = False
    rating_reason: str = ""
    extra_values: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, action: YearlyAction) -> "Content":
        texts = action.result, action.plan, action.rating_id, action.is_unrated, action.rating_reason
        return cls(*texts, action.extra_values)

    def as_filled_by(self, user: User, action: YearlyAction) -> "Content":
        """The content as far as the person may write it: values of other extra columns stay as they stand."""
        own = {each.code for each in permissions.own_columns(user, action)}
        stays = {code: value for code, value in action.extra_values.items() if code not in own}
        filled = {code: value for code, value in self.extra_values.items() if code in own}
        return replace(self, extra_values=extra_values.kept(stays | filled))


@dataclass(frozen=True)
class Act:
    """One act: from which states, in which rounds, and its name in a refusal.

    `shares_round`: goes on beside others of its kind, but never while the round is closed or published.
    """

    from_states: tuple[ActionState, ...]
    rounds: Sequence[str]
    name: str
    needs_review: bool = False
    needs_head: bool = False
    shares_round: bool = False

    def allows(self, user: permissions.Visitor, action: YearlyAction) -> bool:
        if self.needs_review:
            return permissions.may_review(user)
        if self.needs_head:
            return permissions.may_confirm(user, action)
        return permissions.may_write(user, action)


SAVE = Act(EDITABLE, WRITABLE_ROUNDS, "保存", shares_round=True)
SUBMIT = Act((ActionState.DRAFT, ActionState.RETURNED), WRITABLE_ROUNDS, "提出")
WITHDRAW = Act((ActionState.SUBMITTED, ActionState.IN_SECTION), WRITABLE_ROUNDS, "取下げ")
APPROVE = Act((ActionState.SUBMITTED,), APPROVABLE_ROUNDS, "承認", needs_review=True)
RETURN = Act((ActionState.SUBMITTED,), WRITABLE_ROUNDS, "差戻し", needs_review=True)
FILL_IN = Act((ActionState.SUBMITTED,), APPROVABLE_ROUNDS, "企画の項目への記入", needs_review=True)
REOPEN = Act((ActionState.APPROVED,), WRITABLE_ROUNDS, "承認の取消し", needs_review=True)

# What a return has said is settled.
SETTLED = {"return_reason": "", "return_field": "", "section_reason": ""}


def can(act: Act, user: permissions.Visitor, action: YearlyAction) -> bool:
    """Whether to offer a button: the act would be accepted now, as far as can be told without trying."""
    allowed = act.allows(user, action) and (act is not APPROVE or permissions.may_approve(user, action))
    return allowed and action.state in act.from_states and action.round.state in act.rounds


@transaction.atomic
def save(
    pk: int, *, by: User, version: int, content: Content, base: Content | None = None, restores: bool = False
) -> YearlyAction:
    """Saves a draft, complete or not, and returns the row. A content that equals the stored one is no write.

    `base` is what the person began with, where that is known: text that was begun on another one is stale,
    whatever version comes with it. `restores`: what is replaced is kept in any case.

    Raises Forbidden, NotNow (submitted meanwhile, round closed), Stale, or Incomplete for a rating that
    cannot be one.
    """
    action = locked(pk, SAVE, by)
    stored, content = Content.of(action), content.as_filled_by(by, action)
    if content == stored:
        return action
    require_version(action, version)
    if base is not None and base != stored:
        raise Stale(SAVED_MEANWHILE)
    scale = Rating.objects.filter(manifesto=action.round.manifesto_id).values_list("pk", flat=True)
    values = saving(action, content, by=by, scale=scale)
    former_texts.keep([(action, vars(content))], by=by, always=restores)
    return write(action, by, permissions.still_writing(by, action), values)


@transaction.atomic
def submit(pk: int, *, by: User, version: int) -> YearlyAction:
    """Submits what is saved, to the section's head or to the planning office (`submitting`).

    Raises Forbidden, NotNow, Stale, or Incomplete with what it lacks, by field.
    """
    action = locked(pk, SUBMIT, by)
    require_version(action, version)
    values = submitting(action, Content.of(action), by=by)
    return write(action, by, permissions.still_writing(by, action), values)


@transaction.atomic
def withdraw(pk: int, *, by: User, version: int) -> YearlyAction:
    """Takes a submission back: what 企画 or the head has returned is returned again, all else is a draft.

    Raises Forbidden, NotNow (approved or returned meanwhile, round closed), or Stale.
    """
    action = locked(pk, WITHDRAW, by)
    require_version(action, version)
    was_returned = action.return_reason or action.section_reason
    values = {
        "state": ActionState.RETURNED if was_returned else ActionState.DRAFT,
        "submitted_by": None,
        "submitted_at": None,
        "confirmed_by": None,
    }
    return write(action, by, permissions.still_writing(by, action), values, is_withdrawn=True)


@transaction.atomic
def approve(pk: int, *, by: User, version: int) -> YearlyAction:
    """Approves one submitted row. Raises Forbidden (also for one's own submission), NotNow, Stale, or
    Incomplete for an extra column that the planning office has still to fill in.
    """
    action = locked(pk, APPROVE, by)
    if not permissions.may_approve(by, action):
        raise Forbidden("自分が提出したものは承認できません。ほかの企画の職員が承認してください。")
    require_version(action, version)
    if errors := lacks_of_planning(action):
        raise Incomplete(errors)
    values = {"state": ActionState.APPROVED, "approved_by": by, **SETTLED}
    return write(action, by, permissions.approvers_rows(by), values)


@transaction.atomic
def fill_in(pk: int, *, by: User, version: int, values: Mapping[str, str]) -> YearlyAction:
    """Writes the planning office's extra columns of a submitted row, by code. It is an event, for the content
    is that which is approved. Values that equal the stored ones are no write. Raises as `send_back`.
    """
    action = locked(pk, FILL_IN, by)
    own = {column.code for column in _of_planning(action)}
    filled = {code: value for code, value in values.items() if code in own}
    told = extra_values.kept({**action.extra_values, **filled})
    require_version(action, version)
    if told == action.extra_values:
        return action
    former_texts.keep([(action, vars(Content.of(action)) | {"extra_values": told})], by=by)
    return write(action, by, permissions.reviewers_rows(by), {"extra_values": told}, is_told=True)


def _of_planning(action: YearlyAction) -> list[ExtraColumn]:
    return [column for column in action.extra_columns if column.is_of_planning]


@transaction.atomic
def send_back(pk: int, *, by: User, version: int, reason: str, field: str = "") -> YearlyAction:
    """Returns (差戻し) a submitted row. The reason may be about a `field`.

    Raises as `approve`, or Incomplete.
    """
    return _to_returned(RETURN, pk, by, version, reason, field)


@transaction.atomic
def reopen(pk: int, *, by: User, version: int, reason: str, field: str = "") -> YearlyAction:
    """Takes an approval back, with a reason. Raises as `approve`, or Incomplete."""
    return _to_returned(REOPEN, pk, by, version, reason, field)


def _to_returned(act: Act, pk: int, by: User, version: int, reason: str, field: str) -> YearlyAction:
    action = locked(pk, act, by)
    require_version(action, version)
    require_reason(reason)
    columns = {extra_values.field_of(each.code) for each in action.returnable_columns} if field else set()
    if field and field not in {*ActionField.values, *columns}:
        raise Incomplete({"field": "差戻しの対象が、入力欄ではありません。"})
    values = {
        "state": ActionState.RETURNED,
        "return_reason": reason.strip(),
        "return_field": field,
        "submitted_at": None,
        "confirmed_by": None,
        "approved_by": None,
        "is_imported": False,
        **_reference(action),
    }
    return write(action, by, permissions.reviewers_rows(by), values, reason=reason.strip())


def require_reason(reason: str) -> None:
    """Raises Incomplete for a return that does not say why."""
    if says_nothing(reason):
        raise Incomplete({"reason": "理由を書いてください。担当課が、何を直せばよいか分かるように書きます。"})
    if len(reason) > MAX_CHARACTERS:
        raise Incomplete({"reason": too_long(reason)})


@dataclass(frozen=True)
class ActOnMany:
    """An act on many rows that are alike in all that it writes. `condition` and `why_not` are one rule."""

    act: Act
    values: dict[str, Any]
    condition: Q
    why_not: Callable[[YearlyAction, int], str]


@transaction.atomic
def approve_all(rows: Iterable[tuple[int, int]], *, by: User) -> int:
    """Approves submitted rows whose rating did not change, all or none. Returns how many.

    `rows` are (pk, version seen) each. Raises Forbidden, or Blocked with every row that stands in the way.
    Takes a constant number of statements per 500 rows.
    """
    if not permissions.may_review(by):
        raise Forbidden("承認できるのは企画の職員だけです。")
    values = {"state": ActionState.APPROVED, "approved_by": by, **SETTLED}
    why_not = partial(_why_not_in_bulk, by=by)
    return act_on_all(dict(rows), ActOnMany(APPROVE, values, approvable_at_once(by), why_not), by)


def act_on_all(seen: dict[int, int], many: ActOnMany, by: User) -> int:
    """Does an act on rows of one round, by id and version seen, all or none. Returns how many.

    Raises Blocked with every row that stands in the way.
    """
    rounds = ReportingRound.objects.filter(actions__in=list(seen)[:1]).values_list("pk", flat=True)
    list(ReportingRound.objects.select_for_update().filter(pk__in=list(rounds)))
    found = {action.pk: action for chunk in _chunks(sorted(seen)) for action in _of_rounds(chunk, rounds)}
    prefetch_related_objects(list(found.values()), "round__manifesto__extra_columns")
    read_indicators(found.values())
    reasons = [(action, many.why_not(action, seen[pk])) for pk, action in found.items()]
    blocked = [(action, why) for action, why in reasons if why]
    if blocked or len(found) != len(seen):
        name = many.act.name
        words = f"%d 件が一括{name}できない状態になっていたため、1 件も{name}していません。"
        raise Blocked(words, blocked, len(seen) - len(found))
    _write_alike([found[pk] for pk in seen], many, by)
    return len(found)


def _of_rounds(pks: Sequence[int], rounds: Iterable[int]) -> YearlyActionQuerySet:
    rows = YearlyAction.objects.with_place().prefetch_related(None).with_departments()
    return rows.filter(pk__in=pks, round__in=list(rounds))


def _write_alike(rows: Sequence[YearlyAction], many: ActOnMany, by: User) -> None:
    """The guarded UPDATE of rows that are alike in all that it writes, and their events."""
    for chunk in _chunks([action.pk for action in rows]):
        ready = YearlyAction.objects.filter(many.condition, pk__in=chunk, state__in=many.act.from_states)
        if ready.update(**many.values, version=F("version") + 1) != len(chunk):
            name = many.act.name
            words = f"{name}しようとした取組が、同時に変更されました。1 件も{name}していません。"
            raise Stale(f"{words}もう一度確かめてください。")
    told = []
    for action in rows:
        from_state = action.state
        for name, value in many.values.items():
            setattr(action, name, value)
        action.version += 1
        told.append(happening(action, from_state))
    events.record_all(told, by=by.signature)


def approvable_at_once(by: User) -> Q:
    """Which submitted rows `approve_all` takes: `_why_not_in_bulk` as a condition."""
    return UNCHANGED_RATING & permissions.approvers_rows(by) & ~_has_lacks_of_planning()


def lacks_of_planning(action: YearlyAction) -> dict[str, str]:
    """Which of its own extra columns the planning office has still to fill in, by field."""
    return lacking_values(_of_planning(action), action.extra_values)


def _has_lacks_of_planning() -> Q:
    """`lacks_of_planning` as a condition."""
    lacks = Q(pk__in=[])
    for column in ExtraColumn.objects.filter(filled_by=Role.PLANNING, is_required=True):
        rounds = ReportingRound.objects.filter(manifesto=column.manifesto_id)
        years = column.first_fiscal_year or 0, column.last_fiscal_year or 9_999
        asking = Q(round__in=rounds.filter(fiscal_year__range=years))
        lacks |= asking & ~Q(extra_values__has_key=column.code)
    return lacks


def _why_not_in_bulk(action: YearlyAction, version: int, by: User) -> str:
    if words := why_not_as_seen(APPROVE, action, version):
        return words
    if not permissions.may_approve(by, action):
        return "自分が提出したものです。"
    return " ".join(lacks_of_planning(action).values())


def why_not_as_seen(act: Act, action: YearlyAction, version: int) -> str:
    """Why a row is none that an act may take in bulk, whoever does it: moved on, or its rating changed."""
    if action.state not in act.from_states:
        return f"状態が「{action.get_state_display()}」に変わっています。"
    if action.version != version:
        return "確かめたあとに内容が変わっています。"
    if action.round.state not in act.rounds:
        return f"報告回が「{action.round.get_state_display()}」です。"
    if not action.was_reported:
        return f"前回の公表にない取組なので、1 件ずつ{act.name}してください。"
    if action.rating_changed:
        return f"評価が変わっているので、1 件ずつ{act.name}してください。"
    return ""


def saving(action: YearlyAction, content: Content, *, by: User, scale: Iterable[int]) -> dict[str, Any]:
    """What saving a content writes into a row; `scale` has the ids of the ratings that it may have.

    Raises Incomplete for a rating that cannot be one.
    """
    if content.rating_id is not None and content.rating_id not in scale:
        raise Incomplete({"rating": "その評価は、このマニフェストの区分にありません。"})
    if content.rating_id is not None and content.is_unrated:
        raise Incomplete({"rating": "評価を選ぶか、評価を付けないか、どちらかにしてください。"})
    state = ActionState.DRAFT if action.state == ActionState.NOT_STARTED else action.state
    return {**vars(content), "state": state, "saved_by": by, "saved_at": timezone.now()}


def submitting(
    action: YearlyAction, content: Content, *, by: User, headed: Collection[int] | None = None
) -> dict[str, Any]:
    """What handing in a content writes into a row: whom it goes to, and its texts with a mark at each line.

    The texts are marked here, where nobody types any more: an autosave stores what stands in the person's
    box, so that the two never differ.

    `headed` are the departments with a head, for who hands in many (`permissions.headed_departments`). Raises
    Incomplete with what it lacks, by field.
    """
    if errors := lacking(content, action.reference_rating_id, action.was_reported, action.asked_columns):
        raise Incomplete(errors)
    return {
        "result": _marked(content.result),
        "plan": _marked(content.plan),
        "state": ActionState.IN_SECTION if _goes_to_head(action, headed) else ActionState.SUBMITTED,
        "submitted_by": by,
        "submitted_at": timezone.now(),
    }


def _marked(text: str) -> str:
    """The text with its marks; as it was typed where it is as long as it may be."""
    marked = bullets.marked(text)
    return marked if len(marked) <= MAX_CHARACTERS else text


def _goes_to_head(action: YearlyAction, headed: Collection[int] | None) -> bool:
    """Whether a head confirms the row first: the manifesto wants it, and one of its departments has one."""
    if not action.round.manifesto.section_check:
        return False
    headed = permissions.headed_departments() if headed is None else headed
    return any(department.pk in headed for department in action.departments)


# What `problems` reads of a row, for who loads no more of it.
READ_BY_PROBLEMS = (*ANSWERED, "was_reported", "reference_rating", "round")


def problems(action: YearlyAction) -> dict[str, str]:
    """What a submission of this row would lack, by field."""
    return lacking(Content.of(action), action.reference_rating_id, action.was_reported, action.asked_columns)


def locked(pk: int, act: Act, by: User) -> YearlyAction:
    """The row, read under its round's lock, for an act that is possible and this person's.

    Raises Forbidden or NotNow.
    """
    if act.shares_round:
        lock_shared(pk)
        rows = YearlyAction.objects.select_for_update(of=("self",)).select_related(
            "round__manifesto", "initiative"
        )
        rows = rows.prefetch_related("initiative__indicators")
    else:
        list(ReportingRound.objects.select_for_update(of=("self",)).filter(actions=pk))
        rows = YearlyAction.objects.with_place()
    action = rows.with_departments().filter(pk=pk).first()
    if action is None and (cancelled := cancelling.cancellation_of_row(pk)):  # since the caller saw it
        raise NotNow(cancelling.in_words(cancelled))
    if action is None:
        raise YearlyAction.DoesNotExist
    if not act.allows(by, action):
        raise Forbidden(f"この取組の{act.name}はできません。")
    require_possible(act, action)
    return action


def require_possible(act: Act, action: YearlyAction) -> None:
    """Raises NotNow where the row or its round is not in a state for an act."""
    if action.round.state not in act.rounds:
        words = "この報告回は「%s」なので、%sできません。必要なときは企画に連絡してください。"
        raise NotNow(words % (action.round.get_state_display(), act.name))
    if action.state not in act.from_states:
        words = "この取組は「%s」なので、%sできません。画面を開き直して、状態を確かめてください。"
        raise NotNow(words % (action.get_state_display(), act.name))


def lock_shared(pk: int) -> None:
    """Keeps a row's round from being closed or published until the transaction ends; others may hold it, too.

    SQLite has one writer at a time anyway: whoever is in a transaction.
    """
    if connection.vendor == "postgresql":
        rounds, rows = ReportingRound._meta.db_table, YearlyAction._meta.db_table
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT 1 FROM {rounds} WHERE id = (SELECT round_id FROM {rows} WHERE id = %s) FOR SHARE",  # noqa: S608 - our tables
                [pk],
            )


def require_version(action: YearlyAction, version: int) -> None:
    if action.version != version:
        raise Stale(SAVED_MEANWHILE)


def write(
    action: YearlyAction,
    by: User,
    condition: Q,
    values: dict[str, Any],
    *,
    reason: str = "",
    is_withdrawn: bool = False,
    is_told: bool = False,
) -> YearlyAction:
    """The guarded UPDATE, which has exactly one winner; and its event, if it is a transition or `is_told`."""
    from_state = action.state
    guarded = YearlyAction.objects.filter(condition, pk=action.pk, version=action.version, state=from_state)
    if not guarded.update(**values, version=F("version") + 1):
        raise Stale(SAVED_MEANWHILE)
    for name, value in values.items():
        setattr(action, name, value)
    action.version += 1
    if action.state != from_state or is_told:
        events.record_all([happening(action, from_state, reason, is_withdrawn)], by=by.signature)
    return action


def _reference(action: YearlyAction) -> dict[str, Any]:
    """What the last report says of the row now: it may have been corrected since the round opened."""
    rated = references(action.round, action.place)
    return {"was_reported": action.place in rated, "reference_rating_id": rated.get(action.place)}


def _chunks(pks: Sequence[int]) -> Iterable[Sequence[int]]:
    return (pks[at : at + ROWS_PER_STATEMENT] for at in range(0, len(pks), ROWS_PER_STATEMENT))
