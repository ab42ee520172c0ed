"""The keys of the review page: a person's own setting, and the way back to the row that they came from."""

import pytest

from tests.staff.people import logged_in, submit
from tests.workspace import Workspace
from tracker.models import Event, User, YearlyAction

KEYS = "/staff/queue/keys/"
SCRIPT = "tracker/desk"


@pytest.fixture
def row(space: Workspace) -> YearlyAction:
    return submit(space.row(), space.cast.clerk)


def test_switching_them_off_takes_the_script_away_and_leads_back(space: Workspace, row: YearlyAction) -> None:
    client, query = logged_in(space.cast.planner), f"round={space.round.pk}&state=submitted"
    review = f"/staff/actions/{row.pk}/review/?{query}"
    page = client.get(review).content.decode()
    assert (SCRIPT in page.replace("desk.css", ""), "<kbd>a</kbd>" in page) == (True, True)
    back = f"{KEYS}?action={row.pk}&amp;{query.replace('&', '&amp;')}&amp;of=1"
    assert back in page.replace("&amp;amp;", "&amp;")
    answer = client.post(f"{KEYS}?action={row.pk}&{query}", {"use": "no"})
    assert (answer.status_code, answer["Location"]) == (302, review)
    page = client.get(review).content.decode()
    assert (SCRIPT in page.replace("desk.css", ""), "<kbd>a</kbd>" in page) == (False, False)
    assert "キーは使わない設定です。" in page
    client.post(KEYS, {"use": "yes"})
    assert "<kbd>a</kbd>" in client.get(review).content.decode()


def test_it_is_the_person_s_own_and_no_event(space: Workspace) -> None:
    before = Event.objects.count()
    logged_in(space.cast.planner).post(KEYS, {"use": "no"})
    uses = dict(User.objects.values_list("username", "uses_desk_keys"))
    assert {name for name, use in uses.items() if not use} == {"planner"}
    assert Event.objects.count() == before


def test_an_unreadable_choice_changes_nothing(space: Workspace) -> None:
    answer = logged_in(space.cast.planner).post(KEYS, {"use": "x"})
    assert answer.status_code == 422
    assert "まだ変えていません。" in answer.content.decode()
    assert not User.objects.filter(uses_desk_keys=False).exists()


@pytest.mark.parametrize("action", ["x", "-1", "9" * 30, "//example.com"])
def test_the_way_back_is_ours(space: Workspace, action: str) -> None:
    answer = logged_in(space.cast.planner).post(f"{KEYS}?action={action}", {"use": "no"})
    assert answer["Location"] == "/staff/queue/"


def test_who_cannot_judge_is_told_of_no_keys(space: Workspace, row: YearlyAction) -> None:
    for person in (space.cast.clerk, space.cast.administrator):
        page = logged_in(person).get(f"/staff/actions/{row.pk}/review/").content.decode()
        assert ("<kbd>" in page, SCRIPT in page.replace("desk.css", "")) == (False, False)
