"""An indicator of a table as numbers: what is printed, in the spelling that is kept. Pure.

What is no number stays a text. The printed rate is not kept; it is compared with ours.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from tracker.published_tables.file.table import TableIndicator
from tracker.words.bullets import is_nothing
from tracker.words.extra_values import ColumnProblem
from tracker.words.folding import fold
from tracker.words.indicators import DOWN, RATIO, UP, achievement, number_in

PRINTED = re.compile(r"([-▲△−‐–ー]?[0-9][0-9,]*(?:\.[0-9]+)?)(\D*?)(以上|以下|以内)?")
BOUND = re.compile(r".*(以上|以下|以内|未満|超)(?:\(.*\))?")
AT_MOST = {"以下", "以内", "未満"}
STRICT = ("未満", "超")  # the number itself does not reach these, so they stay words
PERCENT = re.compile(r"([-▲△−]?[0-9][0-9,]*(?:\.[0-9]+)?)[%％]?")
MAX_DECIMALS = 6
CLOSE = Decimal("0.1")  # ours is cut to one decimal, theirs may be rounded
BY_RATES, BY_BOUND, BY_FIGURES = "表の達成率から", "目標に「{}」とあるので", "目標が前の実績より小さいので"


@dataclass(frozen=True)
class PrintedFigure:
    """A printed number, what follows it, and whether it is told as a bound: 「10 人以下」."""

    number: str
    unit: str
    bound: str


@dataclass(frozen=True)
class Figures:
    """The numbers of an indicator by fiscal year. `target_words`, `actual_words`: what is no number.

    `why` says what told the direction; "" where nothing did, and it is taken to grow. `is_told`: a bound did.
    """

    unit: str
    decimals: int
    direction: str
    why: str
    targets: Mapping[int, str]
    actuals: Mapping[int, str]
    target_words: Mapping[int, str]
    actual_words: Mapping[int, str]
    is_told: bool


def figures_of(indicator: TableIndicator) -> Figures:
    """What an indicator's cells come to."""
    printed = {
        (name, year): figure
        for name in ("targets", "actuals")
        for year, text in getattr(indicator, name).items()
        if (figure := printed_in(text))
    }
    # 「10件以上」 is what one aims at; said of what was reached, it is no number.
    printed = {key: each for key, each in printed.items() if key[0] == "targets" or not each.bound}
    unit = indicator.unit or next((each.unit for each in printed.values() if each.unit), "")
    fitting = {key: each for key, each in printed.items() if each.unit in {"", fold(unit)}}
    targets, actuals = (_of(fitting, name) for name in ("targets", "actuals"))
    by_bound = _by_bound(indicator)
    direction, why = by_bound or _direction(targets, actuals, indicator.rates)
    return Figures(
        unit,
        max((len(each.number.partition(".")[2]) for each in fitting.values()), default=0),
        direction,
        why,
        targets,
        actuals,
        _words(indicator.targets, targets),
        _words(indicator.actuals, actuals),
        by_bound is not None,
    )


def printed_in(text: str) -> PrintedFigure | None:
    """The number that a cell says; None where it says anything else."""
    if not (match := PRINTED.fullmatch(fold(text))) or match[2].endswith(STRICT):
        return None
    try:
        number = number_in(match[1], "", MAX_DECIMALS)
    except ColumnProblem:
        return None
    return PrintedFigure(number, match[2], match[3] or "")


def rate_differs(printed: str, ours: str) -> bool:
    """Whether a printed rate is another than ours, beyond what rounding makes; a dash says none."""
    if is_nothing(printed):
        return False
    match = PERCENT.fullmatch(fold(printed))
    if not match or not ours:
        return True
    theirs = number_in(match[1], "", MAX_DECIMALS)
    places = len(match[1].partition(".")[2])
    return abs(Decimal(theirs) - Decimal(ours)) > max(Decimal(1).scaleb(-places), CLOSE)


def _of(figures: Mapping[tuple[str, int], PrintedFigure], name: str) -> dict[int, str]:
    return {year: each.number for (of, year), each in figures.items() if of == name}


def _words(texts: Mapping[int, str], numbers: Mapping[int, str]) -> dict[int, str]:
    return {year: text for year, text in texts.items() if year not in numbers and not is_nothing(text)}


def _by_bound(indicator: TableIndicator) -> tuple[str, str] | None:
    """The direction that a bound says (「10件以上」, 「5人以下」), and that bound: the latest target's."""
    latest_first = [indicator.targets[year] for year in sorted(indicator.targets, reverse=True)]
    for text in [*latest_first, indicator.unit]:
        if match := BOUND.fullmatch(fold(text).strip()):
            return (DOWN if match[1] in AT_MOST else UP), BY_BOUND.format(match[1])
    return None


def _direction(
    targets: Mapping[int, str], actuals: Mapping[int, str], rates: Mapping[int, str]
) -> tuple[str, str]:
    """Which way is aimed at, and what tells it: the printed rates, else a target below what was before."""
    known = [year for year in rates if year in targets and year in actuals]
    fits = {way: _fitting(way, known, targets, actuals, rates) for way in (UP, DOWN)}
    if fits[UP] != fits[DOWN]:
        return max(fits, key=lambda way: fits[way]), BY_RATES
    last, before = max(targets, default=0), min(actuals, default=0)
    is_lower = last > before > 0 and Decimal(targets[last]) < Decimal(actuals[before])
    return (DOWN, BY_FIGURES) if is_lower else (UP, "")


def _fitting(
    way: str,
    years: Iterable[int],
    targets: Mapping[int, str],
    actuals: Mapping[int, str],
    rates: Mapping[int, str],
) -> int:
    """How many printed rates are what the formula of a direction gives."""
    ours = {year: achievement(way, RATIO, "", targets[year], actuals[year]).rate for year in years}
    return sum(not rate_differs(rates[year], rate) for year, rate in ours.items())
