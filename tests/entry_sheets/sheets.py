"""Sheets made and taken in, in a word each."""

from tests.workspace import Workspace
from tracker.entry_sheets import exporting, planning, receiving
from tracker.models import SheetBatch, User


def sheet_of(space: Workspace, by: User) -> bytes:
    """The first department's sheet."""
    return exporting.export(space.round, by=by, department=space.mine)[1]


def received(
    space: Workspace, content: bytes, by: User, *, submits: bool = False, name: str = "a.xlsx"
) -> SheetBatch:
    return receiving.receive(content, file_name=name, round=space.round, by=by, submits=submits)


def outcomes(plan: planning.Plan) -> dict[tuple[int | None, str], str]:
    """What every cell that is not the same comes to."""
    return {(row.id, cell.name): str(cell.outcome) for row in plan.rows for cell in row.cells}
