"""The page for answering in Excel: sheets for whom, what a file is answered with, and what came before."""

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import quote, unquote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from openpyxl import Workbook

from tests.entry_sheets.filling import Filled, filled
from tests.entry_sheets.sheets import received, sheet_of
from tests.public.markup import Element, parse
from tests.staff.people import logged_in
from tests.workspace import Workspace, make_workspace
from tracker.choices import BatchState
from tracker.cycle import rounds
from tracker.entry_sheets import exporting, limits
from tracker.entry_sheets.file.entry_book import META_SHEET
from tracker.models import SheetBatch, SheetExport, YearlyAction
from tracker.reports import publishing

pytestmark = pytest.mark.django_db


def address(space: Workspace, rest: str = "sheets/") -> str:
    return f"/staff/rounds/{space.round.pk}/{rest}"


def client_of(space: Workspace, name: str) -> Client:
    return logged_in(getattr(space.cast, name))


def page_for(space: Workspace, name: str) -> Element:
    response = client_of(space, name).get(address(space))
    assert response.status_code == 200
    return parse(response.content.decode())


def upload(
    space: Workspace,
    content: bytes,
    *,
    name: str = "clerk",
    file_name: str = "入力シート.xlsx",
    **fields: str,
) -> Any:
    file = SimpleUploadedFile(file_name, content)
    return client_of(space, name).post(address(space), {"file": file, "submits": "no", **fields})


def problem(response: Any) -> str:
    """What the page says went wrong."""
    page = parse(response.content.decode())
    notice = page.one("div", role="alert")
    assert notice.one("h2").text == "取り込めませんでした。何も書き込んでいません"
    assert page.one("title").text.startswith("取り込めません：")
    return notice.one("p").text


# ---- what there is to take


@pytest.mark.parametrize(
    ("name", "offered"),
    [
        ("clerk", {"土木課の入力シート": ("?department=001", "Excel、取組 2 件")}),
        ("other", {"農政課の入力シート": ("?department=002", "Excel、取組 2 件")}),
        ("both", {
            "担当の取組すべての入力シート（課ごとに 1 シート）": ("", "Excel"),
            "土木課の入力シート": ("?department=001", "Excel、取組 2 件"),
            "農政課の入力シート": ("?department=002", "Excel、取組 2 件"),
        }),
        ("planner", {
            "全体の入力シート（課ごとに 1 シート）": ("", "Excel"),
            "土木課の入力シート": ("?department=001", "Excel、取組 2 件"),
            "農政課の入力シート": ("?department=002", "Excel、取組 2 件"),
        }),
    ],
)  # fmt: skip
def test_sheets_offered_are_those_of_ones_own_rows(
    space: Workspace, name: str, offered: dict[str, tuple[str, str]]
) -> None:
    shown = page_for(space, name).one("ul", "downloads").all("li")
    found = {
        each.one("a").text: (each.one("a").attributes["href"], each.one("span", "sub").text) for each in shown
    }
    assert found == {
        words: (address(space, f"sheet.xlsx{query}"), about) for words, (query, about) in offered.items()
    }


@pytest.mark.parametrize(
    ("name", "query", "file_name", "sheets"),
    [
        ("clerk", "?department=001", "入力シート_令和6年度_土木課.xlsx", {"土木課": [1, 3]}),
        ("clerk", "", "入力シート_令和6年度_担当分.xlsx", {"土木課": [1, 3]}),
        ("other", "?department=002", "入力シート_令和6年度_農政課.xlsx", {"農政課": [2, 3]}),
        ("both", "", "入力シート_令和6年度_担当分.xlsx", {"土木課": [1, 3], "農政課": [2]}),
        ("planner", "?department=002", "入力シート_令和6年度_農政課.xlsx", {"農政課": [2, 3]}),
        (
            "planner",
            "",
            "入力シート_令和6年度_全体.xlsx",
            {"土木課": [1, 3], "農政課": [2], "担当課なし": [4]},
        ),
    ],
)
def test_a_sheet_has_ones_own_rows_and_a_japanese_name(
    space: Workspace, name: str, query: str, file_name: str, sheets: dict[str, list[int]]
) -> None:
    response = client_of(space, name).get(address(space, f"sheet.xlsx{query}"))
    assert response.status_code == 200
    assert (
        response.headers["Content-Type"]
        == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    )
    assert unquote(response.headers["Content-Disposition"]) == f"attachment; filename*=utf-8''{file_name}"
    places = {space.row(number).pk: number for number in range(1, 5)}
    opened = Filled(response.content)
    found = {sheet.title: [places[pk] for pk in ids_in(opened, sheet)] for sheet in opened.sheets}
    assert found == sheets


def ids_in(opened: Filled, sheet: Any) -> list[int]:
    header, columns = opened.header(sheet)
    values = [sheet.cell(row, columns["id"]).value for row in range(header + 1, sheet.max_row + 1)]
    return [int(value) for value in values if value]


def test_a_look_at_a_sheets_address_makes_no_sheet(space: Workspace) -> None:
    client = client_of(space, "clerk")
    looked = client.head(address(space, "sheet.xlsx"))
    assert (looked.status_code, looked.content, SheetExport.objects.count()) == (200, b"", 0)
    fetched = client.get(address(space, "sheet.xlsx"))
    assert looked["Content-Type"] == fetched["Content-Type"]
    assert SheetExport.objects.count() == 1


@pytest.mark.parametrize("code", ["002", "999", "土木課", "\x00", "001 ", "１", "x" * 5000])
def test_a_department_that_is_not_ones_own_is_not_there(space: Workspace, code: str) -> None:
    assert (
        client_of(space, "clerk").get(address(space, f"sheet.xlsx?department={quote(code)}")).status_code
        == 404
    )
    assert SheetExport.objects.count() == 0


@pytest.mark.parametrize(("name", "status"), [("administrator", 403), ("stranger", 404)])
def test_who_writes_nothing_gets_no_sheet(space: Workspace, name: str, status: int) -> None:
    client = client_of(space, name)
    asked = [
        client.get(address(space)),
        client.post(address(space)),
        client.get(address(space, "sheet.xlsx")),
    ]
    assert [response.status_code for response in asked] == [status] * 3
    assert (SheetExport.objects.count(), SheetBatch.objects.count()) == (0, 0)


def test_a_round_without_a_row_of_ones_own_is_not_there(space: Workspace) -> None:
    elsewhere = make_workspace(1, slug="2017", cast=space.cast)
    client = client_of(space, "other")
    for rest in ("sheets/", "sheet.xlsx"):
        assert client.get(f"/staff/rounds/{elsewhere.round.pk}/{rest}").status_code == 404
        assert client.get(f"/staff/rounds/999999/{rest}").status_code == 404


def test_the_home_of_a_department_and_the_board_lead_there(space: Workspace) -> None:
    assert address(space) in parse(client_of(space, "clerk").get("/staff/").content.decode()).links
    board = client_of(space, "planner").get(address(space, ""))
    assert address(space) in parse(board.content.decode()).links


# ---- a file is taken in


@pytest.mark.parametrize("submits", ["no", "yes"])
def test_a_filled_sheet_leads_to_its_preview_and_writes_nothing(space: Workspace, submits: str) -> None:
    row = space.row(1)
    content = filled(sheet_of(space, space.cast.clerk), {row.pk: {"result": "・駅を直しました。"}})
    response = upload(space, content, submits=submits)
    batch = SheetBatch.objects.get()
    assert (response.status_code, response.headers["Location"]) == (302, f"/staff/sheets/{batch.key}/")
    assert (batch.owner, batch.state, batch.file_name) == (
        space.cast.clerk,
        BatchState.READY,
        "入力シート.xlsx",
    )
    assert batch.submits is (submits == "yes")
    assert (space.row(1).result, space.row(1).version) == ("", row.version)


def test_without_a_file_the_page_asks_for_one_and_keeps_the_choice(space: Workspace) -> None:
    response = client_of(space, "clerk").post(address(space), {"submits": "yes"})
    assert (response.status_code, problem(response)) == (422, "取り込むファイルを選んでください。")
    page = parse(response.content.decode())
    chosen = [
        each.attributes["value"] for each in page.all("input", type="radio") if "checked" in each.attributes
    ]
    field = page.one("input", id="id_file")
    assert chosen == ["yes"]
    assert (field.attributes["aria-invalid"], field.attributes["aria-describedby"]) == (
        "true",
        "file-help file-error",
    )


@pytest.mark.parametrize("at_the_door", [True, False])
def test_a_file_that_is_too_large_is_refused(
    space: Workspace, monkeypatch: pytest.MonkeyPatch, at_the_door: bool
) -> None:
    monkeypatch.setattr(limits, "MAX_SHEET_BYTES", 1024 * 1024)
    response = upload(space, bytes(1024 * 1024 + at_the_door))
    said = problem(response)
    assert response.status_code == 422
    assert (said == "ファイルが大きすぎます（20 MB まで）。") is at_the_door
    assert SheetBatch.objects.count() == 0


@pytest.mark.parametrize("is_long", [True, False])
def test_how_long_a_long_sheet_takes_is_told_beforehand(
    space: Workspace, monkeypatch: pytest.MonkeyPatch, is_long: bool
) -> None:
    monkeypatch.setattr(limits, "LONG_ROWS", 1 if is_long else 2)
    monkeypatch.setattr(limits, "ROWS_PER_SECOND", 1)
    words = "取組が 2 件あるので、全部を取り込むと、次の画面が出るまでに約 2 秒かかります。"
    assert (words in page_for(space, "clerk").text) is is_long


def signed_otherwise(space: Workspace) -> bytes:
    opened = Filled(sheet_of(space, space.cast.clerk))
    for row in opened.book[META_SHEET].iter_rows():
        if row[0].value == "export":
            row[1].value = "abcdefgh"
    return opened.bytes()


def of_another_round(space: Workspace) -> bytes:
    elsewhere = make_workspace(slug="2017", cast=space.cast)
    return exporting.export(elsewhere.round, by=space.cast.clerk, department=space.mine)[1]


def some_other_workbook(space: Workspace) -> bytes:
    book, out = Workbook(), io.BytesIO()
    book.active.append(["名前", "電話"])  # type: ignore[union-attr]
    book.save(out)
    return out.getvalue()


Make = Callable[[Workspace], bytes]
REFUSED: dict[str, tuple[str, Make, str]] = {
    "signature": (
        "a.xlsx",
        signed_otherwise,
        "隠れた情報が書き換えられています。画面から入力シートをもう一度ダウンロードして",
    ),
    "round": (
        "a.xlsx",
        of_another_round,
        "令和6年度（2024年度）（市長マニフェスト（令和3年度～）（2021）） の報告のものではありません。",
    ),
    "other workbook": ("a.xlsx", some_other_workbook, "入力シートの見出しが見つかりません。"),
    "xls": ("古い.xls", lambda space: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4096), "古い.xls："),
    "pdf": ("a.pdf", lambda space: b"%PDF-1.7\n" + bytes(100), "PDF"),
    "broken": ("a.xlsx", lambda space: b"PK\x03\x04" + b"broken" * 100, "a.xlsx："),
    "empty": ("a.xlsx", lambda space: b"", "a.xlsx："),
    "words": ("a.csv", lambda space: "ただの文です。".encode(), "入力シートの見出しが見つかりません。"),
    "page": (
        "a.xlsx",
        lambda space: b"<!doctype html><html><table><tr><td>1</td></tr></table></html>",
        "a.xlsx：",
    ),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_no_sheet_of_this_round_is_refused_by_its_name_and_in_japanese(
    space: Workspace, kind: str
) -> None:
    file_name, make, words = REFUSED[kind]
    content = make(space)
    before = list(YearlyAction.objects.order_by("pk").values())
    response = upload(space, content, file_name=file_name)
    said = problem(response)
    assert response.status_code == 422
    assert said.startswith(file_name)
    assert words in said
    assert said.endswith("。")
    assert SheetBatch.objects.count() == 0
    assert list(YearlyAction.objects.order_by("pk").values()) == before


@pytest.mark.parametrize("state", ["closed", "published"])
def test_a_round_that_takes_no_answers_takes_no_sheet(space: Workspace, state: str) -> None:
    content = sheet_of(space, space.cast.clerk)
    rounds.close(space.round, by=space.cast.planner)
    if state == "published":
        publishing.publish(space.round, by="企画", unapproved_reason="間に合わないため")
    words = {"closed": "締切済", "published": "公表済"}[state]
    response = upload(space, content)
    assert response.status_code == 409
    assert (
        problem(response)
        == f"この報告回は「{words}」なので、取り込めません。必要なときは企画に連絡してください。"
    )
    assert SheetBatch.objects.count() == 0
    page = page_for(space, "clerk")
    assert page.all("form", "upload") == []
    assert page.one("h2", id="get").text == "入力シートを受け取る"
    assert f"この報告回は「{words}」です。" in page.text
    assert client_of(space, "clerk").get(address(space, "sheet.xlsx")).status_code == 200


@pytest.mark.parametrize(
    "name",
    [
        "..\\..\\あ.xlsx",
        "a/b/あ.xlsx",
        "あ" * 300 + ".xlsx",
        "<script>alert(1)</script>.xlsx",
        "名\u202e前.xlsx",
        "&amp;.xlsx",
    ],
)
def test_any_file_name_is_kept_short_and_shown_as_text(space: Workspace, name: str) -> None:
    response = upload(space, sheet_of(space, space.cast.clerk), file_name=name)
    batch = SheetBatch.objects.get()
    assert response.status_code == 302
    assert 0 < len(batch.file_name) <= 200
    shown = page_for(space, "clerk").one("table", "batches").one("a").text
    assert shown == " ".join(batch.file_name.split())
    assert (
        parse(client_of(space, "clerk").get(response.headers["Location"]).content.decode()).all("script")
        == []
    )


@pytest.mark.parametrize("value", ["", "yes\x00", "はい", "no" * 1000])
def test_any_other_word_for_the_mode_means_drafts(space: Workspace, value: str) -> None:
    assert upload(space, sheet_of(space, space.cast.clerk), submits=value).status_code == 302
    assert SheetBatch.objects.get().submits is False


def test_an_unknown_field_and_a_file_as_text_are_no_file(space: Workspace) -> None:
    response = client_of(space, "clerk").post(address(space), {"file": "入力シート.xlsx", "act": "\x00"})
    assert (response.status_code, problem(response)) == (422, "取り込むファイルを選んでください。")


# ---- what was taken in before


def table(page: Element) -> list[list[str]]:
    return page.one("table", "batches").table_rows()[1:]


def test_everybody_sees_their_own_sheets_and_the_planning_office_all(space: Workspace) -> None:
    for number, name in enumerate(("clerk", "colleague", "planner"), start=1):
        user = getattr(space.cast, name)
        received(space, exporting.export(space.round, by=user)[1], user, name=f"{number}.xlsx")
    assert [row[0] for row in table(page_for(space, "clerk"))] == ["1.xlsx"]
    assert [row[0] for row in table(page_for(space, "colleague"))] == ["2.xlsx"]
    assert page_for(space, "other").all("table", "batches") == []
    rows = table(page_for(space, "second_planner"))
    assert [(row[0], row[2]) for row in rows] == [
        ("3.xlsx", "試験 planner"), ("2.xlsx", "試験 colleague"), ("1.xlsx", "試験 clerk"),
    ]  # fmt: skip


def test_each_sheet_is_shown_with_its_state_the_newest_first(space: Workspace) -> None:
    content = sheet_of(space, space.cast.clerk)
    words = {"ready": "確認待ち", "applied": "取込済", "undone": "取消済"}
    for state in words:
        SheetBatch.objects.filter(
            pk=received(space, content, space.cast.clerk, name=f"{state}.xlsx").pk
        ).update(state=state)
    late = received(space, content, space.cast.clerk, name="late.xlsx")
    SheetBatch.objects.filter(pk=late.pk).update(expires_at=timezone.now() - timedelta(minutes=1))
    shown = [(row[0], row[-1]) for row in table(page_for(space, "clerk"))]
    assert shown == [
        ("late.xlsx", "期限切れ"),
        *((f"{state}.xlsx", words[state]) for state in reversed(words)),
    ]


def test_twenty_sheets_are_shown(space: Workspace) -> None:
    batch = received(space, sheet_of(space, space.cast.clerk), space.cast.clerk)
    values = {"owner": batch.owner, "round": batch.round, "file_digest": "0" * 64}
    SheetBatch.objects.bulk_create(SheetBatch(file_name=f"{number}.xlsx", **values) for number in range(30))
    assert len(table(page_for(space, "clerk"))) == 20
