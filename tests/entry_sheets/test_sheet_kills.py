"""The confirmation of an entry sheet under sudden death and double clicks: all or nothing, and once."""

from collections import Counter
from itertools import pairwise
from typing import Any

import pytest

from tests.apart import empty_databases, run
from tests.entry_sheets.racing_sheets import CLICKS, MOMENTS, UNTOUCHED_ROWS

pytestmark = [pytest.mark.long, pytest.mark.both]

ROWS, KILLS = 1_000, 16


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    with empty_databases(tmp_path_factory.mktemp("sheets"), "sheets") as (url,):
        words, state = [str(ROWS), str(KILLS)], tmp_path_factory.mktemp("state")
        return dict(run("tests.entry_sheets.racing_sheets", *words, url=url, state=state))


def test_a_sudden_death_leaves_all_or_nothing(found: dict[str, Any]) -> None:
    deaths = found["deaths"]
    for each in deaths:
        old, new = each["before"], each["new"]
        assert (old["events"], old["taken"]) == (0, 0)
        assert old["states"] == {"not_started": ROWS + UNTOUCHED_ROWS}
        assert (new["events"], new["taken"]) == (ROWS, ROWS)
        assert new["states"] == {"draft": ROWS, "not_started": UNTOUCHED_ROWS}
        assert each["after"] in {"before": [old], "inside": [old, new]}.get(each["moment"], [new])
        assert (each["after"]["broken"], each["after"]["triggers"]) == ("None", [])
    assert len(deaths) > KILLS


def test_deaths_came_before_inside_and_after(found: dict[str, Any]) -> None:
    deaths = found["deaths"][:-1]
    assert {each["moment"] for each in deaths} == set(MOMENTS)
    left = Counter("old" if each["after"] == each["before"] else "new" for each in deaths)
    assert left["old"] > 0
    assert left["new"] > 0


def test_what_a_death_left_can_be_tried_again(found: dict[str, Any]) -> None:
    """Each act goes on with what the one before it left, and the last one is not killed."""
    deaths = found["deaths"]
    came_through = [
        before["after"] == before["before"] and after["after"] == after["new"]
        for before, after in pairwise(deaths)
    ]
    assert any(came_through)
    assert (deaths[-1]["moment"], deaths[-1]["after"]) == ("not killed", deaths[-1]["new"])


def test_a_sheet_confirmed_several_times_at_once_is_written_once(found: dict[str, Any]) -> None:
    assert found["clicks"] == {
        "outcomes": {"": 1, "SheetProblem('この取込は「取込済」です。')": CLICKS - 1},
        "events of a row": {"1": ROWS},
        "broken": "None",
        "batch": "applied",
    }
