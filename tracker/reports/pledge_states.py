"""Pledges counted as pledges: what the ratings of all initiatives of one come to. Pure.

The rule stands here only: its names and its words, which pages and open data show, beside what computes it.
"""

from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from tracker.reports.figures import RatingStep
from tracker.words.step_names import NOT_RATED

NOT_BEGUN = ("未着手", "未実施", "未開始")


class RatedPledge(NamedTuple):
    """The ratings of a pledge's initiatives, None: unrated; and whether it is over: it has ended before an
    initiative began, or all of them have.
    """

    ratings: Sequence[RatingStep | None]
    is_over: bool = False


class PledgeState(StrEnum):
    """What a pledge's initiatives come to, best first."""

    KEPT = "kept"
    PARTLY = "partly_kept"
    UNDER_WAY = "under_way"
    NOT_BEGUN = "not_begun"
    UNRATED = "unrated"
    ENDED = "ended"
    NO_INITIATIVE = "no_initiative"
    ENDED_WITHOUT = "ended_without_initiative"


# What the states mean on whatever scale.
MEANINGS: Mapping[str, str] = {
    PledgeState.KEPT: "すべての取組が、最も進んだ評価",
    PledgeState.PARTLY: "最も進んだ評価の取組と、そうでない取組がある",
    PledgeState.UNDER_WAY: "最も進んだ評価の取組はまだなく、未着手だけでもない",
    PledgeState.NOT_BEGUN: "評価のある取組が、すべて未着手",
    PledgeState.UNRATED: "進み具合の評価のある取組がない",
    PledgeState.ENDED: "すべての取組が終わり、最も進んだ評価の取組がない",
    PledgeState.NO_INITIATIVE: "取組がまだない",
    PledgeState.ENDED_WITHOUT: "取組のないまま終わった",
}
# Told of a report only where it has such pledges.
SELDOM = {PledgeState.ENDED, PledgeState.NO_INITIATIVE, PledgeState.ENDED_WITHOUT}


@dataclass(frozen=True)
class PledgeRule:
    """By which steps of a scale pledges are told apart. `bottom` is None where no step says 「未着手」."""

    top: RatingStep
    bottom: RatingStep | None

    @classmethod
    def of(cls, scale: Iterable[RatingStep]) -> "PledgeRule | None":
        """The rule of a scale; None for classes, which have no top."""
        ranked = [step for step in scale if step.is_ranked]
        if not ranked:
            return None
        last = ranked[-1]
        is_bottom = len(ranked) > 1 and (last.percent == 0 or any(word in last.label for word in NOT_BEGUN))
        return cls(ranked[0], last if is_bottom else None)

    def state(self, pledge: RatedPledge) -> PledgeState:
        """Unrated initiatives, and ratings outside the order, are never taken for the top or the bottom.

        A pledge without initiatives is not kept: that all of none are at the top says nothing.
        """
        if not pledge.ratings:
            return PledgeState.ENDED_WITHOUT if pledge.is_over else PledgeState.NO_INITIATIVE
        ranked = [step for step in pledge.ratings if step and step.is_ranked]
        if at_top := ranked.count(self.top):
            return PledgeState.KEPT if at_top == len(pledge.ratings) else PledgeState.PARTLY
        if pledge.is_over:
            return PledgeState.ENDED
        if not ranked:
            return PledgeState.UNRATED
        return PledgeState.NOT_BEGUN if self._none_begun(ranked) else PledgeState.UNDER_WAY

    def _none_begun(self, ranked: Sequence[RatingStep]) -> bool:
        return self.bottom is not None and all(step == self.bottom for step in ranked)

    @property
    def states(self) -> list[PledgeState]:
        """Those that a pledge can have."""
        return [state for state in PledgeState if self.bottom or state is not PledgeState.NOT_BEGUN]

    def told(self, found: Container[PledgeState]) -> list[PledgeState]:
        """Those that are told of a report in which these are found."""
        return [state for state in self.states if state in found or state not in SELDOM]

    @property
    def names(self) -> Mapping[str, str]:
        """What each state is called."""
        top = self.top.label
        return {
            PledgeState.KEPT: f"すべての取組で{top}",
            PledgeState.PARTLY: f"一部の取組で{top}",
            PledgeState.UNDER_WAY: "進行中" if self.bottom else f"「{top}」の取組はまだない",
            PledgeState.NOT_BEGUN: self.bottom.label if self.bottom else "",
            PledgeState.UNRATED: NOT_RATED,
            PledgeState.ENDED: f"終わった（{top}の取組なし）",
            PledgeState.NO_INITIATIVE: "取組がまだない",
            PledgeState.ENDED_WITHOUT: "取組のないまま終わった",
        }

    @property
    def meanings(self) -> Mapping[str, str]:
        """The rule in words, by state."""
        top = self.top.name
        under_way = f"「{top}」の取組はまだなく、" + (
            f"「{self.bottom.name}」より進んだ取組がある" if self.bottom else "ほかの評価の取組がある"
        )
        return {
            PledgeState.KEPT: f"すべての取組の評価が「{top}」",
            PledgeState.PARTLY: f"「{top}」の取組と、そうでない取組がある",
            PledgeState.UNDER_WAY: under_way,
            PledgeState.NOT_BEGUN: f"評価のある取組が、すべて「{self.bottom.name}」" if self.bottom else "",
            PledgeState.UNRATED: "進み具合の評価のある取組がない",
            PledgeState.ENDED: f"すべての取組が終わり、「{top}」の取組がない",
            PledgeState.NO_INITIATIVE: "公約のための取組が、まだ始まっていない",
            PledgeState.ENDED_WITHOUT: "公約のための取組が始まらないまま、公約が終わった",
        }


@dataclass(frozen=True)
class PledgeCounts:
    """How many pledges there are in each state of a rule."""

    rule: PledgeRule
    counts: Mapping[PledgeState, int]

    @property
    def lines(self) -> list[tuple[PledgeState, str, str, int]]:
        """(state, name, rule in words, count), best first; some only where there are such pledges."""
        names, meanings = self.rule.names, self.rule.meanings
        told = self.rule.told({state for state, count in self.counts.items() if count})
        return [(state, names[state], meanings[state], self.counts[state]) for state in told]

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def kept(self) -> int:
        return self.counts[PledgeState.KEPT]


def pledge_counts(pledges: Iterable[RatedPledge], scale: Iterable[RatingStep]) -> PledgeCounts | None:
    """Counts pledges by state; None for classes: they are counted as they are."""
    if not (rule := PledgeRule.of(scale)):
        return None
    counted = Counter(map(rule.state, pledges))
    return PledgeCounts(rule, {state: counted[state] for state in PledgeState})
