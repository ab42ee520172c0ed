"""What a report says of indicators, as people read it."""

from dataclasses import dataclass

from tracker.words.extra_values import NUMBER, in_words
from tracker.words.indicators import Achievement
from tracker.words.reported import ReportedIndicator


@dataclass(frozen=True)
class ToldYear:
    """A year of a reported indicator, in words. `target` and `actual` are "" where there is none."""

    fiscal_year: int
    target: str
    actual: str
    note: str
    came: Achievement


def told_years(indicator: ReportedIndicator) -> list[ToldYear]:
    """Its years, oldest first, as the report reckoned them."""
    return [
        ToldYear(
            int(year),
            number_words(indicator, told["target"]),
            number_words(indicator, told["actual"]),
            told["note"],
            Achievement(told["rate"], told["is_reached"], told["why"]),
        )
        for year, told in indicator["years"].items()
    ]


def number_words(indicator: ReportedIndicator, number: str) -> str:
    """A number of an indicator as people read it: 「1,200 件」."""
    return in_words(NUMBER, indicator["unit"], indicator["decimals"], number)


def targets_of(told: ReportedIndicator) -> dict[int, str]:
    """Its targets by fiscal year."""
    return {int(year): each["target"] for year, each in told["years"].items() if each["target"]}
