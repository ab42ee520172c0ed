"""Error pages: in the site's look, with a way on, and without what the visitor sent."""

import pytest
from django.db import OperationalError
from django.test import Client, RequestFactory

from tests.public.conftest import Site
from tests.public.markup import parse
from tracker.models import Report
from tracker.models.city import CityFacts
from tracker.public import errors, overview
from tracker.public.context import tell_city


@pytest.mark.parametrize(
    "path", ["/nowhere/", "/2021/nowhere/", "/2021/pledges/9-9-9/", "/%3Cscript%3Ealert(1)%3C/script%3E/"]
)
def test_not_found_is_a_page_with_a_way_on(site: Site, demo: Report, path: str) -> None:
    answer = site.get(path)
    page = parse(answer.content.decode())
    assert (answer.status_code, page.one("h1").text) == (404, "ページが見つかりません")
    assert page.one("main").links == ["/"]
    assert page.one("main").one("form").attributes["action"] == "/2021/pledges/#results"
    assert "/2021/departments/" in page.one("nav", "site-nav").links
    assert page.all("script") == []


def test_not_found_needs_no_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """No `db` fixture; it fails as a database does."""

    def fail() -> None:
        raise OperationalError

    monkeypatch.setattr(errors, "published", fail)
    request = RequestFactory().get("/nowhere/")
    tell_city(request, CityFacts.of({}))
    page = parse(errors.not_found(request, Exception()).content.decode())
    assert (page.one("h1").text, page.one("main").links) == ("ページが見つかりません", ["/"])


def test_not_found_is_not_kept(site: Site, demo: Report) -> None:
    assert "ETag" not in site.get("/2021/pledges/9-9-9/").headers


def test_server_error_is_a_page_without_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """No `db` fixture: any query would fail the test."""
    answer = errors.server_error(RequestFactory().get("/"))
    page = parse(answer.content.decode())
    assert (answer.status_code, page.one("h1").text) == (500, "ページを表示できません")
    assert page.one("main").links == ["/"]


def test_failing_view_answers_with_the_server_error_page(
    site: Site, demo: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object) -> None:
        raise RuntimeError("SECRET-DETAIL")

    monkeypatch.setattr(overview, "text_counts", fail)
    answer = Client(raise_request_exception=False).get("/2021/")
    assert answer.status_code == 500
    assert parse(answer.content.decode()).one("h1").text == "ページを表示できません"
    assert "SECRET-DETAIL" not in answer.content.decode()


def test_bad_request_is_a_page() -> None:
    answer = errors.bad_request(RequestFactory().get("/"), Exception("SECRET-DETAIL"))
    page = parse(answer.content.decode())
    assert (answer.status_code, page.one("h1").text) == (400, "送られた内容を読み取れません")
