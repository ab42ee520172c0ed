"""Groups of initiatives with their ratings: the whole, a field, a department, a goal, a plan code."""

from collections.abc import Iterable
from dataclasses import dataclass

from tracker.public.charts import Segment, bar
from tracker.public.entries import EntryValues
from tracker.public.scope import Scope
from tracker.reports.figures import Distribution, distribution
from tracker.words.places import numbered

NOT_ANEW = ("ended_after", "carried_from")  # why a rating was not given for the report's year


@dataclass(frozen=True)
class RatedGroup:
    """A labelled group of initiatives with its ratings, as counts and as a bar."""

    key: str
    name: str
    distribution: Distribution
    bar: list[Segment]
    ended_count: int
    carried_count: int

    @property
    def heading(self) -> str:
        """「1. まち」 of a field; words for the pledges that have none."""
        return numbered(self.key, self.name)


def in_field(rows: Iterable[EntryValues], number: int) -> list[EntryValues]:
    """Those of a field, by its number."""
    return [row for row in rows if row["category_number"] == number]


def rated_group(scope: Scope, key: str, name: str, entries: Iterable[EntryValues]) -> RatedGroup:
    found = list(entries)
    counted = distribution([entry["rating_code"] for entry in found], scope.scale)
    return RatedGroup(key, name, counted, bar(counted), **counted_as_before(found))


def counted_as_before(entries: Iterable[EntryValues]) -> dict[str, int]:
    """How many initiatives are counted as they ended, and how many as they stood before."""
    found = list(entries)
    names = zip(("ended_count", "carried_count"), NOT_ANEW, strict=True)
    return {name: sum(entry[field] is not None for entry in found) for name, field in names}


def largest_total(groups: Iterable[RatedGroup]) -> int:
    """How many initiatives the largest group has: the scale of all bars beside it."""
    return max((group.distribution.total for group in groups), default=0)


def goals_known(scope: Scope) -> dict[str, int]:
    """How many initiatives there are, of how many the goals are not known, and how many state none."""
    unknown: dict[str, object] = {"sdgs__isnull": True}
    counts = scope.entries.counts(unknown=unknown, stated_none={"sdgs__exact": []})
    return {"total": scope.report.entry_count, **counts}
