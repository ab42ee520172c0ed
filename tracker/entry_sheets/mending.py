"""The sheet made anew with what was uploaded, the cells that need a hand marked: mended there, it is uploaded
again.
"""

from collections.abc import Mapping

from tracker.entry_sheets.exporting import book_of, last_entries, meta_of, row_of
from tracker.entry_sheets.file.columns import INPUTS
from tracker.entry_sheets.file.comparison import VOLATILE, CellPlan, Outcome, RowPlan
from tracker.entry_sheets.file.reading import UploadedRow
from tracker.entry_sheets.file.writing import EntryRow, EntrySheet, write
from tracker.entry_sheets.planning import Plan
from tracker.entry_sheets.receiving import rows_of
from tracker.models import SheetBatch, YearlyAction


def workbook_with_marks(batch: SheetBatch, plan: Plan) -> bytes:
    """Every row of the upload in its sheet and order, with the uploaded answers and a note at every cell that
    needs a hand.

    It has the base of the sheet that was uploaded, so that it is compared as that one was.
    """
    found = (
        YearlyAction.objects.filter(round=batch.round, pk__in=list(plan.current))
        .with_place()
        .with_departments()
    )
    last = last_entries(batch.round)
    fresh = {action.pk: row_of(action, last.get(action.place)) for action in found}
    sheets: dict[str, list[EntryRow]] = {}
    for uploaded, row in zip(rows_of(batch), plan.rows, strict=True):
        known = fresh.get(row.id or 0) if row.id in plan.current else None
        sheets.setdefault(row.sheet, []).append(_entry_row(batch, uploaded, row, known))
    meta = meta_of(batch.export) if batch.export else {}
    return write(book_of(batch.round, [EntrySheet(name, name, rows) for name, rows in sheets.items()], meta))


def _entry_row(batch: SheetBatch, uploaded: UploadedRow, plan: RowPlan, fresh: EntryRow | None) -> EntryRow:
    base = batch.export.base.get(str(plan.id)) if batch.export else None
    said = base["values"] if base else {}
    answers = {name: uploaded.values.get(name, "") for name in INPUTS}
    if fresh is None:
        return EntryRow(None, 0, False, {**said, **uploaded.values, **answers}, _marks(plan))
    told = {name: text for name, text in said.items() if name not in VOLATILE}
    version = base["version"] if base else uploaded.version or 0
    return EntryRow(fresh.id, version, fresh.is_locked, {**fresh.values, **told, **answers}, _marks(plan))


def _marks(plan: RowPlan) -> Mapping[str, str]:
    marks = {cell.name: words for cell in plan.cells if (words := _words(cell))}
    return {**marks, "": plan.message} if plan.message else marks


def _words(cell: CellPlan) -> str:
    """What the note at a cell says; "" for a cell that needs no hand."""
    if cell.outcome is Outcome.ERROR:
        return cell.message
    if cell.outcome is Outcome.CONFLICT:
        return "このシートを作ったあとに、この欄がほかで書き換えられました。いまの内容：\n%s" % (
            cell.database or "（空）"
        )
    if cell.outcome is Outcome.IGNORED:
        return f"{cell.message}\n書かれていた文字：\n{cell.file}"
    return ""
