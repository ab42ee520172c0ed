"""A file on disk as a table: which reader is for the content, whatever the name says."""

from pathlib import Path

from tracker.published_tables.file import reading_back, text_file
from tracker.published_tables.file.parser import parse
from tracker.published_tables.file.table import Table
from tracker.workbooks import workbook
from tracker.workbooks.problems import FileProblem

MAX_BYTES = 20 * 1024 * 1024


def read_table(path: Path) -> Table:
    """The published table in a text file or workbook. Raises FileProblem, never anything else, for a bad
    file.
    """
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise FileProblem("ファイルが大きすぎます（20 MB まで）。")
        content = path.read_bytes()
    except OSError as problem:
        raise FileProblem(
            f"ファイルを開けません（{problem.strerror}）。場所と名前を確かめてください。"
        ) from problem
    if not content.strip():
        raise FileProblem("ファイルが空です。")
    if not workbook.looks_like_workbook(content):
        return parse(text_file.read(content))
    grid = workbook.read(content)
    return reading_back.read(grid) or parse(grid)
