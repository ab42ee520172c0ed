"""Reads an .xlsx of the published layout: every visible sheet in order, merged cells resolved."""

import io
import re
from datetime import date, time, timedelta

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from tracker.workbooks.disguises import OLE_MAGIC as OLE_MAGIC
from tracker.workbooks.disguises import ZIP_MAGIC
from tracker.workbooks.findings import Findings, Limits
from tracker.workbooks.grid import Grid, Row
from tracker.workbooks.guard import look_inside
from tracker.workbooks.problems import FileProblem

MAX_ROWS, MAX_COLUMNS = 20_000, 60
SPELLED = re.compile("_x(000D|005F)_")
LIMITS = Limits(
    unpacked_bytes=100 * 1024 * 1024,
    rows=MAX_ROWS,
    columns=MAX_COLUMNS,
    cells=100 * MAX_ROWS * MAX_COLUMNS,  # of all sheets; each is bounded by its rows and columns
    characters=100_000_000,
    strings=2_000_000,
    merges=20_000,
    merged_cells=200_000,
    counts_empty_cells=True,
    is_strict=False,  # openpyxl reads whatever XML says, and links and objects are left behind
)


def looks_like_workbook(content: bytes) -> bool:
    """Whether the bytes are a zip or an old Office file, whatever the file's name says."""
    return content.startswith((ZIP_MAGIC, OLE_MAGIC))


def read(content: bytes) -> Grid:
    """The visible sheets of a workbook as one grid. Raises FileProblem for a file that cannot or must not be
    opened.
    """
    _refuse_uncalculated(look_inside(content, LIMITS))
    try:
        book = load_workbook(io.BytesIO(content), data_only=True, keep_links=False)
        sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        rows = tuple(row for sheet in sheets for row in _rows(sheet))
    except FileProblem:
        raise
    except Exception as problem:  # openpyxl lets through whatever its reading of a damaged part trips over
        raise FileProblem(
            "Excel のブックとして開けません。壊れているか、別の形式のファイルです。"
            "Excel で開いて保存し直してください。"
        ) from problem
    return Grid(
        rows, knows_merges=any(row.merged for row in rows), sheets=tuple(sheet.title for sheet in sheets)
    )


def _refuse_uncalculated(findings: Findings) -> None:
    """openpyxl gives nothing for a formula without its result: text would be lost unseen."""
    for part, sheet in findings.parts.items():
        for row, column in sheet.uncalculated:
            address = f"{get_column_letter(column + 1)}{row + 1}"
            raise FileProblem(
                (
                    f"セル {address} の数式に計算結果がありません。"
                    "Excel で開いて保存し直すか、文字に直してください。"
                ),
                row=row + 1,
                sheet=findings.names.get(part),
            )


def _rows(sheet: Worksheet) -> list[Row]:
    if sheet.max_row > MAX_ROWS or sheet.max_column > MAX_COLUMNS:
        raise FileProblem(f"シートが大きすぎます（{MAX_ROWS} 行、{MAX_COLUMNS} 列まで）。", sheet=sheet.title)
    anchors: dict[tuple[int, int], tuple[int, int]] = {}
    for area in sheet.merged_cells.ranges:
        for row in range(area.min_row, area.max_row + 1):
            for column in range(area.min_col, area.max_col + 1):
                anchors[row, column] = (area.min_row, area.min_col)
    rows = []
    for number in range(1, sheet.max_row + 1):
        cells, merged = [], set()
        for column in range(1, sheet.max_column + 1):
            anchor_row, anchor_column = anchors.get((number, column), (number, column))
            if anchor_row < number:
                merged.add(column - 1)
            # A cell merged sideways (a heading across the table) is text once, in its first column.
            inside = anchor_row != number or anchor_column != column
            cells.append("" if inside else _text(sheet, number, column))
        rows.append(Row(number, tuple(cells), sheet.title, frozenset(merged)))
    return rows


def _text(sheet: Worksheet, row: int, column: int) -> str:
    cell = sheet.cell(row, column)
    value = cell.value
    if cell.data_type == "e":
        raise FileProblem(
            f"セル {cell.coordinate} がエラー値（{value}）です。文字に直してください。",
            row=row,
            sheet=sheet.title,
        )
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, date | time | timedelta):
        raise FileProblem(
            (
                f"セル {cell.coordinate} が日付や時刻に変わっています。"
                "表示形式を「文字列」にして入れ直してください。"
            ),
            row=row,
            sheet=sheet.title,
        )
    # Tabs and carriage returns are white space in a cell; Excel spells some as _x000D_, and an underscore
    # before such a spelling as _x005F_.
    plain = SPELLED.sub(lambda spelling: "_" if spelling[1] == "005F" else "", str(value))
    return plain.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
