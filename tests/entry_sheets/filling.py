"""A clerk with Excel: opens a sheet, writes into cells by their headings, saves it."""

import io
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell
from openpyxl.worksheet.worksheet import Worksheet

from tracker.entry_sheets.file.columns import INDICATOR_COLUMNS, EntryColumn, heading_key, names_by_heading
from tracker.entry_sheets.file.entry_book import INDICATOR_SHEET
from tracker.entry_sheets.file.indicator_cells import column_and_code

FISCAL_YEAR = 2024
INDICATOR_NAMES = [column.name for column in INDICATOR_COLUMNS]


class Filled:
    """An entry sheet's bytes, opened; cells of indicators by the names that a row has them under."""

    def __init__(
        self, content: bytes, fiscal_year: int = FISCAL_YEAR, extra: Iterable[EntryColumn] = ()
    ) -> None:
        self.book: Workbook = load_workbook(io.BytesIO(content))
        self.names = names_by_heading(fiscal_year, extra)

    @property
    def sheets(self) -> list[Worksheet]:
        """The entry sheets, without that of indicators."""
        visible = [sheet for sheet in self.book.worksheets if sheet.sheet_state == "visible"]
        return [sheet for sheet in visible if sheet.title != INDICATOR_SHEET]

    def indicator(self, name: str) -> Cell:
        """The cell of an indicator: `extra_k1`, `target:k1`."""
        part, code = column_and_code(name)
        sheet = self.book[INDICATOR_SHEET]
        for row in sheet.iter_rows():
            if row[INDICATOR_NAMES.index("indicator")].value == code:
                cell = row[INDICATOR_NAMES.index(part)]
                assert isinstance(cell, Cell)
                return cell
        raise AssertionError(f"no indicator {code}")

    def header(self, sheet: Worksheet) -> tuple[int, dict[str, int]]:
        """The row of headings, and the columns by name."""
        for row in sheet.iter_rows(max_row=30):
            found = {
                self.names[key]: cell.column
                for cell in row
                if (key := heading_key(str(cell.value or ""))) in self.names
            }
            if len(found) > 5:
                return row[0].row, {name: column for name, column in found.items() if column}
        raise AssertionError("no headings")

    def place(self, pk: int) -> tuple[Worksheet, int, dict[str, int]]:
        """Sheet, row and columns of a yearly action."""
        for sheet in self.sheets:
            header, columns = self.header(sheet)
            for number in range(header + 1, sheet.max_row + 1):
                if str(sheet.cell(number, columns["id"]).value) == str(pk):
                    return sheet, number, columns
        raise AssertionError(f"no row {pk}")

    @property
    def ids(self) -> set[str]:
        """Of all yearly actions in it."""
        found = set()
        for sheet in self.sheets:
            header, columns = self.header(sheet)
            rows = range(header + 1, sheet.max_row + 1)
            found |= {str(sheet.cell(row, columns["id"]).value) for row in rows}
        return found

    def write(self, pk: int, **values: Any) -> "Filled":
        """Writes into a row's cells, by column name."""
        for name, value in values.items():
            cell = self._cell(pk, name)
            cell.value = value
            if isinstance(value, str):
                cell.data_type = "s"
        return self

    def text(self, pk: int, name: str) -> Any:
        return self._cell(pk, name).value

    def _cell(self, pk: int, name: str) -> Any:
        if column_and_code(name)[1]:
            return self.indicator(name)
        sheet, row, columns = self.place(pk)
        return sheet.cell(row, columns[name])

    def bytes(self) -> bytes:
        out = io.BytesIO()
        self.book.save(out)
        return out.getvalue()


def filled(
    content: bytes,
    answers: Mapping[int, Mapping[str, Any]],
    change: Callable[[Filled], None] = lambda filled: None,
) -> bytes:
    """A sheet with answers written into it, by the rows' ids and column names."""
    opened = Filled(content)
    for pk, values in answers.items():
        opened.write(pk, **values)
    change(opened)
    return opened.bytes()
