"""What changed between two reports. Pure: two lists of entries in, the differences out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from tracker.models import ReportEntry
from tracker.reports.figures import UNRATED
from tracker.reports.identity import in_terms_of
from tracker.reports.transitions import Transitions
from tracker.words.bullets import tidy
from tracker.words.digests import canonical_json
from tracker.words.reported import ReportedDepartment, in_charge
from tracker.words.visible import visible

# An entry's facts that a page shows, with their names.
FACTS = {
    "category_name": "分野の名前",
    "section_name": "項目の名前",
    "pledge_number": "公約の番号",
    "plan_projects": "総合計画の事業",
    "sdgs": "SDGs",
    "other_departments": "ほかの担当課の有無",
    "former_term_pledge": "前の任期の公約",
    "initiative_name": "取組の名前",
}
Key = TypeVar("Key")
PLACED = tuple(FACTS)[:3]  # what a move changes by itself


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
    def in_charge_before(self) -> list[ReportedDepartment]:
        return in_charge(self.before.departments)

    @property
    def in_charge_after(self) -> list[ReportedDepartment]:
        return in_charge(self.after.departments)

    @property
    def departments_changed(self) -> bool:
        """Whether others are in charge at the newer date than at the older one. A department is the same
        under another name, and under another code.
        """
        before, after = self.in_charge_before, self.in_charge_after
        return bool(_others(before, after) or _others(after, before))

    @property
    def pledge_changed(self) -> bool:
        return self.before.pledge_text != self.after.pledge_text

    @property
    def is_moved(self) -> bool:
        """Whether the pledge stands elsewhere in the newer report."""
        return self.before.pledge_key != self.after.pledge_key

    @property
    def is_reworded(self) -> bool:
        return bool(self.years) or self.pledge_changed

    @cached_property
    def changed_facts(self) -> list[str]:
        """What else that a page shows differs, by name: a fact, the name of who is in charge, when a
        department is to begin or end, the reason of a year's rating, what an extra column or an indicator
        says of a year.
        """
        before, after = self.before, self.after
        names = [name for name in FACTS if not (self.is_moved and name in PLACED)]
        found = [FACTS[name] for name in names if getattr(before, name) != getattr(after, name)]
        found += [f"担当課の名前（{old} → {new}）" for old, new in self._new_names()]
        others = {
            "担当の期間": not self.departments_changed and _duties(before, after) != _duties(after, after),
            "評価の理由": _differ(_reasons(before), _reasons(after)),
            "そのほかの項目": _differ(_extra_values(before), _extra_values(after)),
            "指標": _differ(_indicators(before), _indicators(after)),
        }
        return [*found, *(name for name, differs in others.items() if differs)]

    def _new_names(self) -> list[tuple[str, str]]:
        """The former and the new name of each department that is in charge at both dates. Of an initiative
        that was over by then it is no news.
        """
        if self.before.ended_after is not None:
            return []
        before = {term["code"]: term["name"] for term in self.in_charge_before}
        pairs = [(before.get(term["code"], term["name"]), term["name"]) for term in self.in_charge_after]
        return [(old, new) for old, new in pairs if old != new]

    @property
    def is_change(self) -> bool:
        said = self.is_moved or self.is_reworded or bool(self.changed_facts)
        return said or self.rating_changed or self.departments_changed


@dataclass(frozen=True)
class Comparison:
    """Every change between two reports. A further year's text alone is no change: every report adds one.

    `carried` are the newer report's rows that were not approved and stay as they stood; `approved_since` are
    those that stood so in the older report and do not any more. `kept` are the newer report's rows that have
    the older one's rating: rated so again, or not rated anew because they had ended or are carried.
    """

    differences: tuple[Difference, ...]
    new: tuple[ReportEntry, ...]
    finished: tuple[ReportEntry, ...]  # of the newer report, which says that they have ended
    gone: tuple[ReportEntry, ...]  # of the older report: the newer one has them no more
    carried: tuple[ReportEntry, ...]
    approved_since: tuple[ReportEntry, ...]
    kept: tuple[ReportEntry, ...]
    transitions: Transitions
    codes: tuple[str, ...]  # the newer scale, best first
    codes_before: tuple[str, ...]
    unranked: frozenset[str] = frozenset()  # steps outside the order, of either scale

    @property
    def is_ranked(self) -> bool:
        """Whether the newer scale has an order, so that a rating can go up or down."""
        return not self.codes or not self.unranked.issuperset(self.codes)

    @property
    def changed_keys(self) -> set[str]:
        """Keys of the newer report's entries that changed, ended or are new."""
        named = {entry.key for entry in (*self.new, *self.finished, *self.approved_since)}
        return {difference.after.key for difference in self.differences} | named

    @property
    def ended(self) -> tuple[ReportEntry, ...]:
        return self.finished + self.gone

    @property
    def kept_by_end(self) -> list[ReportEntry]:
        return [entry for entry in self.kept if entry.ended_after is not None]

    @property
    def kept_unapproved(self) -> list[ReportEntry]:
        return [entry for entry in self.kept if entry.carried_from and entry.ended_after is None]

    @property
    def kept_unrated(self) -> list[ReportEntry]:
        """The rows that went on without a rating."""
        return [entry for entry in self._gone_on if entry.rating_code == UNRATED]

    @property
    def rated_the_same(self) -> list[ReportEntry]:
        """The rows whose rating was given anew, and is the same."""
        return [entry for entry in self._gone_on if entry.rating_code != UNRATED]

    @property
    def _gone_on(self) -> list[ReportEntry]:
        return [entry for entry in self.kept if not entry.carried_from and entry.ended_after is None]

    @property
    def improved(self) -> list[Difference]:
        return [difference for difference in self.differences if self._step(difference) < 0]

    @property
    def worsened(self) -> list[Difference]:
        return [difference for difference in self.differences if self._step(difference) > 0]

    @property
    def newly_rated_or_unrated(self) -> list[Difference]:
        """Rating changes without a direction: from or to 評価なし, a step that one scale lacks, or one
        outside the order.
        """
        return [d for d in self.differences if d.rating_changed and self._step(d) == 0]

    @property
    def undirected_name(self) -> str:
        """What the changes without a direction are called: 「評価が付いた・なくなった」."""
        if not self.is_ranked:
            return "評価が変わった"
        return f"評価が付いた・なくなった{'・順序のない区分に出入りした' if self.unranked else ''}"

    @property
    def undirected_to_come(self) -> str:
        """The same before they are published: 「評価が付く・なくなる」."""
        if not self.is_ranked:
            return "評価が変わる"
        return f"評価が付く・なくなる{'・順序のない区分に出入りする' if self.unranked else ''}"

    @property
    def reworded(self) -> list[Difference]:
        return [difference for difference in self.differences if difference.is_reworded]

    @property
    def moved(self) -> list[Difference]:
        return [difference for difference in self.differences if difference.is_moved]

    @property
    def reassigned(self) -> list[Difference]:
        return [difference for difference in self.differences if difference.departments_changed]

    @property
    def otherwise_changed(self) -> list[Difference]:
        return [difference for difference in self.differences if difference.changed_facts]

    @property
    def has_rating_changes(self) -> bool:
        return self.transitions.unchanged < self.transitions.total

    @property
    def scales_differ(self) -> bool:
        """Whether the two reports rate by different steps."""
        return self.codes != self.codes_before

    @property
    def is_empty(self) -> bool:
        return not (self.differences or self.new or self.ended or self.approved_since)

    def direction(self, before: str, after: str) -> int:
        """-1 for a better rating on the newer scale, 1 for a worse one, 0 where there is no direction."""
        places = {code: place for place, code in enumerate(self.codes) if code not in self.unranked}
        if before not in places or after not in places:
            return 0
        return (places[after] > places[before]) - (places[after] < places[before])

    def _step(self, difference: Difference) -> int:
        return self.direction(difference.before.rating_code, difference.after.rating_code)


def _others(terms: Iterable[ReportedDepartment], known: list[ReportedDepartment]) -> list[ReportedDepartment]:
    """Those of `terms` that are not among the known ones."""
    codes, names = {term["code"] for term in known}, {term["name"] for term in known}
    return [term for term in terms if term["code"] not in codes and term["name"] not in names]


def _duties(entry: ReportEntry, named_in: ReportEntry) -> list[tuple[str, int | None, int | None]]:
    """Departments by the names that another entry has for them, with their years."""
    names = {term["code"]: term["name"] for term in named_in.departments}
    terms = entry.departments
    return [(names.get(term["code"], term["name"]), term["from_year"], term["to_year"]) for term in terms]


def _extra_values(entry: ReportEntry) -> dict[tuple[str, str], str]:
    """By column and year."""
    said = entry.extra_values or {}
    return {(code, year): value for code, told in said.items() for year, value in told.items()}


def _indicators(entry: ReportEntry) -> dict[tuple[str, str], str]:
    """By indicator and year what is said of a year that has an actual; under no year how it is defined."""
    found = {}
    for each in entry.indicators or ():
        found[each["code"], ""] = canonical_json({**each, "years": {}})
        for year, told in each["years"].items():
            if told["actual"]:
                found[each["code"], year] = canonical_json(told)
    return found


def _differ(before: Mapping[Key, str], after: Mapping[Key, str]) -> bool:
    """Whether they say different things of what both tell."""
    return any(before[key] != after[key] for key in before.keys() & after.keys())


def _reasons(entry: ReportEntry) -> dict[int, str]:
    return {rated["fiscal_year"]: visible(rated["reason"]) for rated in entry.rating_history}


def compare(
    before: Iterable[ReportEntry],
    after: Iterable[ReportEntry],
    codes: Sequence[str],
    codes_before: Sequence[str] | None = None,
    unranked: Iterable[str] = (),
) -> Comparison:
    """Compares two reports' entries by key, wherever their pledges stood, in the newer report's order.

    `codes` is the newer report's scale, best first; `codes_before` the older one's, if it is another;
    `unranked` are steps of either that stand outside the order.
    """
    newer = _by_key(after)
    older = in_terms_of(newer, before)
    told = {kind: _told(older.values(), kind) & _told(newer.values(), kind) for kind in ("results", "plans")}
    both = [_difference(older[key], entry, told) for key, entry in newer.items() if key in older]
    return _comparison(older, newer, [each for each in both if each.is_change], codes, codes_before, unranked)


def compare_ratings(
    before: Iterable[ReportEntry],
    after: Iterable[ReportEntry],
    codes: Sequence[str],
    codes_before: Sequence[str] | None = None,
    unranked: Iterable[str] = (),
) -> Comparison:
    """As `compare`, but only with the differences of rating and place: entries need but RATING_FIELDS."""
    newer = _by_key(after)
    older = in_terms_of(newer, before)
    both = [Difference(older[key], entry, ()) for key, entry in newer.items() if key in older]
    changed = [each for each in both if each.rating_changed or each.is_moved]
    return _comparison(older, newer, changed, codes, codes_before, unranked)


RATING_FIELDS = (
    *("key", "rating_code", "rating_reason", "ended_after", "carried_from"),
    *("pledge_key", "former_pledge_keys", "initiative_position"),
)


def _by_key(entries: Iterable[ReportEntry]) -> dict[str, ReportEntry]:
    return {entry.key: entry for entry in entries}


def _comparison(
    older: Mapping[str, ReportEntry],
    newer: Mapping[str, ReportEntry],
    differences: Iterable[Difference],
    codes: Sequence[str],
    codes_before: Sequence[str] | None,
    unranked: Iterable[str],
) -> Comparison:
    codes_before = codes if codes_before is None else codes_before
    both = [(older[key], entry) for key, entry in newer.items() if key in older]
    rated = [(old.rating_code, new.rating_code) for old, new in both]
    return Comparison(
        differences=tuple(differences),
        new=tuple(entry for key, entry in newer.items() if key not in older),
        finished=tuple(new for old, new in both if old.ended_after is None and new.ended_after is not None),
        gone=tuple(entry for key, entry in older.items() if key not in newer),
        carried=tuple(entry for entry in newer.values() if entry.carried_from),
        approved_since=tuple(entry for old, entry in both if old.carried_from and not entry.carried_from),
        kept=tuple(new for old, new in both if old.rating_code == new.rating_code),
        transitions=Transitions.between(rated, codes_before, codes),
        codes=tuple(codes),
        codes_before=tuple(codes_before),
        unranked=frozenset(unranked),
    )


def _told(entries: Iterable[ReportEntry], kind: str) -> set[str]:
    """The years that a report has texts of, its `results` or `plans`."""
    return {year for entry in entries for year in getattr(entry, kind)}


def _difference(before: ReportEntry, after: ReportEntry, told: Mapping[str, set[str]]) -> Difference:
    years = {
        year
        for kind, common in told.items()
        for year in common
        if _says_otherwise(getattr(before, kind).get(year, ""), getattr(after, kind).get(year, ""))
        # What was left out because its row was not approved, and is told now, corrects no text.
        and (year in getattr(before, kind) or before.carried_from is None)
    }
    return Difference(before, after, tuple(sorted(years)))


def _says_otherwise(before: str, after: str) -> bool:
    """Whether two texts differ for the eye: a line that says nothing is no change."""
    return before != after and tidy(before) != tidy(after)
