"""Master data in and out of files: .xlsx and .csv, of which only the bytes are believed, not the name."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tracker.workbooks.bytes import CONTENT_TYPE
from tracker.workbooks.cell_text import NOT_IN_ANY_FILE, refuse_too_long
from tracker.workbooks.csv_text import csv_rows, decoded, guarded, unguarded
from tracker.workbooks.disguises import looks_like_text
from tracker.workbooks.list_writing import ListSheet, write_lists
from tracker.workbooks.noted_cells import NOT_TAKEN, addresses
from tracker.workbooks.problems import FileProblem
from tracker.workbooks.safe_reading import CellSheet, read_first_sheet

MAX_FILE_BYTES = 5 * 1024 * 1024
MAX_FILE_ROWS = 20_000
CONTENT_TYPES = {"xlsx": CONTENT_TYPE, "csv": "text/csv; charset=utf-8"}


@dataclass(frozen=True)
class MasterFile:
    """Headings and rows of text; `numbers` says where each row stood in the file (the headings are row 1).

    `noted` tells which cells have notes on them, which nobody takes; "" where none has.
    """

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...]
    noted: str = ""


def read(content: bytes) -> MasterFile:
    """The first visible sheet of a workbook, or a CSV. Raises FileProblem."""
    if len(content) > MAX_FILE_BYTES:
        raise FileProblem(f"ファイルが大きすぎます（{MAX_FILE_BYTES // 1024 // 1024} MB まで）。")
    if looks_like_text(content):
        rows, noted = [[unguarded(cell) for cell in row] for row in csv_rows(decoded(content), ",")], ""
    else:
        sheet = read_first_sheet(content)
        rows, noted = sheet.plain_rows(), _notes_told(sheet)
    filled = [(number, row) for number, row in enumerate(rows, start=1) if any(map(str.strip, row))]
    if not filled:
        raise FileProblem("ファイルに何も書かれていません。")
    if len(filled) > MAX_FILE_ROWS:
        raise FileProblem(f"行が多すぎます（{MAX_FILE_ROWS} 行まで）。")
    headings = [cell.strip() for cell in filled[0][1]]
    while not headings[-1]:
        headings.pop()
    count = len(headings)
    for number, row in filled:
        if any(map(str.strip, row[count:])):
            raise FileProblem("見出しのない列に文字があります。", row=number)
    body = tuple((*row[:count], *[""] * (count - len(row))) for _number, row in filled[1:])
    return MasterFile(tuple(headings), body, tuple(number for number, _row in filled[1:]), noted)


def _notes_told(sheet: CellSheet) -> str:
    """Which cells have notes on them, and that these are not taken."""
    where = addresses(sheet.looks.comments)
    return f"{where}：{NOT_TAKEN}" if where else ""


def write(suffix: str, title: str, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    """A file in which every cell is text. Raises FileProblem for a text that no cell of a workbook holds."""
    return _xlsx(title, headings, rows) if suffix == "xlsx" else _csv(headings, rows)


def _csv(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(headings)
    writer.writerows([guarded(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def _xlsx(title: str, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    _refuse_impossible(headings, rows)
    return write_lists(ListSheet(title, headings, rows))


def _refuse_impossible(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Raises FileProblem for what would be cut or changed."""
    for number, row in enumerate(rows, start=2):
        for heading, text in zip(headings, row, strict=True):
            what = f"{number} 行目の「{heading}」"
            refuse_too_long(text, what, row=number, column=heading)
            if found := NOT_IN_ANY_FILE.search(text):
                words = f"{what}に、Excel のセルに入らない文字（U+{ord(found[0]):04X}）があります。"
                raise FileProblem(words, row=number, column=heading)
