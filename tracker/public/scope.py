"""Which report a page shows: the latest of a manifesto, or the one that its address names."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache as once
from typing import NamedTuple

from django.db import InterfaceError, OperationalError, connection
from django.http import Http404

from tracker.models import Report
from tracker.reports.figures import RatingStep
from tracker.words.fiscal_years import date_label

# One light query tells which reports there are, and the state of their index. Reports never change, so this
# is the public site's whole state.
LIGHT_FIELDS = ("pk", "slug", "title", "as_of", "edition", "digest", "index_state")


class Published(NamedTuple):
    """A report as menus and caches need it."""

    pk: int
    slug: str
    title: str
    as_of: date
    edition: int
    digest: str
    index_state: int | None

    @property
    def address(self) -> str:
        """The address that always shows this very edition."""
        return f"/{self.slug}/reports/{self.as_of}/editions/{self.edition}/"

    @property
    def date_address(self) -> str:
        """The address of the date's last edition."""
        return f"/{self.slug}/reports/{self.as_of}/"

    @property
    def label(self) -> str:
        return date_label(self.as_of)


@once
def _published_sql() -> str:
    """The light query's text. Every request asks it, and Django needs five times longer to compose it than
    SQLite to answer.
    """
    return (
        Report.objects.with_index_state()
        .order_by("-as_of", "-edition", "-pk")
        .values_list(*LIGHT_FIELDS)
        .query.sql_with_params()[0]
    )


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
        return [Published(*row) for row in cursor.fetchall()]


@dataclass(frozen=True)
class Scope:
    """The report of a page, the addresses of its sisters, and the other reports around it."""

    report: Report
    base: str  # what the addresses of this scope's pages begin with
    reports: tuple[Published, ...]  # all reports of this manifesto, newest first
    others: tuple[Published, ...]  # the latest report of every other manifesto

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
    def root(self) -> str:
        """Where the manifesto's latest pages begin."""
        return f"/{self.report.slug}/"

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
    def earlier(self) -> list[Published]:
        """The last editions of the dates before this report's, newest first.

        An edition's own address promises to stay as it is: there they are the editions that stood when it was
        published.
        """
        rows = [row for row in self.reports if row.as_of < self.report.as_of]
        if self.base == self.this.address:
            rows = [row for row in rows if row.pk < self.report.pk]
        return list({row.as_of: row for row in reversed(rows)}.values())[::-1]

    def stood(self, as_of: date) -> Published | None:
        """The edition of a date that stood when this report was published: what its carried rows were copied
        from.
        """
        return next((row for row in self.reports if row.as_of == as_of and row.pk < self.report.pk), None)

    @property
    def corrects(self) -> Published | None:
        """The edition that this one corrects."""
        return next(
            (
                row
                for row in self.reports
                if (row.as_of, row.edition) == (self.report.as_of, self.report.edition - 1)
            ),
            None,
        )


def predecessor(row: Published, rows: Sequence[Published]) -> Published | None:
    """What a report's changes are counted from, as it stood when the report was published; `rows` are newest
    first.

    The edition that it corrects, else the last edition of the date before.
    """
    return next((each for each in rows if each.pk < row.pk and each.as_of <= row.as_of), None)


def choose(
    rows: Sequence[Published], slug: str | None, as_of: date | None, edition: int | None
) -> Scope | None:
    """The scope that an address names; None where nothing at all is published. Raises Http404 for what is not
    there.
    """
    if slug is None:
        if not rows:
            return None
        slug, base = rows[0].slug, f"/{rows[0].slug}/"
    else:
        base = f"/{slug}/"
    reports = tuple(row for row in rows if row.slug == slug)
    found = next(
        (row for row in reports if as_of in {None, row.as_of} and edition in {None, row.edition}), None
    )
    if found is None:
        raise Http404
    if edition is not None:
        base = found.address
    elif as_of is not None:
        base = found.date_address
    others = {row.slug: row for row in reversed(rows) if row.slug != slug}
    report = Report.objects.get(pk=found.pk)
    return Scope(report, base, reports, tuple(others.values())[::-1])
