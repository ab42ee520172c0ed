"""Entries as pages ask for them: published ones from the database, a draft's from memory.

Each question is put to both in the same words, so that a preview answers what the page will answer.
"""

import operator
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, Value, When

from tracker.models import ReportEntry
from tracker.models.publication import LIST_FIELDS, ReportEntryQuerySet
from tracker.words.searching import Search

EntryValues = Mapping[str, Any]  # the fields of an entry that a page asked for
EntryRows = Sequence[EntryValues] | QuerySet[ReportEntry, dict[str, Any]]

INDEXED = ("progress", "search_text", "facets")  # what pages ask of an entry's index
LOOKUPS: dict[str, Callable[[Any, Any], bool]] = {
    "exact": operator.eq,
    "lt": operator.lt,
    "gt": operator.gt,
    "in": lambda value, wanted: value in wanted,
    "isnull": lambda value, wanted: (value is None) == wanted,
}


@dataclass(frozen=True)
class Entries:
    """Entries of reports, all or some, in order."""

    published: ReportEntryQuerySet
    drafted: Sequence[ReportEntry] = ()

    def __iter__(self) -> Iterator[ReportEntry]:
        yield from self.published
        yield from self.drafted

    def where(self, **conditions: Any) -> "Entries":
        """Those that fulfil every condition, each a field and one of LOOKUPS."""
        return Entries(
            self.published.filter(**conditions),
            [entry for entry in self.drafted if _fulfils(entry, conditions)],
        )

    def of_pledge(self, key: str) -> "Entries":
        return self.where(pledge_key__exact=key)

    def of_pledge_ever(self, key: str, former: Sequence[str]) -> "Entries":
        """Those of one pledge, at its places before a report and after it."""
        keys, later = {key, *former}, f" k:{key} "
        return Entries(
            self.published.filter(Q(pledge_key__in=keys) | Q(index__facets__contains=later)),
            [e for e in self.drafted if e.pledge_key in keys or later in e.index.facets],
        )

    def rated(self, codes: Collection[str]) -> "Entries":
        """Those with one of the ratings; the empty code is that of the unrated ones."""
        return self.where(rating_code__in=codes)

    def with_facet(self, facet: str) -> "Entries":
        """Those with a facet, as `ReportEntryQuerySet.with_facet` has it."""
        return Entries(
            self.published.with_facet(facet),
            [entry for entry in self.drafted if f" {facet} " in entry.index.facets],
        )

    def with_any_facet(self, facets: Collection[str]) -> "Entries":
        """Those with at least one of the facets."""
        conditions = (Q(index__facets__contains=f" {facet} ") for facet in facets)
        return Entries(
            self.published.filter(reduce(operator.or_, conditions)),
            [e for e in self.drafted if any(f" {facet} " in e.index.facets for facet in facets)],
        )

    def with_words(self, search: Search, place: str = "") -> "Entries":
        """Those with all of the words in their wording, each in any of its spellings, or at the place."""
        said = reduce(operator.and_, map(_says_one_of, search.words), Q())
        at_place = Q(pledge_key=place) | Q(key=place)
        return Entries(
            self.published.filter(said | at_place if place else said),
            [
                entry
                for entry in self.drafted
                if search.finds(entry.index.search_text) or (place and place in (entry.pledge_key, entry.key))
            ],
        )

    def by_rating(self, codes: Sequence[str]) -> "Entries":
        """Sorted by the place of their rating in `codes`; those with another rating, or none, are last."""
        if not codes:
            return self  # PostgreSQL would take the one place of all for a column's number
        places = {code: place for place, code in enumerate(codes)}
        return Entries(
            self.published.order_by(place_of_rating(codes), "position"),
            sorted(self.drafted, key=lambda entry: places.get(entry.rating_code, len(codes))),
        )

    def counts(self, **named: Mapping[str, Any]) -> dict[str, int]:
        """How many there are of each of several conditions, in one query."""
        asked = {name: Count("pk", filter=Q(**conditions)) for name, conditions in named.items()}
        found = self.published.order_by().aggregate(**asked)
        return {
            name: found[name] + sum(_fulfils(entry, conditions) for entry in self.drafted)
            for name, conditions in named.items()
        }

    def around(self, entries: Sequence[ReportEntry]) -> tuple[ReportEntry | None, ReportEntry | None]:
        """The entries just before and just after some that stand together, of a whole report. One query."""
        before, after = entries[0].position - 1, entries[-1].position + 1
        found = {entry.position: entry for entry in self.where(position__in=(before, after))}
        return found.get(before), found.get(after)

    def only(self, *fields: str) -> "Entries":
        """The same; nothing but these fields is needed."""
        return Entries(self.published.only(*fields), self.drafted)

    def values(self, *fields: str) -> EntryRows:
        """Some fields of each, and of its index."""
        own = [field for field in fields if field not in INDEXED]
        indexed = {field: F(f"index__{field}") for field in INDEXED if field in fields}
        return _rows(self.published.values(*own, **indexed), self.drafted, fields)

    def for_list(self, *further: str) -> EntryRows:
        """What a row of a list shows of each."""
        return _rows(self.published.for_list(*further), self.drafted, (*LIST_FIELDS, "excerpt", *further))

    def by_report(self) -> dict[int, list[ReportEntry]]:
        """Those of each report by its key; none for any other key."""
        found: dict[int, list[ReportEntry]] = defaultdict(list)
        for entry in self:
            found[entry.report_id].append(entry)
        return found


def place_of_rating(codes: Sequence[str]) -> Case:
    """The place of a row's rating among some, of which there is one at least; another one is last."""
    whens = [When(rating_code=code, then=Value(place)) for place, code in enumerate(codes)]
    return Case(*whens, default=Value(len(codes)), output_field=IntegerField())


def _says_one_of(spellings: Iterable[str]) -> Q:
    return reduce(operator.or_, (Q(index__search_text__contains=spelling) for spelling in spellings))


def _fulfils(entry: ReportEntry, conditions: Mapping[str, Any]) -> bool:
    named = [(*name.rsplit("__", 1), wanted) for name, wanted in conditions.items()]
    return all(LOOKUPS[lookup](getattr(entry, field), wanted) for field, lookup, wanted in named)


def _rows(
    published: QuerySet[ReportEntry, dict[str, Any]], drafted: Sequence[ReportEntry], fields: Sequence[str]
) -> EntryRows:
    """Rows are read as dicts: a page has 200, and model objects take twice as long."""
    if not drafted:
        return published
    return [*published, *({field: _value(entry, field) for field in fields} for entry in drafted)]


def _value(entry: ReportEntry, field: str) -> Any:
    return getattr(entry.index if field in {"excerpt", *INDEXED} else entry, field)
