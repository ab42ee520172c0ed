"""The import of a table is undone: every table stands as before. What was written since is in the way."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from django.apps import apps
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cutting_off import cut_off
from tests.half_years import problems
from tests.management.importing import later, next_year
from tests.published_tables.file.writing import PLEDGE_ROW, small_text
from tests.published_tables.test_loading import load
from tests.staff.people import person
from tracker.choices import EventKind, Role, RoundState
from tracker.cycle import rounds
from tracker.cycle.rounds import RoundProblem
from tracker.models import (
    Department,
    Event,
    Initiative,
    Manifesto,
    Pledge,
    ReportingRound,
    TableImport,
    User,
    YearlyAction,
)
from tracker.published_tables import taking_back
from tracker.published_tables.row_writer import LoadingProblem
from tracker.reports import publishing

pytestmark = pytest.mark.django_db

CHAIN = {"Event", "EventIndex", "ChainHead"}


@pytest.fixture
def planner() -> User:
    return person("planner", Role.PLANNING)


def stand() -> dict[str, list[dict[str, Any]]]:
    """Every row of every table but the chain."""
    return {
        model._meta.object_name or "": list(model._base_manager.order_by("pk").values())
        for model in apps.get_app_config("tracker").get_models(include_auto_created=True)
        if model._meta.object_name not in CHAIN
    }


def take_back(planner: User, year: int = 2023) -> taking_back.TakenBack:
    round = ReportingRound.objects.get(fiscal_year=year)
    return taking_back.take_back(round, by=planner, reason="別の表だった")


def test_a_first_table_is_undone_whole(planner: User) -> None:
    before = stand()
    load(small_text())
    undone = take_back(planner)
    assert stand() == before
    assert (undone.gone["YearlyAction"], undone.gone["Manifesto"], dict(undone.restored)) == (6, 1, {})
    event = Event.objects.latest("number")
    assert (event.kind, event.reason, len(event.content["taken_back"])) == (
        EventKind.IMPORTED,
        "取り込みの取消し：別の表だった",
        6,
    )
    assert problems() == []


def test_a_later_table_is_undone_to_what_the_earlier_one_said(planner: User) -> None:
    load(small_text())
    before = stand()
    load(next_year(later(PLEDGE_ROW, "A"), later(PLEDGE_ROW, "B")))
    assert stand() != before
    take_back(planner, 2024)
    assert stand() == before
    assert problems() == []


def test_a_corrected_table_is_undone_and_then_the_first(planner: User) -> None:
    nothing = stand()
    load(small_text())
    before = stand()
    load(small_text().replace("駅を直します", "駅を建てます").replace("・建てました。", "・建て直しました。"))
    assert TableImport.objects.count() == 2
    take_back(planner)
    assert stand() == before
    assert problems() == []
    take_back(planner)
    assert stand() == nothing
    assert problems() == []


TABLES = [
    small_text(),
    small_text(PLEDGE_ROW),
    small_text().replace("駅を直します", "駅を建てます"),
    small_text().replace("・建てました。", "・建て直しました。"),
    next_year(),
    next_year(later(PLEDGE_ROW, "A"), later(PLEDGE_ROW, "B")),
]


@given(st.lists(st.sampled_from(TABLES), min_size=1, max_size=3))
@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_was_imported_is_undone_step_by_step(planner: User, tables: list[str]) -> None:
    with transaction.atomic():
        steps: list[tuple[int, dict[str, Any]]] = []
        for content in tables:
            before = stand()
            with suppress(LoadingProblem):  # an older table after a newer one
                outcome = load(content)
                if not outcome.is_unchanged:
                    steps.append((outcome.round.pk, before))
        for round, before in reversed(steps):
            taking_back.take_back(ReportingRound.objects.get(pk=round), by=planner, reason="別の表だった")
            assert stand() == before
        assert problems() == []
        transaction.set_rollback(True)


def test_a_table_after_a_published_one_is_undone_and_the_published_stays(planner: User) -> None:
    publishing.publish(load(small_text()).round, by="企画")
    before = stand()
    load(next_year())
    take_back(planner, 2024)
    assert stand() == before


def test_a_department_that_people_belong_to_stays(planner: User) -> None:
    load(small_text())
    department = Department.objects.order_by("code")[0]
    person("clerk", Role.DEPARTMENT, department)
    assert take_back(planner).staying == [department]
    assert list(Department.objects.all()) == [department]
    assert (Manifesto.objects.count(), YearlyAction.objects.count()) == (0, 0)


def test_what_another_manifesto_uses_since_stays_and_the_rest_goes(planner: User) -> None:
    """Which departments a table made says only which table was the first."""
    first = load(small_text()).round
    other = load(small_text(), slug="2025").round
    before = stand()
    undone = taking_back.take_back(first, by=planner, reason="別の表だった")
    assert undone.staying == list(Department.objects.order_by("code"))
    assert list(Manifesto.objects.all()) == [other.manifesto]
    now = stand()
    for kind in ("Department", "Assignment", "Initiative", "YearlyAction"):
        assert now[kind] == [row for row in before[kind] if row in now[kind]]
    assert len(now["Assignment"]) == 2
    taking_back.take_back(other, by=planner, reason="別の表だった")
    assert Department.objects.count() == 2  # as it found them


def reworded(_planner: User) -> None:
    Pledge.objects.update(text="直した文")


def corrected(planner: User) -> None:
    round = ReportingRound.objects.get(fiscal_year=2023)
    rounds.start_correction(round, by=planner, reason="誤り")


def further_pledge(_planner: User) -> None:
    Pledge.objects.create(section=Pledge.objects.get().section, position=9, text="あとの公約")


def further_initiative(_planner: User) -> None:
    Initiative.objects.create(pledge=Pledge.objects.get(), position=9, first_fiscal_year=2023)


def without_its_answer(_planner: User) -> None:
    YearlyAction.objects.filter(round__fiscal_year=2023).delete()


def published(_planner: User) -> None:
    publishing.publish(ReportingRound.objects.get(fiscal_year=2023), by="企画")


def imported_again(_planner: User) -> None:
    load(next_year())


SINCE: dict[str, tuple[Callable[[User], None], str]] = {
    "reworded": (reworded, "変更されたものがあるので、取り消せません：公約「①直した文」。"),
    "in correction": (corrected, "訂正中の報告回があるので、取り消せません。"),
    "a further pledge": (further_pledge, "あとから加えられたもの（公約）があるので"),
    "a further initiative": (further_initiative, "あとから加えられたもの（取組）があるので"),
    "something deleted": (without_its_answer, " 番、削除されています）、年度別取組（"),
    "published": (published, "取り消せる取り込みがありません。"),
    "a later table": (imported_again, "取り消せる取り込みがありません。"),
}


@pytest.mark.parametrize("name", SINCE)
def test_what_was_written_since_stands_in_the_way_by_name(planner: User, name: str) -> None:
    load(small_text())
    write, words = SINCE[name]
    write(planner)
    before = stand()
    with pytest.raises(RoundProblem) as caught:
        take_back(planner)
    assert words in str(caught.value)
    assert stand() == before


def test_a_table_is_loaded_and_taken_back_whole(planner: User) -> None:
    cut_off(lambda: load(small_text()))
    load(small_text())
    cut_off(lambda: take_back(planner))


def test_each_manifesto_has_a_last_import_of_its_own() -> None:
    rounds_of = [load(small_text(), slug=slug).round for slug in ("2021", "2025")]
    imports = [taking_back.last_import(round) for round in rounds_of]
    assert [found and found.round for found in imports] == rounds_of


def test_it_needs_a_reason_and_the_planning_office(planner: User) -> None:
    round = load(small_text()).round
    with pytest.raises(RoundProblem, match="理由"):
        taking_back.take_back(round, by=planner, reason=" ")
    with pytest.raises(RoundProblem, match="企画の職員だけ"):
        taking_back.take_back(round, by=person("clerk", Role.DEPARTMENT), reason="x")


# ---- the states of what came with a table


def test_all_years_of_a_table_wait_and_are_published_with_it() -> None:
    round = load(small_text()).round
    assert set(ReportingRound.objects.values_list("state", flat=True)) == {RoundState.IMPORTED}
    assert list(rounds.current_rounds()) == [round]
    publishing.publish(round, by="企画")
    assert set(ReportingRound.objects.values_list("state", flat=True)) == {RoundState.PUBLISHED}


def test_what_waits_can_be_corrected_before_it_is_published(planner: User) -> None:
    round = load(small_text()).round
    rounds.start_correction(round, by=planner, reason="誤り")
    assert rounds.finish_correction(round, by=planner).state == RoundState.IMPORTED
    publishing.publish(round, by="企画")
    rounds.start_correction(round, by=planner, reason="誤り")
    assert rounds.finish_correction(round, by=planner).state == RoundState.PUBLISHED


def test_a_table_of_september_of_the_next_year_reports_on_its_last_column() -> None:
    outcome = load(small_text(as_of="令和6年9月末"))
    assert (outcome.round.fiscal_year, str(outcome.round.as_of)) == (2023, "2024-09-30")


def test_a_table_is_not_dated_before_the_year_before_it() -> None:
    publishing.publish(load(small_text(as_of="令和6年10月末")).round, by="企画")
    with pytest.raises(LoadingProblem, match="前の 令和5年度 の報告回の時点（令和6年10月末時点）が"):
        load(next_year().replace("令和7年3月末", "令和6年9月末"))


def test_further_tables_of_one_month_have_different_names() -> None:
    for as_of in ("令和5年6月末", "令和5年9月末", "令和6年9月末"):
        publishing.publish(load(small_text(as_of=as_of)).round, by="企画")
    names = ReportingRound.objects.filter(fiscal_year=2023).order_by("as_of").values_list("name", flat=True)
    assert list(names) == ["", "9月末", "令和6年9月末"]


def test_a_further_table_of_a_published_year_makes_a_further_round() -> None:
    publishing.publish(load(small_text(as_of="令和5年9月末")).round, by="企画")
    again = load(small_text().replace("・建てました。", "・建て終わりました。"))
    assert [
        (r.fiscal_year, r.name, r.number, r.state) for r in ReportingRound.objects.filter(fiscal_year=2023)
    ] == [(2023, "", 1, "published"), (2023, "3月末", 2, "imported")]
    report, _new = publishing.publish(again.round, by="企画")
    assert (report.round_name, report.edition) == ("3月末", 1)
    assert report.entries.get(position=1).results["2023"] == "・建て終わりました。"
    assert problems() == []
