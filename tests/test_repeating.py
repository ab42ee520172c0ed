"""What is written once is the same when it is repeated, and is written anew when anything is otherwise."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection, transaction
from django.utils import timezone

from tests import repeating
from tests.repeating import once
from tracker.models import Department

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL gives no number twice"),
]


class Maker:
    """Makes departments and counts how often."""

    times = 0

    def __call__(self, name: str, code: str = "001") -> list[Department]:
        self.times += 1
        made = Department.objects.create(code=code, name=name)
        Department.objects.filter(pk=made.pk).update(name=f"{name}課")
        return [made]


def taken_back(make: Maker, *given: str, **more: str) -> tuple[list[Department], bytes]:
    """What it returns and how the database stands then; nothing stays."""
    with transaction.atomic():
        made = once(make, *given, **more)
        stands = connection.connection.serialize()
        transaction.set_rollback(True)
    return made, stands


def test_repeated_it_leaves_the_same_database_byte_for_byte() -> None:
    make = Maker()
    first, again = taken_back(make, "土木"), taken_back(make, "土木")
    assert make.times == 1
    assert first == again
    assert again[0][0] is not first[0][0]  # each test may change its own


def test_with_other_arguments_or_another_database_it_is_made_anew() -> None:
    make = Maker()
    taken_back(make, "土木")
    assert [each.name for each in taken_back(make, "農政")[0]] == ["農政"]
    assert [each.code for each in taken_back(make, "土木", code="002")[0]] == ["002"]
    Department.objects.create(code="009", name="市民課")
    taken_back(make, "土木")
    assert make.times == 4


def test_with_another_clock_or_after_a_while_it_is_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    make = Maker()
    taken_back(make, "土木")
    with time_machine.travel(timezone.now() + timedelta(minutes=10)):
        taken_back(make, "土木")
    assert make.times == 2
    monkeypatch.setattr(repeating, "YOUNG", 0.0)
    taken_back(make, "土木")
    assert make.times == 3


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_it_is_made_each_time() -> None:
    make = Maker()
    for code in ("001", "002"):
        once(make, "土木", code=code)
        Department.objects.all().delete()
    once(make, "土木", code="001")
    assert make.times == 3
