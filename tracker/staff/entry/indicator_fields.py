"""The fields of indicators on the entry form: this year's target, and what was told of the years before."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.forms import BoundField

from tracker.models import ReportEntry, YearlyAction
from tracker.models.indicators import Measured
from tracker.reports.told_indicators import ToldYear, told_years
from tracker.staff.entry.form import EntryForm
from tracker.words import indicators
from tracker.words.extra_values import field_of


@dataclass(frozen=True)
class IndicatorFields:
    """An indicator of the form: as it is stored (`now`), its two fields, and what was told before.

    `earlier` are the published years; `before` is what the row before says, where no year is published.
    """

    now: Measured
    actual: BoundField
    note: BoundField
    earlier: list[ToldYear]
    before: str


def indicator_fields(
    action: YearlyAction, form: EntryForm, told: ReportEntry | None, stood: Mapping[str, str]
) -> list[IndicatorFields]:
    """The form's indicators in order. `told` is what the last report says of the row, `stood` its
    `last_values`. Asks the database nothing.
    """
    year, found = action.round.fiscal_year, []
    for indicator in action.indicators:
        actual, note = (form[field_of(column.code)] for column in indicator.columns)
        earlier = _published(indicator.code, told, year)
        before = "" if earlier else indicators.said(indicator, stood.get(indicator.code, ""))
        now = Measured.of(indicator, year, action.extra_values)
        found.append(IndicatorFields(now, actual, note, earlier, before))
    return found


def _published(code: str, told: ReportEntry | None, until: int) -> list[ToldYear]:
    """The years before `until` that have an actual in the last report."""
    known = (told.indicators or []) if told else []
    years = (year for each in known if each["code"] == code for year in told_years(each))
    return [year for year in years if year.actual and year.fiscal_year < until]
