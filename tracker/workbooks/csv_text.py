"""Text files: as text, or as the rows of a CSV (the only decoder); and cells that run nothing."""

import csv
import io
import re
from collections.abc import Iterator

from tracker.workbooks.cell_text import with_line_feeds
from tracker.workbooks.disguises import SAMPLE_CHARACTERS, WEB_PAGE, is_web_page, text_of
from tracker.workbooks.problems import FileProblem

MOST_ROWS, MOST_CELLS_A_ROW, MOST_DELIMITERS_A_LINE = 50_000, 200, 5_000
DELIMITERS = (",", "\t", ";")
# A cell of a CSV that begins so would be run as a formula. An apostrophe before it makes it text. Full-width
# signs, and the minus sign, are taken for the half-width ones by some spreadsheets.
FORMULA = re.compile("'*[=+\\-@＝＋－＠\u2212\t\r\n]")

UNKNOWN_ENCODING = (
    "文字コードを読み取れません。UTF-8 で保存し直してください"
    "（Excel では「CSV UTF-8（コンマ区切り）（.csv）」。途中で切れたファイルでも、このエラーになります）。"
)
NOT_TEXT = "文字の表ではありません（文字でないデータが入っています）。"
UNMATCHED_QUOTES = 'CSV の引用符（"）の組が合っていません。Excel で「CSV UTF-8」として保存し直してください。'
TOO_WIDE = f"CSV の列が多すぎます（{MOST_CELLS_A_ROW} 列まで）。Excel から保存し直してください。"
TOO_MANY_CSV_ROWS = f"CSV の行が多すぎます（{MOST_ROWS:,} 行まで）。"


def decoded(content: bytes) -> str:
    """The text of a file in UTF-8, cp932, or UTF-16 with BOM; its lines end with "\\n".

    Raises FileProblem, with the row where it is known, for anything else, and for a web page.
    """
    try:
        text = text_of(content)
    except UnicodeDecodeError as problem:
        raise FileProblem(UNKNOWN_ENCODING, row=content[: problem.start].count(b"\n") + 1) from problem
    if is_web_page(text):
        raise FileProblem(WEB_PAGE)
    if "\0" in text:
        raise FileProblem(NOT_TEXT, row=text[: text.index("\0")].count("\n") + 1)
    return with_line_feeds(text)


def read_csv(content: bytes) -> list[list[str]]:
    """The cells of a CSV file, a list per row. Its delimiter is the one that its beginning has most of."""
    text = decoded(content)
    return list(csv_rows(text, max(DELIMITERS, key=text[:SAMPLE_CHARACTERS].count)))


def csv_rows(text: str, delimiter: str) -> Iterator[list[str]]:
    """The rows of a CSV's text one by one; a line break inside quotes begins none. Raises FileProblem."""
    number = 0
    try:
        reader = csv.reader(_lines(text, delimiter), delimiter=delimiter, strict=True)
        for number, row in enumerate(reader, start=1):
            if len(row) > MOST_CELLS_A_ROW:
                raise FileProblem(TOO_WIDE, row=number)
            if number > MOST_ROWS:
                raise FileProblem(TOO_MANY_CSV_ROWS)
            yield row
    except csv.Error as problem:
        raise FileProblem(UNMATCHED_QUOTES, row=number + 1) from problem


def _lines(text: str, delimiter: str) -> Iterator[str]:
    """Lines as csv wants them; one that would become millions of cells is refused before it does."""
    for line in io.StringIO(text, newline="\n"):
        if line.count(delimiter) > MOST_DELIMITERS_A_LINE:
            raise FileProblem(TOO_WIDE)
        yield line


def guarded(cell: str) -> str:
    """What a CSV says for a cell, so that no spreadsheet runs it."""
    return f"'{cell}" if FORMULA.match(cell) else cell


def unguarded(cell: str) -> str:
    """The cell that a CSV's text stands for."""
    return cell[1:] if cell.startswith("'") and FORMULA.match(cell) else cell
