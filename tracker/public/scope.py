"""Which report a page shows: the latest of a manifesto, or the one that its address names."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache as once
from types import MappingProxyType
from typing import Any, NamedTuple

from django.db import InterfaceError, OperationalError, connection
from django.http import Http404
from django.urls import reverse

from tracker.models import Report, ReportEntry
from tracker.public.entries import Entries
from tracker.reports.figures import RatingStep
from tracker.words.fiscal_years import date_label

NO_PLEDGE = "0-0-0"  # numbers begin with 1


class Pages(NamedTuple):
    """Where pages stand: the namespace of their names in urls.py, and the arguments that all of them take."""

    namespace: str
    arguments: dict[str, Any]

    def within(self, namespace: str, **arguments: Any) -> "Pages":
        return Pages(f"{self.namespace}:{namespace}", self.arguments | arguments)

    def url(self, name: str, **arguments: Any) -> str:
        """The address of one of the pages."""
        return reverse(f"{self.namespace}:{name}", kwargs=self.arguments | arguments)

    @property
    def pledge_pattern(self) -> str:
        """The address of a pledge with {key} in it, for long lists: `url` takes longer than a row."""
        before, _, after = self.url("pledge", key=NO_PLEDGE).rpartition(NO_PLEDGE)
        return f"{before}{{key}}{after}"


class Published(NamedTuple):
    """A report as menus and caches need it."""

    pk: int
    slug: str
    title: str
    as_of: date
    edition: int
    digest: str
    index_state: int | None
    home: Pages  # within which the pages of its manifesto stand

    @property
    def latest(self) -> Pages:
        """The pages of the manifesto's latest report, whichever that is."""
        return self.home.within("latest")

    @property
    def dated(self) -> Pages:
        """The pages of the date's last edition."""
        return self.home.within("dated", as_of=self.as_of)

    @property
    def permanent(self) -> Pages:
        """The pages that always show this very edition."""
        return self.home.within("edition", as_of=self.as_of, edition=self.edition)

    def url(self, name: str, **arguments: Any) -> str:
        """The permanent address of one of its pages."""
        return self.permanent.url(name, **arguments)

    @property
    def label(self) -> str:
        return date_label(self.as_of)


@once
def _published_sql() -> str:
    """The text of the one light query that tells which reports there are, and the state of their index.

    Reports never change, so this is the public site's whole state. Every request asks for it; composing the
    query takes five times longer than asking.
    """
    rows = Report.objects.with_index_state().order_by("-as_of", "-edition", "-pk")
    return rows.values_list(*Published._fields[:-1]).query.sql_with_params()[0]


def published() -> list[Published]:
    """All reports, newest date and edition first."""
    # This query is the health check of a kept connection too: one that has died is replaced, and asked again.
    connection.health_check_done = True  # type: ignore[attr-defined]
    try:
        return _published()
    except (InterfaceError, OperationalError):
        if connection.in_atomic_block:
            raise
        connection.close()
        return _published()


def _published() -> list[Published]:
    with connection.cursor() as cursor:
        cursor.execute(_published_sql())
        rows = cursor.fetchall()
    return [Published._make((*row, Pages("manifesto", {"slug": row[1]}))) for row in rows]


class Unpublished(NamedTuple):
    """A report that a preview shows among the published ones, with its entries. The database has neither."""

    report: Report
    entries: Sequence[ReportEntry]


@dataclass(frozen=True)
class Scope:
    """The report of a page, the addresses of its sisters, and the other reports around it."""

    report: Report
    pages: Pages  # where links inside the page lead
    reports: tuple[Published, ...]  # all reports of this manifesto, newest first
    others: tuple[Published, ...]  # the latest report of every other manifesto
    unpublished: Mapping[int, Unpublished]  # by key, which of `reports` are only in a preview

    def url(self, name: str, **arguments: Any) -> str:
        """The address of a page in this scope."""
        return self.pages.url(name, **arguments)

    @property
    def this(self) -> Published:
        return next(row for row in self.reports if row.pk == self.report.pk)

    @property
    def latest(self) -> Published:
        return self.reports[0]

    @property
    def is_latest(self) -> bool:
        return self.latest.pk == self.report.pk

    @property
    def root(self) -> Pages:
        """The pages of the manifesto's latest report."""
        return self.latest.latest

    @property
    def is_root(self) -> bool:
        """Whether the address names no date: links lead to the latest report, whichever that is."""
        return self.pages == self.root

    @property
    def canonical(self) -> Pages:
        """Where search engines should find what this page shows."""
        return self.root if self.is_latest else self.this.permanent

    @property
    def label(self) -> str:
        return date_label(self.report.as_of)

    @property
    def scale(self) -> list[RatingStep]:
        return RatingStep.scale(self.report.ratings)

    @property
    def has_percents(self) -> bool:
        """Whether the scale gives degrees of progress, so that there are averages."""
        return any(step.percent is not None for step in self.scale)

    @property
    def entries(self) -> Entries:
        """The report's entries."""
        return self.entries_of([self.this])

    def entries_of(self, rows: Iterable[Published]) -> Entries:
        """The entries of several reports."""
        pks = {row.pk for row in rows}
        published = ReportEntry.objects.filter(report__in=pks - self.unpublished.keys()).order_by("position")
        drafts = [self.unpublished[pk] for pk in pks & self.unpublished.keys()]
        return Entries(published, [entry for draft in drafts for entry in draft.entries])

    def reports_of(self, rows: Iterable[Published]) -> dict[int, Report]:
        """Several reports by key, without their outline and years."""
        pks = {row.pk for row in rows}
        published = Report.objects.defer("outline", "years").in_bulk(pks - self.unpublished.keys())
        return published | {pk: self.unpublished[pk].report for pk in pks & self.unpublished.keys()}

    @property
    def earlier(self) -> list[Published]:
        """The last editions of the dates before this report's, newest first.

        An edition's own address promises to stay as it is: there they are the editions that stood when it was
        published.
        """
        return self.stood_before if self.pages == self.this.permanent else self._last_editions(self.reports)

    @property
    def stood_before(self) -> list[Published]:
        """The last editions of the dates before this report's, as they stood when it was published."""
        return self._last_editions(row for row in self.reports if row.pk < self.report.pk)

    def _last_editions(self, rows: Iterable[Published]) -> list[Published]:
        before = [row for row in rows if row.as_of < self.report.as_of]
        return list({row.as_of: row for row in reversed(before)}.values())[::-1]

    def stood(self, as_of: date) -> Published | None:
        """The edition of a date that stood when this report was published: carried rows are copies of it."""
        return next((row for row in self.reports if row.as_of == as_of and row.pk < self.report.pk), None)

    @property
    def corrects(self) -> Published | None:
        """The edition that this one corrects."""
        before = (self.report.as_of, self.report.edition - 1)
        return next((row for row in self.reports if (row.as_of, row.edition) == before), None)


def predecessor(row: Published, rows: Sequence[Published]) -> Published | None:
    """What a report's changes are counted from, as it stood when the report was published.

    That is the edition that it corrects, else the last edition of the date before. `rows` are newest first.
    """
    return next((each for each in rows if each.pk < row.pk and each.as_of <= row.as_of), None)


def choose(
    rows: Sequence[Published],
    slug: str | None,
    as_of: date | None,
    edition: int | None,
    unpublished: Mapping[int, Unpublished] = MappingProxyType({}),
) -> Scope | None:
    """The scope that an address names; None where nothing is published at all.

    Raises Http404 where there is no such report.
    """
    if slug is None and not rows:
        return None
    slug = slug or rows[0].slug
    reports = tuple(row for row in rows if row.slug == slug)
    named = (row for row in reports if as_of in {None, row.as_of} and edition in {None, row.edition})
    if (found := next(named, None)) is None:
        raise Http404
    pages = found.permanent if edition is not None else found.dated if as_of is not None else found.latest
    draft = unpublished.get(found.pk)
    report = draft.report if draft else Report.objects.get(pk=found.pk)
    others = {row.slug: row for row in reversed(rows) if row.slug != slug}
    return Scope(report, pages, reports, tuple(others.values())[::-1], unpublished)
