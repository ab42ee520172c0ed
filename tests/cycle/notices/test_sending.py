"""A real mail server that refuses, is slow, or dies: nothing is recorded that was not accepted, nothing is
sent twice by the next run, and nothing is lost.
"""

import fcntl
import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from tests.cycle.notices.sent import after, only, recorded, run
from tests.mail_server import MailServer
from tests.staff.people import submit
from tests.workspace import Workspace
from tracker.choices import MailKind, RoundState
from tracker.cycle import cancelling, rounds, workflow
from tracker.cycle.notices import sending
from tracker.cycle.notices.sending import OtherRun
from tracker.models import RefusedMail, ReportingRound, SentMail
from tracker.server_locks import advisory_lock

MINE = ["both@city.example", "clerk@city.example", "colleague@city.example"]
THEIRS = ["both@city.example", "other@city.example"]
ALL = [*MINE, *THEIRS]  # who is told of the opening, in this order: who has two departments, by both


@pytest.fixture
def opened(told: Workspace) -> Workspace:
    """The round was opened a while ago; nobody was told of it."""
    only(told.manifesto, MailKind.OPENED)
    return told


def later() -> Any:
    return after(15)


def test_each_recipient_gets_a_mail_of_their_own(opened: Workspace, server: MailServer) -> None:
    with later():
        assert run().sent_count == len(ALL)
    assert server.accepted == recorded() == ALL
    assert [message["To"] for message in server.mails] == [", ".join(MINE)] * 3 + [", ".join(THEIRS)] * 2
    assert {message["Auto-Submitted"] for message in server.mails} == {"auto-generated"}
    numbers = [message["Message-ID"] for message in server.mails]
    assert (len(set(numbers)), {number.rpartition("@")[2] for number in numbers}) == (
        len(ALL), {"manifesto.example>"},
    )  # fmt: skip


@pytest.mark.parametrize("answer", ["550 no such person", "452 mailbox full"])
def test_of_two_recipients_one_is_refused(opened: Workspace, server: MailServer, answer: str) -> None:
    server.refused = {"other@city.example": answer}
    with later():
        delivery = run()
    assert (delivery.sent_count, delivery.failed_count) == (len(ALL) - 1, 1)
    assert server.accepted == recorded() == [*MINE, "both@city.example"]
    refusal = RefusedMail.objects.get()
    assert (refusal.recipient, refusal.kind, refusal.department, refusal.tries) == (
        "other@city.example", "opened", opened.theirs, 1,
    )  # fmt: skip
    assert refusal.why == f"メールサーバーが宛先を受け付けません（{answer[:3]}）"


def test_who_was_refused_is_mailed_by_the_next_run_and_nobody_else(
    opened: Workspace, server: MailServer
) -> None:
    server.refused = {"other@city.example": "452 mailbox full"}
    with later():
        run()
    server.recover()
    server.accepted.clear()
    with after(20):
        assert run().sent_count == 1
        assert run().sent_count == 0
    assert server.accepted == ["other@city.example"]
    assert RefusedMail.objects.count() == 0
    assert sorted(recorded()) == sorted(ALL)


def test_who_is_refused_again_and_again_is_tried_ever_more_seldom(
    opened: Workspace, server: MailServer
) -> None:
    server.refused = {"other@city.example": "550 no such person"}
    tries = []
    for minutes in range(15, 60, 5):
        with after(minutes):
            tries.append(run().failed_count)
    assert tries == [1, 1, 1, 0, 0, 1, 0, 0, 0]
    with after(60):  # somebody who asks for it does not wait
        assert sending.send([opened.round], by="企画").failed_count == 1
    assert (RefusedMail.objects.count(), RefusedMail.objects.get().tries) == (1, 5)


def test_a_server_that_takes_too_long_has_accepted_nothing(opened: Workspace, server: MailServer) -> None:
    server.slow = {"clerk@city.example"}
    with later():
        delivery = run()
    assert server.accepted == recorded() == ["both@city.example", *THEIRS]
    waiting = [who for notice, _why in delivery.failed for who in notice.recipients]
    assert waiting == ["clerk@city.example", "colleague@city.example"]
    server.recover()
    with after(20):
        assert run().sent_count == 2
    assert sorted(server.accepted) == sorted(recorded()) == sorted(ALL)


@pytest.mark.parametrize("moment", ["dies_in", "dies_before"])
def test_a_server_that_dies_in_the_middle_of_a_mail_has_not_accepted_it(
    opened: Workspace, server: MailServer, moment: str
) -> None:
    setattr(server, moment, {"clerk@city.example"})
    with later():
        run()
    assert server.accepted == recorded() == ["both@city.example", *THEIRS]
    server.recover()
    with after(20):
        run()
    assert sorted(server.accepted) == sorted(recorded()) == sorted(ALL)
    assert RefusedMail.objects.count() == 0


@pytest.mark.parametrize("number", [0, 1, 2, 3, 4])
def test_a_server_that_dies_between_two_mails_leaves_the_others_for_the_next_run(
    opened: Workspace, server: MailServer, number: int
) -> None:
    server.dies_after = number
    with later():
        delivery = run()
    assert server.accepted == recorded() == ALL[:number]
    assert (delivery.sent_count, delivery.failed_count) == (number, len(ALL) - number)
    server.recover()
    with after(20):
        run()
    assert server.accepted == recorded() == ALL


def test_a_server_that_is_not_there_is_named(opened: Workspace, settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    err = io.StringIO()
    with later(), pytest.raises(CommandError, match=f"0 通を送り、{len(ALL)} 通を送れませんでした"):
        call_command("send_mails", stdout=io.StringIO(), stderr=err)
    assert "相手のサーバーが受け付けていません" in err.getvalue()
    assert (SentMail.objects.count(), RefusedMail.objects.count()) == (0, len(ALL))


def test_a_run_that_takes_too_long_leaves_the_rest(
    opened: Workspace, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "MOST_SECONDS", 0.0)
    err = io.StringIO()
    with later():
        call_command("send_mails", stdout=io.StringIO(), stderr=err)
    assert err.getvalue() == (
        f"メールサーバーの答えが遅いので、{len(ALL)} 通は次に動かしたときに送ります。\n"
    )
    assert (server.accepted, SentMail.objects.count(), RefusedMail.objects.count()) == ([], 0, 0)


def test_dying_between_acceptance_and_record_sends_that_mail_twice_with_one_number(
    opened: Workspace, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one case in which a mail comes twice; the other way round it would be lost."""

    def die(*args: Any) -> None:
        raise KeyboardInterrupt

    with later(), monkeypatch.context() as patch:
        patch.setattr(sending, "_record", die)
        with pytest.raises(KeyboardInterrupt):
            run()
    assert (server.accepted, recorded()) == (ALL[:1], [])
    with after(20):
        run()
    assert (server.accepted, recorded()) == ([ALL[0], *ALL], ALL)
    assert server.mails[0]["Message-ID"] == server.mails[1]["Message-ID"]


def test_nothing_is_recorded_before_it_was_accepted(
    opened: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen, send = [], EmailMessage.send

    def looking(message: EmailMessage) -> int:
        seen.append(SentMail.objects.count())
        return send(message)

    monkeypatch.setattr(EmailMessage, "send", looking)
    with later():
        run()
    assert seen == list(range(len(ALL)))


# --- turns


def test_a_run_keeps_every_other_out_until_its_end(db: None) -> None:
    with (
        sending.one_run_at_a_time(),
        pytest.raises(OtherRun, match="ほかでメールを送っているところです"),
        sending.one_run_at_a_time(),
    ):
        pass
    with sending.one_run_at_a_time():
        pass


def test_two_runs_at_once_are_kept_apart(opened: Workspace, settings: Settings) -> None:
    with (Path(settings.STATE_DIR) / sending.LOCK_FILE).open("w") as other, later():
        fcntl.flock(other, fcntl.LOCK_EX)
        call_command("send_mails", stdout=(out := io.StringIO()), stderr=(err := io.StringIO()))
        assert (out.getvalue(), err.getvalue(), mail.outbox) == ("", "", [])  # the other one does it
        rounds.extend(opened.round, due_on=timezone.localdate(), by=opened.cast.planner)
        with pytest.raises(CommandError, match="ほかでメールを送っているところです"):
            call_command("send_reminders", stdout=io.StringIO(), stderr=io.StringIO())
    with later():
        call_command("send_mails", stdout=io.StringIO(), stderr=io.StringIO())
    assert len(mail.outbox) == len(ALL)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite's file is on one machine")
def test_a_run_on_another_server_with_the_same_database_is_kept_out(db: None) -> None:
    with advisory_lock(connection, sending.LOCK) as other:
        assert other()
        with pytest.raises(OtherRun), sending.one_run_at_a_time():
            pass
    with sending.one_run_at_a_time(), advisory_lock(connection, sending.LOCK) as other:
        assert not other()
    with advisory_lock(connection, sending.LOCK) as other:
        assert other()


# --- what changes while mails are on their way


@pytest.mark.parametrize("is_cancelled", [True, False])
def test_a_round_that_ends_while_mails_are_sent_tells_nobody_else(
    opened: Workspace, monkeypatch: pytest.MonkeyPatch, is_cancelled: bool
) -> None:
    send = EmailMessage.send

    def meanwhile(message: EmailMessage) -> int:
        if not mail.outbox and is_cancelled:
            seen = cancelling.seen_digest(cancelling.typed_rows(opened.round))
            cancelling.cancel(opened.round, by=opened.cast.planner, reason="年度の誤り", seen=seen)
        elif not mail.outbox:
            rounds.close(opened.round, by=opened.cast.planner)
        return send(message)

    monkeypatch.setattr(EmailMessage, "send", meanwhile)
    with later():
        delivery = run()
    assert (delivery.sent_count, [notice.name for notice in delivery.untimely]) == (3, [opened.theirs.name])
    assert SentMail.objects.count() == (0 if is_cancelled else 3)


def test_a_row_that_is_answered_while_mails_are_sent_is_not_told_as_returned(
    told: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    only(told.manifesto, MailKind.RETURNED)
    planner, waiting = told.cast.planner, []
    for number in (1, 2):
        row = submit(told.row(number), told.cast.both)
        waiting.append(workflow.send_back(row.pk, by=planner, version=row.version, reason="回数を"))
    send = EmailMessage.send

    def meanwhile(message: EmailMessage) -> int:
        if not mail.outbox:
            workflow.submit(waiting[1].pk, by=told.cast.both, version=waiting[1].version)
        return send(message)

    monkeypatch.setattr(EmailMessage, "send", meanwhile)
    with later():
        delivery = run()
    assert [notice.name for notice in delivery.untimely] == [told.theirs.name]
    assert [message.to for message in mail.outbox] == [[who] for who in MINE]


def test_nobody_is_asked_in_rounds_that_are_over(opened: Workspace) -> None:
    for state in (RoundState.CLOSED, RoundState.PUBLISHED, RoundState.IMPORTED):
        ReportingRound.objects.filter(pk=opened.round.pk).update(state=state)
        with later():
            assert run().sent_count == 0


def test_a_clock_that_was_put_back_loses_nothing_and_sends_nothing_twice(opened: Workspace) -> None:
    moment = timezone.now()
    ReportingRound.objects.filter(pk=opened.round.pk).update(opens_on=moment + timedelta(days=1))
    with after(-60 * 24):  # the round was opened by a clock that was a day ahead
        assert run().sent_count == len(ALL)
    with after(-60 * 48):
        assert run().sent_count == 0
    with after(60):
        assert run().sent_count == 0
