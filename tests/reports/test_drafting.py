"""What a report takes from the workspace: which years, in which order, and what it follows."""

from datetime import date
from typing import Any

import pytest
from django.db.models import F

from tests.management.importing import snapshot
from tests.staff.people import submit
from tests.workspace import Workspace
from tracker.choices import ActionState, RoundState
from tracker.cycle import events, rounds, workflow
from tracker.models import (
    Initiative,
    Manifesto,
    PlanProject,
    Rating,
    Report,
    ReportEntry,
    ReportingRound,
    YearlyAction,
)
from tracker.reports import digests, drafting, publishing

pytestmark = pytest.mark.django_db


def published(space: Workspace, **values: Any) -> Report:
    """This year's report: every row approved with these answers."""
    for row in space.rows():
        sent = submit(row, space.cast.planner, **values)
        workflow.approve(sent.pk, by=space.cast.second_planner, version=sent.version)
    return publishing.publish(space.round, by="企画")[0]


def drafted(round: ReportingRound) -> list[ReportEntry]:
    return drafting.draft(round).entries


def row_of(round: ReportingRound, position: int) -> YearlyAction:
    return YearlyAction.objects.get(round=round, initiative__position=position)


def reopened(space: Workspace, row: YearlyAction) -> YearlyAction:
    return workflow.reopen(row.pk, by=space.cast.planner, version=row.version, reason="誤り")


def another_title(manifesto: Manifesto) -> None:
    Manifesto.objects.filter(pk=manifesto.pk).update(title="別の題")


def another_definition(manifesto: Manifesto) -> None:
    Rating.objects.filter(manifesto=manifesto, code="C").update(definition="半分ほど")


def a_cumulative_year(manifesto: Manifesto) -> None:
    Manifesto.objects.filter(pk=manifesto.pk).update(cumulative_year=2023)


def another_mayor(manifesto: Manifesto) -> None:
    Manifesto.objects.filter(pk=manifesto.pk).update(mayor="市民 花子")


@pytest.mark.parametrize(
    "change", [None, another_title, another_definition, a_cumulative_year, another_mayor]
)
def test_another_title_scale_or_kind_of_year_is_a_further_edition_once_it_is_picked(
    space: Workspace, change: Any
) -> None:
    if change:
        change(space.manifesto)
    round = ReportingRound.objects.get(pk=space.last_round.pk)
    assert publishing.publish(round, by="企画", reason="誤り")[1] is False
    keys = [each.key for each in drafting.draft(round).changes]
    assert len(keys) == bool(change)
    rounds.pick_changes(round, keys, by=space.cast.planner)
    round.refresh_from_db()
    report, is_new = publishing.publish(round, by="企画", reason="誤り")
    assert (is_new, report.edition) == ((True, 2) if change else (False, 1))


def test_what_a_manifesto_says_of_itself_is_frozen_with_the_next_report(space: Workspace) -> None:
    """And is in its digest; of the report before nothing changes."""
    before = Report.objects.get(as_of=date(2024, 3, 31))
    said = {
        "mayor": "市民 花子",
        "evaluator": "外部の委員が評価しました。",
        "consideration": "「検討する」公約は、結論を出したときに達成とします。",
        "original_url": "https://city.example.jp/manifesto/",
        "last_fiscal_year": 2024,
    }
    Manifesto.objects.filter(pk=space.manifesto.pk).update(**said)
    space.round.manifesto.refresh_from_db()
    report = published(space)
    assert report.about == {**said, "first_fiscal_year": space.manifesto.first_fiscal_year}
    Manifesto.objects.filter(pk=space.manifesto.pk).update(mayor="ほかの人")
    stored = Report.objects.get(pk=report.pk)
    assert (stored.about["mayor"], digests.verify(stored)) == ("市民 花子", True)
    stored.about["mayor"] = "ほかの人"
    assert digests.verify(stored) is False
    assert (Report.objects.get(pk=before.pk).about, digests.verify(before)) == ({}, True)


def test_a_correction_of_an_earlier_year_tells_nothing_of_a_later_one(space: Workspace) -> None:
    """Though that has been published meanwhile, with other texts, ratings and a new initiative."""
    pledge = space.row().initiative.pledge
    Initiative.objects.create(pledge=pledge, position=5, first_fiscal_year=2024)
    rounds.add_missing(space.round, by=space.cast.planner)
    published(space, rating_id=space.ratings["A"].pk, is_unrated=False, rating_reason="完成したため")
    first = Report.objects.get(as_of=date(2024, 3, 31))
    rounds.start_correction(space.last_round, by=space.cast.planner, reason="誤り")
    reopened(space, row_of(space.last_round, 1))
    draft = drafting.draft(space.last_round)
    assert (draft.before, draft.left_out, [entry.key for entry in draft.carried]) == (first, [], ["1-1-1-1"])
    assert [(entry.rating_code, entry.results, entry.plans) for entry in draft.entries] == [
        ("B", {"2023": "・調べました。"}, {"2024": "・工事を始めます。"})
    ] * 4


def test_entries_stand_in_the_tables_order_however_they_were_entered(space: Workspace) -> None:
    initiatives = Initiative.objects.of(space.manifesto)
    initiatives.update(position=F("position") + 10)
    for position, initiative in enumerate(initiatives.order_by("-pk"), start=1):
        Initiative.objects.filter(pk=initiative.pk).update(position=position)
    found = drafted(space.last_round)
    assert [(entry.position, entry.key) for entry in found] == [(n, f"1-1-1-{n}") for n in (1, 2, 3, 4)]


def test_plan_codes_are_listed_in_the_plans_order(space: Workspace) -> None:
    codes = ("2-10-1", "2-2-10", "2-2-9", "")
    for code in codes:
        values = {"code": code and f"{code}①", "base_code": code, "name": f"施策{code} 事業"}
        space.row().initiative.plan_projects.add(
            PlanProject.objects.create(manifesto=space.manifesto, **values)
        )
    outline = drafting.draft(space.last_round, whole_catalogue=True).report.outline
    assert outline["plans"] == [
        {"code": code, "name": f"施策{code}"} for code in ("2-2-9", "2-2-10", "2-10-1")
    ]


def with_earlier_years(space: Workspace) -> YearlyAction:
    """The first initiative ends after 2023, and has 2022, rated C, and 2021, rated A. Its last row."""
    last = row_of(space.last_round, 1)
    for year, rating in ((2022, "C"), (2021, "A")):
        earlier = ReportingRound.objects.create(
            manifesto=space.manifesto,
            fiscal_year=year,
            as_of=date(year + 1, 3, 31),
            state=RoundState.PUBLISHED,
        )
        earlier.actions.create(
            initiative=last.initiative, result=f"・{year}年。", rating=space.ratings[rating],
            state=ActionState.APPROVED, is_imported=True,
        )  # fmt: skip
    rounds.end_initiative(last.initiative, last_fiscal_year=2023, by=space.cast.planner, reason="完了")
    return last


def test_an_ended_initiative_keeps_its_last_rating_while_that_year_is_corrected(space: Workspace) -> None:
    last = with_earlier_years(space)
    rounds.start_correction(space.last_round, by=space.cast.planner, reason="誤り")
    reopened(space, last)
    entry = drafted(space.round)[0]
    assert (entry.ended_after, entry.carried_from, entry.rating_code) == (2023, None, "B")
    assert entry.results == {"2021": "・2021年。", "2022": "・2022年。", "2023": "・調べました。"}


def test_an_ended_initiative_without_a_row_of_its_last_year_says_what_it_last_said(space: Workspace) -> None:
    with_earlier_years(space).delete()
    entry = drafted(space.round)[0]
    assert (entry.ended_after, entry.carried_from, entry.rating_code) == (2023, None, "C")


@pytest.mark.parametrize(
    ("state", "rating"),
    [
        (RoundState.OPEN, "A"),
        (RoundState.CLOSED, "A"),
        (RoundState.PUBLISHED, "B"),
        (RoundState.CORRECTING, "B"),
    ],
)
def test_a_correction_is_what_a_running_later_round_is_compared_with(
    space: Workspace, state: RoundState, rating: str
) -> None:
    YearlyAction.objects.filter(round=space.last_round).update(rating=space.ratings["A"])
    ReportingRound.objects.filter(pk=space.round.pk).update(state=state)
    assert publishing.publish(space.last_round, by="企画", reason="誤り")[1] is True
    assert {row.reference_rating for row in space.rows()} == {space.ratings[rating]}


@pytest.mark.parametrize("state", [RoundState.OPEN, RoundState.CLOSED])
def test_an_earlier_round_is_not_compared_with_a_later_report(space: Workspace, state: RoundState) -> None:
    ReportingRound.objects.filter(pk=space.round.pk).update(state=RoundState.CORRECTING)
    ReportingRound.objects.filter(pk=space.last_round.pk).update(state=state)
    published(space)
    old = YearlyAction.objects.filter(round=space.last_round)
    assert set(old.values_list("was_reported", "reference_rating")) == {(False, None)}


@pytest.mark.parametrize(
    "step", [(rounds, "refresh_references"), (events, "record"), (ReportEntry.objects, "bulk_create")]
)
def test_a_fault_of_ours_in_the_middle_publishes_nothing(
    space: Workspace, monkeypatch: pytest.MonkeyPatch, step: tuple[object, str]
) -> None:
    def fail(*args: object, **values: object) -> None:
        raise RuntimeError("a fault of ours")

    YearlyAction.objects.filter(round=space.last_round).update(rating=space.ratings["A"])
    before = snapshot()
    with monkeypatch.context() as patch:
        patch.setattr(*step, fail)
        with pytest.raises(RuntimeError):
            publishing.publish(space.last_round, by="企画", reason="誤り")
    assert snapshot() == before
    assert publishing.publish(space.last_round, by="企画", reason="誤り")[1] is True
