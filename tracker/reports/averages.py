"""How an average moved from one report to the next, and how much of that is who is in it. Pure.

An average rises, too, when a bad rating goes. So it is told beside the average of those that are
rated in both reports.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from tracker.reports.comparison import Comparison
from tracker.reports.figures import Distribution, RatingStep, distribution


@dataclass(frozen=True)
class AverageMove:
    """All ratings of the older and of the newer report, and of both only those that the other rates, too."""

    before: Distribution
    after: Distribution
    common_before: Distribution
    common_after: Distribution

    @property
    def is_told(self) -> bool:
        """Whether both reports have an average."""
        return None not in {self.before.average, self.after.average}

    @property
    def joined(self) -> int:
        """How many are rated now and were not before."""
        return self.after.averaged - self.common_after.averaged

    @property
    def left(self) -> int:
        """How many were rated before and are not now."""
        return self.before.averaged - self.common_before.averaged

    @property
    def common_differs(self) -> bool:
        """Whether those that are rated in both moved otherwise than the whole: up, down or not at all."""
        moves = [
            (new.average > old.average) - (new.average < old.average)
            for old, new in ((self.before, self.after), (self.common_before, self.common_after))
            if old.average is not None and new.average is not None
        ]
        return len(set(moves)) > 1

    @property
    def same_initiatives(self) -> bool:
        return not self.joined and not self.left


def average_move(
    compared: Comparison, before: Sequence[RatingStep], after: Sequence[RatingStep]
) -> AverageMove:
    """The move between two reports of these scales, best first."""
    counts = compared.transitions.counts.items()
    both = [pair for pair, count in counts for _each in range(count)]
    known = tuple({step.code for step in scale if step.is_ranked} for scale in (before, after))
    rated = [(old, new) for old, new in both if old in known[0] and new in known[1]]
    return AverageMove(
        distribution([*(old for old, _new in both), *(each.rating_code for each in compared.gone)], before),
        distribution([*(new for _old, new in both), *(each.rating_code for each in compared.new)], after),
        distribution([old for old, _new in rated], before),
        distribution([new for _old, new in rated], after),
    )
