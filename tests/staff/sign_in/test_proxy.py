"""A proxy's word: believed from named addresses alone, for listed people, as long as it says the same."""

from ipaddress import ip_network

import pytest
from django.http import HttpResponse
from django.test import Client
from pytest_django.fixtures import Settings

from tests.staff.frame.test_login import hidden, is_in
from tests.staff.people import person
from tests.workspace import Workspace
from tracker.choices import Role
from tracker.models import User
from tracker.organisation.sign_in import proxy

pytestmark = pytest.mark.django_db
LOGIN, BUTTON = "/staff/login/", "/staff/login/proxy/"


@pytest.fixture(autouse=True)
def _named(settings: Settings, tmp_path: object) -> None:
    settings.REMOTE_USER_HEADER = "HTTP_X_REMOTE_USER"
    settings.REMOTE_USER_PROXIES = [ip_network("192.0.2.1"), ip_network("2001:db8::/64")]
    settings.STATE_DIR = tmp_path


@pytest.fixture
def tanaka() -> User:
    return person("tanaka", Role.DEPARTMENT, email="tanaka@city.example.jp")


def behind(name: str | None, address: str = "192.0.2.1") -> Client:
    """A browser behind a proxy at this address, which says who it is."""
    return Client(REMOTE_ADDR=address, headers={"X-Remote-User": name} if name is not None else {})


def words(page: HttpResponse) -> str:
    return page.content.decode()


@pytest.mark.parametrize("address", ["192.0.2.1", "::ffff:192.0.2.1", "2001:db8::5"])
def test_whom_a_named_proxy_names_is_in_at_once(tanaka: User, address: str) -> None:
    client = behind("tanaka", address)
    answer = client.get("/staff/rows/", follow=True)
    assert [each for each, _status in answer.redirect_chain] == [
        "/staff/login/?next=/staff/rows/",
        "/staff/rows/",
    ]
    assert (answer.status_code, is_in(client)) == (200, True)


@pytest.mark.parametrize("address", ["192.0.2.2", "127.0.0.1", "2001:db8:1::5", "", "unix:"])
def test_nobody_else_is_believed_and_doctor_is_told(tanaka: User, address: str) -> None:
    client = behind("tanaka", address)
    page = client.get(LOGIN, headers={"X-Forwarded-For": "192.0.2.1"})
    assert (page.status_code, is_in(client)) == (200, False)
    assert "いつものアドレスから開き直してください" in words(page)
    assert client.post(BUTTON).status_code == 403
    told = proxy.last_ignored()
    assert told
    assert told[0] == (address if address and address != "unix:" else "?")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("suzuki", "「suzuki」は、このシステムの利用者に登録されていません"),
        ("TANAKA", "登録されていません"),
        ("CITY\\tanaka", "登録されていません"),
        ("tanaka,suzuki", "登録されていません"),  # the header came twice
        ("tanaka@city.example.jp", "登録されていません"),
    ],
)
def test_whom_it_does_not_let_in(tanaka: User, name: str, said: str) -> None:
    client = behind(name)
    page = client.get(LOGIN)
    assert (page.status_code, said in words(page), is_in(client)) == (403, True, False)


def test_matched_by_mail(tanaka: User, settings: Settings) -> None:
    settings.REMOTE_USER_MATCH = "email"
    assert is_in(_entered("tanaka@city.example.jp"))


def _entered(name: str) -> Client:
    client = behind(name)
    client.get(LOGIN)
    return client


def test_a_closed_account_stays_closed(tanaka: User) -> None:
    client = _entered("tanaka")
    User.objects.filter(pk=tanaka.pk).update(is_active=False)
    assert not is_in(client)
    assert "使えなくなっています" in words(client.get(LOGIN))


def test_the_session_ends_where_the_proxy_says_otherwise(tanaka: User) -> None:
    client = _entered("tanaka")
    assert is_in(client)
    for changed in ({"headers": {"X-Remote-User": "suzuki"}}, {"REMOTE_ADDR": "192.0.2.9"}):
        assert client.get("/staff/", **changed).status_code == 302  # type: ignore[arg-type]
    client.defaults.pop("HTTP_X_REMOTE_USER")
    assert not is_in(client)


def test_after_the_logout_nobody_is_logged_in_by_themselves(tanaka: User, settings: Settings) -> None:
    client = _entered("tanaka")
    out = client.post("/staff/logout/")
    assert out.headers["Location"] == "/staff/login/?left=here"
    page = client.get(out.headers["Location"])
    assert ("ログインは続いています" in words(page), "tanaka としてログイン" in words(page)) == (True, True)
    assert not is_in(client)
    assert client.post(BUTTON).headers["Location"] == "/staff/"
    settings.REMOTE_USER_LOGOUT_URL = "https://proxy.example.jp/logout"
    assert 'content="0; url=https://proxy.example.jp/logout"' in words(client.post("/staff/logout/"))


def test_typed_text_goes_along(space: Workspace) -> None:
    client, row = behind("clerk"), space.row()
    lost = client.post(f"/staff/actions/{row.pk}/", {"result": "・道を直した。", "version": "1"})
    assert lost.status_code == 401
    answer = client.post(BUTTON, {"kept": hidden(lost, "kept"), "next": "/staff/rows/"})
    assert answer.headers["Location"] == "/staff/kept/"
    assert "・道を直した。" in words(client.get("/staff/kept/"))


def test_a_password_lets_nobody_in_beside_it(tanaka: User) -> None:
    client = Client()
    client.force_login(tanaka, backend="tracker.staff.frame.authentication.StaffBackend")
    assert not is_in(client)


def test_a_logout_holds_until_the_button_is_pressed(tanaka: User, settings: Settings) -> None:
    client = _entered("tanaka")
    client.post("/staff/logout/")
    for page in ("/staff/", LOGIN):
        client.get(page, follow=True)
        assert not is_in(client)
    assert client.post(BUTTON).status_code == 302
    assert is_in(client)
    settings.LOCAL_LOGIN = ["tanaka"]  # after a login by password, too
    User.objects.filter(pk=tanaka.pk).update(role=Role.ADMINISTRATOR)
    client = behind("tanaka")
    client.force_login(tanaka, backend="tracker.staff.frame.authentication.StaffBackend")
    client.post("/staff/logout/")
    client.get("/staff/", follow=True)
    assert not is_in(client)
