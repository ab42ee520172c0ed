"""The migrations are those of the models."""

from io import StringIO

import pytest
from django.core.management import call_command

pytestmark = pytest.mark.django_db


def test_no_migration_is_pending() -> None:
    out = StringIO()
    try:
        call_command("makemigrations", check=True, dry_run=True, stdout=out)
    except SystemExit:
        pytest.fail(f"models and migrations differ:\n{out.getvalue()}")


def test_every_migration_is_applied() -> None:
    out = StringIO()
    try:
        call_command("migrate", check_unapplied=True, stdout=out)
    except SystemExit:
        pytest.fail(f"not applied:\n{out.getvalue()}")
