"""Something is in the way: the page says what and when to come back, and keeps what was sent."""

import json
from typing import Any
from unittest.mock import patch

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.http import HttpResponse
from django.test import Client

from tests.staff.conftest import Year
from tracker import troubles
from tracker.cycle import workflow
from tracker.entry_sheets import receiving
from tracker.troubles import Trouble
from tracker.turns import Busy

TEXT = "・会議を開き、計画をまとめました。"


class DiskFull(Exception):  # noqa: N818
    sqlstate = "53100"


def raising(problem: Exception, cause: Exception | None = None) -> Any:
    def act(*_arguments: object, **_named: object) -> None:
        raise problem from cause

    return act


def save(client: Client, year: Year, **more: Any) -> HttpResponse:
    fields = {"result": TEXT, "version": year.action.version, "act": "save"}
    return client.post(f"/staff/actions/{year.action.pk}/", fields, **more)


def test_a_save_that_meets_a_lock_is_offered_again(year: Year, client: Client) -> None:
    client.force_login(year.cast.clerk)
    with patch.object(workflow, "save", raising(Busy("ほかの人が書いています。"))):
        answer = save(client, year)
    shown = answer.content.decode()
    assert (answer.status_code, answer["Retry-After"], answer["Cache-Control"]) == (503, "30", "no-store")
    assert "ほかの人が書いています。30 秒ほど待って" in shown
    assert 'name="result" readonly rows="4"' in shown
    assert f"\n{TEXT}</textarea>" in shown
    assert f'<input type="hidden" name="version" value="{year.action.version}">' in shown
    assert f'<form method="post" action="/staff/actions/{year.action.pk}/">' in shown


def test_the_pages_own_script_hears_it_as_json(year: Year, client: Client) -> None:
    client.force_login(year.cast.clerk)
    with patch.object(workflow, "save", raising(Busy(""))):
        answer = save(client, year, headers={"accept": "application/json"})
    assert (answer.status_code, answer["Retry-After"]) == (503, "30")
    assert json.loads(answer.content) == {"unavailable": "30 秒ほど待って、もう一度お試しください。"}


def test_a_full_disk_is_named_and_the_text_is_kept(year: Year, client: Client) -> None:
    client.force_login(year.cast.clerk)
    with patch.object(workflow, "save", raising(OperationalError("…"), DiskFull())):
        answer = save(client, year)
    assert answer.status_code == 503
    assert "サーバーのディスクがいっぱいか、書き込めない状態です。" in answer.content.decode()
    assert TEXT in answer.content.decode()


def test_a_full_disk_that_only_the_session_meets_is_named(year: Year, client: Client) -> None:
    """Beyond the view, Django answers with the handler of errors."""
    client.force_login(year.cast.clerk)
    client.raise_request_exception = False
    with patch(
        "django.contrib.sessions.backends.db.SessionStore.load", raising(OperationalError("…"), DiskFull())
    ):
        answer = save(client, year)
    assert (answer.status_code, answer["Retry-After"]) == (503, "600")
    assert "サーバーのディスクがいっぱいか" in answer.content.decode()


@pytest.mark.parametrize(
    ("trouble", "status", "words"),
    [
        (Trouble.BUSY, 503, "30 秒ほど待って"),
        (Trouble.DISK, 503, "管理者に連絡"),
        (Trouble.TOO_LARGE, 413, "20 MB まで"),
        (Trouble.CUT_OFF, 408, "もう一度送って"),
    ],
)
@pytest.mark.parametrize("path", ["/staff/queue/", "/2021/"])
def test_what_the_door_found_needs_no_database(path: str, trouble: Trouble, status: int, words: str) -> None:
    answer = Client().get(path, **{troubles.KEY: trouble})  # type: ignore[arg-type]
    assert (answer.status_code, words in answer.content.decode()) == (status, True)
    assert answer["X-Frame-Options"] == "DENY"
    assert "default-src 'none'" in answer["Content-Security-Policy"]


def test_a_password_is_never_shown_but_has_to_be_typed_again() -> None:
    fields = {"username": "clerk", "password": "very secret words"}
    shown = Client().post("/staff/login/", fields, **{troubles.KEY: Trouble.BUSY}).content.decode()
    assert "いま混み合っています" in shown
    assert "very secret words" not in shown
    assert 'name="username"' in shown


def test_a_sheet_that_must_wait_is_to_be_chosen_again(year: Year, client: Client) -> None:
    client.force_login(year.cast.clerk)
    with patch.object(receiving, "receive", raising(Busy(""))):
        answer = client.post(
            f"/staff/rounds/{year.round.pk}/sheets/", {"file": SimpleUploadedFile("a.xlsx", b"PK")}
        )
    assert answer.status_code == 503
    assert "もう一度選んでください" in answer.content.decode()


def test_an_error_of_ours_shows_the_words_on_the_staff_sites_own_page(year: Year, client: Client) -> None:
    client.force_login(year.cast.clerk)
    client.raise_request_exception = False
    with patch.object(workflow, "save", raising(ValueError("…"))):
        answer = save(client, year)
    assert answer.status_code == 500
    assert TEXT in answer.content.decode()
    assert "職員用" in answer.content.decode()
