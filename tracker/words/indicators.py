"""Indicators (指標): targets by fiscal year, the rate of achievement and whether a target is reached. Pure.

Numbers are kept as texts in the spelling of `extra_values`. A missing actual is not 0: it has neither a rate
nor a verdict. The rate is cut to one decimal, so that it shows 100 only where the target is reached.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import ROUND_FLOOR, Decimal, localcontext
from typing import NamedTuple, Protocol

from tracker.words.extra_values import NUMBER, REMARK, ColumnProblem, in_words, value_of
from tracker.words.extra_values import heading as heading_of_column
from tracker.words.fiscal_years import short_label, year_named

UP, DOWN, KEEP = "up", "down", "keep"
RATIO, FROM_BASE = "ratio", "from_base"
REACHED, MISSED = "達成", "未達"
NO_ACTUAL = "実績がありません"
NO_TARGET = "目標がありません"
NO_BASE = "基準値がありません"
TARGET_IS_ZERO = "目標が 0 なので、達成率は計算できません"
TARGET_IS_NEGATIVE = "目標が負の数なので、達成率は計算できません"
ACTUAL_IS_ZERO = "実績が 0 以下なので、達成率は計算できません"
TARGET_IS_BASE = "目標が基準値と同じなので、達成率は計算できません"
TARGET_IS_BACKWARDS = "目標が基準値より後ろ向きなので、達成率は計算できません"
FORMULAS = {
    (UP, RATIO): "実績 ÷ 目標 × 100",
    (DOWN, RATIO): "目標 ÷ 実績 × 100",
    (KEEP, RATIO): "100 －（実績と目標の差）÷ 目標 × 100（0 より小さいときは 0）",
    (UP, FROM_BASE): "（実績 － 基準値）÷（目標 － 基準値）× 100",
    (DOWN, FROM_BASE): "（基準値 － 実績）÷（基準値 － 目標）× 100",
}
TENTH, HUNDRED = Decimal("0.1"), Decimal(100)
DIGITS = 60  # of what is reckoned with: two numbers of 15 digits and 6 decimals need fewer
NOTE = "n"  # ends the code of a note's column: k1n beside k1

TARGET_LINE = re.compile(r"\s*(\S+?)(?:\s*[:：=＝]\s*|\s+)(\S.*)")
HOW_TO_WRITE = "1 行に 1 年度ずつ、「令和6年度：1,200」のように書いてください。"


@dataclass(frozen=True)
class IndicatorColumn:
    """What is typed of an indicator in a row: its actual (a number), or the note on it (a line)."""

    code: str
    label: str
    kind: str
    unit: str = ""
    decimals: int = 0
    open_choices: list[str] = field(default_factory=list)
    ended_choices: list[str] = field(default_factory=list)
    is_required: bool = False
    first_fiscal_year: int | None = None
    last_fiscal_year: int | None = None
    is_of_planning: bool = False
    is_public: bool = True

    @property
    def heading(self) -> str:
        """Its name with its unit."""
        return heading_of_column(self)


class DescribedIndicator(Protocol):
    """What an indicator says of itself."""

    @property
    def code(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def unit(self) -> str: ...
    @property
    def direction(self) -> str: ...
    @property
    def decimals(self) -> int: ...
    @property
    def base_value(self) -> str: ...
    @property
    def formula(self) -> str: ...
    @property
    def first_fiscal_year(self) -> int | None: ...
    @property
    def last_fiscal_year(self) -> int | None: ...


class Achievement(NamedTuple):
    """How far a year's actual has come. `rate`: 「82.5」, "" for none; then `why` says why there is none.

    `is_reached` None: nobody can tell, for the actual or the target is missing.
    """

    rate: str
    is_reached: bool | None
    why: str

    @property
    def verdict(self) -> str:
        """「達成」, 「未達」, or "" where nobody can tell."""
        return verdict_words(self.is_reached)

    @property
    def rate_words(self) -> str:
        """「82.5%」, or why there is none."""
        return f"{self.rate}%" if self.rate else self.why


def verdict_words(is_reached: bool | None) -> str:
    """A verdict in a word; "" for none."""
    return "" if is_reached is None else REACHED if is_reached else MISSED


def columns_of(indicator: DescribedIndicator) -> tuple[IndicatorColumn, IndicatorColumn]:
    """What is typed of an indicator: its actual, and the note on it."""
    years = indicator.first_fiscal_year, indicator.last_fiscal_year
    called, code = f"指標「{indicator.name}」", indicator.code
    actual = number_column(code, f"{called}の実績", indicator.unit, indicator.decimals)
    note = IndicatorColumn(f"{code}{NOTE}", f"{called}の補足", REMARK)
    return _within(actual, *years), _within(note, *years)


def _within(column: IndicatorColumn, first: int | None, last: int | None) -> IndicatorColumn:
    return replace(column, first_fiscal_year=first, last_fiscal_year=last)


def number_column(code: str, label: str, unit: str, decimals: int) -> IndicatorColumn:
    """A column of an indicator's numbers."""
    return IndicatorColumn(code, label, NUMBER, unit, decimals)


def number_in(text: str, unit: str, decimals: int) -> str:
    """A number as it is kept; "" for nothing. Raises ColumnProblem."""
    return value_of(number_column("", "", unit, decimals), text)


def said(indicator: DescribedIndicator, number: str) -> str:
    """A number of an indicator as people read it: 「1,200 件」."""
    return in_words(NUMBER, indicator.unit, indicator.decimals, number)


def targets_in(text: str, unit: str = "", decimals: int = 6) -> dict[int, str]:
    """Targets by fiscal year, of lines as 「令和6年度：1,200」 or 「2024 1200 件」. Raises ColumnProblem."""
    found: dict[int, str] = {}
    for line in filter(str.strip, text.splitlines()):
        match = TARGET_LINE.fullmatch(line)
        year = year_named(match[1]) if match else None
        if match is None or year is None:
            raise ColumnProblem(f"「{line.strip()}」は目標として読めません。{HOW_TO_WRITE}")
        if year in found:
            raise ColumnProblem(f"{short_label(year)}の目標が、二度書かれています。")
        try:
            found[year] = number_in(match[2], unit, decimals)
        except ColumnProblem as problem:
            raise ColumnProblem(f"{short_label(year)}の目標：{problem}") from problem
    return dict(sorted(found.items()))


def target_lines(targets: Mapping[int, str]) -> str:
    """Targets as they are kept and shown, a line per year; `targets_in` reads it."""
    return "\n".join(f"{short_label(year)}：{target}" for year, target in sorted(targets.items()))


def achievement(direction: str, formula: str, base: str, target: str, actual: str) -> Achievement:
    """How far an actual has come towards a target; all numbers as they are kept, "" for none."""
    if not actual:
        return Achievement("", None, NO_ACTUAL)
    if not target:
        return Achievement("", None, NO_TARGET)
    aim, got = Decimal(target), Decimal(actual)
    why = _why_none(direction, formula, base, aim, got)
    rate = "" if why else _cut(_rate(direction, formula, Decimal(base or 0), aim, got))
    return Achievement(rate, _is_reached(direction, aim, got), why)


def _is_reached(direction: str, aim: Decimal, got: Decimal) -> bool:
    if direction == KEEP:
        return got == aim
    return got <= aim if direction == DOWN else got >= aim


def _why_none(direction: str, formula: str, base: str, aim: Decimal, got: Decimal) -> str:
    """Why there is no rate; "" where there is one."""
    if formula == FROM_BASE:
        return _why_none_from_base(direction, base, aim)
    if aim < 0:
        return TARGET_IS_NEGATIVE
    if direction == DOWN:
        return ACTUAL_IS_ZERO if got <= 0 else ""
    return "" if aim else TARGET_IS_ZERO


def _why_none_from_base(direction: str, base: str, aim: Decimal) -> str:
    if not base:
        return NO_BASE
    if aim == Decimal(base):
        return TARGET_IS_BASE
    is_backwards = aim > Decimal(base) if direction == DOWN else aim < Decimal(base)
    return TARGET_IS_BACKWARDS if is_backwards else ""


def _rate(direction: str, formula: str, base: Decimal, aim: Decimal, got: Decimal) -> Decimal:
    """The rate by the formula that FORMULAS states."""
    with localcontext(prec=DIGITS):
        if formula == FROM_BASE:
            return (got - base) / (aim - base) * HUNDRED
        if direction == DOWN:
            return aim / got * HUNDRED
        if direction == KEEP:
            return max(Decimal(0), HUNDRED - abs(got - aim) / aim * HUNDRED)
        return got / aim * HUNDRED


def _cut(rate: Decimal) -> str:
    """The rate with one decimal, cut: 99.96 is 99.9, for the target is not reached."""
    with localcontext(prec=DIGITS):
        cut = rate.quantize(TENTH, ROUND_FLOOR)
        return f"{cut if cut else Decimal('0.0'):f}"


def formula_words(direction: str, formula: str) -> str:
    """The formula of the rate, for people."""
    return FORMULAS.get((direction, formula), FORMULAS[UP, RATIO])


class Threshold(NamedTuple):
    """A step of the scale, and the rate from which it is suggested."""

    rating_id: int
    from_rate: int


def suggested(thresholds: Iterable[Threshold], rates: Iterable[str]) -> tuple[int, str] | None:
    """The step that the lowest of the rates suggests, and that rate; None without a rate or a threshold.

    It is never more than a suggestion: a person gives the rating.
    """
    known = [rate for rate in rates if rate]
    if not known:
        return None
    lowest = min(known, key=Decimal)
    fits = [each for each in thresholds if Decimal(lowest) >= each.from_rate]
    return (max(fits, key=lambda each: each.from_rate).rating_id, lowest) if fits else None
