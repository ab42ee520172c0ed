"""The pages of entry sheets ask the database as often for 207 rows as for 20, and seldom."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.entry_sheets.filling import filled
from tests.entry_sheets.sheets import received
from tests.staff.people import logged_in
from tests.staff.sizes import sized_round
from tests.workspace import Workspace, make_workspace
from tracker.entry_sheets import applying, exporting, planning
from tracker.models import SheetBatch

pytestmark = pytest.mark.django_db
MOST = 22


def queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    assert len(captured) <= MOST, [query["sql"][:200] for query in captured]
    return len(captured)


@pytest.fixture
def spaces() -> list[Workspace]:
    """Two rounds with the same people in them."""
    few = make_workspace(20)
    return [few, make_workspace(207, slug="2017", cast=few.cast)]


def uploaded(space: Workspace) -> SheetBatch:
    """An answer in every row of the round, taken in by the planning office."""
    planner = space.cast.planner
    content = exporting.export(space.round, by=planner)[1]
    answers = {row.pk: {"result": f"・{row.place}", "rating": "A", "plan": "・次"} for row in space.rows()}
    batch = received(space, filled(content, answers), planner, submits=True)
    assert batch.total == len(answers)
    return batch


@pytest.mark.parametrize("size", [20, 207])
def test_sheets_and_past_batches_of_a_round(size: int) -> None:
    round, cast = sized_round(size)
    for number in range(size // 10):
        SheetBatch.objects.create(
            owner=cast.clerk, round=round, file_name=f"{number}.xlsx", file_digest="0" * 64
        )
    assert queries(logged_in(cast.planner), f"/staff/rounds/{round.pk}/sheets/") <= 9


@pytest.mark.parametrize("rest", ["?show=changes", "?show=all", "errors.xlsx"])
def test_an_uploaded_sheet(spaces: list[Workspace], rest: str) -> None:
    client = logged_in(spaces[0].cast.planner)
    few, many = (queries(client, f"/staff/sheets/{uploaded(space).key}/{rest}") for space in spaces)
    assert few == many


def test_the_outcome(spaces: list[Workspace]) -> None:
    planner, counts = spaces[0].cast.planner, []
    for space in spaces:
        batch = uploaded(space)
        applying.confirm(batch, by=planner, seen=planning.plan_of(batch, planner).digest)
        counts.append(queries(logged_in(planner), f"/staff/sheets/{batch.key}/"))
    assert counts[0] == counts[1]


def test_a_confirmation(spaces: list[Workspace]) -> None:
    planner, counts = spaces[0].cast.planner, []
    for space in spaces:
        batch, client = uploaded(space), logged_in(planner)
        sent = {"act": "confirm", "seen": planning.plan_of(batch, planner).digest, "shown": ""}
        with CaptureQueriesContext(connection) as captured:
            assert client.post(f"/staff/sheets/{batch.key}/", sent).status_code == 302
        assert SheetBatch.objects.get(pk=batch.pk).state == "applied"
        counts.append(len(captured))
    assert counts[1] - counts[0] <= 4  # what grows does so by hundreds of rows
    assert counts[1] <= 35
