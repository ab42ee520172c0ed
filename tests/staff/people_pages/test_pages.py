"""The list of people says who can log in; links are made for those who are picked, by slip or by mail."""

import smtplib
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings as project
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.fixtures import Settings

from tests.organisation.people.test_applying import apply, listed_by
from tests.public.markup import Element, parse
from tests.staff.frame.test_login import log_in
from tests.staff.people import logged_in, person
from tests.workspace import Workspace
from tracker.choices import Role
from tracker.models import Event, Invitation, Membership, User
from tracker.organisation import invitations
from tracker.organisation.invitations import number_of

PEOPLE = "/staff/people/"
PASSWORD = "ながいあいことば2024"


@pytest.fixture
def mail_is_set_up(settings: Settings) -> None:
    settings.EMAIL_HOST, settings.STAFF_SITE_URL = "mail.example", "https://manifesto.example/staff/"


def shown(response: Any) -> Element:
    return parse(response.content.decode())


def standings(client: Client, query: str = "") -> dict[str, str]:
    rows = shown(client.get(PEOPLE + query)).table_rows()
    return {row[2]: row[6] for row in rows[1:]}


def pick(client: Client, *people: User, act: str = "slips", **fields: str) -> Any:
    return client.post(
        PEOPLE, {"pick": [user.pk for user in people], "act": act, "scope": "picked", **fields}
    )


def told(client: Client) -> list[str]:
    return [str(message) for message in client.get(PEOPLE).context["messages"]]


def test_the_list_says_the_truth(space: Workspace) -> None:
    cast = space.cast
    for user in (cast.other, cast.both, cast.planner):
        user.set_password(PASSWORD)
        user.save()
    User.objects.filter(pk=cast.both.pk).update(is_active=False)
    person("demo", Role.DEPARTMENT, is_demo=True)
    for _ in range(project.AXES_FAILURE_LIMIT):
        log_in(Client(), "planner", "x")
    locked = standings(logged_in(cast.administrator))["planner"]
    assert locked == "使えない（パスワードの間違いが続き、一時止めている）"
    invitations.invite([cast.colleague.pk], by=cast.administrator, by_mail=False)
    with time_machine.travel(timezone.now() + timedelta(days=6, hours=1)):
        invitations.invite([cast.clerk.pk, cast.other.pk], by=cast.administrator, by_mail=False)
    with time_machine.travel(timezone.now() + timedelta(days=7, minutes=1)):
        found = standings(logged_in(cast.administrator))
    assert found["clerk"].startswith("招待中（期限 令和")
    assert found["other"].startswith("ログインできる（パスワードの案内を渡している、期限 令和")
    assert found["colleague"] == "使えない（招待の期限が切れた）"
    assert found["stranger"] == "使えない（パスワードが未設定）"
    assert found["both"] == "使えない（止めている）"
    assert found["demo"] == "使えない（見本の利用者）"


def test_slips_are_by_department_and_their_numbers_work(space: Workspace) -> None:
    cast, client = space.cast, logged_in(space.cast.administrator)
    Membership.objects.filter(user=cast.both, department=space.mine).update(is_concurrent=True)
    answer = pick(client, cast.other, cast.clerk, cast.both, cast.stranger)
    assert answer.status_code == 302
    page = shown(client.get(answer.headers["Location"]))
    offices = [[each.one("h2").text, len(each.all("article"))] for each in page.all("section", "slip-office")]
    assert offices == [["土木課1人", 1], ["農政課2人", 2], ["所属のない人1人", 1]]
    made = Invitation.objects.get(user=cast.clerk)
    [slip] = page.all("section", "slip-office")[0].all("article")
    assert "土木課 試験 clerk 様" in slip.text
    assert slip.texts("dd")[:3] == ["http://testserver/staff/invitation/", "clerk", number_of(made)]
    invitations.accept("clerk", number_of(made), PASSWORD)
    again = shown(client.get(answer.headers["Location"]))
    assert again.all("section", "slip-office")[0].one("h2").text == "農政課2人"


def test_slips_are_their_makers_only(space: Workspace) -> None:
    """A number lets in: who else sees it could be that person."""
    answer = pick(logged_in(space.cast.administrator), space.cast.clerk)
    address = answer.headers["Location"]
    others = [space.cast.planner, person("boss2", Role.ADMINISTRATOR), space.cast.clerk]
    assert [logged_in(user).get(address).status_code for user in others] == [404, 404, 404]
    own = logged_in(space.cast.administrator).get(address)
    assert (own.status_code, "no-store" in own.headers["Cache-Control"]) == (200, True)


def test_the_planning_office_reaches_department_staff_only(space: Workspace) -> None:
    cast, client = space.cast, logged_in(space.cast.planner)
    assert set(standings(client)) == {"clerk", "colleague", "other", "both", "stranger"}
    assert pick(client, cast.clerk).status_code == 302
    for user in (cast.administrator, cast.second_planner, cast.planner):
        assert pick(client, cast.clerk, user).status_code == 403
    assert set(Invitation.objects.values_list("user__username", flat=True)) == {"clerk"}
    everybody = pick(client, scope="all")
    assert everybody.status_code == 302
    assert Invitation.objects.count() == 5


def test_nobody_picked_is_told_and_what_was_picked_stays(space: Workspace) -> None:
    client = logged_in(space.cast.administrator)
    answer = pick(client)
    assert (answer.status_code, "案内を作る人を選んでください。" in shown(answer).text) == (422, True)
    answer = pick(client, space.cast.clerk, act="mail")  # no mail is set up
    assert (answer.status_code, Invitation.objects.count()) == (422, 0)
    boxes = [each for each in shown(answer).all("input") if each.attributes.get("name") == "pick"]
    assert [each.attributes["value"] for each in boxes if "checked" in each.attributes] == [
        str(space.cast.clerk.pk)
    ]


@pytest.mark.usefixtures("mail_is_set_up")
def test_mails_go_out_and_who_got_none_is_named(space: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    cast, client = space.cast, logged_in(space.cast.administrator)
    for user, email in ((cast.clerk, "c@x.jp"), (cast.colleague, "refused@x.jp"), (cast.other, "o@x.jp")):
        User.objects.filter(pk=user.pk).update(email=email)
    send = EmailBackend.send_messages

    def refuses(self: EmailBackend, messages: Any) -> int:
        if messages[0].to == ["refused@x.jp"]:
            raise smtplib.SMTPRecipientsRefused({"refused@x.jp": (550, b"no")})
        return send(self, messages)

    monkeypatch.setattr(EmailBackend, "send_messages", refuses)
    pick(client, cast.clerk, cast.colleague, cast.other, cast.both, act="mail")
    assert [message.to for message in mail.outbox] == [["c@x.jp"], ["o@x.jp"]]
    assert told(client) == [
        "2 人に、パスワードの案内をメールで送りました。",
        "試験 colleague（colleague）：送れませんでした（メールサーバーが宛先を受け付けません（550））。"
        "もう一度送るか、印刷する案内を作って渡してください。",
        "試験 both（both）：メールアドレスがありません。"
        "メールでは送れません。印刷する案内を作って渡してください。",
    ]
    mailed = dict(Invitation.objects.values_list("user__username", "mailed_at"))
    assert {name: at is not None for name, at in mailed.items()} == {
        "clerk": True, "colleague": False, "other": True,
    }  # fmt: skip
    number = number_of(Invitation.objects.get(user=cast.clerk))
    assert f"https://manifesto.example/staff/invitation/#clerk/{number}" in mail.outbox[0].body
    assert Event.objects.filter(content__act="招待").count() == 3


def test_the_new_people_of_a_list_are_picked_together(space: Workspace) -> None:
    boss, client = space.cast.administrator, logged_in(space.cast.administrator)
    listed = apply(listed_by(boss), boss)
    query = f"?list={listed.key}"
    assert set(standings(client, query)) == {"n1", "n2"}
    answer = client.post(PEOPLE + query, {"act": "slips", "scope": "all"})
    assert answer.status_code == 302
    assert set(Invitation.objects.values_list("user__username", flat=True)) == {"n1", "n2"}
    assert set(standings(client, f"{query}&show=waits")) == set()


def test_people_are_found_by_standing_department_and_words(space: Workspace) -> None:
    client = logged_in(space.cast.administrator)
    space.cast.clerk.set_password(PASSWORD)
    space.cast.clerk.save()
    assert set(standings(client, "?show=able")) == {"clerk"}
    assert set(standings(client, "?department=002")) == {"other", "both"}
    assert set(standings(client, "?q=ＣＬＥＲＫ")) == {"clerk"}
    unknown = client.get(f"{PEOPLE}?show=x&department=999&list=y&page=nonsense")
    assert unknown.status_code == 200
    assert "分からないものは使っていません" in shown(unknown).text


def test_the_number_of_statements_does_not_grow_with_the_people(space: Workspace) -> None:
    client, counts = logged_in(space.cast.administrator), []
    for number in range(2):
        people = [person(f"p{number}{n}", Role.DEPARTMENT, space.mine) for n in range(3 + 40 * number)]
        invitations.invite([user.pk for user in people], by=space.cast.administrator, by_mail=False)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(PEOPLE).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]
