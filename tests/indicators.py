"""Indicators (指標) that tests define."""

from dataclasses import dataclass
from typing import Any

from tracker.models import Indicator, Initiative

COUNTED = {"unit": "件", "target_lines": "令和5年度：1000\n令和6年度：1200\n令和7年度：1500"}


@dataclass(frozen=True)
class Described:
    """An indicator without a database."""

    code: str
    name: str
    unit: str = ""
    direction: str = "up"
    decimals: int = 0
    base_value: str = ""
    formula: str = "ratio"
    first_fiscal_year: int | None = None
    last_fiscal_year: int | None = None


def define(initiative: Initiative, name: str = "相談件数", **values: Any) -> Indicator:
    """An indicator at the end of the initiative's others; every value is checked as a form checks it."""
    position = initiative.indicators.count() + 1
    made = Indicator(initiative=initiative, position=position, name=name, **{**COUNTED, **values})
    made.full_clean(exclude=["code"])
    made.save()
    return made
