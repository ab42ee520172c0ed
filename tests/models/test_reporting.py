"""The workspace: rounds, yearly actions, reminders, events."""

from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from tests.workspace import Workspace
from tracker import triggers
from tracker.choices import HANDED_IN, OPEN_STATES, ActionState
from tracker.models import ReportingRound, YearlyAction
from tracker.models.reporting import HAS_RATING, UNCHANGED_RATING, late_rows

pytestmark = pytest.mark.django_db


# --- the same fact asked of a row and of the database


def set_row(space: Workspace, **values: Any) -> YearlyAction:
    """The first row with other values."""
    YearlyAction.objects.filter(pk=space.row().pk).update(**values)
    return space.row()


def test_every_state_is_open_or_handed_in() -> None:
    assert sorted([*OPEN_STATES, *HANDED_IN]) == sorted(ActionState)


@pytest.mark.parametrize("due_in", [None, -1, 0, 1])
def test_python_and_the_database_agree_on_what_is_late(space: Workspace, due_in: int | None) -> None:
    today, now = timezone.localdate(), timezone.now()
    due_on = None if due_in is None else today + timedelta(days=due_in)
    ReportingRound.objects.filter(pk=space.round.pk).update(due_on=due_on, opens_on=None)
    moments = [None, now - timedelta(days=2), now]
    late = set()
    with triggers.removed(connection):
        for state, moment in product(ActionState, moments):
            if (state in HANDED_IN) == (moment is not None) or (state, moment) == (
                ActionState.APPROVED,
                None,
            ):
                row = set_row(
                    space, state=state, submitted_at=moment, submitted_by=space.cast.clerk, return_reason="x",
                    approved_by=space.cast.planner, is_imported=moment is None, was_reported=False,
                )  # fmt: skip
                found = YearlyAction.objects.filter(late_rows(row.round), pk=row.pk).exists()
                assert row.is_late is found, (state, moment)
                if found:
                    late.add((state, moment and (today - timezone.localdate(moment)).days))
    is_past = {(state, None) for state in OPEN_STATES} | {(state, 0) for state in HANDED_IN}
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
