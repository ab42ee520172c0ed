"""Entry sheets of plain values, for the tests of writing and reading them, and a clerk's hand on them."""

import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from openpyxl import Workbook, load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from tests.published_tables.file.writing import book_bytes
from tracker.entry_sheets.file.columns import COLUMN_NAMES, UNRATED
from tracker.entry_sheets.file.entry_book import EntryBook, EntryRow
from tracker.entry_sheets.file.ratings import Step
from tracker.entry_sheets.file.reading import interpret, read_raw
from tracker.entry_sheets.file.uploaded import UnreadPlace, UploadedRow
from tracker.entry_sheets.file.writing import write
from tracker.published_tables.file.reading import read_table

FISCAL_YEAR = 2024
COLUMN_LETTERS = {name: get_column_letter(number) for number, name in enumerate(COLUMN_NAMES, start=1)}
SCALE = (Step("A", "達成", "進捗率100%"), Step("B", "おおむね達成", "進捗率75%程度"), Step("C", "未着手", ""))
META = {"schema": "1", "export": "abc", "signature": "xyz"}
VALUES = {
    "place": "1-1-1-1",
    "category": "まち\n道路",
    "pledge": "①駅を直します",
    "state": "入力中",
    "return_reason": "",
    "last_result": "・調べました。",
    "last_plan": "・建てます。",
    "last_rating": "B",
    "result": "・建てました。\n・開きました。",
    "rating": "A",
    "rating_reason": "完成したため。",
    "plan": "",
}
TITLE_ROWS = 5  # three lines of words, the bands, the headings
DEMO = Path(__file__).resolve().parents[3] / "fixtures" / "isesaki_manifesto_2024-03.txt"


def entry_row(
    pk: int | None = 1, *, is_locked: bool = False, marks: Mapping[str, str] | None = None, **values: str
) -> EntryRow:
    """A row with some of its texts."""
    return EntryRow(pk, 3, is_locked, {**VALUES, **values}, marks or {})


def entry_book(*rows: EntryRow, **changes: object) -> EntryBook:
    """A workbook of one sheet."""
    sheets = {"土木課": rows}
    values = {
        "fiscal_year": FISCAL_YEAR,
        "manifesto": "市長マニフェスト",
        "due": "令和7年5月30日",
        "scale": SCALE,
        "meta": META,
    }
    return EntryBook(**{**values, "sheets": sheets, **changes})  # type: ignore[arg-type]


def written(*rows: EntryRow, **changes: object) -> bytes:
    return write(entry_book(*rows, **changes))


class Upload(NamedTuple):
    """What an uploaded file says."""

    meta: dict[str, str]
    rows: list[UploadedRow]
    problems: list[UnreadPlace]


def uploaded(content: bytes, scale: Sequence[Step] = SCALE, fiscal_year: int = FISCAL_YEAR) -> Upload:
    meta, sheets = read_raw(content)
    return Upload(meta, *interpret(sheets, scale=scale, fiscal_year=fiscal_year))


def opened(content: bytes) -> tuple[Workbook, Worksheet]:
    """The workbook, and its first sheet."""
    book = load_workbook(io.BytesIO(content))
    return book, book.worksheets[0]


def changed(content: bytes, change: Callable[[Worksheet], None]) -> bytes:
    """The workbook with something done to its first sheet."""
    book, sheet = opened(content)
    change(sheet)
    return book_bytes(book)


def cells_of(content: bytes) -> list[list[object]]:
    """All values of the first sheet."""
    return [list(row) for row in opened(content)[1].iter_rows(values_only=True)]


def retyped(rows: Sequence[Sequence[object]], title: str = "土木課") -> bytes:
    """Values on a new sheet, without any of the form's looks."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    return book_bytes(book)


def place(name: str, row: int = 1) -> str:
    """The address of a column's cell in the nth row of answers."""
    return f"{COLUMN_LETTERS[name]}{TITLE_ROWS + row}"


def demo_rows() -> tuple[list[EntryRow], list[Step]]:
    """The demo's initiatives as rows of an entry sheet, and their scale."""
    table = read_table(DEMO)
    before, now, after = table.years[-2], table.years[-1], table.plan_years[-1]
    rows = [
        EntryRow(
            number,
            1,
            False,
            {
                **dict.fromkeys(COLUMN_NAMES[2:], ""),
                "place": f"{category.number}-{section.number}-{pledge.position}-{initiative.position}",
                "category": f"{category.name}\n{section.name}",
                "pledge": pledge.number + pledge.text,
                "state": "入力中",
                "last_result": initiative.results[before],
                "last_rating": initiative.rating or UNRATED,
                "result": initiative.results[now],
                "rating": initiative.rating or UNRATED,
                "plan": initiative.plans[after],
            },
        )
        for number, (category, section, pledge, initiative) in enumerate(
            ((c, s, p, i) for c, s, p in table.pledges() for i in p.initiatives), start=1
        )
    ]
    return rows, [Step(step.code, step.label, step.definition) for step in table.ratings]
