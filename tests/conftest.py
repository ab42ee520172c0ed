"""What all tests share: the published demo, loaded once a module, and emptying tables that refuse it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test import TransactionTestCase
from pytest_django import DjangoDbBlocker

from tracker import triggers
from tracker.models import Report
from tracker.spreadsheets.reading import read_table
from tracker.spreadsheets.table import Table

FIXTURE = Path(__file__).parent.parent / "fixtures" / "isesaki_manifesto_2024-03.txt"


@pytest.fixture(scope="session")
def table() -> Table:
    """The city's own table as it is read. Shared: do not change it."""
    return read_table(FIXTURE)


@pytest.fixture(scope="module")
def demo(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Report]:
    """The city's own table, imported and published. Shared by a module's tests and rolled back after them.

    A test that uses it also needs `db`; what the test writes is rolled back at its own end.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("import_report", FIXTURE, publish=True, verbosity=0)
        yield Report.objects.get()
        transaction.set_rollback(True)


@pytest.fixture(autouse=True, scope="session")
def _emptying_without_triggers() -> Iterator[None]:
    """Transactional tests end with a flush, which the append-only triggers refuse."""
    original = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]

    def teardown(self: TransactionTestCase) -> None:
        with triggers.removed(connection):
            original(self)

    TransactionTestCase._fixture_teardown = teardown  # type: ignore[attr-defined]
    yield
    TransactionTestCase._fixture_teardown = original  # type: ignore[attr-defined]
