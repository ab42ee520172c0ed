"""The public site as one file: who gets it, how long it is waited for, and what a failed try says."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client, override_settings

from tests.public.building import copy_report, make_entry, save_report
from tests.staff.people import logged_in, person
from tests.staff.rounds.making import waited_for
from tracker.choices import Role
from tracker.models import Report, Synonym
from tracker.site_export import making

BEGIN = making.begin
PAGE, FILE = "/staff/rounds/site/", "/staff/rounds/site.zip"


@pytest.fixture
def client(db: None) -> Client:
    return logged_in(person("planner", Role.PLANNING))


@pytest.fixture
def report(db: None) -> Report:
    return save_report([make_entry(1)])


@pytest.fixture(autouse=True)
def _state(tmp_path: Path) -> Iterator[None]:
    with override_settings(STATE_DIR=tmp_path):
        yield


def here(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The .zip is made at once, and holds one word; the addresses that it was asked for."""
    asked: list[str] = []

    def begin(key: str, address: str) -> None:
        asked.append(address)
        (making._folder() / f"{key}.zip").write_bytes(b"zip")

    monkeypatch.setattr(making, "begin", begin)
    return asked


def test_what_is_there_is_offered_until_something_else_is_published(
    client: Client, report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = here(monkeypatch)
    assert f'href="{PAGE}">公開サイトのファイル（.zip）</a>' in client.get("/staff/rounds/").content.decode()
    for _time in range(2):
        assert "ファイルができました" in client.get(PAGE).content.decode()
    assert asked == ["http://testserver"]
    answer = client.get(FILE)
    assert b"".join(answer) == b"zip"  # type: ignore[call-overload]
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="manifesto-site-')
    copy_report(report, as_of=report.as_of, edition=2)
    assert client.get(FILE).headers["Location"] == PAGE
    assert len(asked) == 1
    client.get(PAGE)
    assert len(asked) == 2
    Synonym.objects.create(spellings="駅前 えきまえ広場")  # the list's search is in the files, too
    client.get(PAGE)
    assert len(asked) == 3


def test_while_nothing_is_published_nothing_is_made(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = here(monkeypatch)
    assert "まだ何も公表していない" in client.get(PAGE).content.decode()
    assert asked == []


def test_one_that_is_being_made_is_waited_for(client: Client, report: Report) -> None:
    assert "ファイルを作っています" in client.get(PAGE).content.decode()


def test_a_try_that_failed_is_told_once_and_made_again(
    client: Client, report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A real process, whose database has no tables here: it fails, and says so."""
    monkeypatch.setattr(making, "begin", BEGIN)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{settings.STATE_DIR}/empty.sqlite3")
    monkeypatch.setenv("STATE_DIR", str(settings.STATE_DIR))
    page = waited_for(client, PAGE)
    assert "公開サイトのファイルを作れませんでした" in page
    assert "もう一度作る" in page
    assert "ファイルを作っています" in client.get(PAGE).content.decode()
    waited_for(client, PAGE)
