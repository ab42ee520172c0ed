"""Leaving rows out of a bulk approval: the ticks of every page count, and nothing else is approved."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.http import HttpResponse
from django.test import Client

from tests.conftest import a_third_at_once
from tests.staff.desk.test_bulk_approval import ADDRESS, preview
from tests.staff.people import logged_in, submit
from tests.workspace import Workspace
from tracker.choices import ActionState
from tracker.models import YearlyAction
from tracker.staff.desk.bulk_approval import NOTHING_PICKED, UNREADABLE_ROWS
from tracker.staff.desk.left_out import UNREADABLE

FIELDS = re.compile(r'<input type="hidden" name="(rows|out|page_rows)" value="([^"]*)"')


def form_of(response: HttpResponse) -> dict[str, object]:
    """The form as a browser would send it, with the ticks that the page shows."""
    page = response.content.decode()
    ticked = re.findall(r'name="leave"\s+value="(\d+)" checked', page)
    return dict(FIELDS.findall(page)) | {"leave": ticked}


def turned(client: Client, response: HttpResponse, turn: str, *leave: int) -> HttpResponse:
    """The page that a button leads to, after some more ticks."""
    form = form_of(response)
    ticked = [*form["leave"], *map(str, leave)]  # type: ignore[misc]
    answer = client.post(response.context["form_address"], form | {"leave": ticked, "turn": turn})
    assert answer.status_code == 302
    return client.get(answer["Location"])


def numbers(response: HttpResponse) -> list[int]:
    return [action.pk for action in response.context["page"]]


def waiting(space: Workspace) -> list[YearlyAction]:
    return [submit(space.row(number), space.cast.both) for number in (1, 2, 3)]


def test_all_left_out_approves_nothing_and_says_so(space: Workspace) -> None:
    rows, client = waiting(space), logged_in(space.cast.planner)
    form = form_of(preview(client)) | {"leave": [row.pk for row in rows]}
    answer = client.post(ADDRESS, form)
    assert (answer.status_code, answer.context["problem"]) == (422, NOTHING_PICKED)
    assert answer.context["picked"] == 0
    assert not YearlyAction.objects.filter(round=space.round, state=ActionState.APPROVED).exists()


@pytest.mark.parametrize("field", ["out", "leave", "page_rows"])
@pytest.mark.parametrize(
    "value", a_third_at_once(("x", "1.x", "-1", "9" * 30, "1.eJz", "99.AAAA"), others=pytest.mark.wide)
)
def test_what_was_left_out_is_never_guessed(space: Workspace, field: str, value: str) -> None:
    waiting(space)
    client = logged_in(space.cast.planner)
    answer = client.post(ADDRESS, form_of(preview(client)) | {field: value})
    assert (answer.status_code, answer.context["problem"]) == (422, UNREADABLE_ROWS)
    assert not YearlyAction.objects.filter(round=space.round, state=ActionState.APPROVED).exists()


def test_ids_that_lie_too_far_apart_are_refused(space: Workspace) -> None:
    rows, client = waiting(space), logged_in(space.cast.planner)
    answer = client.post(ADDRESS, form_of(preview(client)) | {"leave": [rows[0].pk, 10**17]})
    assert answer.status_code == 422


def test_an_address_that_cannot_be_read_is_told(space: Workspace) -> None:
    waiting(space)
    page = preview(logged_in(space.cast.planner), "?out=nonsense")
    assert page.context["complaints"] == [UNREADABLE]
    assert page.context["picked"] == 3


def test_a_row_in_the_way_keeps_the_ticks(space: Workspace) -> None:
    rows, client = waiting(space), logged_in(space.cast.planner)
    form = form_of(preview(client)) | {"leave": [rows[0].pk]}
    YearlyAction.objects.filter(pk=rows[1].pk).update(version=99)
    answer = client.post(ADDRESS, form)
    assert answer.status_code == 409
    assert form_of(answer)["leave"] == [str(rows[0].pk)]
    assert client.post(ADDRESS, form_of(answer)).status_code == 302
    assert {row.pk: row.state for row in space.rows()[:3]} == {
        rows[0].pk: "submitted",
        rows[1].pk: "approved",
        rows[2].pk: "approved",
    }


def test_a_row_left_out_that_is_in_the_way_is_in_nobodys(space: Workspace) -> None:
    rows, client = waiting(space), logged_in(space.cast.planner)
    form = form_of(preview(client)) | {"leave": [rows[0].pk]}
    YearlyAction.objects.filter(pk=rows[0].pk).update(version=99)
    assert client.post(ADDRESS, form).status_code == 302


def test_turning_keeps_the_filter(space: Workspace) -> None:
    waiting(space)
    client = logged_in(space.cast.planner)
    query = f"?round={space.round.pk}&department={space.mine.code}"
    page = turned(client, preview(client, query), "1", space.row(1).pk)
    asked = parse_qs(urlsplit(page.request["PATH_INFO"] + "?" + page.request["QUERY_STRING"]).query)
    assert (asked["department"], asked["round"]) == ([space.mine.code], [str(space.round.pk)])
    assert (page.context["picked"], len(numbers(page))) == (1, 2)
