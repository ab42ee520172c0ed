"""Error pages below /staff/: in the staff site's look, with what was typed, and without a password."""

import pytest
from django.db import OperationalError
from django.http import HttpResponse
from django.test import Client, RequestFactory
from pytest_django.fixtures import Settings

from tests.public.markup import parse
from tests.staff.conftest import Year
from tests.staff.people import logged_in
from tracker.cycle import workflow
from tracker.staff.frame import errors

TEXT = "二時間かけて書いた文"
FORM = {"result": TEXT, "new_password1": "ながいあいことば2024", "csrfmiddlewaretoken": "x" * 64}


def copied(response: HttpResponse) -> list[str]:
    """The words that a page shows for copying; it is one of the staff site's."""
    page = parse(response.content.decode())
    assert "市長マニフェスト 職員用" in page.one("title").text
    return [each.text.strip() for each in page.all("textarea", "typed")]


@pytest.mark.parametrize("problem", [RuntimeError("SECRET-DETAIL"), OperationalError("SECRET-DETAIL")])
@pytest.mark.django_db
def test_a_view_that_fails_keeps_the_words(
    year: Year, monkeypatch: pytest.MonkeyPatch, problem: Exception
) -> None:
    def fails(*args: object, **values: object) -> None:
        raise problem

    monkeypatch.setattr(workflow, "save", fails)
    client = logged_in(year.cast.clerk)
    client.raise_request_exception = False
    answer = client.post(f"/staff/actions/{year.action.pk}/", {"version": "0", "result": TEXT})
    assert (answer.status_code, copied(answer)) == (500, [TEXT])
    assert "SECRET-DETAIL" not in answer.content.decode()


def test_the_pages_need_no_database() -> None:
    """No `db` fixture: any query would fail the test."""
    for status, answer in (
        (500, errors.server_error(RequestFactory().post("/staff/actions/1/", FORM))),
        (400, errors.bad_request(RequestFactory().post("/staff/actions/1/", FORM), Exception())),
    ):
        assert (answer.status_code, copied(answer)) == (status, [TEXT])


def test_elsewhere_the_pages_are_the_public_ones() -> None:
    request = RequestFactory().post("/2021/", FORM)
    for answer in (errors.server_error(request), errors.bad_request(request, Exception())):
        assert "職員用" not in answer.content.decode()
        assert TEXT not in answer.content.decode()


@pytest.mark.django_db
def test_a_form_of_too_many_fields_is_told_so_by_the_staff_site(year: Year, settings: Settings) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 1
    for client in (logged_in(year.cast.clerk), Client()):
        answer = client.post(f"/staff/actions/{year.action.pk}/", {"version": "0", "result": TEXT})
        assert (answer.status_code, copied(answer)) == (400, [])
        assert "まだ保存されていません。" in answer.content.decode()


@pytest.mark.django_db
def test_a_page_that_takes_nothing_shows_what_was_sent(year: Year) -> None:
    client = logged_in(year.cast.clerk)
    answer = client.post("/staff/", FORM)
    assert (answer.status_code, answer.headers["Allow"], copied(answer)) == (405, "GET, HEAD", [TEXT])
    assert client.get(f"/staff/actions/{year.action.pk}/resolve/").headers["Allow"] == "POST"


@pytest.mark.django_db
def test_all_texts_of_one_name_are_shown(year: Year) -> None:
    answer = logged_in(year.cast.clerk).post("/staff/actions/0/", {"result": [TEXT, "もう一つの文"]})
    assert (answer.status_code, copied(answer)) == (404, [TEXT, "もう一つの文"])


@pytest.mark.django_db
def test_a_form_in_another_character_set_is_a_bad_request(year: Year) -> None:
    kind = "application/x-www-form-urlencoded; charset=utf-16"
    address = f"/staff/actions/{year.action.pk}/"
    answer = logged_in(year.cast.clerk).generic("POST", address, b"result=x", content_type=kind)
    assert (answer.status_code, copied(answer)) == (400, [])


@pytest.mark.parametrize("origin", ["http://[", "http://[::1"])
@pytest.mark.django_db
def test_half_an_address_as_origin_is_no_page_of_ours(year: Year, origin: str) -> None:
    client = Client(enforce_csrf_checks=True)
    answer = client.post("/staff/", {"result": TEXT}, headers={"origin": origin})
    assert (answer.status_code, copied(answer)) == (403, [TEXT])


@pytest.mark.django_db
def test_no_error_page_names_a_version_that_it_does_not_know(year: Year) -> None:
    client = logged_in(year.cast.clerk)
    for address, status in (("/staff/no-such-page/", 404), ("/staff/tracker/user/", 403)):
        answer = client.get(address)
        assert (answer.status_code, "バージョン" in answer.content.decode()) == (status, False)
    assert "バージョン" in client.get("/staff/").content.decode()
