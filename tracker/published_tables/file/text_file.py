"""Reads the text form of a published table: lines, their cells parted by tabs, or the commas of a CSV
file.
"""

import csv

from tracker.published_tables.file.columns import is_heading_row
from tracker.workbooks.grid import Grid, Row
from tracker.workbooks.problems import FileProblem


def read(content: bytes) -> Grid:
    """The rows of a text file as a grid. UTF-8 (with or without BOM) or cp932; raises FileProblem for
    anything else.

    It is a CSV file when the table's headings are found between commas and not between tabs. There a row is
    numbered as in Excel: a line break inside quotes begins no row.
    """
    text = _decode(content)
    if "\x00" in text:
        raise FileProblem(
            "文字の表ではありません（文字でないデータが入っています）。",
            row=text[: text.index("\x00")].count("\n") + 1,
        )
    # Only line feeds end a line: str.splitlines would also cut at characters that may stand inside a cell.
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    rows = [line.split("\t") for line in lines]
    if not any(is_heading_row(row) for row in rows):
        rows = _comma_separated(lines) or rows
    return Grid(tuple(Row(number, tuple(row) or ("",)) for number, row in enumerate(rows, start=1)))


def _comma_separated(lines: list[str]) -> list[list[str]] | None:
    """The rows of a CSV file, or None where the text is none. Raises FileProblem for one whose quotes do not
    match.
    """
    rows: list[list[str]] = []
    is_table = False
    try:
        for row in csv.reader((line + "\n" for line in lines), strict=True):
            rows.append(row)
            is_table = is_table or is_heading_row(row)
    except csv.Error as problem:
        if not is_table:
            return None
        raise FileProblem(
            'CSV の引用符（"）の組が合っていません。Excel で「CSV UTF-8」として保存し直してください。',
            row=len(rows) + 1,
        ) from problem
    return rows if is_table else None


def _decode(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        try:
            return content.decode("cp932")
        except UnicodeDecodeError:
            raise FileProblem(
                (
                    "文字コードを読み取れません。UTF-8 で保存し直してください（途中で切れたファイルでも、"
                    "このエラーになります）。"
                ),
                row=content[: problem.start].count(b"\n") + 1,
            ) from problem
