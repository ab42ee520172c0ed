"""Every address of entry sheets × method × role × state of the round and of the upload: what is answered.

The expected answers are written down here once more, in plain rules, and not asked of the code.
"""

from collections.abc import Callable
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from django.utils import timezone

from tests.entry_sheets.filling import filled
from tests.entry_sheets.sheets import received, sheet_of
from tests.staff.test_permission_matrix import PLANNING, ROLES, SHEET_ROUTES, WRITABLE, answer, browser
from tests.workspace import Workspace
from tracker.choices import RoundState
from tracker.cycle import rounds
from tracker.entry_sheets import applying, planning
from tracker.models import ReportingRound, SheetBatch
from tracker.reports import publishing

SHEET_ROLES = (*ROLES, "colleague")  # who shares the owner's department, and yet not the owner's sheets
OWNER = "clerk"
SHEET_RESTS = ("sheets/", "sheet.xlsx")
BATCH_RESTS = ("", "errors.xlsx")
Prepare = Callable[[Workspace], object]
ROUND_STATES: dict[RoundState, Prepare] = {
    RoundState.OPEN: lambda space: None,
    RoundState.CLOSED: lambda space: rounds.close(space.round, by=space.cast.planner),
    RoundState.PUBLISHED: lambda space: publishing.publish(
        space.round, by="企画", unapproved_reason="間に合わないため"
    ),
    RoundState.CORRECTING: lambda space: (
        ROUND_STATES[RoundState.PUBLISHED](space),
        rounds.start_correction(space.round, by=space.cast.planner, reason="誤りがあったため"),
    ),
}


def sheets_answer(rest: str, role: str, method: str, round_state: RoundState) -> int:
    """What the page of sheets and a sheet itself answer; the form that is sent has no file."""
    if role == "anonymous":
        return 302 if method == "GET" else 401
    if method == "POST" and rest == "sheet.xlsx":
        return 405
    if role in {"stranger", "administrator"}:
        return 404 if role == "stranger" else 403
    return 200 if method == "GET" else 422 if round_state in WRITABLE else 409


@pytest.mark.parametrize("round_state", ROUND_STATES)
def test_sheets_of_a_round(space: Workspace, round_state: RoundState) -> None:
    ROUND_STATES[round_state](space)
    cells = list(product(SHEET_RESTS, SHEET_ROLES, ("GET", "POST")))
    found = {
        (rest, role, method): answer(
            browser(space.cast, role), f"/staff/rounds/{space.round.pk}/{rest}", method, {}
        )
        for rest, role, method in cells
    }
    assert found == {cell: sheets_answer(*cell, round_state) for cell in cells}


def sheet_uploaded(space: Workspace) -> SheetBatch:
    content = filled(sheet_of(space, space.cast.clerk), {space.row(1).pk: {"result": "・駅を直しました。"}})
    return received(space, content, space.cast.clerk)


def sheet_applied(space: Workspace) -> SheetBatch:
    batch = sheet_uploaded(space)
    return applying.confirm(batch, by=space.cast.clerk, seen=planning.plan_of(batch, space.cast.clerk).digest)


def sheet_undone(space: Workspace) -> SheetBatch:
    return applying.undo(sheet_applied(space), by=space.cast.clerk)


def sheet_put(**values: Any) -> Callable[[Workspace], SheetBatch]:
    def scene(space: Workspace) -> SheetBatch:
        batch = sheet_uploaded(space)
        SheetBatch.objects.filter(pk=batch.pk).update(**values)
        return batch

    return scene


BATCHES: dict[str, Callable[[Workspace], SheetBatch]] = {
    "ready": sheet_uploaded,
    "expired": sheet_put(expires_at=timezone.now() - timedelta(days=1)),
    "applied": sheet_applied,
    "undone": sheet_undone,
}
BATCH_METHODS = ("GET", "errors.xlsx", "POST errors.xlsx", "choose", "confirm", "discard", "undo")


def batch_answer(method: str, role: str, state: str, is_writable: bool) -> int:
    """What an uploaded sheet answers: its owner does everything, the planning office looks on and undoes."""
    is_get = method in {"GET", "errors.xlsx"}
    if role == "anonymous":
        return 302 if is_get else 401
    if method == "POST errors.xlsx":
        return 405
    if role != OWNER and role not in PLANNING:
        return 404
    if is_get:
        return 200 if method == "GET" or state == "ready" else 404
    if method == "undo":
        return 302 if state == "applied" and is_writable else 409
    if role != OWNER:
        return 302 if method == "choose" else 403
    if method == "discard":
        return 302 if state in {"ready", "expired"} else 409
    if state != "ready":
        return 409
    return 302 if method == "choose" or is_writable else 422  # a closed round leaves nothing to be written


@pytest.mark.long
@pytest.mark.parametrize(
    ("state", "round_state"),
    [
        *((state, RoundState.OPEN) for state in BATCHES),
        *product(("ready", "applied"), list(ROUND_STATES)[1:]),
    ],
)
def test_an_uploaded_sheet(space: Workspace, state: str, round_state: RoundState) -> None:
    batch = BATCHES[state](space)
    ROUND_STATES[round_state](space)
    batch = SheetBatch.objects.get(pk=batch.pk)
    batch.round = ReportingRound.objects.select_related("manifesto").get(pk=batch.round_id)
    form = {"seen": planning.plan_of(batch, space.cast.clerk).digest, "shown": ""}
    wanted, found = {}, {}
    for method, role in product(BATCH_METHODS, SHEET_ROLES):
        path = f"/staff/sheets/{batch.key}/{BATCH_RESTS['errors' in method]}"
        sent = {**form, "act": method}
        found[method, role] = answer(
            browser(space.cast, role), path, "GET" if method == "errors.xlsx" else method, sent
        )
        wanted[method, role] = batch_answer(method, role, state, round_state in WRITABLE)
    assert found == wanted


def test_these_are_the_addresses_of_entry_sheets() -> None:
    asked = {f"staff/rounds/<int:pk>/{rest}" for rest in SHEET_RESTS} | {
        f"staff/sheets/<slug:key>/{rest}" for rest in BATCH_RESTS
    }
    assert asked == SHEET_ROUTES
