"""Tables as bytes: CSV, workbook and JSON. The same report gives the same bytes, whenever it is asked for."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import Any

from django.conf import settings
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.page import PageMargins

from tracker.public.open_data.changelog import columns_version
from tracker.public.open_data.characters import in_cp932, in_csv, plain
from tracker.public.open_data.columns import DataColumn, DataValue
from tracker.public.open_data.table import DataTable, EditionData
from tracker.workbooks.bytes import without_time
from tracker.workbooks.cell_text import MOST_UNITS, spelled, units
from tracker.workbooks.list_writing import A3, make_ready_to_print, widths
from tracker.workbooks.text_lines import line_count

READ_BY_PEOPLE = Alignment(vertical="top", wrap_text=True)
WIDEST_READ = 36  # of a column that people read and print, in half-width characters
POINTS_A_LINE, HIGHEST_ROW = 18.0, 400.0
LETTERS_ROOM = 1.05  # a Japanese letter is somewhat wider than the two of a column's characters
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
        sheet, is_read = book.create_sheet(table.name), table.group == "ready"
        if is_read and edition.report.tells_every_pledge:  # older editions' files stay as they were
            _write_to_be_read(sheet, table, records)
        else:
            _write(sheet, table, records, READ_BY_PEOPLE if is_read else None)
    return without_time(book)


def _write(
    sheet: Any, table: DataTable, records: Sequence[Sequence[DataValue]], look: Alignment | None
) -> None:
    _set_widths(sheet, widths(table.names, records))
    sheet.append(table.names)
    for record in records:
        sheet.append([_cell(sheet, value, look) for value in record])


def _write_to_be_read(sheet: Any, table: DataTable, records: Sequence[Sequence[DataValue]]) -> None:
    """Rows as high as their texts, below headings that stay and can be filtered by. Printed with lines, and
    without the columns that say the same in each row, so that the others have room.
    """
    make_ready_to_print(sheet, A3)
    rooms, own = list(widths(table.names, records, WIDEST_READ)), len(table.report_columns) + 1
    _set_widths(sheet, rooms)
    last = get_column_letter(len(table.names))
    sheet.print_area = f"{get_column_letter(own)}1:{last}{len(records) + 1}"
    sheet.freeze_panes, sheet.auto_filter.ref = "A2", f"A1:{last}{len(records) + 1}"
    sheet.print_options.gridLines = True
    sheet.page_margins = PageMargins(left=0.3, right=0.3, top=0.4, bottom=0.5, header=0.2, footer=0.2)
    for number, record in enumerate([table.names, *records], start=1):
        sheet.row_dimensions[number].height = _height(record, rooms)
        sheet.append([_read_cell(sheet, value) for value in record])


def _set_widths(sheet: Any, rooms: Iterable[int]) -> None:
    for place, room in enumerate(rooms, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = room


def _height(record: Sequence[DataValue], rooms: Sequence[int]) -> float:
    """How high a row is to be, in points, so that its texts can be read: not every program finds that out."""
    lines = (
        line_count(str(value), int((room - 1) / LETTERS_ROOM))
        for value, room in zip(record, rooms, strict=True)
        if value
    )
    return min(HIGHEST_ROW, POINTS_A_LINE * max(lines, default=1))


def _cell(sheet: Any, value: DataValue, look: Alignment | None) -> Any:
    if not isinstance(value, str):
        return value
    cell = WriteOnlyCell(sheet, value=spelled(_held(value)))
    cell.data_type = "s"  # text that begins with = is text, not a formula
    if look:
        cell.alignment = look
    return cell


def _read_cell(sheet: Any, value: DataValue) -> Any:
    """Every value stands at the top of its row, numbers as well."""
    cell = _cell(sheet, value, READ_BY_PEOPLE)
    if value is not None and not isinstance(value, str):
        cell = WriteOnlyCell(sheet, value=value)
        cell.alignment = READ_BY_PEOPLE
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
