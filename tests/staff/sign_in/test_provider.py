"""OpenID Connect: who gets in, who does not and what they are told, and what becomes of typed text."""

import logging
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from django.core import signing
from django.http import HttpResponse
from django.test import Client
from pytest_django.fixtures import Settings

from tests.organisation.sign_in.provider import CLIENT, KEYS, SECRET, SmallProvider
from tests.staff.frame.test_login import hidden, is_in, log_in, make
from tests.staff.people import logged_in, person
from tests.workspace import Workspace
from tracker.choices import Role
from tracker.models import User
from tracker.organisation.sign_in.oidc import fetching, provider
from tracker.staff.frame import kept
from tracker.staff.sign_in import single_sign_on

pytestmark = pytest.mark.django_db
BUTTON, BACK = "/staff/login/provider/", "/staff/login/provider/back/"


def sent_to(page: HttpResponse) -> str:
    """Where the page leads that a button answers with."""
    found = re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', page.content.decode())
    assert found, page.content.decode()
    return unescape(found[1])


def press(client: Client, **fields: str) -> str:
    return sent_to(client.post(BUTTON, fields))


def come_back(client: Client, told: dict[str, str]) -> HttpResponse:
    answer: HttpResponse = client.get(BACK, told)
    return answer


def go(
    client: Client, small: SmallProvider, fields: dict[str, str] | None = None, **claims: Any
) -> HttpResponse:
    """There and back, as somebody whom the provider calls so."""
    return come_back(client, small.allow(press(client, **(fields or {})), **claims))


def words(page: HttpResponse) -> str:
    found = re.search(r'notice-error" role="alert"><p>(.*?)</p>', page.content.decode(), re.DOTALL)
    return unescape(found[1]).strip() if found else ""


@pytest.fixture
def tanaka() -> User:
    return person("tanaka", Role.DEPARTMENT, email="tanaka@city.example.jp")


def test_somebody_listed_comes_in_and_stays_who_they_are_here(small: SmallProvider, tanaka: User) -> None:
    client = Client()
    answer = go(client, small, {"next": "/staff/rows/"}, preferred_username="tanaka", role="administrator")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/staff/rows/")
    assert is_in(client)
    tanaka.refresh_from_db()
    assert (tanaka.role, tanaka.last_login is not None) == (Role.DEPARTMENT, True)
    asked = small.tokens[0]
    assert (asked["grant_type"], asked["authorization"].partition(" ")[0]) == ("authorization_code", "Basic")
    assert "client_secret" not in asked


def test_what_the_provider_is_asked(small: SmallProvider, settings: Settings) -> None:
    asked = {name: value[0] for name, value in parse_qs(urlsplit(press(Client())).query).items()}
    assert {asked[name] for name in ("response_type", "scope", "code_challenge_method", "client_id")} == {
        *("code", "openid profile email", "S256", CLIENT)
    }
    assert asked["redirect_uri"] == f"http://testserver{BACK}"
    assert min(len(asked[name]) for name in ("state", "nonce", "code_challenge")) >= 43
    assert "prompt" not in asked
    settings.OIDC_PROMPT = "login"
    assert parse_qs(urlsplit(press(Client())).query)["prompt"] == ["login"]


WRONG_CLAIMS: dict[str, tuple[dict[str, Any], str]] = {
    "issuer": ({"iss": "https://elsewhere.example"}, "発行元が違います"),
    "audience": ({"aud": "other"}, "このシステムに宛てたものではありません"),
    "no audience": ({"aud": None}, "このシステムに宛てたものではありません"),
    "for several, party unsaid": ({"aud": [CLIENT, "other"]}, "このシステムに宛てたものではありません"),
    "authorized party": ({"azp": "other"}, "このシステムに宛てたものではありません"),
    "nonce": ({"nonce": "another"}, "この画面で始めたログインのものではありません"),
    "no nonce": ({"nonce": None}, "この画面で始めたログインのものではありません"),
    "expired": ({"exp": lambda now: now - 3600}, "期限が過ぎています"),
    "no end": ({"exp": None}, "期限が過ぎています"),
    "made long ago": ({"iat": lambda now: now - 3600}, "作られた時刻が合いません"),
    "made tomorrow": ({"iat": lambda now: now + 86_400}, "作られた時刻が合いません"),
    "not yet": ({"nbf": lambda now: now + 86_400}, "作られた時刻が合いません"),
    "time as text": ({"exp": "tomorrow"}, "期限が過ぎています"),
    "no name": ({"preferred_username": None}, "利用者の名前（preferred_username）を伝えませんでした"),
    "a list of names": ({"preferred_username": ["tanaka"]}, "伝えませんでした"),
    "unlisted": ({"preferred_username": "suzuki"}, "「suzuki」は、このシステムの利用者に登録されていません"),
    "other case": ({"preferred_username": "Tanaka"}, "登録されていません"),
    "what no database takes": ({"preferred_username": "tanaka\0"}, "登録されていません"),
    "space": ({"preferred_username": "tanaka "}, "登録されていません"),
}


@pytest.mark.parametrize("name", WRONG_CLAIMS)
def test_whom_a_token_does_not_let_in(
    small: SmallProvider, tanaka: User, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    wrong, said = WRONG_CLAIMS[name]
    now = int(time.time())  # which TEST_CLOCK moves
    small.claims = {"preferred_username": "tanaka"} | {
        name: value(now) if callable(value) else value for name, value in wrong.items()
    }
    client = Client()
    caplog.set_level(logging.WARNING)
    answer = go(client, small)
    assert (answer.status_code, is_in(client)) == (403, False)
    assert said in words(answer)
    assert "not let in: " in caplog.text
    assert "suzuki" not in caplog.text
    assert BUTTON in answer.content.decode()


def test_audiences_that_are_ours(small: SmallProvider, tanaka: User) -> None:
    for claims in ({"aud": [CLIENT]}, {"aud": [CLIENT, "other"], "azp": CLIENT}, {"azp": CLIENT}):
        client = Client()
        assert go(client, small, preferred_username="tanaka", **claims).status_code == 302
        assert is_in(client)


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_only_the_providers_own_signature_counts(small: SmallProvider, tanaka: User, algorithm: str) -> None:
    small.algorithm = algorithm
    client = Client()
    assert "署名が正しくありません" in words(go(client, small, preferred_username="tanaka"))
    assert not is_in(client)


def test_a_foreign_signature_under_a_known_name_is_refused(small: SmallProvider, tanaka: User) -> None:
    small.key = type(KEYS[1]).import_key(KEYS[1].as_pem(private=True), {"kid": "key-0"})
    assert "署名が正しくありません" in words(go(Client(), small, preferred_username="tanaka"))


def test_changed_keys_are_asked_for_once_and_not_again_and_again(
    small: SmallProvider, tanaka: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert go(Client(), small, preferred_username="tanaka").status_code == 302
    small.key = small.shown_key = KEYS[1]
    assert go(Client(), small, preferred_username="tanaka").status_code == 403  # asked just now
    assert small.asked.count("/keys") == 1
    monkeypatch.setattr(provider, "KEYS_AGAIN_SECONDS", 0)
    assert go(Client(), small, preferred_username="tanaka").status_code == 302
    assert go(Client(), small, preferred_username="tanaka").status_code == 302
    assert small.asked.count("/keys") == 2
    assert small.asked.count("/.well-known/openid-configuration") == 1


def test_an_answer_counts_once_and_in_its_own_browser(small: SmallProvider, tanaka: User) -> None:
    client, other = Client(), Client()
    told = small.allow(press(client), preferred_username="tanaka")
    assert come_back(other, told).status_code == 403  # somebody else's link
    assert not is_in(other)
    assert come_back(client, told).status_code == 302
    assert come_back(client, told).headers["Location"] == "/staff/"  # Back: they are in
    client.post("/staff/logout/")
    again = come_back(client, told)  # Back after the logout
    assert (again.status_code, is_in(client)) == (403, False)
    assert "もう終わっているか" in words(again)
    fresh = press(client)
    state = parse_qs(urlsplit(fresh).query)["state"][0]
    stolen = come_back(client, {"code": told["code"], "state": state})  # the old code to a new attempt
    assert (stolen.status_code, is_in(client)) == (403, False)


def test_an_answer_of_another_provider_is_refused(small: SmallProvider, tanaka: User) -> None:
    client = Client()
    told = small.allow(press(client), preferred_username="tanaka") | {"iss": "https://elsewhere.example"}
    assert "ほかの認証サーバーからの返事" in words(come_back(client, told))
    assert small.tokens == []


def test_two_windows_at_once(small: SmallProvider, tanaka: User) -> None:
    client = Client()
    first, second = (
        small.allow(press(client, next=each), preferred_username="tanaka")
        for each in ("/staff/", "/staff/rows/")
    )
    assert come_back(client, second).headers["Location"] == "/staff/rows/"
    assert come_back(client, first).headers["Location"] == "/staff/"
    assert is_in(client)


def test_what_the_provider_says_instead_of_a_code(small: SmallProvider) -> None:
    client = Client()
    state = parse_qs(urlsplit(press(client)).query)["state"][0]
    refused = come_back(client, {"error": "access_denied", "error_description": "<b>x</b>", "state": state})
    assert (refused.status_code, "取りやめました" in words(refused)) == (403, True)
    assert "<b>x</b>" not in refused.content.decode()
    state = parse_qs(urlsplit(press(client)).query)["state"][0]
    assert "欠けています" in words(come_back(client, {"state": state}))


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((500, b"<html>"), "いまやりとりできません"),
        ((302, b""), "いまやりとりできません"),  # no secret follows a redirect
        ((200, b"[]"), "いまやりとりできません"),
        ((200, b"x" * (fetching.MOST_BYTES + 1)), "いまやりとりできません"),
        ((401, {"error": "invalid_client"}), "確かめられませんでした"),
        ((200, {"id_token": "nonsense"}), "署名が正しくありません"),
        ((200, {"access_token": "x"}), "確かめられませんでした"),
    ],
)
def test_what_goes_wrong_between_the_servers(
    small: SmallProvider, tanaka: User, answer: tuple[int, Any], said: str
) -> None:
    small.token_answer = answer
    refused = go(Client(), small, preferred_username="tanaka")
    assert (refused.status_code, said in words(refused)) == (403, True)
    assert "/elsewhere" not in small.asked


def test_a_provider_that_is_down_or_calls_itself_otherwise(small: SmallProvider, settings: Settings) -> None:
    small.document = {"issuer": "https://elsewhere.example"}
    page = Client().post(BUTTON)
    assert (page.status_code, "いまやりとりできません" in words(page)) == (403, True)
    small.document = {"token_endpoint": "ftp://elsewhere.example/"}
    provider.forget()
    assert Client().post(BUTTON).status_code == 403
    settings.OIDC_ISSUER = "http://127.0.0.1:9"
    provider.forget()
    assert Client().post(BUTTON).status_code == 403


def test_addresses_that_the_settings_say_need_no_discovery(
    small: SmallProvider, tanaka: User, settings: Settings
) -> None:
    for name, path in (("AUTHORIZATION", "authorize"), ("TOKEN", "token"), ("KEYS", "keys")):
        setattr(settings, f"OIDC_{name}_URL", f"{small.base}/{path}")
    assert go(Client(), small, preferred_username="tanaka").status_code == 302
    assert small.asked == ["/token", "/keys"]


def test_a_provider_that_wants_the_secret_in_the_form(small: SmallProvider, tanaka: User) -> None:
    small.document = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    assert go(Client(), small, preferred_username="tanaka").status_code == 302
    assert (small.tokens[0]["client_secret"], small.tokens[0]["authorization"]) == (SECRET, "")


def test_matched_by_mail_which_must_be_verified_and_one_persons(
    small: SmallProvider, tanaka: User, settings: Settings
) -> None:
    settings.OIDC_MATCH, settings.OIDC_CLAIM = "email", "email"
    mail: dict[str, Any] = {"email": tanaka.email}
    for verified in (None, False, "true"):
        assert "本人のものと確かめていません" in words(go(Client(), small, email_verified=verified, **mail))
    assert go(Client(), small, email_verified=True, **mail).status_code == 302
    assert go(Client(), small, email_verified=True, email="TANAKA@city.example.jp").status_code == 403
    person("sato", Role.DEPARTMENT, email=tanaka.email)
    assert "2 人以上います" in words(go(Client(), small, email_verified=True, **mail))
    person("nobody", Role.DEPARTMENT)  # has no address: an empty one is nobody's
    assert go(Client(), small, email_verified=True, email="").status_code == 403


def test_a_closed_account_stays_closed_and_ends_at_once(small: SmallProvider, tanaka: User) -> None:
    client = Client()
    go(client, small, preferred_username="tanaka")
    User.objects.filter(pk=tanaka.pk).update(is_active=False)
    assert not is_in(client)
    assert "使えなくなっています" in words(go(client, small, preferred_username="tanaka"))
    demo = person("demo", Role.PLANNING, is_demo=True)
    assert "見本の利用者" in words(go(client, small, preferred_username=demo.username))
    assert not is_in(client)


def test_typed_text_survives_the_way_there_and_back(space: Workspace, small: SmallProvider) -> None:
    client, row = Client(), space.row()
    typed = {"result": "・道を直した。", "version": "1", "act": "save"}
    lost = client.post(f"/staff/actions/{row.pk}/", typed)
    assert (lost.status_code, "入力した内容は残してあります" in lost.content.decode()) == (401, True)
    fields = {"kept": hidden(lost, "kept")}
    told = small.allow(press(client, **fields), preferred_username="nobody")  # the wrong account, first
    for page in (come_back(client, told), come_back(client, told), client.get("/staff/login/")):  # a reload
        assert hidden(page, "kept") == fields["kept"]
    refused = come_back(client, told)
    fields = {"kept": hidden(refused, "kept"), "next": hidden(refused, "next")}
    answer = go(client, small, fields, preferred_username=space.cast.clerk.username)
    assert answer.headers["Location"] == "/staff/kept/"
    assert "・道を直した。" in client.get("/staff/kept/").content.decode()


def packed(text: str) -> str:
    """A text as a login page carries it."""
    content = {"path": "/staff/rows/", "fields": [["result", text]]}
    signed: str = signing.dumps(content, salt=kept.SALT, compress=True)
    return signed


def test_what_is_kept_meanwhile_is_ours_short_enough_and_kept_once(
    small: SmallProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client()
    press(client, kept="A" * 1_000_000)  # anybody's writing
    assert len(str(dict(client.session))) < 2_000
    press(client, kept=(short := packed("・道を直した。")))
    assert str(dict(client.session)).count(short) == 1
    monkeypatch.setattr(single_sign_on, "MOST_LETTERS", 100)
    long = packed(os.urandom(200).hex())
    refused = client.post("/staff/login/provider/", {"kept": long})
    assert (refused.status_code, hidden(refused, "kept"), "長すぎて" in words(refused)) == (403, long, True)
    assert long not in str(dict(client.session))


def test_the_password_is_left_to_named_administrators(
    small: SmallProvider, space: Workspace, settings: Settings
) -> None:
    named = make("named")
    User.objects.filter(pk=named.pk).update(role=Role.ADMINISTRATOR)
    make("planner2")
    settings.LOCAL_LOGIN = ["named", "planner2"]
    page = Client().get("/staff/login/").content.decode()
    assert ("庁内の認証でログイン" in page, "<details" in page, "/staff/forgotten/" in page) == (
        True,
        True,
        False,
    )
    clients = {name: Client() for name in ("named", "planner2")}
    for name, client in clients.items():
        log_in(client, name)
    assert [is_in(client) for client in clients.values()] == [True, False]  # the other is no administrator
    assert not is_in(logged_in(space.cast.clerk))  # came in by a password, before
    settings.LOCAL_LOGIN = []
    page = Client().get("/staff/login/").content.decode()
    assert 'type="password"' not in page
    assert not is_in(clients["named"])


def test_people_have_no_password_to_set(small: SmallProvider, space: Workspace) -> None:
    client = Client()
    go(client, small, preferred_username=space.cast.administrator.username)
    page = client.get("/staff/people/").content.decode()
    assert ("庁内の認証でログインする" in page, "パスワードの案内を作る" in page) == (True, False)
    invited = client.post("/staff/people/", {"act": "slips", "scope": "picked", "pick": space.cast.clerk.pk})
    assert (invited.status_code, "パスワードは要りません" in invited.content.decode()) == (422, True)


def test_logging_out_ends_both(small: SmallProvider, tanaka: User) -> None:
    client = Client()
    go(client, small, preferred_username="tanaka")
    address = sent_to(client.post("/staff/logout/"))
    asked = {name: value[0] for name, value in parse_qs(urlsplit(address).query).items()}
    assert address.startswith(f"{small.base}/logout?")
    assert asked["post_logout_redirect_uri"] == "http://testserver/staff/login/?left=both"
    assert (asked["client_id"], asked["id_token_hint"].count(".")) == (CLIENT, 2)
    assert not is_in(client)
    assert "庁内の認証からもログアウトしました" in client.get("/staff/login/?left=both").content.decode()


def test_where_the_providers_login_goes_on_that_is_said(small: SmallProvider, tanaka: User) -> None:
    small.document = {"end_session_endpoint": None}
    client = Client()
    go(client, small, preferred_username="tanaka")
    answer = client.post("/staff/logout/")
    assert answer.headers["Location"] == "/staff/login/?left=here"
    assert "ログインは続いています" in client.get(answer.headers["Location"]).content.decode()


# --- a real provider, in a process of its own ---------------------------------------------------------------
@pytest.fixture(scope="module")
def real() -> Iterator[str]:
    """The address of an oidc-provider-mock."""
    command = [sys.executable, "-W", "ignore", "-m", "tests.staff.sign_in.real_provider"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    own = os.environ | {"TEST_CLOCK": datetime.now(UTC).isoformat()}
    with subprocess.Popen(command, **pipes, text=True, env=own) as process:
        assert process.stdout
        yield process.stdout.readline().strip()
        process.kill()


def test_a_real_provider_from_the_button_to_the_logout(real: str, tanaka: User, settings: Settings) -> None:
    settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = real, CLIENT, SECRET
    httpx.put(f"{real}/users/1", json={"preferred_username": "tanaka"}).raise_for_status()
    client = Client()
    agreed = httpx.post(press(client, next="/staff/rows/"), data={"sub": "1"})
    address = urlsplit(agreed.headers["location"])
    answer = client.get(f"{address.path}?{address.query}")
    assert (answer.status_code, answer.headers["Location"], is_in(client)) == (302, "/staff/rows/", True)
    left = httpx.get(sent_to(client.post("/staff/logout/")))
    assert (left.status_code, "testserver/staff/login/" in left.text, is_in(client)) == (200, True, False)
    denied = httpx.post(press(client, kept=(text := packed("text"))), data={"sub": "1", "action": "deny"})
    address = urlsplit(denied.headers["location"])
    assert "state" not in address.query  # this one does not say whose refusal it is; the text goes along
    refused = client.get(f"{address.path}?{address.query}")
    assert (refused.status_code, hidden(refused, "kept")) == (403, text)
