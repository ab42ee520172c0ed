"""Every table of the open data, in the order of the page, the workbook and the definitions."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import chain

from tracker.public.entries import EntryValues
from tracker.public.open_data.actions import ACTIONS
from tracker.public.open_data.changelog import COLUMN_CHANGES
from tracker.public.open_data.character_tables import CP932_REPLACEMENTS, REWRITTEN_CHARACTERS
from tracker.public.open_data.code_tables import CATEGORIES, DEPARTMENTS, RATINGS, SDGS
from tracker.public.open_data.columns import NAMED_REPORT_COLUMNS
from tracker.public.open_data.definitions import ALLOWED_VALUES, DEFINITIONS
from tracker.public.open_data.extra import EXTRA_COLUMNS, EXTRA_VALUES
from tracker.public.open_data.indicators import INDICATOR_VALUES, INDICATORS
from tracker.public.open_data.initiatives import INITIATIVES, PLEDGES, RATING_HISTORY, REPORT_ROUND_NAME
from tracker.public.open_data.long_tables import (
    DEPARTMENTS_OF_INITIATIVES,
    PLAN_PROJECTS_OF_INITIATIVES,
    SDGS_OF_INITIATIVES,
)
from tracker.public.open_data.moves import CONTINUATIONS, FORMER_PLEDGE_KEYS, FORMER_TERM_PLEDGES
from tracker.public.open_data.table import DataTable, EditionData
from tracker.public.scope import Scope

TABLES: tuple[DataTable, ...] = (
    INITIATIVES,
    ACTIONS,
    PLEDGES,
    RATING_HISTORY,
    DEPARTMENTS_OF_INITIATIVES,
    SDGS_OF_INITIATIVES,
    PLAN_PROJECTS_OF_INITIATIVES,
    RATINGS,
    CATEGORIES,
    DEPARTMENTS,
    SDGS,
    DEFINITIONS,
    ALLOWED_VALUES,
    COLUMN_CHANGES,
    REWRITTEN_CHARACTERS,
    CP932_REPLACEMENTS,
)
# The field of an entry that says whether an edition has the tables.
ONLY_WHERE: Mapping[str, tuple[DataTable, ...]] = {
    "former_pledge_keys": (FORMER_PLEDGE_KEYS,),
    "continues": (CONTINUATIONS,),
    "former_term_pledge": (FORMER_TERM_PLEDGES,),
    "extra_values": (EXTRA_VALUES, EXTRA_COLUMNS),
    "indicators": (INDICATORS, INDICATOR_VALUES),
}
BY_NAME = {table.name: table for table in (*TABLES, *chain.from_iterable(ONLY_WHERE.values()))}


def tables_of(scope: Scope) -> tuple[DataTable, ...]:
    """The tables of a scope's edition. One of several of its year has the round's name in every row."""
    return _tables(scope, scope.entries.values(*ONLY_WHERE))


def edition_of(scope: Scope) -> EditionData:
    """What the tables of a scope's edition are made of, and which these are."""
    edition = EditionData(scope, TABLES)
    told = ({field: getattr(entry, field) for field in ONLY_WHERE} for entry in edition.entries)
    edition.tables = _tables(scope, told)
    return edition


def _tables(scope: Scope, entries: Iterable[EntryValues]) -> tuple[DataTable, ...]:
    told = {field for entry in entries for field in ONLY_WHERE if entry[field] is not None}
    further = chain.from_iterable(tables for field, tables in ONLY_WHERE.items() if field in told)
    tables = (*TABLES, *further)
    return tuple(map(_named, tables)) if scope.report.round_name else tables


def _named(table: DataTable) -> DataTable:
    own = (*table.own_columns, REPORT_ROUND_NAME) if table is RATING_HISTORY else table.own_columns
    return replace(table, report_columns=NAMED_REPORT_COLUMNS, own_columns=own)
