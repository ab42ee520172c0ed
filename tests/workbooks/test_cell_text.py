"""What a cell can hold."""

import pytest
from openpyxl import Workbook
from openpyxl.cell.cell import Cell

from tests.published_tables.file.writing import book_bytes
from tracker.workbooks.cell_text import is_too_long, put_text, refuse_too_long
from tracker.workbooks.problems import FileProblem
from tracker.workbooks.safe_reading import read_first_sheet


@pytest.mark.parametrize(
    ("text", "expected"),
    [("x" * 32_767, False), ("x" * 32_768, True), ("𠮷" * 16_383, False), ("𠮷" * 16_384, True)],
)
def test_a_text_is_too_long_as_excel_counts(text: str, expected: bool) -> None:
    assert is_too_long(text) is expected


def test_a_text_too_long_is_refused_by_its_name() -> None:
    refuse_too_long("x" * 32_767, "公約 1 の文")
    with pytest.raises(FileProblem) as caught:
        refuse_too_long("x" * 32_768, "公約 1 の文", row=3, column="文")
    assert caught.value.in_words("表.xlsx") == (
        "表.xlsx 3行目 「文」の列：公約 1 の文が長すぎて、Excel のセルに入りません（32,767 字まで）。"
    )


def test_a_text_that_a_cell_can_hold_is_read_as_it_was_put() -> None:
    texts = ["=1+1", "'甲", "_x0041_", "\x01 ", " 甲\n乙\t", "0012", "_x0041_" * 4_681, "#N/A"]
    book = Workbook()
    assert book.active
    for number, text in enumerate(texts, start=1):
        cell = book.active.cell(number, 1)
        assert isinstance(cell, Cell)
        put_text(cell, text)
    assert read_first_sheet(book_bytes(book)).rows == [[text] for text in texts]
