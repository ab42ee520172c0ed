"""What a sheet said when it was made is kept whole; the upload forgets of it what nobody touched."""

from dataclasses import replace

import pytest

from tests.entry_sheets.filling import filled
from tests.entry_sheets.sheets import received, sheet_of
from tests.workspace import Workspace
from tracker.entry_sheets import receiving
from tracker.entry_sheets.bases import bases_of, cells_of, forget_untouched_references, whole_bases
from tracker.entry_sheets.file.columns import COLUMN_NAMES, HIDDEN, INPUTS
from tracker.entry_sheets.file.comparison import StoredRow
from tracker.entry_sheets.file.entry_book import EntryRow
from tracker.entry_sheets.file.uploaded import UploadedRow
from tracker.models import SheetExport

VALUES = {name: f"{name}の文字" for name in COLUMN_NAMES if name not in HIDDEN}


def export_of(*pks: int) -> SheetExport:
    """Rows that all say the same, each in a version of its own."""
    return SheetExport(cells=cells_of(EntryRow(pk, pk + 1, False, VALUES) for pk in pks))


def uploaded(pk: int | None, **values: str) -> UploadedRow:
    """A row as it comes from a file that nobody touched but for some cells."""
    return UploadedRow("土木課", 5, pk, 1, VALUES | values, {})


def test_every_cell_is_kept_by_its_row() -> None:
    assert whole_bases(export_of(3, 4)) == {3: StoredRow(4, VALUES), 4: StoredRow(5, VALUES)}


def test_reference_cells_are_forgotten_unless_they_were_written_into() -> None:
    rows = [uploaded(3), uploaded(4, pledge="別の公約", result="・駅"), uploaded(None), uploaded(9)]
    rows.append(uploaded(5))  # another department's
    forget_untouched_references(rows, export_of(3, 4, 5), {3, 4, 9})
    inputs = {name: VALUES[name] for name in INPUTS}
    assert [row.values for row in rows] == [
        inputs,
        inputs | {"pledge": "別の公約", "result": "・駅"},
        *[VALUES] * 3,
    ]


def test_without_an_export_nothing_is_forgotten() -> None:
    rows = [uploaded(3)]
    forget_untouched_references(rows, None, {3})
    assert (rows[0].values, bases_of(None, rows)) == (VALUES, {})


def test_a_base_tells_the_inputs_and_what_the_file_tells_besides() -> None:
    inputs = {name: VALUES[name] for name in INPUTS}
    rows = [
        replace(uploaded(3), values=inputs),
        replace(uploaded(4), values={**inputs, "pledge": "別の公約"}),
        uploaded(None),
    ]
    assert bases_of(export_of(3, 4, 5), rows) == {
        3: StoredRow(4, inputs),
        4: StoredRow(5, inputs | {"pledge": VALUES["pledge"]}),
    }


def test_a_column_that_the_file_lacks_has_its_base_all_the_same() -> None:
    bases = bases_of(export_of(3), [replace(uploaded(3), values={"result": "・駅"})])
    assert bases[3].values == {name: VALUES[name] for name in INPUTS}


def test_rows_that_are_there_twice_have_what_either_tells() -> None:
    rows = [
        replace(uploaded(3), values={"pledge": "別の公約"}),
        replace(uploaded(3), values={"category": "別の分野"}),
    ]
    assert set(bases_of(export_of(3), rows)[3].values) == {*INPUTS, "pledge", "category"}


def test_a_base_shares_the_texts_that_the_file_still_says() -> None:
    text = "".join(["・駅を", "直しました。"])
    export = SheetExport(cells=cells_of([EntryRow(3, 4, False, VALUES | {"result": text})]))
    rows = [uploaded(3, result="".join(["・駅を", "直しました。"]))]
    assert bases_of(export, rows)[3].values["result"] is rows[0].values["result"]


@pytest.mark.django_db
def test_an_uploaded_sheet_is_stored_without_what_nobody_touched(space: Workspace) -> None:
    clerk, row = space.cast.clerk, space.row(1)
    batch = received(
        space, filled(sheet_of(space, clerk), {row.pk: {"pledge": "別の公約", "result": "・駅"}}), clerk
    )
    assert [set(each.values) for each in receiving.rows_of(batch)] == [{*INPUTS, "pledge"}, set(INPUTS)]
