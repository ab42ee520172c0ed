"""Workbooks of other cities' kinds, made cell by cell, and how they are read."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from tests.published_tables.file.writing import book_bytes
from tracker.published_tables.file.document import document_of
from tracker.published_tables.file.reading import table_in
from tracker.published_tables.file.table import Anomaly, PublishedTable

Cells = Sequence[str | float | None]

TITLE = "星浜市長公約の進捗状況（令和7年3月末時点）"
LEGEND = (["<進捗状況>"], ["A：達成"], ["B：順調"], ["C：遅れ"])
HEADINGS = ("公約", "令和5年度の取組", "令和6年度の取組", "令和7年度の予定", "進捗状況", "担当課")
FIRST = ("①企業を呼びます", "・交渉した。", "・1 社来た。", "・続ける。", "A", "商工課")
SECOND = ("②起業を助けます", "・窓口を開いた。", "・5 件。", "・続ける。", "B", "商工課")
THIRD = (None, "・塾を開いた。", "・6 回。", "・7 回。", "C", "産業課")
LINES = (["1. 産業"], ["(1) 企業"])


def sheet_of(book: Workbook, rows: Iterable[Cells], name: str = "進捗") -> Worksheet:
    """A further sheet with these rows."""
    sheet = book.create_sheet(name)
    for number, row in enumerate(rows, start=1):
        for place, value in enumerate(row, start=1):
            sheet.cell(number, place, value)
    return sheet


def made(
    rows: Iterable[Cells], change: Callable[[Worksheet], object] | None = None, merges: str = ""
) -> bytes:
    """A workbook of one sheet; `merges` are areas, parted by blanks."""
    book = Workbook()
    book.remove(book.worksheets[0])
    sheet = sheet_of(book, rows)
    for area in merges.split():
        sheet.merge_cells(area)
    if change:
        change(sheet)
    return book_bytes(book)


def usual(*rows: Cells, headings: Cells = HEADINGS, legend: Sequence[Cells] = LEGEND) -> list[Cells]:
    """The rows of a usual table: title, legend, field, section, headings (row 11), and these rows."""
    return [[TITLE], [], *legend, [], [], *LINES, headings, *(rows or (FIRST, SECOND, THIRD))]


def read_book(content: bytes, layout: dict[str, Any] | None = None) -> PublishedTable:
    return table_in(content, None if layout is None else document_of(layout))


def told(table: PublishedTable, kind: str) -> list[Anomaly]:
    return [anomaly for anomaly in table.anomalies if anomaly.kind == kind]


def outline(table: PublishedTable) -> list[tuple[str, str, str, str]]:
    """Field, section, number and words of every pledge."""
    return [(c.name, s.name, p.number, p.text) for c, s, p in table.pledges()]
