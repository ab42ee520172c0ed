"""Each act on a round, or on what was promised, is done whole: cut off in it, all is as it was."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.utils import timezone

from tests.cutting_off import cut_off
from tests.staff.people import fill, submit
from tests.workspace import Workspace
from tracker.choices import RoundState
from tracker.cycle import cancelling, catalogue, rounds, workflow_in_bulk
from tracker.models import Category, Pledge, ReportingRound
from tracker.reports import publishing

pytestmark = pytest.mark.django_db

WHY = {"reason": "議会での説明に合わせるため"}
PART = catalogue.Part()
Act = Callable[[Workspace], object]


def nothing(_space: Workspace) -> None:
    """The workspace is ready as it is."""


def begun(space: Workspace, state: RoundState) -> ReportingRound:
    """This year's round in a state."""
    ReportingRound.objects.filter(pk=space.round.pk).update(state=state)
    return ReportingRound.objects.select_related("manifesto").get(pk=space.round.pk)


def pledge_of(space: Workspace) -> Pledge:
    return space.row(1).initiative.pledge


def opened(space: Workspace) -> object:
    begun(space, RoundState.PUBLISHED)
    values = {"due_on": timezone.localdate() + timedelta(days=9), "as_of": date(2026, 3, 31)}
    return rounds.open_round(space.manifesto, fiscal_year=2025, by=space.cast.planner, **values)


def cancelled(space: Workspace) -> object:
    seen = cancelling.seen_digest(cancelling.typed_rows(space.round))
    return cancelling.cancel(space.round, by=space.cast.planner, seen=seen, **WHY)


def new_pledge(space: Workspace) -> object:
    values = {"text": "公園を直します", "number_label": "②", "first_fiscal_year": 2024, "parts": [PART]}
    section = pledge_of(space).section
    return catalogue.add_pledge(section, by=space.cast.planner, adds_rows=True, **values, **WHY)  # type: ignore[arg-type]


def new_initiative(space: Workspace) -> object:
    values = {"first_fiscal_year": 2024, "parts": [PART], "adds_rows": True}
    return catalogue.add_initiatives(pledge_of(space), by=space.cast.planner, **values, **WHY)  # type: ignore[arg-type]


def corrected(space: Workspace) -> object:
    names = {"number_label": "①", "section_name": "道路", "category_name": "まちづくり"}
    return catalogue.correct(pledge_of(space), text="駅を直す", by=space.cast.planner, **names, **WHY)


def parted(space: Workspace) -> object:
    values = {"last_fiscal_year": 2024, "goes_on": False, "parts": (PART, PART), "adds_rows": False}
    return catalogue.split(space.row(1).initiative, by=space.cast.planner, **values, **WHY)  # type: ignore[arg-type]


def with_a_second_section(space: Workspace) -> object:
    field = pledge_of(space).section.parent
    return Category.objects.create(manifesto=space.manifesto, parent=field, number=2, name="公園")


def moved(space: Workspace) -> object:
    to = Category.objects.get(number=2)
    values = {"section": to, "position": None, "number_label": "①"}
    return catalogue.move(pledge_of(space), by=space.cast.planner, **values, **WHY)  # type: ignore[arg-type]


def answer_of(space: Workspace, number: int) -> workflow_in_bulk.Answer:
    row = space.row(number)
    content = workflow_in_bulk.Content(result="・書きました。", rating_id=space.ratings["B"].pk)
    return workflow_in_bulk.Answer(row.pk, row.version, content, submits=True)


def written_at_once(space: Workspace) -> object:
    return workflow_in_bulk.write_all([answer_of(space, number) for number in (1, 2)], by=space.cast.planner)


ACTS: dict[str, tuple[Act, Act]] = {
    "open_round": (lambda space: begun(space, RoundState.PUBLISHED), opened),
    "describe": (
        nothing,
        lambda space: rounds.describe(
            space.round, name="確定", as_of=space.round.as_of, by=space.cast.planner
        ),
    ),
    "extend": (
        lambda space: begun(space, RoundState.CLOSED),
        lambda space: rounds.extend(
            space.round, due_on=timezone.localdate() + timedelta(days=99), by=space.cast.planner
        ),
    ),
    "close": (nothing, lambda space: rounds.close(space.round, by=space.cast.planner)),
    "start_correction": (
        lambda space: begun(space, RoundState.PUBLISHED),
        lambda space: rounds.start_correction(space.round, by=space.cast.planner, **WHY),
    ),
    "finish_correction": (
        lambda space: rounds.start_correction(space.last_round, by=space.cast.planner, **WHY),
        lambda space: rounds.finish_correction(space.last_round, by=space.cast.planner),
    ),
    "add_missing": (
        lambda space: space.rows()[0].delete(),
        lambda space: rounds.add_missing(space.round, by=space.cast.planner),
    ),
    "end_initiative": (
        nothing,
        lambda space: rounds.end_initiative(
            space.row(1).initiative, last_fiscal_year=2023, by=space.cast.planner, **WHY
        ),
    ),
    "cancel": (lambda space: submit(space.row(1), space.cast.clerk), cancelled),
    "publish": (
        nothing,
        lambda space: publishing.publish(space.round, by="企画", unapproved_reason="確認中"),
    ),
    "write_all": (lambda space: fill(space.row(1), space.cast.clerk), written_at_once),
    "add_pledge": (nothing, new_pledge),
    "add_initiatives": (nothing, new_initiative),
    "correct": (nothing, corrected),
    "end_pledge": (
        nothing,
        lambda space: catalogue.end_pledge(
            pledge_of(space), last_fiscal_year=2023, by=space.cast.planner, **WHY
        ),
    ),
    "split": (nothing, parted),
    "move": (with_a_second_section, moved),
}


@pytest.mark.parametrize("name", ACTS)
def test_an_act_that_is_cut_off_has_done_nothing(space: Workspace, name: str) -> None:
    begin, act = ACTS[name]
    begin(space)
    cut_off(lambda: act(space))
