"""A layout: how a table is to be read, as a person or `proposal` says it. Pure.

It says which sheets, which heading rows, what each column is and of which year, where the outline (fields and
sections) stands, the scale, what means 「評価なし」, title, date, and rows to leave out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum

from tracker.published_tables.file.cells import LegendStep
from tracker.published_tables.file.columns import TableColumn
from tracker.published_tables.file.grid import Row
from tracker.published_tables.file.outline import OutlineLine, read_line
from tracker.words.scale_kinds import ScaleKind

RowPlace = tuple[str | None, int]  # the sheet and the row's number


class OutlinePlace(Enum):
    """Where fields and sections stand."""

    ROWS = "rows"  # lines across the table
    COLUMNS = "columns"
    SHEETS = "sheets"  # the name of a sheet is the field
    NONE = "none"


@dataclass(frozen=True)
class HeadingBlock:
    """Heading rows, by their numbers, and the columns of the rows below them."""

    sheet: str | None
    first: int
    last: int
    columns: tuple[TableColumn, ...]


@dataclass(frozen=True)
class Layout:
    """A layout without gaps. `known` are the rows of title, date and legend: no part of the table.

    `skipped` are rows to leave out, `wanted` those to read though they look like totals. `lines` maps how
    lines of the outline begin (`outline.style`) to their level, 1 for fields and 2 for sections; `plain` are
    those without a sign of their own. `slips`: the rows may have slipped sideways, as those of a text do, and
    are put straight.
    """

    blocks: tuple[HeadingBlock, ...] = ()
    outline: tuple[OutlinePlace, ...] = (OutlinePlace.ROWS,)
    scale: tuple[LegendStep, ...] = ()
    scale_kind: ScaleKind = ScaleKind.RANKED
    unranked: frozenset[str] = frozenset()
    unrated: tuple[str, ...] = ()
    title: str = ""
    as_of: date | None = None
    fiscal_year: int | None = None
    sheets: tuple[str, ...] = ()
    skipped: frozenset[RowPlace] = frozenset()
    wanted: frozenset[RowPlace] = frozenset()
    known: frozenset[RowPlace] = frozenset()
    lines: Mapping[str, int] = field(default_factory=dict)
    plain: frozenset[RowPlace] = frozenset()
    slips: bool = False

    @property
    def columns(self) -> tuple[TableColumn, ...]:
        """All columns of all blocks, each meaning once."""
        return tuple(dict.fromkeys(column for block in self.blocks for column in block.columns))

    def line_of(self, row: Row) -> OutlineLine | None:
        """What a row says as a line of the outline, None where it is like none."""
        is_wide = row.is_wide or row.place in self.plain
        return read_line(row.line, is_wide=is_wide) if row.filled == 1 else None
