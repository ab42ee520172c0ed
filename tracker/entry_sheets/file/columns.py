"""The columns of the entry sheet (入力シート): written in this order, known again by their headings."""

import csv
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from tracker.words.codes import (
    UNRATED as UNRATED,
)  # the value of `rating`; a step is its code, "" is no answer
from tracker.words.extra_values import FIELD, DescribedColumn, field_of, heading
from tracker.words.fiscal_years import FISCAL_YEAR, short_label, year_of
from tracker.words.folding import fold


class Use(Enum):
    """What a column is there for: not seen, read only, or written into."""

    HIDDEN = "隠れた欄"
    REFERENCE = "参考"
    INPUT = "入力"


@dataclass(frozen=True)
class EntryColumn:
    """One column. `heading` names years as {last_year}, {year}, {next_year}; its `width` is in digits.

    `extra` describes the values of an extra column (追加の項目), which a manifesto's sheets have besides.
    """

    name: str
    heading: str
    use: Use
    width: float
    note: str = ""
    extra: DescribedColumn | None = field(default=None, hash=False)

    def heading_for(self, fiscal_year: int) -> str:
        """The heading in the round of a fiscal year: 「令和6年度の主な取組」."""
        if self.extra:
            return self.heading
        years = {"last_year": fiscal_year - 1, "year": fiscal_year, "next_year": fiscal_year + 1}
        return self.heading.format(**{name: short_label(year) for name, year in years.items()})


def _columns(table: str) -> Iterator[EntryColumn]:
    """The lines of a table beside this module. Raises ValueError for one that lacks a cell, or whose use is
    none.
    """
    with Path(__file__).with_name(table).open(encoding="utf-8", newline="") as file:
        for name, heading, use, width, note in itertools.islice(csv.reader(file), 1, None):
            yield EntryColumn(name, heading, Use(use), float(width), note)


COLUMNS = tuple(_columns("columns.csv"))
INDICATOR_COLUMNS = tuple(_columns("indicator_columns.csv"))  # of the indicators' own sheet
COLUMN_NAMES = tuple(column.name for column in COLUMNS)
HIDDEN = tuple(column.name for column in COLUMNS if column.use is Use.HIDDEN)
INPUTS = tuple(column.name for column in COLUMNS if column.use is Use.INPUT)
RATED = ("last_rating", "rating")  # whose values are codes


def heading_key(heading: str) -> str:
    """A heading as it is known again: 「R６年度の\n主な取組」 and 「令和6年度の主な取組」 are the same."""
    return FISCAL_YEAR.sub(lambda match: f"{year_of(match)}年度", fold(heading)).casefold()


def names_by_heading(fiscal_year: int, extra: Iterable[EntryColumn] = ()) -> dict[str, str]:
    """Column names by the `heading_key` of their headings in the round of a fiscal year."""
    return names_of((*COLUMNS, *extra), fiscal_year)


def names_of(columns: Iterable[EntryColumn], fiscal_year: int) -> dict[str, str]:
    """Names of some columns by the `heading_key` of their headings."""
    return {heading_key(column.heading_for(fiscal_year)): column.name for column in columns}


NOTES = {
    "text": "",
    "number": "数字で書きます。",
    "date": "「令和7年3月31日」か「2025-03-31」のように書きます。",
    "choice": "セルの右の ▼ を押すと出る一覧から選びます。",
    "link": "https:// か http:// から始まるアドレスを書きます。",
}


def extra_column(column: DescribedColumn, *, is_input: bool, is_public: bool) -> EntryColumn:
    """The sheet's column of an extra column; one that its reader does not fill in is for reference."""
    needed = "必ず書いてください。" if column.is_required else ""
    told = "承認されると、市民にも公表されます。" if is_public else "公表されません。"
    use, width = (Use.INPUT if is_input else Use.REFERENCE), 30 if column.kind == "text" else 15
    note = f"{NOTES[column.kind]}{needed}{told}"
    return EntryColumn(field_of(column.code), heading(column), use, width, note, column)


def may_be_input(name: str) -> bool:
    """Whether somebody writes into a cell: an extra one may be the planning office's alone."""
    return name in INPUTS or name.startswith(FIELD)
