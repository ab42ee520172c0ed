"""What is written about who works where is written whole: cut off in it, all is as it was."""

from collections.abc import Callable

import pytest

from tests.cutting_off import cut_off
from tests.organisation.test_invitations import PASSWORD, invited
from tests.organisation.test_writing import MERGE, NEW, applied, document
from tests.workspace import Workspace
from tracker.models import Reorganisation, User
from tracker.organisation import invitations, writing

Act = Callable[[], object]


def applying(space: Workspace) -> Act:
    found = document(NEW, MERGE)
    seen = writing.fingerprint(found, writing.worked_out(found))
    return lambda: writing.apply(found, by=space.cast.planner, expected=seen)


def undoing(space: Workspace) -> Act:
    done = applied(document(NEW, MERGE), space.cast.planner)
    return lambda: writing.undo(Reorganisation.objects.get(pk=done.pk), by=space.cast.planner, reason="誤り")


def giving_up(space: Workspace) -> Act:
    found = document(NEW, MERGE)
    return lambda: writing.delete(found, by=space.cast.planner)


def inviting(space: Workspace) -> Act:
    invited(space.cast.clerk, space.cast.administrator)
    return lambda: invited(space.cast.clerk, space.cast.administrator)


def asking(space: Workspace) -> Act:
    clerk = space.cast.clerk
    User.objects.filter(pk=clerk.pk).update(email="clerk@city.example")
    return lambda: invitations.ask(clerk.username)


def accepting(space: Workspace) -> Act:
    clerk = space.cast.clerk
    number = invitations.number_of(invited(clerk, space.cast.administrator))
    return lambda: invitations.accept(clerk.username, number, PASSWORD)


@pytest.mark.parametrize("begin", [applying, undoing, giving_up, inviting, asking, accepting])
def test_an_act_that_is_cut_off_has_done_nothing(space: Workspace, begin: Callable[..., Act]) -> None:
    cut_off(begin(space))
