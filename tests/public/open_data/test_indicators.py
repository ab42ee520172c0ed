"""The tables of indicators: each with its meaning, and a missing actual is an empty cell."""

from typing import Any

import pytest

from tests.public.building import make_entry, save_report
from tests.public.open_data.reading import TABLES
from tests.public.open_data.test_moves import rows, told

pytestmark = pytest.mark.django_db
DONE = {"target": "1200", "actual": "1100", "note": "速報", "rate": "91.6", "is_reached": False, "why": ""}
PLANNED = {"target": "1500", "actual": "", "note": "", "rate": "", "is_reached": None, "why": "まだ"}


def indicator(code: str, **values: Any) -> dict[str, Any]:
    return {
        "code": code,
        "name": "相談件数",
        "unit": "件",
        "decimals": 0,
        "direction": "up",
        "formula": "ratio",
        "base_value": "",
        "base_fiscal_year": None,
        "note": "",
        "is_of_pledge": False,
        "years": {"2024": DONE, "2025": PLANNED},
        **values,
    }


def test_indicators_have_their_meaning_and_their_values() -> None:
    down = indicator(
        "k2", direction="down", formula="from_base", base_value="50", base_fiscal_year=2022,
        is_of_pledge=True, years={"2024": {**DONE, "is_reached": True}},
    )  # fmt: skip
    save_report([make_entry(1, indicators=[indicator("k1"), down]), make_entry(2)])
    names = ("initiative_key", "indicator_code", "is_of_pledge", "indicator_direction", "rate_formula")
    assert [[row[name] for name in (*names, "base_value")] for row in rows("indicators")] == [
        ["1-1-1-1", "k1", "0", "up", "実績 ÷ 目標 × 100", ""],
        ["1-1-1-1", "k2", "1", "down", "（基準値 － 実績）÷（基準値 － 目標）× 100", "50"],
    ]
    names = ("indicator_code", "fiscal_year", "target", "actual", "achievement_rate", "achievement_status")
    assert [[row[name] for name in (*names, "actual_note")] for row in rows("indicator_values")] == [
        ["k1", "2024", "1200", "1100", "91.6", "missed", "速報"],
        ["k1", "2025", "1500", "", "", "unknown", ""],
        ["k2", "2024", "1200", "1100", "91.6", "reached", "速報"],
    ]
    assert told() == [*TABLES, "indicators", "indicator_values"]
    changed = {row["table_name"] for row in rows("column_changes") if row["version"] == "7"}
    assert changed == {"indicators", "indicator_values"}
    assert "rate_formula" in {row["column_name"] for row in rows("definitions")}
