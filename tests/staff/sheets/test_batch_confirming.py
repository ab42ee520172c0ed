"""An uploaded sheet is confirmed: what is written, what goes back to the preview, and what is handed in."""

import pytest

from tests.entry_sheets.filling import filled
from tests.entry_sheets.sheets import received, sheet_of
from tests.public.markup import parse
from tests.staff.people import fill, logged_in, submit
from tests.staff.previews import (
    COMPLETE,
    RESULT,
    Preview,
    address,
    cells,
    in_conflict,
    last_batch,
    line,
    rows_added,
    taken_in,
)
from tests.workspace import Workspace, transitions
from tracker.choices import BatchState
from tracker.cycle import rounds, workflow
from tracker.entry_sheets import exporting, limits
from tracker.models import Membership, SheetBatch, YearlyAction
from tracker.staff.sheets import batch as batch_pages

pytestmark = pytest.mark.django_db


# ---- confirming


def test_a_confirmed_sheet_becomes_drafts_with_events(space: Workspace) -> None:
    preview = Preview.of(space, taken_in(space, {1: COMPLETE, 3: {"result": "・道"}}))
    assert preview.page.one("div", "confirm").all("button")[0].text == "2 件を下書きとして取り込む"
    preview.press("confirm").follow()
    first, third = space.row(1), space.row(3)
    assert (first.state, first.result, first.rating, first.plan) == (
        "draft", "・会議を開きました。", space.ratings["B"], "・工事を始めます。",
    )  # fmt: skip
    assert (third.state, third.result, third.rating) == ("draft", "・道", None)
    assert transitions(first) == transitions(third) == [("not_started", "draft")]
    assert (
        "試験 clerk さん：2 件の取組に書き込みました（下書き）。"
        in preview.page.one("p", "notice-messages").text
    )
    assert [each.text for each in preview.page.one("ul", "batch-rows").all("li")] == [
        "1-1-1-1 ①駅を直します 入力済み", "1-1-1-3 ①駅を直します 取組3 入力中",
    ]  # fmt: skip
    assert "まだ提出していない取組があります。" in preview.page.text


def test_what_was_not_taken_in_is_told_beside_what_was(space: Workspace) -> None:
    answers = {1: COMPLETE, 3: {"result": "・道", "rating": "よくできた"}}
    preview = Preview.of(space, taken_in(space, answers))
    preview.press("confirm").follow()
    told = preview.page.one("p", "notice-messages").text
    assert "1 件の取組に書き込みました（下書き）。直すところがある 1 行は取り込んでいません。" in told
    assert space.row(3).state == "not_started"


@pytest.mark.parametrize("is_long", [True, False])
def test_how_long_writing_many_rows_takes_is_told_beforehand(
    space: Workspace, monkeypatch: pytest.MonkeyPatch, is_long: bool
) -> None:
    monkeypatch.setattr(limits, "LONG_ROWS", 1 if is_long else 2)
    monkeypatch.setattr(limits, "ROWS_PER_SECOND", 1)
    preview = Preview.of(space, taken_in(space, {1: COMPLETE, 3: {"result": "・道"}}))
    assert ("書き込みには約 2 秒かかります。" in preview.page.one("form", id="choices").text) is is_long


def test_what_moved_since_the_preview_goes_back_to_it(space: Workspace) -> None:
    preview = Preview.of(space, taken_in(space, {1: {"result": "・駅"}, 3: {"result": "・道"}}))
    fill(space.row(1), space.cast.colleague, result="・会議")
    preview.press("confirm")
    assert preview.response.status_code == 409
    assert "変更されました。まだ何も書き込んでいません。" in preview.problem
    assert cells(preview.rows[line(space, 1)])[RESULT][1] == "重なった"
    assert (space.row(1).result, space.row(3).result) == ("・会議", "")
    preview.press("confirm", {f"pick_{space.row(1).pk}_result": "mine"}).follow()
    assert (space.row(1).result, space.row(3).result) == ("・駅", "・道")


@pytest.mark.parametrize("seen", ["", "0" * 64, "x", "\x00"])
def test_a_confirmation_of_what_nobody_saw_is_refused(space: Workspace, seen: str) -> None:
    preview = Preview.of(space, taken_in(space, {1: {"result": "・駅"}})).press("confirm", seen=seen)
    assert preview.response.status_code == 409
    assert space.row(1).result == ""


def test_a_row_that_was_submitted_meanwhile_is_refused_and_the_others_wait(space: Workspace) -> None:
    preview = Preview.of(space, taken_in(space, {1: {"result": "・駅"}, 3: {"result": "・道"}}))
    submit(space.row(1), space.cast.colleague)
    preview.press("confirm")
    assert preview.response.status_code == 409
    assert "提出済みなので、この行は取り込みません。" in preview.rows[line(space, 1)].text
    assert space.row(3).result == ""
    preview.press("confirm").follow()
    assert (space.row(1).state, space.row(3).result) == ("submitted", "・道")


def test_who_left_the_department_writes_nothing(space: Workspace) -> None:
    preview = Preview.of(space, taken_in(space, {1: {"result": "・駅"}}))
    Membership.objects.filter(user=space.cast.clerk).delete()
    preview.press("confirm")
    assert preview.response.status_code == 409
    assert "ほかの課の取組か、もうない取組です" in preview.page.text
    assert space.row(1).result == ""


def test_a_round_that_closed_meanwhile_takes_nothing(space: Workspace) -> None:
    preview = Preview.of(space, taken_in(space, {1: {"result": "・駅"}}))
    rounds.close(space.round, by=space.cast.planner)
    preview.press("confirm")
    assert preview.response.status_code == 409
    assert "報告回が「締切済」なので、書き込めません。" in preview.rows[line(space, 1)].text
    assert preview.press("confirm").response.status_code == 422
    assert space.row(1).result == ""


def test_pressed_twice_it_is_written_once(space: Workspace) -> None:
    preview = Preview.of(space, taken_in(space, {1: {"result": "・駅"}}))
    sent = preview.form() | {"act": "confirm"}
    answers = [preview.client.post(preview.path, sent) for _press in range(2)]
    assert [(answer.status_code, answer.headers["Location"]) for answer in answers] == [
        (302, preview.path)
    ] * 2
    assert transitions(space.row(1)) == [("not_started", "draft")]
    assert space.row(1).version == 2


@pytest.mark.parametrize("act", ["choose", "discard", "confirm"])
def test_a_page_that_was_left_open_tells_that_it_is_done(space: Workspace, act: str) -> None:
    batch = taken_in(space, {1: {"result": "・駅"}})
    old, new = Preview.of(space, batch), Preview.of(space, batch)
    new.press("confirm")
    old.press(act, seen="0" * 64)
    assert old.response.status_code == 409
    assert "取込済" in old.problem
    assert old.page.one("h2", id="rows").text == "取り込んだ取組1 件"


@pytest.mark.parametrize("name", ["colleague", "other", "both", "stranger", "administrator"])
def test_another_persons_sheet_is_not_there(space: Workspace, name: str) -> None:
    batch = taken_in(space, {1: {"result": "・駅"}})
    sent, client = Preview.of(space, batch).form(), logged_in(getattr(space.cast, name))
    assert client.get(address(batch)).status_code == 404
    assert client.get(address(batch, "errors.xlsx")).status_code == 404
    for act in ("choose", "confirm", "discard", "undo"):
        assert client.post(address(batch), {**sent, "act": act}).status_code == 404
    assert SheetBatch.objects.get() == batch
    assert space.row(1).result == ""


def test_the_planning_office_looks_on_and_does_not_confirm(space: Workspace) -> None:
    batch = in_conflict(space)
    sent = Preview.of(space, batch).form()
    preview = Preview.of(space, batch, name="planner")
    assert "試験 clerk さんが確認している途中のシートです。" in preview.page.text
    assert [each.attributes["name"] for each in preview.page.one("form", id="choices").all("button")] == [
        "act", "show", "show", "show", "show",
    ]  # fmt: skip
    for act in ("confirm", "discard"):
        response = preview.client.post(address(batch), {**sent, "act": act})
        assert response.status_code == 403
        assert "取り込めるのは、読み込ませた 試験 clerk さんだけです。" in response.content.decode()
        assert parse(response.content.decode()).all("textarea") == []
    turned = preview.client.post(address(batch), {"show": "all", "shown": str(space.row(1).pk)})
    assert (turned.status_code, turned.headers["Location"]) == (302, f"{address(batch)}?show=all")
    batch.refresh_from_db()
    assert (batch.state, batch.left_out, batch.picks) == (BatchState.READY, [], {})


# ---- handing in


def test_complete_rows_are_submitted_and_the_others_stay_drafts(space: Workspace) -> None:
    preview = Preview.of(space, taken_in(space, {1: COMPLETE, 3: {"result": "・道"}}, submits=True))
    assert preview.tally["取り込む取組"] == "2 件うち提出 1 件"
    assert (
        "提出に必要な項目が足りない取組が 1 件あります。下書きとして保存し、提出はしません。"
        in preview.page.text
    )
    lacking = preview.rows[line(space, 3)].one("div", "notice-warning")
    assert (
        lacking.one("li").text == "実施状況を選んでください。評価しない取組は「評価を付けない」を選びます。"
    )
    assert "書き込んで、提出します。" in preview.rows[line(space, 1)].text
    assert preview.page.one("div", "confirm").all("button")[0].text == "2 件を取り込む（うち 1 件を提出する）"
    preview.press("confirm").follow()
    assert [space.row(number).state for number in (1, 2, 3, 4)] == [
        "submitted",
        "not_started",
        "draft",
        "not_started",
    ]
    assert transitions(space.row(1)) == [("not_started", "draft"), ("draft", "submitted")]
    assert space.row(1).submitted_by == space.cast.clerk
    assert "2 件の取組に書き込み、うち 1 件を提出しました。" in preview.page.text


def test_a_changed_rating_without_its_reason_stays_a_draft(space: Workspace) -> None:
    preview = Preview.of(space, taken_in(space, {1: {**COMPLETE, "rating": "A"}}, submits=True))
    assert (
        "評価が前回の公表と違います。評価を変えた理由を書いてください。" in preview.rows[line(space, 1)].text
    )
    preview.press("confirm")
    assert (space.row(1).state, space.row(1).rating) == ("draft", space.ratings["A"])


def test_a_complete_draft_is_handed_in_and_can_be_left_out(space: Workspace) -> None:
    fill(space.row(1), space.cast.clerk)
    batch, first = taken_in(space, {3: {"result": "・道"}}, submits=True), space.row(1).pk
    preview = Preview.of(space, batch)
    assert list(preview.rows) == [line(space, 1), line(space, 3)]
    assert (
        "このシートで変わるところはありません。いまの下書きのまま、提出します。"
        in preview.rows[line(space, 1)].text
    )
    preview.press("choose", without=(f"take_{first}",)).follow()
    assert list(preview.rows) == [line(space, 1), line(space, 3)]
    assert preview.tally["取り込む取組"] == "1 件うち提出 0 件"
    preview.press("confirm").follow()
    assert [space.row(number).state for number in (1, 3)] == ["draft", "draft"]


def test_a_draft_that_waits_is_no_news_where_nothing_is_handed_in(space: Workspace) -> None:
    fill(space.row(1), space.cast.clerk)
    assert list(Preview.of(space, taken_in(space, {3: {"result": "・道"}})).rows) == [line(space, 3)]


def test_somebody_elses_later_draft_is_shown_before_it_is_handed_in(space: Workspace) -> None:
    sheet = sheet_of(space, space.cast.clerk)
    fill(space.row(1), space.cast.colleague, result="・会議")
    row = Preview.of(space, taken_in(space, {}, sheet=sheet, submits=True)).rows[line(space, 1)]
    assert "・会議" in row.one("details").text
    assert "open" in row.one("details").attributes
    assert "いまの下書きのまま、提出します。" in row.text
    assert len(row.all("input", type="checkbox")) == 1


def test_the_mode_chosen_on_the_page_is_shown_before_anything_is_written(space: Workspace) -> None:
    preview = Preview.of(space, taken_in(space, {1: COMPLETE})).press("confirm", submits="yes")
    assert preview.response.status_code == 409
    assert preview.problem.startswith("「取り込んだあと」を選び直したので、まだ何も書き込んでいません。")
    assert preview.tally["取り込む取組"] == "1 件うち提出 1 件"
    assert space.row(1).state == "not_started"
    preview.press("confirm").follow()
    assert space.row(1).state == "submitted"


def test_the_mode_can_be_switched_first(space: Workspace) -> None:
    preview = (
        Preview.of(space, taken_in(space, {1: COMPLETE}, submits=True)).press("choose", submits="no").follow()
    )
    assert preview.tally["取り込む取組"] == "1 件"
    preview.press("confirm").follow()
    assert space.row(1).state == "draft"


@pytest.mark.parametrize("name", ["clerk", "planner"])
def test_a_sheet_never_approves(space: Workspace, name: str) -> None:
    """Not by the planning office's own sheet, not over an approved row, and not by a word in the form."""
    approved = submit(space.row(1), space.cast.colleague)
    workflow.approve(approved.pk, by=space.cast.second_planner, version=approved.version)
    user = getattr(space.cast, name)
    answers = {1: {"result": "・あとから"}, 3: COMPLETE}
    batch = taken_in(space, answers, by=user, submits=True)
    preview = Preview.of(space, batch, name=name)
    for word in ("approve", "approve_all", "publish"):
        preview.client.post(address(batch), {**preview.form(), "act": word, "state": "approved"})
    preview.press("confirm", state="approved", approve="yes").follow()
    first, third = space.row(1), space.row(3)
    assert (first.state, first.result) == ("approved", "・会議を開き、計画をまとめました。")
    assert (third.state, third.submitted_by, third.approved_by) == ("submitted", user, None)
    assert YearlyAction.objects.filter(round=space.round, state="approved").count() == 1
    if name == "planner":
        with pytest.raises(workflow.Forbidden):
            workflow.approve(third.pk, by=user, version=third.version)


# ---- many rows


def test_choices_survive_turning_the_page(space: Workspace) -> None:
    """Of 30 rows 20 are on the first page; the workspace's third row is left out there."""
    many = rows_added(space, 26)
    content = exporting.export(space.round, by=space.cast.planner)[1]
    rows = space.rows()
    answers = {row.pk: {"result": f"・{row.place}"} for row in rows}
    batch = received(space, filled(content, answers), space.cast.planner)
    preview = Preview.of(space, batch, name="planner")
    assert (len(many), len(preview.rows)) == (26, 20)
    turned = preview.form() | {"page": "2"}
    del turned[f"take_{rows[2].pk}"]
    preview.response = preview.client.post(preview.path, turned)
    preview.follow()
    assert (preview.path, len(preview.rows)) == (f"{address(batch)}?page=2", 10)
    preview.press("choose", without=(f"take_{rows[-1].pk}",)).follow()
    assert preview.path == f"{address(batch)}?page=2"
    preview.press("confirm").follow()
    written = {row.place for row in space.rows() if row.result}
    assert {row.place for row in rows} - written == {left_out.place for left_out in not_taken(space)}
    assert len(written) == 28


def test_a_choice_is_asked_for_again_once_its_row_has_moved_even_on_another_page(
    space: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Confirming from the second page would else overwrite a colleague's newer words, which nobody saw."""
    monkeypatch.setattr(batch_pages, "ROWS_PER_PREVIEW", 1)
    batch, pk = in_conflict(space), space.row(1).pk
    first = Preview.of(space, batch)
    first.response = first.client.post(first.path, {**first.form(), f"pick_{pk}_result": "mine", "page": "2"})
    second = first.follow()
    assert list(second.rows) == [line(space, 3)]
    fill(space.row(1), space.cast.colleague, result="・もっと新しい文", rating_id=space.ratings["B"].pk)
    second.press("confirm")
    assert second.response.status_code == 409
    second.press("confirm")
    assert (second.response.status_code, space.row(1).result) == (422, "・もっと新しい文")
    again = Preview.of(space, batch)
    assert f"pick_{pk}_result" not in again.form()
    again.press("confirm", {f"pick_{pk}_result": "both"}).follow()
    assert space.row(1).result == "・もっと新しい文\n・駅"


def test_a_choice_on_a_page_that_is_out_of_date_is_not_believed(space: Workspace) -> None:
    batch, pk = in_conflict(space), space.row(1).pk
    preview = Preview.of(space, batch)
    fill(space.row(1), space.cast.colleague, result="・もっと新しい文", rating_id=space.ratings["B"].pk)
    preview.press("confirm", {f"pick_{pk}_result": "mine"})
    assert preview.response.status_code == 409
    assert f"pick_{pk}_result" not in preview.form()
    assert preview.press("confirm").response.status_code == 422
    assert space.row(1).result == "・もっと新しい文"


def test_of_very_many_pages_the_nearest_are_named(space: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_pages, "ROWS_PER_PREVIEW", 1)
    rows_added(space, 26)
    content = exporting.export(space.round, by=space.cast.planner)[1]
    batch = received(space, content, space.cast.planner)
    preview = Preview.of(space, batch, "?show=all&page=15", name="planner")
    shown = [each.text for each in preview.page.one("nav", "pagination").all("li")]
    assert shown == ["1", "2", "…", "12", "13", "14", "15", "16", "17", "18", "…", "29", "30"]
    assert len(preview.rows) == 1


def not_taken(space: Workspace) -> list[YearlyAction]:
    left_out = last_batch().left_out
    return [row for row in space.rows() if row.pk in left_out]
