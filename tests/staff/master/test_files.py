"""Files of text: whatever is written is read again, and what cannot be held or read is told."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from tests.staff.master.exchanging import rows_of
from tests.workbooks.hostile import HOSTILE, hostile
from tracker.staff.master import files
from tracker.workbooks.cell_text import with_line_feeds
from tracker.workbooks.problems import FileProblem

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)


def saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_workbooks_hold_text_only() -> None:
    rows = [["=1+1", "+1", "-1", "@x"], ["1-2", "0012", "令和6", "x"]]
    sheet = load_workbook(io.BytesIO(files.write("xlsx", "表", ["い", "ろ", "は", "に"], rows))).active
    assert sheet is not None
    cells = [cell for row in sheet.iter_rows(min_row=2) for cell in row]
    assert [cell.value for cell in cells] == ["=1+1", "+1", "-1", "@x", "1-2", "0012", "令和6", "x"]
    assert {(cell.data_type, cell.number_format) for cell in cells} == {("s", "@")}


def test_a_workbook_keeps_control_characters_and_what_looks_like_their_spelling() -> None:
    row = ("a\x0bb", "_x000B_", "\tx", " ")
    table = files.read(files.write("xlsx", "表", ["い", "ろ", "は", "に"], [row]))
    assert table.rows == (row,)


@pytest.mark.parametrize("letter", ["長", "𠮷"])
def test_a_text_too_long_for_a_cell_is_told_and_fits_into_a_csv(letter: str) -> None:
    longest = letter * (2 * 32_767 // len(letter.encode("utf-16-le")))
    headings, rows = ["番号", "公約"], [["1", longest], ["2", longest + letter]]
    assert files.read(files.write("xlsx", "表", headings, rows[:1])).rows == (("1", longest),)
    with pytest.raises(FileProblem) as problem:
        files.write("xlsx", "表", headings, rows)
    told = problem.value
    assert told.message == "3 行目の「公約」が長すぎて、Excel のセルに入りません（32,767 字まで）。"
    assert (told.row, told.column) == (3, "公約")
    assert files.read(files.write("csv", "表", headings, rows)).rows == tuple(map(tuple, rows))


def test_a_character_that_no_workbook_holds_is_told() -> None:
    with pytest.raises(FileProblem) as problem:
        files.write("xlsx", "表", ["公約"], [["x\ufffe"]])
    assert problem.value.message == "2 行目の「公約」に、Excel のセルに入らない文字（U+FFFE）があります。"


def test_csv_cells_are_no_formulas() -> None:
    rows = [["=1+1", "+1", "-1", "@x", "'=1", "＝1", "\tx", "1-2", "'x"]]
    written = rows_of(files.write("csv", "表", list("abcdefghi"), rows))[1]
    assert written == ["'=1+1", "'+1", "'-1", "'@x", "''=1", "'＝1", "'\tx", "1-2", "'x"]


@given(TEXTS, TEXTS)
def test_any_text_survives_a_csv(one: str, two: str) -> None:
    table = files.read(files.write("csv", "表", ["い", "ろ"], [["x", one], ["y", two]]))
    assert table.rows == (("x", with_line_feeds(one)), ("y", with_line_feeds(two)))
    assert table.numbers == (2, 3)


def test_a_formula_without_a_value_is_refused() -> None:
    book = Workbook()
    assert book.active is not None
    book.active.append(["い"])
    book.active.append(["=1+1"])
    with pytest.raises(FileProblem, match="A2：数式"):
        files.read(saved(book))


def test_only_the_first_sheet_is_read_and_rows_keep_their_numbers() -> None:
    book = Workbook()
    assert book.active is not None
    for row in (["い", "ろ"], [2024.0, None], [None, None], ["x", "y"]):
        book.active.append(row)
    book.create_sheet("ほか").append(["別"])
    book.active = 1
    table = files.read(saved(book))
    assert (table.rows, table.numbers) == ((("2024", ""), ("x", "y")), (2, 4))


@pytest.mark.parametrize("name", ["cell in the last corner", "links to other workbooks", "billion laughs"])
def test_a_hostile_workbook_is_refused_as_it_is_everywhere(name: str, read_apart: None) -> None:
    with pytest.raises(FileProblem) as problem:
        files.read(hostile(name))
    assert problem.value.message == HOSTILE[name][1]


def test_large_files_are_refused() -> None:
    with pytest.raises(FileProblem, match="大きすぎます"):
        files.read(b"x" * (files.MAX_FILE_BYTES + 1))
    with pytest.raises(FileProblem, match="行が多すぎます"):
        files.read(b"a\n" * (files.MAX_FILE_ROWS + 2))
