"""A file on disk as a published table: its content decides how it is read, whatever the name says."""

from pathlib import Path

from tracker.published_tables.file import own_table
from tracker.published_tables.file.grid import grid_of
from tracker.published_tables.file.parser import parse_table
from tracker.published_tables.file.table import PublishedTable
from tracker.words.system_errors import in_words
from tracker.workbooks.problems import FileProblem

MAX_TABLE_BYTES = 20 * 1024 * 1024


def read_table(path: Path) -> PublishedTable:
    """The published table in a text file or workbook. For a bad file it raises FileProblem only."""
    try:
        if path.stat().st_size > MAX_TABLE_BYTES:
            raise FileProblem("ファイルが大きすぎます（20 MB まで）。")
        content = path.read_bytes()
    except OSError as problem:
        words = f"ファイルを開けません（{in_words(problem)}）。場所と名前を確かめてください。"
        raise FileProblem(words) from problem
    return table_in(content)


def table_in(content: bytes) -> PublishedTable:
    """The same of a file's bytes."""
    grid = grid_of(content)
    return own_table.read_own_table(grid) or parse_table(grid)
