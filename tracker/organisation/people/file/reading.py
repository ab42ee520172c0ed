"""Reads a list of people, a workbook or a CSV, into plain rows; what was not read is told by its cell."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from openpyxl.utils import get_column_letter

from tracker.organisation.people.file.columns import (
    CHOICES_SHEET,
    COLUMNS,
    FAMILY,
    FULL_NAME,
    GIVEN,
    HEADING,
    NAME_BY_HEADING,
    NUMBER,
    OFFICE,
    heading_key,
)
from tracker.words.typed_text import control_refusal
from tracker.workbooks.csv_text import read_csv, unguarded
from tracker.workbooks.disguises import looks_like_text
from tracker.workbooks.noted_cells import NOT_TAKEN, addresses
from tracker.workbooks.problems import FileProblem
from tracker.workbooks.safe_reading import CellSheet, read_cells

CSV_NAME = "CSV"
HEADINGS_WITHIN = 30  # rows from the top
MOST_ROWS = 10_000
NO_TABLE = (
    f"「{HEADING[NUMBER]}」「{HEADING[FULL_NAME]}」「{HEADING[OFFICE]}」の見出しがある表が見つかりません。"
    "画面から書き出した一覧の見出しを使ってください。"
)
NO_PEOPLE = "見出しの下に、職員の行が 1 行もありません。"
DOUBLED_HEADING = "見出し「{heading}」が 2 つあります。どちらか 1 列だけにしてください。"
SEVERAL_TABLES = (
    "職員の表が 2 枚以上のシートにあります（{sheets}）。1 枚のシートにまとめるか、ほかを消してください。"
)
MERGED = "セルが結合されています。結合を解除して、それぞれの欄に書いてください。"
UNKNOWN_HEADING = "見出し「{heading}」は分からないので、この列は読みません。"
OUTSIDE = "見出しのない列に文字があります。この列は読みません。"


@dataclass(frozen=True)
class ListedRow:
    """One row as it was typed. `row` is 1-based; `problems` say by column name why a cell is refused."""

    row: int
    cells: Mapping[str, str]
    problems: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ListedTable:
    """All rows of a list. `letters` has the letter of each column that it has; `unread` is (cell, words)."""

    sheet: str
    letters: Mapping[str, str]
    rows: Sequence[ListedRow]
    unread: Sequence[tuple[str, str]] = ()

    def address(self, row: int, name: str) -> str:
        """The cell of a column, 「C12」; where there is no such column, the row: 「12 行目」."""
        return f"{self.letters[name]}{row}" if name in self.letters else f"{row} 行目"


def read(content: bytes) -> ListedTable:
    """The one table of people in a file. Raises FileProblem."""
    is_text = looks_like_text(content)
    sheets = [CellSheet(CSV_NAME, True, read_csv(content))] if is_text else read_cells(content)
    found = [(sheet, _header(sheet)) for sheet in sheets if sheet.visible and sheet.name != CHOICES_SHEET]
    tables = [(sheet, header) for sheet, header in found if header is not None]
    if not tables:
        raise FileProblem(NO_TABLE)
    if len(tables) > 1:
        names = "、".join(f"「{sheet.name}」" for sheet, _header in tables)
        raise FileProblem(SEVERAL_TABLES.format(sheets=names))
    others = [sheet.name for sheet, header in found if header is None and any(map(_says, sheet.rows))]
    table = _table(*tables[0], is_text)
    told = [(f"シート「{name}」", "職員の表ではないので、読みません。") for name in others]
    return ListedTable(table.sheet, table.letters, table.rows, [*table.unread, *told])


def _says(cells: Sequence[str]) -> bool:
    return any(map(str.strip, cells))


def _header(sheet: CellSheet) -> int | None:
    """The 0-based row of the headings: the first that has those of a number and of a department."""
    for number, row in enumerate(sheet.rows[:HEADINGS_WITHIN]):
        if {NUMBER, OFFICE} <= {NAME_BY_HEADING.get(heading_key(cell)) for cell in row}:
            return number
    return None


def _table(sheet: CellSheet, header: int, is_text: bool) -> ListedTable:
    """Raises FileProblem for headings that cannot be meant."""
    columns, unread = _columns(sheet, header)
    width = max(map(len, sheet.rows))
    unknown = [number for number in range(width) if number not in columns.values()]
    refused = _refused(sheet)
    rows = []
    strays: dict[int, int] = {}
    for number in range(header + 1, len(sheet.rows)):
        cells = sheet.rows[number]
        texts = {name: _at(cells, column, is_text) for name, column in columns.items()}
        problems = {
            name: words
            for name, column in columns.items()
            if (words := refused.get((number, column), "") or control_refusal(texts[name]))
        }
        if any(texts.values()) or problems:
            rows.append(ListedRow(number + 1, texts, problems))
        for column in unknown:
            if _at(cells, column, is_text):
                strays.setdefault(column, number)
    if not rows:
        raise FileProblem(NO_PEOPLE)
    if len(rows) > MOST_ROWS:
        raise FileProblem(f"職員の行が多すぎます（{MOST_ROWS:,} 行まで）。")
    headed = {column for column, text in enumerate(sheet.rows[header]) if text.strip()}
    outside = [
        (f"{get_column_letter(c + 1)}{row + 1}", OUTSIDE) for c, row in strays.items() if c not in headed
    ]
    letters = {name: get_column_letter(column + 1) for name, column in columns.items()}
    notes = [place for place in sheet.looks.comments if place[0] > header]  # on the headings stand our own
    noted = [(addresses(notes), NOT_TAKEN)] if notes else []
    return ListedTable(sheet.name, letters, rows, [*unread, *outside, *noted])


def _columns(sheet: CellSheet, header: int) -> tuple[dict[str, int], list[tuple[str, str]]]:
    """Which column is which, and the headings that are not known."""
    columns: dict[str, int] = {}
    unread = []
    for number, text in enumerate(sheet.rows[header]):
        if not (heading := " ".join(text.split())):
            continue
        name, address = NAME_BY_HEADING.get(heading_key(text)), f"{get_column_letter(number + 1)}{header + 1}"
        if name is None:
            unread.append((address, UNKNOWN_HEADING.format(heading=heading)))
        elif name in columns:
            raise FileProblem(DOUBLED_HEADING.format(heading=heading), row=header + 1, sheet=sheet.name)
        else:
            columns[name] = number
    if GIVEN not in columns and FAMILY in columns:
        raise FileProblem(f"見出し「{HEADING[GIVEN]}」がありません。", row=header + 1, sheet=sheet.name)
    if FULL_NAME not in columns and FAMILY not in columns:
        raise FileProblem(f"見出し「{HEADING[FULL_NAME]}」がありません。", row=header + 1, sheet=sheet.name)
    return columns, unread


def _refused(sheet: CellSheet) -> dict[tuple[int, int], str]:
    merged = {
        (row, column): MERGED
        for top, left, bottom, right in sheet.merges
        for row in range(top, bottom + 1)
        for column in range(left, right + 1)
    }
    return merged | sheet.refused


def _at(cells: Sequence[str], column: int, is_text: bool) -> str:
    text = cells[column].strip() if column < len(cells) else ""
    return unguarded(text) if is_text else text


def missing_columns(table: ListedTable) -> Iterator[str]:
    """The headings of columns that a list may have and this one has not."""
    return (
        column.heading for column in COLUMNS if column.name not in table.letters and column.name != FULL_NAME
    )
