"""An indicator's sentence on its pledge's page, and its chart's foot."""

from typing import Any

import pytest

from tests.public.building import make_entry, save_report
from tests.public.conftest import Site


def year(target: str, actual: str, note: str = "") -> dict[str, Any]:
    came = ("", None, "実績がありません") if not actual else ("95.0", False, "")
    return {
        "target": target,
        "actual": actual,
        "note": note,
        **dict(zip(("rate", "is_reached", "why"), came, strict=True)),
    }


def indicator(**years: dict[str, Any]) -> dict[str, Any]:
    described = {
        "code": "k1",
        "name": "起業",
        "unit": "件",
        "decimals": 0,
        "direction": "up",
        "formula": "ratio",
    }
    base = {"base_value": "", "base_fiscal_year": None, "note": "", "is_of_pledge": False}
    return {**described, **base, "years": {told.removeprefix("y"): values for told, values in years.items()}}


@pytest.mark.parametrize(
    ("newest", "words"),
    [
        (year("1000", "", "集計中"), "令和5年度の実績はまだありません（集計中）。"),
        (year("1000", ""), "令和5年度の実績はまだありません。"),
        (year("1000", "950"), ""),
    ],
)
def test_a_year_that_is_over_and_has_no_actual_is_told(
    site: Site, db: None, newest: dict[str, Any], words: str
) -> None:
    measured = indicator(y2022=year("920", "900"), y2023=newest, y2024=year("1100", ""))
    save_report([make_entry(1, indicators=[measured])])
    page = site.page("/2017/pledges/1-1-1/")
    said = page.one("p", "indicator-now").text
    assert ("まだありません" in said, said.endswith(words)) == (bool(words), True)
    assert page.one("figcaption").text.endswith("横の軸は年度、縦の軸は900から")


def test_a_chart_from_nought_says_nothing_of_its_foot(site: Site, db: None) -> None:
    save_report([make_entry(1, indicators=[indicator(y2022=year("20", "5"), y2023=year("20", "19"))])])
    assert site.page("/2017/pledges/1-1-1/").one("figcaption").text.endswith("横の軸は年度")
