"""Taking back, mending and giving up an uploaded sheet, and the end of a session."""

import io
from datetime import timedelta
from urllib.parse import unquote

import pytest
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from tests.entry_sheets.filling import Filled
from tests.entry_sheets.sheets import received, sheet_of
from tests.public.markup import parse
from tests.staff.people import fill, logged_in
from tests.staff.previews import (
    COMPLETE,
    Preview,
    address,
    applied,
    in_conflict,
    last_batch,
    taken_in,
    with_strange_rows,
)
from tests.workspace import Workspace
from tracker.choices import BatchState
from tracker.cycle import rounds
from tracker.entry_sheets import applying
from tracker.models import Assignment, SheetBatch, User
from tracker.staff.frame import kept

pytestmark = pytest.mark.django_db


# ---- taking back


def test_rows_that_became_another_departments_are_counted_not_named(space: Workspace) -> None:
    batch = applied(space, {1: COMPLETE, 3: COMPLETE})
    Assignment.objects.filter(initiative=space.row(1).initiative).update(department=space.theirs)
    page = Preview.of(space, batch).page
    assert [each.text[:7] for each in page.one("ul", "batch-rows").all("a")] == ["1-1-1-3"]
    assert page.one("h2", id="rows").text == "取り込んだ取組2 件"
    assert "ほかに 1 件あります。" in page.text


@pytest.mark.parametrize("name", ["clerk", "planner"])
def test_a_sheet_is_taken_back_by_its_owner_or_the_planning_office(space: Workspace, name: str) -> None:
    fill(space.row(3), space.cast.clerk, result="・前の文", plan="・前の予定")
    batch = applied(space, {1: COMPLETE, 3: {"result": "・道"}}, submits=True)
    page = Preview.of(space, batch, name=name)
    assert page.page.one("button", value="undo").text == "この取込を取り消す"
    page.response = page.client.post(page.path, {"act": "undo"})
    page.follow()
    assert (space.row(1).state, space.row(1).result) == ("not_started", "")
    assert (space.row(3).state, space.row(3).result, space.row(3).plan) == ("draft", "・前の文", "・前の予定")
    assert "2 件の取組は、取り込む前の内容に戻りました。" in page.page.one("div", "notice-messages").text
    assert f"試験 {name} さんがこの取込を取り消しました。" in page.page.text
    assert page.page.one("h2", id="rows").text == "元に戻した取組2 件"
    assert page.page.all("button", value="undo") == []
    again = page.client.post(page.path, {"act": "undo"})
    assert (again.status_code, "この取込は「取消済」なので、取り消せません。" in again.content.decode()) == (
        409,
        True,
    )


def test_a_row_touched_since_is_named_and_nothing_is_taken_back(space: Workspace) -> None:
    batch = applied(space, {1: {"result": "・駅"}, 3: {"result": "・道"}})
    fill(space.row(3), space.cast.colleague, result="・あとから")
    page = Preview.of(space, batch)
    page.response = page.client.post(page.path, {"act": "undo"})
    assert page.response.status_code == 409
    told = page.page.one("div", role="alert")
    assert told.one("p").text == "1 件が取り込んだあとに変わっているため、1 件も取り消していません。"
    assert told.links == [f"/staff/actions/{space.row(3).pk}/"]
    assert told.one("li").text == "1-1-1-3 ①駅を直します：そのあとに変更されています。"
    assert (space.row(1).result, space.row(3).result) == ("・駅", "・あとから")
    assert last_batch().state == BatchState.APPLIED


def test_nothing_is_taken_back_once_the_round_is_closed(space: Workspace) -> None:
    batch = applied(space, {1: {"result": "・駅"}})
    rounds.close(space.round, by=space.cast.planner)
    page = Preview.of(space, batch)
    assert page.page.all("button", value="undo") == []
    page.response = page.client.post(page.path, {"act": "undo"})
    assert (page.response.status_code, space.row(1).result) == (409, "・駅")
    assert "「締切済」" in page.problem


def test_what_was_not_written_is_not_taken_back(space: Workspace) -> None:
    batch = taken_in(space, {1: {"result": "・駅"}})
    assert logged_in(space.cast.clerk).post(address(batch), {"act": "undo"}).status_code == 409
    assert last_batch().state == "ready"


# ---- the workbook with marks


def test_the_marked_workbook_has_the_troubles_and_goes_through_once_mended(space: Workspace) -> None:
    first = space.row(1)
    batch = taken_in(space, {1: {"result": "・駅", "rating": "よくできた"}, 3: {"result": "・道"}})
    client = logged_in(space.cast.clerk)
    response = client.get(address(batch, "errors.xlsx"))
    assert (
        unquote(response.headers["Content-Disposition"])
        == "attachment; filename*=utf-8''直すところ_入力シート.xlsx"
    )
    opened = Filled(response.content)
    sheet, row, columns = opened.place(first.pk)
    marked = {name for name, column in columns.items() if sheet.cell(row, column).comment}
    assert "rating" in marked
    assert marked & {"result", "plan", "rating_reason"} == set()
    assert (opened.text(first.pk, "result"), opened.text(first.pk, "rating")) == ("・駅", "よくできた")
    mended = SimpleUploadedFile(
        "直すところ_入力シート.xlsx", opened.write(first.pk, rating="B おおむね達成").bytes()
    )
    sent = client.post(f"/staff/rounds/{space.round.pk}/sheets/", {"file": mended, "submits": "no"})
    again = SheetBatch.objects.latest("pk")
    assert sent.headers["Location"] == address(again)
    preview = Preview.of(space, again)
    assert preview.tally["取り込めない行"] == "0 行"
    preview.press("confirm").follow()
    assert (space.row(1).rating, space.row(3).result) == (space.ratings["B"], "・道")


def test_the_marked_workbook_of_strange_rows_keeps_what_was_typed(space: Workspace) -> None:
    batch = received(space, with_strange_rows(space), space.cast.clerk, name="a.b.xlsx")
    response = logged_in(space.cast.planner).get(address(batch, "errors.xlsx"))
    assert unquote(response.headers["Content-Disposition"]).endswith("直すところ_a.b.xlsx")
    book = load_workbook(io.BytesIO(response.content))
    filled_cells = [each for sheet in book.worksheets for row in sheet.iter_rows() for each in row]
    assert {"・よその課", "・道"} <= {str(each.value) for each in filled_cells}
    notes = " ".join(each.comment.text for each in filled_cells if each.comment)
    assert "ほかの課の取組か、もうない取組です" in notes
    assert notes.count("同じ取組の行が、ほかにもあります") >= 2


@pytest.mark.parametrize("state", ["applied", "undone"])
def test_there_is_no_marked_workbook_of_what_is_not_being_checked(space: Workspace, state: str) -> None:
    batch = taken_in(space, {1: {"rating": "Z"}})
    SheetBatch.objects.filter(pk=batch.pk).update(state=state)
    assert logged_in(space.cast.clerk).get(address(batch, "errors.xlsx")).status_code == 404


# ---- given up, or too late


def test_a_sheet_can_be_given_up(space: Workspace) -> None:
    batch = taken_in(space, {1: {"result": "・駅"}})
    preview = Preview.of(space, batch).press("discard")
    assert preview.response.headers["Location"] == f"/staff/rounds/{space.round.pk}/sheets/"
    preview.follow()
    assert (
        "「入力シート.xlsx」の取込をやめました。何も書き込んでいません。"
        in preview.page.one("div", "notice-messages").text
    )
    assert (SheetBatch.objects.count(), space.row(1).result) == (0, "")
    assert preview.client.get(address(batch)).status_code == 404
    assert preview.client.post(address(batch), {"act": "confirm"}).status_code == 404


def test_a_sheet_given_up_in_another_window_at_the_same_moment_is_not_there(
    space: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = taken_in(space, {1: {"result": "・駅"}})
    preview = Preview.of(space, batch)
    locked = applying._locked

    def gone(batch: SheetBatch, by: User) -> SheetBatch:
        SheetBatch.objects.filter(pk=batch.pk).delete()
        return locked(batch, by)

    monkeypatch.setattr(applying, "_locked", gone)
    assert preview.press("confirm").response.status_code == 404


def test_after_fourteen_days_it_says_so(space: Workspace) -> None:
    batch = taken_in(space, {1: {"result": "・駅"}})
    preview = Preview.of(space, batch)
    sent = preview.form() | {"act": "confirm"}
    SheetBatch.objects.filter(pk=batch.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    words = "読み込んでから 14 日たったので、この取込は使えなくなりました。何も書き込んでいません。"
    late = Preview.of(space, batch)
    assert (late.response.status_code, words in late.page.text) == (200, True)
    assert late.page.all("form", id="choices") == []
    assert late.client.get(address(batch, "errors.xlsx")).status_code == 404
    late.response = late.client.post(late.path, sent)
    assert (late.response.status_code, late.problem) == (
        409, "確認の期限を過ぎました。シートをもう一度読み込ませてください。",
    )  # fmt: skip
    assert space.row(1).result == ""
    taken_in(space, {})
    assert late.client.get(address(batch)).status_code == 404


# ---- the end of a session


PASSWORD = "とても長いあいことば-1"


def let_in(user: User) -> None:
    """Gives a password; the shared object stays as it was."""
    fresh = User.objects.get(pk=user.pk)
    fresh.set_password(PASSWORD)
    fresh.save()


def test_a_confirmation_survives_the_end_of_the_session(space: Workspace) -> None:
    preview = Preview.of(space, in_conflict(space))
    sent = preview.form() | {"act": "confirm", f"pick_{space.row(1).pk}_result": "both"}
    let_in(space.cast.clerk)
    client = Client()
    asked = client.post(preview.path, sent)
    assert asked.status_code == 401
    packed = next(
        each for each in parse(asked.content.decode()).all("input") if each.attributes["name"] == "kept"
    )
    fields = dict(signing.loads(packed.attributes["value"], salt=kept.SALT)["fields"])
    assert fields == {name: value for name, value in sent.items() if name != "csrfmiddlewaretoken"}
    login = {"username": "clerk", "password": PASSWORD, "kept": packed.attributes["value"]}
    assert client.post("/staff/login/", login).headers["Location"] == "/staff/kept/"
    page = parse(client.get("/staff/kept/").content.decode())
    assert page.all("textarea") == []
    assert "押したボタンの操作（入力シートの取込）は、まだ行われていません。" in page.text
    again = page.all("form")[-2]
    fields = {each.attributes["name"]: each.attributes["value"] for each in again.all("input")}
    assert again.attributes["action"] == preview.path
    assert client.post(preview.path, fields).status_code == 302
    assert (space.row(1).result, space.row(3).result) == ("・会議\n・駅", "・道")
    assert client.get("/staff/kept/").status_code == 302


def test_a_file_sent_after_the_end_of_the_session_is_asked_for_again(space: Workspace) -> None:
    let_in(space.cast.clerk)
    client, path = Client(), f"/staff/rounds/{space.round.pk}/sheets/"
    asked = client.post(
        path, {"file": SimpleUploadedFile("a.xlsx", sheet_of(space, space.cast.clerk)), "submits": "yes"}
    )
    page = parse(asked.content.decode())
    hidden = {each.attributes["name"]: each.attributes["value"] for each in page.all("input", type="hidden")}
    assert asked.status_code == 401
    assert "ファイルはまだ読み込まれていません。" in page.one("p", role="alert").text
    assert (hidden["next"], "kept" in hidden) == (path, False)
    answer = client.post("/staff/login/", {"username": "clerk", "password": PASSWORD, "next": path})
    assert answer.headers["Location"] == path
    assert SheetBatch.objects.count() == 0


def test_a_form_of_another_login_shows_no_machine_words(space: Workspace) -> None:
    preview = Preview.of(space, in_conflict(space))
    client = Client(enforce_csrf_checks=True)
    client.force_login(space.cast.clerk, backend="tracker.staff.frame.authentication.StaffBackend")
    response = client.post(
        preview.path, preview.form() | {"act": "confirm", f"pick_{space.row(1).pk}_result": "theirs"}
    )
    assert response.status_code == 403
    assert parse(response.content.decode()).all("textarea") == []
