"""The workspace: the database holds its rules, too, and a fact of a row is the same in Python and in SQL."""

from collections.abc import Callable
from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from tests.models.breaking import Broken, assert_allowed, assert_broken, constraints_of
from tests.workspace import Workspace
from tracker import triggers
from tracker.choices import BOUND, HANDED_IN, OPEN_STATES, OUTSTANDING, TRANSITIONS, ActionState, RoundState
from tracker.models import Event, Initiative, Manifesto, Rating, ReportingRound, YearlyAction
from tracker.models.reporting import HAS_RATING, UNCHANGED_RATING, late_rows

pytestmark = pytest.mark.django_db

NOT_STARTED, DRAFT, IN_SECTION, SUBMITTED, RETURNED, APPROVED = ActionState


# --- rounds


def round_of(space: Workspace, fiscal_year: int, state: str, **values: Any) -> ReportingRound:
    as_of = date(fiscal_year + 1, 3, 31)
    return ReportingRound(
        manifesto=space.manifesto, fiscal_year=fiscal_year, state=state, as_of=as_of, **values
    )


def on(round: ReportingRound, as_of: date) -> ReportingRound:
    round.as_of = as_of
    return round


BROKEN: Broken = {
    "round_once": (
        lambda s: round_of(s, 2024, RoundState.CLOSED, name="別", number=2),
        "この時点の報告回はすでにあります。",
    ),
    "round_name_once": (
        lambda s: on(round_of(s, 2024, RoundState.CLOSED, number=2), date(2025, 5, 31)),
        "この年度には、同じ名前の報告回がすでにあります。",
    ),
    "round_number_once": (
        lambda s: on(round_of(s, 2024, RoundState.CLOSED, name="別"), date(2025, 5, 31)),
        "この年度には、同じ番号の報告回がすでにあります。",
    ),
    "one_open_round": (lambda s: round_of(s, 2025, RoundState.OPEN), "受付中の報告回がほかにあります。"),
    "round_state_known": (lambda s: round_of(s, 2025, "asleep"), "その状態はありません。"),
    "round_due_after_opening": (
        lambda s: round_of(s, 2025, RoundState.CLOSED, opens_on=date(2025, 4, 2), due_on=date(2025, 4, 1)),
        "締切日が受付開始日より前です。",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_rule_is_refused(space: Workspace, name: str) -> None:
    make, message = BROKEN[name]
    assert_broken(make(space), message)


# --- yearly actions: no way round the workflow, by the ORM or by SQL, breaks a rule


def valid(space: Workspace, state: str) -> dict[str, Any]:
    """Columns with which a row may stand in a state."""
    cast = space.cast
    return {
        "state": state,
        "rating_id": space.ratings["B"].pk,
        "return_reason": "数がない",
        "submitted_by_id": cast.clerk.pk,
        "submitted_at": timezone.now(),
        "approved_by_id": cast.planner.pk if state == APPROVED else None,
    }


def put(space: Workspace, state: str) -> YearlyAction:
    """The first row, put into a state without its triggers."""
    with triggers.removed(connection):
        YearlyAction.objects.filter(pk=space.row().pk).update(**valid(space, state))
    return space.row()


def by_update(action: YearlyAction, values: dict[str, Any]) -> None:
    YearlyAction.objects.filter(pk=action.pk).update(**values)


def by_save(action: YearlyAction, values: dict[str, Any]) -> None:
    row = YearlyAction.objects.get(pk=action.pk)
    for name, value in values.items():
        setattr(row, name, value)
    row.save()


def by_bulk_update(action: YearlyAction, values: dict[str, Any]) -> None:
    row = YearlyAction.objects.get(pk=action.pk)
    for name, value in values.items():
        setattr(row, name, value)
    YearlyAction.objects.bulk_update([row], list(values))


def by_sql(action: YearlyAction, values: dict[str, Any]) -> None:
    assignments = ", ".join(f"{name} = %s" for name in values)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE tracker_yearlyaction SET {assignments} WHERE id = %s", [*values.values(), action.pk]
        )


def by_insert(action: YearlyAction, values: dict[str, Any]) -> None:
    """The row copied to another initiative's place, which is made free."""
    row = YearlyAction.objects.get(pk=action.pk)
    free = YearlyAction.objects.filter(round=row.round).exclude(pk=row.pk)[0]
    YearlyAction.objects.filter(pk=free.pk).delete()
    row.pk, row.initiative_id = None, free.initiative_id
    for name, value in values.items():
        setattr(row, name, value)
    YearlyAction.objects.bulk_create([row])


Write = Callable[[YearlyAction, dict[str, Any]], None]
UPDATES: list[Write] = [by_update, by_save, by_bulk_update, by_sql]
WAYS: list[Write] = [*UPDATES, by_insert]


def foreign_rating() -> Rating:
    """A step of another manifesto's scale."""
    manifesto, _ = Manifesto.objects.get_or_create(
        slug="2025", defaults={"title": "次", "first_fiscal_year": 2025}
    )
    rating, _ = Rating.objects.get_or_create(
        manifesto=manifesto, position=1, defaults={"code": "A", "label": "達成"}
    )
    return rating


NO_REASON = "評価が前回の公表と違うときは、評価を変えた理由を書いてください。"
OFF_SCALE = "その評価は、このマニフェストの区分にありません。"
# The constraint (none: a trigger and `clean` hold the rule), the state, what is written, and the words.
ACTIONS: dict[str, tuple[str, str, Callable[[Workspace], dict[str, Any]], str]] = {
    "a state outside the list": (
        "action_state_known",
        DRAFT,
        lambda s: {"state": "lost"},
        "その状態はありません。",
    ),
    "approved by nobody": (
        "approved_needs_approver",
        APPROVED,
        lambda s: {"approved_by_id": None},
        "承認した人が記録されていません。",
    ),
    "approved but submitted by nobody": (
        "approved_needs_approver",
        APPROVED,
        lambda s: {"submitted_by_id": None},
        "承認した人が記録されていません。",
    ),
    "submitted by nobody": (
        "submitted_needs_submitter",
        SUBMITTED,
        lambda s: {"submitted_by_id": None},
        "提出した人が記録されていません。",
    ),
    "waits for the head, sent by nobody": (
        "submitted_needs_submitter",
        IN_SECTION,
        lambda s: {"submitted_by_id": None},
        "提出した人が記録されていません。",
    ),
    "confirmed and a draft": (
        "confirmed_was_handed_in",
        DRAFT,
        lambda s: {"confirmed_by_id": s.cast.clerk.pk},
        "課長が確認したのは、提出された取組だけです。",
    ),
    "submitted at no time": (
        "submitted_needs_submitter",
        SUBMITTED,
        lambda s: {"submitted_at": None},
        "提出した人が記録されていません。",
    ),
    "approved by who submitted": (
        "nobody_approves_their_own",
        APPROVED,
        lambda s: {"approved_by_id": s.cast.clerk.pk},
        "自分が提出したものは承認できません。",
    ),
    "returned without a reason": (
        "returned_needs_reason",
        RETURNED,
        lambda s: {"return_reason": ""},
        "差し戻すときは、理由を書いてください。",
    ),
    "a field that is none": (
        "return_field_known",
        RETURNED,
        lambda s: {"return_field": "mayor"},
        "差戻しの対象が、入力欄ではありません。",
    ),
    "a changed rating without a reason": (
        "changed_rating_needs_reason",
        SUBMITTED,
        lambda s: {"rating_id": s.ratings["A"].pk},
        NO_REASON,
    ),
    "a rating taken away without a reason": (
        "changed_rating_needs_reason",
        APPROVED,
        lambda s: {"rating_id": None},
        NO_REASON,
    ),
    "a reason taken away": (
        "changed_rating_needs_reason",
        APPROVED,
        lambda s: {"reference_rating_id": s.ratings["A"].pk},
        NO_REASON,
    ),
    "a rating and none": (
        "rated_or_unrated",
        DRAFT,
        lambda s: {"is_unrated": True},
        "評価を選ぶか、評価を付けないか、どちらかにしてください。",
    ),
    "a rating of another scale": ("", DRAFT, lambda s: {"rating_id": foreign_rating().pk}, OFF_SCALE),
}
# Where Django's own check of a list of choices speaks first.
CHOICE_WORDS = {"a state outside the list": "'lost' は有効な選択肢ではありません。"}


def test_every_rule_is_tested() -> None:
    of_actions = {constraint for constraint, *_rest in ACTIONS.values() if constraint}
    assert set(BROKEN) | of_actions | {"one_action_per_year"} == constraints_of("reporting")


@pytest.mark.parametrize("write", WAYS)
@pytest.mark.parametrize("name", ACTIONS)
def test_no_way_breaks_a_rule(space: Workspace, name: str, write: Write) -> None:
    _constraint, state, change, _message = ACTIONS[name]
    action, values = put(space, state), change(space)
    before = list(YearlyAction.objects.order_by("pk").values())
    with pytest.raises(IntegrityError), transaction.atomic():
        write(action, values)
    assert list(YearlyAction.objects.order_by("pk").values()) == before


@pytest.mark.parametrize("name", ACTIONS)
def test_the_validation_tells_it_in_words(space: Workspace, name: str) -> None:
    constraint, state, change, message = ACTIONS[name]
    action = put(space, state)
    for column, value in change(space).items():
        setattr(action, column, value)
    with pytest.raises(ValidationError) as caught:
        action.full_clean()
    assert caught.value.messages == [CHOICE_WORDS.get(name, message)]
    if constraint:
        with pytest.raises(ValidationError) as caught:
            action.validate_constraints()
        assert caught.value.messages == [message]


@pytest.mark.parametrize("write", WAYS)
@pytest.mark.parametrize("state", ActionState.values)
def test_a_row_as_the_workflow_leaves_it_passes(space: Workspace, state: str, write: Write) -> None:
    action = put(space, state)
    action.full_clean()
    write(action, {"plan": "・別の予定。"})


@pytest.mark.parametrize("write", UPDATES)
@pytest.mark.parametrize("before", ActionState.values)
def test_a_state_changes_only_along_the_table(space: Workspace, before: str, write: Write) -> None:
    action = put(space, before)
    allowed = set()
    for after in ActionState.values:
        try:
            with transaction.atomic():
                write(action, valid(space, after))
                allowed.add(after)
                transaction.set_rollback(True)
        except DatabaseError as problem:
            assert "その状態には変えられません。" in str(problem)  # noqa: PT017
    assert allowed == {before} | {str(after) for start, after in TRANSITIONS if start == before}


@pytest.mark.parametrize("write", UPDATES)
def test_an_initiative_has_one_row_in_a_round(space: Workspace, write: Write) -> None:
    first, second = space.rows()[:2]
    with pytest.raises(IntegrityError), transaction.atomic():
        write(second, {"initiative_id": first.initiative_id})
    with pytest.raises(IntegrityError), transaction.atomic():
        YearlyAction.objects.create(initiative_id=first.initiative_id, round=space.round)
    with pytest.raises(ValidationError) as caught:
        YearlyAction(initiative_id=first.initiative_id, round=space.round).full_clean()
    assert caught.value.messages == ["この年度の取組はすでにあります。"]


def test_a_rated_row_does_not_move_to_another_manifestos_round(space: Workspace) -> None:
    action = put(space, DRAFT)
    elsewhere = foreign_rating().manifesto.rounds.create(fiscal_year=2025, as_of=timezone.localdate())
    for write in UPDATES:
        with pytest.raises(IntegrityError, match=OFF_SCALE), transaction.atomic():
            write(action, {"round_id": elsewhere.pk})


def test_a_rating_in_use_is_not_deleted(space: Workspace) -> None:
    put(space, DRAFT)
    with pytest.raises(ProtectedError):
        space.ratings["B"].delete()


ALLOWED: dict[str, dict[str, Any]] = {
    "returned with a reason": {"state": RETURNED, "return_reason": "直してください"},
    "submitted by one, approved by another": {"submitted_by": "clerk", "approved_by": "planner"},
    "approved": {"state": APPROVED, "submitted_by": "clerk", "submitted_at": "now", "approved_by": "planner"},
    "imported": {"state": APPROVED, "is_imported": True},
    "imported and reported before": {"state": APPROVED, "is_imported": True, "was_reported": True},
    "imported with the same rating": {
        "state": APPROVED,
        "is_imported": True,
        "was_reported": True,
        "rating": "A",
        "reference_rating": "A",
    },
    "imported with a reason for another rating": {
        "state": APPROVED,
        "is_imported": True,
        "was_reported": True,
        "rating": "A",
        "rating_reason": "達成したため",
    },
    "a draft with another rating, still without a reason": {
        "state": DRAFT,
        "was_reported": True,
        "rating": "A",
    },
}


@pytest.mark.parametrize("name", ALLOWED)
def test_what_is_allowed_is_saved(space: Workspace, name: str) -> None:
    pledge = space.row().initiative.pledge
    further = Initiative.objects.create(pledge=pledge, position=9, first_fiscal_year=2021)
    known = vars(space.cast) | space.ratings | {"now": timezone.now()}
    values = {key: known.get(value, value) for key, value in ALLOWED[name].items()}
    assert_allowed(YearlyAction(initiative=further, round=space.round, **values))


# --- the same fact asked of a row and of the database


def set_row(space: Workspace, **values: Any) -> YearlyAction:
    """The first row with other values."""
    YearlyAction.objects.filter(pk=space.row().pk).update(**values)
    return space.row()


def test_every_state_is_open_or_handed_in() -> None:
    assert sorted([*OUTSTANDING, *HANDED_IN]) == sorted([*OPEN_STATES, *BOUND]) == sorted(ActionState)
    assert set(OUTSTANDING) & set(BOUND) == {IN_SECTION}


@pytest.mark.parametrize("due_in", [None, -1, 0, 1])
def test_python_and_the_database_agree_on_what_is_late(space: Workspace, due_in: int | None) -> None:
    today, now = timezone.localdate(), timezone.now()
    due_on = None if due_in is None else today + timedelta(days=due_in)
    ReportingRound.objects.filter(pk=space.round.pk).update(due_on=due_on, opens_on=None)
    moments = [None, now - timedelta(days=2), now]
    late = set()
    with triggers.removed(connection):
        for state, moment in product(ActionState, moments):
            if (state in BOUND) == (moment is not None) or (state, moment) == (ActionState.APPROVED, None):
                row = set_row(
                    space, state=state, submitted_at=moment, submitted_by=space.cast.clerk, return_reason="x",
                    approved_by=space.cast.planner, is_imported=moment is None, was_reported=False,
                )  # fmt: skip
                found = YearlyAction.objects.filter(late_rows(row.round), pk=row.pk).exists()
                assert row.is_late is found, (state, moment)
                if found:
                    late.add((state, moment and (today - timezone.localdate(moment)).days))
    is_past = {(state, None) for state in OPEN_STATES} | {(state, 0) for state in HANDED_IN}
    is_past |= {
        (IN_SECTION, 2),
        (IN_SECTION, 0),
    }  # it has not reached the planning office, whenever it was sent
    assert late == (is_past if due_in == -1 else set())


@pytest.mark.parametrize("was_reported", [True, False])
def test_python_and_the_database_agree_on_ratings(space: Workspace, was_reported: bool) -> None:
    answers = [None, space.ratings["A"], space.ratings["B"]]
    for rating, reference, is_unrated in product(answers, answers, [True, False]):
        if rating is None or not is_unrated:
            row = set_row(
                space,
                was_reported=was_reported,
                rating=rating,
                reference_rating=reference,
                is_unrated=is_unrated,
            )
            own = YearlyAction.objects.filter(pk=row.pk)
            assert row.has_rating is own.filter(HAS_RATING).exists()
            assert own.filter(UNCHANGED_RATING).exists() is (was_reported and not row.rating_changed)
            assert row.rating_changed is (was_reported and rating != reference)


# --- names


def test_rows_name_themselves(space: Workspace) -> None:
    rows = [space.round, space.row(), Event(number=3, subject="manifesto:2021")]
    assert [str(row) for row in rows] == ["2021 2024", "2024 ①駅を直します (1)", "3 manifesto:2021"]
