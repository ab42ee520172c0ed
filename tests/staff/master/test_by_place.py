"""Lists of master data and records are searched by the place of a pledge or an initiative."""

import pytest
from django.db.models import Model
from django.test import Client

from tests.staff.master.browsing import page
from tests.staff.people import logged_in
from tests.workspace import Workspace
from tracker.cycle import catalogue
from tracker.models import Initiative, Pledge, YearlyAction

TYPED = ["1-1-1-2", "１－１－１－２", " 1‐1‐1‐2 ", "1ー1ー1ー2"]


def found(client: Client, model: type[Model], words: str) -> list[Model]:
    response = client.get(page(model), {"q": words})
    assert response.status_code == 200
    return list(response.context["cl"].result_list)


@pytest.mark.parametrize("typed", TYPED)
def test_an_initiative_is_found_by_its_place(planner: Client, space: Workspace, typed: str) -> None:
    assert found(planner, Initiative, typed) == [space.row(2).initiative]


def test_all_of_a_pledge_are_found_by_its_place(planner: Client, space: Workspace) -> None:
    assert len(found(planner, Initiative, "1-1-1")) == len(space.rows())
    assert found(planner, Pledge, "1-1-1") == [space.row().initiative.pledge]
    assert found(planner, Pledge, "1-1-1-2") == [space.row().initiative.pledge]
    assert found(planner, Initiative, "1-1-9-1") == []


def test_the_years_of_an_initiative_are_found(planner: Client, space: Workspace) -> None:
    rows = found(planner, YearlyAction, "1-1-1-2")
    assert [row.initiative_id for row in rows] == [space.row(2).initiative_id] * 2  # type: ignore[attr-defined]


def test_a_short_place_is_found_where_there_are_such(planner: Client, space: Workspace) -> None:
    pledge = space.row().initiative.pledge
    assert found(planner, Pledge, "1-1") == []  # the words may hold it; a place it is not
    pledge.section = catalogue.unnamed_section(space.manifesto, pledge.section.parent)
    pledge.save()
    assert pledge.place == "1-1"
    assert found(planner, Pledge, "1-1") == [pledge]
    assert found(planner, Initiative, "1-1-2") == [space.row(2).initiative]
    rows = logged_in(space.cast.planner).get("/staff/queue/", {"state": "all", "q": "1-1-2"})
    assert [action.pk for action in rows.context["page"].object_list] == [space.row(2).pk]
