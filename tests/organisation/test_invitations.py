"""Invitations: valid a week, once, for one person; who may make them; what ends them; what leaks nowhere."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.staff.people import logged_in, person
from tests.workspace import Workspace
from tracker.choices import Role
from tracker.models import Event, Invitation, User
from tracker.models.invitations import VALID_FOR
from tracker.organisation import invitations
from tracker.organisation.invitations import (
    NO_SUCH_NUMBER,
    SHARED_ADDRESS,
    WITHOUT_ADDRESS,
    InvitationProblem,
    number_of,
)

PASSWORD = "ながいあいことば2024"


def invited(user: User, by: User) -> Invitation:
    [made] = invitations.invite([user.pk], by=by, by_mail=False).invitations
    return made


def is_open(user: User, number: str) -> bool:
    return invitations.find(user.username, number) is not None


def test_a_number_sets_a_password_once(space: Workspace) -> None:
    clerk, boss = space.cast.clerk, space.cast.administrator
    client, number = logged_in(clerk), number_of(invited(clerk, boss))
    typed = number.lower().replace("-", "ー")
    assert invitations.accept("clerk", typed, PASSWORD) == clerk
    assert User.objects.get(pk=clerk.pk).check_password(PASSWORD)
    assert (client.get("/staff/").status_code, Session.objects.count()) == (302, 0)
    with pytest.raises(InvitationProblem, match=NO_SUCH_NUMBER[:10]):
        invitations.accept("clerk", number, "べつのあいことば2024")
    assert User.objects.get(pk=clerk.pk).check_password(PASSWORD)


def test_the_events_of_a_link_name_everything_but_the_number(space: Workspace) -> None:
    clerk = space.cast.clerk
    number = number_of(invited(clerk, space.cast.administrator))
    invitations.accept("clerk", number, PASSWORD)
    made, used = Event.objects.order_by("number")[Event.objects.count() - 2 :]
    assert (made.subject, made.actor, made.content["act"]) == (
        f"user:{clerk.pk}", space.cast.administrator.signature, "招待",
    )  # fmt: skip
    assert made.content["changes"]["渡し方"] == [None, "印刷"]
    assert (used.actor, used.content["act"]) == (clerk.signature, "パスワードの設定（本人が招待番号で）")
    told = str(list(Event.objects.values())) + str(list(Invitation.objects.values()))
    assert "招待" in told
    assert not any(secret in told for secret in (number, number.replace("-", ""), PASSWORD))


def test_the_database_does_not_tell_a_number(space: Workspace) -> None:
    number = number_of(invited(space.cast.clerk, space.cast.administrator))
    stored = str(Invitation.objects.values().get())
    assert number not in stored
    assert number.replace("-", "") not in stored


def test_slips_are_shown_to_who_made_them_and_to_nobody_else(space: Workspace) -> None:
    boss, planner, people = space.cast.administrator, space.cast.planner, [space.cast.clerk, space.cast.other]
    made = invitations.invite([people[0].pk], by=boss, by_mail=False)
    invitations.invite([people[1].pk], by=boss, by_mail=False)
    assert [each.user for each in invitations.slips_of(made.batch, boss)] == people[:1]
    assert invitations.slips_of(made.batch, planner) == []
    User.objects.filter(pk=people[0].pk).update(email="clerk@city.example")
    mailed = invitations.invite([people[0].pk], by=boss, by_mail=True)
    assert len(mailed.invitations) == 1
    assert invitations.slips_of(mailed.batch, boss) == []


def test_it_is_for_one_person_only(space: Workspace) -> None:
    number = number_of(invited(space.cast.clerk, space.cast.administrator))
    assert [is_open(user, number) for user in (space.cast.clerk, space.cast.colleague)] == [True, False]
    assert invitations.find("nobody", number) is None
    assert invitations.find("clerk", "") is None


def test_a_week_later_it_is_over(space: Workspace) -> None:
    number = number_of(invited(space.cast.clerk, space.cast.administrator))
    now = timezone.now()
    with time_machine.travel(now + VALID_FOR - timedelta(minutes=1), tick=False):
        assert is_open(space.cast.clerk, number)
    with time_machine.travel(now + VALID_FOR + timedelta(minutes=1), tick=False):
        assert not is_open(space.cast.clerk, number)


def test_a_newer_one_takes_its_place(space: Workspace) -> None:
    old = number_of(invited(space.cast.clerk, space.cast.administrator))
    new = number_of(invited(space.cast.clerk, space.cast.planner))
    assert [is_open(space.cast.clerk, number) for number in (old, new)] == [False, True]


@pytest.mark.parametrize(
    "change",
    [{"is_active": False}, {"is_demo": True}, {"role": Role.ADMINISTRATOR}, {"password": "x"}],
    ids=str,
)
def test_what_ends_a_link_of_the_planning_office(space: Workspace, change: dict[str, Any]) -> None:
    """Closed; made an administrator, whom planning must not become; another password is set."""
    number = number_of(invited(space.cast.clerk, space.cast.planner))
    assert is_open(space.cast.clerk, number)
    User.objects.filter(pk=space.cast.clerk.pk).update(**change)
    assert not is_open(space.cast.clerk, number)


@pytest.mark.parametrize("change", [{"is_active": False}, {"role": Role.DEPARTMENT}], ids=str)
def test_who_may_invite_no_more_leaves_no_links(space: Workspace, change: dict[str, Any]) -> None:
    number = number_of(invited(space.cast.clerk, space.cast.planner))
    User.objects.filter(pk=space.cast.planner.pk).update(**change)
    assert not is_open(space.cast.clerk, number)


def test_a_mailed_link_is_bound_to_its_address_and_a_slip_is_not(space: Workspace) -> None:
    clerk, boss = space.cast.clerk, space.cast.administrator
    slip = number_of(invited(clerk, boss))
    User.objects.filter(pk=clerk.pk).update(email="a@city.example")
    assert is_open(clerk, slip)
    [made] = invitations.invite([clerk.pk], by=boss, by_mail=True).invitations
    assert is_open(clerk, number_of(made))
    User.objects.filter(pk=clerk.pk).update(email="b@city.example")
    assert not is_open(clerk, number_of(made))


def test_who_may_invite_whom(space: Workspace) -> None:
    """The planning office department staff only: with a link it could log in as anybody else."""
    cast, demo = space.cast, person("demo", Role.DEPARTMENT, is_demo=True)
    allowed = {
        "administrator": {"clerk", "planner", "second_planner", "administrator"},
        "planner": {"clerk"},
        "clerk": set(),
    }
    found: dict[str, set[str]] = {name: set() for name in allowed}
    for name in allowed:
        for user in (cast.clerk, cast.planner, cast.second_planner, cast.administrator, demo):
            try:
                invited(user, getattr(cast, name))
            except (PermissionDenied, InvitationProblem):
                continue
            found[name].add(user.username)
    assert found == allowed
    for several in ([cast.clerk.pk, cast.administrator.pk], [cast.clerk.pk, 0]):
        with pytest.raises((PermissionDenied, InvitationProblem)):
            invitations.invite(several, by=cast.planner, by_mail=False)
    assert Invitation.objects.filter(user=cast.clerk).count() == 1  # the one of before


def test_whom_no_mail_can_reach_is_named(space: Workspace) -> None:
    cast = space.cast
    for user, email in ((cast.clerk, "c@x.jp"), (cast.colleague, "K@x.jp"), (cast.other, "k@x.jp")):
        User.objects.filter(pk=user.pk).update(email=email)
    picked = [user.pk for user in (cast.clerk, cast.colleague, cast.other, cast.both)]
    made = invitations.invite(picked, by=cast.administrator, by_mail=True)
    assert [each.user for each in made.invitations] == [cast.clerk]
    assert made.unreachable == {SHARED_ADDRESS: [cast.colleague, cast.other], WITHOUT_ADDRESS: [cast.both]}


def test_who_asks_gets_one_link_in_a_while_and_no_slip_is_lost(space: Workspace) -> None:
    clerk = space.cast.clerk
    User.objects.filter(pk=clerk.pk).update(email="c@x.jp")
    slip = number_of(invited(clerk, space.cast.administrator))
    first = invitations.ask("clerk")
    assert first is not None
    with time_machine.travel(first.made_at + timedelta(minutes=14, seconds=59), tick=False):
        assert invitations.ask("clerk") is None
    assert [is_open(clerk, number) for number in (slip, number_of(first))] == [True, True]
    with time_machine.travel(first.made_at + timedelta(minutes=15, seconds=1), tick=False):
        second = invitations.ask("clerk")
        assert second is not None
        assert [is_open(clerk, number_of(each)) for each in (first, second)] == [False, True]
    assert Event.objects.latest("number").actor == invitations.NOBODY
    invitations.accept("clerk", slip, PASSWORD)
    assert not Invitation.objects.exists()


@pytest.mark.parametrize("change", [{"email": ""}, {"is_active": False}, {"is_demo": True}], ids=str)
def test_nothing_is_sent_to_who_cannot_use_it(space: Workspace, change: dict[str, Any]) -> None:
    User.objects.filter(pk=space.cast.clerk.pk).update(**{"email": "c@x.jp", **change})
    count = Event.objects.count()
    assert (invitations.ask("clerk"), invitations.ask("nobody")) == (None, None)
    assert (Invitation.objects.count(), Event.objects.count()) == (0, count)


def test_the_number_of_statements_does_not_grow_with_the_people(space: Workspace) -> None:
    people = [person(f"p{number}", Role.DEPARTMENT, space.mine).pk for number in range(40)]

    def statements(pks: list[int]) -> int:
        with CaptureQueriesContext(connection) as captured:
            made = invitations.invite(pks, by=space.cast.administrator, by_mail=False)
            assert len(invitations.slips_of(made.batch, space.cast.administrator)) == len(pks)
        return len(captured)

    assert statements(people[:3]) == statements(people) <= 16  # on PostgreSQL one more takes the turn
