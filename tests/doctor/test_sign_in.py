"""What `doctor` says of how people come in."""

from ipaddress import ip_network
from pathlib import Path

import pytest
from django.test import RequestFactory
from pytest_django import Settings

from tests.organisation.sign_in.provider import CLIENT, small_provider
from tests.staff.people import person
from tests.staff.sign_in.codes import with_app
from tracker.choices import Role
from tracker.doctor import sign_in
from tracker.doctor.findings import Soundness
from tracker.organisation.sign_in import proxy

pytestmark = pytest.mark.django_db
GOOD, NOTICE, TROUBLE = Soundness.GOOD, Soundness.NOTICE, Soundness.TROUBLE


def told() -> list[tuple[Soundness, str]]:
    found = list(sign_in.ways())
    assert all(each.to_do for each in found if each.standing != GOOD)
    return [(each.standing, each.words) for each in found]


def says(standing: Soundness, words: str) -> bool:
    return any(each == standing and words in said for each, said in told())


def behind(settings: Settings, proxies: str) -> None:
    settings.REMOTE_USER_HEADER, settings.REMOTE_USER_PROXIES = "HTTP_X_REMOTE_USER", [ip_network(proxies)]


def test_passwords_alone_and_a_second_factor(settings: Settings) -> None:
    assert told() == []  # nobody is there yet
    planner = person("planner", Role.PLANNING)
    assert says(NOTICE, "パスワードだけでログインできます")
    settings.SECOND_FACTOR = True
    assert told() == [(GOOD, "2 段階認証が要る 1 人のうち、0 人が設定しています。")]
    with_app(planner)
    assert told() == [(GOOD, "2 段階認証が要る 1 人のうち、1 人が設定しています。")]
    settings.SECRET_KEY = "another" * 10
    assert says(TROUBLE, "1 人の 2 段階認証を読めません")


def test_the_provider_is_asked_now(settings: Settings) -> None:
    with small_provider() as running:
        settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID = running.base, CLIENT
        settings.HTTPS = True
        assert says(GOOD, f"認証のサーバー（{running.base}）が答えました")
        running.document = {"end_session_endpoint": None}
        assert says(NOTICE, "ログアウトの窓口がありません")
        running.document = {"issuer": "https://elsewhere.example"}
        assert says(TROUBLE, "やりとりできません")
        running.document = {}
        settings.HTTPS = False
        assert says(TROUBLE, "HTTPS が false です")
    assert says(TROUBLE, "やりとりできません")


def test_who_can_come_in_when_the_other_system_is_down(settings: Settings) -> None:
    settings.REMOTE_USER_HEADER, settings.REMOTE_USER_PROXIES = (
        "HTTP_X_REMOTE_USER",
        [ip_network("192.0.2.1")],
    )
    assert says(NOTICE, "だれもログインできません")
    settings.LOCAL_LOGIN = ["kanri", "nobody"]
    kanri = person("kanri", Role.ADMINISTRATOR)
    assert says(TROUBLE, "LOCAL_LOGIN の kanri、nobody は")
    kanri.set_password("ながいあいことば2024")
    kanri.save()
    assert says(TROUBLE, "LOCAL_LOGIN の nobody は")
    settings.LOCAL_LOGIN = ["kanri"]
    assert says(GOOD, "1 人の管理者がパスワードで入れます")
    assert says(NOTICE, "パスワードだけでログインできます")


def test_the_proxys_header(settings: Settings, tmp_path: Path) -> None:
    settings.STATE_DIR = tmp_path
    settings.REMOTE_USER_HEADER, settings.REMOTE_USER_PROXIES = (
        "HTTP_X_REMOTE_USER",
        [ip_network("10.0.0.0/8")],
    )
    assert says(TROUBLE, "10.0.0.0/8 は広すぎます")
    behind(settings, "192.0.2.0/28")
    assert says(GOOD, "決めたアドレスからだけ受け付けています")
    request = RequestFactory(REMOTE_ADDR="198.51.100.7").get("/staff/", headers={"X-Remote-User": "tanaka"})
    assert proxy.named_person(request) == ""
    assert says(NOTICE, "決めていないアドレス（198.51.100.7）から")
    assert not any("tanaka" in words for _standing, words in told())


def test_people_whom_an_address_does_not_tell(settings: Settings) -> None:
    settings.REMOTE_USER_HEADER, settings.REMOTE_USER_PROXIES = (
        "HTTP_X_REMOTE_USER",
        [ip_network("192.0.2.1")],
    )
    settings.REMOTE_USER_MATCH = "email"
    for name in ("one", "two"):
        person(name, Role.DEPARTMENT, email="office@city.example.jp")
    person("three", Role.DEPARTMENT)
    assert says(NOTICE, "アドレスのない 1 人と、1 件の同じアドレスの人は、ログインできません")
