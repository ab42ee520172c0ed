"""A row that breaks a rule of its table, and one that does not: what validation and the database say."""

from collections.abc import Callable

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction

from tests.workspace import Workspace

Make = Callable[[Workspace], models.Model]
# By the constraint's name: a row that breaks it, and the words that a person reads.
Broken = dict[str, tuple[Make, str]]


def constraints_of(module: str) -> set[str]:
    """The names of all constraints of the models in a module."""
    ours = apps.get_app_config("tracker").get_models()
    tables = [model._meta for model in ours if model.__module__ == f"tracker.models.{module}"]
    return {constraint.name for table in tables for constraint in table.constraints}


def messages(row: models.Model) -> list[str]:
    """All messages of a full validation."""
    with pytest.raises(ValidationError) as caught:
        row.full_clean()
    return [message for found in caught.value.message_dict.values() for message in found]


def assert_broken(row: models.Model, message: str) -> None:
    """The row is not valid, its constraints say so in these words, and the database refuses it."""
    assert messages(row) != []
    with pytest.raises(ValidationError) as caught:
        row.validate_constraints()
    assert caught.value.messages == [message]
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


def assert_allowed(row: models.Model) -> None:
    """The row is valid and can be saved."""
    row.full_clean()
    row.save()
    assert row.pk is not None
