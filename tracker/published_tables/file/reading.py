"""A file on disk as a published table: its content decides how it is read, whatever the name says."""

from pathlib import Path

from tracker.published_tables.file import reading_back
from tracker.published_tables.file.grid import grid_of
from tracker.published_tables.file.parser import parse
from tracker.published_tables.file.table import Table
from tracker.workbooks.problems import FileProblem

MAX_BYTES = 20 * 1024 * 1024


def read_table(path: Path) -> Table:
    """The published table in a text file or workbook. Raises FileProblem, never anything else, for a bad file."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise FileProblem("ファイルが大きすぎます（20 MB まで）。")
        content = path.read_bytes()
    except OSError as problem:
        words = f"ファイルを開けません（{problem.strerror}）。場所と名前を確かめてください。"
        raise FileProblem(words) from problem
    grid = grid_of(content)
    return reading_back.read(grid) or parse(grid)
