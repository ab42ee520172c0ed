"""Extra columns from round to round, into the next term, and in what is kept of a cancelled round."""

import pytest

from tests.cycle.test_cancelling import cancel
from tests.cycle.test_terms import begun
from tests.extra_columns import define_all
from tests.half_years import make_first_half, open_half, problems, rows_of
from tests.staff.people import fill, submit
from tests.workspace import Workspace
from tracker.choices import ActionState
from tracker.cycle import workflow
from tracker.models import Event, ExtraColumn, YearlyAction
from tracker.reports import publishing

pytestmark = pytest.mark.django_db
VALUES = {"x2": "1200", "x5": "https://example.jp/a", "x6": "庁内"}


@pytest.fixture
def space(space: Workspace) -> Workspace:
    define_all(space.manifesto)
    return space


def approve(space: Workspace, row: YearlyAction) -> None:
    row = submit(row, space.cast.second_planner, extra_values=VALUES)
    workflow.approve(row.pk, by=space.cast.planner, version=row.version)


def test_a_later_round_of_the_year_begins_with_all_values(space: Workspace) -> None:
    make_first_half(space)
    approve(space, space.row(1))
    publishing.publish(space.round, by="企画", unapproved_reason="ほかはまだです。")
    first, second = rows_of(open_half(space))[:2]
    assert (first.state, first.extra_values) == (ActionState.DRAFT, VALUES)
    assert (second.state, second.extra_values) == (ActionState.NOT_STARTED, {})
    assert problems() == []


def test_the_next_year_begins_with_what_holds_once(space: Workspace) -> None:
    approve(space, space.row(1))
    publishing.publish(space.round, by="企画", unapproved_reason="ほかはまだです。")
    as_of = space.round.as_of.replace(year=2026)
    first = rows_of(open_half(space, "", as_of, 2025))[0]
    assert (first.state, first.extra_values) == (ActionState.NOT_STARTED, {"x5": VALUES["x5"]})
    assert problems() == []
    saved = fill(first, space.cast.clerk, extra_values={"x5": "https://example.jp/b"})
    assert not saved.former_texts.exists()
    assert problems() == []


def test_the_next_term_begins_with_the_columns_that_have_not_ended(space: Workspace) -> None:
    ExtraColumn.objects.filter(code="x1").update(last_fiscal_year=2023)
    ExtraColumn.objects.filter(code="x2").update(first_fiscal_year=2022)
    made = begun(space)
    told = made.extra_columns.values_list("code", "label", "unit", "first_fiscal_year")
    assert list(told)[:2] == [("x2", "事業費", "千円", None), ("x3", "完了日", "", None)]
    assert made.extra_columns.count() == space.manifesto.extra_columns.count() - 1
    event = Event.objects.filter(subject="manifesto:2025").latest("pk")
    assert event.content["changes"]["追加の項目"][1][0] == "事業費"


def test_a_cancelled_round_keeps_every_value_in_its_events(space: Workspace) -> None:
    row = fill(space.row(1), space.cast.clerk, extra_values=VALUES)
    fill(row, space.cast.colleague, extra_values={"x2": "7"})
    cancel(space)
    content = Event.objects.filter(subject=row.subject).latest("pk").content
    assert content["extra_values"] == {"x2": "7"}
    assert content["former_texts"][0]["extra_values"] == VALUES
    assert content["former_texts"][0]["extra_words"]["x2"] == ["事業費", "1,200.0 千円"]


def test_submitted_values_are_what_the_events_say(space: Workspace) -> None:
    row = submit(space.row(1), space.cast.clerk, extra_values=VALUES)
    workflow.fill_in(row.pk, by=space.cast.planner, version=row.version, values={"x7": "妥当"})
    assert problems() == []
    YearlyAction.objects.filter(pk=row.pk).update(extra_values=VALUES)
    assert len(problems()) == 1
