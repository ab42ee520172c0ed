"""2 段階認証: setting it up, codes and recovery codes, who has to wait, and who takes it off."""

import re
import time
from html import unescape

import pytest
import time_machine
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import CommandError, call_command
from django.http import HttpResponse
from django.test import Client
from pytest_django.fixtures import Settings

from tests.staff.frame.test_login import PASSWORD, hidden, is_in, log_in, make
from tests.staff.people import logged_in
from tests.staff.sign_in.codes import code_of, with_app
from tests.workspace import Workspace
from tracker.cycle.event_words import told as told_of
from tracker.models import Event, RecoveryCode, SecondFactor, User
from tracker.organisation.sign_in import second_factor
from tracker.staff.frame import entering, lock_out

pytestmark = pytest.mark.django_db
STEP, OWN = "/staff/login/second/", "/staff/second-factor/"


@pytest.fixture(autouse=True)
def _on(settings: Settings) -> None:
    settings.SECOND_FACTOR = True


def wrong_code(secret: str) -> str:
    near = {code_of(secret, steps) for steps in range(-3, 4)}
    return next(each for each in ("000000", "111111", "222222", "333333") if each not in near)


def secret_on(page: HttpResponse) -> str:
    return "".join(re.findall(r"<code>([A-Z2-7]{4})</code>", page.content.decode()))


def codes_on(page: HttpResponse) -> list[str]:
    return re.findall(r"<code>([0-9A-Z]{5}-[0-9A-Z]{5})</code>", page.content.decode())


def give(client: Client, code: str) -> HttpResponse:
    answer: HttpResponse = client.post(STEP, {"password_code": code})
    return answer


def recover(client: Client, code: str) -> HttpResponse:
    answer: HttpResponse = client.post(STEP, {"password_recovery": code, "act": "recovery"})
    return answer


def set_up(username: str = "tanaka") -> tuple[User, str, list[str]]:
    """Somebody with an app: their secret and recovery codes. Its present code is used up."""
    user = make(username)
    return user, *with_app(user)


def at_the_second_step(**more: str) -> Client:
    client = Client()
    assert log_in(client, **more).headers["Location"] == STEP
    return client


def errors(page: HttpResponse) -> str:
    return unescape(re.sub(r"<[^>]+>", "", page.content.decode().partition('id="errors"')[2][:800]))


def test_the_first_login_sets_it_up_and_shows_recovery_codes_once() -> None:
    make()
    client = at_the_second_step(next="/staff/tracker/pledge/")
    page = client.get(STEP)
    assert not is_in(client)
    secret = secret_on(page)
    assert (len(secret), "<svg viewBox=" in page.content.decode()) == (32, True)  # whole at any width
    assert secret_on(client.get(STEP)) == secret  # a reload, after the app has read it
    wrong = give(client, wrong_code(secret))
    assert (wrong.status_code, "確認コードが違います" in errors(wrong), is_in(client)) == (422, True, False)
    done = give(client, f" {code_of(secret)[:3]} {code_of(secret)[3:]} ")
    assert done.headers["Location"] == "/staff/second-factor/codes/"
    codes = codes_on(client.get(done.headers["Location"]))
    assert (len(set(codes)), codes_on(client.get(done.headers["Location"]))) == (10, codes)
    assert client.post(done.headers["Location"]).headers["Location"] == "/staff/tracker/pledge/"
    assert client.get(done.headers["Location"]).status_code == 302  # nobody sees them again
    assert is_in(client)


def test_nothing_secret_is_kept_or_told_in_plain_text() -> None:
    user, secret, codes = set_up()
    kept = [*SecondFactor.objects.values_list("sealed_secret", flat=True)]
    kept += [*RecoveryCode.objects.values_list("digest", flat=True)]
    kept += [str(each.content) for each in Event.objects.all()]
    assert len(kept) > 11
    plain = {secret, *codes, *(each.replace("-", "") for each in codes)}
    assert [each for each in kept if any(secret in each for secret in plain)] == []
    assert user.signature in {each.actor for each in Event.objects.all()}


def test_a_code_lets_in_once() -> None:
    _user, secret, _codes = set_up()
    with time_machine.travel(time.time() + 30, tick=False):
        first, second, code = at_the_second_step(), at_the_second_step(), code_of(secret)
        wrong = give(first, wrong_code(secret))
        assert (wrong.status_code, is_in(first)) == (422, False)
        assert (
            give(first, code.translate(str.maketrans("0123456789", "０１２３４５６７８９"))).status_code
            == 302
        )
        assert is_in(first)
        replayed = give(second, code)
        assert (replayed.status_code, is_in(second)) == (422, False)
        assert "一度使った数字は使えません" in errors(replayed)


def test_an_app_whose_clock_drifts_is_followed() -> None:
    user, secret, _codes = set_up()
    now = time.time()
    for minutes in range(1, 5):  # each time half a minute further ahead
        with time_machine.travel(now + 60 * minutes, tick=False):
            assert second_factor.takes_code(user, code_of(secret, minutes)), minutes
    with time_machine.travel(now + 600, tick=False):
        assert not second_factor.takes_code(user, code_of(secret, 12))
        assert not second_factor.takes_code(user, code_of(secret, 0))
    assert SecondFactor.objects.get().drift == 4


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "-12345", "1e5   ", "٣٤٥٦٧٨"])
def test_what_is_no_code(code: str) -> None:
    user, _secret, _codes = set_up()
    assert not second_factor.takes_code(user, code)


def test_whoever_guesses_has_to_wait_wherever_they_are(settings: Settings) -> None:
    user, secret, codes = set_up()
    client = at_the_second_step()
    answers = [give(client, wrong_code(secret)).status_code for _ in range(settings.AXES_FAILURE_LIMIT)]
    assert answers == [422] * settings.AXES_FAILURE_LIMIT
    locked = client.post(STEP, {"password_code": "123456"}, REMOTE_ADDR="192.0.2.7")
    assert (locked.status_code, "15 分たってから" in errors(locked)) == (429, True)
    with time_machine.travel(time.time() + 60):
        assert give(client, code_of(secret)).status_code == 429  # nor the right one
        assert recover(client, codes[0]).status_code == 429
        assert at_the_second_step()  # a right password is no way round
        assert give(client, code_of(secret)).status_code == 429
    assert lock_out.locks_of(user.username)
    lock_out.unlock(user.username)  # by an administrator
    with time_machine.travel(time.time() + 60):
        assert give(client, code_of(secret)).status_code == 302


def test_a_recovery_code_lets_in_once_and_is_told() -> None:
    user, _secret, codes = set_up()
    client, again = at_the_second_step(), at_the_second_step()
    assert recover(client, codes[0].lower().replace("-", " ")).status_code == 302
    assert is_in(client)
    used = recover(again, codes[0])
    assert (used.status_code, "もう使ったもの" in errors(used), is_in(again)) == (422, True, False)
    assert second_factor.codes_left(user) == 9
    event = Event.objects.order_by("-number")[0]
    told = told_of(event)
    assert told.what == "アプリの代わりに、回復コードを使いました。"
    assert [(line.label, line.after) for line in told.lines] == [("残りの回復コード", "9")]


def test_another_persons_recovery_code_is_worth_nothing() -> None:
    _user, _secret, codes = set_up()
    set_up("suzuki")
    client = Client()
    log_in(client, "suzuki")
    assert recover(client, codes[0]).status_code == 422


def test_the_second_step_ends_and_begins_with_the_login() -> None:
    user, secret, _codes = set_up()
    assert Client().get(STEP).headers["Location"] == "/staff/login/"
    client = at_the_second_step()
    with time_machine.travel(time.time() + entering.STEP_SECONDS + 1):
        late = give(client, code_of(secret))
        assert (late.status_code, is_in(client)) == (403, False)
        assert give(client, code_of(secret)).status_code == 403
    client = at_the_second_step()
    user.set_password("another long one 2026")
    user.save()
    with time_machine.travel(time.time() + 60):
        assert give(client, code_of(secret)).status_code == 403  # the password was another's
    client = Client()
    log_in(client, password="another long one 2026")
    User.objects.filter(pk=user.pk).update(is_active=False)
    with time_machine.travel(time.time() + 90):
        assert give(client, code_of(secret)).status_code == 403
    assert not is_in(client)


def test_typed_text_and_where_to_go_survive_the_second_step(space: Workspace) -> None:
    user = space.cast.planner
    user.set_password(PASSWORD)
    user.save()
    secret, _codes = with_app(user)
    client, row = Client(), space.row()
    lost = client.post(f"/staff/actions/{row.pk}/", {"result": "・道を直した。", "version": "1"})
    answer = log_in(client, user.username, kept=hidden(lost, "kept"))
    assert answer.headers["Location"] == STEP
    assert "残してあります" in client.get(STEP).content.decode()
    with time_machine.travel(time.time() + entering.STEP_SECONDS + 1):
        late = give(client, code_of(secret))  # too late: the text goes along over the next login
    assert hidden(client.get("/staff/login/"), "kept") == hidden(late, "kept")  # begun anew
    log_in(client, user.username)
    with time_machine.travel(time.time() + 60):
        assert give(client, wrong_code(secret)).status_code == 422
        assert give(client, code_of(secret)).headers["Location"] == "/staff/kept/"
        assert "・道を直した。" in client.get("/staff/kept/").content.decode()


def test_a_session_that_somebody_else_knows_has_no_part_in_the_second_step() -> None:
    """Else whoever gave a browser its session could set up their own app after the person's password."""
    make()
    client = Client()
    client.get("/staff/login/")
    session = client.session
    session["given"] = True
    session.save()
    client.cookies["staff_session"] = str(session.session_key)
    log_in(client)
    assert client.session.session_key != session.session_key
    assert not SessionStore(str(session.session_key)).load()


def test_a_wrong_password_in_another_window_ends_nothing() -> None:
    _user, _secret, codes = set_up()
    client = at_the_second_step()
    recover(client, codes[0])
    assert log_in(client, password="x").status_code == 200
    assert is_in(client)


def test_departments_need_none_and_old_sessions_end(space: Workspace, settings: Settings) -> None:
    assert is_in(logged_in(space.cast.clerk))
    planner = logged_in(space.cast.planner)  # by a password alone, before the setting
    assert not is_in(planner)
    settings.SECOND_FACTOR = False
    assert is_in(planner)


def test_a_person_renews_codes_and_takes_another_app() -> None:
    user, secret, old_codes = set_up()
    client = at_the_second_step()
    recover(client, old_codes[0])
    refused = client.post(OWN, {"password_code": wrong_code(secret), "act": "codes"})
    assert (refused.status_code, second_factor.codes_left(user)) == (422, 9)
    now = time.time()
    with time_machine.travel(now + 60, tick=False):
        answer = client.post(OWN, {"password_code": code_of(secret), "act": "codes"})
    codes = codes_on(client.get(answer.headers["Location"]))
    assert (len(codes), set(codes) & set(old_codes)) == (10, set())
    elsewhere = at_the_second_step()
    recover(elsewhere, codes[1])
    with time_machine.travel(now + 120, tick=False):
        lost = {"password_code": codes[0], "act": "replace"}  # the app is lost: a recovery code will do, once
        assert client.post(OWN, lost).status_code == 302
        assert client.post(OWN, lost).status_code == 422
        answer = client.post(OWN, {"password_code": code_of(secret), "act": "replace"})
        assert answer.headers["Location"] == STEP
        new = secret_on(client.get(STEP))
        assert (new != secret, is_in(client), is_in(elsewhere)) == (True, True, True)
        assert give(client, code_of(new)).status_code == 302
        assert (is_in(client), is_in(elsewhere)) == (True, False)  # whoever has the old app is out
    with time_machine.travel(now + 180, tick=False):
        assert not second_factor.takes_code(user, code_of(secret))
        assert second_factor.takes_code(user, code_of(new))


def test_an_administrator_takes_off_anothers_but_not_their_own(space: Workspace) -> None:
    user, _secret, _codes = set_up()
    theirs = at_the_second_step()
    administrator = space.cast.administrator
    with_app(administrator)
    client = Client()
    client.force_login(administrator, backend=entering.BACKEND)
    session = client.session
    session[entering.ENTERED] = {"way": "password", "second": True}
    session.save()
    own = f"/staff/tracker/user/{administrator.pk}/second-factor/"
    assert (client.get(own).status_code, client.post(own).status_code) == (200, 409)
    address = f"/staff/tracker/user/{user.pk}/second-factor/"
    assert "解除する" in client.get(address).content.decode()
    assert client.post(address).status_code == 302
    assert (second_factor.has_factor(user), second_factor.has_factor(administrator)) == (False, True)
    event = Event.objects.order_by("-number")[0]
    assert (event.actor, event.content["act"]) == (administrator.signature, "2 段階認証の解除")
    assert secret_on(theirs.get(STEP))  # they set it up anew


def test_the_command_does_so_too() -> None:
    user, _secret, _codes = set_up()
    call_command("reset_second_factor", "tanaka")
    assert not second_factor.has_factor(user)
    with pytest.raises(CommandError):
        call_command("reset_second_factor", "nobody")


def test_another_secret_key_tells_it_and_lets_nobody_in(settings: Settings) -> None:
    user, secret, _codes = set_up()
    assert second_factor.unreadable() == 0
    settings.SECRET_KEY = "another" * 10
    assert second_factor.unreadable() == 1
    with time_machine.travel(time.time() + 60):
        assert not second_factor.takes_code(user, code_of(secret))


def test_a_form_of_another_login_leads_back_to_the_step() -> None:
    """Its token against forgery is that of before; what was typed is in the session."""
    set_up()
    client = Client(enforce_csrf_checks=True)
    token = hidden(client.get("/staff/login/"), "csrfmiddlewaretoken")
    client.post("/staff/login/", {"username": "tanaka", "password": PASSWORD, "csrfmiddlewaretoken": token})
    answer = client.post(STEP, {"password_code": "123456"}, headers={"Origin": "http://testserver"})
    assert (answer.status_code, answer.headers["Location"]) == (302, STEP)


def test_the_words_of_a_second_step_let_nobody_else_in() -> None:
    _user, _secret, codes = set_up()
    client = Client(enforce_csrf_checks=True)
    token = hidden(client.get("/staff/login/"), "csrfmiddlewaretoken")
    client.post("/staff/login/", {"username": "tanaka", "password": PASSWORD, "csrfmiddlewaretoken": token})
    token = hidden(client.get(STEP), "csrfmiddlewaretoken")
    sent = {"password_recovery": codes[0], "act": "recovery", "csrfmiddlewaretoken": token}
    late, thief = Client(enforce_csrf_checks=True), Client(enforce_csrf_checks=True)
    late.cookies = client.cookies.copy()  # type: ignore[assignment]
    thief.cookies["staff_csrf"] = client.cookies["staff_csrf"].value
    assert client.post(STEP, sent).status_code == 302
    assert "staff_session" not in thief.post(STEP, sent).cookies
    assert (is_in(client), is_in(thief)) == (True, False)
    assert late.post(STEP, sent).status_code == 302  # a second click is answered as the first
    assert is_in(late)


def test_two_browsers_do_not_set_up_two_apps() -> None:
    user = make()
    first, second = at_the_second_step(), at_the_second_step()
    ours, theirs = secret_on(first.get(STEP)), secret_on(second.get(STEP))
    assert give(first, code_of(ours)).status_code == 302
    assert second_factor.set_up(user, theirs, code_of(theirs), by=user) == []
    assert give(second, code_of(theirs)).status_code == 422  # the step asks for the first one's code now
    assert not is_in(second)
    with time_machine.travel(time.time() + 60):
        assert second_factor.takes_code(user, code_of(ours))
