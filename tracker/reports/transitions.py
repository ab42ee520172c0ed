"""From which rating to which, and how often, between two reports. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tracker.reports.figures import UNRATED


@dataclass(frozen=True)
class Transitions:
    """A table with a row per rating before and a column per rating now, each with unrated last."""

    before: tuple[str, ...]
    after: tuple[str, ...]
    counts: Mapping[tuple[str, str], int]

    @classmethod
    def between(
        cls, pairs: Iterable[tuple[str, str]], before: Sequence[str], after: Sequence[str]
    ) -> "Transitions":
        """Counts pairs of ratings, before and now, by two scales; a code outside them has a line, too."""
        counts = Counter(pairs)
        rows = _lines(before, (old for old, _new in counts))
        return cls(rows, _lines(after, (new for _old, new in counts)), dict(counts))

    def count(self, before: str, after: str) -> int:
        return self.counts.get((before, after), 0)

    @property
    def row_totals(self) -> list[int]:
        """How many had each rating before."""
        return [sum(self.count(before, after) for after in self.after) for before in self.before]

    @property
    def column_totals(self) -> list[int]:
        """How many have each rating now."""
        return [sum(self.count(before, after) for before in self.before) for after in self.after]

    @property
    def total(self) -> int:
        """The initiatives that are in both reports."""
        return sum(self.counts.values())

    @property
    def unchanged(self) -> int:
        return sum(count for (before, after), count in self.counts.items() if before == after)


def _lines(scale: Sequence[str], found: Iterable[str]) -> tuple[str, ...]:
    return (*scale, *sorted(set(found) - {*scale, UNRATED}), UNRATED)
