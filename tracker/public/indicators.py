"""Indicators as a pledge's page shows them: how each is defined, its years in words, its chart."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from tracker.choices import IndicatorDirection
from tracker.models import ReportEntry
from tracker.public.indicator_charts import LineChart, line_chart
from tracker.reports.told_indicators import ToldYear, number_words, told_years
from tracker.words.fiscal_years import short_label
from tracker.words.indicators import Achievement, formula_words
from tracker.words.reported import ReportedIndicator

TO_COME = "これからの年度です"
OF_PLEDGE = 0  # where an initiative's position would stand


@dataclass(frozen=True)
class ShownIndicator:
    """An indicator in words. `base` is "" where there is none; `last` is its last year with an actual."""

    code: str
    name: str
    unit: str
    aim: str
    formula: str
    base: str
    note: str
    years: list[ToldYear]
    chart: LineChart | None

    @property
    def last(self) -> ToldYear | None:
        return next((year for year in reversed(self.years) if year.actual), None)

    @property
    def awaited(self) -> ToldYear | None:
        """The newest year that is over, where it has no actual though an earlier one has."""
        over = [year for year in self.years if year.came.why != TO_COME]
        return over[-1] if self.last and not over[-1].actual else None

    @property
    def has_notes(self) -> bool:
        return any(year.note for year in self.years)


def by_initiative(entries: Iterable[ReportEntry], fiscal_year: int) -> Mapping[int, list[ShownIndicator]]:
    """The indicators of a pledge's entries by the initiative's position, and its own under `OF_PLEDGE`.

    `fiscal_year` is the report's: what lies behind it has no actual yet.
    """
    found: dict[int, list[ShownIndicator]] = defaultdict(list)
    for entry in entries:
        for each in entry.indicators or ():
            found[OF_PLEDGE if each["is_of_pledge"] else entry.initiative_position].append(
                shown(each, fiscal_year)
            )
    return dict(found)


def shown(told: ReportedIndicator, fiscal_year: int) -> ShownIndicator:
    """One indicator as a report of a fiscal year tells it."""
    return ShownIndicator(
        code=told["code"],
        name=told["name"],
        unit=told["unit"],
        aim=str(IndicatorDirection(told["direction"]).label),
        formula=formula_words(told["direction"], told["formula"]),
        base=_base(told),
        note=told["note"],
        years=[_as_of(year, fiscal_year) for year in told_years(told)],
        chart=line_chart(_numbers(told, "target"), _numbers(told, "actual"), told["decimals"]),
    )


def _as_of(year: ToldYear, fiscal_year: int) -> ToldYear:
    if year.actual or year.fiscal_year <= fiscal_year:
        return year
    return replace(year, came=Achievement("", None, TO_COME))


def _base(told: ReportedIndicator) -> str:
    if not told["base_value"]:
        return ""
    year = told["base_fiscal_year"]
    return f"{number_words(told, told['base_value'])}{f'（{short_label(year)}）' if year else ''}"


def _numbers(told: ReportedIndicator, name: str) -> dict[int, float]:
    years = {int(year): str(values.get(name, "")) for year, values in told["years"].items()}
    return {year: float(number) for year, number in years.items() if number}
