"""The desk's pages in rounds of many sizes, each in a database that holds nothing else."""

from math import ceil

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.indicators import define
from tests.staff.desk.test_bulk_approval import ADDRESS, pairs_in, preview
from tests.staff.desk.test_left_out import form_of, numbers, turned
from tests.staff.desk.test_review import address
from tests.staff.desk.test_workbooks import opened, rows_of
from tests.staff.people import logged_in
from tests.staff.sizes import overdue, sized_round
from tracker.choices import ActionState
from tracker.cycle import rounds
from tracker.models import YearlyAction
from tracker.staff.desk import board


def test_further_pages_notice_that_the_rows_changed(db: None) -> None:
    round, cast = sized_round(60)
    client = logged_in(cast.planner)
    first = preview(client)
    second = turned(client, first, "2")
    query = f"?{second.request['QUERY_STRING']}"
    assert preview(client, query).context["has_changed"] is False
    assert len(preview(client, query).context["page"].object_list) == 10
    YearlyAction.objects.filter(pk=YearlyAction.objects.filter(round=round).values("pk")[:1]).update(
        version=9
    )
    assert preview(client, query).context["has_changed"] is True


@pytest.mark.parametrize("count", [20, 600])
def test_preview_needs_as_many_queries_whatever_the_size(db: None, count: int) -> None:
    _round, cast = sized_round(count)
    client = logged_in(cast.planner)
    with CaptureQueriesContext(connection) as made:
        preview(client)
    assert len(made) == 13


@pytest.mark.parametrize("count", [500, 1200])
def test_approval_needs_as_many_statements_per_500_rows(db: None, count: int) -> None:
    round, cast = sized_round(count)
    client = logged_in(cast.planner)
    rows = pairs_in(preview(client))
    with CaptureQueriesContext(connection) as made:
        response = client.post(ADDRESS, {"rows": rows})
    assert response.status_code == 302
    assert round.actions.filter(state=ActionState.APPROVED).count() == count
    assert len(made) <= 22 + 11 * ceil(count / 500)


def test_all_rows_of_a_bulk_approval_can_be_seen_at_once(db: None) -> None:
    _round, cast = sized_round(60)
    client = logged_in(cast.planner)
    first = client.get(ADDRESS)
    assert len(first.context["page"].object_list) == 50
    every = turned(client, first, "all")
    assert len(every.context["page"].object_list) == 60
    assert (every.context["has_changed"], every.context["complaints"]) == (False, [])
    assert every.context["pairs"] == first.context["pairs"]
    assert [number in every.content.decode() for number in ("50 件ずつ表示", "500 件ずつ表示")] == [
        True,
        False,
    ]
    assert len(turned(client, every, "pages").context["page"].object_list) == 50


def test_page_of_a_round_without_a_report(db: None) -> None:
    round, cast = sized_round(2)
    action = YearlyAction.objects.filter(round=round).with_place().first()
    assert action is not None
    assert rounds.last_report(round.manifesto) is None
    assert logged_in(cast.planner).get(address(action)).status_code == 200


@pytest.mark.parametrize("count", [20, 600])
def test_review_needs_as_many_queries_whatever_the_size(db: None, count: int) -> None:
    round, cast = sized_round(count)
    action = YearlyAction.objects.filter(round=round).first()
    assert action is not None
    client = logged_in(cast.planner)
    with CaptureQueriesContext(connection) as made:
        assert client.get(address(action)).status_code == 200
    assert len(made) == 14


def test_next_step_after_the_last_approval_is_publishing(db: None) -> None:
    round, cast = sized_round(3)
    YearlyAction.objects.update(state=ActionState.APPROVED, approved_by=cast.planner)
    step = board.board_context(round, cast.planner)["next_step"]
    assert step == "すべての取組が承認済です。公表する内容を確かめて、公表へ進めます。"


@pytest.mark.parametrize("count", [20, 600])
def test_board_needs_as_many_queries_whatever_the_size(db: None, count: int) -> None:
    round, cast = sized_round(count)
    client = logged_in(cast.planner)
    with CaptureQueriesContext(connection) as made:
        assert client.get(f"/staff/rounds/{round.pk}/").status_code == 200
    assert len(made) == 8


@pytest.mark.parametrize("count", [20, 600])
def test_queue_needs_as_many_queries_whatever_the_size(db: None, count: int) -> None:
    round, cast = sized_round(count)
    overdue(round)
    client = logged_in(cast.planner)
    made = {}
    for query in ("", "?state=all&q=公約&late=late&change=unchanged&department=d01"):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/staff/queue/{query}").status_code == 200
        made[query] = len(queries)
    assert list(made.values()) == [11, 15]  # the department; twice the texts that are folded, and synonyms


def test_ticks_survive_turning_the_pages_and_the_rest_is_approved(db: None) -> None:
    round, cast = sized_round(120)
    client = logged_in(cast.planner)
    first = preview(client)
    second = turned(client, first, "2", *numbers(first)[:2])
    third = turned(client, second, "3", numbers(second)[0])
    assert (third.context["picked"], third.context["has_changed"]) == (117, False)
    again = turned(client, third, "1")
    left = {*numbers(first)[:2], numbers(second)[0]}
    assert form_of(again)["leave"] == list(map(str, numbers(first)[:2]))
    done = client.post(again.context["form_address"], form_of(again))
    assert done.status_code == 302
    waiting = round.actions.filter(state=ActionState.SUBMITTED).values_list("pk", flat=True)
    assert (set(waiting), round.actions.filter(state=ActionState.APPROVED).count()) == (left, 117)
    told = [str(message) for message in client.get(done["Location"]).context["messages"]]
    assert told == ["117 件をまとめて承認しました。外した 3 件は、承認待ちに残っています。"]


def test_a_tick_taken_away_lets_the_row_in_again(db: None) -> None:
    round, cast = sized_round(60)
    client = logged_in(cast.planner)
    first = preview(client)
    second = turned(client, first, "2", numbers(first)[0])
    back = turned(client, second, "1")
    form = form_of(back) | {"leave": []}
    assert client.post(back.context["form_address"], form).status_code == 302
    assert round.actions.filter(state=ActionState.APPROVED).count() == 60


def test_any_choice_of_two_thousand_rows_is_carried_in_few_fields(db: None) -> None:
    round, cast = sized_round(2000)
    client = logged_in(cast.planner)
    page = turned(client, preview(client), "all")
    assert len(page.context["page"].object_list) == 500
    every_other = numbers(page)[::2]
    form = form_of(page) | {"leave": numbers(page)}
    assert len(form["leave"]) + len(form) + 2 < 1000  # type: ignore[arg-type]  # DATA_UPLOAD_MAX_NUMBER_FIELDS
    further = turned(client, page, "2", *every_other)
    assert len(further.request["QUERY_STRING"]) < 1000
    assert further.context["picked"] == 1750
    assert client.post(further.context["form_address"], form_of(further)).status_code == 302
    assert round.actions.filter(state=ActionState.APPROVED).count() == 1750


def test_a_form_of_too_many_fields_is_refused_in_words(db: None) -> None:
    round, cast = sized_round(3)
    client = logged_in(cast.planner)
    client.raise_request_exception = False
    form = form_of(preview(client)) | {"leave": range(1001)}
    answer = client.post(ADDRESS, form)
    assert answer.status_code == 400
    assert "まだ保存されていません。" in answer.content.decode()
    assert not round.actions.filter(state=ActionState.APPROVED).exists()


def test_the_queue_s_file_is_not_cut(db: None) -> None:
    _round, cast = sized_round(207)
    book = opened(logged_in(cast.planner).get("/staff/queue/list.xlsx"))
    assert len(rows_of(book)) == 208


@pytest.mark.parametrize("count", [10, 150])
@pytest.mark.parametrize(
    ("path", "queries"),
    [
        ("/staff/queue/list.xlsx", 9),
        ("/staff/queue/approve/list.xlsx", 11),
        ("/staff/rounds/{round}/worsened.xlsx", 9),
        ("/staff/rounds/{round}/worsened/", 10),
        ("/staff/rounds/{round}/board.xlsx", 8),
    ],
)
def test_a_list_needs_as_many_queries_whatever_its_size(
    db: None, path: str, queries: int, count: int
) -> None:
    round, cast = sized_round(count)
    client = logged_in(cast.planner)
    if "worsened" in path:
        worse = round.manifesto.ratings.get(position=2)
        YearlyAction.objects.filter(round=round).update(rating=worse, rating_reason="遅れたため")
    with CaptureQueriesContext(connection) as made:
        assert client.get(path.format(round=round.pk)).status_code == 200
    assert len(made) == queries


def test_indicators_of_many_rows_are_read_at_once(db: None) -> None:
    round, cast = sized_round(12)
    client = logged_in(cast.planner)
    rows, counts = list(round.actions.select_related("initiative")), []
    for new in ([], rows[:2], rows[2:]):
        for row in new:
            define(row.initiative)
        with CaptureQueriesContext(connection) as made:
            shown = preview(client)
        counts.append((len(made), shown.content.decode().count("相談件数")))
    assert counts == [(13, 0), (14, 2), (14, 12)]
