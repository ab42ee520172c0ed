"""A file on disk as a published table: its content decides how it is read, whatever the name says."""

from pathlib import Path

from tracker.published_tables.file import own_table
from tracker.published_tables.file.document import LayoutDocument
from tracker.published_tables.file.grid import grid_of
from tracker.published_tables.file.parser import proposed_table
from tracker.published_tables.file.proposal import propose
from tracker.published_tables.file.table import PublishedTable
from tracker.words.system_errors import in_words
from tracker.workbooks.problems import FileProblem

MAX_TABLE_BYTES = 20 * 1024 * 1024


def read_table(path: Path, told: LayoutDocument | None = None) -> PublishedTable:
    """The published table in a text file or workbook, by what a layout tells of it.

    For a bad file it raises FileProblem only, for a layout that does not fit it LayoutProblem.
    """
    return table_in(content_of(path), told)


def content_of(path: Path) -> bytes:
    """A file's bytes. Raises FileProblem for one that is too large or cannot be opened."""
    try:
        if path.stat().st_size > MAX_TABLE_BYTES:
            raise FileProblem("ファイルが大きすぎます（20 MB まで）。")
        return path.read_bytes()
    except OSError as problem:
        words = f"ファイルを開けません（{in_words(problem)}）。場所と名前を確かめてください。"
        raise FileProblem(words) from problem


def table_in(content: bytes, told: LayoutDocument | None = None) -> PublishedTable:
    """The same of a file's bytes. What we wrote ourselves is read exactly, where no layout says otherwise."""
    grid = grid_of(content)
    own = own_table.read_own_table(grid) if told is None else None
    return own or proposed_table(grid, propose(grid, told))
