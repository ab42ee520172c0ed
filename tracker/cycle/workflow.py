"""The life of a yearly action: the only code that writes a state, with its twin workflow_in_bulk.py.

One function per act, each atomic. Each locks the row's round (a save shares it with other saves), so that
closing, publishing and writing take turns; checks permission, state and version; checks them again in the
UPDATE itself; and appends one event per transition.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from tracker.choices import APPROVABLE_ROUNDS, WRITABLE_ROUNDS, ActionField, ActionState, EventKind
from tracker.choices import OPEN_STATES as EDITABLE
from tracker.cycle import events, former_texts, permissions
from tracker.cycle.rounds import references
from tracker.models import ROWS_PER_STATEMENT, Event, Rating, ReportingRound, User, YearlyAction
from tracker.models.reporting import UNCHANGED_RATING
from tracker.words.visible import says_nothing

MAX_CHARACTERS = 10_000  # of one text; a cell of a workbook holds 32,767
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
    """

    result: str = ""
    plan: str = ""
    rating_id: int | None = None
    is_unrated: bool = False
    rating_reason: str = ""

    @classmethod
    def of(cls, action: YearlyAction) -> "Content":
        return cls(action.result, action.plan, action.rating_id, action.is_unrated, action.rating_reason)


@dataclass(frozen=True)
class Act:
    """One act: from which states, in which rounds, and its name in a refusal.

    `shares_round`: goes on beside others of its kind, but never while the round is closed or published.
    """

    from_states: tuple[ActionState, ...]
    rounds: Sequence[str]
    name: str
    needs_review: bool = False
    shares_round: bool = False

    def allows(self, user: permissions.Visitor, action: YearlyAction) -> bool:
        return permissions.may_review(user) if self.needs_review else permissions.may_write(user, action)


SAVE = Act(EDITABLE, WRITABLE_ROUNDS, "保存", shares_round=True)
SUBMIT = Act((ActionState.DRAFT, ActionState.RETURNED), WRITABLE_ROUNDS, "提出")
APPROVE = Act((ActionState.SUBMITTED,), APPROVABLE_ROUNDS, "承認", needs_review=True)
RETURN = Act((ActionState.SUBMITTED,), WRITABLE_ROUNDS, "差戻し", needs_review=True)
REOPEN = Act((ActionState.APPROVED,), WRITABLE_ROUNDS, "承認の取消し", needs_review=True)


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
    action = _locked(pk, SAVE, by)
    stored = Content.of(action)
    if content == stored:
        return action
    _require_version(action, version)
    if base not in {None, stored}:
        raise Stale(SAVED_MEANWHILE)
    scale = Rating.objects.filter(manifesto=action.round.manifesto_id).values_list("pk", flat=True)
    values = saving(action, content, by=by, scale=scale)
    former_texts.keep([(action, vars(content))], by=by, always=restores)
    return _write(action, by, permissions.writers_rows(by), values)


@transaction.atomic
def submit(pk: int, *, by: User, version: int) -> YearlyAction:
    """Submits what is saved. Raises Forbidden, NotNow, Stale, or Incomplete with what it lacks, by field."""
    action = _locked(pk, SUBMIT, by)
    _require_version(action, version)
    values = submitting(action, Content.of(action), by=by)
    return _write(action, by, permissions.writers_rows(by), values)


@transaction.atomic
def approve(pk: int, *, by: User, version: int) -> YearlyAction:
    """Approves one submitted row. Raises Forbidden (also for one's own submission), NotNow or Stale."""
    action = _locked(pk, APPROVE, by)
    if not permissions.may_approve(by, action):
        raise Forbidden("自分が提出したものは承認できません。ほかの企画の職員が承認してください。")
    _require_version(action, version)
    values = {"state": ActionState.APPROVED, "approved_by": by}
    return _write(action, by, permissions.approvers_rows(by), values)


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
    action = _locked(pk, act, by)
    _require_version(action, version)
    if says_nothing(reason):
        raise Incomplete({"reason": "理由を書いてください。担当課が、何を直せばよいか分かるように書きます。"})
    if len(reason) > MAX_CHARACTERS:
        raise Incomplete({"reason": too_long(reason)})
    if field and field not in ActionField.values:
        raise Incomplete({"field": "差戻しの対象が、入力欄ではありません。"})
    values = {
        "state": ActionState.RETURNED,
        "return_reason": reason.strip(),
        "return_field": field,
        "submitted_at": None,
        "approved_by": None,
        "is_imported": False,
        **_reference(action),
    }
    return _write(action, by, permissions.reviewers_rows(by), values, reason=reason.strip())


@transaction.atomic
def approve_all(rows: Iterable[tuple[int, int]], *, by: User) -> int:
    """Approves submitted rows whose rating did not change, all or none. Returns how many.

    `rows` are (pk, version seen) each. Raises Forbidden, or Blocked with every row that stands in the way.
    Takes a constant number of statements per 500 rows.
    """
    if not permissions.may_review(by):
        raise Forbidden("承認できるのは企画の職員だけです。")
    seen = dict(rows)
    rounds = ReportingRound.objects.filter(actions__in=list(seen)[:1]).values_list("pk", flat=True)
    list(ReportingRound.objects.select_for_update().filter(pk__in=list(rounds)))
    found = {
        action.pk: action
        for chunk in _chunks(sorted(seen))
        for action in YearlyAction.objects.with_place().filter(pk__in=chunk, round__in=list(rounds))
    }
    reasons = [(action, _why_not_in_bulk(action, seen[pk], by)) for pk, action in found.items()]
    blocked = [(action, why) for action, why in reasons if why]
    if blocked or len(found) != len(seen):
        words = "%d 件が一括承認できない状態になっていたため、1 件も承認していません。"
        raise Blocked(words, blocked, len(seen) - len(found))
    _approve_each([found[pk] for pk in seen], by)
    return len(found)


def _approve_each(rows: Sequence[YearlyAction], by: User) -> None:
    """The guarded UPDATE of rows that are alike in all that it writes, and their events."""
    for chunk in _chunks(sorted(action.pk for action in rows)):
        ready = YearlyAction.objects.filter(approvable_at_once(by), pk__in=chunk, state=ActionState.SUBMITTED)
        if ready.update(state=ActionState.APPROVED, approved_by=by, version=F("version") + 1) != len(chunk):
            words = "承認しようとした取組が、同時に変更されました。1 件も承認していません。"
            raise Stale(f"{words}もう一度確かめてください。")
    for action in rows:
        action.state, action.approved_by, action.version = ActionState.APPROVED, by, action.version + 1
    events.record_all([happening(action, ActionState.SUBMITTED) for action in rows], by=by.signature)


def approvable_at_once(by: User) -> Q:
    """Which submitted rows `approve_all` takes: `_why_not_in_bulk` as a condition."""
    return UNCHANGED_RATING & permissions.approvers_rows(by)


def _why_not_in_bulk(action: YearlyAction, version: int, by: User) -> str:
    if action.state != ActionState.SUBMITTED:
        return f"状態が「{action.get_state_display()}」に変わっています。"
    if action.version != version:
        return "確かめたあとに内容が変わっています。"
    if action.round.state not in APPROVABLE_ROUNDS:
        return f"報告回が「{action.round.get_state_display()}」です。"
    if not action.was_reported:
        return "前回の公表にない取組なので、1 件ずつ承認してください。"
    if action.rating_changed:
        return "評価が変わっているので、1 件ずつ承認してください。"
    if not permissions.may_approve(by, action):
        return "自分が提出したものです。"
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


def submitting(action: YearlyAction, content: Content, *, by: User) -> dict[str, Any]:
    """What handing in a content writes into a row. Raises Incomplete with what it lacks, by field."""
    if errors := lacking(content, action.reference_rating_id, action.was_reported):
        raise Incomplete(errors)
    return {
        "state": ActionState.SUBMITTED,
        "submitted_by": by,
        "submitted_at": timezone.now(),
        "return_reason": "",
        "return_field": "",
    }


def problems(action: YearlyAction) -> dict[str, str]:
    """What a submission of this row would lack, by field."""
    return lacking(Content.of(action), action.reference_rating_id, action.was_reported)


def lacking(content: Content, reference_rating_id: int | None, was_reported: bool) -> dict[str, str]:
    """What a submission of a content would lack, by field: the same words in form, check page and Excel."""
    errors = {}
    if says_nothing(content.result):
        errors["result"] = "主な取組を書いてください。"
    if content.rating_id is None and not content.is_unrated:
        errors["rating"] = "実施状況を選んでください。評価しない取組は「評価を付けない」を選びます。"
    elif was_reported and content.rating_id != reference_rating_id and says_nothing(content.rating_reason):
        errors["rating_reason"] = "評価が前回の公表と違います。評価を変えた理由を書いてください。"
    for name in ("result", "rating_reason", "plan"):
        if len(getattr(content, name)) > MAX_CHARACTERS:
            errors[name] = too_long(getattr(content, name))
    return errors


def too_long(text: str) -> str:
    """The words for a text beyond MAX_CHARACTERS."""
    return f"{MAX_CHARACTERS:,} 文字までです（いま {len(text):,} 文字）。"


def _locked(pk: int, act: Act, by: User) -> YearlyAction:
    """The row, read under its round's lock, for an act that is possible and this person's.

    Raises Forbidden or NotNow.
    """
    if act.shares_round:
        lock_shared(pk)
        rows = YearlyAction.objects.select_for_update(of=("self",)).select_related("round", "initiative")
    else:
        list(ReportingRound.objects.select_for_update(of=("self",)).filter(actions=pk))
        rows = YearlyAction.objects.with_place()
    action = rows.with_departments().get(pk=pk)
    if not act.allows(by, action):
        raise Forbidden(f"この取組の{act.name}はできません。")
    if action.round.state not in act.rounds:
        words = "この報告回は「%s」なので、%sできません。必要なときは企画に連絡してください。"
        raise NotNow(words % (action.round.get_state_display(), act.name))
    if action.state not in act.from_states:
        words = "この取組は「%s」なので、%sできません。画面を開き直して、状態を確かめてください。"
        raise NotNow(words % (action.get_state_display(), act.name))
    return action


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


def _require_version(action: YearlyAction, version: int) -> None:
    if action.version != version:
        raise Stale(SAVED_MEANWHILE)


def _write(
    action: YearlyAction, by: User, condition: Q, values: dict[str, Any], *, reason: str = ""
) -> YearlyAction:
    """The guarded UPDATE, which has exactly one winner, and the event of a transition."""
    from_state = action.state
    guarded = YearlyAction.objects.filter(condition, pk=action.pk, version=action.version, state=from_state)
    if not guarded.update(**values, version=F("version") + 1):
        raise Stale(SAVED_MEANWHILE)
    for name, value in values.items():
        setattr(action, name, value)
    action.version += 1
    if action.state != from_state:
        events.record_all([happening(action, from_state, reason)], by=by.signature)
    return action


def happening(action: YearlyAction, from_state: str, reason: str = "") -> Event:
    """A transition with the content as it stood."""
    content = {
        "manifesto": action.round.manifesto.slug,
        "fiscal_year": action.round.fiscal_year,
        "place": action.place,
        "result": action.result,
        "plan": action.plan,
        "rating": action.rating.code if action.rating else None,
        "is_unrated": action.is_unrated,
        "rating_before": action.reference_rating.code if action.reference_rating else None,
        "rating_reason": action.rating_reason,
        "return_field": action.return_field,
        "version": action.version,
    }
    told = Event(kind=EventKind.TRANSITION, subject=action.subject, reason=reason, content=content)
    told.from_state, told.to_state = str(from_state), str(action.state)
    return told


def _reference(action: YearlyAction) -> dict[str, Any]:
    """What the last report says of the row now: it may have been corrected since the round opened."""
    rated = references(action.round, key=action.place)
    return {"was_reported": action.place in rated, "reference_rating_id": rated.get(action.place)}


def _chunks(pks: Sequence[int]) -> Iterable[Sequence[int]]:
    return (pks[at : at + ROWS_PER_STATEMENT] for at in range(0, len(pks), ROWS_PER_STATEMENT))
