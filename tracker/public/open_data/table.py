"""A table of the open data, and the report that it is made from."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, NamedTuple

from tracker.models import Report, ReportEntry
from tracker.public.bare_pledges import bare_entries
from tracker.public.open_data.columns import REPORT_COLUMNS, DataColumn, DataValue, in_file
from tracker.public.scope import Scope
from tracker.words.places import pledge_numbers

HISTORY_FIELDS = (
    *("report_id", "position", "key", "category_number", "category_name", "section_number", "section_name"),
    *("pledge_key", "pledge_number", "pledge_text", "initiative_position", "initiative_name"),
    *("rating_code", "rating_reason", "ended_after", "carried_from", "former_pledge_keys"),
)


class ToldEntry(NamedTuple):
    """An entry and the report that tells it."""

    entry: ReportEntry
    report: Report

    @property
    def rating(self) -> Mapping[str, Any]:
        """The step of the report's own scale; empty without a rating."""
        return next((step for step in self.report.ratings if step["code"] == self.entry.rating_code), {})


class EditionData:
    """What the tables of a scope's edition are made of, read when first asked for.

    An edition's files never change: the reports before it are those that stood when it was published.
    """

    def __init__(self, scope: Scope, tables: Sequence["DataTable"], pledge_key: str = "") -> None:
        """Of all entries, or those of one pledge."""
        self._scope, self._pledge_key = scope, pledge_key
        self.report = scope.report
        self.city = scope.city
        self.tables = tables  # all of them: some are about the others

    @cached_property
    def entries(self) -> list[ReportEntry]:
        found = self._scope.entries
        return list(found.of_pledge(self._pledge_key) if self._pledge_key else found)

    @cached_property
    def bare(self) -> list[ReportEntry]:
        """The report's pledges without an initiative, or the one that is asked for."""
        return [e for e in bare_entries(self.report) if self._pledge_key in ("", e.pledge_key)]

    @cached_property
    def pledges(self) -> list[list[ReportEntry]]:
        """The entries of each pledge, in order; of one without an initiative the one of `bare`."""
        found: dict[str, list[ReportEntry]] = {}
        for entry in [*self.entries, *self.bare]:
            found.setdefault(entry.pledge_key, []).append(entry)
        keys = sorted(found, key=pledge_numbers) if self.bare else found
        return [found[key] for key in keys]

    @cached_property
    def told(self) -> list[ToldEntry]:
        """The report's own entries, in order."""
        return [ToldEntry(entry, self.report) for entry in self.entries]

    @cached_property
    def history(self) -> list[ToldEntry]:
        """The entries of the reports before and of this one, the oldest report first."""
        earlier = self._scope.stood_before
        reports = self._scope.reports_of(earlier)
        told = self._scope.entries_of(earlier).only(*HISTORY_FIELDS)
        if self._pledge_key and self.pledges:
            told = told.of_pledge_ever(self._pledge_key, self.pledges[0][0].former_pledge_keys or ())
        entries = told.by_report()
        before = [ToldEntry(e, reports[row.pk]) for row in reversed(earlier) for e in entries[row.pk]]
        return [*before, *self.told]


# Tables that only an edition has which has rows for them: an older one's files stay byte for byte.
ONLY_WITH_ROWS = (
    *("former_pledge_keys", "initiative_continuations", "former_term_pledges"),
    *("extra_values", "extra_columns", "indicators", "indicator_values", "rating_ranks", "earlier_ratings"),
)
APART = ("summary",)  # in no file of all tables, and told by none of those about tables
TableGroup = Literal["ready", "main", "further", "codes", "about"]


@dataclass(frozen=True)
class DataTable:
    """A table. `about` says what a row is; no two rows share the values of all `key` columns."""

    name: str
    title: str
    about: str
    group: TableGroup
    key: tuple[str, ...]
    own_columns: tuple[DataColumn, ...]
    rows: Callable[[EditionData], Iterable[Any]]
    report_columns: tuple[DataColumn, ...] = REPORT_COLUMNS

    @property
    def columns(self) -> tuple[DataColumn, ...]:
        """All columns: whose and as of when, then the table's own."""
        return (*self.report_columns, *self.own_columns)

    @cached_property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]

    def records(self, edition: EditionData) -> Iterator[list[DataValue]]:
        """The rows' values in the exact wording, in the order of `columns`."""
        head = [column.value(edition) for column in self.report_columns]
        readers = [column.read for column in self.own_columns]  # found once: there are many rows
        for row in self.rows(edition):
            yield [*head, *[in_file(read(row)) for read in readers]]

    def key_of(self, record: Sequence[DataValue]) -> str:
        """A row's key as one text: its key columns' values, joined by slashes."""
        return "/".join(str(record[index]) for index in self._key_places)

    @cached_property
    def _key_places(self) -> list[int]:
        return [self.names.index(name) for name in self.key]
