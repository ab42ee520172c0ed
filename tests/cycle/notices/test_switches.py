"""Kinds of mail are turned on and off by the planning office; what happens meanwhile is never told."""

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from tests.cycle.notices.sent import after, run
from tests.staff.people import submit
from tests.workspace import Workspace, make_workspace
from tracker.choices import MailKind
from tracker.cycle import event_words, workflow
from tracker.cycle.event_words import Names
from tracker.cycle.notices import switches
from tracker.models import Event, MailSwitch

WITHOUT_RETURNS = [kind for kind in MailKind if kind != MailKind.RETURNED]


def send_back(space: Workspace) -> None:
    row = submit(space.row(1), space.cast.clerk)
    workflow.send_back(row.pk, by=space.cast.planner, version=row.version, reason="回数を")


def returns() -> int:
    run()
    found = [message for message in mail.outbox if "差し戻されました" in str(message.subject)]
    mail.outbox.clear()
    return len(found)


def test_all_kinds_are_on_at_first(space: Workspace) -> None:
    assert None not in switches.since(space.manifesto).values()
    assert MailSwitch.objects.count() == 0


def test_a_kind_that_is_off_is_not_sent(told: Workspace) -> None:
    switches.turn(told.manifesto, WITHOUT_RETURNS, by=told.cast.planner)
    send_back(told)
    with after(11):
        assert returns() == 0


def test_what_happened_while_it_was_off_is_not_told_afterwards(told: Workspace) -> None:
    switches.turn(told.manifesto, WITHOUT_RETURNS, by=told.cast.planner)
    send_back(told)
    with after(5):
        switches.turn(told.manifesto, list(MailKind), by=told.cast.planner)
    with after(20):
        assert returns() == 0
        row = submit(told.row(1), told.cast.clerk)
        workflow.send_back(row.pk, by=told.cast.planner, version=row.version, reason="年月を")
    with after(31):
        assert returns() == 3


def test_another_manifesto_goes_on(told: Workspace) -> None:
    other = make_workspace(slug="2025", cast=told.cast)
    switches.turn(other.manifesto, [], by=told.cast.planner)
    send_back(told)
    with after(11):
        assert returns() == 3
    assert set(switches.since(other.manifesto).values()) == {None}


def test_turning_is_told_in_the_history_and_not_where_nothing_changes(space: Workspace) -> None:
    turned = switches.turn(space.manifesto, WITHOUT_RETURNS, by=space.cast.planner)
    assert turned == [MailKind.RETURNED]
    event = Event.objects.latest("number")
    told = event_words.told(event, Names.of([event]))
    assert told.what == "送るメールの種類を変えました。"
    assert [(line.label, line.before, line.after) for line in told.lines] == [
        ("差戻しのメール", "送る", "送らない")
    ]
    assert "市長マニフェスト" in told.about
    assert switches.turn(space.manifesto, WITHOUT_RETURNS, by=space.cast.planner) == []
    assert Event.objects.latest("number") == event


def test_an_unknown_kind_turns_nothing(space: Workspace) -> None:
    assert switches.turn(space.manifesto, [*MailKind, "spam"], by=space.cast.planner) == []


@pytest.mark.parametrize("who", ["clerk", "administrator"])
def test_only_the_planning_office_turns_them(space: Workspace, who: str) -> None:
    with pytest.raises(PermissionDenied):
        switches.turn(space.manifesto, [], by=getattr(space.cast, who))
    assert MailSwitch.objects.count() == 0


def test_since_is_the_moment_of_the_last_turn(space: Workspace) -> None:
    before = timezone.now()
    switches.turn(space.manifesto, [], by=space.cast.planner)
    switches.turn(space.manifesto, [MailKind.OPENED], by=space.cast.planner)
    since = switches.since(space.manifesto)
    opened = since[MailKind.OPENED]
    assert opened is not None
    assert before < opened < timezone.now()
    assert since[MailKind.RETURNED] is None
