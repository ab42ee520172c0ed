"""Setting a password by a number, and asking for one: before the login, alike for all who guess."""

import logging
import re
from threading import Thread

import pytest
from axes.models import AccessAttempt
from django.core import mail
from django.http import HttpResponse
from django.test import Client
from pytest_django.fixtures import Settings

from tests.public.markup import parse
from tests.staff.frame.test_login import is_in, log_in
from tests.staff.people import logged_in
from tests.workspace import Workspace
from tracker.models import Event, Invitation, User
from tracker.organisation import invitation_mails, invitations
from tracker.organisation.invitations import number_of
from tracker.staff.frame import lock_out

HERE, FORGOTTEN = "/staff/invitation/", "/staff/forgotten/"
PASSWORD = "ながいあいことば2024"
MAIL = {"EMAIL_HOST": "mail.example", "STAFF_SITE_URL": "https://manifesto.example/staff/"}


@pytest.fixture
def mail_is_set_up(settings: Settings) -> None:
    for name, value in MAIL.items():
        setattr(settings, name, value)


@pytest.fixture
def sent_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The thread has ended before the answer."""
    apart = invitation_mails.mail_apart

    def joined(invitation: Invitation) -> Thread:
        thread = apart(invitation)
        thread.join()
        return thread

    monkeypatch.setattr(invitation_mails, "mail_apart", joined)


def slip(space: Workspace, name: str = "clerk") -> str:
    user = getattr(space.cast, name)
    [made] = invitations.invite([user.pk], by=space.cast.administrator, by_mail=False).invitations
    return number_of(made)


def give(client: Client, number: str, username: str = "clerk", **other: str) -> HttpResponse:
    fields = {"username": username, "password_number": number, "password1": PASSWORD, "password2": PASSWORD}
    answer: HttpResponse = client.post(HERE, {**fields, **other})
    return answer


def test_a_number_sets_a_password_and_leads_to_the_login(space: Workspace) -> None:
    client = Client()
    answer = give(client, slip(space))
    assert (answer.status_code, answer.headers["Location"]) == (302, "/staff/login/")
    shown = client.get("/staff/login/").content.decode()
    assert "パスワードを設定しました。利用者名「clerk」でログインしてください。" in shown
    assert (is_in(client), log_in(client, "clerk", PASSWORD).status_code, is_in(client)) == (False, 302, True)


def test_it_ends_every_session_of_the_person_and_of_this_browser(space: Workspace) -> None:
    own, here, number = logged_in(space.cast.clerk), logged_in(space.cast.other), slip(space)
    assert give(here, number).status_code == 302
    assert [is_in(client) for client in (own, here)] == [False, False]


def refusal(answer: HttpResponse) -> list[str]:
    assert answer.status_code == 422
    return parse(answer.content.decode()).one("div", "notice-error").texts("li")


def test_a_wrong_number_says_the_same_whoever_it_is(space: Workspace) -> None:
    slip(space)
    wrong = [refusal(give(Client(), "AAAA-BBBB-CCCC", name)) for name in ("clerk", "colleague", "nobody")]
    assert wrong[0] == wrong[1] == wrong[2]
    assert wrong[0][0].startswith("招待番号：利用者名か招待番号が違います。")


def test_a_password_obeys_the_rules_and_the_number_can_be_used_again(space: Workspace) -> None:
    number = slip(space)
    for first, second in (("短い", "短い"), ("1234567890", "1234567890"), (PASSWORD, "べつのあいことば2024")):
        answer = give(Client(), number, password1=first, password2=second)
        assert answer.status_code == 422
        assert first not in answer.content.decode()
    assert give(Client(), number).status_code == 302


def test_whoever_guesses_has_to_wait_and_who_failed_to_log_in_has_not(
    space: Workspace, settings: Settings
) -> None:
    number, client = slip(space), Client()
    for _ in range(settings.AXES_FAILURE_LIMIT):
        log_in(client, "clerk", "x")
    assert log_in(client, "clerk", "x").status_code == 429
    for _ in range(settings.AXES_FAILURE_LIMIT - 1):
        assert give(client, "AAAA-BBBB-CCCC").status_code == 422
    assert give(client, number).status_code == 302  # locked out at the login, not here
    assert log_in(client, "clerk", PASSWORD).status_code == 302  # and it lets in again
    number = slip(space, "other")
    for _ in range(settings.AXES_FAILURE_LIMIT):
        give(client, "AAAA-BBBB-CCCC", "other")
    assert give(client, number, "other").status_code == 429
    assert not User.objects.get(username="other").has_password
    assert log_in(client, "other", "x").status_code == 200  # the login counts for itself


@pytest.mark.django_db
def test_an_address_that_tries_many_names_has_to_wait() -> None:
    tried = [give(Client(), "AAAA-BBBB-CCCC", f"n{n}").status_code for n in range(lock_out.MOST_NAMES + 1)]
    assert tried == [422] * lock_out.MOST_NAMES + [429]


def test_a_form_from_an_older_page_is_answered_without_its_number(space: Workspace) -> None:
    number, client = slip(space), Client(enforce_csrf_checks=True)
    fields = {"username": "clerk", "password_number": number, "password1": PASSWORD, "password2": PASSWORD}
    answer = client.post(HERE, fields, headers={"Origin": "http://testserver"})
    assert answer.status_code == 403
    assert "画面を開き直す" in answer.content.decode()
    assert not any(secret in answer.content.decode() for secret in (number, PASSWORD))


def test_sent_twice_it_is_done_once(space: Workspace) -> None:
    number, client = slip(space), Client(enforce_csrf_checks=True)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', client.get(HERE).content.decode())
    assert token
    answers = [give(client, number, csrfmiddlewaretoken=token[1]) for _click in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]


def test_no_log_and_no_note_of_a_failure_holds_a_number(
    space: Workspace, caplog: pytest.LogCaptureFixture
) -> None:
    number = slip(space)
    with caplog.at_level(logging.DEBUG):
        give(Client(), number, password2="ちがうあいことば2024")
        give(Client(), number, "nobody")
        Client().get(HERE, {"x": "y"})
    noted = str(list(AccessAttempt.objects.values()))
    assert "number:nobody" in noted
    assert not any(secret in caplog.text + noted for secret in (number, number.replace("-", ""), PASSWORD))


# --- asking for one ---


@pytest.mark.usefixtures("mail_is_set_up", "sent_at_once")
def test_the_answer_does_not_tell_who_there_is(space: Workspace) -> None:
    User.objects.filter(pk=space.cast.clerk.pk).update(email="c@city.example")
    answers = [Client().post(FORGOTTEN, {"username": name}, follow=True) for name in ("clerk", "nobody")]
    shown = [re.sub(r'value="[^"]*"', "", answer.content.decode()) for answer in answers]
    assert shown[0] == shown[1]
    assert [answer.redirect_chain for answer in answers] == [[("/staff/forgotten/?sent=1", 302)]] * 2
    [message] = mail.outbox
    assert message.to == ["c@city.example"]
    [link] = re.findall(r"https://\S+#\S+", message.body)
    address, _sharp, secret = link.partition("#")
    assert (address, secret.split("/")[0]) == ("https://manifesto.example/staff/invitation/", "clerk")
    assert "心当たりがなければ、何もしないでください" in message.body
    assert give(Client(), secret.split("/")[1]).status_code == 302
    assert Event.objects.filter(actor=invitations.NOBODY).count() == 1


@pytest.mark.usefixtures("mail_is_set_up", "sent_at_once")
def test_whoever_asks_too_often_has_to_wait(space: Workspace, settings: Settings) -> None:
    client = Client()
    asked = [
        client.post(FORGOTTEN, {"username": "x"}).status_code for _ in range(settings.AXES_FAILURE_LIMIT + 1)
    ]
    assert asked == [302] * settings.AXES_FAILURE_LIMIT + [429]
    assert log_in(Client(), "x", "y").status_code == 200


@pytest.mark.usefixtures("mail_is_set_up", "sent_at_once")
def test_a_mail_that_is_refused_is_in_the_log_by_name(
    space: Workspace, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuses(*_arguments: object, **_named: object) -> None:
        raise OSError("no")

    monkeypatch.setattr("django.core.mail.EmailMessage.send", refuses)
    User.objects.filter(pk=space.cast.clerk.pk).update(email="c@city.example")
    assert Client().post(FORGOTTEN, {"username": "clerk"}).status_code == 302
    assert "no mail to clerk" in caplog.text
    number = number_of(Invitation.objects.get())
    assert number not in caplog.text


def test_without_mail_the_page_says_whom_to_ask(space: Workspace) -> None:
    shown = Client().get(FORGOTTEN).content.decode()
    assert "管理者か企画に" in shown
    assert "<button" not in parse(shown).one("main").text
    assert Client().post(FORGOTTEN, {"username": "clerk"}).status_code == 409
    assert FORGOTTEN in parse(Client().get("/staff/login/").content.decode()).links
