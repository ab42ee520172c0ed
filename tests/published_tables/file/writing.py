"""Small tables as text, the city's text as a workbook, and workbooks tampered with."""

import io
import zipfile
from collections.abc import Iterable, Mapping

from openpyxl import Workbook
from openpyxl.cell import MergedCell
from openpyxl.worksheet.worksheet import Worksheet

from tracker.published_tables.file.grid import Grid

LEGEND = (
    "<実施状況>\nA : 達成（進捗率100%）\nB : おおむね達成（進捗率75%程度）\nC : 一部達成（進捗率50%程度）\n"
)
HEADINGS = (
    *(
        "マニフェスト",
        "総合計画実施計画の関連事業",
        "SDGs関連項目",
        "令和3年度までの主な取組",
        "令和4年度の主な取組",
    ),
    *("令和5年度の主な取組", "令和6年度の取組予定", "実施状況", "担当課"),
)
PLEDGE_ROW = (
    "①駅を直します",
    "2-2-3①③ 駅前 整備事業",
    "11",
    "・調べました。",
    "・図りました。",
    "・建てました。",
    "・開きます。",
    "A",
    "土木課",
)
NEXT_ROW = ("", "—", "", "・甲です。", "・乙です。", "・丙です。", "・丁です。", "B", "農政課")


def small_text(
    *rows: Iterable[str],
    headings: Iterable[str] = HEADINGS,
    legend: str = LEGEND,
    as_of: str = "令和6年3月末",
) -> str:
    """A text file of one section that holds the rows (by default two). The first row is line 12."""
    table = rows or (PLEDGE_ROW, NEXT_ROW)
    head = (
        f"市長マニフェストの達成状況（{as_of}時点）\n\n{legend}\n1. まち\n\n(1) 道路\n"
        + "\t".join(headings)
        + "\n"
    )
    return head + "".join("\t".join(row) + "\n" for row in table)


def replaced(row: tuple[str, ...], changes: Mapping[int, str]) -> tuple[str, ...]:
    """The row with other texts in some of its cells."""
    return tuple(changes.get(index, cell) for index, cell in enumerate(row))


def book_bytes(book: Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def raw_workbook(grid: Grid) -> bytes:
    """A text grid on a sheet as it is; a continuing row's blanks are merged with the row above."""
    book, sheet = _new()
    anchors: dict[int, tuple[int, int]] = {}  # per column, the first and last row of the area that is growing
    for row in grid.rows:
        for column, cell in enumerate(row.cells, start=1):
            _put(sheet, row.number, column, cell)
        continues = len(row.cells) == len(HEADINGS) and not row.cells[0].strip() and row.filled
        for column in range(4, len(HEADINGS) + 1):
            if continues and not row.cells[column - 1].strip():
                first, _ = anchors.get(column, (row.number - 1, 0))
                anchors[column] = (first, row.number)
            elif column in anchors:
                _merge(sheet, column, *anchors.pop(column))
    for column, (first, last) in anchors.items():
        _merge(sheet, column, first, last)
    return book_bytes(book)


def _new() -> tuple[Workbook, Worksheet]:
    book = Workbook()
    assert isinstance(book.active, Worksheet)
    return book, book.active


def _put(sheet: Worksheet, row: int, column: int, text: str) -> None:
    cell = sheet.cell(row, column)
    assert not isinstance(cell, MergedCell)
    if text:
        cell.value = text
        cell.data_type = "s"


def _merge(sheet: Worksheet, column: int, first: int, last: int) -> None:
    if last > first:
        sheet.merge_cells(start_row=first, end_row=last, start_column=column, end_column=column)


def part_replaced(content: bytes, name: str, change: Mapping[bytes, bytes]) -> bytes:
    """A workbook with bytes replaced in one of its parts."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            xml = old.read(part)
            if part.filename == name:
                for before, after in change.items():
                    assert before in xml
                    xml = xml.replace(before, after, 1)
            new.writestr(part.filename, xml)
    return file.getvalue()


def part_text(content: bytes, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read(name).decode()


SHEET = "xl/worksheets/sheet1.xml"
