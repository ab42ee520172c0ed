"""The largest sheet is far within the server's time-out; who brings a long one is told how long it takes."""

from typing import Any

import pytest
from django.db import connection

from manifesto import gunicorn
from tests.entry_sheets.filling import filled
from tests.entry_sheets.sheets import received
from tests.workspace import Workspace, make_workspace
from tracker.entry_sheets import applying, exporting, limits, planning
from tracker.entry_sheets.limits import MAX_SHEET_ROWS, REQUEST_SECONDS, seconds_of_waiting
from tracker.workbooks.safe_reading import PATIENCE_SECONDS, TURN_SECONDS

MILLISECOND = 0.001  # for a statement, or a row of one: three times what it takes


def test_the_server_waits_longer_than_any_sheet_takes() -> None:
    assert gunicorn.timeout == REQUEST_SECONDS
    assert (seconds_of_waiting(MAX_SHEET_ROWS) or 0) * 5 < REQUEST_SECONDS
    assert TURN_SECONDS + PATIENCE_SECONDS + (seconds_of_waiting(MAX_SHEET_ROWS) or 0) < REQUEST_SECONDS


@pytest.mark.parametrize(("rows", "seconds"), [(0, None), (2_000, None), (2_001, 2), (20_000, 20)])
def test_only_a_long_sheet_has_to_be_waited_for(rows: int, seconds: int | None) -> None:
    assert seconds_of_waiting(rows) == seconds
    assert limits.MAX_SHEET_ROWS == 20_000


def work_of_confirming(space: Workspace) -> int:
    """The statements, or their rows, of writing and handing in an answer in every row."""
    planner, count = space.cast.planner, 0
    answers = {row.pk: {"result": f"・{row.place}", "rating": "B", "plan": "・次"} for row in space.rows()}
    content = filled(exporting.export(space.round, by=planner)[1], answers)
    batch = received(space, content, planner, submits=True)
    seen = planning.plan_of(batch, planner).digest

    def counting(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal count
        count += len(params) if many else 1
        return execute(sql, params, many, context)

    with connection.execute_wrapper(counting):
        applying.confirm(batch, by=planner, seen=seen)
    assert {row.state for row in space.rows()} == {"submitted"}
    return count


@pytest.mark.django_db
def test_confirming_the_largest_sheet_is_far_within_the_time_out() -> None:
    few = make_workspace(20)
    many = make_workspace(60, slug="2017", cast=few.cast)
    work_of_few, work_of_many = work_of_confirming(few), work_of_confirming(many)
    work_a_row = (work_of_many - work_of_few) / 40
    assert work_a_row == 2  # it is saved, and handed in
    assert (work_of_few + MAX_SHEET_ROWS * work_a_row) * MILLISECOND < REQUEST_SECONDS / 2
