"""Reads an .xlsx of the published layout: every visible sheet in order, merged cells resolved."""

import io
import re
import zipfile
from datetime import date, time, timedelta
from xml.parsers import expat

from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from tracker.spreadsheets.grid import FileProblem, Grid, Row

ZIP_MAGIC = b"PK\x03\x04"
OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MAX_UNZIPPED_BYTES = 100 * 1024 * 1024
MAX_ROWS, MAX_COLUMNS, MAX_MERGES = 20_000, 60, 20_000
MAX_MERGED_CELLS = 200_000
ADDRESS = re.compile(r"^\$?([A-Z]{1,3})\$?(\d{1,7})$")


def looks_like_workbook(content: bytes) -> bool:
    """Whether the bytes are a zip or an old Office file, whatever the file's name says."""
    return content.startswith((ZIP_MAGIC, OLE_MAGIC))


def read(content: bytes) -> Grid:
    """The visible sheets of a workbook as one grid. Raises FileProblem for a file that cannot or must not be opened."""
    if content.startswith(OLE_MAGIC):
        raise FileProblem(
            "パスワード付きのブック、または古い形式（.xls）です。"
            "パスワードを外し、「Excel ブック（.xlsx）」で保存し直してください。"
        )
    _look_inside(content)
    try:
        book = load_workbook(io.BytesIO(content), data_only=True, keep_links=False)
        sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        rows = tuple(row for sheet in sheets for row in _rows(sheet))
    except FileProblem:
        raise
    except Exception as problem:  # openpyxl lets through whatever its reading of a damaged part trips over
        raise FileProblem(
            "Excel のブックとして開けません。壊れているか、別の形式のファイルです。Excel で開いて保存し直してください。"
        ) from problem
    return Grid(rows, knows_merges=any(row.merged for row in rows), sheets=tuple(sheet.title for sheet in sheets))


def _look_inside(content: bytes) -> None:
    """Sizes, declarations, far-away cells, merged areas and formulas are looked at before openpyxl sees the file."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(part.file_size for part in archive.infolist()) > MAX_UNZIPPED_BYTES:
                raise FileProblem(
                    "ブックの中身が大きすぎます（展開後 100 MB まで）。表だけを新しいブックに写して保存してください。"
                )
            if "xl/workbook.xml" not in archive.namelist():
                raise FileProblem("Excel のブック（.xlsx）ではありません。「Excel ブック（.xlsx）」で保存し直してください。")
            for part in archive.infolist():
                _look_at_part(part.filename, archive.read(part))
    except FileProblem:
        raise
    except Exception as problem:  # zipfile, zlib, lzma and expat each have errors of their own for damaged data
        raise FileProblem("ブックが壊れています。Excel で開けるか確かめ、保存し直してください。") from problem


def _look_at_part(name: str, content: bytes) -> None:
    """Any part may be named as a sheet, whatever it is called; only what is no XML at all is left alone."""
    try:
        _Look().read(content)
    except expat.ExpatError:
        if name.endswith((".xml", ".rels")):
            raise


class _Look:
    """Reads one XML part of a workbook, to refuse what would exhaust or deceive the real parser."""

    def __init__(self) -> None:
        self.merges = self.merged_cells = 0
        self.cell = ""
        self.is_text = self.has_formula = self.in_value = self.has_value = False

    def read(self, xml: bytes) -> None:
        """Raises FileProblem for a part that must not be opened, ExpatError for one that is no XML."""
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartDoctypeDeclHandler = self.doctype
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.text
        parser.Parse(xml, True)

    def doctype(self, *declaration: object) -> None:
        raise FileProblem(
            "ブックの中に許されない宣言（DOCTYPE／ENTITY）があります。Excel で新しいブックに写して保存してください。"
        )

    def start(self, name: str, attributes: dict[str, str]) -> None:
        match name.rpartition(" ")[2]:
            case "c":
                self.cell, self.is_text = attributes.get("r", ""), attributes.get("t") == "str"
                self.has_formula = self.has_value = False
                self.place(self.cell)
            case "f":
                self.has_formula = True
            case "v":
                self.in_value, self.has_value = True, self.is_text  # a text may be the empty one
            case "mergeCell":
                self.merge(attributes.get("ref", ""))

    def text(self, text: str) -> None:
        self.has_value = self.has_value or self.in_value

    def end(self, name: str) -> None:
        if name.rpartition(" ")[2] == "v":
            self.in_value = False
        if name.rpartition(" ")[2] == "c" and self.has_formula and not self.has_value:
            raise FileProblem(
                f"セル {self.cell} の数式に計算結果がありません。Excel で開いて保存し直すか、文字に直してください。"
            )

    def place(self, address: str) -> tuple[int, int]:
        """Column and row of an address; those of a missing one are left to the sheet's size."""
        match = ADDRESS.match(address)
        if not match:
            return 1, 1
        column = sum((ord(letter) - 64) * 26**power for power, letter in enumerate(reversed(match[1])))
        if column > MAX_COLUMNS or int(match[2]) > MAX_ROWS:
            raise FileProblem(f"表から遠く離れたセル（{address}）があります。そのセルを削除してください。")
        return column, int(match[2])

    def merge(self, area: str) -> None:
        first, _, last = area.partition(":")
        (left, top), (right, bottom) = self.place(first), self.place(last or first)
        self.merges += 1
        self.merged_cells += (right - left + 1) * (bottom - top + 1)
        if self.merges > MAX_MERGES or self.merged_cells > MAX_MERGED_CELLS:
            raise FileProblem(f"結合セルが多すぎます（{MAX_MERGES} か所、{MAX_MERGED_CELLS} セルまで）。")


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
        raise FileProblem(f"セル {cell.coordinate} がエラー値（{value}）です。文字に直してください。", row=row, sheet=sheet.title)
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, date | time | timedelta):
        raise FileProblem(
            f"セル {cell.coordinate} が日付や時刻に変わっています。表示形式を「文字列」にして入れ直してください。",
            row=row,
            sheet=sheet.title,
        )
    # Tabs and carriage returns are white space in a cell; Excel writes some as _x000D_.
    return str(value).replace("_x000D_", "").replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
