"""What no database can be asked, in cookies, addresses and filters, is no failure of the server."""

import pytest
from django.test import Client

from tests.staff.master.browsing import KEPT, RECORDS, page
from tests.staff.people import logged_in
from tests.workspace import Workspace
from tracker.models import User, YearlyAction
from tracker.staff.frame.site import site

VALUES = ("%00", "9" * 20, "1,-" + "9" * 20)
NAMES = ("q", "o", "p", "id__in", "pk__in", "id__exact", "id__gt", "%00")


def filters_of(model: type) -> list[str]:
    """The names that a list's own filters give to the address."""
    fields = [each[0] if isinstance(each, tuple) else each for each in site._registry[model].list_filter]
    return [f"{field}{lookup}" for field in fields for lookup in ("", "__in")]


@pytest.mark.parametrize("model", [*KEPT, *RECORDS, User], ids=lambda model: model.__name__)
def test_no_filter_of_a_list_fails(space: Workspace, model: type) -> None:
    client = logged_in(space.cast.administrator)
    client.raise_request_exception = False
    asked = [f"{name}={value}" for name in (*NAMES, *filters_of(model)) for value in VALUES]
    answers = {query: client.get(f"{page(model)}?{query}").status_code for query in asked}
    assert {query[:60]: status for query, status in answers.items() if status >= 500} == {}
    assert answers["q=%00"] == 200


@pytest.mark.parametrize(
    "asked", ["saved_at__year=0", "result__regex=(", "state__regex=(", "id__in=1", "saved_by__email=x"]
)
def test_a_list_is_asked_by_its_own_filters_only(space: Workspace, asked: str) -> None:
    client = logged_in(space.cast.planner)
    assert client.get(f"{page(YearlyAction)}?{asked}").status_code == 400
    assert client.get(f"{page(YearlyAction)}?state__exact=draft&rating__isnull=True").status_code == 200


PLACES = (
    "/staff/?x=%00",
    "/staff/queue/?round=99999999999999999999",
    "/staff/queue/?state=%00&department=%00&change=%00&late=%00",
    "/staff/actions/99999999999999999999/",
    "/staff/login/?next=%00",
)


@pytest.mark.parametrize("place", PLACES)
def test_no_address_fails(space: Workspace, place: str) -> None:
    client = logged_in(space.cast.planner)
    client.raise_request_exception = False
    assert client.get(place).status_code < 500


def test_a_failed_login_with_a_nul_in_its_address_is_no_failure(space: Workspace) -> None:
    client = Client(raise_request_exception=False)
    sent = {"username": space.cast.clerk.username, "password": "x"}
    assert client.post("/staff/login/?next=%00&x=%00", sent).status_code < 500


@pytest.mark.parametrize("name", ["staff_session", "staff_csrf", "other"])
def test_a_cookie_with_a_nul_is_as_if_it_had_not_come(space: Workspace, name: str) -> None:
    client = Client(raise_request_exception=False, headers={"cookie": f'{name}="\\000x"'})
    answer = client.get("/staff/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/staff/login/?next=/staff/")
    assert client.get("/").status_code == 200
