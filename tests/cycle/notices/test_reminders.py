"""Reminders: one mail a day to each department with open rows, recorded after the server accepted it."""

import io
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils import timezone
from pytest_django import Settings

from tests.cycle.notices.sent import only
from tests.staff.conftest import Year, begun_year, year  # noqa: F401 - fixtures
from tests.staff.people import fill, person, submit
from tracker.choices import MailKind, Role, RoundState
from tracker.cycle import workflow
from tracker.cycle.notices.kinds import notices_of
from tracker.cycle.notices.notice import Notice
from tracker.cycle.notices.sending import rounds_to_remind
from tracker.models import (
    Assignment,
    Department,
    Manifesto,
    Membership,
    ReportingRound,
    SentMail,
    User,
    YearlyAction,
)


@pytest.fixture
def due(year: Year) -> Year:  # noqa: F811
    """The round is due in three days, and all people of the cast have an address."""
    for user in User.objects.all():
        User.objects.filter(pk=user.pk).update(email=f"{user.username}@city.example")
    set_due(year, 3)
    only(year.round.manifesto, MailKind.REMINDER)
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


def reminders_of(year: Year) -> list[Notice]:  # noqa: F811
    return notices_of(year.round, timezone.now())


def notice_of(year: Year, department: Department | None) -> Notice:  # noqa: F811
    found = reminders_of(year)
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
        f"https://manifesto.example/staff/#round-{due.round.pk}",
        *(f"https://manifesto.example/staff/actions/{row.pk}/" for row in rows),
    ]
    records = SentMail.objects.filter(department=due.mine).order_by("recipient")
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
    assert notice.body.index("■ 差戻し") < notice.body.index("■ 入力中") < notice.body.index("■ 未入力")
    assert "  企画から：回数を<書いて>ください。" in notice.body


def test_rows_that_wait_for_the_head_are_asked_for_apart(due: Year) -> None:
    Manifesto.objects.update(section_check=True)
    Membership.objects.filter(user=due.cast.clerk).update(is_head=True)
    row = submit(due.action, due.cast.colleague)
    assert row.state == "in_section"
    body = notice_of(due, due.mine).body
    assert "■ 課内確認中（1件）　課長が確認すると、企画に提出されます。" in body


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


@pytest.mark.parametrize(("left", "is_near"), [(-1, True), (7, True), (8, False)])
def test_a_week_is_near_where_nobody_says_otherwise(due: Year, left: int, is_near: bool) -> None:
    set_due(due, left)
    assert list(rounds_to_remind(timezone.now())) == ([due.round] if is_near else [])


@pytest.mark.parametrize("state", [RoundState.CLOSED, RoundState.PUBLISHED])
def test_a_round_that_takes_no_answers_is_not_asked_for(due: Year, state: RoundState) -> None:
    ReportingRound.objects.filter(pk=due.round.pk).update(state=state)
    assert run()[0] == "締切が近い報告回はありません。\n"
    assert mail.outbox == []


def test_twice_on_a_day_sends_nothing_twice(due: Year, monkeypatch: pytest.MonkeyPatch) -> None:
    run()
    sent = len(mail.outbox)
    out, _err = run()
    assert (len(mail.outbox), SentMail.objects.count()) == (sent, sent)
    assert f"に送りました：催促　{due.mine.name}（" in out
    tomorrow = timezone.now() + timedelta(days=1)
    monkeypatch.setattr(timezone, "now", lambda: tomorrow)
    run()
    assert (len(mail.outbox), SentMail.objects.count()) == (2 * sent, 2 * sent)


def test_the_database_holds_one_a_day(due: Year) -> None:
    run()
    for department in (due.mine, None):
        record = SentMail.objects.filter(department=department)[0]
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
    assert SentMail.objects.filter(department=None).count() == 2


def test_notices_come_by_the_departments_codes_and_the_planning_office_last(due: Year) -> None:
    Department.objects.filter(pk=due.mine.pk).update(code="z9")
    Department.objects.filter(pk=due.theirs.pk).update(code="00")
    Assignment.objects.filter(initiative=due.action.initiative).delete()
    found = [notice.department for notice in reminders_of(due)]
    codes = [department.code for department in found if department]
    assert (codes, found[-1]) == (sorted(codes), None)
    assert (codes[0], codes[-1], len(codes) > 10) == ("00", "z9", True)


def test_who_was_mailed_today_is_told_in_the_order_of_the_mails(due: Year) -> None:
    now = timezone.now()
    for minutes, who in ((5, "a"), (9, "b"), (7, "c")):
        at = now + timedelta(minutes=minutes)
        to = {"recipient": f"{who}@city.example", "kind": "reminder", "row_count": 1}
        to["occasion"] = timezone.localdate().isoformat()
        SentMail.objects.create(round=due.round, department=due.mine, sent_at=at, **to)
    [found] = [each for each in reminders_of(due) if each.department == due.mine]
    assert found.mailed == ["a@city.example", "c@city.example", "b@city.example"]
    assert found.sent_at == f"{timezone.localtime(now + timedelta(minutes=9)):%H:%M}"


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
        f"https://manifesto.example/staff/#round-{due.round.pk}", f"https://manifesto.example/staff/actions/{row.pk}/",
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
    assert f"メールアドレスが登録されていません：催促　{due.mine.name}（令和6年度、" in err
    assert not SentMail.objects.filter(department=due.mine).exists()


def test_nothing_is_sent_in_a_dry_run(due: Year, settings: Settings) -> None:
    settings.EMAIL_HOST = ""
    out, _err = run(dry_run=True)
    assert f"送る相手：催促　{due.mine.name}（令和6年度、" in out
    assert (mail.outbox, SentMail.objects.count()) == ([], 0)


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
    assert (mail.outbox, SentMail.objects.count()) == ([], 0)


@pytest.mark.parametrize(("option", "value"), [("days", -1), ("days", 1000), ("manifesto", "nonsense")])
def test_nonsense_options_are_refused(due: Year, option: str, value: object) -> None:
    with pytest.raises(CommandError, match=f"--{option}"):
        run(**{option: value})


def test_one_manifesto_only(due: Year) -> None:
    assert run(manifesto="2021")[0].endswith(f"{MAILS} 通を送りました。\n")
