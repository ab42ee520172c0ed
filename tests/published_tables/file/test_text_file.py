"""Text files: the encodings that a city hall makes."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import FIXTURE
from tracker.published_tables.file import text_file
from tracker.workbooks.problems import FileProblem


def test_a_line_is_a_row_and_a_tab_parts_cells() -> None:
    grid = text_file.read("甲\t乙\n\n丙\u2028丁\x0b".encode())
    assert [(row.number, row.cells) for row in grid.rows] == [
        (1, ("甲", "乙")),
        (2, ("",)),
        (3, ("丙\u2028丁\x0b",)),
    ]
    assert (grid.knows_merges, grid.rows[1].is_blank, grid.rows[0].filled, grid.rows[0].line) == (
        False,
        True,
        2,
        "甲 乙",
    )


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
    assert problem("甲\n乙\x00丙".encode()) == (
        2,
        "文字の表ではありません（文字でないデータが入っています）。",
    )


# --- CSV
# --------------------------------------------------------------------------------------------------------------

HEADINGS = ["公約", "令和5年度\nの取組", "評価", "担当課"]


def as_csv(*rows: list[str], quoting: int = csv.QUOTE_MINIMAL) -> str:
    file = io.StringIO()
    csv.writer(file, quoting=quoting).writerows(rows)  # type: ignore[arg-type]
    return file.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
def test_a_csv_file_is_read_cell_by_cell(encoding: str, quoting: int) -> None:
    rows = [["題、「甲」"], [], HEADINGS, ["①駅", '・甲。\r\n・"乙"、丙,丁。', "A", "土木課"]]
    grid = text_file.read(as_csv(*rows, quoting=quoting).encode(encoding))
    assert [(row.number, row.cells) for row in grid.rows] == [
        (1, ("題、「甲」",)),
        (2, ("",)),
        (3, tuple(HEADINGS)),
        (4, ("①駅", '・甲。\n・"乙"、丙,丁。', "A", "土木課")),
        (5, ("",)),
    ]


def test_commas_in_a_file_with_tabs_are_only_commas() -> None:
    text = (
        "題,甲\n"
        + "\t".join(["公約", "令和5年度の取組", "評価", "担当課"])
        + '\n"①駅,橋\t・甲。\tA\t土木課,農政課'
    )
    assert text_file.read(text.encode()).rows[2].cells == ('"①駅,橋', "・甲。", "A", "土木課,農政課")


def test_a_file_without_headings_stays_lines() -> None:
    assert [row.cells for row in text_file.read('"甲,乙\n丙'.encode()).rows] == [('"甲,乙',), ("丙",)]


@pytest.mark.parametrize("row", ['①駅,"・甲。,A,土木課\r\n', '①駅,"・甲。"乙,A,土木課\r\n'])
def test_quotes_that_do_not_match_are_refused(row: str) -> None:
    assert problem((as_csv(HEADINGS) + row).encode()) == (
        2,
        'CSV の引用符（"）の組が合っていません。Excel で「CSV UTF-8」として保存し直してください。',
    )


@given(
    st.lists(
        st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\x00\r")), min_size=1, max_size=5),
        max_size=5,
    )
)
def test_what_csv_writes_is_read_again(rows: list[list[str]]) -> None:
    grid = text_file.read(as_csv(HEADINGS, *rows).encode())
    assert [list(row.cells) for row in grid.rows[1:-1]] == rows


def test_utf_16_is_refused() -> None:
    with pytest.raises(FileProblem):
        text_file.read("市長マニフェスト\t甲\n".encode("utf-16"))
