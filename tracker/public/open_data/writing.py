"""Tables as bytes: CSV, workbook and JSON. The same report gives the same bytes, whenever it is asked for."""

import csv
import io
import json
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any

from django.conf import settings
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment
from openpyxl.utils import get_column_letter

from tracker.public.open_data.changelog import columns_version
from tracker.public.open_data.characters import in_cp932, in_csv, plain
from tracker.public.open_data.columns import DataColumn, DataValue
from tracker.public.open_data.table import DataTable, EditionData
from tracker.workbooks.bytes import without_time
from tracker.workbooks.cell_text import MOST_UNITS, spelled, units
from tracker.workbooks.list_writing import widths
from tracker.workbooks.text_lines import line_count

READ_BY_PEOPLE = Alignment(vertical="top", wrap_text=True)
POINTS_A_LINE, HIGHEST_ROW = 15.0, 400.0
CUT = "…（続きは CSV か JSON にあります）"


def _csv_text(table: DataTable, edition: EditionData) -> str:
    """A table as CSV (RFC 4180): every value in quotes, CRLF at the end of every row."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(table.names)
    for record in table.records(edition):
        writer.writerow([in_csv(value) for value in record])
    return out.getvalue()


def as_csv(table: DataTable, edition: EditionData) -> bytes:
    """A table as CSV in UTF-8, with a BOM, so that Excel knows."""
    return _csv_text(table, edition).encode("utf-8-sig")


def as_cp932(table: DataTable, edition: EditionData) -> bytes:
    """A table as CSV in cp932; what that cannot hold is replaced as the table cp932_replacements says."""
    return in_cp932(_csv_text(table, edition)).encode("cp932")


def as_workbook(tables: Sequence[DataTable], edition: EditionData) -> bytes:
    """A workbook with a sheet for each table: the column names in row 1, and values only."""
    book = Workbook(write_only=True)
    for table in tables:
        records = [[plain(value) for value in record] for record in table.records(edition)]
        sheet = book.create_sheet(table.name)
        rooms = list(widths(table.names, records))
        for place, widest in enumerate(rooms, start=1):
            sheet.column_dimensions[get_column_letter(place)].width = widest
        sheet.append(table.names)
        look = READ_BY_PEOPLE if table.group == "ready" else None
        for number, record in enumerate(records, start=2):
            if look and edition.report.tells_every_pledge:  # older editions' files stay as they were
                sheet.row_dimensions[number].height = _height(record, rooms)
            sheet.append([_cell(sheet, value, look) for value in record])
    return without_time(book)


def _height(record: Sequence[DataValue], rooms: Sequence[int]) -> float:
    """How high a row is to be, in points, so that its texts can be read: not every program finds that out."""
    lines = (line_count(str(value), room - 1) for value, room in zip(record, rooms, strict=True) if value)
    return min(HIGHEST_ROW, POINTS_A_LINE * max(lines, default=1))


def _cell(sheet: Any, value: DataValue, look: Alignment | None) -> Any:
    if not isinstance(value, str):
        return value
    cell = WriteOnlyCell(sheet, value=spelled(_held(value)))
    cell.data_type = "s"  # text that begins with = is text, not a formula
    if look:
        cell.alignment = look
    return cell


def _held(text: str) -> str:
    """Text as a cell can hold it. A longer one says where the rest is: Excel would lose it in silence."""
    if units(text) <= MOST_UNITS:
        return text
    room = 2 * (MOST_UNITS - units(CUT))  # bytes of UTF-16; half a character at the end is left out
    return text.encode("utf-16-le")[:room].decode("utf-16-le", "ignore") + CUT


def as_json(table: DataTable, edition: EditionData) -> bytes:
    """A table as JSON in the exact wording, with what its columns mean."""
    return _json(_head(edition, [table]) | {"data_set": table.name} | _content(table, edition))


def all_as_json(tables: Sequence[DataTable], edition: EditionData) -> bytes:
    """All tables as one JSON."""
    content = {"tables": {table.name: _content(table, edition) for table in tables}}
    return _json(_head(edition, tables) | content)


def pledge_as_json(edition: EditionData, page: str, definitions: str) -> bytes:
    """What the tables say of one pledge, without what is the same in all rows, and where it can be read."""
    tables = [table for table in edition.tables if "pledge_key" in table.names or table.name == "ratings"]
    same = {column.name: column.value(edition) for table in tables for column in table.report_columns}
    own = {
        table.name: [{n: v for n, v in row.items() if n not in same} for row in _rows(table, edition)]
        for table in tables
    }
    return _json(_head(edition, tables) | same | {"page": page, "definitions": definitions, "tables": own})


def _head(edition: EditionData, tables: Sequence[DataTable]) -> dict[str, Any]:
    report = edition.report
    return {
        "title": report.title,
        "publisher": edition.city.name,
        "license": settings.DATA_LICENSE,
        "as_of": report.as_of.isoformat(),
        **({"round_name": report.round_name} if report.round_name else {}),
        "edition": report.edition,
        "published_at": report.published_at.isoformat(),
        "correction_reason": report.correction_reason or None,
        "unapproved_reason": report.unapproved_reason or None,
        "digest": report.digest,
        "columns_version": columns_version([*edition.tables, *tables]),
    }


def _content(table: DataTable, edition: EditionData) -> dict[str, Any]:
    return {
        "table_title": table.title,
        "about": table.about,
        "key": list(table.key),
        "columns": [_described(column) for column in table.columns],
        "rows": _rows(table, edition),
    }


def _rows(table: DataTable, edition: EditionData) -> list[dict[str, DataValue]]:
    return [dict(zip(table.names, record, strict=True)) for record in table.records(edition)]


def _described(column: DataColumn) -> dict[str, Any]:
    return {
        "name": column.name,
        "title": column.title,
        "description": column.meaning or None,
        "type": column.type,
        "unit": column.unit or None,
        "blank": column.blank or None,
        "allowed_values": [{"value": value, "meaning": meaning} for value, meaning in column.choices.items()]
        or None,
        "refers_to": f"{column.refers_to}.{column.name}" if column.refers_to else None,
    }


def _json(content: dict[str, Any]) -> bytes:
    """As json.dumps(content, ensure_ascii=False, indent=1) has it, which takes three times as long and as
    much memory: Python's quick encoder knows no indent, so each row is given to it by itself.
    """
    return "".join(_pieces(content, 1)).encode("utf-8")


def _pieces(value: Any, depth: int) -> Iterator[str]:
    """The text of a value whose parts stand `depth` to the right."""
    if not value or not isinstance(value, dict | list):
        yield _flat(0)(value)
        return
    line = "\n" + " " * depth
    parts = value.items() if isinstance(value, dict) else [("", part) for part in value]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    yield opening + line
    if not any(isinstance(part, dict | list) for _name, part in parts):
        yield _flat(depth)(value)[1:-1]
    else:
        for number, (name, part) in enumerate(parts):
            yield f",{line}" if number else ""
            yield f"{_flat(0)(name)}: " if isinstance(value, dict) else ""
            yield from _pieces(part, depth + 1)
    yield line[:-1] + closing


@cache
def _flat(depth: int) -> Callable[[Any], str]:
    """Writes what has no parts with parts of their own, each part in a line of its own."""
    return json.JSONEncoder(ensure_ascii=False, separators=(",\n" + " " * depth, ": ")).encode
