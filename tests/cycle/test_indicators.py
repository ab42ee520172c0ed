"""Indicators from round to round, in what is kept of a cancelled round, and when their initiative ends."""

import pytest
from django.urls import reverse

from tests.cycle.test_cancelling import cancel
from tests.half_years import approve, make_first_half, open_half, problems, publish, rows_of
from tests.indicators import define
from tests.staff.people import fill, logged_in, submit
from tests.workspace import Workspace
from tracker.choices import ActionState
from tracker.cycle import workflow
from tracker.models import Event
from tracker.staff.entry.returned import since_return
from tracker.staff.pledges.told import indicators_left

pytestmark = pytest.mark.django_db
VALUES = {"k1": "1100", "k1n": "速報"}
REASON = "ほかはまだです。"


@pytest.fixture
def space(space: Workspace) -> Workspace:
    define(space.row(1).initiative)
    return space


def test_a_later_round_of_the_year_begins_with_the_actual_and_the_next_year_with_none(
    space: Workspace,
) -> None:
    make_first_half(space)
    approve(space, space.row(1), extra_values=VALUES)
    publish(space.round, unapproved_reason=REASON)
    later = open_half(space)
    first = rows_of(later)[0]
    assert (first.state, first.extra_values) == (ActionState.DRAFT, VALUES)
    page = logged_in(space.cast.clerk).get(reverse("staff-entry", args=[first.pk])).content.decode()
    assert 'value="1100"' in page
    approve(space, first, extra_values={"k1": "1200"})
    publish(later, unapproved_reason=REASON)
    next_year = rows_of(open_half(space, "", later.as_of.replace(year=2026), 2025))[0]
    assert (next_year.state, next_year.extra_values) == (ActionState.NOT_STARTED, {})
    page = logged_in(space.cast.clerk).get(reverse("staff-entry", args=[next_year.pk])).content.decode()
    assert "<dt>令和7年度の目標</dt><dd>1,500 件</dd>" in page
    assert "<b>達成</b>（100.0%）" in page
    assert problems() == []


def test_a_cancelled_round_keeps_every_actual_in_its_events(space: Workspace) -> None:
    row = fill(space.row(1), space.cast.clerk, extra_values=VALUES)
    fill(row, space.cast.colleague, extra_values={"k1": "7"})
    cancel(space)
    content = Event.objects.filter(subject=row.subject).latest("pk").content
    assert content["extra_words"] == {"k1": ["指標「相談件数」の実績", "7 件"]}
    assert content["former_texts"][0]["extra_words"]["k1n"] == ["指標「相談件数」の補足", "速報"]


def test_what_has_changed_since_a_return_tells_the_actual(space: Workspace) -> None:
    row = submit(space.row(1), space.cast.clerk, extra_values=VALUES)
    row = workflow.send_back(row.pk, by=space.cast.planner, version=row.version, reason="数字は正しいですか")
    assert since_return(space.row(1)).is_unchanged  # type: ignore[union-attr]
    fill(row, space.cast.clerk, extra_values={**VALUES, "k1": "1150"})
    told = since_return(space.row(1)).told  # type: ignore[union-attr]
    assert [name for name, _change in told] == ["指標「相談件数」の実績"]


def test_an_initiative_that_ends_tells_what_becomes_of_its_indicators(space: Workspace) -> None:
    initiative = space.row(1).initiative
    told = list(indicators_left([initiative]))
    assert told[0] == "1-1-1-1 の「相談件数」は、終わりの年度までの目標と実績を残します。"
    assert "続ける取組に作ります" in told[1]
    assert list(indicators_left([space.row(2).initiative])) == []
    sent = {"last_fiscal_year": "2024", "reason": "終わりました", "act": "check"}
    page = logged_in(space.cast.planner).post(reverse("staff-initiative-end", args=[initiative.pk]), sent)
    assert "終わりの年度までの目標と実績を残します" in page.content.decode()
