"""Logging in: who may, who is locked out, what a cookie is for, and typed text over a session's end."""

import re
from datetime import timedelta

import pytest
import time_machine
from axes.models import AccessAttempt
from django.core import mail, signing
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from tests.public.markup import parse
from tests.staff.conftest import Year
from tests.staff.people import logged_in, person
from tracker.choices import Role
from tracker.models import Pledge, User
from tracker.staff.frame import kept

pytestmark = pytest.mark.django_db

LOGIN = "/staff/login/"
PASSWORD = "ながいあいことば2024"


def make(username: str = "tanaka", **values: object) -> User:
    user = person(username, Role.PLANNING, **values)
    user.set_password(PASSWORD)
    user.save()
    return user


def log_in(
    client: Client, username: str = "tanaka", password: str = PASSWORD, **more: object
) -> HttpResponse:
    address = str(more.pop("address", "127.0.0.1"))
    response: HttpResponse = client.post(
        LOGIN, {"username": username, "password": password, **more}, REMOTE_ADDR=address
    )
    return response


def hidden(response: HttpResponse, name: str) -> str:
    match = re.search(rf'name="{name}" value="([^"]*)"', response.content.decode())
    assert match, name
    return match[1]


def is_in(client: Client) -> bool:
    return client.get("/staff/").status_code == 200


def test_right_and_wrong_passwords() -> None:
    make()
    client = Client()
    assert client.get("/staff/").headers["Location"] == "/staff/login/?next=/staff/"
    wrong = log_in(client, password="x")
    assert (wrong.status_code, is_in(client)) == (200, False)
    assert "利用者名かパスワードが違います" in wrong.content.decode()
    empty = log_in(client, "", "").content.decode()
    assert "利用者名を入力してください" in empty
    assert "パスワードを入力してください" in empty
    right = log_in(client)
    assert (right.status_code, right.headers["Location"], is_in(client)) == (302, "/staff/", True)
    assert client.post("/staff/logout/").headers["Location"] == LOGIN
    assert not is_in(client)


def test_after_the_login_one_is_where_one_wanted_to_be_but_nowhere_else() -> None:
    make()
    assert log_in(Client(), next="/staff/tracker/pledge/").headers["Location"] == "/staff/tracker/pledge/"
    assert log_in(Client(), next="https://evil.example/").headers["Location"] == "/staff/"


def test_the_words_do_not_tell_whether_a_name_exists() -> None:
    make()
    make("off", is_active=False)
    pages = {
        log_in(Client(), name, "x").content.decode().replace(f'value="{name}"', "")
        for name in ("tanaka", "nobody", "off")
    }
    without_tokens = {re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", page) for page in pages}
    assert len(without_tokens) == 1


def test_inactive_people_stay_outside() -> None:
    user = make()
    client = Client()
    log_in(client)
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert not is_in(client)
    assert (log_in(Client()).status_code, is_in(Client())) == (200, False)


def test_demo_accounts_are_refused_outside_the_demo(settings: Settings) -> None:
    make(is_demo=True)
    settings.DEMO = True
    client = Client()
    log_in(client)
    assert is_in(client)
    settings.DEMO = False
    assert not is_in(client)  # the same session, after the database was taken elsewhere
    assert log_in(client).status_code == 200
    assert not is_in(client)


def test_lock_out_by_name_and_address_together(settings: Settings) -> None:
    make()
    make("suzuki")
    client = Client()
    answers = [
        log_in(client, password="x", address="192.0.2.1").status_code
        for _ in range(settings.AXES_FAILURE_LIMIT)
    ]
    assert answers == [200] * (settings.AXES_FAILURE_LIMIT - 1) + [429]
    locked = log_in(client, address="192.0.2.1")
    assert locked.status_code == 429
    assert "15 分たってから" in locked.content.decode()
    assert log_in(Client(), "suzuki", address="192.0.2.1").status_code == 302  # a city hall is one address
    assert (
        log_in(Client(), address="192.0.2.2").status_code == 302
    )  # and nobody can lock out a colleague from elsewhere


def test_lock_out_ends(settings: Settings) -> None:
    make()
    for _ in range(settings.AXES_FAILURE_LIMIT):
        log_in(Client(), password="x")
    assert log_in(Client()).status_code == 429
    AccessAttempt.objects.update(
        attempt_time=timezone.now() - settings.AXES_COOLOFF_TIME - timedelta(seconds=1)
    )
    assert log_in(Client()).status_code == 302


def test_cookies_belong_to_the_staff_site() -> None:
    make()
    client = Client()
    client.get(LOGIN)
    log_in(client)
    cookies = {
        name: (each["path"], each["httponly"], each["samesite"]) for name, each in client.cookies.items()
    }
    assert cookies == {"staff_session": ("/staff/", True, "Lax"), "staff_csrf": ("/staff/", True, "Lax")}


def test_public_pages_know_nobody(year: Year) -> None:
    for client in (Client(), logged_in(year.cast.planner)):
        for address in (
            "/",
            "/2021/",
            "/2021/pledges/",
            "/accessibility/",
            "/no-such-page/",
            "/livez",
            "/readyz",
        ):
            before = set(client.cookies)
            response = client.get(address)
            assert "Cookie" not in response.headers.get("Vary", ""), address
            assert set(response.cookies) == set(), address
            assert set(client.cookies) == before


def test_staff_pages_are_not_cached_and_run_our_scripts_only(year: Year) -> None:
    for client, address in ((Client(), LOGIN), (logged_in(year.cast.planner), "/staff/tracker/pledge/")):
        response = client.get(address)
        assert "no-store" in response.headers["Cache-Control"]
        policy = response.headers["Content-Security-Policy"]
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
    assert "script-src" not in Client().get("/2021/").headers["Content-Security-Policy"]


def test_somebody_changes_their_password() -> None:
    make()
    client = Client()
    log_in(client)
    new = "もっとながいあいことば"
    wrong = client.post(
        "/staff/password_change/", {"old_password": "x", "new_password1": new, "new_password2": "y"}
    )
    assert wrong.status_code == 200
    assert "まだ変わっていません" in wrong.content.decode()
    sent = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    right = client.post("/staff/password_change/", sent, follow=True)
    assert "パスワードを変えました" in right.content.decode()
    assert is_in(client)
    assert log_in(Client()).status_code == 200
    assert log_in(Client(), password=new).status_code == 302
    assert mail.outbox == []


# Typed text over a session's end

TEXT = "二時間かけて書いた文\n二行目「<引用>」"


@pytest.fixture
def pledge(year: Year) -> Pledge:
    return year.action.initiative.pledge


def typed(pledge: Pledge) -> dict[str, object]:
    management = {f"initiatives-{name}": 0 for name in ("TOTAL_FORMS", "INITIAL_FORMS")}
    return {"number_label": "①", "text": TEXT, **management}


def address_of(pledge: Pledge) -> str:
    return f"/staff/tracker/pledge/{pledge.pk}/change/"


def sent_again(response: HttpResponse) -> dict[str, str]:
    """What the page with the kept text would send."""
    [form] = response.context["forms"]  # type: ignore[attr-defined]
    return {name: value for name, value, _is_text in form["fields"]} | {"kept_again": form["key"]}


def test_typed_text_survives_the_end_of_a_session(pledge: Pledge) -> None:
    make()
    client = Client(enforce_csrf_checks=True)
    token = hidden(client.get(LOGIN), "csrfmiddlewaretoken")
    asked = client.post(address_of(pledge), {**typed(pledge), "csrfmiddlewaretoken": token})
    assert asked.status_code == 401
    assert "入力した内容は残してあります" in asked.content.decode()
    packed, token = hidden(asked, "kept"), hidden(asked, "csrfmiddlewaretoken")
    wrong = client.post(
        LOGIN, {"username": "tanaka", "password": "x", "kept": packed, "csrfmiddlewaretoken": token}
    )
    assert hidden(wrong, "kept") == packed
    answer = client.post(
        LOGIN, {"username": "tanaka", "password": PASSWORD, "kept": packed, "csrfmiddlewaretoken": token}
    )
    assert answer.headers["Location"] == "/staff/kept/"
    assert Pledge.objects.get(pk=pledge.pk).text == pledge.text
    shown = client.get("/staff/kept/")
    assert f'action="{address_of(pledge)}"' in shown.content.decode()
    [form] = shown.context["forms"]
    assert [name for name, _value, is_text in form["fields"] if is_text] == ["number_label", "text"]
    assert "まだ送られないまま残っています" in client.get("/staff/tracker/").content.decode()
    again = {**sent_again(shown), "csrfmiddlewaretoken": hidden(shown, "csrfmiddlewaretoken")}
    assert client.post(address_of(pledge), again).status_code == 302
    assert Pledge.objects.get(pk=pledge.pk).text == TEXT
    assert client.get("/staff/kept/").status_code == 302
    assert "まだ送られないまま残っています" not in client.get("/staff/tracker/").content.decode()


def test_what_was_kept_is_called_by_what_it_is_about(year: Year, pledge: Pledge) -> None:
    action = year.action
    fields = {"result": TEXT, "version": "0", "rating": "none"}
    named = f"{action.place} {pledge}"
    for who, path, about in (
        (year.cast.clerk, f"/staff/actions/{action.pk}/", f"{named}：取組の入力の保存"),
        (year.cast.stranger, f"/staff/actions/{action.pk}/", "取組の入力の保存"),  # who may not see the row
        (year.cast.planner, address_of(pledge), "公約：変更"),
        (year.cast.planner, f"/staff/rounds/{action.round_id}/publish/", "公表"),  # somebody else's, perhaps
        (year.cast.planner, "/staff/no-such-page/", "内容"),
    ):
        who.set_password(PASSWORD)
        who.save()
        client = Client()
        packed = hidden(client.post(f"/staff/actions/{action.pk}/", fields), "kept")
        log_in(client, who.username, kept=packed)
        session = client.session
        session[kept.SESSION_KEY] = [{**session[kept.SESSION_KEY][0], "path": path}]
        session.save()
        assert parse(client.get("/staff/kept/").content.decode()).one("h2").text == about


def test_kept_text_stays_until_it_is_accepted_or_discarded(pledge: Pledge) -> None:
    make()
    client = Client()
    packed = hidden(client.post(address_of(pledge), {**typed(pledge), "text": ""}), "kept")
    log_in(client, kept=packed)
    assert (
        client.post(address_of(pledge), sent_again(client.get("/staff/kept/"))).status_code == 200
    )  # refused: no text
    [form] = client.get("/staff/kept/").context["forms"]
    assert client.post("/staff/kept/", {"key": form["key"]}).headers["Location"] == "/staff/"
    assert client.get("/staff/kept/").status_code == 302


def test_passwords_are_never_kept() -> None:
    make()
    secret = {"old_password": PASSWORD, "new_password1": PASSWORD, "new_password2": PASSWORD}
    asked = Client().post("/staff/password_change/", secret)
    assert asked.status_code == 401
    assert 'name="kept"' not in asked.content.decode()
    assert PASSWORD not in asked.content.decode()
    both = Client().post("/staff/tracker/user/add/", {"password1": PASSWORD, "username": "x"})
    client = Client()
    log_in(client, kept=hidden(both, "kept"))
    [form] = client.get("/staff/kept/").context["forms"]
    assert form["fields"] == [("username", "x", True)]


def test_the_login_forms_own_password_is_never_kept() -> None:
    make()
    asked = Client().post("/staff/tracker/user/add/", {"password": PASSWORD, "username": "x"})
    client = Client()
    log_in(client, kept=hidden(asked, "kept"))
    [form] = client.get("/staff/kept/").context["forms"]
    assert form["fields"] == [("username", "x", True)]


def test_the_whole_address_is_kept_with_its_query(pledge: Pledge) -> None:
    make()
    address = f"{address_of(pledge)}?_changelist_filters=q%3D1"
    client = Client()
    log_in(client, kept=hidden(client.post(address, typed(pledge)), "kept"))
    shown = client.get("/staff/kept/")
    assert f'action="{address}"' in shown.content.decode()
    assert client.post(address, sent_again(shown)).status_code == 302
    assert Pledge.objects.get(pk=pledge.pk).text == TEXT


def test_another_form_that_is_accepted_lets_go_of_nothing(pledge: Pledge) -> None:
    make()
    client = Client()
    log_in(client, kept=hidden(client.post(address_of(pledge), typed(pledge)), "kept"))
    assert client.post(address_of(pledge), {**typed(pledge), "text": "別の文"}).status_code == 302
    [form] = client.get("/staff/kept/").context["forms"]
    assert ("text", TEXT, True) in form["fields"]


@pytest.mark.parametrize("path", ["https://evil.example/staff/", "//evil.example/staff/"])
def test_text_is_sent_to_no_other_site(path: str) -> None:
    """Even if our own signature says so."""
    make()
    client = Client()
    packed = signing.dumps({"path": path, "fields": [["text", TEXT]]}, salt=kept.SALT, compress=True)
    log_in(client, kept=packed)
    assert client.get("/staff/kept/").headers["Location"] == "/staff/"


def test_forged_text_is_not_taken(pledge: Pledge) -> None:
    make()
    packed = hidden(Client().post(address_of(pledge), typed(pledge)), "kept")
    assert log_in(Client(), kept=packed[:-2] + "xx").headers["Location"] == "/staff/"


@pytest.mark.parametrize(("days", "can_be_sent"), [(3, True), (6.9, True), (7.1, False), (400, False)])
def test_text_is_carried_for_a_week_and_can_be_copied_for_ever(
    pledge: Pledge, days: float, can_be_sent: bool
) -> None:
    make()
    client = Client()
    with time_machine.travel(timezone.now() - timedelta(days=days), tick=False):
        packed = hidden(client.post(address_of(pledge), typed(pledge)), "kept")
    assert log_in(client, kept=packed).headers["Location"] == "/staff/kept/"
    shown = client.get("/staff/kept/").content.decode()
    assert "二時間かけて書いた文" in shown
    assert ("続きを送る</button>" in shown, "1 週間より前" in shown) == (can_be_sent, not can_be_sent)


def test_the_lock_out_page_carries_and_shows_what_was_typed(pledge: Pledge, settings: Settings) -> None:
    make()
    client = Client()
    packed = hidden(client.post(address_of(pledge), typed(pledge)), "kept")
    for _ in range(settings.AXES_FAILURE_LIMIT):
        locked = log_in(client, password="x", kept=packed, next="/staff/queue/")
    page = locked.content.decode()
    assert (locked.status_code, "二時間かけて書いた文" in page) == (429, True)
    assert (hidden(locked, "kept"), hidden(locked, "next")) == (packed, "/staff/queue/")
    AccessAttempt.objects.all().delete()
    assert log_in(client, kept=hidden(locked, "kept")).headers["Location"] == "/staff/kept/"


HERE = {"Origin": "http://testserver"}


def test_two_tabs_over_the_end_of_a_session_lose_nothing(pledge: Pledge) -> None:
    """The login of the first tab makes the form of the second one invalid."""
    make()
    client = Client(enforce_csrf_checks=True)
    token = hidden(client.get(LOGIN), "csrfmiddlewaretoken")
    tabs = [
        client.post(address_of(pledge), {**typed(pledge), "text": text, "csrfmiddlewaretoken": token})
        for text in ("一つめのタブの長い文章", "二つめのタブの長い文章")
    ]
    sent = [
        {"username": "tanaka", "password": PASSWORD, "kept": hidden(tab, "kept")}
        | {"csrfmiddlewaretoken": hidden(tab, "csrfmiddlewaretoken")}
        for tab in tabs
    ]
    answers = [client.post(LOGIN, each, headers=HERE) for each in (*sent, sent[1])]
    assert [answer.headers["Location"] for answer in answers] == ["/staff/kept/"] * 3
    page = client.get("/staff/kept/")
    assert len(page.context["forms"]) == 2
    assert "一つめのタブの長い文章" in page.content.decode()
    assert "二つめのタブの長い文章" in page.content.decode()


def test_the_login_of_a_second_tab_leads_on(year: Year) -> None:
    make()
    client = Client(enforce_csrf_checks=True)
    token = hidden(client.get(LOGIN), "csrfmiddlewaretoken")
    login = {"username": "tanaka", "password": PASSWORD, "csrfmiddlewaretoken": token}
    assert client.post(LOGIN, login, headers=HERE).status_code == 302
    for wanted, leads_to in (
        ("/staff/queue/", "/staff/queue/"),
        ("https://evil.example/", "/staff/"),
        ("", "/staff/"),
    ):
        second = client.post(LOGIN, {**login, "next": wanted}, headers=HERE)
        assert (second.status_code, second.headers["Location"]) == (302, leads_to)
        assert client.get(LOGIN, {"next": wanted}).headers["Location"] == leads_to


def test_a_login_that_comes_too_late_can_be_made_again(pledge: Pledge) -> None:
    """The page was open for so long that the browser has let go of its token."""
    make()
    client = Client(enforce_csrf_checks=True)
    packed = hidden(Client().post(address_of(pledge), typed(pledge)), "kept")
    login = {"username": "tanaka", "password": PASSWORD, "kept": packed, "next": "/staff/queue/"}
    again = client.post(LOGIN, login, headers=HERE)
    assert (again.status_code, PASSWORD in again.content.decode()) == (403, False)
    assert (hidden(again, "kept"), hidden(again, "username")) == (packed, "tanaka")
    token = {"csrfmiddlewaretoken": hidden(again, "csrfmiddlewaretoken")}
    assert client.post(LOGIN, login | token, headers=HERE).headers["Location"] == "/staff/kept/"


def test_a_form_older_than_the_login_waits_to_be_sent_again(year: Year, pledge: Pledge) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(year.cast.planner, backend="tracker.staff.frame.authentication.StaffBackend")
    answer = client.post(address_of(pledge), {**typed(pledge), "csrfmiddlewaretoken": "x" * 64}, headers=HERE)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/staff/kept/")
    assert Pledge.objects.get(pk=pledge.pk).text == pledge.text
    shown = client.get("/staff/kept/")
    again = {**sent_again(shown), "csrfmiddlewaretoken": hidden(shown, "csrfmiddlewaretoken")}
    assert client.post(address_of(pledge), again, headers=HERE).status_code == 302
    assert Pledge.objects.get(pk=pledge.pk).text == TEXT


@pytest.mark.parametrize("origin", ["https://evil.example", "null", ""])
def test_a_form_from_elsewhere_is_not_kept(year: Year, pledge: Pledge, origin: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(year.cast.planner, backend="tracker.staff.frame.authentication.StaffBackend")
    answer = client.post(address_of(pledge), typed(pledge), headers={"Origin": origin} if origin else {})
    assert answer.status_code == 403
    assert client.get("/staff/kept/").status_code == 302


def test_a_script_is_told_to_log_in(pledge: Pledge) -> None:
    response = Client().post(address_of(pledge), typed(pledge), headers={"Accept": "application/json"})
    assert (response.status_code, response.json()) == (401, {"error": "login"})


def test_a_script_with_the_token_of_an_older_login_keeps_nothing(year: Year, pledge: Pledge) -> None:
    """It sends all that was typed again every few seconds, and would push other forms out."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(year.cast.planner, backend="tracker.staff.frame.authentication.StaffBackend")
    sent = {**typed(pledge), "csrfmiddlewaretoken": "x" * 64}
    response = client.post(address_of(pledge), sent, headers={**HERE, "Accept": "application/json"})
    assert (response.status_code, response.json()) == (401, {"error": "login"})
    assert client.get("/staff/kept/").headers["Location"] == "/staff/"


def test_a_form_of_another_login_shows_the_text_for_copying(year: Year, pledge: Pledge) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(year.cast.planner, backend="tracker.staff.frame.authentication.StaffBackend")
    response = client.post(address_of(pledge), {**typed(pledge), "csrfmiddlewaretoken": "x" * 64})
    assert response.status_code == 403
    assert "二時間かけて書いた文" in response.content.decode()
    assert Pledge.objects.get(pk=pledge.pk).text == pledge.text


def test_a_form_of_another_login_shows_no_password(year: Year) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(year.cast.planner, backend="tracker.staff.frame.authentication.StaffBackend")
    names = ("old_password", "new_password1", "new_password2")
    form = {name: f"hidden-{name}" for name in names}
    response = client.post("/staff/password_change/", {**form, "csrfmiddlewaretoken": "x" * 64})
    assert (response.status_code, "hidden-" in response.content.decode()) == (403, False)


def test_a_forbidden_form_shows_the_text_for_copying(year: Year, pledge: Pledge) -> None:
    response = logged_in(year.cast.clerk).post(address_of(pledge), typed(pledge))
    assert response.status_code == 403
    assert "二時間かけて書いた文" in response.content.decode()
