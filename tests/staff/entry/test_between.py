"""The clerk's home between rounds: what was published of their rows, and what is known of the next round."""

from datetime import date

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.public.markup import Element
from tests.staff.entry.test_entry import page
from tests.staff.people import logged_in, submit
from tests.workspace import Workspace
from tracker.cycle import rounds, workflow
from tracker.models import ReportingRound, User
from tracker.reports import publishing


def publish(space: Workspace) -> None:
    """The first row got better; all are approved and published."""
    for number, row in enumerate(space.rows(), start=1):
        better = {"rating_id": space.ratings["A"].pk, "rating_reason": "・理由"} if number == 1 else {}
        sent = submit(row, space.cast.planner, **better)
        workflow.approve(sent.pk, by=space.cast.second_planner, version=sent.version)
    rounds.close(space.round, by=space.cast.planner)
    publishing.publish(ReportingRound.objects.get(pk=space.round.pk), by="企画")


def home(user: User) -> Element:
    return page(logged_in(user).get("/staff/"))


def test_it_shows_the_last_report_with_ones_own_ratings_and_links(space: Workspace) -> None:
    publish(space)
    shown = home(space.cast.clerk).one("section", "published-rows")
    rows = shown.one("ul", "task-list")
    assert rows.links == ["/2021/pledges/1-1-1/", "/2021/pledges/1-1-1/"]  # rows 1 and 3
    assert [("達成" in item.text, "おおむね" in item.text) for item in rows.all("li")] == [
        (True, False),
        (True, True),
    ]
    assert "/2021/" in shown.links
    assert "令和6年度" in shown.text


def test_it_says_when_rounds_were_opened_and_invents_nothing(space: Workspace) -> None:
    publish(space)
    ReportingRound.objects.filter(pk=space.round.pk).update(opens_on=date(2025, 4, 10))
    text = home(space.cast.clerk).one("section", "published-rows").text
    assert "次の報告回は、まだ開かれていません。" in text
    assert "令和7年4月10日に始まりました。" in text
    ReportingRound.objects.all().update(opens_on=None)
    assert "始まりました。" not in home(space.cast.clerk).one("section", "published-rows").text


def test_while_a_round_is_under_way_it_is_not_there(space: Workspace) -> None:
    assert home(space.cast.clerk).all("section", "published-rows") == []


def test_somebody_without_rows_is_shown_none(space: Workspace) -> None:
    publish(space)
    assert home(space.cast.stranger).all("section", "published-rows") == []


def test_queries_do_not_grow_with_what_was_published(space: Workspace) -> None:
    publish(space)
    client = logged_in(space.cast.clerk)
    with CaptureQueriesContext(connection) as made:
        client.get("/staff/")
    own = [query["sql"] for query in made if 'FROM "tracker_reportentry"' in query["sql"]]
    assert len(own) == 1
