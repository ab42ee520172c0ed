"""The changelog of tables and columns (rule L3-07), which changelog.csv holds, oldest first.

A test replays it: a changed column needs a line there.
"""

import csv
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

from tracker.public.open_data.columns import day, number, text
from tracker.public.open_data.table import APART, ONLY_WITH_ROWS, DataTable


class ChangedTable(NamedTuple):
    """Columns that came or went together, in one table and for one reason."""

    version: int
    on: date
    kind: str  # "added" or "removed"
    table: str
    names: list[str]
    description: str


class ChangedColumn(NamedTuple):
    """A column that a table got or lost."""

    name: str
    change: ChangedTable


def _changes() -> tuple[ChangedTable, ...]:
    """Reads changelog.csv. Raises ValueError at a line that lacks a value, or has one too many."""
    with Path(__file__).with_name("changelog.csv").open(encoding="utf-8", newline="") as file:
        _names, *lines = csv.reader(file)
    return tuple(
        ChangedTable(int(version), date.fromisoformat(on), kind, table, names.split(), description)
        for version, on, kind, table, names, description in lines
    )


CHANGES = _changes()
OF_NEWER_EDITIONS = 9  # since this version columns come to tables of newer editions only


def changes_of(tables: Sequence[DataTable]) -> list[ChangedTable]:
    """The changes that an edition with these tables tells, oldest first."""
    absent = {*ONLY_WITH_ROWS, *APART} - {table.name for table in tables}
    names = {table.name: set(table.names) for table in tables}
    return [
        change
        for change in CHANGES
        if change.table not in absent
        and (change.version < OF_NEWER_EDITIONS or names.get(change.table, set()).issuperset(change.names))
    ]


def columns_version(tables: Sequence[DataTable]) -> int:
    """The number of the last change that such an edition tells."""
    return changes_of(tables)[-1].version


COLUMN_CHANGES = DataTable(
    name="column_changes",
    title="列の変更の記録",
    about="1行が、表に加えた1つの列、または表からなくした1つの列です。",
    group="about",
    key=("version", "table_name", "column_name"),
    own_columns=(
        number("version", "変更の番号", "change.version", "1 が最初の形"),
        day("changed_on", "変更した日", "change.on", "西暦の年月日"),
        text("table_name", "表の名前", "change.table"),
        text("column_name", "列名", "name"),
        text("change", "変更", "change.kind", choices={"added": "加えた", "removed": "なくした"}),
        text("description", "説明", "change.description"),
    ),
    rows=lambda edition: (
        ChangedColumn(name, change) for change in changes_of(edition.tables) for name in change.names
    ),
)
