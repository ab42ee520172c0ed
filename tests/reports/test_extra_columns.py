"""What reports say in extra columns: public values only, frozen, and taken over by nobody's slip."""

from datetime import date

import pytest

from tests.extra_columns import define_all
from tests.half_years import approve, open_half, publish, rows_of
from tests.workspace import Workspace, newest_report
from tracker.cycle import rounds, workflow
from tracker.models import ExtraColumn, Report, ReportEntry, YearlyAction
from tracker.published_tables.from_report import notes_of
from tracker.reports import digests, drafting
from tracker.reports.comparison import compare

pytestmark = pytest.mark.django_db
REASON = "ほかはまだです。"


@pytest.fixture
def space(space: Workspace) -> Workspace:
    define_all(space.manifesto)
    return space


def told(report: Report | None = None, place: str = "1-1-1-1") -> dict[str, dict[str, str]] | None:
    entries = ReportEntry.objects.filter(report=report or Report.objects.latest("pk"))
    return entries.get(key=place).extra_values


def first_edition(space: Workspace) -> Report:
    """The first row says something in a public column, in an internal one, and once."""
    values = {"x2": "1200", "x5": "https://example.jp/a", "x6": "庁内"}
    approve(space, space.row(1), extra_values=values)
    return publish(space.round, unapproved_reason=REASON)


def test_a_report_without_columns_has_the_digest_that_it_always_had(space: Workspace) -> None:
    report = Report.objects.get()
    assert (report.extra_columns, told(report)) == ([], None)
    assert digests.verify(report)
    entry = report.entries.all()[0]
    assert "extra_values" not in digests.content(entry)


def test_a_change_of_a_value_or_a_column_breaks_the_digest(space: Workspace) -> None:
    report = first_edition(space)
    entries = list(report.entries.order_by("position"))
    assert digests.digest(report, entries) == report.digest
    entries[0].extra_values = {"x2": {"2024": "1201"}}
    assert digests.digest(report, entries) != report.digest
    entries = list(report.entries.order_by("position"))
    report.extra_columns = [{**report.extra_columns[1], "unit": "円"}]
    assert digests.digest(report, entries) != report.digest


def test_values_are_told_by_year_and_the_last_one_of_what_holds_once(space: Workspace) -> None:
    before = YearlyAction.objects.filter(round=space.last_round)
    before.update(extra_values={"x2": "900", "x5": "https://example.jp/before", "x6": "庁内"})
    report = first_edition(space)
    assert told(report) == {"x2": {"2023": "900", "2024": "1200"}, "x5": {"": "https://example.jp/a"}}


def test_a_row_that_is_not_approved_keeps_what_the_report_before_said(space: Workspace) -> None:
    first_edition(space)
    space.round.refresh_from_db()
    rounds.start_correction(space.round, by=space.cast.planner, reason="誤り")
    row = space.row(1)
    workflow.reopen(row.pk, by=space.cast.planner, version=row.version, reason="直してください")
    made = drafting.draft(rounds.locked_whole(space.round, space.cast.planner))
    assert made.entries[0].extra_values == {"x2": {"2024": "1200"}, "x5": {"": "https://example.jp/a"}}


def test_a_correction_takes_a_changed_definition_over_when_it_is_picked_only(space: Workspace) -> None:
    report = first_edition(space)
    space.round.refresh_from_db()
    rounds.start_correction(space.round, by=space.cast.planner, reason="誤り")
    ExtraColumn.objects.filter(code="x6").update(is_public=True)
    ExtraColumn.objects.filter(code="x2").update(is_public=False)
    ExtraColumn.objects.filter(code="x5").update(label="参考資料")
    round = rounds.locked_whole(space.round, space.cast.planner)
    made = drafting.draft(round)
    assert made.same_content(report)
    [change] = [each for each in made.changes if each.what == "追加の項目"]
    assert "庁内メモ" in change.after
    rounds.pick_changes(space.round, [change.key], by=space.cast.planner)
    round.refresh_from_db()
    taken = drafting.draft(round)
    assert taken.entries[0].extra_values == {"x5": {"": "https://example.jp/a"}, "x6": {"2024": "庁内"}}
    assert "事業費" not in [column["label"] for column in taken.report.extra_columns]


def test_what_became_internal_is_in_no_later_report_even_of_rows_that_stay_as_they_stood(
    space: Workspace,
) -> None:
    first_edition(space)
    ExtraColumn.objects.filter(code="x2").update(is_public=False)
    later = open_half(space, "", date(2026, 3, 31), 2025)
    approve(space, rows_of(later)[1])
    publish(later, unapproved_reason=REASON)
    report = newest_report(space.manifesto)
    assert told(report) == {"x5": {"": "https://example.jp/a"}}
    assert "x2" not in {column["code"] for column in report.extra_columns}


def test_a_value_that_says_otherwise_is_a_change_and_a_further_years_is_none(space: Workspace) -> None:
    report = first_edition(space)
    entries = [list(report.entries.order_by("position")) for _side in "ab"]
    entries[1][0].extra_values = {"x2": {"2024": "1200", "2025": "5"}, "x5": {"": "https://example.jp/a"}}
    assert compare(*entries, report.rating_codes).is_empty
    entries[1][0].extra_values = {"x2": {"2024": "1200"}, "x5": {"": "https://example.jp/b"}}
    assert [each.after.key for each in compare(*entries, report.rating_codes).otherwise_changed] == [
        "1-1-1-1"
    ]


def test_the_published_table_says_where_the_values_are(space: Workspace) -> None:
    report = first_edition(space)
    [note] = [line for line in notes_of(report).head if "このほかの項目" in line]
    assert "事業費" in note
    assert "庁内メモ" not in note
