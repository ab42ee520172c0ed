"""Files on disk: the content decides which reader, and a bad file has one clear message."""

import os
from pathlib import Path

import pytest

from tests.conftest import FIXTURE
from tests.published_tables.file.tables import meaning
from tests.published_tables.file.writing import small_text
from tracker.published_tables.file import writing
from tracker.published_tables.file.reading import MAX_TABLE_BYTES, read_table
from tracker.published_tables.file.table import PublishedTable
from tracker.workbooks.problems import FileProblem


def problem(path: Path) -> str:
    with pytest.raises(FileProblem) as caught:
        read_table(path)
    return caught.value.message


def test_the_content_decides_not_the_name(tmp_path: Path, table: PublishedTable) -> None:
    book, text = tmp_path / "表.txt", tmp_path / "表.xlsx"
    book.write_bytes(writing.write_workbook(table))
    text.write_bytes(FIXTURE.read_bytes())
    assert meaning(read_table(book)) == meaning(read_table(text)) == meaning(table)


def test_a_missing_file(tmp_path: Path) -> None:
    reason = "その名前のファイルやフォルダーがありません"
    words = f"ファイルを開けません（{reason}）。場所と名前を確かめてください。"
    assert problem(tmp_path / "無い.txt") == words


def test_a_directory(tmp_path: Path) -> None:
    assert (
        problem(tmp_path)
        == "ファイルを開けません（ファイルではなく、フォルダーです）。場所と名前を確かめてください。"
    )


@pytest.mark.parametrize("content", [b"", b" \n\n\t"])
def test_an_empty_file(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "空.txt").write_bytes(content)
    assert problem(tmp_path / "空.txt") == "ファイルが空です。"


def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    large = tmp_path / "大.txt"
    large.write_text(small_text())
    os.truncate(large, MAX_TABLE_BYTES + 1)
    assert problem(large) == "ファイルが大きすぎます（20 MB まで）。"


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        (FileProblem("だめです。"), "表.txt：だめです。"),
        (FileProblem("だめです。", row=3, column="担当課"), "表.txt 3行目 「担当課」の列：だめです。"),
        (FileProblem("だめです。", row=3, sheet="一"), "表.txt シート「一」 3行目：だめです。"),
    ],
)
def test_a_problem_in_words_names_its_place(problem: FileProblem, words: str) -> None:
    assert problem.in_words("表.txt") == words
