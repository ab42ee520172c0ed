"""The page of a round's mails: what would be sent, what was sent and refused, and which kinds are sent."""

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from django.utils.timezone import localtime
from pytest_django import Settings

from tests.cycle.notices.conftest import _mail_is_set_up, server, told  # noqa: F401 - fixtures
from tests.cycle.notices.sent import only
from tests.mail_server import MailServer
from tests.public.markup import parse
from tests.staff.people import logged_in, submit
from tests.workspace import Workspace
from tracker.choices import MailKind
from tracker.cycle import rounds, workflow
from tracker.cycle.notices import sending
from tracker.models import MailSwitch, ReportingRound, SentMail, User
from tracker.templatetags.tracker_public import date_and_time

MAILS = 7  # to three people of my department, two of the other and two planners


@pytest.fixture
def due(told: Workspace) -> Workspace:  # noqa: F811
    """The round is due in three days, and people are reminded only."""
    only(told.manifesto, MailKind.REMINDER)
    due_on = timezone.localdate() + timedelta(days=3)
    ReportingRound.objects.filter(pk=told.round.pk).update(due_on=due_on)
    told.round.refresh_from_db()
    return told


@pytest.fixture
def browser(told: Workspace) -> Client:  # noqa: F811
    return logged_in(told.cast.planner)


def address(space: Workspace, more: str = "") -> str:
    return f"/staff/rounds/{space.round.pk}/mails/{more}"


@pytest.mark.parametrize(("who", "status"), [("clerk", 404), ("stranger", 404), ("administrator", 403)])
def test_only_the_planning_office_sends_mails_and_turns_kinds(due: Workspace, who: str, status: int) -> None:
    browser = logged_in(getattr(due.cast, who))
    found = [
        browser.get(address(due)).status_code,
        browser.post(address(due), {"days": 7}).status_code,
        browser.post(address(due, "kinds/")).status_code,
    ]
    assert found == [status] * 3
    assert mail.outbox == []
    assert MailSwitch.objects.filter(is_on=True).count() == 1


def test_the_page_shows_what_it_then_sends(due: Workspace, browser: Client) -> None:
    shown = browser.get(address(due)).context["sendable"]
    expected = [([to], notice.subject, notice.body) for notice in shown for to in notice.recipients]
    assert mail.outbox == []
    assert browser.post(address(due), {"days": 7}).status_code == 302
    assert [(message.to, message.subject, message.body) for message in mail.outbox] == expected
    assert set(SentMail.objects.values_list("sent_by", flat=True)) == {due.cast.planner.signature}
    page = browser.get(address(due))
    assert f"{MAILS} 通のメールを送りました。" in page.content.decode()
    assert (page.context["sendable"], len(page.context["sent"])) == ([], MAILS)


def test_what_waits_says_until_when_and_the_button_does_not_wait(
    told: Workspace,  # noqa: F811
    browser: Client,
) -> None:
    row = submit(told.row(1), told.cast.clerk)
    workflow.send_back(row.pk, by=told.cast.planner, version=row.version, reason="回数を")
    moment = date_and_time(localtime(timezone.now() + timedelta(minutes=10)))
    page = browser.get(address(told)).content.decode()
    assert " ".join(page.split()).count(f"{moment}</time> から自動で送ります") == 1
    browser.post(address(told), {"days": 7})
    assert [message.to for message in mail.outbox] == [
        ["both@city.example"], ["clerk@city.example"], ["colleague@city.example"]
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("EMAIL_HOST", "", "EMAIL_HOST を設定してください。"),
        ("STAFF_SITE_URL", "", "STAFF_SITE_URL を"),
        ("STAFF_SITE_URL", "manifesto.example", "STAFF_SITE_URL を"),
    ],
)
def test_without_settings_it_says_what_is_lacking(
    due: Workspace, browser: Client, settings: Settings, name: str, value: str, words: str
) -> None:
    setattr(settings, name, value)
    page = browser.get(address(due)).content.decode()
    assert words in page
    assert "通をいま送る" not in page
    assert browser.post(address(due), {"days": 7}).status_code == 409
    assert (mail.outbox, SentMail.objects.count()) == ([], 0)


def test_the_page_tells_who_got_no_mail_and_sends_it_again(
    due: Workspace,
    browser: Client,
    server: MailServer,  # noqa: F811
) -> None:
    server.refused = {"clerk@city.example": "550 no such person"}
    page = browser.post(address(due), {"days": 7}, follow=True).content.decode()
    sent, refused = parse(page).all("div", "told")
    assert (sent.attributes["role"], refused.attributes["role"]) == ("status", "alert")
    assert sent.attributes["class"].split()[-1] == "notice-messages"
    assert refused.attributes["class"].split()[-1] == "notice-error"  # a failure is not told in green
    assert sent.text == f"{MAILS - 1} 通のメールを送りました。"
    assert date_and_time(localtime(SentMail.objects.latest("pk").sent_at)) in page
    words = "clerk@city.example に送れませんでした（メールサーバーが宛先を受け付けません（550））。"
    assert f"土木課：{words}記録していないので、もう一度送ると、" in page
    assert '<button type="submit">1通をいま送る</button>' in page
    assert "both@city.example、colleague@city.example（" in page
    assert '届けられなかったメール<span class="count">1通</span>' in page
    assert "（土木課、催促）：メールサーバーが宛先を受け付けません（550）\n" in page
    server.refused = {}
    page = browser.post(address(due), {"days": 7}, follow=True).content.decode()
    assert "1 通のメールを送りました。" in page
    assert "届けられなかったメール" not in page


def test_a_slow_server_is_told(due: Workspace, browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "MOST_SECONDS", 0.0)
    page = browser.post(address(due), {"days": 7}, follow=True).content.decode()
    assert f"途中でやめました。まだ送っていないメールが {MAILS} 通あります。" in page


def test_a_department_without_any_address_is_named(due: Workspace, browser: Client) -> None:
    User.objects.filter(memberships__department=due.theirs).update(email="")
    page = browser.get(address(due)).content.decode()
    assert "<p>農政課</p>" in page.partition('id="without-address"')[2]


def test_the_page_says_how_many_records_it_leaves_out(
    due: Workspace, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracker.staff.rounds.mails.MOST_SHOWN", 2)
    browser.post(address(due), {"days": 7})
    page = browser.get(address(due))
    assert "新しいものから 2通を示しています。" in page.content.decode()
    assert f'送った記録<span class="count">{MAILS}通</span>' in page.content.decode()
    assert len(page.context["sent"]) == 2


def test_the_page_reminds_nobody_long_before_the_due_date(due: Workspace, browser: Client) -> None:
    due_on = timezone.localdate() + timedelta(days=20)
    ReportingRound.objects.filter(pk=due.round.pk).update(due_on=due_on)
    assert "催促のメールは、締切の 7日前から送れます" in browser.get(address(due)).content.decode()
    browser.post(address(due), {"days": 7})
    assert mail.outbox == []
    browser.post(address(due), {"days": 20})
    assert len(mail.outbox) == MAILS


@pytest.mark.parametrize("days", ["", "-1", "いつも", "1e3", "367", "\x00"])
def test_nonsense_days_are_an_error_beside_the_field(due: Workspace, browser: Client, days: str) -> None:
    for answer in (browser.get(address(due), {"days": days}), browser.post(address(due), {"days": days})):
        assert answer.status_code == 422
        assert answer.content.decode().count("日数は 0 から 366 までの数で書いてください。") == 2
    assert mail.outbox == []


def test_a_closed_round_has_nothing_to_send(due: Workspace, browser: Client) -> None:
    rounds.close(due.round, by=due.cast.planner)
    assert "いま送るメールはありません。" in browser.get(address(due)).content.decode()
    page = browser.post(address(due), {"days": 7}, follow=True).content.decode()
    assert "いま送るメールはありません。" in page
    assert mail.outbox == []


def test_kinds_are_turned_on_the_page(due: Workspace, browser: Client) -> None:
    page = browser.post(address(due, "kinds/"), {"kind": ["opened"]}, follow=True)
    assert "送るメールの種類を変えました（「報告の開始」、「催促」）。" in page.content.decode()
    assert [kind for kind, is_on, _when in page.context["kinds"] if is_on] == [MailKind.OPENED]
    page = browser.post(address(due, "kinds/"), {"kind": ["opened"]}, follow=True)
    assert "送るメールの種類は、前と同じです。" in page.content.decode()


def test_a_round_without_a_due_date_says_so(due: Workspace, browser: Client) -> None:
    ReportingRound.objects.filter(pk=due.round.pk).update(due_on=None)
    assert (
        "締切日が決まっていないので、催促のメールは送れません。" in browser.get(address(due)).content.decode()
    )


def test_who_comes_back_to_the_address_of_the_kinds_gets_their_page(due: Workspace, browser: Client) -> None:
    answer = browser.get(address(due, "kinds/"))
    assert (answer.status_code, answer.headers["Location"]) == (302, address(due))
