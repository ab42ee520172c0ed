"""What changed between two reports. Pure: two lists of entries in, the differences out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tracker.models import ReportEntry

FACTS = ("category_name", "section_name", "pledge_number", "plan_projects", "sdgs", "other_departments")


@dataclass(frozen=True)
class Difference:
    """One initiative in both reports, and what differs: names of `before` and `after`'s parts."""

    before: ReportEntry
    after: ReportEntry
    years: tuple[str, ...]  # fiscal years that both reports tell, with different wording

    @property
    def rating_changed(self) -> bool:
        return self.before.rating_code != self.after.rating_code

    @property
    def departments_changed(self) -> bool:
        return _duties(self.before) != _duties(self.after)

    @property
    def pledge_changed(self) -> bool:
        return self.before.pledge_text != self.after.pledge_text

    @property
    def facts_changed(self) -> bool:
        """Whether anything else that a page shows differs: a fact, or the reason given for a year's rating."""
        before, after = _reasons(self.before), _reasons(self.after)
        return any(getattr(self.before, name) != getattr(self.after, name) for name in FACTS) or any(
            before[year] != after[year] for year in before.keys() & after.keys()
        )

    @property
    def is_change(self) -> bool:
        return self.rating_changed or self.departments_changed or self.pledge_changed or self.facts_changed or bool(self.years)


@dataclass(frozen=True)
class Comparison:
    """Every change between two reports. A further year's text alone is no change: every report adds one."""

    differences: tuple[Difference, ...]
    new: tuple[ReportEntry, ...]
    ended: tuple[ReportEntry, ...]
    codes: tuple[str, ...]  # the scale, best first

    @property
    def changed_keys(self) -> set[str]:
        """Keys of the newer report's entries that changed or are new."""
        return {difference.after.key for difference in self.differences} | {entry.key for entry in self.new}

    @property
    def improved(self) -> list[Difference]:
        return [difference for difference in self.differences if self._step(difference) < 0]

    @property
    def worsened(self) -> list[Difference]:
        return [difference for difference in self.differences if self._step(difference) > 0]

    @property
    def newly_rated_or_unrated(self) -> list[Difference]:
        """Rating changes that have no direction: from or to 評価なし, or a step that the other scale does not have."""
        return [d for d in self.differences if d.rating_changed and self._step(d) == 0]

    @property
    def reworded(self) -> list[Difference]:
        return [difference for difference in self.differences if difference.years or difference.pledge_changed]

    @property
    def reassigned(self) -> list[Difference]:
        return [difference for difference in self.differences if difference.departments_changed]

    @property
    def otherwise_changed(self) -> list[Difference]:
        return [difference for difference in self.differences if difference.facts_changed]

    @property
    def is_empty(self) -> bool:
        return not (self.differences or self.new or self.ended)

    def _step(self, difference: Difference) -> int:
        """How many steps down the scale a rating went; negative is better, 0 where there is no direction."""
        places = {code: place for place, code in enumerate(self.codes)}
        before, after = difference.before.rating_code, difference.after.rating_code
        return places[after] - places[before] if before in places and after in places else 0


def _duties(entry: ReportEntry) -> list[tuple[str, int | None, int | None]]:
    return [(term["name"], term["from_year"], term["to_year"]) for term in entry.departments]


def _reasons(entry: ReportEntry) -> dict[int, str]:
    return {rated["fiscal_year"]: rated["reason"] for rated in entry.rating_history}


def compare(before: Iterable[ReportEntry], after: Iterable[ReportEntry], codes: Sequence[str]) -> Comparison:
    """Compares two reports' entries by key, in the newer report's order."""
    older = {entry.key: entry for entry in before}
    newer = {entry.key: entry for entry in after}
    told = {kind: _told(older.values(), kind) & _told(newer.values(), kind) for kind in ("results", "plans")}
    differences = (_difference(older[key], entry, told) for key, entry in newer.items() if key in older)
    return Comparison(
        differences=tuple(difference for difference in differences if difference.is_change),
        new=tuple(entry for key, entry in newer.items() if key not in older),
        ended=tuple(entry for key, entry in older.items() if key not in newer or _has_ended(entry, newer[key])),
        codes=tuple(codes),
    )


def _has_ended(before: ReportEntry, after: ReportEntry) -> bool:
    return before.ended_after is None and after.ended_after is not None


def _told(entries: Iterable[ReportEntry], kind: str) -> set[str]:
    """The years that a report has texts of, its `results` or `plans`."""
    return {year for entry in entries for year in getattr(entry, kind)}


def _difference(before: ReportEntry, after: ReportEntry, told: Mapping[str, set[str]]) -> Difference:
    years = {
        year
        for kind, common in told.items()
        for year in common
        if getattr(before, kind).get(year, "") != getattr(after, kind).get(year, "")
    }
    return Difference(before, after, tuple(sorted(years)))
