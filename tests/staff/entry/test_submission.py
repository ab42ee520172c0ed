"""The check of all: every complete draft on one page, submitted together, all or none."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.public.markup import Element
from tests.staff.entry.test_entry import address, page
from tests.staff.entry.test_way import returned
from tests.staff.people import fill, logged_in, submit
from tests.workspace import Workspace, make_workspace, transitions
from tracker.choices import ActionState
from tracker.cycle import rounds
from tracker.models import Event, Manifesto, Membership, User, YearlyAction
from tracker.staff.entry import submission


@pytest.fixture
def space(six_rows: Workspace) -> Workspace:
    return six_rows


def path(space: Workspace) -> str:
    return f"/staff/rounds/{space.round.pk}/submission/"


def shown(space: Workspace, by: User | None = None) -> Element:
    response = logged_in(by or space.cast.clerk).get(path(space))
    assert response.status_code == 200
    return page(response)


def boxes(seen: Element) -> dict[str, bool]:
    """The rows to be submitted, and whether each is ticked."""
    found = [box for box in seen.all("input") if box.attributes.get("name") == "rows"]
    return {box.attributes["value"]: "checked" in box.attributes for box in found}


def pair(action: YearlyAction) -> str:
    return f"{action.pk}:{action.version}"


def drafts(space: Workspace, *numbers: int, **values: object) -> list[YearlyAction]:
    return [fill(space.row(number), space.cast.clerk, **values) for number in numbers]


def states(space: Workspace) -> list[str]:
    return [row.state for row in space.rows()]


def test_complete_drafts_are_ticked_and_others_named_with_links(space: Workspace) -> None:
    first, second = drafts(space, 1, 3)
    (lacking,) = drafts(space, 4, result="")
    submit(space.row(6), space.cast.clerk)
    seen = shown(space)
    assert boxes(seen) == {pair(first): True, pair(second): True}
    gaps = [link for link in seen.links if "#" in link and "/actions/" in link]
    assert gaps == [f"{address(lacking)}#id_result"]
    assert [link for link in seen.links if link == address(space.row(2))] == [address(space.row(2))]


def test_a_changed_rating_stands_with_its_reason(space: Workspace) -> None:
    drafts(space, 1, rating_id=space.ratings["A"].pk, rating_reason="・用地を取得したため。")
    text = shown(space).one("ol", "ready-rows").text
    assert "今回は" in text
    assert "上がった" in text
    assert "用地を取得したため。" in text


def test_one_click_submits_the_ticked_ones_each_with_its_event(space: Workspace) -> None:
    first, second, third = drafts(space, 1, 2, 3)
    client, before = logged_in(space.cast.clerk), Event.objects.count()
    response = client.post(path(space), {"rows": [pair(first), pair(third)]}, follow=True)
    assert "2 件を提出しました。" in page(response).text
    assert states(space)[:3] == [ActionState.SUBMITTED, ActionState.DRAFT, ActionState.SUBMITTED]
    assert Event.objects.count() == before + 2
    assert transitions(first)[-1] == (ActionState.DRAFT, ActionState.SUBMITTED)
    assert space.row(1).submitted_by == space.cast.clerk
    assert response.redirect_chain == [(path(space), 302)]  # one is left there
    last = client.post(path(space), {"rows": [pair(second)]})
    assert last.headers["Location"] == "/staff/"


def test_all_or_none_with_the_name_of_what_stood_in_the_way(space: Workspace) -> None:
    first, second = drafts(space, 1, 2)
    fill(second, space.cast.colleague, result="・別の人の文。")
    response = logged_in(space.cast.clerk).post(path(space), {"rows": [pair(first), pair(second)]})
    assert response.status_code == 409
    problem = page(response).one("div", "notice-error")
    assert problem.links == [address(second)]
    assert "確かめたあとに内容が変わっています。" in problem.text
    assert states(space)[:2] == [ActionState.DRAFT, ActionState.DRAFT]
    assert "別の人の文。" in page(response).text


def test_what_was_left_out_stays_left_out_after_a_refusal(space: Workspace) -> None:
    first, second = drafts(space, 1, 2)
    fill(first, space.cast.colleague, result="・別の人の文。")
    response = logged_in(space.cast.clerk).post(path(space), {"rows": [pair(first)]})
    assert list(boxes(page(response)).values()) == [True, False]
    assert pair(second) in boxes(page(response))


@pytest.mark.parametrize("rows", [[], [""], ["1"], ["x:1"], ["1:1 2:2:2"]])
def test_nothing_ticked_or_nonsense_submits_nothing(space: Workspace, rows: list[str]) -> None:
    drafts(space, 1)
    response = logged_in(space.cast.clerk).post(path(space), {"rows": rows})
    assert response.status_code == 422
    assert "1 件も提出していません" in page(response).one("div", "notice-error").text


def test_somebody_elses_row_is_not_submitted(space: Workspace) -> None:
    (mine,) = drafts(space, 1)
    space.row(2).initiative.assignments.all().delete()
    foreign = fill(space.row(2), space.cast.planner)
    response = logged_in(space.cast.clerk).post(path(space), {"rows": [pair(mine), pair(foreign)]})
    assert response.status_code == 409
    assert states(space)[:2] == [ActionState.DRAFT, ActionState.DRAFT]


def test_a_row_of_another_round_is_no_part_of_it(space: Workspace) -> None:
    (mine,) = drafts(space, 1)
    other = make_workspace(1, slug="2017", cast=space.cast)
    elsewhere = fill(other.row(), space.cast.clerk)
    response = logged_in(space.cast.clerk).post(path(space), {"rows": [pair(mine), pair(elsewhere)]})
    assert response.status_code == 404
    assert (states(space)[0], other.row().state) == (ActionState.DRAFT, ActionState.DRAFT)


def test_a_returned_row_without_a_change_is_asked_about(space: Workspace) -> None:
    sent_back = returned(space, 1)
    seen = shown(space)
    assert boxes(seen) == {pair(sent_back): False}
    assert "差し戻されたあと、何も変わっていません。" in seen.text
    logged_in(space.cast.clerk).post(path(space), {"rows": [pair(sent_back)]})
    assert states(space)[0] == ActionState.SUBMITTED


def test_a_closed_round_submits_nothing(space: Workspace) -> None:
    (first,) = drafts(space, 1)
    rounds.close(space.round, by=space.cast.planner)
    assert boxes(shown(space)) == {}
    response = logged_in(space.cast.clerk).post(path(space), {"rows": [pair(first)]})
    assert (response.status_code, states(space)[0]) == (409, ActionState.DRAFT)


def test_many_rows_have_pages_and_each_submits_its_own(
    space: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(submission, "SUBMISSIONS_PER_PAGE", 4)
    rows = drafts(space, 1, 2, 3, 4, 5, 6)
    client = logged_in(space.cast.clerk)
    second = page(client.get(f"{path(space)}?page=2"))
    assert list(boxes(second)) == [pair(each) for each in rows[4:]]
    client.post(f"{path(space)}?page=2", {"rows": list(boxes(second))})
    assert states(space) == [ActionState.DRAFT] * 4 + [ActionState.SUBMITTED] * 2


def test_statements_do_not_grow_with_the_rows(space: Workspace) -> None:
    def statements(*numbers: int) -> tuple[int, int]:
        ready, client = drafts(space, *numbers), logged_in(space.cast.clerk)
        with CaptureQueriesContext(connection) as asked:
            client.get(path(space))
        with CaptureQueriesContext(connection) as sent:
            client.post(path(space), {"rows": [pair(each) for each in ready]})
        return len(asked), len(sent)

    assert statements(1) == statements(2, 3, 4, 5)


def test_it_says_where_the_rows_are_now(space: Workspace) -> None:
    Manifesto.objects.update(section_check=True)
    Membership.objects.filter(user=space.cast.colleague).update(is_head=True)
    (first,) = drafts(space, 1)
    response = logged_in(space.cast.clerk).post(path(space), {"rows": [pair(first)]}, follow=True)
    assert "1 件を提出しました。課長の確認を待っています。" in page(response).text
    assert states(space)[0] == ActionState.IN_SECTION
