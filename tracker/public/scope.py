"""Which report a page shows: the latest of a manifesto, or the one that its address names."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache as once
from types import MappingProxyType
from typing import Any, NamedTuple

from django.db import InterfaceError, OperationalError, connection
from django.http import Http404

from tracker.models import Report, ReportEntry
from tracker.models.city import CityFacts
from tracker.public.entries import Entries
from tracker.public.published import Pages, Published, Term, terms_of
from tracker.reports.figures import RatingStep
from tracker.words.fiscal_years import date_label, fiscal_year_of


@once
def _published_sql() -> tuple[str, tuple[Any, ...]]:
    """The one light query, with its values, that tells which reports there are, and their index's state.

    Reports never change, so this is the public site's whole state. Every request asks for it; composing the
    query takes five times longer than asking.
    """
    rows = Report.objects.with_site_state().order_by("-as_of", "-edition", "-pk")
    return rows.values_list(*Published._fields[:-1]).query.sql_with_params()


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
        cursor.execute(*_published_sql())
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
    terms: tuple[Term, ...]  # the newest first
    unpublished: Mapping[int, Unpublished]  # by key, which reports are only in a preview

    def url(self, name: str, **arguments: Any) -> str:
        """The address of a page in this scope."""
        return self.pages.url(name, **arguments)

    @property
    def term(self) -> Term:
        return next(term for term in self.terms if term.slug == self.report.slug)

    @property
    def reports(self) -> tuple[Published, ...]:
        """All reports of this manifesto, newest first."""
        return self.term.reports

    @property
    def others(self) -> list[Term]:
        return [term for term in self.terms if term.slug != self.report.slug]

    @property
    def later_terms(self) -> list[Term]:
        """The newest first."""
        return list(self.terms[: self.terms.index(self.term)])

    @property
    def former_term(self) -> Term | None:
        """The term before. A dated page names none: which is its latest report changes."""
        before = self.terms[self.terms.index(self.term) + 1 :]
        return before[0] if before and self.is_root else None

    @property
    def term_name(self) -> str:
        """What the term is called where a page must tell it from others, "" where there is only one.

        A dated page stays as it is when another term begins: it knows those that had reports before its own.
        """
        known = (row for term in self.others for row in term.reports)
        is_told = any(self.is_root or row.pk < self.report.pk for row in known)
        return self.this.term_name if is_told else ""

    @property
    def this(self) -> Published:
        return next(row for row in self.reports if row.pk == self.report.pk)

    @property
    def city(self) -> CityFacts:
        """Who publishes, as of now."""
        return self.this.city

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
        return self.report.dated_label

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

    def label_of(self, as_of: date) -> str:
        """What the report of a date is called: the one that a carried row is a copy of."""
        stood = self.stood(as_of)
        return stood.label if stood else date_label(as_of)

    def year_of(self, as_of: date) -> int:
        """The fiscal year that the report of a date is about, which its date may lie outside of."""
        stood = self.stood(as_of)
        return stood.fiscal_year if stood else fiscal_year_of(as_of)

    @property
    def corrects(self) -> Published | None:
        """The edition that this one corrects."""
        before = (self.report.as_of, self.report.edition - 1)
        return next((row for row in self.reports if (row.as_of, row.edition) == before), None)

    @property
    def corrected_by(self) -> Published | None:
        """The last of the editions that correct this one."""
        last = next(row for row in self.reports if row.as_of == self.report.as_of)
        return last if last.edition > self.report.edition else None


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
    terms = terms_of(rows, unpublished)
    slug = slug or terms[0].slug
    named = (
        row
        for row in rows
        if row.slug == slug and as_of in {None, row.as_of} and edition in {None, row.edition}
    )
    if (found := next(named, None)) is None:
        raise Http404
    pages = found.permanent if edition is not None else found.dated if as_of is not None else found.latest
    draft = unpublished.get(found.pk)
    report = draft.report if draft else Report.objects.get(pk=found.pk)
    return Scope(report, pages, terms, unpublished)
