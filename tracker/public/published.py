"""Reports as menus and caches know them: where their pages stand, and to which term they belong."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from django.urls import reverse

from tracker.models.city import CityFacts
from tracker.words.fiscal_years import dated_label
from tracker.words.titles import term_name, term_title

NO_PLEDGE = "0-0-0"  # numbers begin with 1


def page_of_list(number: int) -> tuple[str, dict[str, int]]:
    """What a page of a report's whole list is called in urls.py, and its arguments."""
    return ("pledges_page", {"number": number}) if number > 1 else ("pledges", {})


@lru_cache(maxsize=4096)
def _address(name: str, arguments: tuple[tuple[str, Any], ...]) -> str:
    """`reverse`, which takes long: each page has the same addresses in its menus."""
    return reverse(name, kwargs=dict(arguments))


class Pages(NamedTuple):
    """Where pages stand: the namespace of their names in urls.py, and the arguments that all of them take."""

    namespace: str
    arguments: dict[str, Any]

    def within(self, namespace: str, **arguments: Any) -> "Pages":
        return Pages(f"{self.namespace}:{namespace}", self.arguments | arguments)

    def url(self, name: str, **arguments: Any) -> str:
        """The address of one of the pages."""
        return _address(f"{self.namespace}:{name}", tuple(sorted((self.arguments | arguments).items())))

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
    fiscal_year: int
    round_name: str
    index_state: int | None
    synonym_state: str | None
    contact: str  # the department that the public asks, "" where none is marked
    city_name: str  # the city as it is stored: its `city` has what is to be shown
    city_code: str
    city_contact: str
    city_contact_url: str
    home: Pages  # within which the pages of its manifesto stand

    @property
    def city(self) -> CityFacts:
        """Who publishes, as of now."""
        return CityFacts.of(self._asdict())

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
        return dated_label(self.as_of, self.fiscal_year, self.round_name)

    @property
    def term_name(self) -> str:
        return term_name(self.title, self.slug)

    @property
    def term_title(self) -> str:
        """The same with all of the title."""
        return term_title(self.title, self.slug)


def state_of(rows: Sequence[Published]) -> str:
    """What all pages are made of beside the code: another text whenever one may say something else."""
    told = [(row.digest, row.index_state, row.synonym_state) for row in rows]
    return repr((told, rows[0].city if rows else ""))


class Term(NamedTuple):
    """A term as its reports tell it, newest first; never none. `has_next`: a later term has a report, too."""

    reports: tuple[Published, ...]
    has_next: bool

    @property
    def latest(self) -> Published:
        return self.reports[0]

    @property
    def slug(self) -> str:
        return self.latest.slug


def terms_of(rows: Iterable[Published], unpublished: Collection[int]) -> tuple[Term, ...]:
    """Reports by term, the newest term first: terms are in the order of their first reports.

    A term that only a preview shows ends no other.
    """
    found: dict[str, list[Published]] = {}
    for row in rows:
        found.setdefault(row.slug, []).append(row)
    begun = {slug: min((row.fiscal_year, row.as_of, slug) for row in own) for slug, own in found.items()}
    terms: list[Term] = []
    has_next = False
    for slug in sorted(found, key=lambda slug: begun[slug], reverse=True):
        terms.append(Term(tuple(found[slug]), has_next))
        has_next |= any(row.pk not in unpublished for row in found[slug])
    return tuple(terms)
