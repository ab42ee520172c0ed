"""「A→C ▼」: how an initiative differs from the report before, in squares, lists and heads of pledges."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from tracker.models import Report, ReportEntry
from tracker.public.entries import EntryValues
from tracker.public.scope import Scope
from tracker.reports.comparison import RATING_FIELDS, Comparison, Difference, compare_ratings
from tracker.words.step_names import NOT_RATED

ARROWS = {-1: "▲", 1: "▼", 0: ""}
DIRECTIONS = {-1: "上がった", 1: "下がった", 0: "変わった"}
LAST_TIME = "前回"  # the report of the date before


@dataclass(frozen=True)
class RatingChange:
    """From which rating to which, by code. `direction`: -1 up, 1 down, 0 neither. `since`: which report had
    the former one, in words.
    """

    before: str
    after: str
    direction: int
    since: str = LAST_TIME

    @property
    def steps(self) -> str:
        """「A→C」."""
        return f"{self.before or NOT_RATED}→{self.after or NOT_RATED}"

    @property
    def arrow(self) -> str:
        return ARROWS[self.direction]

    @property
    def in_words(self) -> str:
        return f"{self.since}の{self.before or NOT_RATED}から{DIRECTIONS[self.direction]}"


RatingChanges = Mapping[str, RatingChange]  # by the newer report's key of the initiative


def rating_changes(compared: Comparison, since: str = LAST_TIME) -> RatingChanges:
    """The changes of ratings between two reports."""
    changed = (each for each in compared.differences if each.rating_changed)
    return {each.after.key: _change(compared, each, since) for each in changed}


def _change(compared: Comparison, difference: Difference, since: str) -> RatingChange:
    before, after = difference.before.rating_code, difference.after.rating_code
    return RatingChange(before, after, compared.direction(before, after), since)


def changes_of_ratings(scope: Scope, listed: Iterable[EntryValues]) -> RatingChanges:
    """Those of the pledges of a list since the report of the date before; none in the first. One query."""
    if not scope.earlier:
        return {}
    keys = {key for entry in listed for key in (entry["pledge_key"], *(entry["former_pledge_keys"] or ()))}
    entries = scope.entries_of([scope.this, scope.earlier[0]]).where(pledge_key__in=keys)
    told = entries.only("report_id", *RATING_FIELDS).by_report()
    return changes_between(scope.report, told[scope.earlier[0].pk], told[scope.this.pk])


def changes_between(
    report: Report, before: Iterable[ReportEntry], after: Iterable[ReportEntry]
) -> RatingChanges:
    """The changes of ratings among entries of a report before and of this one, which have RATING_FIELDS."""
    return rating_changes(compare_ratings(before, after, report.rating_codes, unranked=report.unranked_codes))


def marks(changes: RatingChanges) -> dict[str, SafeString]:
    """Each change as a mark beside a rating."""
    rendered = {
        change: render_to_string("components/change_mark.html", {"change": change})
        for change in set(changes.values())
    }
    return {key: rendered[change] for key, change in changes.items()}


def marks_of_all(compared: Comparison, since: str) -> dict[str, SafeString]:
    """Whatever changed of each initiative since a report, said in a few words: why a filter finds it."""
    changes, told = rating_changes(compared, since), dict[str, list[str]]()
    for words, keys in _kinds(compared):
        for key in keys:
            told.setdefault(key, []).append(words)
    return {
        key: render_to_string(
            "components/change_mark.html", {"change": changes.get(key), "also": told.get(key, ())}
        )
        for key in {*changes, *told}
    }


def _kinds(compared: Comparison) -> Iterable[tuple[str, list[str]]]:
    """The kinds of changes beside ratings, with the newer report's keys."""
    yield "新しい取組", [entry.key for entry in compared.new]
    yield "終わった取組", [entry.key for entry in compared.finished]
    yield "承認された", [entry.key for entry in compared.approved_since]
    yield "担当課が変わった", _keys(compared.reassigned)
    yield "文章が直った", _keys(compared.reworded)
    yield "分野・項目を移した", _keys(compared.moved)
    yield "そのほかの記載が変わった", _keys(compared.otherwise_changed)


def _keys(differences: Iterable[Difference]) -> list[str]:
    return [difference.after.key for difference in differences]
