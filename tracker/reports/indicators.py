"""What a report says of indicators: defined as they were, with each year's target, actual and rate."""

from collections.abc import Collection, Iterable, Mapping

from tracker.choices import IndicatorDirection
from tracker.models import Indicator
from tracker.reports.told_indicators import number_words, targets_of
from tracker.words import indicators
from tracker.words.extra_values import heading_of
from tracker.words.fiscal_years import short_label
from tracker.words.reported import ReportedIndicator, ReportedIndicatorYear
from tracker.words.visible import visible

ValuesByYear = Mapping[int, Mapping[str, str]]  # of approved rows
Told = tuple[str, str]  # a year's actual, and the note on it


def reported(
    defined: Iterable[Indicator],
    said: ValuesByYear,
    stood: Collection[ReportedIndicator] | None,
    last_year: int | None,
) -> list[ReportedIndicator] | None:
    """The indicators of an initiative; None without any that has a target or an actual.

    `said` are the values of approved years, `stood` what the report before says of years that are not
    approved just now. No target is told beyond `last_year`, that of an initiative that has ended.
    """
    then = {each["code"]: _actuals(each) for each in stood or ()}
    told = []
    for each in defined:
        actuals = then.get(each.code, {}) | _said(each, said)
        aims = {year: aim for year, aim in each.targets.items() if last_year is None or year <= last_year}
        told.append(_with_years(_definition(each), aims, actuals))
    return [each for each in told if each["years"]] or None


def of_years(stood: Iterable[ReportedIndicator] | None, years: Collection[int]) -> list[ReportedIndicator]:
    """What was reported, of some years only."""
    return [
        {**each, "years": {year: told for year, told in each["years"].items() if int(year) in years}}
        for each in stood or ()
    ]


def defined_as(
    then: Iterable[ReportedIndicator] | None, now: Iterable[ReportedIndicator] | None
) -> list[ReportedIndicator] | None:
    """The actuals of `now` under the definitions and targets of `then`; None without any."""
    actuals = {each["code"]: _actuals(each) for each in now or ()}
    told = [_with_years(each, targets_of(each), actuals.get(each["code"], {})) for each in then or ()]
    return [each for each in told if each["years"]] or None


def definitions(told: Iterable[ReportedIndicator] | None) -> list[object]:
    """All that was decided of indicators, without their actuals: to be compared."""
    return [[{**each, "years": {}}, targets_of(each)] for each in told or ()]


def answered(told: Iterable[ReportedIndicator] | None) -> set[str]:
    """The codes of those with an actual."""
    return {each["code"] for each in told or () if any(year["actual"] for year in each["years"].values())}


def definitions_in_words(told: Iterable[ReportedIndicator] | None) -> str:
    """What was decided of indicators, for people."""
    return "、".join(map(_definition_in_words, told or ())) or "なし"


def _definition_in_words(each: ReportedIndicator) -> str:
    direction = IndicatorDirection(each["direction"]).label
    base = f"、基準値 {number_words(each, each['base_value'])}" if each["base_value"] else ""
    aims = "、".join(
        f"{short_label(year)} {number_words(each, aim)}" for year, aim in targets_of(each).items()
    )
    formula = indicators.formula_words(each["direction"], each["formula"])
    called = heading_of(each["name"], each["unit"])
    return f"{called}［{direction}、達成率 {formula}{base}、目標 {aims or 'なし'}］"


def _actuals(told: ReportedIndicator) -> dict[int, Told]:
    years = told["years"].items()
    return {
        int(year): (each["actual"], each["note"]) for year, each in years if each["actual"] or each["note"]
    }


def _said(indicator: Indicator, said: ValuesByYear) -> dict[int, Told]:
    actual, note = (column.code for column in indicator.columns)
    told = {year: (row.get(actual, ""), visible(row.get(note, ""))) for year, row in said.items()}
    return {year: each for year, each in told.items() if any(each)}


def _definition(indicator: Indicator) -> ReportedIndicator:
    return {
        "code": indicator.code,
        "name": indicator.name,
        "unit": indicator.unit,
        "decimals": indicator.decimals,
        "direction": indicator.direction,
        "formula": indicator.formula,
        "base_value": indicator.base_value,
        "base_fiscal_year": indicator.base_fiscal_year,
        "note": visible(indicator.note),
        "is_of_pledge": indicator.is_of_pledge,
        "years": {},
    }


def _with_years(
    defined: ReportedIndicator, targets: Mapping[int, str], actuals: Mapping[int, Told]
) -> ReportedIndicator:
    years = {
        str(year): _year(defined, targets.get(year, ""), *actuals.get(year, ("", "")))
        for year in sorted({*targets, *actuals})
    }
    return {**defined, "years": years}


def _year(defined: ReportedIndicator, target: str, actual: str, note: str) -> ReportedIndicatorYear:
    way = defined["direction"], defined["formula"], defined["base_value"]
    rate, is_reached, why = indicators.achievement(*way, target, actual)
    return {
        "target": target,
        "actual": actual,
        "note": note,
        "rate": rate,
        "is_reached": is_reached,
        "why": why,
    }
