"""A row's own history: all that was done with it by anybody, in the order of time, for who sees the row."""

from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.public.markup import parse
from tests.staff.master.browsing import page, save
from tests.staff.people import fill, logged_in, submit
from tests.workspace import Workspace
from tracker.cycle import rounds, workflow, workflow_in_bulk
from tracker.cycle.workflow import Content
from tracker.cycle.workflow_in_bulk import Answer
from tracker.models import Initiative, Pledge, YearlyAction
from tracker.reports import publishing
from tracker.staff.history.of_row import SHOWN_AT_ONCE, history_of


def told(space: Workspace, number: int = 1) -> list[str]:
    """What the row's page says, a sentence each."""
    return [moment.told.what for moment in history_of(space.row(number)).moments]


def shown(space: Workspace, number: int = 1) -> str:
    response = logged_in(space.cast.clerk).get(f"/staff/actions/{space.row(number).pk}/")
    return parse(response.content.decode()).one("section", "history").text


def returned(space: Workspace) -> YearlyAction:
    row = submit(space.row(1), space.cast.clerk)
    return workflow.send_back(
        row.pk, by=space.cast.planner, version=row.version, reason="数がありません。", field="result"
    )


def test_a_clerk_sees_what_others_did_with_the_row(space: Workspace) -> None:
    cast, row = space.cast, returned(space)
    row = submit(row, cast.colleague, result="・3 回、会議を開き、計画をまとめました。")
    workflow.approve(row.pk, by=cast.second_planner, version=row.version)
    assert told(space) == [
        f"報告回を開きました（締切 {due(space)}、取組 4件）。",
        "書き始めました。",
        "提出しました。",
        "差し戻しました。",
        "試験 clerk さんの書いた内容を書き換えました。",
        "直して、もう一度提出しました。",
        "承認しました。",
    ]
    text = shown(space)
    assert "差戻しの理由（主な取組について）：数がありません。" in text
    assert cast.planner.signature in text
    assert "一つ前から変わったところ：主な取組" in text
    assert "［追加］3 回、［追加ここまで］" in text


def due(space: Workspace) -> str:
    from tracker.templatetags.tracker_public import japanese_date

    assert space.round.due_on
    return japanese_date(space.round.due_on)


def test_what_was_done_with_its_initiative_pledge_and_round(space: Workspace) -> None:
    planner = logged_in(space.cast.planner)
    row = space.row(1)
    lines = {"assignments-0-to_fiscal_year": 2024, "assignments-1-department": space.theirs.pk}
    lines |= {"assignments-1-position": "2", "assignments-1-from_fiscal_year": "2025"}
    address = page(Initiative, "change", row.initiative_id)
    save(planner, address, **lines)
    save(planner, page(Pledge, "change", row.initiative.pledge_id), text="駅を建て直します")
    rounds.extend(space.round, due_on=timezone.localdate() + timedelta(days=60), by=space.cast.planner)
    row = submit(space.row(1), space.cast.clerk)
    workflow.approve(row.pk, by=space.cast.planner, version=row.version)
    publishing.publish(space.round, by="企画", unapproved_reason="間に合わず")
    rounds.start_correction(space.round, by=space.cast.planner, reason="誤り")
    row = space.row(1)
    workflow.reopen(row.pk, by=space.cast.second_planner, version=row.version, reason="数の誤り")
    text = shown(space)
    for words in (
        "担当課：土木課 → 農政課（令和7年度から）",
        "公約：駅を直します → 駅を建て直します",
        "締切日を",
        "公表しました（取組 4 件）。",
        "訂正を始めました。",
        "承認を取り消して、差し戻しました。",
        "差戻しの理由：数の誤り",
    ):
        assert words in text, words
    assert told(space, 2).count("差し戻しました。") == 0


def test_a_sheet_and_its_undo_are_told_even_within_a_state(space: Workspace) -> None:
    row = fill(space.row(1), space.cast.clerk)
    content = Content.of(row)
    answer = Answer(row.pk, row.version, Content("・シートの文。", content.plan, content.rating_id))
    reason = "入力シート「甲.xlsx」の取込"
    taken = workflow_in_bulk.write_all([answer], by=space.cast.colleague, reason=reason)
    workflow_in_bulk.take_back(taken, by=space.cast.planner, reason=f"{reason}の取消し")
    assert told(space)[2:] == ["内容を書き換えました。", "内容を書き換えました。"]
    assert f"理由：{reason}の取消し" in shown(space)


def test_an_imported_row_tells_its_import(space: Workspace) -> None:
    last = YearlyAction.objects.get(initiative=space.row(1).initiative, round=space.last_round)
    assert [moment.told.what for moment in history_of(last).moments] == ["公表しました（取組 4 件）。"]


def test_earlier_moments_unfold_and_a_long_reason_too(space: Workspace) -> None:
    row, cast = space.row(1), space.cast
    for number in range(SHOWN_AT_ONCE):
        row = submit(row, cast.clerk, result=f"・{number} 回目")
        row = workflow.send_back(row.pk, by=cast.planner, version=row.version, reason="長い理由。" * 100)
    history = history_of(row)
    assert len(history.newest) == SHOWN_AT_ONCE
    assert len(history.earlier) == len(history.moments) - SHOWN_AT_ONCE > 0
    text = shown(space)
    assert f"これより前の {len(history.earlier)} 件を見る" in text
    assert "長い理由。" * 100 in text
    assert "（500 文字をすべて読む）" in text


def test_as_many_statements_whatever_the_length(space: Workspace) -> None:
    def statements() -> int:
        action = space.row(1)
        with CaptureQueriesContext(connection) as queries:
            history_of(action)
        return len(queries)

    returned(space)
    few = statements()
    for _ in range(5):
        row = submit(space.row(1), space.cast.colleague)
        workflow.send_back(row.pk, by=space.cast.planner, version=row.version, reason="もう一度")
    assert statements() == few
    assert few <= 5
