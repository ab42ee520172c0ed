"""Years of which no initiative says what was done: plans without a former year, figures and ratings alone."""

from datetime import date
from typing import Any

import pytest
from django.utils import timezone

from tests.published_tables.file.books import LEGEND, TITLE, made
from tests.published_tables.file.tables import initiative, meaning, table_with
from tests.published_tables.test_shapes import data, load, page, publish
from tests.published_tables.test_taking_back import stand
from tests.staff.people import person
from tracker.choices import Role, RoundState
from tracker.models import Initiative, Manifesto, ReportingRound, YearlyAction
from tracker.published_tables import loading, taking_back
from tracker.published_tables.file import writing
from tracker.published_tables.file.keeping import not_kept, refusal_to_keep
from tracker.published_tables.file.reading import table_in
from tracker.published_tables.file.table import PublishedTable, TableIndicator
from tracker.published_tables.from_report import table_of
from tracker.reports.drafting import draft

pytestmark = pytest.mark.django_db
DATED: dict[str, Any] = {
    "title": "市長公約の進捗（令和7年3月末時点）",
    "as_of": date(2025, 3, 31),
    "cumulative_year": None,
}


def planned_and_done() -> PublishedTable:
    """「令和6年度の予定」 beside 「令和6年度の取組」, and nothing of 令和5年度."""
    row = initiative(results={2024: "・直しました。"}, plans={2024: "・測ります。", 2025: "・開きます。"})
    return table_with(row, years=[2024], plan_years=[2024, 2025], **DATED)


def test_a_plan_beside_its_year_s_result_needs_no_year_before() -> None:
    table = planned_and_done()
    assert (table.planning_years, not_kept(table)) == ([2023, 2024], [])
    report = publish(table)
    rows = YearlyAction.objects.order_by("round__fiscal_year")
    assert list(rows.values_list("round__fiscal_year", "result", "plan", "rating__code")) == [
        *((2023, "", "・測ります。", None), (2024, "・直しました。", "・開きます。", "A"))
    ]
    assert Manifesto.objects.get().first_fiscal_year == Initiative.objects.get().first_fiscal_year == 2024
    assert set(ReportingRound.objects.values_list("state", flat=True)) == {RoundState.PUBLISHED}
    assert (report.result_years, report.plan_years) == ([2024], [2024, 2025])
    told = page("/2021/pledges/1-1-1/")
    assert ("記載なし" in told, told.count("測ります。"), "令和5年度" in told) == (False, 1, False)
    again = table_in(writing.write_workbook(table_of(report)))
    assert meaning(again) == meaning(table_of(report))
    assert load(again).is_unchanged


def test_a_plan_that_a_department_wrote_is_not_written_over() -> None:
    load(planned_and_done())
    one, other = (person(name, Role.PLANNING) for name in ("one", "other"))
    by = {"submitted_by": one, "submitted_at": timezone.now(), "approved_by": other}
    YearlyAction.objects.filter(round__fiscal_year=2023).update(is_imported=False, **by)
    with pytest.raises(loading.LoadingProblem, match="令和6年度の予定は、令和5年度の報告回に担当課が書いて"):
        load(planned_and_done())


def test_a_year_that_was_there_for_a_plan_goes_with_the_load() -> None:
    before = stand()
    outcome = load(planned_and_done())
    taking_back.take_back(outcome.round, by=person("planner", Role.PLANNING), reason="別の表だった")
    assert {name: rows for name, rows in stand().items() if name != "User"} == {
        name: rows for name, rows in before.items() if name != "User"
    }


def test_a_plan_of_a_year_to_come_after_the_next_is_refused_with_its_year() -> None:
    table = table_with(
        initiative(plans={2023: "", 2024: "", 2025: "・閉じます。"}), plan_years=[2023, 2024, 2025]
    )
    assert refusal_to_keep(table) == (
        "この表は読み取れますが、次のものは取り込めません："
        "令和6年度の予定（予定は前の年度の報告に書くので、令和5年度の予定までです）、"
        "令和7年度の予定（予定は前の年度の報告に書くので、令和5年度の予定までです）。"
        "その列を「追加の項目」（公開する）か「メモ」（公開しない）とすると、内容を残して取り込めます。"
    )


def test_a_year_of_figures_alone_has_no_results() -> None:
    measured = [TableIndicator("来た人", "人", {2024: "10"}, {2023: "8", 2024: "9"})]
    report = publish(
        table_with(
            initiative(results={2023: "・直しました。"}, plans={}, indicators=measured),
            years=[2023], plan_years=[], **DATED,
        )
    )  # fmt: skip
    (entry,) = report.entries.all()
    assert (entry.results, report.result_years) == ({"2023": "・直しました。"}, [2023])
    assert [year["actual"] for year in entry.indicators[0]["years"].values()] == ["8", "9"]
    assert "記載なし" not in page("/2021/pledges/1-1-1/")
    assert {row["fiscal_year"] for row in data(report, "actions")} == {"2023"}


def test_ratings_alone_are_a_report_without_years() -> None:
    report = publish(table_with(initiative(results={}, plans={}), years=[], plan_years=[], **DATED))
    assert (report.years, report.entries.get().rating_code) == ([], "A")
    assert "年度ごとの予定と実績" not in page("/2021/pledges/1-1-1/")
    assert "年度ごとの記載" not in page("/2021/")
    assert page("/2021/pledges/").count('class="entry"') == 1


def test_extra_columns_of_a_silent_year_are_shown() -> None:
    row = initiative(
        results={2023: "・直しました。", 2024: ""}, plans={}, extras={"講評": "よくできました。"}
    )
    publish(table_with(row, years=[2023, 2024], plan_years=[], **DATED))
    told = page("/2021/pledges/1-1-1/")
    assert ("よくできました。" in told, "記載なし" in told) == (True, False)


def test_what_a_report_tells_of_a_year_stays_in_the_next_edition() -> None:
    """A report that was made before this rule keeps its empty year."""
    report = publish(
        table_with(initiative(results={2021: "・甲。", 2022: "・乙。"}, plans={}), plan_years=[])
    )
    YearlyAction.objects.filter(round__fiscal_year=2021).update(result="")
    again = draft(report.manifesto.rounds.get(fiscal_year=2022)).entries
    assert [entry.results for entry in again] == [{"2021": "", "2022": "・乙。"}]


def test_plans_of_the_years_of_results_are_proposed_as_plans() -> None:
    headings = ("マニフェスト", "令和6年度の予定", "令和6年度の取組", "令和7年度の予定", "実施状況", "担当課")
    row = ("①企業を呼びます", "・呼びます。", "・呼びました。", "・招きます。", "A", "商工課")
    (found,) = table_in(made([[TITLE], *LEGEND, headings, row])).initiatives()
    assert (found.plans, found.notes) == ({2024: "・呼びます。", 2025: "・招きます。"}, {})
