"""The beginning of 表を取り込む: what is taken, what is refused, and whose it is."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.staff.people import logged_in, person
from tests.staff.tables.books import address, send_file, two_row_book, uploaded
from tracker.choices import Role
from tracker.models import Event, Manifesto, TableUpload
from tracker.published_tables import uploads
from tracker.staff.tables import uploading

pytestmark = pytest.mark.django_db


@pytest.fixture
def planner(db: None) -> Client:
    return logged_in(person("kikaku", Role.PLANNING))


def test_a_file_is_kept_and_nothing_else_changes(planner: Client) -> None:
    upload = uploaded(planner, two_row_book())
    assert (upload.file_name, upload.document, upload.is_loaded) == ("公約.xlsx", {}, False)
    assert (Manifesto.objects.count(), Event.objects.count()) == (0, 0)
    assert "公約.xlsx" in planner.get(reverse("staff-load-table")).content.decode()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("表.xlsx", b"PK\x03\x04 broken", "表.xlsx"),
        ("表.txt", b"", "ファイル"),
        ("表.csv", b"\n\n", "ファイルが空です"),
    ],
)
def test_what_is_no_table_is_told(planner: Client, name: str, content: bytes, words: str) -> None:
    page = send_file(planner, content, name)
    assert (page.status_code, words in page.content.decode(), TableUpload.objects.count()) == (422, True, 0)


def test_a_file_that_is_too_large_is_told_before_it_is_read(
    planner: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploading, "MAX_TABLE_BYTES", 10)
    page = send_file(planner, two_row_book())
    assert (page.status_code, uploads.TABLE_TOO_LARGE in page.content.decode()) == (422, True)


def test_a_table_that_is_too_long_is_told(planner: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MAX_TABLE_ROWS", 5)
    page = send_file(planner, two_row_book())
    assert (page.status_code, uploads.TABLE_TOO_LONG in page.content.decode()) == (422, True)


def test_of_many_uploads_the_newest_are_kept(planner: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST_KEPT", 2)
    kept = [uploaded(planner, two_row_book()).pk for _time in range(3)]
    assert sorted(TableUpload.objects.values_list("pk", flat=True)) == kept[1:]


def test_an_upload_is_its_owner_s(planner: Client) -> None:
    upload = uploaded(planner, two_row_book())
    other = logged_in(person("kanri", Role.ADMINISTRATOR))
    for name in ("reading", "check", "layout"):
        assert (
            planner.get(address(upload, name)).status_code,
            other.get(address(upload, name)).status_code,
        ) == (200, 404)
