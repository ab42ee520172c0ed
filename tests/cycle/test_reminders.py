"""Reminders: one mail a day to each department with open rows, recorded after the server accepted it."""

import fcntl
import io
import smtplib
import socketserver
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from email.errors import HeaderParseError
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.timezone import localtime
from pytest_django import Settings

from tests.public.markup import parse
from tests.staff.conftest import Year, begun_year, year  # noqa: F401 - fixtures
from tests.staff.people import fill, logged_in, person, submit
from tracker.choices import Role, RoundState
from tracker.cycle import reminders, rounds, workflow
from tracker.models import Assignment, Department, Reminder, ReportingRound, User, YearlyAction
from tracker.templatetags.tracker_public import date_and_time


@pytest.fixture(autouse=True)
def _mail_is_set_up(settings: Settings, tmp_path: Path) -> None:
    settings.EMAIL_HOST = "mail.example"
    settings.STAFF_SITE_URL = "https://manifesto.example/staff"
    settings.STATE_DIR = tmp_path


@pytest.fixture
def due(year: Year) -> Year:  # noqa: F811
    """The round is due in three days, and all people of the cast have an address."""
    for user in User.objects.all():
        User.objects.filter(pk=user.pk).update(email=f"{user.username}@city.example")
    set_due(year, 3)
    return year


def set_due(year: Year, days: int) -> None:  # noqa: F811
    """Moves the due date without asking whether it is past."""
    due_on = timezone.localdate() + timedelta(days=days)
    ReportingRound.objects.filter(pk=year.round.pk).update(
        due_on=due_on, opens_on=due_on - timedelta(days=30)
    )
    year.round.refresh_from_db()


def run(**options: Any) -> tuple[str, str]:
    """What the command says, on both channels."""
    out, err = io.StringIO(), io.StringIO()
    call_command("send_reminders", stdout=out, stderr=err, **options)
    return out.getvalue(), err.getvalue()


def notice_of(year: Year, department: Department | None) -> reminders.Notice:  # noqa: F811
    found = reminders.notices(year.round, timezone.localdate())
    return next(notice for notice in found if notice.department == department)


MINE = ["both@city.example", "clerk@city.example", "colleague@city.example"]
MAILS = 7  # to three people of my department, two of the other and two planners


def test_everybody_of_a_department_with_open_rows_gets_one_mail(due: Year) -> None:
    run()
    to_mine = [message for message in mail.outbox if message.extra_headers["To"] == ", ".join(MINE)]
    assert [message.to for message in to_mine] == [[address] for address in MINE]
    rows = due.actions_of(due.mine)
    assert (
        to_mine[0].subject
        == f"【市長マニフェスト】令和6年度の報告：締切まであと3日です（未提出 {len(rows)}件）"
    )
    body = str(to_mine[0].body)
    links = [line.strip() for line in body.splitlines() if line.strip().startswith("https://")]
    assert links == [
        "https://manifesto.example/staff/",
        *(f"https://manifesto.example/staff/actions/{row.pk}/" for row in rows),
    ]
    records = Reminder.objects.filter(department=due.mine).order_by("recipient")
    assert [(record.recipient, record.row_count, record.sent_by) for record in records] == [
        (address, len(rows), "send_reminders") for address in MINE
    ]


def test_every_department_with_an_address_gets_its_own_rows(due: Year) -> None:
    run()
    assert {(message.extra_headers["To"], *message.to) for message in mail.outbox} == {
        (", ".join(group), address)
        for group in (
            MINE,
            ["both@city.example", "other@city.example"],
            ["planner@city.example", "second_planner@city.example"],
        )
        for address in group
    }
    theirs = next(str(message.body) for message in mail.outbox if "other@city.example" in message.to)
    assert f"actions/{due.action.pk}/" not in theirs
    assert f"actions/{due.foreign.pk}/" in theirs


def test_returned_rows_come_first_with_the_words_of_the_planning_office(due: Year) -> None:
    last = [row for row in due.actions_of(due.mine) if len(row.departments) == 1][-1]
    saved = submit(last, due.cast.clerk)
    workflow.send_back(
        saved.pk, by=due.cast.planner, version=saved.version, reason="回数を<書いて>ください。"
    )
    fill(due.action, due.cast.clerk)
    notice = notice_of(due, due.mine)
    states = [row.state for row in notice.rows]
    assert (states[:2], set(states[2:])) == (["returned", "draft"], {"not_started"})
    assert notice.body.index("■ 差戻し") < notice.body.index("■ 入力中") < notice.body.index("■ 未着手")
    assert "  企画から：回数を<書いて>ください。" in notice.body


def test_submitted_and_approved_rows_are_not_asked_for(due: Year) -> None:
    before = len(notice_of(due, due.mine).rows)
    submit(due.action, due.cast.clerk)
    assert len(notice_of(due, due.mine).rows) == before - 1
    YearlyAction.objects.filter(round=due.round).exclude(pk=due.action.pk).delete()
    assert run() == ("0 通を送りました。\n", "")
    assert mail.outbox == []


@pytest.mark.parametrize(
    ("days", "words"), [(3, "締切まであと3日です"), (0, "締切は今日です"), (-2, "締切を過ぎています")]
)
def test_the_subject_tells_how_late_it_is(due: Year, days: int, words: str) -> None:
    set_due(due, days)
    assert words in notice_of(due, due.mine).subject


@pytest.mark.parametrize(
    ("left", "days", "sent"),
    [(8, 7, 0), (7, 7, MAILS), (8, 8, MAILS), (0, 0, MAILS), (1, 0, 0), (-30, 0, MAILS)],
)
def test_only_near_or_past_the_due_date(due: Year, left: int, days: int, sent: int) -> None:
    set_due(due, left)
    run(days=days)
    assert len(mail.outbox) == sent


@pytest.mark.parametrize("state", [RoundState.CLOSED, RoundState.PUBLISHED])
def test_a_round_that_takes_no_answers_is_not_asked_for(due: Year, state: RoundState) -> None:
    ReportingRound.objects.filter(pk=due.round.pk).update(state=state)
    assert run()[0] == "締切が近い報告回はありません。\n"
    assert mail.outbox == []


def test_twice_on_a_day_sends_nothing_twice(due: Year, monkeypatch: pytest.MonkeyPatch) -> None:
    run()
    sent = len(mail.outbox)
    out, _err = run()
    assert (len(mail.outbox), Reminder.objects.count()) == (sent, sent)
    assert f"に送りました：{due.mine.name}（" in out
    tomorrow = timezone.now() + timedelta(days=1)
    monkeypatch.setattr(timezone, "now", lambda: tomorrow)
    run()
    assert (len(mail.outbox), Reminder.objects.count()) == (2 * sent, 2 * sent)


def test_the_database_holds_one_a_day(due: Year) -> None:
    run()
    for department in (due.mine, None):
        record = Reminder.objects.filter(department=department)[0]
        record.pk = None
        with pytest.raises(IntegrityError), transaction.atomic():
            record.save()


def test_rows_without_a_department_are_the_planning_offices(due: Year) -> None:
    action = due.action
    Assignment.objects.filter(initiative=action.initiative).delete()
    run()
    [to_planning] = [message for message in mail.outbox if message.to == ["planner@city.example"]]
    assert f"actions/{action.pk}/" in str(to_planning.body)
    assert "担当課が決まっていないため" in str(to_planning.body)
    assert Reminder.objects.filter(department=None).count() == 2


def test_notices_come_by_the_departments_codes_and_the_planning_office_last(due: Year) -> None:
    Department.objects.filter(pk=due.mine.pk).update(code="z9")
    Department.objects.filter(pk=due.theirs.pk).update(code="00")
    Assignment.objects.filter(initiative=due.action.initiative).delete()
    found = [notice.department for notice in reminders.notices(due.round, timezone.localdate())]
    codes = [department.code for department in found if department]
    assert (codes, found[-1]) == (sorted(codes), None)
    assert (codes[0], codes[-1], len(codes) > 10) == ("00", "z9", True)


def test_an_address_that_two_people_share_is_written_to_once(due: Year) -> None:
    User.objects.filter(username__in=["clerk", "colleague"]).update(email="desk@city.example")
    User.objects.filter(role=Role.PLANNING).update(email="plan@city.example")
    Assignment.objects.filter(initiative=due.action.initiative).delete()
    assert notice_of(due, due.mine).recipients == ["both@city.example", "desk@city.example"]
    assert notice_of(due, None).recipients == ["plan@city.example"]


@pytest.mark.parametrize("address", ["https://manifesto.example/staff", "https://manifesto.example/staff/"])
def test_links_are_whole_however_the_address_is_written(due: Year, settings: Settings, address: str) -> None:
    settings.STAFF_SITE_URL = address
    row = notice_of(due, due.mine).rows[0]
    links = [line.strip() for line in notice_of(due, due.mine).body.splitlines() if "https://" in line]
    assert links[:2] == [
        "https://manifesto.example/staff/", f"https://manifesto.example/staff/actions/{row.pk}/",
    ]  # fmt: skip


def test_who_has_left_or_has_no_address_gets_nothing(due: Year) -> None:
    User.objects.filter(username="clerk").update(is_active=False)
    User.objects.filter(username="colleague").update(email="")
    person("demo", Role.DEPARTMENT, due.mine, email="demo@city.example", is_demo=True)
    person("administrator2", Role.ADMINISTRATOR, due.mine, email="administrator2@city.example")
    assert notice_of(due, due.mine).recipients == ["both@city.example"]


def test_a_department_without_any_address_is_named(due: Year) -> None:
    User.objects.filter(memberships__department=due.mine).update(email="")
    _out, err = run()
    assert f"メールアドレスが登録されていません：{due.mine.name}（令和6年度、" in err
    assert not Reminder.objects.filter(department=due.mine).exists()


def test_nothing_is_sent_in_a_dry_run(due: Year, settings: Settings) -> None:
    settings.EMAIL_HOST = ""
    out, _err = run(dry_run=True)
    assert f"送る相手：{due.mine.name}（令和6年度、" in out
    assert (mail.outbox, Reminder.objects.count()) == ([], 0)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("EMAIL_HOST", "", "EMAIL_HOST を設定してください。"),
        ("STAFF_SITE_URL", "", "STAFF_SITE_URL を"),
        ("STAFF_SITE_URL", "manifesto.example", "STAFF_SITE_URL を"),
    ],
)
def test_without_settings_it_says_what_is_lacking(
    due: Year, settings: Settings, name: str, value: str, words: str
) -> None:
    setattr(settings, name, value)
    with pytest.raises(CommandError, match=words):
        run()
    browser = logged_in(due.cast.planner)
    page = browser.get(address(due)).content.decode()
    assert words in page
    assert "通を送る" not in page
    assert browser.post(address(due), {"days": 7}).status_code == 409
    assert (mail.outbox, Reminder.objects.count()) == ([], 0)


@pytest.mark.parametrize(("option", "value"), [("days", -1), ("days", 1000), ("manifesto", "nonsense")])
def test_nonsense_options_are_refused(due: Year, option: str, value: object) -> None:
    with pytest.raises(CommandError, match=f"--{option}"):
        run(**{option: value})


def test_one_manifesto_only(due: Year) -> None:
    assert run(manifesto="2021")[0].endswith(f"{MAILS} 通を送りました。\n")


# --- bad luck


def failing(which: Callable[[int], bool], problem: Exception) -> type[EmailBackend]:
    """A mail server that refuses some mails, by their number."""
    numbers = iter(range(1, 1000))

    class Backend(EmailBackend):
        def send_messages(self, messages: Any) -> int:
            if which(next(numbers)):
                raise problem
            return super().send_messages(messages)

    return Backend


@pytest.mark.parametrize(
    "problem",
    [
        smtplib.SMTPRecipientsRefused({}),
        ConnectionRefusedError("refused"),
        TimeoutError("timed out"),
        ValueError("address"),
        HeaderParseError("header"),
    ],
)
def test_a_failing_server_loses_nothing(
    due: Year, monkeypatch: pytest.MonkeyPatch, problem: Exception
) -> None:
    found = reminders.notices(due.round, timezone.localdate())
    names = [notice.name for notice in found for _recipient in notice.recipients]
    with monkeypatch.context() as patch:
        patch.setattr(
            "django.core.mail.backends.locmem.EmailBackend", failing(lambda number: number == 2, problem)
        )
        err = io.StringIO()
        with pytest.raises(CommandError, match=f"{MAILS - 1} 通を送り、1 通を送れませんでした"):
            call_command("send_reminders", stdout=io.StringIO(), stderr=err)
    assert f"送れませんでした：{names[1]}（" in err.getvalue()
    assert (len(mail.outbox), Reminder.objects.count()) == (MAILS - 1, MAILS - 1)
    out, _err = run()
    assert out.endswith("\n1 通を送りました。\n")
    assert (len(mail.outbox), Reminder.objects.count()) == (MAILS, MAILS)


def test_a_notice_that_nobody_got_is_not_told_as_sent(due: Year, monkeypatch: pytest.MonkeyPatch) -> None:
    refusing = failing(lambda number: True, ConnectionRefusedError("refused"))
    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend", refusing)
    delivery = reminders.send([due.round], by="企画")
    assert (delivery.sent, delivery.failed_count) == ([], MAILS)


def test_a_failure_without_words_is_named_by_its_kind(due: Year, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "django.core.mail.backends.locmem.EmailBackend", failing(lambda number: number == 2, TimeoutError())
    )
    delivery = reminders.send([due.round], by="企画")
    assert [why for _notice, why in delivery.failed] == ["相手のサーバーが答えません"]
    assert (delivery.sent_count, delivery.failed_count) == (MAILS - 1, 1)


def test_nothing_is_recorded_before_it_was_accepted(due: Year, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    class Backend(EmailBackend):
        def send_messages(self, messages: Any) -> int:
            seen.append(Reminder.objects.count())
            return super().send_messages(messages)

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend", Backend)
    run()
    assert seen == list(range(MAILS))


def test_dying_between_acceptance_and_record_sends_that_mail_twice(
    due: Year, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one case in which a mail comes twice; the other way round it would be lost."""

    def die(*args: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(reminders, "_record", die)
        with pytest.raises(KeyboardInterrupt):
            run()
    assert (len(mail.outbox), Reminder.objects.count()) == (1, 0)
    run()
    assert (len(mail.outbox), Reminder.objects.count()) == (MAILS + 1, MAILS)


def test_a_run_keeps_every_other_out_until_its_end() -> None:
    with (
        reminders.one_run_at_a_time(),
        pytest.raises(reminders.ReminderProblem, match="ほかで催促メールを送っているところです"),
        reminders.one_run_at_a_time(),
    ):
        pass
    with reminders.one_run_at_a_time():
        pass


def test_two_runs_at_once_are_kept_apart(due: Year, settings: Settings) -> None:
    with (Path(settings.STATE_DIR) / "send_reminders.lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(CommandError, match="ほかで催促メールを送っているところです"):
            run()
        assert logged_in(due.cast.planner).post(address(due), {"days": 7}).status_code == 409
    assert mail.outbox == []
    run()
    assert len(mail.outbox) == MAILS


class FakeServer(socketserver.ThreadingTCPServer):
    """Speaks as much SMTP as is needed; answers `refused` to the addresses in it, and hangs up after 421."""

    allow_reuse_address = daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), FakeSession)
        self.mails: list[str] = []
        self.accepted: list[str] = []
        self.refused: dict[str, str] = {}


class FakeSession(socketserver.StreamRequestHandler):
    server: FakeServer

    def handle(self) -> None:
        self.say("220 fake")
        waiting: list[str] = []
        while line := self.rfile.readline().decode().strip():
            command, address = line[:4].upper(), line.partition("<")[2].rstrip(">")
            if command == "DATA":
                self.say("354 go on")
                self.server.mails.append(b"".join(iter(self.rfile.readline, b".\r\n")).decode())
                self.server.accepted += waiting
                waiting = []
                self.say("250 accepted")
            elif command == "RCPT" and address in self.server.refused:
                self.say(self.server.refused[address])
                if self.server.refused[address].startswith("421"):
                    return
            else:
                waiting += [address] if command == "RCPT" else []
                self.say("221 bye" if command == "QUIT" else "250 ok")

    def say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())


@pytest.fixture
def server(settings: Settings) -> Iterator[FakeServer]:
    with FakeServer() as fake:
        threading.Thread(target=fake.serve_forever, daemon=True).start()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = fake.server_address
        yield fake
        fake.shutdown()


def test_over_the_wire(due: Year, server: FakeServer) -> None:
    out, _err = run()
    assert out.endswith(f"{MAILS} 通を送りました。\n")
    assert (len(server.mails), Reminder.objects.count()) == (MAILS, MAILS)
    assert "".join(server.mails).count(f"To: {', '.join(MINE)}\r\n") == len(MINE)


REFUSED = "メールサーバーが宛先を受け付けません（{}）"


def recorded() -> list[str]:
    return list(Reminder.objects.order_by("pk").values_list("recipient", flat=True))


@pytest.mark.parametrize("answer", ["550 no such person", "452 mailbox full"])
def test_only_who_was_accepted_is_recorded_as_mailed(due: Year, server: FakeServer, answer: str) -> None:
    server.refused = {"clerk@city.example": answer}
    err = io.StringIO()
    words = (
        f"{MAILS - 1} 通を送り、1 通を送れませんでした。もう一度実行すると、送れなかった宛先だけに送ります。"
    )
    with pytest.raises(CommandError, match=words) as problem:
        call_command("send_reminders", stdout=(out := io.StringIO()), stderr=err)
    assert problem.value.returncode == 1
    rows = len(due.actions_of(due.mine))
    named = f"{due.mine.name}（令和6年度、{rows} 件）"
    assert f"送りました：{named}　both@city.example、colleague@city.example\n" in out.getvalue()
    assert f"送れませんでした：{named}　clerk@city.example　{REFUSED.format(answer[:3])}\n" in err.getvalue()
    assert recorded() == server.accepted
    assert (len(recorded()), "clerk@city.example" in recorded()) == (MAILS - 1, False)


def test_who_was_refused_is_mailed_by_the_next_run_and_nobody_else(due: Year, server: FakeServer) -> None:
    server.refused = {"clerk@city.example": "452 mailbox full"}
    with pytest.raises(CommandError):
        run()
    out, _err = run(dry_run=True)
    assert [line.partition("　")[2] for line in out.splitlines() if line.startswith("送る相手")] == [
        "clerk@city.example"
    ]
    server.accepted, server.refused = [], {}
    out, _err = run()
    assert out.endswith("\n1 通を送りました。\n")
    assert server.accepted == ["clerk@city.example"]
    assert run()[0].endswith("\n0 通を送りました。\n")


def test_when_the_server_hangs_up_the_others_wait_for_the_next_run(due: Year, server: FakeServer) -> None:
    server.refused = {"both@city.example": "421 too busy"}
    err = io.StringIO()
    with pytest.raises(CommandError, match="2 通を送り、5 通を送れませんでした"):
        call_command("send_reminders", stdout=io.StringIO(), stderr=err)
    lines = err.getvalue().splitlines()
    told = [line.split("　")[1:] for line in lines if line.startswith("送れませんでした")]
    assert told == [
        ["both@city.example", REFUSED.format(421)],
        ["clerk@city.example、colleague@city.example", "メールサーバーが通信を切りました"],
        ["both@city.example", REFUSED.format(421)],
        ["other@city.example", "メールサーバーが通信を切りました"],
    ]
    assert recorded() == server.accepted == ["planner@city.example", "second_planner@city.example"]


def test_a_server_that_is_not_there_is_named(due: Year, server: FakeServer) -> None:
    server.shutdown()
    server.server_close()
    with pytest.raises(CommandError, match=f"{MAILS} 通を送れませんでした"):
        run()
    assert Reminder.objects.count() == 0


# --- the page


def address(year: Year) -> str:  # noqa: F811
    return f"/staff/rounds/{year.round.pk}/reminders/"


@pytest.mark.parametrize(("who", "status"), [("clerk", 404), ("stranger", 404), ("administrator", 403)])
def test_only_the_planning_office_reminds(due: Year, who: str, status: int) -> None:
    browser = logged_in(getattr(due.cast, who))
    assert (browser.get(address(due)).status_code, browser.post(address(due), {"days": 7}).status_code) == (
        status,
        status,
    )
    assert mail.outbox == []


def test_the_page_shows_what_it_then_sends(due: Year) -> None:
    browser = logged_in(due.cast.planner)
    shown = browser.get(address(due)).context["sendable"]
    expected = [([to], notice.subject, notice.body) for notice in shown for to in notice.recipients]
    assert mail.outbox == []
    assert browser.post(address(due), {"days": 7}).status_code == 302
    assert [(message.to, message.subject, message.body) for message in mail.outbox] == expected
    assert set(Reminder.objects.values_list("sent_by", flat=True)) == {due.cast.planner.signature}
    page = browser.get(address(due))
    assert f"{MAILS} 通の催促メールを送りました。" in page.content.decode()
    assert (page.context["sendable"], len(page.context["already"])) == ([], 3)
    assert len(page.context["sent"]) == MAILS


def test_the_page_names_failures(due: Year, monkeypatch: pytest.MonkeyPatch) -> None:
    refusing = failing(lambda number: number == 1, ConnectionRefusedError("refused"))
    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend", refusing)
    page = logged_in(due.cast.planner).post(address(due), {"days": 7}, follow=True).content.decode()
    assert f"{MAILS - 1} 通の催促メールを送りました。" in page
    assert (
        f"{due.mine.name}：both@city.example に送れませんでした（相手のサーバーが受け付けていません）" in page
    )


def test_the_page_tells_who_got_no_mail_and_sends_it_again(due: Year, server: FakeServer) -> None:
    server.refused = {"clerk@city.example": "550 no such person"}
    browser = logged_in(due.cast.planner)
    page = browser.post(address(due), {"days": 7}, follow=True).content.decode()
    sent, refused = parse(page).all("div", "told")
    assert (sent.attributes["role"], refused.attributes["role"]) == ("status", "alert")
    assert sent.attributes["class"].split()[-1] == "notice-messages"
    assert refused.attributes["class"].split()[-1] == "notice-error"  # a failure is not told in green
    assert sent.text == f"{MAILS - 1} 通の催促メールを送りました。"
    assert date_and_time(localtime(Reminder.objects.latest("pk").sent_at)) in page
    words = "clerk@city.example に送れませんでした（メールサーバーが宛先を受け付けません（550））。"
    assert f"{due.mine.name}：{words}記録していないので、もう一度送ると、" in page
    assert '<button type="submit">1通を送る</button>' in page
    assert "、both@city.example、colleague@city.example）" in page
    server.refused = {}
    assert (
        "1 通の催促メールを送りました。"
        in browser.post(address(due), {"days": 7}, follow=True).content.decode()
    )


def test_the_page_says_how_many_records_it_leaves_out(due: Year, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracker.staff.rounds.reminders.MOST_SHOWN", 2)
    run()
    page = logged_in(due.cast.planner).get(address(due))
    assert "新しいものから 2通を示しています。" in page.content.decode()
    assert f'送った記録<span class="count">{MAILS}通</span>' in page.content.decode()
    assert len(page.context["sent"]) == 2


def test_the_page_sends_nothing_long_before_the_due_date(due: Year) -> None:
    set_due(due, 20)
    browser = logged_in(due.cast.planner)
    assert "締切まであと 20日あります" in browser.get(address(due)).content.decode()
    browser.post(address(due), {"days": 7})
    assert mail.outbox == []
    browser.post(address(due), {"days": 20})
    assert len(mail.outbox) == MAILS


@pytest.mark.parametrize("days", ["", "-1", "いつも", "1e3", "367", "\x00"])
def test_nonsense_days_are_an_error_beside_the_field(due: Year, days: str) -> None:
    browser = logged_in(due.cast.planner)
    for answer in (browser.get(address(due), {"days": days}), browser.post(address(due), {"days": days})):
        assert answer.status_code == 422
        assert answer.content.decode().count("日数は 0 から 366 までの数で書いてください。") == 2
    assert mail.outbox == []


def test_a_closed_round_says_so(due: Year) -> None:
    rounds.close(due.round, by=due.cast.planner)
    browser = logged_in(due.cast.planner)
    assert "この報告回は「締切済」です" in browser.get(address(due)).content.decode()
    browser.post(address(due), {"days": 7})
    assert mail.outbox == []


def test_few_queries(due: Year) -> None:
    with CaptureQueriesContext(connection) as queries:
        reminders.notices(due.round, timezone.localdate())
    assert len(queries) <= 7
