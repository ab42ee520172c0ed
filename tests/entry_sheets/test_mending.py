"""The workbook with marks has all that was uploaded and a note at every trouble; mended, it goes through."""

import pytest

from tests.entry_sheets.filling import Filled, filled
from tests.entry_sheets.sheets import outcomes, received, sheet_of
from tests.staff.people import fill, submit
from tests.workspace import Workspace
from tracker.cycle import workflow
from tracker.entry_sheets import applying, exporting, mending, planning
from tracker.entry_sheets.file.columns import INPUTS
from tracker.models import SheetBatch

pytestmark = pytest.mark.django_db


def marked(batch: SheetBatch) -> Filled:
    return Filled(mending.workbook_with_marks(batch, planning.plan_of(batch, batch.owner)))


def note(opened: Filled, pk: int, name: str) -> str:
    sheet, row, columns = opened.place(pk)
    comment = sheet.cell(row, columns[name]).comment
    return comment.text if comment else ""


def test_bad_cells_are_marked_and_everything_typed_is_kept(space: Workspace) -> None:
    clerk, first, third = space.cast.clerk, space.row(1), space.row(3)
    answers = {first.pk: {"result": "・駅", "rating": "Z"}, third.pk: {"result": "・道", "plan": "・橋"}}
    opened = marked(received(space, filled(sheet_of(space, clerk), answers), clerk))
    assert opened.text(first.pk, "result") == "・駅"
    assert opened.text(first.pk, "rating") == "Z"
    assert (opened.text(third.pk, "result"), opened.text(third.pk, "plan")) == ("・道", "・橋")
    assert "「A 達成」" in note(opened, first.pk, "rating")
    assert note(opened, first.pk, "result") == note(opened, third.pk, "result") == ""


def test_the_mended_workbook_goes_through(space: Workspace) -> None:
    clerk, first, third = space.cast.clerk, space.row(1), space.row(3)
    answers = {first.pk: {"result": "・駅", "rating": "Z"}, third.pk: {"result": "・道"}}
    opened = marked(received(space, filled(sheet_of(space, clerk), answers), clerk))
    batch = received(space, opened.write(first.pk, rating="B").bytes(), clerk)
    plan = planning.plan_of(batch, clerk)
    assert outcomes(plan) == {
        (first.pk, "result"): "changed",
        (first.pk, "rating"): "changed",
        (third.pk, "result"): "changed",
    }
    applying.confirm(batch, by=clerk, seen=plan.digest)
    assert (space.row(1).rating, space.row(3).result) == (space.ratings["B"], "・道")


def test_a_conflict_keeps_its_base_through_the_marked_workbook(space: Workspace) -> None:
    clerk, row = space.cast.clerk, space.row(1)
    made = sheet_of(space, clerk)
    fill(row, space.cast.colleague, result="・会議")
    batch = received(space, filled(made, {row.pk: {"result": "・駅"}}), clerk)
    opened = marked(batch)
    assert "いまの内容：\n・会議" in note(opened, row.pk, "result")
    again = planning.plan_of(received(space, opened.bytes(), clerk), clerk)
    assert outcomes(again) == outcomes(planning.plan_of(batch, clerk))
    assert again.rows[0].cells[0].base == ""


def test_rows_of_nobody_and_doubled_ones_are_shown_with_what_was_typed(space: Workspace) -> None:
    clerk, first = space.cast.clerk, space.row(1)
    _made, content = exporting.export(space.round, by=space.cast.planner)
    opened = Filled(filled(content, {space.row(2).pk: {"result": "・他の課"}, first.pk: {"result": "・駅"}}))
    sheet, number, columns = opened.place(first.pk)
    for column in columns.values():
        sheet.cell(sheet.max_row + (column == 1), column).value = sheet.cell(number, column).value
    batch = received(space, opened.bytes(), clerk)
    book = marked(batch).book
    typed = {str(cell.value) for each in book.worksheets for row in each.iter_rows() for cell in row}
    notes = "".join(
        cell.comment.text
        for each in book.worksheets
        for row in each.iter_rows()
        for cell in row
        if cell.comment
    )
    assert "・他の課" in typed
    assert "ほかの課の取組か、もうない取組です" in notes
    assert "同じ取組の行が、ほかにもあります" in notes


def test_a_row_of_another_department_says_what_was_uploaded_and_no_more(space: Workspace) -> None:
    """A clerk has the planner's sheet, cut to a few columns, and guesses one reference cell right."""
    clerk, foreign = space.cast.clerk, space.row(2)
    sent = submit(foreign, space.cast.other, result="・内部の検討")
    workflow.send_back(sent.pk, by=space.cast.planner, version=sent.version, reason="・金額が違います")
    _made, content = exporting.export(space.round, by=space.cast.planner)
    cut = Filled(content)
    sheet, _number, columns = cut.place(foreign.pk)
    cut.write(foreign.pk, result="・他の課", rating=None, rating_reason=None, plan=None)
    for name, column in sorted(columns.items(), key=lambda each: -each[1]):
        if name not in {"id", "version", "last_plan", *INPUTS}:
            sheet.delete_cols(column)
    book = marked(received(space, cut.bytes(), clerk)).book
    [row] = [
        [str(cell.value) for cell in row if cell.value]
        for each in book.worksheets
        for row in each.iter_rows()
        if "・他の課" in [cell.value for cell in row]
    ]
    assert sorted(row) == ["・他の課", "・工事を始めます。"]


def test_what_was_written_into_a_reference_cell_is_in_its_note(space: Workspace) -> None:
    clerk, row = space.cast.clerk, space.row(1)
    opened = marked(
        received(
            space, filled(sheet_of(space, clerk), {row.pk: {"last_result": "・書き込みました。"}}), clerk
        )
    )
    assert opened.text(row.pk, "last_result") == "・調べました。"
    assert "・書き込みました。" in note(opened, row.pk, "last_result")


def test_a_marked_workbook_of_a_csv_has_no_base_either(space: Workspace) -> None:
    clerk, row = space.cast.clerk, space.row(1)
    batch = received(space, filled(sheet_of(space, clerk), {row.pk: {"result": "・駅"}}), clerk)
    batch.export = None
    fill(row, space.cast.colleague, result="・会議")
    again = received(space, marked(batch).bytes(), clerk)
    assert again.export is None
    assert outcomes(planning.plan_of(again, clerk))[row.pk, "result"] == "conflict"
