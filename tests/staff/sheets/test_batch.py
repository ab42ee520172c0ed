"""An uploaded sheet's page: what it would change by cell, and the choices."""

import time
from itertools import cycle

import pytest

from tests.conftest import a_third_at_once
from tests.entry_sheets.sheets import received, sheet_of
from tests.staff.people import fill, logged_in, submit
from tests.staff.previews import (
    PLAN,
    RATING,
    RESULT,
    Preview,
    address,
    cell,
    cells,
    in_conflict,
    last_batch,
    line,
    taken_in,
    with_strange_rows,
)
from tests.workspace import Workspace, transitions
from tracker.choices import BatchState

pytestmark = pytest.mark.django_db


# ---- what the preview says


def test_changed_cells_are_shown_by_their_address_with_the_words(space: Workspace) -> None:
    batch = taken_in(space, {1: {"result": "・駅を直しました。\n・<b>&amp;</b>", "rating": "A 達成"}})
    preview = Preview.of(space, batch)
    assert preview.response.status_code == 200
    row = preview.rows[line(space, 1)]
    assert list(preview.rows) == [line(space, 1)]
    assert cells(row) == {
        RESULT: (cell(space, 1, "result"), "変わる"),
        RATING: (cell(space, 1, "rating"), "変わる"),
    }
    written = [each.one("ins").raw_text for each in row.all("div", "difference")]
    assert written == [
        f"［追加］{text}［追加ここまで］" for text in ("・駅を直しました。\n・<b>&amp;</b>", "A 達成")
    ]
    assert "前回の公表では：B おおむね達成" in row.text
    assert preview.tally == {
        "取り込む取組": "1 件", "変わる欄": "2 か所", "重なった欄": "0 か所", "取り込めない行": "0 行",
        "ほかで変わった欄": "0 か所そのまま残します", "変わらない行": "1 行",
    }  # fmt: skip
    assert preview.filters == {"changes": "確認する行1", "all": "すべての行2"}


def test_a_conflict_is_shown_with_all_three_sides_and_who_wrote_the_other(space: Workspace) -> None:
    sheet = sheet_of(space, space.cast.clerk)
    fill(space.row(1), space.cast.colleague, result="・会議", rating_id=None, plan="・同僚の予定")
    preview = Preview.of(space, taken_in(space, {1: {"result": "・駅", "rating": "A"}}, sheet=sheet))
    row = preview.rows[line(space, 1)]
    assert cells(row) == {
        RESULT: (cell(space, 1, "result"), "重なった"),
        RATING: (cell(space, 1, "rating"), "変わる"),
    }
    sides = row.one("div", "sides")
    assert dict(zip(sides.texts("h4"), sides.texts("p", "words"), strict=True)) == {
        "シートを作ったときの内容": "（空）",
        "いまの内容（試験 colleague さんが保存）": "・会議",
        "シートの内容": "・駅",
    }
    asked = row.one("fieldset")
    assert (
        asked.one("legend").text
        == f"{RESULT}（{cell(space, 1, 'result').removeprefix('セル ')}）は、どれを残しますか"
    )
    assert [(each.attributes["value"], "checked" in each.attributes) for each in asked.all("input")] == [
        ("theirs", False), ("mine", False), ("both", False),
    ]  # fmt: skip
    assert preview.tally["重なった欄"] == "1 か所1 行で選んでください"
    assert preview.filters["todo"] == "選ぶ・直す行1"


def test_ones_own_later_words_are_not_called_another_persons(space: Workspace) -> None:
    sheet = sheet_of(space, space.cast.clerk)
    fill(space.row(1), space.cast.clerk, result="・画面で書きました。")
    preview = Preview.of(space, taken_in(space, {1: {"result": "・駅"}}, sheet=sheet))
    assert preview.page.one("div", "sides").texts("h4")[1] == "いまの内容（あなたが保存）"
    assert "ほかの人" not in preview.rows[line(space, 1)].text


def test_what_changed_elsewhere_is_told_and_stays(space: Workspace) -> None:
    sheet = sheet_of(space, space.cast.clerk)
    fill(space.row(1), space.cast.colleague, result="・会議", plan="・同僚の予定")
    batch = taken_in(space, {3: {"result": "・道"}}, sheet=sheet)
    preview = Preview.of(space, batch)
    assert list(preview.rows) == [line(space, 3)]
    assert preview.filters["others"] == "ほかで変わった行1"
    row = Preview.of(space, batch, "?show=others").rows[line(space, 1)]
    told = row.one("details")
    assert [each.text for each in told.all("dt")] == [
        f"{RESULT}{cell(space, 1, 'result')}",
        f"{RATING}{cell(space, 1, 'rating')}",
        f"{PLAN}{cell(space, 1, 'plan')}",
    ]
    assert told.texts("dd") == ["・会議", "B おおむね達成", "・同僚の予定"]
    assert "試験 colleague さん" in told.text
    preview.press("confirm").follow()
    assert (space.row(1).result, space.row(3).result) == ("・会議", "・道")


def test_errors_are_shown_by_cell_with_what_to_do(space: Workspace) -> None:
    submit(space.row(3), space.cast.colleague)
    answers = {1: {"result": "・駅", "rating": "よくできた"}, 3: {"result": "・提出したあと"}}
    preview = Preview.of(space, taken_in(space, answers))
    first, third = preview.rows[line(space, 1)], preview.rows[line(space, 3)]
    assert cells(first) == {
        RATING: (cell(space, 1, "rating"), "取り込めない"), RESULT: (cell(space, 1, "result"), "変わる"),
    }  # fmt: skip
    assert first.texts("p", "error") == [
        "直すところがあるので、この行は取り込みません。",
        "実施状況は「A 達成」「B おおむね達成」「C 一部達成」「評価を付けない」のどれかを選んでください。",
    ]
    assert (
        third.texts("p", "error")[1]
        == "提出済みなので、この行は取り込みません。直すときは、画面で提出を取り下げます。"
    )
    assert preview.tally["取り込めない行"] == "2 行"
    assert preview.page.all("button", value="confirm") == []
    assert address(last_batch(), "errors.xlsx") in preview.page.links


def test_a_reference_cell_written_into_is_told_and_not_taken(space: Workspace) -> None:
    preview = Preview.of(space, taken_in(space, {1: {"last_result": "・去年の文", "result": "・駅"}}))
    row = preview.rows[line(space, 1)]
    assert cells(row)["令和5年度の主な取組"] == (cell(space, 1, "last_result"), "参考の欄")
    assert "灰色の参考の欄が 1 か所、書き換えられています。" in preview.page.text
    preview.press("confirm").follow()
    assert space.row(1).result == "・駅"


def test_foreign_and_doubled_rows_are_errors_and_show_what_was_typed(space: Workspace) -> None:
    batch = received(space, with_strange_rows(space), space.cast.clerk)
    preview = Preview.of(space, batch)
    shown = list(preview.rows.values())
    assert [row.one("h2").text for row in shown] == ["取組が見つからない行"] + [
        "①駅を直します 取組3 未入力"
    ] * 2
    assert [row.texts("p", "error")[0] for row in shown] == [
        (
            "この行の取組は、この報告回で入力をお願いしている取組の中にありません（ほかの課の取組か、"
            "もうない取組です）。この行は取り込めません。"
        ),
        f"同じ取組の行が、ほかにもあります（{next_line(space, 3, 1)}）。どちらか 1 行だけにしてください。",
        f"同じ取組の行が、ほかにもあります（{next_line(space, 3, 0)}）。どちらか 1 行だけにしてください。",
    ]
    assert "・よその課" in shown[0].text
    assert "見出し「メモ」" in preview.page.one("div", role="status").text
    assert preview.tally["取り込めない行"] == "3 行"
    assert space.row(2).result == ""


def next_line(space: Workspace, number: int, further: int) -> str:
    name, row = line(space, number).removesuffix(" 行目").rsplit("」", 1)
    return f"{name}」{int(row) + further} 行目"


def test_an_untouched_sheet_has_nothing_to_take(space: Workspace) -> None:
    preview = Preview.of(space, taken_in(space, {}))
    assert (
        preview.page.one("p", "empty").text
        == "このシートと、いまの内容は同じです。取り込む変更はありません。"
    )
    assert [each.text for each in preview.page.one("div", "confirm").all("button")] == [
        "やめる（何も書き込みません）"
    ]
    assert preview.press("confirm").response.status_code == 422
    assert preview.problem == "取り込む変更がありません。"
    assert transitions(space.row(1)) == []


@pytest.mark.parametrize("wanted", ["", "nonsense", "\x00", "todo", "others", "all", "changes"])
def test_a_filter_shows_its_rows_and_an_unknown_one_the_usual(space: Workspace, wanted: str) -> None:
    batch = taken_in(space, {1: {"result": "・駅", "rating": "Z"}})
    rows = Preview.of(space, batch, f"?show={wanted.replace(chr(0), '%00')}").rows
    expected = {"all": [1, 3], "others": []}.get(wanted, [1])
    assert list(rows) == [line(space, number) for number in expected]


# ---- choosing


def test_an_undecided_conflict_is_not_confirmed(space: Workspace) -> None:
    preview = Preview.of(space, in_conflict(space)).press("confirm")
    assert preview.response.status_code == 422
    assert (
        preview.problem
        == "どちらを残すか決まっていない行が 1 行あります。すべて選んでから、取り込んでください。"
    )
    assert preview.page.one("title").text.startswith("まだ取り込んでいません：")
    assert (space.row(1).result, space.row(3).result) == ("・会議", "")


@pytest.mark.parametrize(("side", "text"), [("mine", "・駅"), ("theirs", "・会議"), ("both", "・会議\n・駅")])
def test_the_chosen_side_is_written_and_nothing_is_lost(space: Workspace, side: str, text: str) -> None:
    pk = space.row(1).pk
    preview = Preview.of(space, in_conflict(space)).press("confirm", {f"pick_{pk}_result": side}).follow()
    assert (space.row(1).result, space.row(1).rating, space.row(3).result) == (
        text,
        space.ratings["B"],
        "・道",
    )
    assert last_batch().state == BatchState.APPLIED
    assert ("2 件" if side != "theirs" else "1 件") in preview.page.one("p", "notice-messages").text


@pytest.mark.parametrize("side", ["both", "nonsense", "", "\x00"])
def test_what_is_no_choice_leaves_the_conflict_open(space: Workspace, side: str) -> None:
    pk = space.row(1).pk
    preview = Preview.of(space, in_conflict(space, rating="A"))
    preview.press("confirm", {f"pick_{pk}_result": "mine", f"pick_{pk}_rating": side})
    assert preview.response.status_code == 422
    assert (space.row(1).result, space.row(1).rating) == ("・会議", space.ratings["B"])


def test_choices_are_kept_and_shown_again(space: Workspace) -> None:
    batch, pk = in_conflict(space), space.row(1).pk
    preview = Preview.of(space, batch).press("choose", {f"pick_{pk}_result": "both"}).follow()
    assert preview.form()[f"pick_{pk}_result"] == "both"
    assert preview.tally["重なった欄"] == "1 か所すべて選びました"
    assert Preview.of(space, batch, name="planner").page.all("input", type="radio") == []


def test_a_row_can_be_left_out_and_taken_again(space: Workspace) -> None:
    batch, third = taken_in(space, {1: {"result": "・駅"}, 3: {"result": "・道"}}), space.row(3).pk
    preview = Preview.of(space, batch).press("choose", without=(f"take_{third}",)).follow()
    assert preview.tally["取り込む取組"] == "1 件"
    assert "取り込まないことにした行が 1 行あります。" in preview.page.text
    assert f"take_{third}" not in preview.form()
    preview.press("choose", {f"take_{third}": "on"}).follow()
    assert preview.tally["取り込む取組"] == "2 件"
    preview.press("confirm", without=(f"take_{third}",)).follow()
    assert (space.row(1).result, space.row(3).result) == ("・駅", "")


def test_a_conflict_left_out_needs_no_choice(space: Workspace) -> None:
    first = space.row(1).pk
    Preview.of(space, in_conflict(space)).press("confirm", without=(f"take_{first}",)).follow()
    assert (space.row(1).result, space.row(3).result) == ("・会議", "・道")


FIELDS = ("seen", "shown", "submits", "show", "page", "act", "take_1", "pick_1_result", "csrfmiddlewaretoken")
NONSENSE = (
    *("", " ", "\x00", "-1", "0", "9" * 18, "9" * 19, "1 2 3", "1  2", "1.1", "1.1 2.2", "1.1.1", "1."),
    *("1.1 1.2", "１", "²", "あ", "\ud83c\udfef", "a" * 70_000, "f" * 64, "f" * 65, "1" * 5_000 + "x"),
    *("'; DROP TABLE tracker_sheetbatch; --", "<script>", "true", "confirm\x00"),
)


@pytest.mark.parametrize("field", a_third_at_once(FIELDS, others=pytest.mark.wide))
def test_nonsense_in_a_field_never_breaks_the_page(space: Workspace, field: str) -> None:
    batch = in_conflict(space)
    preview = Preview.of(space, batch)
    sent = preview.form()
    for act, value in zip(cycle(("choose", "confirm")), NONSENSE, strict=False):
        text = value.encode("utf-16", "surrogatepass").decode("utf-16") if value == "\ud83c\udfef" else value
        began = time.monotonic()
        response = preview.client.post(address(batch), {**sent, "act": act, field: text})
        assert response.status_code in {302, 409, 422}, (field, value[:20])
        assert time.monotonic() - began < 5, (field, value[:20])
        if field in {"show", "page"}:
            assert preview.client.get(address(batch), {field: text[:2000]}).status_code == 200, value[:20]
    assert (space.row(1).result, space.row(3).result) == ("・会議", "")


@pytest.mark.parametrize("key", ["nope", "%00", "a" * 500, "%E3%81%82", "..%2f..", "1' OR '1'='1"])
def test_a_key_that_is_none_is_not_there(space: Workspace, key: str) -> None:
    client = logged_in(space.cast.planner)
    for rest in ("", "errors.xlsx"):
        assert client.get(f"/staff/sheets/{key}/{rest}").status_code == 404
    assert client.post(f"/staff/sheets/{key}/", {"act": "confirm"}).status_code == 404
