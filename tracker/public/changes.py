"""What changed between two reports, as pages and the feed show it: the table of ratings before and now, and
its lists.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from django.utils.safestring import SafeString

from tracker.models import Report, ReportEntry
from tracker.public.rows import badges
from tracker.public.scope import Published, Scope
from tracker.reports.comparison import Comparison, Difference, compare
from tracker.reports.figures import RatingStep

WORDS = {-1: "上がった", 1: "下がった", 0: "変わった"}


@dataclass(frozen=True)
class Move:
    """A step from one rating to another: the anchor of its list, its two badges, and who took it."""

    anchor: str
    before: str
    after: str
    differences: list[Difference]


@dataclass(frozen=True)
class Cell:
    """A cell of the table: how many went from one rating to another, in words, and the anchor of their
    list.
    """

    count: int
    before: str
    after: str
    direction: int  # -1 up, 1 down, 0 neither
    is_same: bool
    anchor: str

    @property
    def words(self) -> str:
        return WORDS[self.direction]


@dataclass(frozen=True)
class Compared:
    """A report to compare with: which it is, what differs in its rows and in its header, and both reports'
    badges.
    """

    number: int  # of the comparison on its page, for anchors
    row: Published
    is_correction: bool
    rows: Comparison
    header: list[str]
    badges_before: dict[str, SafeString]
    badges: dict[str, SafeString]

    @cached_property
    def improved(self) -> list[Move]:
        return self._moves(self.rows.improved)

    @cached_property
    def worsened(self) -> list[Move]:
        return self._moves(self.rows.worsened)

    @cached_property
    def undirected(self) -> list[Move]:
        return self._moves(self.rows.newly_rated_or_unrated)

    @property
    def heads(self) -> list[str]:
        """The table's column headings."""
        return [self.badges.get(code, code) for code in self.rows.transitions.after]

    @property
    def lines(self) -> list[tuple[str, list[Cell], int]]:
        """The table's rows: the rating before, the cells, the total."""
        table = self.rows.transitions
        return [
            (
                self.badges_before.get(before, before),
                [self._cell(before, after) for after in table.after],
                total,
            )
            for before, total in zip(table.before, table.row_totals, strict=True)
        ]

    def _cell(self, before: str, after: str) -> Cell:
        return Cell(
            self.rows.transitions.count(before, after),
            before or "評価なし",
            after or "評価なし",
            self.rows.direction(before, after),
            before == after,
            self._anchor(before, after),
        )

    def _anchor(self, before: str, after: str) -> str:
        """By places in the table: a code may hold any character."""
        table = self.rows.transitions
        return f"move-{self.number}-{table.before.index(before) + 1}-{table.after.index(after) + 1}"

    def _moves(self, differences: Iterable[Difference]) -> list[Move]:
        """Differences by the step that they took, in the table's order."""
        taken: dict[tuple[str, str], list[Difference]] = {}
        for difference in differences:
            taken.setdefault((difference.before.rating_code, difference.after.rating_code), []).append(
                difference
            )
        table = self.rows.transitions
        steps = sorted(taken, key=lambda step: (table.before.index(step[0]), table.after.index(step[1])))
        return [
            Move(
                self._anchor(before, after),
                self.badges_before.get(before, before),
                self.badges.get(after, after),
                taken[before, after],
            )
            for before, after in steps
        ]


def comparisons(scope: Scope) -> list[Compared]:
    """Against the report of the date before, and against the edition that this one corrects."""
    rows = [row for row in (*scope.earlier[:1], scope.corrects) if row]
    reports = Report.objects.in_bulk([row.pk for row in rows])
    return [_compared(scope, number, row, reports[row.pk]) for number, row in enumerate(rows, start=1)]


def _compared(scope: Scope, number: int, row: Published, before: Report) -> Compared:
    is_correction = row is scope.corrects
    header = ["評価の区分と基準"] if before.ratings != scope.report.ratings else []
    if is_correction and before.title != scope.report.title:  # another date always has another title
        header.append("表題")
    return Compared(
        number,
        row,
        is_correction,
        compare(_entries(row.pk), _entries(scope.report.pk), scope.report.rating_codes, before.rating_codes),
        header,
        badges(RatingStep.scale(before.ratings)),
        badges(scope.scale),
    )


def against_earlier(scope: Scope) -> tuple[Published, Comparison] | None:
    """The report before this one by date, and what changed since; None for the first."""
    if not scope.earlier:
        return None
    earlier = scope.earlier[0]
    return earlier, compare(_entries(earlier.pk), _entries(scope.report.pk), scope.report.rating_codes)


def _entries(report: int) -> Iterable[ReportEntry]:
    return ReportEntry.objects.filter(report=report).order_by("position")
