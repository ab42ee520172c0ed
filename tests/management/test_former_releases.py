"""Databases of former releases come to the present, whatever stops on the way; what the public had stays.

tests/releases has what each release made of the same two tables and a correction: its database on both kinds,
and what its public site answered, on 24 November 2026 in each case. Its README says how they were made.
"""

from pathlib import Path
from typing import Any

import pytest

from tests.apart import empty_databases, run

pytestmark = [pytest.mark.long, pytest.mark.both]
KEY = "0123456789" * 5 + "01"  # of the seals of those that had any
KILLS = 10  # of each of three releases, before one of so many steps
STEPS = {"0.1.0": 120, "1.0.0": 120, "2026-11-30": 60}
# The columns of many, which are tables of their own since 1.0.0.
OF_MANY = ("department", "sdg", "plan_code", "plan_name", "result", "plan")
GROWN = ("column-changes.csv", "definitions.csv", "column-changes.json", "definitions.json", "all.json")
# What files of the open data said then, and say no more today; all else of all of them they say still.
DIFFERENCES: dict[str, set[str]] = {
    "0.1.0": {
        *(f"initiatives.{kind}: no {name}_N" for kind in ("csv", "json") for name in OF_MANY),
        *("actions.json: no ratings", "initiatives.json: no ratings"),  # a table of its own, too
    },
    "1.0.0": {f"{file}: 1 more" for file in GROWN},  # row: rating_history has ended_after
    "2026-11-30": set(),
}


@pytest.mark.parametrize("release", DIFFERENCES)
def test_its_database_comes_to_the_present(
    release: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEAL_KEY", KEY)
    with empty_databases(tmp_path, "release") as (url,):
        told: dict[str, Any] = run(
            "tests.management.former_releases",
            release,
            str(KILLS),
            str(STEPS[release]),
            url=url,
            state=tmp_path / "state",
        )
    assert (told["kills"], told["unprotected"], told["changed"], told["lost"]) == (KILLS, [], [], [])
    assert (told["problems"], told["missing"], told["pending"]) == ([], [], [])
    assert set(told["differences"]) == DIFFERENCES[release]
    assert min(told["asked"], told["files"], told["events"]) > 5
