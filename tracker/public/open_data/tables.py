"""Every table of the open data, in the order of the page, the workbook and the definitions."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain

from tracker.public.bare_pledges import bare_rows
from tracker.public.entries import EntryValues
from tracker.public.open_data.actions import ACTIONS
from tracker.public.open_data.changelog import COLUMN_CHANGES
from tracker.public.open_data.character_tables import CP932_REPLACEMENTS, REWRITTEN_CHARACTERS
from tracker.public.open_data.code_tables import (
    CATEGORIES,
    DEPARTMENTS,
    RATING_RANKS,
    RATINGS,
    SDGS,
    with_ranks,
)
from tracker.public.open_data.columns import NAMED_REPORT_COLUMNS
from tracker.public.open_data.definitions import ALLOWED_VALUES, DEFINITIONS
from tracker.public.open_data.extra import EXTRA_COLUMNS, EXTRA_VALUES
from tracker.public.open_data.indicators import INDICATOR_VALUES, INDICATORS
from tracker.public.open_data.initiatives import (
    EARLIER_RATINGS,
    INITIATIVES,
    PLEDGES,
    PLEDGES_BEFORE,
    RATING_HISTORY,
    REPORT_ROUND_NAME,
    earlier_ratings_of,
    with_states,
)
from tracker.public.open_data.long_tables import (
    DEPARTMENTS_OF_INITIATIVES,
    PLAN_PROJECTS_OF_INITIATIVES,
    SDGS_OF_INITIATIVES,
)
from tracker.public.open_data.moves import CONTINUATIONS, FORMER_PLEDGE_KEYS, FORMER_TERM_PLEDGES
from tracker.public.open_data.shared_columns import INITIATIVE_NAME, with_column, without_section
from tracker.public.open_data.summary import INITIATIVE_NAME as NAME_IN_SUMMARY
from tracker.public.open_data.summary import SUMMARY, summary_of_report
from tracker.public.open_data.table import DataTable, EditionData
from tracker.public.rated_pledges import STATE_FIELDS, pledge_states
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
# Of each entry, to know what tables there are.
ASKED = (*ONLY_WHERE, *STATE_FIELDS, "section_name", "rating_history", "initiative_name")
FURTHER = (
    *chain.from_iterable(ONLY_WHERE.values()),
    RATING_RANKS,
    EARLIER_RATINGS,
)  # only some editions' own
BY_NAME = {table.name: table for table in (*TABLES, *FURTHER, SUMMARY)}


NO_CODE = "コードを設定していない"


def tables_of(scope: Scope) -> tuple[DataTable, ...]:
    """The tables of a scope's edition. One of several of its year has the round's name in every row."""
    return _tables(scope, list(scope.entries.values(*ASKED)), bare_rows(scope.report))


def edition_of(scope: Scope, pledge_key: str = "") -> EditionData:
    """What the tables of a scope's edition, or of one pledge in it, are made of, and which these are."""
    edition = EditionData(scope, TABLES, pledge_key)
    edition.tables = _tables(scope, list(map(vars, edition.entries)), list(map(vars, edition.bare)))
    return edition


def _tables(
    scope: Scope, entries: Sequence[EntryValues], bare: Sequence[EntryValues]
) -> tuple[DataTable, ...]:
    rows = [*entries, *bare]
    told = {field for entry in rows for field in ONLY_WHERE if entry[field] is not None}
    further = chain.from_iterable(tables for field, tables in ONLY_WHERE.items() if field in told)
    tables = (*TABLES, *further)
    if not scope.report.tells_every_pledge:
        tables = tuple(PLEDGES_BEFORE if table is PLEDGES else table for table in tables)
    found = set(pledge_states(scope.report, entries).values())
    tables = tuple(with_states(table, found) if table is PLEDGES else table for table in tables)
    if scope.report.unranked_codes:
        tables = (*(with_ranks(table) if table is RATINGS else table for table in tables), RATING_RANKS)
    if any(earlier_ratings_of(entry["rating_history"]) for entry in rows):
        tables = (*tables, EARLIER_RATINGS)
    if any(entry["initiative_name"] for entry in rows):
        tables = tuple(map(_with_names, tables))
    if not all(entry["section_name"] for entry in rows):
        tables = tuple(map(_without_section, tables))
    tables = tuple(map(_named, tables)) if scope.report.round_name else tables
    return tables if scope.city.code else tuple(map(_without_code, tables))


def summary_of(edition: EditionData) -> DataTable:
    """一覧表 as an edition has it."""
    table = summary_of_report(edition.report)
    summary = table if edition.city.code else _without_code(table)
    if not any(entry.initiative_name for entry in edition.entries):
        return summary
    return replace(summary, own_columns=with_column(summary.own_columns, NAME_IN_SUMMARY, "取組の順"))


def _without_code(table: DataTable) -> DataTable:
    """A table of a city whose code nobody has said: the column is there, and empty."""
    code, *others = table.report_columns
    return replace(table, report_columns=(replace(code, blank=NO_CODE), *others))


def _with_names(table: DataTable) -> DataTable:
    columns = with_column(table.own_columns, INITIATIVE_NAME, "initiative_position")
    return replace(table, own_columns=columns)


def _without_section(table: DataTable) -> DataTable:
    columns = table.own_columns
    if table is not CATEGORIES:
        columns = tuple(map(without_section, columns))
    return replace(table, own_columns=columns)


def _named(table: DataTable) -> DataTable:
    own = (*table.own_columns, REPORT_ROUND_NAME) if table.name == RATING_HISTORY.name else table.own_columns
    return replace(table, report_columns=NAMED_REPORT_COLUMNS, own_columns=own)
