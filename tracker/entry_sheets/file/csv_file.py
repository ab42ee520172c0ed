"""An entry sheet that was saved as text from Excel (CSV, or 「Unicode テキスト」): its cells, and no hidden
sheets.
"""

import codecs
import csv
import io
from collections.abc import Iterator

from tracker.workbooks.disguises import SAMPLE_CHARACTERS, WEB_PAGE, is_web_page
from tracker.workbooks.problems import FileProblem

MOST_ROWS, MOST_CELLS_A_ROW, MOST_DELIMITERS_A_LINE = 50_000, 200, 5_000
DELIMITERS = (",", "\t", ";")
UNREADABLE = (
    "文字コードを読み取れません。Excel で「CSV UTF-8（コンマ区切り）（.csv）」を選んで保存し直してください。"
)
BROKEN = 'CSV として読めません（引用符「"」の組が合っていません）。Excel で開いて保存し直してください。'
TOO_WIDE = "CSV の列が多すぎます。入力シートを Excel から保存し直してください。"
TOO_LONG = f"CSV の行が多すぎます（{MOST_ROWS:,} 行まで）。"


def read(content: bytes) -> list[list[str]]:
    """The cells of a CSV (UTF-8 with or without BOM, cp932, UTF-16 with BOM), a list per row. Raises
    FileProblem.
    """
    text = _decode(content)
    if is_web_page(text):
        raise FileProblem(WEB_PAGE)
    delimiter = max(DELIMITERS, key=text[:SAMPLE_CHARACTERS].count)
    rows: list[list[str]] = []
    try:
        for row in csv.reader(_lines(text, delimiter), delimiter=delimiter, strict=True):
            if len(row) > MOST_CELLS_A_ROW:
                raise FileProblem(TOO_WIDE, row=len(rows) + 1)
            if len(rows) == MOST_ROWS:
                raise FileProblem(TOO_LONG)
            rows.append(row)
    except csv.Error as problem:
        raise FileProblem(BROKEN, row=len(rows) + 1) from problem
    return rows


def _decode(content: bytes) -> str:
    is_unicode_text = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ["utf-16"] if is_unicode_text else ["utf-8-sig", "cp932"]:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise FileProblem(UNREADABLE)


def _lines(text: str, delimiter: str) -> Iterator[str]:
    """Lines as csv wants them; one that would become millions of cells is refused before it does."""
    for line in io.StringIO(text, newline=""):
        if line.count(delimiter) > MOST_DELIMITERS_A_LINE:
            raise FileProblem(TOO_WIDE)
        yield line
