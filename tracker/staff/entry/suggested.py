"""The rating that indicators suggest, by the thresholds of the manifesto. A person gives the rating."""

from typing import NamedTuple

from tracker.models import Rating, YearlyAction
from tracker.words.indicators import Threshold, suggested


class SuggestedRating(NamedTuple):
    """A step, the indicator with the lowest rate, which suggests it, and the indicators without a rate."""

    rating: Rating
    name: str
    rate: str
    without: list[str]


def suggested_rating(action: YearlyAction) -> SuggestedRating | None:
    """What the saved actuals suggest; None without a rate or a threshold. Asks no query but the scale's."""
    rates = [(each.indicator.name, each.achievement.rate) for each in action.measured]
    if not any(rate for _name, rate in rates):
        return None
    scale = {step.pk: step for step in action.round.scale}
    steps = [Threshold(pk, each.from_rate) for pk, each in scale.items() if each.from_rate is not None]
    if (found := suggested(steps, (rate for _name, rate in rates))) is None:
        return None
    rating, lowest = found
    name = next(name for name, rate in rates if rate == lowest)
    return SuggestedRating(scale[rating], name, lowest, [name for name, rate in rates if not rate])
