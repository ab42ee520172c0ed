"""What changed between two reports, as pages and the feed show it: the table of ratings, and its lists."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any, NamedTuple

from django.utils.safestring import SafeString

from tracker.models import Report, ReportEntry
from tracker.public.change_marks import DIRECTIONS
from tracker.public.published import Published
from tracker.public.rows import badges
from tracker.public.scope import Scope
from tracker.reports.averages import AverageMove, average_move
from tracker.reports.comparison import Comparison, Difference, compare
from tracker.reports.figures import RatingStep
from tracker.words.reported import BarePledge, has_ended
from tracker.words.step_names import NOT_RATED

BARE_NEW, BARE_BEGUN = "取組がまだない公約として載せました。", "取組が始まりました。"
BARE_ENDED, BARE_GONE = "取組のないまま終わりました。", "この公表版には載っていません。"
# A step from one rating to another: the anchor of its list, its two badges, and who took it.
RatingMove = tuple[str, str, str, list[Difference]]


@dataclass(frozen=True)
class TransitionCell:
    """How many went from one rating to another, in words, and the anchor of their list."""

    count: int
    before: str
    after: str
    direction: int  # -1 up, 1 down, 0 neither
    is_same: bool
    anchor: str

    @property
    def words(self) -> str:
        return DIRECTIONS[self.direction]

    @property
    def kind(self) -> str:
        """What it is drawn as; only a moved-cell leads to a list."""
        return "same" if self.is_same else "moved-cell" if self.count else "zero"


class BareMove(NamedTuple):
    """A pledge that has no initiative in one of two reports, and what became of it."""

    pledge: BarePledge
    words: str
    is_of_before: bool


@dataclass(frozen=True)
class ComparedReport:
    """A report that this one is compared with: what differs in rows and header, and the badges of both."""

    number: int  # of the comparison on its page, for anchors
    row: Published
    is_correction: bool
    rows: Comparison
    header: list[str]
    badges_before: dict[str, SafeString]
    badges: dict[str, SafeString]
    average: AverageMove
    bare: list[BareMove]

    @property
    def improved(self) -> list[RatingMove]:
        return self._moves(self.rows.improved)

    @property
    def worsened(self) -> list[RatingMove]:
        return self._moves(self.rows.worsened)

    @property
    def undirected(self) -> list[RatingMove]:
        return self._moves(self.rows.newly_rated_or_unrated)

    @property
    def heads(self) -> list[str]:
        """The table's column headings."""
        return [self.badges.get(code, code) for code in self.rows.transitions.after]

    @property
    def lines(self) -> list[tuple[str, list[TransitionCell], int]]:
        """The table's rows: the rating before, the cells, the total."""
        table = self.rows.transitions
        heads = [self.badges_before.get(code, code) for code in table.before]
        cells = [[self._cell(before, after) for after in table.after] for before in table.before]
        return list(zip(heads, cells, table.row_totals, strict=True))

    def _cell(self, before: str, after: str) -> TransitionCell:
        return TransitionCell(
            self.rows.transitions.count(before, after),
            before or NOT_RATED,
            after or NOT_RATED,
            self.rows.direction(before, after),
            before == after,
            self._anchor(before, after),
        )

    def _anchor(self, before: str, after: str) -> str:
        """By places in the table: a code may hold any character."""
        table = self.rows.transitions
        return f"move-{self.number}-{table.before.index(before) + 1}-{table.after.index(after) + 1}"

    def _moves(self, differences: Iterable[Difference]) -> list[RatingMove]:
        """Differences by the step that they took, in the table's order."""
        taken: dict[tuple[str, str], list[Difference]] = {}
        for difference in differences:
            step = (difference.before.rating_code, difference.after.rating_code)
            taken.setdefault(step, []).append(difference)
        table, before, after = self.rows.transitions, self.badges_before, self.badges
        return [
            (self._anchor(old, new), before.get(old, old), after.get(new, new), taken[old, new])
            for old, new in product(table.before, table.after)
            if (old, new) in taken
        ]


def comparisons(scope: Scope) -> list[ComparedReport]:
    """Against the report of the date before, and against the edition that this one corrects."""
    rows = [row for row in (*scope.earlier[:1], scope.corrects) if row]
    reports = scope.reports_of(rows)
    return [compared_with(scope, number, row, reports[row.pk]) for number, row in enumerate(rows, start=1)]


def compared_with(scope: Scope, number: int, row: Published, before: Report) -> ComparedReport:
    """A scope's report beside another one, the comparison of this number on its page."""
    is_correction = row is scope.corrects
    header = ["評価の区分と基準"] if before.ratings != scope.report.ratings else []
    if is_correction and before.title != scope.report.title:  # another date always has another title
        header.append("表題")
    scale, compared = RatingStep.scale(before.ratings), changes_since(scope, row, before)
    return ComparedReport(
        number,
        row,
        is_correction,
        compared,
        header,
        badges(scale),
        badges(scope.scale),
        average_move(compared, scale, scope.scale),
        _bare_moves(before, scope),
    )


def _bare_moves(before: Report, scope: Scope) -> list[BareMove]:
    """Pledges without an initiative that came, ended, went, or have one now."""
    then, now = before.bare_pledges, scope.report.bare_pledges
    if then == now:
        return []
    told = scope.entries.values("pledge_key", "former_pledge_keys")
    begun = {place for row in told for place in _places(row)}
    known = {place for pledge in then for place in _places(pledge)}
    still = {place for pledge in now for place in _places(pledge)}
    ended_before = {place for pledge in then if has_ended(pledge) for place in _places(pledge)}
    moves = [
        BareMove(each, BARE_ENDED if has_ended(each) else BARE_NEW, False)
        for each in now
        if known.isdisjoint(_places(each)) or (has_ended(each) and ended_before.isdisjoint(_places(each)))
    ]
    for pledge in then:
        if pledge["pledge_key"] in begun:
            moves.append(BareMove(pledge, BARE_BEGUN, False))
        elif still.isdisjoint(_places(pledge)):
            moves.append(BareMove(pledge, BARE_GONE, True))
    return moves


def _places(pledge: Mapping[str, Any]) -> list[str]:
    return [pledge["pledge_key"], *(pledge["former_pledge_keys"] or ())]


def changes_since(
    scope: Scope,
    earlier: Published,
    before: Report | None = None,
    entries: Iterable[ReportEntry] | None = None,
) -> Comparison:
    """What changed between an earlier report and the scope's; `before` is the earlier one, for its scale;
    `entries` are the scope's, where the caller has read them.
    """
    report = scope.report
    codes = before.rating_codes if before else None
    unranked = [*report.unranked_codes, *(before.unranked_codes if before else ())]
    told = scope.entries_of([earlier] if entries is not None else [earlier, scope.this]).by_report()
    after = told[scope.this.pk] if entries is None else entries
    return compare(told[earlier.pk], after, report.rating_codes, codes, unranked)
