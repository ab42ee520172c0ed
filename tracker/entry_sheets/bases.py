"""The base of a sheet: what its every cell said when it was made, for comparing it when it comes back.

Two packed things per row: id, version and input cells; and the reference cells, which most readers skip.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping

from tracker.entry_sheets.file.columns import may_be_input
from tracker.entry_sheets.file.comparison import StoredRow
from tracker.entry_sheets.file.entry_book import EntryRow, as_written
from tracker.entry_sheets.file.uploaded import UploadedRow
from tracker.models import SheetExport
from tracker.words.packing import lines, pack


def cells_of(rows: Iterable[EntryRow]) -> bytes:
    """What every cell of these rows will say, packed."""
    return pack(thing for row in rows for thing in _things_of(row))


def _things_of(row: EntryRow) -> Iterator[object]:
    texts = {name: as_written(name, text) for name, text in row.values.items()}
    yield row.id, row.version, {name: text for name, text in texts.items() if may_be_input(name)}
    yield {name: text for name, text in texts.items() if not may_be_input(name)}


def whole_bases(export: SheetExport | None) -> dict[int, StoredRow]:
    """The base of every row of the sheet, with all of its cells, by id."""
    bases = {}
    for inputs, references in _pairs(export):
        pk, version, texts = json.loads(inputs)
        bases[pk] = StoredRow(version, json.loads(references) | texts)
    return bases


def bases_of(export: SheetExport | None, rows: Iterable[UploadedRow]) -> dict[int, StoredRow]:
    """The base of every row that the file has, by id: the input cells, and the reference cells that it tells.

    Where the file still says the same, base and file share one string: a long sheet is in memory once.
    """
    told: dict[int | None, Mapping[str, str]] = {}
    for row in rows:
        told[row.id] = {**told[row.id], **row.values} if row.id in told else row.values
    bases = {}
    for inputs, references in _pairs(export):
        pk, version, texts = json.loads(inputs)
        values = told.get(pk, {})
        if not all(map(may_be_input, values)):
            texts |= {name: text for name, text in json.loads(references).items() if name in values}
        if pk in told:
            same = {name: text for name, text in values.items() if text == texts.get(name)}
            bases[pk] = StoredRow(version, texts | same)
    return bases


def forget_untouched_references(
    rows: Iterable[UploadedRow], export: SheetExport | None, of: Collection[int]
) -> None:
    """Removes the reference cells that say what they said at first: most of the text, and nothing to tell.

    Only those of the rows `of` these ids, which must be the uploader's: whoever learns that a cell of another
    row was as at first has read it.
    """
    by_id = {row.id: row for row in rows if row.id in of}
    for inputs, references in _pairs(export):
        if row := by_id.get(json.loads(inputs)[0]):
            for name, text in json.loads(references).items():
                if row.values.get(name) == text:
                    del row.values[name]


def _pairs(export: SheetExport | None) -> Iterator[tuple[str, str]]:
    """The two things of each row, as JSON."""
    things = lines(export.cells if export else b"")
    return zip(things, things, strict=True)
