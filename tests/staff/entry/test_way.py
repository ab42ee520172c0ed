"""The way from one row's form to the next: in which order, and that nothing typed is lost on it."""

import pytest

from tests.staff.entry.test_entry import address, answers, page
from tests.staff.people import fill, logged_in, submit
from tests.workspace import Workspace
from tracker.choices import ActionState
from tracker.cycle import rounds, workflow
from tracker.models import YearlyAction
from tracker.staff.entry.way import WayThrough, way_from


@pytest.fixture
def space(six_rows: Workspace) -> Workspace:
    return six_rows


def returned(space: Workspace, number: int) -> YearlyAction:
    sent = submit(space.row(number), space.cast.clerk)
    by = space.cast.planner
    return workflow.send_back(sent.pk, by=by, version=sent.version, reason="回数を書いてください。")


def way(space: Workspace, number: int) -> WayThrough:
    found = way_from(space.row(number), space.cast.clerk)
    assert found
    return found


def following(space: Workspace, number: int) -> int | None:
    """The row, counted from 1, that follows another one."""
    numbers = {row.pk: place for place, row in enumerate(space.rows(), start=1)}
    found = way(space, number).following
    return numbers[found] if found else None


def test_untouched_rows_follow_in_the_tables_order(space: Workspace) -> None:
    assert [following(space, number) for number in range(1, 7)] == [2, 3, 4, 5, 6, 1]
    assert (way(space, 3).position, way(space, 3).total) == (3, 6)
    assert way(space, 1).previous is None
    assert way(space, 3).previous == space.row(2).pk


def test_returned_rows_come_first_then_untouched_then_incomplete_ones(space: Workspace) -> None:
    returned(space, 5)
    fill(space.row(2), space.cast.clerk, result="")
    fill(space.row(3), space.cast.clerk)
    order = [3]
    for _step in range(3):
        order.append(following(space, order[-1]) or 0)
    assert order == [3, 5, 6, 5]  # round again: nothing was done to any of them
    submit(space.row(5), space.cast.clerk, result="・3 回開きました。")
    assert [following(space, number) for number in (3, 4, 6, 2)] == [4, 6, 2, 4]
    assert way(space, 3).ready == 1


def test_a_returned_row_that_was_mended_is_not_met_again(space: Workspace) -> None:
    returned(space, 2)
    assert following(space, 4) == 2
    fill(space.row(2), space.cast.clerk, result="・3 回開きました。")
    assert (following(space, 4), way(space, 4).ready) == (5, 1)


def test_a_row_left_as_it_is_leads_on_and_not_to_itself(space: Workspace) -> None:
    for number in range(1, 6):
        submit(space.row(number), space.cast.clerk)
    assert following(space, 6) is None
    assert following(space, 1) == 6


def test_nothing_is_left(space: Workspace) -> None:
    for number in range(1, 7):
        fill(space.row(number), space.cast.clerk)
    assert (way(space, 4).following, way(space, 4).ready) == (None, 6)


def test_somebody_elses_row_has_no_way(space: Workspace) -> None:
    assert way_from(space.row(1), space.cast.planner) is None
    assert way_from(space.row(1), space.cast.administrator) is None


def test_next_saves_and_leads_to_the_next_row(space: Workspace) -> None:
    client, action = logged_in(space.cast.clerk), space.row(2)
    response = client.post(address(action), answers(action, result="・書きかけ", act="next"), follow=True)
    assert response.redirect_chain == [(address(space.row(3)), 302)]
    assert space.row(2).result == "・書きかけ"
    shown = page(response)
    assert f"{action.place}「{action.initiative.pledge}」を保存しました" in shown.text
    assert "6件中3件目" in shown.one("div", "entry-way").text
    back = client.post(address(space.row(3)), answers(space.row(3), act="previous", plan="・次"))
    assert (back.headers["Location"], space.row(3).plan) == (address(action), "・次")


def test_a_row_that_is_only_shown_names_its_place_apart_from_the_links(space: Workspace) -> None:
    submit(space.row(3), space.cast.clerk)
    shown = page(logged_in(space.cast.clerk).get(address(space.row(3))))
    assert shown.one("nav", "row-way").text == "6件中3件目 前へ 次の取組へ"


def test_next_with_something_refused_stays_and_keeps_every_word(space: Workspace) -> None:
    client, action = logged_in(space.cast.clerk), space.row(2)
    fill(action, space.cast.colleague)
    response = client.post(address(action), answers(action, result="・自分の文", act="next"))
    assert response.status_code == 409
    assert "・自分の文" in response.content.decode()


def test_the_last_one_leads_to_the_check_of_all(space: Workspace) -> None:
    for number in range(1, 6):
        fill(space.row(number), space.cast.clerk)
    client, action = logged_in(space.cast.clerk), space.row(6)
    response = client.post(address(action), answers(action, act="same"))
    assert response.headers["Location"] == f"/staff/rounds/{space.round.pk}/submission/"


def test_the_check_page_leads_on_after_submitting(space: Workspace) -> None:
    client, action = logged_in(space.cast.clerk), fill(space.row(2), space.cast.clerk)
    sent = {"version": action.version, "act": "next"}
    assert client.post(address(action, "check/"), sent).headers["Location"] == address(space.row(3))
    assert space.row(2).state == ActionState.SUBMITTED


def test_a_closed_round_is_gone_through_by_links(space: Workspace) -> None:
    rounds.close(space.round, by=space.cast.planner)
    shown = page(logged_in(space.cast.clerk).get(address(space.row(2))))
    assert shown.one("nav", "row-way").links == [address(space.row(1)), address(space.row(3))]
