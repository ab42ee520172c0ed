"""`manage.py doctor` and the administrator's page: what is wrong is told, with what to do."""

import errno
import io
import json
import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import OperationalError
from django.utils import timezone
from pytest_django import Settings

from tests.staff.people import logged_in
from tests.workspace import Workspace
from tracker import last_runs, storage, triggers
from tracker.doctor import certificates, database, examination
from tracker.doctor.findings import Finding, Soundness
from tracker.models import ChainHead, City, Event
from tracker.models.city import THE_ONE
from tracker.public.health import NotReady

pytestmark = pytest.mark.django_db
ASKED_OF_THE_DATABASE = database._database_time
ONE_DAY = 24 * 60 * 60  # seconds


@pytest.fixture(autouse=True)
def sound(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """An installation with which nothing is wrong, on the day of TEST_CLOCK."""
    monkeypatch.setattr(database, "_database_time", lambda here: here)
    settings.DEBUG = settings.DEMO = False
    settings.CITY_NAME_IS_SAID = settings.MAIL_FROM_IS_SAID = True
    settings.HTTPS, settings.TRUSTED_PROXIES = True, ["127.0.0.1"]
    settings.STATE_DIR = tmp_path
    settings.PUBLIC_URL = settings.STAFF_SITE_URL = settings.EMAIL_HOST = ""
    for each in ("backup", "housekeeping", "verify_events"):
        last_runs.ended_well(each)
    return settings


def told(topic: str) -> list[tuple[Soundness, str]]:
    return [(each.standing, each.words) for each in examination.examine() if each.topic == topic]


def standings(topic: str) -> set[Soundness]:
    return {standing for standing, _words in told(topic)}


def doctor(*options: str) -> tuple[int, str]:
    """How the command ends, and what it says."""
    out = io.StringIO()
    try:
        call_command("doctor", *options, stdout=out, stderr=out)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue()
    return 0, out.getvalue()


def test_a_sound_installation_ends_with_0_and_says_all_topics() -> None:
    code, said = doctor("--json")
    found = json.loads(said)
    assert code == 0
    assert {each["standing"] for each in found} <= {"良好", "注意"}
    topics = {
        "版",
        "設定",
        "市",
        "静的ファイル",
        "ディスク",
        "データベース",
        "時計",
        "履歴",
        "大きさ",
        "メール",
        "バックアップ",
        "片付け",
    }
    assert topics <= {each["topic"] for each in found}
    assert all(each["to_do"] for each in found if each["standing"] != "良好")


def test_a_city_without_name_or_code_is_told(sound: Settings) -> None:
    assert told("市") == [(Soundness.GOOD, "伊勢崎市（102041）です。")]
    sound.CITY_NAME_IS_SAID = False
    assert told("市") == [(Soundness.NOTICE, "市の名前を決めていないので、「伊勢崎市」と出ます。")]
    City.objects.update_or_create(pk=THE_ONE, defaults={"name": "星浜市"})
    assert [(standing, words[:17]) for standing, words in told("市")] == [
        (Soundness.NOTICE, "全国地方公共団体コードがありません")
    ]


@pytest.mark.parametrize("name", ["DEBUG", "DEMO"])
def test_a_dangerous_setting_ends_with_1(sound: Settings, name: str) -> None:
    setattr(sound, name, True)
    code, said = doctor()
    assert (code, f"問題　設定：{name} が true です。" in said) == (1, True)


def test_what_readyz_keeps_to_itself_is_said_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(triggers, "missing", lambda _connection: ["one"])
    assert told("データベース") == [(Soundness.TROUBLE, "公表版と履歴の保護が欠けています。")]
    monkeypatch.setattr(storage, "can_be_written", lambda _folder: False)
    assert standings("ディスク") == {Soundness.TROUBLE}


def test_an_older_database_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be asked of it then is no news, and no reason to doubt DATABASE_URL."""

    def of_a_later_version() -> None:
        raise OperationalError("no such table")

    monkeypatch.setattr(database, "reason_not_ready", lambda: NotReady.MIGRATIONS)
    monkeypatch.setattr(examination, "LOOKS", (database.protected, of_a_later_version))
    assert told("データベース") == [(Soundness.TROUBLE, "データベースが、この版のものではありません。")]


def test_assets_that_are_not_collected_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert standings("静的ファイル") == {Soundness.GOOD}

    def lacking(name: str) -> str:
        raise ValueError(name)

    monkeypatch.setattr("tracker.storage.staticfiles_storage.url", lacking)
    assert standings("静的ファイル") == {Soundness.TROUBLE}


def test_a_database_that_does_not_answer_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable() -> None:
        raise OperationalError("no route to SECRET-HOST")

    monkeypatch.setattr(examination, "LOOKS", (unreachable,))
    code, said = doctor()
    assert (code, "データベースに尋ねられません" in said, "SECRET-HOST" in said) == (1, True, False)


def test_a_clock_behind_the_history_is_told(space: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow(database.datetime):
        @classmethod
        def now(cls, tz: object = None) -> "Slow":
            return super().now(tz) - timedelta(days=400)  # type: ignore[arg-type]

    assert Event.objects.exists()
    monkeypatch.setattr(database, "datetime", Slow)
    ((standing, words),) = told("時計")
    assert (standing, "最後の履歴より前" in words) == (Soundness.TROUBLE, True)


@pytest.mark.parametrize("apart", [-10, 10])
def test_a_database_servers_clock_that_is_apart_is_told(monkeypatch: pytest.MonkeyPatch, apart: int) -> None:
    monkeypatch.setattr(database, "_database_time", lambda here: here + timedelta(seconds=apart))
    ((standing, words),) = told("時計")
    assert (standing, "データベースのサーバーの時計とずれています" in words) == (Soundness.TROUBLE, True)


def test_the_database_servers_clock_is_asked_for(tmp_path: Path) -> None:
    """It is the machine's, as that of a file is; only this process may be on another day."""
    (tmp_path / "now").touch()
    now = datetime.fromtimestamp((tmp_path / "now").stat().st_mtime, UTC)
    assert abs(ASKED_OF_THE_DATABASE(now) - now) < timedelta(minutes=1)


def test_another_key_does_not_fit_the_seal(space: Workspace, sound: Settings) -> None:
    assert standings("履歴") == {Soundness.GOOD}
    assert ChainHead.objects.get().seal
    sound.SEAL_KEY = "another" * 10
    assert standings("履歴") == {Soundness.TROUBLE}


def test_a_late_backup_is_told(sound: Settings) -> None:
    assert standings("バックアップ") == {Soundness.GOOD}
    old = time.time() - 3 * ONE_DAY
    os.utime(sound.STATE_DIR / "runs" / "backup", (old, old))
    ((standing, words),) = told("バックアップ")
    day = timezone.localtime(last_runs.last_run("backup"))
    assert (standing, f"{day:%Y-%m-%d %H:%M}" in words) == (Soundness.NOTICE, True)


def test_commands_note_that_they_ended_well(sound: Settings) -> None:
    """`backup` and `verify_events` want a database of their own: their own tests look at it."""
    (sound.STATE_DIR / "runs" / "housekeeping").unlink()
    assert last_runs.last_run("housekeeping") is None
    call_command("housekeeping")
    assert last_runs.last_run("housekeeping")


def test_a_mail_server_that_does_not_answer_is_told(sound: Settings) -> None:
    sound.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    sound.EMAIL_HOST, sound.EMAIL_PORT = "127.0.0.1", 9
    assert standings("メール") == {Soundness.TROUBLE}
    sound.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert standings("メール") == {Soundness.GOOD}
    sound.MAIL_FROM_IS_SAID = False
    assert told("メール")[0] == (
        Soundness.NOTICE,
        "差出人が manifesto@localhost のままです。受け取られないことがあります。",
    )
    assert doctor("--mail", "me@example.jp")[0] == 0
    assert [each.to for each in mail.outbox] == [["me@example.jp"]]


def test_a_certificate_near_its_end_is_told(sound: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    sound.PUBLIC_URL, sound.STAFF_SITE_URL = "https://a.example.jp", "https://b.example.jp/staff/"
    ends = {"a.example.jp": 10, "b.example.jp": 90}
    monkeypatch.setattr(
        certificates, "_not_after", lambda host, _port: timezone.now() + timedelta(days=ends[host], hours=1)
    )
    assert told("証明書") == [
        (Soundness.TROUBLE, "a.example.jp：あと 10 日で切れます。"),
        (Soundness.GOOD, "b.example.jp：あと 90 日で切れます。"),
    ]


def test_the_administrators_page_says_the_same(space: Workspace) -> None:
    page = logged_in(space.cast.administrator).get("/staff/condition/").content.decode()
    assert all(
        each.words in page.replace("&#x27;", "'") for each in examination.examine() if each.topic != "時計"
    )


def test_what_cannot_be_read_stops_no_other_look(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreadable() -> Iterator[Finding]:
        raise PermissionError(errno.EACCES, "Permission denied", "/var/lib/manifesto/x")
        yield

    monkeypatch.setattr(examination, "LOOKS", (unreadable, *examination.LOOKS))
    found = "/var/lib/manifesto/x を調べられません（読み書きする権限がありません）。"
    assert (Soundness.TROUBLE, found) in told("ディスク")
    assert told("大きさ")
    assert doctor()[0] == 1


def test_all_that_makes_a_site_unready_has_words() -> None:
    assert database.WORDS.keys() == set(NotReady)
