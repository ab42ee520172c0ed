"""What reports say of indicators: frozen with the rate of their day, and changed by nobody's slip."""

from datetime import date

import pytest

from tests.half_years import approve, open_half, publish, rows_of
from tests.indicators import define
from tests.workspace import Workspace, newest_report
from tracker.cycle import rounds, workflow
from tracker.models import Indicator, Report, ReportEntry, YearlyAction
from tracker.published_tables.from_report import notes_of
from tracker.reports import digests, drafting
from tracker.reports.comparison import compare
from tracker.words.reported import ReportedIndicator

pytestmark = pytest.mark.django_db
REASON = "ほかはまだです。"
NOTHING = {"target": "", "actual": "", "note": "", "rate": "", "is_reached": None, "why": ""}
PLANNED = {**NOTHING, "target": "1500", "why": "実績がありません"}


@pytest.fixture
def space(space: Workspace) -> Workspace:
    define(space.row(1).initiative)
    return space


def told(report: Report | None = None, place: str = "1-1-1-1") -> list[ReportedIndicator] | None:
    entries = ReportEntry.objects.filter(report=report or Report.objects.latest("pk"))
    return entries.get(key=place).indicators


def first_edition(space: Workspace) -> Report:
    YearlyAction.objects.filter(round=space.last_round).update(extra_values={"k1": "1000"})
    approve(space, space.row(1), extra_values={"k1": "1100", "k1n": "速報"})
    return publish(space.round, unapproved_reason=REASON)


def corrected(space: Workspace) -> drafting.Draft:
    return drafting.draft(rounds.locked_whole(space.round, space.cast.planner))


def test_a_report_without_indicators_has_the_digest_that_it_always_had(space: Workspace) -> None:
    report = Report.objects.get()
    assert told(report) is None
    assert digests.verify(report)
    assert "indicators" not in digests.content(report.entries.all()[0])


def test_every_approved_year_is_told_with_its_rate(space: Workspace) -> None:
    first_edition(space)
    [one] = told() or []
    assert (one["code"], one["name"], one["unit"]) == ("k1", "相談件数", "件")
    assert one["years"] == {
        "2023": {
            **PLANNED, "target": "1000", "actual": "1000", "rate": "100.0", "is_reached": True, "why": ""
        },
        "2024": {
            "target": "1200", "actual": "1100", "note": "速報", "rate": "91.6", "is_reached": False, "why": ""
        },
        "2025": PLANNED,
    }  # fmt: skip


def test_the_code_of_one_that_was_published_is_nobody_else_s(space: Workspace) -> None:
    first_edition(space)
    Indicator.objects.all().delete()
    again = Indicator.objects.create(initiative=space.row(1).initiative, position=1, name="まったく別の指標")
    assert again.code == "k2"


def test_a_change_of_an_actual_breaks_the_digest(space: Workspace) -> None:
    report = first_edition(space)
    entries = list(report.entries.order_by("position"))
    assert digests.digest(report, entries) == report.digest
    entries[0].indicators[0]["years"]["2024"]["actual"] = "1101"  # type: ignore[index]
    assert digests.digest(report, entries) != report.digest


def test_a_row_that_is_not_approved_keeps_what_the_report_before_said(space: Workspace) -> None:
    report = first_edition(space)
    Indicator.objects.update(target_lines="令和6年度：1")
    later = open_half(space, "", date(2026, 3, 31), 2025)
    approve(space, rows_of(later)[1])
    publish(later, unapproved_reason=REASON)
    assert told(newest_report(space.manifesto)) == told(report)


def test_a_year_that_is_being_corrected_stays_as_it_was(space: Workspace) -> None:
    first_edition(space)
    later = open_half(space, "", date(2026, 3, 31), 2025)
    YearlyAction.objects.filter(pk=space.row(1).pk).update(state="returned", return_reason="直して")
    approve(space, rows_of(later)[0], extra_values={"k1": "1600"})
    publish(later, unapproved_reason=REASON)
    [one] = told() or []
    assert [one["years"][year]["actual"] for year in ("2023", "2024", "2025")] == ["1000", "1100", "1600"]


def test_a_correction_takes_a_changed_definition_over_when_it_is_picked_only(space: Workspace) -> None:
    report = first_edition(space)
    space.round.refresh_from_db()
    rounds.start_correction(space.round, by=space.cast.planner, reason="誤り")
    Indicator.objects.update(target_lines="令和6年度：1000", name="相談の数")
    made = corrected(space)
    assert made.same_content(report)
    [change] = [each for each in made.changes if each.what == "指標"]
    assert "令和6年度 1,200 件" in change.before
    assert "相談の数（件）［増やす、" in change.after
    row = space.row(1)
    workflow.reopen(row.pk, by=space.cast.planner, version=row.version, reason="数字が違います")
    approve(space, space.row(1), extra_values={"k1": "1180"})
    [one] = corrected(space).entries[0].indicators or []
    assert (one["name"], one["years"]["2024"]["actual"], one["years"]["2024"]["rate"]) == (
        "相談件数", "1180", "98.3"
    )  # fmt: skip
    [change] = [each for each in corrected(space).changes if each.what == "指標"]
    rounds.pick_changes(space.round, [change.key], by=space.cast.planner)
    space.round.refresh_from_db()
    [one] = corrected(space).entries[0].indicators or []
    assert (one["name"], one["years"]["2024"]["rate"]) == ("相談の数", "118.0")


def test_an_indicator_that_is_younger_than_the_edition_is_offered(space: Workspace) -> None:
    first_edition(space)
    define(space.row(1).initiative, "新しい指標")
    space.round.refresh_from_db()
    rounds.start_correction(space.round, by=space.cast.planner, reason="誤り")
    made = corrected(space)
    assert [each["name"] for each in made.entries[0].indicators or []] == ["相談件数"]
    assert [each.what for each in made.changes] == ["指標"]


def test_an_actual_that_was_approved_in_a_correction_brings_its_definition_along(space: Workspace) -> None:
    first_edition(space)
    younger = define(space.row(1).initiative, "新しい指標")
    space.round.refresh_from_db()
    rounds.start_correction(space.round, by=space.cast.planner, reason="実績を加えるため")
    row = space.row(1)
    workflow.reopen(row.pk, by=space.cast.planner, version=row.version, reason="実績を書いてください")
    approve(space, space.row(1), extra_values={"k1": "1100", younger.code: "7"})
    made = corrected(space)
    assert [each["name"] for each in made.entries[0].indicators or []] == ["相談件数", "新しい指標"]
    assert [(each.what, each.is_picked, each.is_needed) for each in made.changes] == [("指標", True, True)]


def test_an_actual_that_says_otherwise_is_a_change_and_a_further_years_is_none(space: Workspace) -> None:
    report = first_edition(space)
    entries = [list(report.entries.order_by("position")) for _side in "ab"]
    years = entries[1][0].indicators[0]["years"]  # type: ignore[index]
    years["2025"]["actual"] = "1500"
    assert compare(*entries, report.rating_codes).is_empty
    years["2024"]["actual"] = "1101"
    changed = compare(*entries, report.rating_codes).otherwise_changed
    assert [each.after.key for each in changed] == ["1-1-1-1"]


def test_an_ended_initiative_tells_no_target_beyond_its_end(space: Workspace) -> None:
    YearlyAction.objects.filter(round=space.last_round).update(extra_values={"k1": "1000"})
    initiative = space.row(1).initiative
    initiative.last_fiscal_year = 2023
    initiative.save()
    [made] = [each for each in drafting.draft(space.round).entries if each.key == "1-1-1-1"]
    assert [list(each["years"]) for each in made.indicators or []] == [["2023"]]


def test_the_published_table_says_where_they_are(space: Workspace) -> None:
    report = first_edition(space)
    assert "指標の目標と実績は、公開ページとオープンデータにあります。" in notes_of(report).head
