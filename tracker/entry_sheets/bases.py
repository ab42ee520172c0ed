"""The base of a sheet: what its every cell said when it was made, kept beside its export and compared with
when it comes back.

Two packed things per row: its id, version and input cells, and its reference cells, which nobody needs who
looks at answers only.
"""

import json
from collections.abc import Iterable, Iterator, Mapping

from tracker.entry_sheets.file.columns import INPUTS
from tracker.entry_sheets.file.comparison import Base
from tracker.entry_sheets.file.reading import UploadedRow
from tracker.entry_sheets.file.writing import EntryRow, as_written
from tracker.models import SheetExport
from tracker.models.packing import lines, pack


def cells_of(rows: Iterable[EntryRow]) -> bytes:
    """What every cell of these rows will say, packed."""
    return pack(thing for row in rows for thing in _things_of(row))


def _things_of(row: EntryRow) -> Iterator[object]:
    texts = {name: as_written(name, text) for name, text in row.values.items()}
    yield row.id, row.version, {name: texts[name] for name in INPUTS}
    yield {name: text for name, text in texts.items() if name not in INPUTS}


def bases_of(export: SheetExport | None, rows: Iterable[UploadedRow]) -> dict[int, Base]:
    """What the sheet said, as far as the file's rows tell of it; in the file's own text where a cell still
    says the same, so that memory holds most of a long sheet once.
    """
    told: dict[int | None, Mapping[str, str]] = {}
    for row in rows:
        told[row.id] = {**told[row.id], **row.values} if row.id in told else row.values
    bases = {}
    for inputs, references in _pairs(export):
        pk, version, texts = json.loads(inputs)
        values = told.get(pk, {})
        if len(values) > len(INPUTS) or not all(name in INPUTS for name in values):
            texts |= {name: text for name, text in json.loads(references).items() if name in values}
        if pk in told:
            same = {name: text for name, text in values.items() if text == texts.get(name)}
            bases[pk] = Base(version, texts | same)
    return bases


def forget_untouched_references(rows: Iterable[UploadedRow], export: SheetExport | None) -> None:
    """Takes out the reference cells that say what the sheet said when it was made: most of its text, and
    nothing to tell.
    """
    by_id = {row.id: row for row in rows}
    for inputs, references in _pairs(export):
        if row := by_id.get(json.loads(inputs)[0]):
            for name, text in json.loads(references).items():
                if row.values.get(name) == text:
                    del row.values[name]


def _pairs(export: SheetExport | None) -> Iterator[tuple[str, str]]:
    """The two things of each row, as JSON."""
    things = lines(export.cells if export else b"")
    return zip(things, things, strict=True)
