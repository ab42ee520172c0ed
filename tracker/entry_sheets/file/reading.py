"""Reads an entry sheet (入力シート) back into plain values: nothing that a clerk typed is lost in silence."""

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation

from openpyxl.utils import get_column_letter

from tracker.entry_sheets.file.columns import (
    COLUMNS,
    HIDDEN,
    INDICATOR_COLUMNS,
    INPUTS,
    RATED,
    EntryColumn,
    Use,
    heading_key,
    names_of,
)
from tracker.entry_sheets.file.entry_book import CHOICES_SHEET, INDICATOR_SHEET, META_SHEET
from tracker.entry_sheets.file.indicator_reading import with_indicators
from tracker.entry_sheets.file.ratings import Ratings, Step
from tracker.entry_sheets.file.uploaded import UnreadPlace, UploadedRow
from tracker.words.extra_values import DATE, NUMBER, ColumnProblem, DescribedColumn, value_of
from tracker.words.folding import fold
from tracker.workbooks.csv_text import read_csv
from tracker.workbooks.disguises import looks_like_text
from tracker.workbooks.noted_cells import addresses
from tracker.workbooks.problems import BECAME_A_DATE, SHOWN_OTHERWISE
from tracker.workbooks.safe_reading import CellSheet, read_cells

CSV_NAME = "CSV"
HEADINGS_WITHIN = 60  # rows from the top
ENOUGH_HEADINGS = 4  # to know a row of headings by
WHOLE_NUMBER = re.compile(r"[0-9]{1,18}(?:\.0+)?")

NO_SHEET = "入力シートの見出しが見つかりません。画面から出力した入力シートを選んでください。"
OTHER_SHEET = (
    "このシートは入力シートではない（見出しがない）ので、取り込みません。"
    "取り込みたい文字は、入力シートの白い欄に写してください。"
)
UNKNOWN_HEADING = "見出し「{heading}」は入力シートにありません。この列に書いた文字は取り込まれません。"
DOUBLED_HEADING = "見出し「{heading}」が 2 つあります。どちらか 1 列だけにしてください。"
MISSING_HEADING = (
    "見出し「{heading}」の列がありません。"
    "列を消したときは、入力シートをもう一度ダウンロードして、そこに写してください。"
)
NO_INDICATORS = (
    "このシートがファイルにないので、指標の実績は取り込まれません。いまの内容のまま残ります。"
    "（CSV には 1 つの表しか入らないので、指標は、シート「指標」を CSV にして別に取り込めます。）"
)
NOTED = (
    "セルに付いたコメント（メモ）は取り込みません。書き込んだことは、白い欄に写してください。"
    "直すところの印として付いていたものは、そのままで構いません。"
)
MISSING_COLUMN = "この欄の列がシートにありません。"
DOUBLED_COLUMN = "同じ見出しの列が 2 つあり、書いてあることが違います。どちらか 1 列だけにしてください。"
OUTSIDE = "表の外（見出しのない列）に文字があります。ここに書いた文字は取り込まれません。"
MERGED = "セルが結合されています。結合を解除して、それぞれの欄に書いてください。"
SHEET_AGAIN = "画面から入力シートをもう一度ダウンロードして、この行に書いたことを写してください。"
NO_ID = (
    "どの取組の行か分かりません（隠れている「取組ID」の列が空です）。入力シートに行を足すことはできません。"
    f"取組の行が壊れたときは、{SHEET_AGAIN}"
)
BAD_ID = f"どの取組の行か分かりません（隠れている「取組ID」の列が書き換えられています）。{SHEET_AGAIN}"
BAD_VERSION = (
    f"いつの内容をもとにした行か分かりません（隠れている「版」の列が書き換えられています）。{SHEET_AGAIN}"
)


def read_raw(content: bytes) -> tuple[dict[str, str], list[CellSheet]]:
    """What the hidden sheet says, among it the round (a CSV has none), and the other sheets' cells.

    Raises FileProblem for a file that cannot be read at all.
    """
    is_text = looks_like_text(content)
    sheets = [CellSheet(CSV_NAME, True, read_csv(content))] if is_text else read_cells(content)
    meta = {}
    for sheet in sheets:
        if sheet.name == META_SHEET:
            meta = {cells[0]: cells[1] for cells in sheet.rows if len(cells) > 1 and cells[0]}
    return meta, [sheet for sheet in sheets if sheet.name not in {META_SHEET, CHOICES_SHEET}]


def interpret(
    sheets: Iterable[CellSheet],
    *,
    scale: Sequence[Step],
    fiscal_year: int,
    extra: Sequence[EntryColumn] = (),
    measured: Mapping[str, DescribedColumn] | None = None,
) -> tuple[list[UploadedRow], list[UnreadPlace]]:
    """All rows in the file's order, read as a round's of this year and scale, with its extra columns; and
    what was not read. `measured` are the columns of its indicators, by code.
    """
    kinds = [TableKind(columns, fiscal_year) for columns in ((*COLUMNS, *extra), INDICATOR_COLUMNS)]
    of_indicators = kinds[1]
    found: dict[bool, list[UploadedRow]] = {False: [], True: []}
    problems: list[UnreadPlace] = []
    kinds_read: set[bool] = set()
    for sheet in sheets:
        kind = max(kinds, key=lambda each: each.known(sheet))
        if kind.known(sheet):
            table = _Table(sheet, kind, Ratings(scale))
            found[kind is of_indicators] += table.rows()
            problems += table.problems
            kinds_read.add(kind is of_indicators)
        elif address := _first_text(sheet):
            problems.append(UnreadPlace(sheet.name, address, OTHER_SHEET))
    if measured and True not in kinds_read:
        problems.append(UnreadPlace(INDICATOR_SHEET, "", NO_INDICATORS))
    if not kinds_read:
        problems.insert(0, UnreadPlace("", "", NO_SHEET))
    return with_indicators(found[False], found[True], measured or {}), problems


class TableKind:
    """The columns that a table may have, in the round of a fiscal year."""

    def __init__(self, columns: Sequence[EntryColumn], fiscal_year: int) -> None:
        self.columns, self.fiscal_year = columns, fiscal_year
        self.names = names_of(columns, fiscal_year)
        self.numbers = {each.name for each in columns if each.extra and each.extra.kind == NUMBER} | {
            "actual"
        }

    def header(self, sheet: CellSheet) -> int | None:
        """The 0-based row of the headings."""
        rows = range(min(len(sheet.rows), HEADINGS_WITHIN))
        return next((row for row in rows if self._named(sheet, row) >= ENOUGH_HEADINGS), None)

    def known(self, sheet: CellSheet) -> int:
        """How many of its headings a sheet has in that row; 0 where there is none."""
        row = self.header(sheet)
        return 0 if row is None else self._named(sheet, row)

    def _named(self, sheet: CellSheet, row: int) -> int:
        return sum(heading_key(cell) in self.names for cell in sheet.rows[row] if cell)


def _first_text(sheet: CellSheet) -> str:
    """The address of the first cell that says something; empty where none does."""
    texts = ((y, x) for y, cells in enumerate(sheet.rows) for x, cell in enumerate(cells) if cell.strip())
    first = min([*sheet.refused, *texts], default=None)
    return _address(*first) if first else ""


def _address(row: int, column: int) -> str:
    return f"{get_column_letter(column + 1)}{row + 1}"


class _Table:
    """The table of one sheet, its columns in any order. What is not read goes to `problems`."""

    def __init__(self, sheet: CellSheet, kind: TableKind, ratings: Ratings) -> None:
        self.sheet, self.kind, self.ratings = sheet, kind, ratings
        self.header = kind.header(sheet) or 0
        self.extra = {each.name: each.extra for each in kind.columns if each.extra}
        self.problems: list[UnreadPlace] = []
        self.columns: dict[str, int] = {}
        self.doubles: list[tuple[str, int]] = []
        self.headed: set[int] = set()
        self._learn()
        self.names = {column: name for name, column in [*self.columns.items(), *self.doubles]}
        self.letters = {name: get_column_letter(column + 1) for name, column in self.columns.items()}
        self.texts = [each for each in self.columns.items() if each[0] not in HIDDEN]
        inputs = (each.name for each in kind.columns if each.use is Use.INPUT)
        self.lacking = {name: MISSING_COLUMN for name in inputs if name not in self.columns}
        self.width = max(*map(len, sheet.rows[self.header :]), *(each + 1 for _row, each in sheet.refused), 0)
        self.unreadable = self._unreadable()

    def _learn(self) -> None:
        """Which column is which; a heading that is unknown, doubled or missing is a problem."""
        for number, heading in enumerate(self.sheet.rows[self.header]):
            name, shown = self.kind.names.get(heading_key(heading)), " ".join(heading.split())
            if shown:
                self.headed.add(number)
            if name is None and shown:
                self._tell(self.header, number, UNKNOWN_HEADING.format(heading=shown))
            elif name in self.columns:
                self.doubles.append((name, number))
                self._tell(self.header, number, DOUBLED_HEADING.format(heading=shown))
            elif name is not None:
                self.columns[name] = number
        if noted := [place for place in self.sheet.looks.comments if place[0] > self.header]:
            self.problems.append(UnreadPlace(self.sheet.name, addresses(noted), NOTED))
        for column in self.kind.columns:
            if column.name not in self.columns:
                words = MISSING_HEADING.format(heading=column.heading_for(self.kind.fiscal_year))
                self.problems.append(UnreadPlace(self.sheet.name, "", words))

    def _tell(self, row: int, column: int, message: str) -> None:
        self.problems.append(UnreadPlace(self.sheet.name, _address(row, column), message))

    def _unreadable(self) -> dict[int, dict[int, str]]:
        """Messages by row and column below the headings: refused cells, and merged ones.

        What a merge hides is no deletion.
        """
        rows: dict[int, dict[int, str]] = {}
        for top, left, bottom, right in self.sheet.merges:
            for row in range(max(top, self.header + 1), bottom + 1):
                rows.setdefault(row, {}).update(dict.fromkeys(range(left, right + 1), MERGED))
        for (row, column), message in self.sheet.refused.items():
            if row > self.header:
                rows.setdefault(row, {})[column] = message
        return rows

    def rows(self) -> list[UploadedRow]:
        """The table's rows in their order; blank ones are passed over."""
        last = max(len(self.sheet.rows), *(row + 1 for row in self.unreadable), 0)
        outside = [column for column in range(self.width) if column not in self.headed]
        strays: dict[int, list[int]] = {}
        rows = []
        for number in range(self.header + 1, last):
            cells = self.sheet.rows[number] if number < len(self.sheet.rows) else []
            cells = cells if len(cells) == self.width else [*cells, *[""] * (self.width - len(cells))]
            if row := self._row(number, cells):
                rows.append(row)
            for column in outside:
                if cells[column].strip() or (number, column) in self.sheet.refused:
                    strays.setdefault(column, []).append(number)
        for column, numbers in strays.items():
            more = f"（この列にほか {len(numbers) - 1} か所）" if len(numbers) > 1 else ""
            self._tell(numbers[0], column, OUTSIDE + more)
        return rows

    def _row(self, number: int, cells: Sequence[str]) -> UploadedRow | None:
        """One row; None where all of its cells in the table's columns are blank."""
        values = {name: cells[column] for name, column in self.texts}
        problems = dict(self.lacking)
        for column, message in self.unreadable.get(number, {}).items():
            if name := self.names.get(column):
                problems["" if name in HIDDEN else name] = message  # about a hidden cell, it is the row's
        action, version, wrong = self._identity(cells)
        if action is None and not any(map(str.strip, values.values())) and problems == self.lacking:
            return None
        if wrong:
            problems.setdefault("", wrong)
        for name, column in self.doubles:
            if cells[column] != cells[self.columns[name]]:
                problems.setdefault("" if name in HIDDEN else name, DOUBLED_COLUMN)
        for name in RATED:
            if (typed := values.get(name)) is not None and (value := self.ratings.value(typed)) is not None:
                values[name] = value
            elif typed is not None and name in INPUTS:
                problems.setdefault(name, self.ratings.refusal)
        for name in self.kind.numbers & values.keys():
            if problems.get(name) == SHOWN_OTHERWISE and (told := self._shown(number, name)):
                values[name] = told
                del problems[name]
        self._read_extra(values, problems)
        return UploadedRow(self.sheet.name, number + 1, action, version, values, problems, self.letters)

    def _shown(self, number: int, name: str) -> str:
        """A number as its cell shows it, 「38.5%」 or 「1,200」; "" where that is not all of it."""
        column = self.columns[name]
        shown = self.sheet.looks.shown.get((number, column), "")
        try:
            value = Decimal(shown.replace(",", "").removesuffix("%")) / (100 if shown.endswith("%") else 1)
            return shown if value == Decimal(self.sheet.rows[number][column]) else ""
        except InvalidOperation:
            return ""

    def _read_extra(self, values: dict[str, str], problems: dict[str, str]) -> None:
        """Makes values of what extra columns say. A day that Excel has made a date of is one."""
        for name, column in self.extra.items():
            if problems.get(name) == BECAME_A_DATE and column.kind == DATE:
                del problems[name]
            if name in values and name not in problems:
                try:
                    values[name] = value_of(column, values[name])
                except ColumnProblem as problem:
                    problems[name] = str(problem)

    def _identity(self, cells: Sequence[str]) -> tuple[int | None, int | None, str]:
        """Id and version, and what is wrong with them."""
        texts = [fold(cells[self.columns[name]]) if name in self.columns else "" for name in HIDDEN]
        action, version = (
            int(text.partition(".")[0]) if WHOLE_NUMBER.fullmatch(text) else None for text in texts
        )
        if action is None:
            return None, version, BAD_ID if texts[0] else NO_ID
        return action, version, BAD_VERSION if version is None else ""
