"""What tests of the way through many rows share."""

import pytest

from tests.repeating import once
from tests.workspace import Workspace, make_workspace
from tracker.models import Assignment


@pytest.fixture
def six_rows(db: None) -> Workspace:
    """Six rows, all of them the clerk's."""
    return once(_make_six_rows)


def _make_six_rows() -> Workspace:
    made = make_workspace(6)
    Assignment.objects.all().delete()
    duties = (Assignment(initiative=row.initiative, department=made.mine) for row in made.rows())
    Assignment.objects.bulk_create(duties)
    return made
