"""Tables of text in and out of files: .xlsx and .csv, of which only the bytes are believed, not the name."""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font

from tracker.workbooks.bytes import CONTENT_TYPE
from tracker.workbooks.disguises import looks_like_text
from tracker.workbooks.problems import FileProblem
from tracker.workbooks.safe_reading import read_first_sheet

MAX_BYTES = 5 * 1024 * 1024
MAX_ROWS = 20_000
MAX_CELL = 32_767  # characters that a cell of a workbook holds
BOM = b"\xef\xbb\xbf"
# A cell of a CSV that begins so would be taken for a formula; an apostrophe before it makes it text (and is
# taken off again).
FORMULA = re.compile(r"^'*[=+\-@＝＋－＠\t\r]")
GUARDED = re.compile(r"^'+[=+\-@＝＋－＠\t\r]")
CONTENT_TYPES = {"xlsx": CONTENT_TYPE, "csv": "text/csv; charset=utf-8"}


@dataclass(frozen=True)
class Table:
    """Headings and rows of text; `numbers` says where each row stood in the file (the headings are row 1)."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...]


def read(content: bytes) -> Table:
    """The first sheet of a workbook, or a CSV in UTF-8 or the Japanese encoding of Windows. Raises
    FileProblem.
    """
    if len(content) > MAX_BYTES:
        raise FileProblem(f"ファイルが大きすぎます（{MAX_BYTES // 1024 // 1024} MB まで）。")
    rows = _csv_rows(content) if looks_like_text(content) else _workbook_rows(content)
    filled = [(number, cells) for number, cells in rows if any(cell.strip() for cell in cells)]
    if not filled:
        raise FileProblem("ファイルに何も書かれていません。")
    if len(filled) > MAX_ROWS:
        raise FileProblem(f"行が多すぎます（{MAX_ROWS} 行まで）。")
    _number, heads = filled[0]
    width = max((index for index, cell in enumerate(heads, start=1) if cell.strip()), default=0)
    for number, cells in filled:
        if any(cell.strip() for cell in cells[width:]):
            raise FileProblem("見出しのない列に文字があります。", row=number)
    body = [(number, (*cells[:width], *[""] * (width - len(cells)))) for number, cells in filled[1:]]
    headings = tuple(cell.strip() for cell in heads[:width])
    return Table(headings, tuple(cells for _n, cells in body), tuple(number for number, _cells in body))


def _workbook_rows(content: bytes) -> list[tuple[int, Sequence[str]]]:
    return list(enumerate(read_first_sheet(content), start=1))


def _csv_rows(content: bytes) -> list[tuple[int, Sequence[str]]]:
    for encoding in ("utf-8-sig", "cp932"):
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise FileProblem(
            "文字の種類が分かりません。Excel ブック（.xlsx）か、UTF-8 の CSV で保存し直してください。"
        )
    if "\0" in text:
        raise FileProblem("CSV でも Excel ブックでもないファイルです。")
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as problem:
        raise FileProblem('CSV として読めません。引用符（"）の数を確かめてください。') from problem
    return [(number, [unguarded(cell) for cell in row]) for number, row in enumerate(rows, start=1)]


def write(suffix: str, title: str, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    """A table as a file. Every cell is text, whatever it begins with."""
    return _xlsx(title, headings, rows) if suffix == "xlsx" else _csv(headings, rows)


def _csv(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(headings)
    writer.writerows([guarded(cell) for cell in row] for row in rows)
    return BOM + out.getvalue().encode("utf-8")


def guarded(cell: str) -> str:
    return f"'{cell}" if FORMULA.match(cell) else cell


def unguarded(cell: str) -> str:
    return cell[1:] if GUARDED.match(cell) else cell


def _xlsx(title: str, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"

    def cell(text: str, *, is_heading: bool = False) -> Any:
        made = WriteOnlyCell(sheet, value=ILLEGAL_CHARACTERS_RE.sub("", text)[:MAX_CELL])
        made.data_type = "s"  # never a formula
        made.number_format = "@"  # and what is typed over it stays text: 1-2 is no date
        made.alignment = Alignment(vertical="top", wrap_text=True)
        made.font = Font(bold=is_heading)
        return made

    for index, heading in enumerate(headings):
        longest = max(
            [len(heading) * 2, *(len(line) * 2 for row in rows[:200] for line in row[index].split("\n"))]
        )
        sheet.column_dimensions[chr(ord("A") + index)].width = min(60, longest + 2)
    sheet.append([cell(heading, is_heading=True) for heading in headings])
    for row in rows:
        sheet.append([cell(text) for text in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
