"""How cells look: hidden rows and columns, struck-out words, colours, numbers in their formats."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from tests.published_tables.file.writing import book_bytes
from tracker.workbooks.number_formats import shown_number
from tracker.workbooks.safe_reading import CellLooks, read_cells

pytestmark = pytest.mark.usefixtures("read_here")


def test_what_a_person_sees_of_cells_is_told() -> None:
    made = Workbook()
    sheet = made.active
    assert isinstance(sheet, Worksheet)
    sheet["A1"] = "見える"
    sheet["A2"], sheet["A2"].font = "消した", Font(strike=True)
    sheet["B2"] = CellRichText("残る", TextBlock(InlineFont(strike=True), "消えた"), "語")
    sheet["C3"].fill = PatternFill("solid", "FFFF0000")
    sheet["D4"], sheet["D4"].number_format = 0.385, "0.0%"
    sheet["D5"], sheet["D5"].number_format = 3, "yyyy"
    sheet["A6"] = "隠した"
    sheet.row_dimensions[6].hidden = True
    sheet.column_dimensions["E"].hidden = True
    (found,) = read_cells(book_bytes(made))
    assert found.rows[1] == ["消した", "残る消えた語"]
    assert found.looks == CellLooks(
        hidden_rows=frozenset({5}),
        hidden_columns=frozenset({4}),
        struck={(1, 0): "", (1, 1): "消えた"},
        fills={(2, 2): "rgb FFFF0000"},
        shown={(3, 3): "38.5%"},
    )


@pytest.mark.parametrize(
    ("value", "code", "shown"),
    [
        (0.385, "0.0%", "38.5%"), (1, "0%", "100%"), (0.125, "0%", "13%"), (1234567, "#,##0", "1,234,567"),
        (12.5, '#,##0.00"人"', "12.50人"), (5, "0_ ", "5"), (-5, "#,##0;[Red]-#,##0", "-5"),
        (-5, "#,##0_);(#,##0)", "(5)"), (7, '"約"0\\件', "約7件"), (3, "[$-411]0", "3"),
        (3, "m/d", None), (0.5, "# ?/?", None), (3, "0.0E+00", None), (3, "?", None),
    ],
)  # fmt: skip
def test_a_number_shows_as_its_format_says(value: float, code: str, shown: str | None) -> None:
    assert shown_number(value, code) == shown


@given(st.integers(-(10**12), 10**12), st.integers(0, 4))
def test_a_number_with_decimals_says_its_value(units: int, places: int) -> None:
    value = units / 10**places
    code = "0" + ("." + "0" * places if places else "")
    assert float(shown_number(value, code) or "nan") == pytest.approx(value)
