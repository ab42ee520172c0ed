"""評価が下がった取組: the same rows with their reasons before publication, after it, and in a correction."""

import re

import pytest
from django.http import HttpResponse

from tests.staff.desk.test_other_rounds import approved
from tests.staff.people import fill, logged_in, submit
from tests.workspace import Workspace
from tracker.choices import RoundState
from tracker.cycle import rounds, workflow
from tracker.models import Rating, ReportingRound, YearlyAction
from tracker.reports import publishing

CHANGE = re.compile(r'<span class="change">(.*?)</span>', re.DOTALL)


def page_of(space: Workspace, round: ReportingRound | None = None) -> HttpResponse:
    response = logged_in(space.cast.planner).get(f"/staff/rounds/{(round or space.round).pk}/worsened/")
    assert response.status_code == 200
    return response


def listed(space: Workspace) -> list[tuple[int, str, str, str]]:
    """Of each row its id, rating before and after, and reason."""
    return [
        (each.action.pk, each.before.code, each.action.rating.code, each.action.rating_reason)
        for each in page_of(space).context["rows"]
    ]


@pytest.fixture
def mixed(space: Workspace) -> YearlyAction:
    """One row got better, one stayed, and this one got worse: B to C."""
    for number, rating in ((1, "A"), (2, "B")):
        approved(space, number, rating)
    return approved(space, 3, "C")


def test_worse_rows_are_listed_with_their_reasons_before_and_after_publication(
    space: Workspace, mixed: YearlyAction
) -> None:
    wanted = [(mixed.pk, "B", "C", "理由")]
    assert listed(space) == wanted
    publishing.publish(space.round, by="企画", unapproved_reason="確認中")
    assert listed(space) == wanted
    rounds.start_correction(space.round, by=space.cast.planner, reason="誤り")
    assert YearlyAction.objects.get(pk=mixed.pk).reference_rating == space.ratings["C"]  # its own edition
    assert listed(space) == wanted
    publishing.publish(space.round, by="企画", reason="誤り", unapproved_reason="確認中")
    assert listed(space) == wanted


def test_what_was_not_approved_in_time_is_not_told_as_published(space: Workspace) -> None:
    worse = {"rating_id": space.ratings["C"].pk, "rating_reason": "工期が延びたため"}
    submitted = submit(space.row(1), space.cast.clerk, **worse)
    draft = fill(space.row(3), space.cast.clerk, **worse)
    approved(space, 2, "B")
    response = page_of(space)
    assert {each.action.pk for each in response.context["rows"]} == {submitted.pk, draft.pk}
    assert "うち承認前 2件" in response.content.decode()
    assert "公表までに変わることがあります" in response.content.decode()
    publishing.publish(space.round, by="企画", unapproved_reason="確認中")
    page = page_of(space).content.decode()
    none = "令和6年3月末時点の公表版とくらべて、評価が下がった取組はありません。"
    assert (none in page, "工期が延びたため" in page) == (True, False)


def test_a_row_made_worse_in_a_correction_is_listed_against_its_own_edition(space: Workspace) -> None:
    row = approved(space, 1, "A")
    approved(space, 2, "B")
    publishing.publish(space.round, by="企画", unapproved_reason="確認中")
    rounds.start_correction(space.round, by=space.cast.planner, reason="誤り")
    row = workflow.reopen(
        row.pk,
        by=space.cast.second_planner,
        version=YearlyAction.objects.get(pk=row.pk).version,
        reason="誤り",
    )
    submit(row, space.cast.clerk, rating_id=space.ratings["B"].pk, rating_reason="数え直したため")
    assert listed(space) == [(row.pk, "A", "B", "数え直したため")]


def test_the_list_leads_into_a_walk_through_it(space: Workspace, mixed: YearlyAction) -> None:
    response = page_of(space)
    query = f"round={space.round.pk}&state=all&change=down&of=1"
    assert response.context["walk_query"] == query
    review = logged_in(space.cast.planner).get(f"/staff/actions/{mixed.pk}/review/?{query}")
    assert (review.context["walk"].position, review.context["walk"].count) == (1, 1)


def test_rows_without_a_rating_are_no_worse(space: Workspace) -> None:
    submit(space.row(1), space.cast.clerk, rating_id=None, is_unrated=True, rating_reason="評価しないため")
    assert listed(space) == []


def test_last_years_round_of_a_table_has_nothing_to_compare(space: Workspace) -> None:
    assert space.last_round.state == RoundState.PUBLISHED
    response = page_of(space, space.last_round)
    assert (response.context["rows"], response.context["former"]) == ([], None)
    assert "この報告回より前の公表版がないので、評価をくらべられません。" in response.content.decode()


def without_ranks(space: Workspace, *codes: str) -> None:
    Rating.objects.filter(manifesto=space.manifesto, code__in=codes).update(is_ranked=False, percent=None)


def test_a_step_outside_the_order_is_neither_worse_nor_better(space: Workspace, mixed: YearlyAction) -> None:
    without_ranks(space, "C")
    assert listed(space) == []
    queue = logged_in(space.cast.planner).get("/staff/queue/", {"state": "all", "change": "changed"})
    assert mixed.pk in {action.pk for action in queue.context["page"].object_list}
    assert ("変わった" in queue.content.decode(), "下がった</span>" in queue.content.decode()) == (
        True,
        False,
    )


def test_classes_know_no_worse(space: Workspace, mixed: YearlyAction) -> None:
    without_ranks(space, "A", "B", "C")
    assert listed(space) == []
    assert "この評価の区分には順序がないので" in page_of(space).content.decode()
