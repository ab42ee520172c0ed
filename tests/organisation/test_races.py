"""Many at once, and killed in the middle: exactly one winner, the old people or the new ones."""

from typing import Any

import pytest

from tests.apart import empty_databases, run
from tests.organisation.racing import KILLS, PEOPLE, THREADS

pytestmark = [pytest.mark.long, pytest.mark.both]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    with empty_databases(tmp_path_factory.mktemp("people"), "people") as (url,):
        return dict(run("tests.organisation.racing", url=url, state=tmp_path_factory.mktemp("state")))


def test_one_list_wins_and_the_others_see_what_changed(told: dict[str, Any]) -> None:
    assert told["race_to_apply"] == {"outcomes": {"": 1, "ShownOtherwise": THREADS - 1}, "events": 1}


def test_administrators_who_close_each_other_leave_one(told: dict[str, Any]) -> None:
    played = told["race_to_close_each_other"]
    assert (played["left"], played["outcomes"]) == (1, {"": 1, "PermissionDenied": THREADS - 1})


def test_a_number_is_used_once(told: dict[str, Any]) -> None:
    assert told["race_to_accept"] == {"outcomes": {"": 1, "InvitationProblem": THREADS - 1}, "events": 1}


def test_who_is_invited_by_several_has_one_link(told: dict[str, Any]) -> None:
    assert told["race_to_invite"] == {"outcomes": {"": THREADS}, "invitations": 20, "batches": 1}


def test_a_sudden_death_leaves_the_old_people_or_the_new_ones(told: dict[str, Any]) -> None:
    assert len(told["kills"]) == KILLS
    for kill in told["kills"]:
        (before, unequal), (after, still) = kill["before"], kill["after"]
        assert (unequal, still) == (0, 0)  # an event for each list that was applied, and for no other
        assert after - before in ({PEOPLE} if kill["done"] else {0, PEOPLE})
    assert told["broken"] == "None"
