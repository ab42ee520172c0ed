"""A table of the open data, and the report that it is made from."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, NamedTuple

from tracker.models import Report, ReportEntry
from tracker.public.open_data.columns import REPORT_COLUMNS, Column, Value
from tracker.public.scope import Published

HISTORY_FIELDS = (
    *(
        "report_id",
        "position",
        "key",
        "category_number",
        "category_name",
        "section_number",
        "section_name",
        "pledge_key",
    ),
    *("pledge_number", "pledge_text", "initiative_position", "rating_code", "rating_reason", "carried_from"),
)


class Told(NamedTuple):
    """An entry and the report that tells it."""

    entry: ReportEntry
    report: Report

    @property
    def rating(self) -> Mapping[str, Any]:
        """The step of the report's own scale; empty without a rating."""
        return next((step for step in self.report.ratings if step["code"] == self.entry.rating_code), {})


class Material:
    """What the tables of one edition are made of: its report, and the ones that stood before it. Read when
    first asked for.
    """

    def __init__(self, report: Report, earlier: Sequence[Published]) -> None:
        self.report = report
        self._earlier = [row.pk for row in earlier]

    @cached_property
    def entries(self) -> list[ReportEntry]:
        return list(ReportEntry.objects.filter(report=self.report).order_by("position"))

    @cached_property
    def told(self) -> list[Told]:
        """The report's own entries, in order."""
        return [Told(entry, self.report) for entry in self.entries]

    @cached_property
    def history(self) -> list[Told]:
        """The entries of the reports before and of this one, the oldest report first."""
        if not self._earlier:
            return self.told
        reports = {report.pk: report for report in Report.objects.filter(pk__in=self._earlier)}
        entries = ReportEntry.objects.filter(report__in=self._earlier).order_by("report__as_of", "position")
        return [
            *(Told(entry, reports[entry.report_id]) for entry in entries.only(*HISTORY_FIELDS)),
            *self.told,
        ]


Group = Literal["main", "further", "codes", "about"]


@dataclass(frozen=True)
class Table:
    """A table. `about` says what a row is; no two rows share the values of all `key` columns."""

    name: str
    title: str
    about: str
    group: Group
    key: tuple[str, ...]
    own_columns: tuple[Column, ...]
    rows: Callable[[Material], Iterable[Any]]

    @property
    def columns(self) -> tuple[Column, ...]:
        """All columns: whose and as of when, then the table's own."""
        return (*REPORT_COLUMNS, *self.own_columns)

    def records(self, material: Material) -> Iterator[list[Value]]:
        """The rows' values in the exact wording, in the order of `columns`."""
        head = [column.value(material.report) for column in REPORT_COLUMNS]
        for row in self.rows(material):
            yield [*head, *(column.value(row) for column in self.own_columns)]

    def key_of(self, record: Sequence[Value]) -> str:
        """A row's key as one text: its key columns' values, joined by slashes."""
        return "/".join(str(record[index]) for index in self._key_places)

    @cached_property
    def _key_places(self) -> list[int]:
        names = [column.name for column in self.columns]
        return [names.index(name) for name in self.key]
