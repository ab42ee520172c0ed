"""The sheet that is imported three ways: twelve columns, headings in the first row, a row per yearly action.

It is a plain table, because django-import-export reads no other, with the hidden sheet of our export, so that
ours knows its base.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

from openpyxl import Workbook

from tracker.entry_sheets.file.columns import COLUMNS
from tracker.entry_sheets.file.entry_book import META_SHEET

FISCAL_YEAR = 2024
LEFT_OUT = ("state", "return_reason")  # fourteen columns less two
HEADINGS = {column.name: column.heading_for(FISCAL_YEAR) for column in COLUMNS if column.name not in LEFT_OUT}


def write(path: Path, rows: Iterable[Mapping[str, object]], meta: Mapping[str, str]) -> None:
    """Rows by column name; ratings as codes, which both readers know."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(list(HEADINGS.values()))
    for row in rows:
        sheet.append([row[name] if row[name] != "" else None for name in HEADINGS])
    hidden = book.create_sheet(META_SHEET)
    for item in meta.items():
        hidden.append(item)
    hidden.sheet_state = "veryHidden"
    book.save(path)
