"""The rules of a yearly action are the database's too: no way round the workflow, by the ORM or by SQL,
breaks one.
"""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from tests.workspace import Workspace
from tracker import triggers
from tracker.choices import TRANSITIONS, ActionState
from tracker.models import Manifesto, Rating, YearlyAction

pytestmark = pytest.mark.django_db

NOT_STARTED, DRAFT, SUBMITTED, RETURNED, APPROVED = ActionState


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


# From which state, what is written, and the message of the full validation.
BROKEN: dict[str, tuple[str, Callable[[Workspace], dict[str, Any]], str]] = {
    "a state outside the list": (DRAFT, lambda s: {"state": "lost"}, "'lost' は有効な選択肢ではありません。"),
    "approved by nobody": (APPROVED, lambda s: {"approved_by_id": None}, "承認した人が記録されていません。"),
    "approved but submitted by nobody": (
        APPROVED,
        lambda s: {"submitted_by_id": None},
        "承認した人が記録されていません。",
    ),
    "submitted by nobody": (
        SUBMITTED,
        lambda s: {"submitted_by_id": None},
        "提出した人が記録されていません。",
    ),
    "submitted at no time": (SUBMITTED, lambda s: {"submitted_at": None}, "提出した人が記録されていません。"),
    "approved by who submitted": (
        APPROVED,
        lambda s: {"approved_by_id": s.cast.clerk.pk},
        "自分が提出したものは承認できません。",
    ),
    "returned without a reason": (
        RETURNED,
        lambda s: {"return_reason": ""},
        "差し戻すときは、理由を書いてください。",
    ),
    "a field that is none": (
        RETURNED,
        lambda s: {"return_field": "mayor"},
        "'mayor' は有効な選択肢ではありません。",
    ),
    "a changed rating without a reason": (
        SUBMITTED,
        lambda s: {"rating_id": s.ratings["A"].pk},
        "評価が前回の公表と違うときは、評価を変えた理由を書いてください。",
    ),
    "a rating taken away without a reason": (
        APPROVED,
        lambda s: {"rating_id": None},
        "評価が前回の公表と違うときは、評価を変えた理由を書いてください。",
    ),
    "a reason taken away": (
        APPROVED,
        lambda s: {"reference_rating_id": s.ratings["A"].pk},
        "評価が前回の公表と違うときは、評価を変えた理由を書いてください。",
    ),
    "a rating and none": (
        DRAFT,
        lambda s: {"is_unrated": True},
        "評価を選ぶか、評価を付けないか、どちらかにしてください。",
    ),
    "a rating of another scale": (
        DRAFT,
        lambda s: {"rating_id": foreign_rating().pk},
        "その評価は、このマニフェストの区分にありません。",
    ),
}


@pytest.mark.parametrize("write", WAYS)
@pytest.mark.parametrize("name", BROKEN)
def test_no_way_breaks_a_rule(space: Workspace, name: str, write: Write) -> None:
    state, change, _message = BROKEN[name]
    action, values = put(space, state), change(space)
    before = list(YearlyAction.objects.order_by("pk").values())
    with pytest.raises(IntegrityError), transaction.atomic():
        write(action, values)
    assert list(YearlyAction.objects.order_by("pk").values()) == before


@pytest.mark.parametrize("name", BROKEN)
def test_the_full_validation_tells_it_in_words(space: Workspace, name: str) -> None:
    state, change, message = BROKEN[name]
    action = put(space, state)
    for column, value in change(space).items():
        setattr(action, column, value)
    with pytest.raises(ValidationError) as caught:
        action.full_clean()
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


@pytest.mark.parametrize("write", [by_update, by_save, by_bulk_update, by_sql])
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
        with (
            pytest.raises(IntegrityError, match="その評価は、このマニフェストの区分にありません。"),
            transaction.atomic(),
        ):
            write(action, {"round_id": elsewhere.pk})


def test_a_rating_in_use_is_not_deleted(space: Workspace) -> None:
    put(space, DRAFT)
    with pytest.raises(ProtectedError):
        space.ratings["B"].delete()
