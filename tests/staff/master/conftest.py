"""What tests of master data share: the small workspace with a plan project, and who keeps it."""

import pytest
from django.test import Client

from tests.staff.people import logged_in
from tests.workspace import Workspace
from tracker.models import PlanProject


@pytest.fixture
def project(space: Workspace) -> PlanProject:
    """A plan project of the first row's initiative."""
    values = {"code": "2-2-3①", "base_code": "2-2-3", "name": "企業誘致の推進"}
    project = PlanProject.objects.create(manifesto=space.manifesto, **values)
    space.row().initiative.plan_projects.add(project)
    return project


@pytest.fixture
def planner(space: Workspace, project: PlanProject) -> Client:
    return logged_in(space.cast.planner)


@pytest.fixture
def administrator(space: Workspace, project: PlanProject) -> Client:
    return logged_in(space.cast.administrator)
