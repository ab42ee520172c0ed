"""Words for values in public templates."""

from datetime import date, datetime

from django import template
from django.conf import settings
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from tracker.choices import ActionField, ActionState
from tracker.public import charts
from tracker.public.scope import Published, Scope
from tracker.published_tables.from_report import file_name
from tracker.words import fiscal_years
from tracker.words.sdgs import GOALS, Goal

register = template.Library()

register.filter("date_label", fiscal_years.date_label)
register.filter("fiscal_year", fiscal_years.label)
register.filter("look", charts.look)
register.filter("short_year", fiscal_years.short_label)


@register.filter
def japanese_date(day: date) -> str:
    """「令和6年3月31日」; a moment is shown as the day it fell on in Japan."""
    if isinstance(day, datetime):
        day = timezone.localtime(day).date()
    return fiscal_years.day_label(day)


@register.filter
def day(of: date) -> SafeString:
    """A date as an element."""
    return format_html('<time datetime="{}">{}</time>', of.isoformat(), japanese_date(of))


@register.filter(expects_localtime=True)
def date_and_time(at: datetime) -> str:
    """「令和6年4月1日 09:05」."""
    return f"{japanese_date(at)} {at:%H:%M}"


@register.filter(expects_localtime=True)
def moment(at: datetime) -> SafeString:
    """A date with its time of day, as an element."""
    return format_html('<time datetime="{}">{}</time>', at.isoformat(), date_and_time(at))


@register.filter
def table_file(row: Published) -> str:
    """The name of an edition's published table."""
    return file_name(settings.CITY_CODE, row, "xlsx")


@register.filter
def stood(scope: Scope, as_of: date) -> Published | None:
    """The edition of a date that a carried row was copied from."""
    return scope.stood(as_of)


@register.filter
def get(values: dict[str, object], key: str) -> object:
    """A value by a key that is itself a variable."""
    return values.get(key, "")


@register.filter
def action_state(state: str) -> str:
    """「提出済」 for a state's code; anything else stays as it is."""
    return str(ActionState(state).label) if state in ActionState.values else state


@register.filter
def action_field(name: str) -> str:
    """「主な取組」 for a field's name; anything else stays as it is."""
    return str(ActionField(name).label) if name in ActionField.values else name


@register.filter
def words(text: str) -> list[str]:
    """The words of a text, for a loop over a few names."""
    return text.split()


@register.filter
def term_years(term: dict[str, int | None]) -> str:
    """「（～令和5年度）」 of a department's duty; empty where it is unlimited."""
    begin, end = term["from_year"], term["to_year"]
    if begin is None and end is None:
        return ""
    words = [fiscal_years.short_label(year) if year else "" for year in (begin, end)]
    return f"（{words[0]}～{words[1]}）"


@register.filter
def goal(number: int) -> Goal:
    """The SDG of a number."""
    return GOALS[number]


@register.filter
def add_half(start: float, width: float) -> float:
    """The middle of a bar's segment."""
    return start + width / 2
