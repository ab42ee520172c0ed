"""What tests of entry sheets share: a small workspace made by hand."""

from collections.abc import Iterator

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from tests.workspace import Workspace, make_workspace


@pytest.fixture(scope="module")
def made(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Workspace]:
    """Made once for a module's tests, and rolled back after them."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_workspace()
        transaction.set_rollback(True)


@pytest.fixture
def space(made: Workspace, db: None) -> Workspace:
    return made
