"""What a sheet would do, as its preview tells it."""

from typing import Any

import pytest

from tests.entry_sheets.filling import filled
from tests.entry_sheets.sheets import received, sheet_of
from tests.staff.people import fill, submit
from tests.workspace import Workspace
from tracker.cycle import rounds
from tracker.cycle.workflow import Content
from tracker.entry_sheets import applying, exporting, planning
from tracker.entry_sheets.file.comparison import UNKNOWN_ROW
from tracker.entry_sheets.planning import PICKED_VERSION, Plan
from tracker.models import YearlyAction
from tracker.words.three_way import MINE

pytestmark = pytest.mark.django_db


def plan(
    space: Workspace, answers: dict[int, dict[str, str]], made: bytes | None = None, **values: Any
) -> Plan:
    """What the clerk's sheet with these answers would do, by the number of the row."""
    clerk = space.cast.clerk
    by_id = {space.row(number).pk: cells for number, cells in answers.items()}
    batch = received(space, filled(made or sheet_of(space, clerk), by_id), clerk, **values)
    return planning.plan_of(batch, clerk)


def offered(made: Plan) -> list[bool]:
    return [made.is_offered(row) for row in made.rows]


def test_a_complete_draft_that_waits_is_handed_in(space: Workspace) -> None:
    draft = fill(space.row(1), space.cast.colleague)
    made = plan(space, {}, submits=True)
    assert {pk: (answer.submits, answer.content) for pk, answer in made.answers.items()} == {
        draft.pk: (True, Content.of(draft))
    }
    assert (offered(made), offered(plan(space, {}))) == ([True, False], [False, False])


def test_a_draft_that_was_left_out_can_be_taken_again_where_sheets_hand_in(space: Workspace) -> None:
    draft, clerk = fill(space.row(1), space.cast.colleague), space.cast.clerk
    for submits in (True, False):
        batch = received(space, sheet_of(space, clerk), clerk, submits=submits)
        batch.left_out = [draft.pk]
        made = planning.plan_of(batch, clerk)
        assert (made.answers, offered(made)) == ({}, [submits, False])


def test_a_draft_that_waits_in_a_closed_round_is_not_handed_in(space: Workspace) -> None:
    fill(space.row(1), space.cast.colleague)
    content = sheet_of(space, space.cast.clerk)
    rounds.close(space.round, by=space.cast.planner)
    space.round.refresh_from_db()
    made = plan(space, {}, content, submits=True)
    assert (made.answers, offered(made)) == ({}, [False, False])


def test_a_submitted_row_is_not_handed_in_again(space: Workspace) -> None:
    submit(space.row(1), space.cast.colleague)
    made = plan(space, {}, submits=True)
    assert (made.answers, offered(made)) == ({}, [False, False])


@pytest.mark.parametrize(
    ("answers", "undecided"),
    [({}, True), ({"rating": "Z"}, False)],
    ids=["the conflict alone", "an error beside it"],
)
def test_a_conflict_waits_for_a_choice_where_the_row_can_be_taken(
    space: Workspace, answers: dict[str, str], undecided: bool
) -> None:
    content = sheet_of(space, space.cast.clerk)
    row = fill(space.row(1), space.cast.colleague, result="・会議")
    made = plan(space, {1: {"result": "・駅", **answers}}, content)
    assert [each.id for each in made.undecided] == ([row.pk] if undecided else [])


def test_a_row_with_a_message_is_not_one_of_those_with_nothing_to_tell(space: Workspace) -> None:
    """A foreign row, left empty."""
    _made, content = exporting.export(space.round, by=space.cast.planner)
    made = plan(space, {}, content)
    told = {row.id: (row.message, len(row.cells)) for row in made.rows}
    assert [told[row.pk] for row in space.rows()] == [("", 0), (UNKNOWN_ROW, 0), ("", 0), (UNKNOWN_ROW, 0)]
    assert (made.same_count, sum(row.has_error for row in made.rows), made.answers) == (2, 2, {})


@pytest.mark.parametrize(("was_reported", "fields"), [(True, ["rating_reason"]), (False, [])])
def test_a_rating_needs_a_reason_only_where_there_is_one_to_differ_from(
    space: Workspace, was_reported: bool, fields: list[str]
) -> None:
    if not was_reported:
        YearlyAction.objects.filter(pk=space.row(1).pk).update(was_reported=False, reference_rating=None)
    made = plan(space, {1: {"result": "・駅", "rating": "A"}})
    assert list(made.lacks(made.rows[0])) == fields


def test_a_row_is_offered_that_would_change_something_or_waits_for_a_choice(space: Workspace) -> None:
    content = sheet_of(space, space.cast.clerk)
    assert offered(plan(space, {3: {"result": "・道"}}, content)) == [False, True]
    fill(space.row(1), space.cast.colleague, result="・会議")
    assert offered(plan(space, {1: {"result": "・駅"}}, content)) == [True, False]
    assert offered(plan(space, {1: {"result": "・駅", "rating": "Z"}}, content)) == [False, False]


@pytest.mark.parametrize("is_newer", [False, True])
def test_a_choice_counts_for_the_words_that_were_seen_only(space: Workspace, is_newer: bool) -> None:
    clerk, row = space.cast.clerk, space.row(1)
    content = sheet_of(space, clerk)
    seen = fill(row, space.cast.colleague, result="・会議")
    batch = received(space, filled(content, {row.pk: {"result": "・駅"}}), clerk)
    picks = {str(row.pk): {"result": MINE, PICKED_VERSION: str(seen.version)}}
    batch = applying.keep_choices(batch, by=clerk, picks=picks, left_out=[], submits=False)
    if is_newer:
        fill(seen, space.cast.colleague, result="・会議を 2 回")
    made = planning.plan_of(batch, clerk)
    assert ([each.id for each in made.undecided], list(made.answers)) == (
        ([row.pk], []) if is_newer else ([], [row.pk])
    )
