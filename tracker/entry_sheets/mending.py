"""The sheet made anew with what was uploaded and a mark at what is wrong, to be mended and uploaded again."""

from collections.abc import Mapping

from tracker.entry_sheets.bases import whole_bases
from tracker.entry_sheets.exporting import book_of, former_actuals, last_entries, meta_of, row_of
from tracker.entry_sheets.file.columns import INPUTS, may_be_input
from tracker.entry_sheets.file.comparison import VOLATILE, CellOutcome, ComparedCell, ComparedRow, StoredRow
from tracker.entry_sheets.file.entry_book import UNNAMED, EntryRow
from tracker.entry_sheets.file.uploaded import UploadedRow
from tracker.entry_sheets.file.writing import write
from tracker.entry_sheets.planning import Plan
from tracker.entry_sheets.receiving import rows_of
from tracker.models import SheetBatch, YearlyAction
from tracker.models.reporting import read_indicators


def workbook_with_marks(batch: SheetBatch, plan: Plan) -> bytes:
    """Every row of the upload in its sheet and order, with the uploaded answers and a note at what is wrong.

    It has the base of the sheet that was uploaded, so that it is compared as that one was.
    """
    known = [row.id for row in plan.rows if row.now and row.id]
    found = YearlyAction.objects.filter(round=batch.round, pk__in=known).with_place().with_departments()
    read_indicators(found)
    last, bases = last_entries(batch.round), whole_bases(batch.export)
    before = former_actuals(batch.round, plan.measured)
    fresh = {action.pk: row_of(action, last.get(action.place), before) for action in found}
    sheets: dict[str, list[EntryRow]] = {}
    for uploaded, row in zip(rows_of(batch), plan.rows, strict=True):
        pk = row.id or 0
        name = row.sheet if uploaded.letters else UNNAMED  # it may have a line of an indicator only
        made = _entry_row(uploaded, row, fresh.get(pk), bases.get(pk))
        sheets.setdefault(name, []).append(made)
    meta = meta_of(batch.export) if batch.export else {}
    return write(book_of(batch.round, sheets, meta, batch.owner, plan.measured))


def _entry_row(
    uploaded: UploadedRow, compared: ComparedRow, fresh: EntryRow | None, base: StoredRow | None
) -> EntryRow:
    """`fresh` is the row as a new sheet would have it; None for a row that is not this person's.

    Such a row says what was uploaded and no more: the sheet may have been made for somebody who sees more.
    """
    marks = _marks(compared)
    answers = dict.fromkeys(INPUTS, "")
    answers |= {name: text for name, text in uploaded.values.items() if may_be_input(name)}
    if fresh is None:
        return EntryRow(None, 0, False, {**uploaded.values, **answers}, marks)
    said = base.values if base else {}
    told = {name: text for name, text in said.items() if name not in VOLATILE}
    version = base.version if base else uploaded.version or 0
    return EntryRow(fresh.id, version, fresh.is_locked, {**fresh.values, **told, **answers}, marks)


def _marks(row: ComparedRow) -> Mapping[str, str]:
    marks = {cell.name: _words(cell) for cell in row.cells} | {"": row.message}
    return {name: words for name, words in marks.items() if words}


def _words(cell: ComparedCell) -> str:
    """What the note at a cell says; "" for a cell that needs no hand."""
    if cell.outcome is CellOutcome.ERROR:
        return cell.message
    if cell.outcome is CellOutcome.CONFLICT:
        words = "このシートを作ったあとに、この欄がほかで書き換えられました。いまの内容：\n"
        return words + (cell.database or "（空）")
    if cell.outcome is CellOutcome.IGNORED:
        return f"{cell.message}\n書かれていた文字：\n{cell.file}"
    return ""
