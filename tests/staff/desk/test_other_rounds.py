"""The desk beside other rounds: a second manifesto, and a round that is published already."""

import pytest
from django.http import HttpResponse

from tests.staff.people import logged_in, submit
from tests.workspace import Workspace, make_workspace
from tracker.cycle import rounds, workflow
from tracker.models import YearlyAction
from tracker.reports import publishing


def queue(space: Workspace, query: str = "") -> HttpResponse:
    response: HttpResponse = logged_in(space.cast.planner).get(f"/staff/queue/{query}")
    assert response.status_code == 200
    return response


def rows(response: HttpResponse) -> list[YearlyAction]:
    return list(response.context["page"].object_list)  # type: ignore[attr-defined]


def test_the_queue_opens_where_something_waits(space: Workspace) -> None:
    other = make_workspace(slug="2017", cast=space.cast)
    waiting = submit(other.row(), space.cast.clerk)
    assert rows(queue(space)) == [waiting]
    submit(space.row(), space.cast.clerk)
    newest = max((space.round, other.round), key=lambda round: (round.fiscal_year, -round.pk))
    response = queue(space)
    assert response.context["round"] == newest  # type: ignore[attr-defined]
    elsewhere = ({space.round, other.round} - {newest}).pop()
    assert f'href="/staff/queue/?round={elsewhere.pk}"' in response.content.decode()
    name = f"市長マニフェスト（令和3年度～）（{elsewhere.manifesto.slug}）"
    assert f"{name} 令和6年度（1件）</a>　全部で 2 件" in response.content.decode()


def test_nothing_is_said_of_other_rounds_where_nothing_waits(space: Workspace) -> None:
    make_workspace(slug="2017", cast=space.cast)
    submit(space.row(), space.cast.clerk)
    assert "ほかの報告回にも" not in queue(space).content.decode()


def approved(space: Workspace, number: int, rating: str) -> YearlyAction:
    reason = "" if rating == "B" else "理由"
    row = submit(
        space.row(number), space.cast.planner, rating_id=space.ratings[rating].pk, rating_reason=reason
    )
    return workflow.approve(row.pk, by=space.cast.second_planner, version=row.version)


CHANGES = {"down": ["C"], "up": ["A"], "changed": ["A", "C"], "unchanged": ["B"], "first": []}


@pytest.mark.parametrize("change", CHANGES)
def test_changes_of_ratings_are_found_before_and_after_publishing(space: Workspace, change: str) -> None:
    made = {rating: approved(space, n, rating) for n, rating in enumerate(("A", "B", "C"), start=1)}
    wanted = {made[rating].pk for rating in CHANGES[change]}

    def found(query: str) -> set[int]:
        return {row.pk for row in rows(queue(space, f"?round={space.round.pk}&change={change}{query}"))}

    assert found("&state=all") == wanted
    publishing.publish(space.round, by="企画", unapproved_reason="確認中")
    assert found("") == wanted  # without a state: nothing waits any more
    rounds.start_correction(space.round, by=space.cast.planner, reason="誤り")
    assert found("&state=all") == wanted
    publishing.publish(space.round, by="企画", reason="誤り", unapproved_reason="確認中")
    assert found("&state=all") == wanted
