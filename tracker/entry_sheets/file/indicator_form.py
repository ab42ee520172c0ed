"""The sheet of indicators (指標): a line per indicator of the rows, with this year's number to be typed."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from itertools import groupby

from openpyxl.cell import Cell
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from tracker.entry_sheets.file.columns import INDICATOR_COLUMNS
from tracker.entry_sheets.file.entry_book import INDICATOR_SHEET, EntryBook, EntryRow
from tracker.entry_sheets.file.forms import FormLine, SheetForm, title_of
from tracker.entry_sheets.file.indicator_cells import cells_of, codes_in, column_and_code
from tracker.entry_sheets.file.looks import CellLook, Looks

MANUAL = (
    "白い欄に、指標ごとの実績を数字で書いてください。行を消しても、その指標の実績は消えません。\n"
    "まだ分からないときは空のままにし、わけを補足に書きます。空の欄は 0 とは扱いません。"
)
WHOLE, WITH_DECIMALS = "小数のない数字", "数字（小数は %d 桁まで）"
REFUSED = "%sだけを書いてください。まだ分からないときは空のままにし、わけを補足に書いてください。"
MOST = 10**15 - 1  # a number of as many digits as a workbook keeps


class IndicatorSheet(SheetForm):
    """All indicators of a book's rows, in the order of its sheets."""

    words_to, beside = "last", "name"

    def __init__(self, worksheet: Worksheet, looks: Looks, book: EntryBook) -> None:
        super().__init__(worksheet, looks, book, INDICATOR_COLUMNS)
        self.told = [(row, code) for row in book.measured_rows for code in codes_in(row.values)]

    def write(self) -> None:
        lines = [self._line(row, code) for row, code in self.told]
        self.fill(title_of(self.book, INDICATOR_SHEET), [MANUAL], lines)

    def _line(self, row: EntryRow, code: str) -> FormLine:
        beside = {name: row.values.get(name, "") for name in ("place", "pledge")}
        marks = {part: words for part, words in self._marks(row, code) if part in self.letters}
        return FormLine(
            (row.id, row.version, code), beside | cells_of(row.values, code), row.is_locked, marks
        )

    def _marks(self, row: EntryRow, code: str) -> Iterator[tuple[str, str]]:
        for name, words in row.marks.items():
            part, of = column_and_code(name)
            if of == code:
                yield part, words

    def cell(self, name: str, text: str, look: CellLook) -> Cell:
        """A number is one to Excel, too, where it comes back as it went."""
        if name in {"target", "last", "actual"}:
            look = replace(look, horizontal="right")
        if name != "actual":
            return super().cell(name, text, look)
        if not text:
            return self.looks.cell(self.sheet, None, replace(look, is_text=False))
        with suppress(ValueError):
            if f"{float(text):.15g}" == text:
                return self.looks.cell(self.sheet, Decimal(text), replace(look, is_text=False))
        return self.looks.cell(self.sheet, text, look)

    def _ranges(self, rows: Sequence[int]) -> Iterator[str]:
        """The cells of the actuals in some rows."""
        letter = self.letters["actual"]
        for _offset, run in groupby(enumerate(rows), lambda each: each[1] - each[0]):
            numbers = [number for _place, number in run]
            yield f"{letter}{numbers[0]}:{letter}{numbers[-1]}"

    def offer(self, first: int) -> None:
        """Excel takes numbers only; whether they have too many decimals is told when the sheet comes back."""
        rows: dict[int, list[int]] = defaultdict(list)
        for number, (_row, code) in enumerate(self.told, start=first):
            if column := self.book.measured.get(code):
                rows[column.decimals].append(number)
        for decimals, numbers in sorted(rows.items()):
            words = REFUSED % (WITH_DECIMALS % decimals if decimals else WHOLE)
            rule = DataValidation(
                type="decimal" if decimals else "whole",
                operator="between",
                formula1=str(-MOST),
                formula2=str(MOST),
                allow_blank=True,
                errorStyle="stop",
                errorTitle="実績",
                error=words,
                showErrorMessage=True,
                sqref=" ".join(self._ranges(numbers)),
            )
            self.sheet.add_data_validation(rule)
