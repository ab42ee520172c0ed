"""What is taken in, what is refused with which words, and that nothing of the workspace moves by it."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from openpyxl import Workbook, load_workbook

from tests.entry_sheets.filling import Filled, filled
from tests.entry_sheets.sheets import outcomes, received, sheet_of
from tests.staff.people import fill, open_round
from tests.workspace import Workspace, make_workspace
from tracker.choices import BatchState
from tracker.cycle import rounds
from tracker.entry_sheets import exporting, limits, planning, receiving
from tracker.entry_sheets.file.comparison import UNKNOWN_ROW
from tracker.entry_sheets.file.entry_book import META_SHEET
from tracker.models import SheetBatch, SheetExport, YearlyAction
from tracker.reports import publishing
from tracker.workbooks.csv_text import NOT_TEXT
from tracker.workbooks.problems import FileProblem

pytestmark = pytest.mark.django_db
NO_SHEET = "入力シートの見出しが見つかりません。画面から出力した入力シートを選んでください。"


def refused(space: Workspace, content: bytes) -> str:
    """The words for a file that is not taken in; nothing is kept of it."""
    before = list(YearlyAction.objects.order_by("pk").values())
    with pytest.raises(FileProblem) as caught:
        received(space, content, space.cast.clerk)
    assert SheetBatch.objects.count() == 0
    assert list(YearlyAction.objects.order_by("pk").values()) == before
    return caught.value.message


def with_meta(content: bytes, **values: Any) -> bytes:
    """A sheet whose hidden sheet says something else."""
    opened = Filled(content)
    for row in opened.book[META_SHEET].iter_rows():
        if row[0].value in values:
            row[1].value = values[row[0].value]
    return opened.bytes()


def test_a_sheet_is_kept_as_it_was_read(space: Workspace) -> None:
    clerk, row = space.cast.clerk, space.row(1)
    content = filled(sheet_of(space, clerk), {row.pk: {"result": "・駅"}})
    batch = SheetBatch.objects.get(pk=received(space, content, clerk, submits=True).pk)
    assert (batch.owner, batch.round, batch.export, batch.state, batch.submits) == (
        clerk, space.round, SheetExport.objects.get(), BatchState.READY, True,
    )  # fmt: skip
    assert (batch.total, batch.problems) == (2, [])
    first = next(receiving.rows_of(batch))
    assert (first.id, first.sheet, first.values["result"]) == (row.pk, "土木課", "・駅")
    assert batch.expires_at - timezone.now() > timedelta(days=13)


@pytest.mark.parametrize("name", ["schema", "manifesto", "fiscal_year", "department", "export", "signature"])
def test_a_hidden_sheet_that_was_written_into_is_refused(space: Workspace, name: str) -> None:
    words = refused(space, with_meta(sheet_of(space, space.cast.clerk), **{name: "9"}))
    assert words.startswith("このシステムで作った入力シートではないか、隠れた情報が書き換えられています。")
    assert words.endswith("画面から入力シートをもう一度ダウンロードして、そこに入力してください。")


def test_a_sheet_of_an_older_make_is_refused(space: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    content = sheet_of(space, space.cast.clerk)
    monkeypatch.setattr(receiving, "SCHEMA", "2")
    assert refused(space, content).startswith("入力シートの形式が古くなっています。")


def test_a_sheet_of_another_round_is_refused(space: Workspace) -> None:
    content = sheet_of(space, space.cast.clerk)
    other = make_workspace(slug="2017", cast=space.cast)
    with pytest.raises(
        FileProblem,
        match="令和6年度（2024年度）（市長マニフェスト（令和3年度～）（2017）） の報告のものではありません",
    ):
        receiving.receive(content, file_name="a.xlsx", round=other.round, by=space.cast.clerk, submits=False)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "ファイルが空です。"),
        (b"   ", "ファイルが空です。"),
        (b"\x00\x01\x02", NOT_TEXT),
        (b"PK\x03\x04 broken", "ブックが壊れています。Excel で開けるか確かめ、保存し直してください。"),
        ("ただの文".encode(), NO_SHEET),
    ],
)
def test_what_is_no_sheet_is_refused_in_words(space: Workspace, content: bytes, words: str) -> None:
    assert refused(space, content) == words


def test_a_workbook_without_an_entry_sheet_is_refused(space: Workspace) -> None:
    book, out = Workbook(), io.BytesIO()
    book.active.append(["名前", "電話"])  # type: ignore[union-attr]
    book.save(out)
    assert refused(space, out.getvalue()) == NO_SHEET


def test_a_file_that_is_too_large_is_refused(space: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_SHEET_BYTES", 1024 * 1024)
    assert refused(space, b"PK\x03\x04" + bytes(1024 * 1024)) == "ファイルが大きすぎます（20 MB まで）。"


def as_csv(content: bytes, encoding: str) -> bytes:
    """The visible sheet as Excel saves it for CSV, its hidden columns included."""
    sheet = Filled(content).sheets[0]
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(
        [["" if cell is None else cell for cell in row] for row in sheet.iter_rows(values_only=True)]
    )
    return out.getvalue().encode(encoding)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "cp932"])
def test_a_csv_is_compared_by_the_version_in_its_rows(space: Workspace, encoding: str) -> None:
    clerk, first, third = space.cast.clerk, space.row(1), space.row(3)
    made = filled(
        sheet_of(space, clerk), {first.pk: {"result": "・駅を\n直しました①。"}, third.pk: {"result": "・道"}}
    )
    fill(third, space.cast.colleague, result="・会議", plan="")
    batch = received(space, as_csv(made, encoding), clerk, name="a.csv")
    plan = planning.plan_of(batch, clerk)
    assert batch.export is None
    assert outcomes(plan) == {
        (first.pk, "result"): "changed", (third.pk, "result"): "conflict", (third.pk, "rating"): "conflict",
    }  # fmt: skip
    assert plan.rows[0].cells[0].file == "・駅を\n直しました①。"
    assert plan.rows[1].cells[0].base is None


def test_a_sheet_of_too_many_rows_is_refused(space: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    content = sheet_of(space, space.cast.clerk)
    monkeypatch.setattr(limits, "MAX_SHEET_ROWS", 2)
    SheetBatch.objects.filter(pk=received(space, content, space.cast.clerk).pk).delete()
    monkeypatch.setattr(limits, "MAX_SHEET_ROWS", 1)
    assert (
        refused(space, content)
        == "取組の行が多すぎます（20,000 行まで）。課ごとのシートに分けて取り込んでください。"
    )


def test_sheets_that_nobody_confirmed_are_let_go_and_no_others(space: Workspace) -> None:
    clerk, long_ago = space.cast.clerk, timezone.now() - timedelta(days=1)
    made = sheet_of(space, clerk)
    batches = {state: received(space, made, clerk) for state in BatchState}
    for state, batch in batches.items():
        SheetBatch.objects.filter(pk=batch.pk).update(state=state, expires_at=long_ago)
    waiting = received(space, made, clerk)
    left = sorted(SheetBatch.objects.values_list("state", flat=True))
    assert left == [BatchState.APPLIED, BatchState.READY, BatchState.UNDONE]
    assert list(SheetBatch.objects.filter(state=BatchState.READY)) == [waiting]


def test_a_column_of_ones_own_is_told_with_its_heading(space: Workspace) -> None:
    opened = Filled(sheet_of(space, space.cast.clerk))
    sheet = opened.sheets[0]
    header, columns = opened.header(sheet)
    last = max(columns.values()) + 1
    sheet.cell(header, last).value = "メモ"
    sheet.cell(header + 1, last).value = "あとで聞く"
    batch = received(space, opened.bytes(), space.cast.clerk)
    assert [(each["sheet"], each["address"][:1]) for each in batch.problems] == [("土木課", "O")]
    assert "「メモ」" in batch.problems[0]["message"]


def test_rows_taken_out_of_a_sheet_are_no_deletions(space: Workspace) -> None:
    first, third = space.row(1), space.row(3)
    fill(first, space.cast.clerk)
    opened = Filled(filled(sheet_of(space, space.cast.clerk), {third.pk: {"result": "・道"}}))
    sheet, number, _columns = opened.place(first.pk)
    sheet.delete_rows(number)
    plan = planning.plan_of(received(space, opened.bytes(), space.cast.clerk), space.cast.clerk)
    assert outcomes(plan) == {(third.pk, "result"): "changed"}
    assert space.row(1).result == "・会議を開き、計画をまとめました。"


def test_a_sheet_of_another_year_without_its_hidden_sheet_finds_no_row(space: Workspace) -> None:
    """Its heading of last year's result is this round's own; the rows' ids are not."""
    rounds.close(space.round, by=space.cast.planner)
    publishing.publish(space.round, by="企画", unapproved_reason="間に合わないため")
    later = open_round(space.manifesto, space.cast.planner, 2025)
    _made, content = exporting.export(later, by=space.cast.clerk, department=space.mine)
    book = load_workbook(io.BytesIO(content))
    del book[META_SHEET]
    out = io.BytesIO()
    book.save(out)
    batch = receiving.receive(
        out.getvalue(), file_name="a.xlsx", round=space.round, by=space.cast.clerk, submits=False
    )
    plan = planning.plan_of(batch, space.cast.clerk)
    assert [row.message for row in plan.rows] == [UNKNOWN_ROW] * 2


def test_a_heading_that_no_database_can_hold_is_told_all_the_same(space: Workspace) -> None:
    opened = Filled(sheet_of(space, space.cast.clerk))
    sheet = opened.sheets[0]
    header, columns = opened.header(sheet)
    sheet.cell(header, max(columns.values()) + 1).value = "メ_x0000_モ"
    batch = received(space, opened.bytes(), space.cast.clerk)
    told = [problem["message"] for problem in SheetBatch.objects.get(pk=batch.pk).problems]
    assert told == ["見出し「メ\ufffdモ」は入力シートにありません。この列に書いた文字は取り込まれません。"]
