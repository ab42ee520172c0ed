"""Each act on a row is written whole or not at all: where its event cannot be recorded, the row stays."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.staff.people import fill, submit
from tests.workspace import Workspace, make_workspace
from tracker.cycle import events, workflow
from tracker.models import Event, YearlyAction

pytestmark = pytest.mark.django_db(transaction=True)

Begin = Callable[[Workspace], YearlyAction]
Act = Callable[[Workspace, YearlyAction], object]


def drafted(space: Workspace) -> YearlyAction:
    return fill(space.row(), space.cast.clerk)


def submitted(space: Workspace) -> YearlyAction:
    return submit(space.row(), space.cast.clerk)


def approved(space: Workspace) -> YearlyAction:
    row = submitted(space)
    return workflow.approve(row.pk, by=space.cast.planner, version=row.version)


ACTS: dict[str, tuple[Begin, Act]] = {
    "submit": (drafted, lambda space, row: workflow.submit(row.pk, by=space.cast.clerk, version=row.version)),
    "approve": (
        submitted,
        lambda space, row: workflow.approve(row.pk, by=space.cast.planner, version=row.version),
    ),
    "send_back": (
        submitted,
        lambda space, row: workflow.send_back(
            row.pk, by=space.cast.planner, version=row.version, reason="理由"
        ),
    ),
    "reopen": (
        approved,
        lambda space, row: workflow.reopen(row.pk, by=space.cast.planner, version=row.version, reason="理由"),
    ),
    "approve_all": (
        submitted,
        lambda space, row: workflow.approve_all([(row.pk, row.version)], by=space.cast.planner),
    ),
}


@pytest.mark.parametrize("name", ACTS)
def test_without_its_event_nothing_is_written(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    space = make_workspace()
    begin, act = ACTS[name]
    row = begin(space)
    before: dict[str, Any] = YearlyAction.objects.values().get(pk=row.pk)
    count = Event.objects.count()

    def fails(*_arguments: object, **_named: object) -> None:
        assert YearlyAction.objects.values().get(pk=row.pk) != before  # it was written, and is taken back
        raise OSError("the event cannot be recorded")

    monkeypatch.setattr(events, "record_all", fails)
    with pytest.raises(OSError, match="the event"):
        act(space, row)
    assert (YearlyAction.objects.values().get(pk=row.pk), Event.objects.count()) == (before, count)
