"""What buttons put into the fields: after what is typed, never in its place."""

import pytest

from tests.staff.entry.test_entry import address, answers, page
from tests.staff.people import fill, logged_in
from tests.workspace import Workspace
from tracker.choices import ActionState
from tracker.cycle import workflow
from tracker.models import Initiative, YearlyAction

PHRASE = "・令和5年度までの取組を引き続き実施しました。"
NEXT_PHRASE = "・令和6年度までの取組を引き続き実施します。"


def after(space: Workspace, **values: object) -> YearlyAction:
    """The clerk's row after a button was pressed."""
    action = space.row()
    logged_in(space.cast.clerk).post(address(action), answers(action, **values))
    return space.row()


@pytest.mark.parametrize(("act", "text"), [
    ("copy_result", "・調べました。"), ("copy_plan", "・工事を始めます。"), ("phrase_result", PHRASE),
])  # fmt: skip
@pytest.mark.parametrize(("typed", "before"), [("", ""), ("・打った文", "・打った文\n")])
def test_a_text_comes_after_what_is_typed(
    space: Workspace, act: str, text: str, typed: str, before: str
) -> None:
    assert after(space, act=act, result=typed).result == f"{before}{text}"


def test_nothing_has_changed_is_one_click(space: Workspace) -> None:
    row = after(space, act="same")
    assert (row.result, row.plan, row.state) == (PHRASE, NEXT_PHRASE, ActionState.DRAFT)
    assert (row.rating_id, workflow.problems(row)) == (row.reference_rating_id, {})


def test_it_fills_only_what_is_empty(space: Workspace) -> None:
    better = space.ratings["A"].pk
    row = after(space, act="same", result="・打った文", rating=better, rating_reason="・理由")
    assert (row.result, row.rating_id, row.rating_reason, row.plan) == (
        "・打った文",
        better,
        "・理由",
        NEXT_PHRASE,
    )


def test_a_rating_that_was_changed_without_a_reason_is_asked_about(space: Workspace) -> None:
    action = space.row()
    sent = answers(action, act="same", rating=space.ratings["A"].pk)
    response = logged_in(space.cast.clerk).post(address(action), sent)
    assert response.status_code == 422
    assert page(response).one("div", "notice-error").links == ["#id_rating_reason"]
    assert space.row().rating_id == space.ratings["A"].pk


def offers_same(space: Workspace) -> bool:
    return bool(page(logged_in(space.cast.clerk).get(address(space.row()))).all("section", "same"))


def test_it_is_told_before_what_it_writes(space: Workspace) -> None:
    told = page(logged_in(space.cast.clerk).get(address(space.row()))).one("section", "same").text
    assert all(words in told for words in (PHRASE, NEXT_PHRASE, "おおむね達成", "前回の公表と同じ"))


def test_it_is_offered_only_where_there_was_a_last_time_and_something_is_lacking(space: Workspace) -> None:
    row = space.row()
    fill(row, space.cast.clerk, result="")
    assert offers_same(space)
    fill(space.row(), space.cast.clerk)
    assert not offers_same(space)
    fill(space.row(), space.cast.clerk, result="")
    Initiative.objects.filter(pk=row.initiative_id).update(first_fiscal_year=2024)
    assert not offers_same(space)
    assert after(space, act="same").result == ""


def test_the_phrase_shows_what_the_public_will_read_with_it(space: Workspace) -> None:
    shown = page(logged_in(space.cast.clerk).get(address(space.row())))
    told = shown.all("div", "phrase-refers")
    assert ["調べました。" in each.text for each in told] == [True, True]
