"""Text files: the encodings that a city hall makes."""

import pytest

from tests.conftest import FIXTURE
from tracker.spreadsheets import text_file
from tracker.spreadsheets.grid import FileProblem


def test_a_line_is_a_row_and_a_tab_parts_cells() -> None:
    grid = text_file.read("甲\t乙\n\n丙\u2028丁\x0b".encode())
    assert [(row.number, row.cells) for row in grid.rows] == [(1, ("甲", "乙")), (2, ("",)), (3, ("丙\u2028丁\x0b",))]
    assert (grid.knows_merges, grid.rows[1].is_blank, grid.rows[0].filled, grid.rows[0].line) == (False, True, 2, "甲 乙")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_the_encoding_and_line_ends_make_no_difference(encoding: str, line_end: str) -> None:
    text = FIXTURE.read_text()
    # cp932 has another dash and wave than Unicode's own; the rest of the file it can say.
    sayable = text.encode("cp932", "ignore").decode("cp932")
    content = sayable.replace("\n", line_end).encode(encoding)
    assert text_file.read(content) == text_file.read(sayable.encode())


def problem(content: bytes) -> tuple[int | None, str]:
    with pytest.raises(FileProblem) as caught:
        text_file.read(content)
    return caught.value.row, caught.value.message


def test_a_file_cut_inside_a_character_is_refused() -> None:
    content = FIXTURE.read_bytes()
    row, message = problem(content[:-1])
    assert (row, message[:15]) == (len(content.split(b"\n")), "文字コードを読み取れません。U")


def test_a_binary_file_is_refused() -> None:
    assert problem("甲\n乙\x00丙".encode()) == (2, "文字の表ではありません（文字でないデータが入っています）。")


def test_utf_16_is_refused() -> None:
    with pytest.raises(FileProblem):
        text_file.read("市長マニフェスト\t甲\n".encode("utf-16"))
