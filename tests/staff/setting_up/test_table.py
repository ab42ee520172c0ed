"""A published table through the browser: told first, then loaded, and nothing of it public."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from tests.published_tables.file.writing import small_text
from tests.staff.people import logged_in, person
from tracker.choices import EventKind, Role, RoundState
from tracker.models import Event, Initiative, Manifesto, Report, ReportingRound
from tracker.staff.setting_up import table

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(db: None) -> Client:
    return logged_in(person("kanri", Role.ADMINISTRATOR))


def send(client: Client, text: str | None = None, act: str = "check", **fields: str) -> HttpResponse:
    file = {} if text is None else {"file": SimpleUploadedFile("表.txt", text.encode())}
    answer: HttpResponse = client.post(reverse("staff-load-table"), {"act": act, **fields, **file})
    return answer


def carried(page: HttpResponse) -> dict[str, str]:
    """What the page that asks sends on."""
    hidden = re.findall(
        r'<input type="hidden" name="(expected|slug|table)" value="([^"]*)"', page.content.decode()
    )
    return dict(hidden)


def test_it_is_told_before_it_is_loaded(administrator: Client) -> None:
    page = send(administrator, small_text())
    words = page.content.decode()
    count = page.context["counts"]["initiatives"]
    assert (page.status_code, count > 0, f"取組 {count}件" in words) == (200, True, True)
    assert "新しいマニフェスト" in words
    assert (Manifesto.objects.count(), Event.objects.count()) == (0, 0)


def test_what_was_told_is_loaded_and_waits_to_be_published(administrator: Client) -> None:
    page = send(administrator, small_text())
    answer = send(administrator, None, "load", **carried(page))
    assert (answer.status_code, answer["Location"]) == (302, reverse("staff-setting-up"))
    assert Initiative.objects.count() == page.context["counts"]["initiatives"]
    assert set(ReportingRound.objects.values_list("state", flat=True)) == {RoundState.IMPORTED}
    event = Event.objects.get()
    assert (event.kind, event.actor, event.content["file"]) == (
        EventKind.IMPORTED,
        "試験 kanri（kanri）",
        "表.txt",
    )
    assert Report.objects.count() == 0
    again = send(administrator, small_text())
    assert "取り込むものはありません" in again.content.decode()


def test_a_file_that_cannot_be_read_is_told_and_the_address_stays(administrator: Client) -> None:
    page = send(administrator, "これは表ではありません", slug="2021")
    assert (page.status_code, "表.txt" in page.content.decode(), 'value="2021"' in page.content.decode()) == (
        422,
        True,
        True,
    )
    assert send(administrator).status_code == 422
    assert send(administrator, small_text(), slug="だめ").status_code == 422


def test_a_large_file_is_chosen_once_more_and_must_be_the_same(
    administrator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table, "MAX_PACKED", 10)
    page = send(administrator, small_text())
    fields = carried(page)
    assert sorted(fields) == ["expected", "slug"]
    other = send(administrator, small_text() + "\n", "load", **fields)
    assert (other.status_code, "別のファイルです" in other.content.decode(), Initiative.objects.count()) == (
        200,
        True,
        0,
    )
    assert send(administrator, small_text(), "load", **fields).status_code == 302
