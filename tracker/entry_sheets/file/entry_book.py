"""What an entry sheet is made of: plain values, and the names of a workbook's sheets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tracker.entry_sheets.file.columns import COLUMNS, RATED, EntryColumn, Use
from tracker.entry_sheets.file.indicator_cells import codes_in
from tracker.entry_sheets.file.ratings import Step
from tracker.words.extra_values import CHOICE, DescribedColumn
from tracker.words.fiscal_years import label
from tracker.workbooks import cell_text

META_SHEET, CHOICES_SHEET = "_meta", "_choices"
INDICATOR_SHEET = "指標"
UNNAMED = "入力シート"


@dataclass(frozen=True)
class EntryRow:
    """One yearly action as the sheet shows it. `id` None: a row of nobody, which only an error workbook has.

    `values` has every column but id and version by its name: `rating` and `last_rating` as a step's code,
    UNRATED or "". The inputs of a row that `is_locked` cannot be written into. `marks` are messages by column
    name, "" for the whole row. The cells of its indicators (`indicator_cells`) are among both.
    """

    id: int | None
    version: int
    is_locked: bool
    values: Mapping[str, str]
    marks: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class EntryBook:
    """A workbook: rows by their sheet's name; `due` in words; `meta`, which comes back on a hidden sheet.

    `round_name` says which round of the year, where there are several. `extra` are the manifesto's own
    columns, `measured` those of the indicators' numbers by code.
    """

    fiscal_year: int
    manifesto: str
    due: str
    scale: Sequence[Step]
    sheets: Mapping[str, Sequence[EntryRow]]
    meta: Mapping[str, str]
    round_name: str = ""
    extra: Sequence[EntryColumn] = ()
    measured: Mapping[str, DescribedColumn] = field(default_factory=dict)

    @property
    def choices(self) -> dict[str, list[str]]:
        """What may be chosen in extra columns, by their names."""
        return {
            each.name: each.extra.open_choices
            for each in self.extra
            if each.extra and each.extra.kind == CHOICE and each.use is Use.INPUT
        }

    @property
    def columns(self) -> list[EntryColumn]:
        """All columns in order: what is for reference, then what is written into."""
        every = [*COLUMNS, *self.extra]
        return sorted(every, key=lambda column: column.use is Use.INPUT)

    @property
    def measured_rows(self) -> list[EntryRow]:
        """Those with indicators, in the order of the sheets."""
        return [row for rows in self.sheets.values() for row in rows if codes_in(row.values)]

    @property
    def title(self) -> str:
        """「令和6年度（2024年度）上半期 入力シート」."""
        return f"{label(self.fiscal_year)}{self.round_name} {UNNAMED}"


def as_written(name: str, text: str) -> str:
    """What reading back a cell of this column gives: the text, unless a cell cannot hold it."""
    return text if name in RATED else cell_text.held(text)
