"""Publishing: the approved workspace copied into reports that never change."""

from datetime import date
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from tests.management.importing import import_text, later, next_year, published, snapshot
from tests.published_tables.file.writing import NEXT_ROW, PLEDGE_ROW, replaced, small_text
from tracker import triggers
from tracker.choices import ActionState, EventKind, RoundState
from tracker.models import (
    Department,
    Event,
    Initiative,
    Manifesto,
    Report,
    ReportEntry,
    ReportingRound,
    User,
    YearlyAction,
)
from tracker.reports import digests, drafting, publishing
from tracker.reports.publishing import PublishingProblem

pytestmark = pytest.mark.django_db

CORRECTED = small_text(PLEDGE_ROW, replaced(NEXT_ROW, {7: "C"}))


def current_round() -> ReportingRound:
    return ReportingRound.objects.latest("fiscal_year")


def test_a_report_is_a_whole_copy(tmp_path: Path) -> None:
    report = published(tmp_path, by="企画 花子")
    assert (report.slug, report.title, report.as_of.isoformat()) == (
        "2021",
        "市長マニフェストの達成状況（令和6年3月末時点）",
        "2024-03-31",
    )
    assert (report.fiscal_year, report.edition, report.correction_reason, report.published_by) == (
        2023,
        1,
        "",
        "企画 花子",
    )
    assert [(rating["code"], rating["percent"], rating["level"]) for rating in report.ratings] == [
        ("A", 100, 1),
        ("B", 75, 3),
        ("C", 50, 5),
    ]
    assert (report.result_years, report.plan_years, report.rating_codes) == (
        [2021, 2022, 2023],
        [2024],
        ["A", "B", "C"],
    )
    assert [year["cumulative"] for year in report.years] == [True, False, False, False]
    assert (report.entry_count, digests.verify(report)) == (2, True)


def test_an_entry_tells_all_of_its_initiative(tmp_path: Path) -> None:
    entry = published(tmp_path).entries.get(position=1)
    assert (entry.key, entry.category_name, entry.section_name, entry.pledge_key) == (
        "1-1-1-1",
        "まち",
        "道路",
        "1-1-1",
    )
    assert (entry.pledge_number, entry.pledge_text, entry.initiative_position) == ("①", "駅を直します", 1)
    assert entry.plan_projects == [{"code": "2-2-3①③", "base_code": "2-2-3", "name": "駅前 整備事業"}]
    assert entry.results == {"2021": "・調べました。", "2022": "・図りました。", "2023": "・建てました。"}
    assert (entry.plans, entry.sdgs, entry.rating_code) == ({"2024": "・開きます。"}, [11], "A")
    assert entry.departments == [
        {"code": "001", "name": "土木課", "from_year": None, "to_year": None, "when": "current"}
    ]
    assert entry.rating_history == [{"fiscal_year": 2023, "code": "A", "reason": ""}]
    assert entry.index.excerpt == "建てました。"
    assert {"d:001", "s:11", "p:2-2-3"} <= set(entry.index.facets.split())
    assert "駅を直します" in entry.index.search_text.split("\n")
    assert list(ReportEntry.objects.with_facet("d:001")) == [entry]
    assert entry.text_lines("results", 2023) == ["・建てました。"]


def test_publishing_the_same_again_makes_no_edition(tmp_path: Path) -> None:
    first = published(tmp_path)
    before = snapshot()
    assert publishing.publish(current_round(), by="x") == (first, False)
    assert snapshot() == before


def test_a_correction_needs_a_reason(tmp_path: Path) -> None:
    published(tmp_path)
    import_text(tmp_path, CORRECTED)
    before = snapshot()
    for reason in ("  ", "\u200b", "・"):
        with pytest.raises(PublishingProblem, match="訂正の理由が必要です"):
            publishing.publish(current_round(), by="x", reason=reason)
    assert snapshot() == before


def test_a_correction_is_the_next_edition_and_the_first_stays(tmp_path: Path) -> None:
    first = published(tmp_path)
    before = Report.objects.values().get(), list(ReportEntry.objects.values())
    import_text(tmp_path, CORRECTED)
    second, is_new = publishing.publish(current_round(), by="x", reason=" 評価の誤り ")
    assert (is_new, second.edition, second.correction_reason) == (True, 2, "評価の誤り")
    assert (Report.objects.values().get(pk=first.pk), list(first.entries.order_by("pk").values())) == before
    told = [list(report.entries.values_list("content_digest", flat=True)) for report in (first, second)]
    assert [a == b for a, b in zip(*told, strict=True)] == [True, False]
    assert [digests.verify(report) for report in (first, second)] == [True, True]
    assert list(Report.objects.current_editions()) == [second]


def test_a_reason_for_a_first_edition_is_not_kept(tmp_path: Path) -> None:
    assert published(tmp_path, reason="不要").correction_reason == ""


def test_lines_that_say_nothing_are_not_published(tmp_path: Path) -> None:
    import_text(tmp_path, small_text())
    said = {"result": "・甲\n・\n\u200b\n・\u200b乙", "plan": "・\n\u200b", "rating_reason": "・"}
    with triggers.removed(connection):
        YearlyAction.objects.filter(round=current_round()).update(**said)
    report, _ = publishing.publish(current_round(), by="x")
    entry = report.entries.order_by("position")[0]
    year = str(report.fiscal_year)
    assert entry.results[year] == "・甲\n・\u200b乙"
    assert (str(report.fiscal_year + 1) in entry.plans, entry.rating_reason) == (False, "")
    assert {rated["reason"] for rated in entry.rating_history} == {""}


def test_publishing_writes_one_event(tmp_path: Path) -> None:
    report = published(tmp_path, by="企画 花子")
    event = Event.objects.get(kind=EventKind.PUBLISHED)
    assert (event.actor, event.subject) == ("企画 花子", "report:2021/2024-03-31/1")
    assert event.content == {
        "digest": report.digest,
        "entries": 2,
        "unapproved_reason": "",
        "carried": [],
        "left_out": [],
    }


@pytest.mark.parametrize("state", [state for state in ActionState if state != ActionState.APPROVED])
def test_an_action_that_is_not_approved_needs_a_reason_for_the_publication(
    tmp_path: Path, state: ActionState
) -> None:
    import_text(tmp_path, small_text())
    someone = User.objects.create(username="x")
    with triggers.removed(connection):
        YearlyAction.objects.filter(pk=YearlyAction.objects.filter(round=current_round())[0].pk).update(
            state=state, return_reason="直してください", submitted_by=someone, submitted_at=timezone.now()
        )
    for reason in ("", " \n", "・", "\ufeff"):
        with pytest.raises(PublishingProblem, match="承認されていない取組が 1 件あります。"):
            publishing.publish(current_round(), by="x", unapproved_reason=reason)
    assert Report.objects.count() == 0
    report, _ = publishing.publish(current_round(), by="x", unapproved_reason=" 確認中 ")
    assert (report.entry_count, report.unapproved_reason) == (1, "確認中")


def test_a_round_without_initiatives_is_not_published(tmp_path: Path) -> None:
    import_text(tmp_path, small_text())
    YearlyAction.objects.all().delete()
    Initiative.objects.all().delete()
    with pytest.raises(PublishingProblem, match="公表する取組がありません"):
        publishing.publish(current_round(), by="x")


def test_an_initiative_without_an_action_of_the_year_is_left_out_of_a_first_report(tmp_path: Path) -> None:
    import_text(tmp_path, small_text())
    YearlyAction.objects.filter(round=current_round(), initiative__position=2).delete()
    assert [initiative.place for initiative in drafting.draft(current_round()).left_out] == ["1-1-1-2"]
    report, _ = publishing.publish(current_round(), by="x", unapproved_reason="確認中")
    assert list(report.entries.values_list("key", flat=True)) == ["1-1-1-1"]
    assert Event.objects.get(kind=EventKind.PUBLISHED).content["left_out"] == ["1-1-1-2"]


def test_publishing_marks_the_round(tmp_path: Path) -> None:
    import_text(tmp_path, small_text())
    ReportingRound.objects.filter(pk=current_round().pk).update(state=RoundState.CLOSED)
    publishing.publish(current_round(), by="x")
    assert current_round().state == RoundState.PUBLISHED


def test_a_later_report_stands_beside_the_first(tmp_path: Path) -> None:
    first = published(tmp_path)
    before = Report.objects.values().get(), list(ReportEntry.objects.order_by("pk").values())
    second = published(tmp_path, next_year(later(PLEDGE_ROW, "B")), end_missing=True)
    assert (second.as_of.isoformat(), second.edition, second.entry_count) == ("2025-03-31", 1, 2)
    assert (second.result_years, second.plan_years) == ([2021, 2022, 2023, 2024], [2024, 2025])
    entry, ended = second.entries.order_by("position")
    stood = first.entries.get(position=2)
    assert (entry.ended_after, ended.ended_after, ended.carried_from) == (None, 2023, None)
    told = ("key", "results", "plans", "rating_code", "rating_reason", "rating_history", "departments")
    assert [getattr(ended, name) for name in told] == [getattr(stood, name) for name in told]
    assert entry.plans == {"2024": "・開きます。", "2025": "・続けます。"}
    assert [(rating["fiscal_year"], rating["code"]) for rating in entry.rating_history] == [
        (2023, "A"),
        (2024, "B"),
    ]
    assert (Report.objects.values().get(pk=first.pk), list(first.entries.order_by("pk").values())) == before
    assert list(Report.objects.current_editions()) == [second, first]


def test_a_plan_project_without_a_code_is_in_no_list_of_codes(tmp_path: Path) -> None:
    report = published(tmp_path, small_text(replaced(PLEDGE_ROW, {1: "番号のない事業"})))
    assert (report.outline["plans"], report.entries.get().plan_projects[0]["name"]) == ([], "番号のない事業")


def test_renaming_a_department_changes_no_report(tmp_path: Path) -> None:
    report = published(tmp_path)
    Department.objects.filter(code="001").update(name="建設課")
    assert report.entries.get(position=1).departments[0]["name"] == "土木課"
    assert digests.verify(report) is True


@pytest.mark.parametrize(("title", "wanted"), [
    ("市長マニフェストの達成状況（令和6年3月末時点）", "市長マニフェストの達成状況（令和7年3月末時点）"),
    ("市長マニフェスト（令和6年3月31日時点）", "市長マニフェスト（令和7年3月末時点）"),
    ("市長マニフェスト（第2期）", "市長マニフェスト（第2期）"),
    ("市長マニフェスト", "市長マニフェスト"),
])  # fmt: skip
def test_a_reports_title_carries_its_own_date(title: str, wanted: str) -> None:
    assert Manifesto(title=title).title_as_of(date(2025, 3, 31)) == wanted
