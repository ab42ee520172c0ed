"""Whose rows a sheet has, what it says of them, and what is remembered of it."""

import io

import pytest
from openpyxl import load_workbook

from tests.entry_sheets.filling import Filled
from tests.staff.people import fill, submit
from tests.workspace import Workspace
from tracker.cycle import rounds, workflow
from tracker.entry_sheets import exporting
from tracker.entry_sheets.bases import whole_bases
from tracker.entry_sheets.file.comparison import StoredRow
from tracker.entry_sheets.file.reading import interpret, read_raw
from tracker.entry_sheets.file.uploaded import UploadedRow
from tracker.models import ReportingRound, SheetExport, YearlyAction

pytestmark = pytest.mark.django_db


def read(space: Workspace, content: bytes) -> list[UploadedRow]:
    _meta, sheets = read_raw(content)
    rows, problems = interpret(sheets, scale=exporting.scale_of(space.round), fiscal_year=2024)
    assert problems == []
    return rows


def test_a_departments_sheet_has_its_rows_alone(space: Workspace) -> None:
    made, content = exporting.export(space.round, by=space.cast.clerk, department=space.mine)
    rows = read(space, content)
    assert [(row.sheet, row.id) for row in rows] == [("土木課", space.row(1).pk), ("土木課", space.row(3).pk)]
    assert (made.round, made.department, made.made_by) == (space.round, space.mine, space.cast.clerk)


def test_another_departments_sheet_is_empty_for_who_may_not_write_its_rows(space: Workspace) -> None:
    made, content = exporting.export(space.round, by=space.cast.other, department=space.mine)
    shared = space.row(3).pk  # by both departments
    assert [row.id for row in read(space, content)] == [shared]
    assert list(whole_bases(made)) == [shared]


def test_the_planning_office_takes_all_rows_once_each(space: Workspace) -> None:
    _made, content = exporting.export(space.round, by=space.cast.planner)
    assert [(row.sheet, row.id) for row in read(space, content)] == [
        ("土木課", space.row(1).pk),
        ("土木課", space.row(3).pk),
        ("農政課", space.row(2).pk),
        ("担当課なし", space.row(4).pk),
    ]


def test_a_row_tells_what_was_and_what_is(space: Workspace) -> None:
    row = submit(space.row(1), space.cast.clerk, result="・駅を直しました。")
    workflow.send_back(
        row.pk, by=space.cast.planner, version=row.version, reason="数がありません。", field="result"
    )
    _made, content = exporting.export(space.round, by=space.cast.clerk, department=space.mine)
    assert read(space, content)[0].values == {
        "place": "1-1-1-1",
        "category": "1. まち\n(1) 道路",
        "pledge": "①駅を直します",
        "state": "差戻し",
        "return_reason": "（主な取組 について）数がありません。",
        "last_result": "・調べました。",
        "last_plan": "・工事を始めます。",
        "last_rating": "B",
        "result": "・駅を直しました。",
        "rating": "B",
        "rating_reason": "",
        "plan": "・工事を始めます。",
    }


def test_the_base_is_what_the_sheet_says(space: Workspace) -> None:
    fill(space.row(1), space.cast.clerk, result="=1+1\n・𠮷野家① ", rating_id=None, is_unrated=True)
    made, content = exporting.export(space.round, by=space.cast.clerk, department=space.mine)
    assert whole_bases(made) == {
        row.id: StoredRow(row.version or 0, row.values) for row in read(space, content)
    }


def test_a_text_too_long_for_a_cell_is_remembered_as_the_notice_that_stands_there(space: Workspace) -> None:
    fill(space.row(1), space.cast.clerk, result="長" * 33_000)
    made, content = exporting.export(space.round, by=space.cast.clerk, department=space.mine)
    said = read(space, content)[0].values["result"]
    assert "長すぎて" in said
    assert whole_bases(made)[space.row(1).pk].values["result"] == said


@pytest.mark.parametrize("state", ["submitted", "closed"])
def test_what_may_not_be_written_now_is_locked(space: Workspace, state: str) -> None:
    row = submit(space.row(1), space.cast.clerk)
    if state == "closed":
        rounds.close(space.round, by=space.cast.planner)
    round = ReportingRound.objects.select_related("manifesto").get(pk=space.round.pk)
    _made, content = exporting.export(round, by=space.cast.clerk, department=space.mine)
    opened = Filled(content)
    sheet, number, columns = opened.place(row.pk)
    _sheet, other, _columns = opened.place(space.row(3).pk)
    assert sheet.cell(number, columns["result"]).protection.locked is True
    assert sheet.cell(other, columns["result"]).protection.locked is (state == "closed")


def test_the_hidden_sheet_is_signed(space: Workspace) -> None:
    made, content = exporting.export(space.round, by=space.cast.clerk, department=space.mine)
    meta, _sheets = read_raw(content)
    assert meta == {
        "schema": "1", "manifesto": "2021", "fiscal_year": "2024", "department": "001", "export": made.key,
        "signature": exporting.signature(meta),
    }  # fmt: skip
    assert exporting.signature(meta) != exporting.signature(meta | {"fiscal_year": "2025"})


def test_no_formula_and_no_password_get_into_a_sheet(space: Workspace) -> None:
    fill(space.row(1), space.cast.clerk, result='=HYPERLINK("http://example.com")')
    _made, content = exporting.export(space.round, by=space.cast.clerk, department=space.mine)
    book = load_workbook(io.BytesIO(content))
    kinds = {
        cell.data_type
        for sheet in book.worksheets
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    }
    assert "f" not in kinds
    assert [sheet.protection.sheet for sheet in book.worksheets if sheet.sheet_state == "visible"] == [True]
    assert {sheet.protection.password for sheet in book.worksheets} == {None}


def test_two_exports_are_remembered_apart(space: Workspace) -> None:
    for _ in range(2):
        exporting.export(space.round, by=space.cast.clerk, department=space.mine)
    assert len(set(SheetExport.objects.values_list("key", flat=True))) == 2
    assert YearlyAction.objects.filter(round=space.round, version=1).count() == 4
