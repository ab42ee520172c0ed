"""A list of people is written whole or not at all."""

import pytest

from tests.organisation.people.test_applying import apply, listed_by
from tests.staff.people import person
from tracker.choices import Role
from tracker.cycle import events
from tracker.models import PeopleList
from tracker.organisation.people.stored import stored_people


@pytest.mark.django_db(transaction=True)
def test_without_its_event_nothing_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    boss = person("kanri", Role.ADMINISTRATOR)
    listed = listed_by(boss, [["n1", "鈴木 花子", "", "", "", "", ""]])
    before = stored_people()

    def fails(*_arguments: object, **_named: object) -> None:
        assert stored_people() != before
        raise OSError("the event cannot be recorded")

    monkeypatch.setattr(events, "record_all", fails)
    with pytest.raises(OSError, match="the event"):
        apply(listed, boss)
    assert (stored_people(), PeopleList.objects.get(pk=listed.pk).state) == (before, "ready")
