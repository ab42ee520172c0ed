"""What people are told of, when, and of what they are not told: each kind of mail but the reminder."""

import io
from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.cycle.notices.sent import after, at_the_office, only, outbox, recorded, run
from tests.staff.people import fill, person, submit
from tests.the_city import write_city
from tests.workspace import Workspace
from tracker.choices import ActionField, MailKind, Role
from tracker.cycle import cancelling, rounds, section_check, workflow
from tracker.cycle.notices.kinds import notices_of
from tracker.models import (
    Department,
    MailSwitch,
    Manifesto,
    Membership,
    ReportingRound,
    SentMail,
    User,
    YearlyAction,
)
from tracker.reports import publishing

MINE = ["both@city.example", "clerk@city.example", "colleague@city.example"]
THEIRS = ["both@city.example", "other@city.example"]
SITE = "https://manifesto.example/staff"


def send_back(space: Workspace, number: int, reason: str = "回数を書いてください。") -> YearlyAction:
    """Submits a row, where it was not, and returns it."""
    row = space.row(number)
    row = submit(row, space.cast.both) if row.state != "submitted" else row
    return workflow.send_back(row.pk, by=space.cast.planner, version=row.version, reason=reason)


def in_section(space: Workspace) -> None:
    """The clerk is the head whom rows wait for; the first row is written by a colleague."""
    Manifesto.objects.filter(pk=space.manifesto.pk).update(section_check=True)
    Membership.objects.filter(user=space.cast.clerk).update(is_head=True)
    fill(space.row(1), space.cast.colleague)


def to(found: list[tuple[str, str]]) -> list[str]:
    return [who for who, _subject in found]


def text() -> str:
    """The words of the last mail."""
    return str(mail.outbox[-1].body)


# --- the opening


@pytest.fixture
def opened(told: Workspace) -> Workspace:
    only(told.manifesto, MailKind.OPENED)
    return told


def test_an_opening_is_told_after_ten_minutes_once(opened: Workspace) -> None:
    for minutes, sent in ((0, []), (9, []), (10.1, [*MINE, *THEIRS]), (15, []), (60, [])):
        with after(minutes):
            run()
        assert to(outbox()) == sent


def test_an_opening_says_who_is_asked_for_what_until_when_and_where(opened: Workspace) -> None:
    with after(15):
        run()
    first = mail.outbox[0]
    assert first.subject == "【市長マニフェスト】令和6年度の報告：始まりました（土木課 2件）"
    body = str(first.body)
    assert body.startswith(
        "土木課 御中\n\n市長マニフェスト 令和6年度（2024年度）の取組の報告が始まりました。"
    )
    assert "（あと30日）" in body
    links = [line.strip() for line in body.splitlines() if SITE in line]
    rows = [opened.row(1).pk, opened.row(3).pk]
    assert links == [f"{SITE}/#round-{opened.round.pk}", *(f"{SITE}/actions/{pk}/" for pk in rows)]


def test_a_round_that_was_opened_by_mistake_and_cancelled_is_told_to_nobody(opened: Workspace) -> None:
    seen = cancelling.seen_digest(cancelling.typed_rows(opened.round))
    cancelling.cancel(opened.round, by=opened.cast.planner, reason="年度の誤り", seen=seen)
    with after(15):
        run()
    assert mail.outbox == []


def test_what_happened_long_ago_is_no_news(opened: Workspace) -> None:
    with after(60 * 24 * 7 + 5):
        run()
    assert mail.outbox == []


def test_what_happened_before_the_feature_began_is_told_to_nobody(opened: Workspace) -> None:
    MailSwitch.objects.update(since=timezone.now() + timedelta(seconds=1))
    with after(15):
        run()
    assert mail.outbox == []


def test_who_comes_to_a_department_later_is_told_and_nobody_again(opened: Workspace) -> None:
    with after(15):
        run()
    outbox()
    person("new", Role.DEPARTMENT, opened.theirs, email="new@city.example")
    with after(60):
        run()
    assert to(outbox()) == ["new@city.example"]


def test_who_has_left_a_demo_person_and_who_has_no_address_get_nothing(opened: Workspace) -> None:
    User.objects.filter(username="clerk").update(is_active=False)
    User.objects.filter(username="colleague").update(email="")
    person("demo", Role.DEPARTMENT, opened.mine, email="demo@city.example", is_demo=True)
    person("administrator2", Role.ADMINISTRATOR, opened.mine, email="administrator2@city.example")
    with after(15):
        run()
    assert to(outbox()) == ["both@city.example", *THEIRS]


def test_on_the_day_of_the_opening_nobody_is_reminded_as_well(told: Workspace) -> None:
    only(told.manifesto, MailKind.OPENED, MailKind.REMINDER)
    soon = timezone.now() + timedelta(minutes=15)
    day = timezone.localdate(soon)
    dates = {"opens_on": day, "due_on": day + timedelta(days=3)}
    ReportingRound.objects.filter(pk=told.round.pk).update(**dates)
    with time_machine.travel(soon):
        run()
    assert {"始まりました" in subject for _who, subject in outbox()} == {True}
    with time_machine.travel(at_the_office(day + timedelta(days=4))):
        run()
    assert {"締切を過ぎています" in subject for _who, subject in outbox()} == {True}


# --- returned rows


@pytest.fixture
def returning(told: Workspace) -> Workspace:
    only(told.manifesto, MailKind.RETURNED)
    return told


def test_rows_returned_within_ten_minutes_are_named_in_one_mail_with_their_reasons(
    returning: Workspace,
) -> None:
    send_back(returning, 1, "回数を<書いて>ください。")
    with after(6):
        send_back(returning, 3, "年月が分かりません。")
        run()
    assert outbox() == []
    with after(10.5):
        run()
    subject = "【市長マニフェスト】令和6年度の報告：取組 {}件が差し戻されました"
    assert [(message.to[0], message.subject) for message in mail.outbox] == [
        (who, subject.format(2)) for who in MINE
    ]
    body = str(mail.outbox[0].body)
    assert "  企画から：回数を<書いて>ください。" in body
    assert "  企画から：年月が分かりません。" in body
    assert body.index("1-1-1-1") < body.index("1-1-1-3")
    outbox()
    with after(16.5):  # the other department's ten minutes began with the second row
        run()
    assert outbox() == [(who, subject.format(1)) for who in THEIRS]


def test_a_row_that_was_submitted_again_within_ten_minutes_needs_no_mail(returning: Workspace) -> None:
    row = send_back(returning, 1)
    with after(5):
        workflow.submit(row.pk, by=returning.cast.clerk, version=row.version)
    with after(15):
        run()
    assert mail.outbox == []


def test_a_further_return_is_told_without_those_that_were_told_before(returning: Workspace) -> None:
    send_back(returning, 1)
    with after(11):
        run()
    assert to(outbox()) == MINE
    with after(20):
        send_back(returning, 3)
    with after(31):
        run()
        run()
    mine = [message for message in mail.outbox if "土木課 御中" in str(message.body)]
    assert [message.to[0] for message in mine] == MINE
    assert [("1-1-1-1" in str(each.body), "1-1-1-3" in str(each.body)) for each in mine] == [
        (False, True)
    ] * 3


def test_a_row_that_is_returned_a_second_time_is_told_again(returning: Workspace) -> None:
    row = send_back(returning, 1)
    with after(11):
        run()
        assert to(outbox()) == MINE
        workflow.submit(row.pk, by=returning.cast.clerk, version=row.version)
        send_back(returning, 1, "まだ足りません。")
    with after(22):
        run()
    assert "まだ足りません。" in text()
    assert to(outbox()) == MINE


def test_whose_first_mail_was_refused_learns_all_rows_at_once(returning: Workspace) -> None:
    send_back(returning, 1)
    with after(11):
        run()
    SentMail.objects.filter(recipient="clerk@city.example").delete()
    outbox()
    with after(12):
        send_back(returning, 3)
    with after(25):
        run()
    named = {
        message.to[0]: ("1-1-1-1" in str(message.body), "1-1-1-3" in str(message.body))
        for message in mail.outbox
        if "土木課 御中" in str(message.body)
    }
    assert named == {
        "both@city.example": (False, True),
        "clerk@city.example": (True, True),
        "colleague@city.example": (False, True),
    }


def test_an_approval_that_was_taken_back_is_a_return_and_says_what_it_is_about(returning: Workspace) -> None:
    row = submit(returning.row(1), returning.cast.clerk)
    row = workflow.approve(row.pk, by=returning.cast.planner, version=row.version)
    reason, field = "評価を見直してください。", ActionField.RATING
    workflow.reopen(row.pk, by=returning.cast.planner, version=row.version, reason=reason, field=field)
    with after(11):
        run()
    assert f"  企画から（{field.label}）：{reason}" in text()


def test_a_returned_row_of_nobody_is_told_to_the_planning_office(returning: Workspace) -> None:
    row = submit(returning.row(4), returning.cast.second_planner)
    workflow.send_back(row.pk, by=returning.cast.planner, version=row.version, reason="短く")
    with after(11):
        run()
    assert to(outbox()) == ["planner@city.example", "second_planner@city.example"]


def test_a_row_that_its_head_returned_is_told_with_the_heads_words(returning: Workspace) -> None:
    in_section(returning)
    row = workflow.submit(returning.row(1).pk, by=returning.cast.colleague, version=returning.row(1).version)
    section_check.give_back(row.pk, by=returning.cast.clerk, version=row.version, reason="数字を確かめて。")
    with after(11):
        run()
    assert "  課長から：数字を確かめて。" in text()
    assert "企画から" not in text()
    assert to(outbox()) == MINE


def test_a_submission_that_was_withdrawn_is_no_return(returning: Workspace) -> None:
    row = send_back(returning, 1)
    with after(11):
        run()
        assert to(outbox()) == MINE
        row = workflow.submit(row.pk, by=returning.cast.clerk, version=row.version)
        row = workflow.withdraw(row.pk, by=returning.cast.clerk, version=row.version)
        assert row.state == "returned"
    with after(30):
        run()
    assert mail.outbox == []


# --- another due date


@pytest.fixture
def moving(told: Workspace) -> Workspace:
    only(told.manifesto, MailKind.DUE_CHANGED)
    return told


def in_days(days: int) -> date:
    return timezone.localdate() + timedelta(days=days)


def move(space: Workspace, days: int) -> None:
    rounds.extend(space.round, due_on=in_days(days), by=space.cast.planner)


def test_an_extension_is_told_to_departments_with_open_rows(moving: Workspace) -> None:
    submit(moving.row(2), moving.cast.other)
    submit(moving.row(3), moving.cast.both)
    move(moving, 44)
    with after(11):
        run()
        run()
    assert to([(message.to[0], "") for message in mail.outbox]) == MINE
    subject = str(mail.outbox[0].subject)
    assert (subject.startswith("【市長マニフェスト】令和6年度の報告：締切が "), subject[-5:]) == (
        True, "延びました",
    )  # fmt: skip
    assert "土木課がまだ提出していない取組は 1件です。" in text()


def test_an_earlier_date_is_told_as_such(moving: Workspace) -> None:
    move(moving, 14)
    with after(11):
        run()
    assert "早まりました" in str(mail.outbox[0].subject)


def test_a_date_that_was_put_back_within_ten_minutes_is_no_news(moving: Workspace) -> None:
    move(moving, 44)
    with after(5):
        move_back = rounds.extend(moving.round, due_on=moving.round.due_on, by=moving.cast.planner)
    assert move_back.due_on == moving.round.due_on
    with after(20):
        run()
    assert mail.outbox == []


def test_moves_in_quick_succession_are_told_once_from_the_first_date_to_the_last(moving: Workspace) -> None:
    move(moving, 44)
    with after(5):
        move(moving, 58)
    with after(16):
        run()
    days = [f"{day.day}日" for day in (in_days(30), in_days(58))]
    [told] = {line for line in text().splitlines() if "締切日が" in line}
    assert [day in told for day in days] == [True, True]
    assert len(outbox()) == 5


def test_a_second_extension_is_told_too(moving: Workspace) -> None:
    for minutes, days in ((0, 44), (60, 58)):
        with after(minutes):
            move(moving, days)
        with after(minutes + 11):
            run()
        assert len(outbox()) == 5


# --- publication


def publish(space: Workspace, reason: str = "") -> None:
    publishing.publish(space.round, by="企画", unapproved_reason="確認中", reason=reason)


@pytest.fixture
def publishing_year(told: Workspace) -> Workspace:
    only(told.manifesto, MailKind.PUBLISHED)
    return told


def approve(space: Workspace, number: int, **values: object) -> None:
    row = submit(space.row(number), space.cast.both, **values)
    workflow.approve(row.pk, by=space.cast.planner, version=row.version)


def test_a_publication_is_told_with_its_public_address(publishing_year: Workspace) -> None:
    approve(publishing_year, 1)
    publish(publishing_year)
    with after(11):
        run()
        run()
    assert mail.outbox[0].subject == "【市長マニフェスト】令和6年度の報告：公表しました"
    assert "https://manifesto.example/2021/reports/2025-03-31/" in text()
    assert "訂正" not in text()
    assert to(outbox()) == [*MINE, *THEIRS]


def test_a_correction_is_told_with_its_reason(publishing_year: Workspace) -> None:
    approve(publishing_year, 1)
    publish(publishing_year)
    with after(11):
        run()
        outbox()
        planner = publishing_year.cast.planner
        rounds.start_correction(publishing_year.round, by=planner, reason="数の誤り")
        row = publishing_year.row(1)
        row = workflow.reopen(row.pk, by=planner, version=row.version, reason="数を")
        row = fill(row, publishing_year.cast.clerk, result="・3 回、会議を開きました。")
        row = workflow.submit(row.pk, by=publishing_year.cast.clerk, version=row.version)
        workflow.approve(row.pk, by=planner, version=row.version)
        publish(publishing_year, reason="回数の誤りを直しました。")
    with after(22):
        run()
    assert mail.outbox[0].subject == "【市長マニフェスト】令和6年度の報告：訂正版を公表しました"
    assert "訂正の理由：回数の誤りを直しました。" in text()


def test_what_came_with_a_table_is_no_news(publishing_year: Workspace) -> None:
    """The small workspace's last year was imported and published a moment ago."""
    with after(11):
        run()
    assert mail.outbox == []


# --- heads


MONDAY = datetime(2025, 5, 12, 9, 0, tzinfo=timezone.get_default_timezone())


@pytest.fixture
def heads(told: Workspace) -> Workspace:
    """The clerk is the head of a department, and the round was opened the week before."""
    only(told.manifesto, MailKind.WEEKLY)
    Membership.objects.filter(user=told.cast.clerk).update(is_head=True)
    dates = {"opens_on": date(2025, 5, 9), "due_on": date(2025, 5, 30)}
    ReportingRound.objects.filter(pk=told.round.pk).update(**dates)
    MailSwitch.objects.update(since=MONDAY - timedelta(days=30))
    return told


@pytest.mark.parametrize(
    ("days", "hour", "sent"),
    [
        (0, 7, 0), (0, 8, 1), (0, 23, 1), (2, 9, 1), (4, 9, 1), (5, 9, 0), (6, 9, 0), (-3, 9, 0), (-1, 9, 0),
        (7, 9, 1),
    ],
)  # fmt: skip
def test_heads_are_told_once_a_week_on_a_working_day(
    heads: Workspace, days: int, hour: int, sent: int
) -> None:
    with time_machine.travel(MONDAY.replace(hour=hour) + timedelta(days=days)):
        run()
        run()
    assert to(outbox()) == ["clerk@city.example"] * sent


def test_heads_are_told_every_week_anew(heads: Workspace) -> None:
    sent = []
    for day in range(15):
        with time_machine.travel(MONDAY + timedelta(days=day)):
            sent.append(run().sent_count)
    assert sent == [1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1]
    assert list(SentMail.objects.order_by("pk").values_list("occasion", flat=True)) == [
        "2025-W20", "2025-W21", "2025-W22",
    ]  # fmt: skip


def test_heads_read_how_many_rows_stand_where(heads: Workspace) -> None:
    submit(heads.row(1), heads.cast.colleague)
    with time_machine.travel(MONDAY):
        run()
    assert mail.outbox[0].subject == "【市長マニフェスト】令和6年度の報告：土木課の今週の状況"
    told = [line for line in text().splitlines() if line.startswith("・")]
    assert [line.partition("　")[0].split()[1] for line in told] == ["1件", "1件"]
    assert told[1] == "・提出済 1件　企画の承認を待っています。"


def test_heads_read_how_many_rows_wait_for_them(heads: Workspace) -> None:
    in_section(heads)
    workflow.submit(heads.row(1).pk, by=heads.cast.colleague, version=heads.row(1).version)
    with time_machine.travel(MONDAY):
        run()
    assert "・課内確認中 1件　課長の確認を待っています。" in text()


def test_heads_are_told_nothing_once_all_is_approved(heads: Workspace) -> None:
    approve(heads, 1)
    approve(heads, 3)
    with time_machine.travel(MONDAY):
        run()
    assert mail.outbox == []


# --- all kinds


def test_mails_say_whom_to_ask(told: Workspace) -> None:
    move(told, 44)
    write_city(office_name="企画調整課", office_telephone="内線 210")
    with after(11):
        run()
    assert text().rstrip().endswith("お問い合わせ：企画調整課（電話 内線 210）")


def test_a_kind_is_told_again_by_no_other_run_after_a_restore_of_the_switches(told: Workspace) -> None:
    move(told, 44)
    send_back(told, 1)
    with after(11):
        assert run().sent_count == 5 + 3
        assert run().sent_count == 0
    assert len(recorded()) == 8


def test_the_command_says_nothing_where_nothing_is_due(told: Workspace) -> None:
    call_command("send_mails", stdout=(out := io.StringIO()), stderr=(err := io.StringIO()))
    assert (out.getvalue(), err.getvalue()) == ("", "")


def test_the_command_names_what_it_sent(told: Workspace) -> None:
    send_back(told, 1)
    with after(11):
        call_command("send_mails", stdout=(out := io.StringIO()))
    named = f"差戻し　土木課（令和6年度、1 件）　{'、'.join(MINE)}"
    assert out.getvalue() == f"送りました：{named}\n3 通を送りました。\n"


def test_a_dry_run_names_what_is_due_and_when(told: Workspace) -> None:
    Department.objects.filter(pk=told.mine.pk).update(name="土木管理課")
    send_back(told, 1)
    due = timezone.localtime(timezone.now() + timedelta(minutes=10))
    call_command("send_mails", dry_run=True, stdout=(out := io.StringIO()))
    assert out.getvalue().startswith(f"送る相手（{due:%m/%d %H:%M} から）：差戻し　土木管理課（")
    assert (mail.outbox, SentMail.objects.count()) == ([], 0)


def test_a_constant_number_of_queries(told: Workspace) -> None:
    only(told.manifesto, *MailKind)
    Membership.objects.update(is_head=True)
    send_back(told, 1)
    counts = []
    for number in (2, 3):
        with CaptureQueriesContext(connection) as queries:
            notices_of(told.round, timezone.now(), days=60)
        counts.append(len(queries))
        send_back(told, number)
    assert counts[0] == counts[1] <= 13
