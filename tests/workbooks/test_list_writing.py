"""Lists as workbooks: texts stay texts, numbers are numbers, and the same lists give the same bytes."""

import io

from openpyxl import load_workbook

from tracker.workbooks.list_writing import ListSheet, write_lists

LISTS = (
    ListSheet("表[1]", ("語", "数"), [["=1+1", 12], ["令和6年度\n上半期", 0]]),
    ListSheet("空", ("項目",), []),
)


def test_texts_are_no_formulas_and_numbers_are_numbers() -> None:
    book = load_workbook(io.BytesIO(write_lists(*LISTS)))
    sheet = book.worksheets[0]
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        ["語", "数"],
        ["=1+1", 12],
        ["令和6年度\n上半期", 0],
    ]
    assert [cell.data_type for cell in sheet[2]] == ["s", "n"]
    assert (sheet["A2"].quotePrefix, sheet["A3"].quotePrefix) == (True, False)


def test_sheets_have_names_that_excel_takes_and_are_ready_to_print() -> None:
    book = load_workbook(io.BytesIO(write_lists(*LISTS)))
    assert book.sheetnames == ["表［1］", "空"]
    for sheet in book.worksheets:
        assert (sheet.freeze_panes, sheet.print_title_rows) == ("A2", "$1:$1")
        assert (sheet.page_setup.orientation, sheet.page_setup.fitToHeight) == ("landscape", 0)
        assert (sheet.oddFooter.left.text, sheet.oddFooter.center.text) == ("&A", "&P / &N")


def test_the_same_lists_give_the_same_bytes() -> None:
    assert write_lists(*LISTS) == write_lists(*LISTS)
