"""The desk's pages in rounds of many sizes, each in a database that holds nothing else."""

import re
from math import ceil

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.staff.desk.test_bulk_approval import ADDRESS, pairs_in, preview
from tests.staff.desk.test_review import address
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
    link = re.search(r'href="(\?[^"]*page=2)"', first.content.decode())
    assert link is not None
    query = link[1].replace("&amp;", "&")
    assert preview(client, query).context["has_changed"] is False
    assert len(preview(client, query).context["page"].object_list) == 10
    YearlyAction.objects.filter(pk=YearlyAction.objects.filter(round=round).values("pk")[:1]).update(
        version=9
    )
    assert preview(client, query).context["has_changed"] is True


@pytest.mark.parametrize("count", [20, 207, 2000])
def test_preview_needs_as_many_queries_whatever_the_size(db: None, count: int) -> None:
    _round, cast = sized_round(count)
    client = logged_in(cast.planner)
    with CaptureQueriesContext(connection) as made:
        preview(client)
    assert len(made) == 11


@pytest.mark.parametrize("count", [500, 1000, 2500])
def test_approval_needs_as_many_statements_per_500_rows(db: None, count: int) -> None:
    round, cast = sized_round(count)
    client = logged_in(cast.planner)
    rows = pairs_in(preview(client))
    with CaptureQueriesContext(connection) as made:
        response = client.post(ADDRESS, {"rows": rows})
    assert response.status_code == 302
    assert round.actions.filter(state=ActionState.APPROVED).count() == count
    assert len(made) <= 20 + 8 * ceil(count / 500)


def test_all_rows_of_a_bulk_approval_can_be_seen_at_once(db: None) -> None:
    _round, cast = sized_round(60)
    client = logged_in(cast.planner)
    first = client.get(ADDRESS)
    assert len(first.context["page"].object_list) == 50
    assert "すべてを 1 ページに表示" in first.content.decode()
    every = client.get(f"{ADDRESS}?{first.context['all_query']}")
    assert len(every.context["page"].object_list) == 60
    assert (every.context["has_changed"], every.context["complaints"]) == (False, [])
    assert every.context["pairs"] == first.context["pairs"]
    assert "すべてを 1 ページに表示" not in every.content.decode()


def test_page_of_a_round_without_a_report(db: None) -> None:
    round, cast = sized_round(2)
    action = YearlyAction.objects.filter(round=round).with_place().first()
    assert action is not None
    assert rounds.last_report(round.manifesto) is None
    assert logged_in(cast.planner).get(address(action)).status_code == 200


@pytest.mark.parametrize("count", [20, 207, 2000])
def test_review_needs_as_many_queries_whatever_the_size(db: None, count: int) -> None:
    round, cast = sized_round(count)
    action = YearlyAction.objects.filter(round=round).first()
    assert action is not None
    client = logged_in(cast.planner)
    with CaptureQueriesContext(connection) as made:
        assert client.get(address(action)).status_code == 200
    assert len(made) == 11


def test_next_step_after_the_last_approval_is_publishing(db: None) -> None:
    round, cast = sized_round(3)
    YearlyAction.objects.update(state=ActionState.APPROVED, approved_by=cast.planner)
    step = board.board_context(round, cast.planner)["next_step"]
    assert step == "すべての取組が承認済です。公表する内容を確かめて、公表へ進めます。"


@pytest.mark.parametrize("count", [20, 207, 2000])
def test_board_needs_as_many_queries_whatever_the_size(db: None, count: int) -> None:
    round, cast = sized_round(count)
    client = logged_in(cast.planner)
    with CaptureQueriesContext(connection) as made:
        assert client.get(f"/staff/rounds/{round.pk}/").status_code == 200
    assert len(made) == 7


@pytest.mark.parametrize("count", [20, 207, 2000])
def test_queue_needs_as_many_queries_whatever_the_size(db: None, count: int) -> None:
    round, cast = sized_round(count)
    overdue(round)
    client = logged_in(cast.planner)
    made = {}
    for query in ("", "?state=all&q=公約&late=late&change=unchanged&department=d01"):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/staff/queue/{query}").status_code == 200
        made[query] = len(queries)
    assert list(made.values()) == [9, 11]  # the department, and the texts that are folded
