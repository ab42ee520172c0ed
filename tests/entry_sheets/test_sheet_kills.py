"""Entry sheets under sudden death and with several workers, on the run's database: all or nothing, once, and
never stuck.
"""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from tests.apart import empty_databases, run
from tests.entry_sheets.racing_sheets import (
    BATCHES,
    KILLS,
    LONG,
    MOMENTS,
    PROCESS_KILLS,
    ROWS_OF_A_BATCH,
    SHORT,
    WORKER_KILLS,
    WORKERS,
)

ROWS = {"deaths_of_a_confirmation": SHORT, "deaths_of_a_worker": LONG}
KILLED = {"deaths_of_a_confirmation": KILLS, "deaths_of_a_worker": WORKER_KILLS}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    with empty_databases(tmp_path_factory.mktemp("sheets"), "sheets") as (url,):
        yield dict(run("tests.entry_sheets.racing_sheets", url=url, state=tmp_path_factory.mktemp("state")))


@pytest.fixture(params=ROWS)
def scenario(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def holds(stand: dict[str, Any]) -> bool:
    return (stand["broken"], stand["triggers"]) == ("None", [])


def test_a_sudden_death_leaves_all_or_nothing(found: dict[str, Any], scenario: str) -> None:
    deaths = found[scenario]
    for each in deaths:
        old, new = each["before"], each["new"]
        assert (old["events"], old["taken"], old["states"]) == (0, 0, {"not_started": LONG})
        assert (new["events"], new["taken"], new["states"].get("draft")) == (
            ROWS[scenario],
            ROWS[scenario],
            ROWS[scenario],
        )
        assert each["after"] in {"before": [old], "inside": [old, new]}.get(each["moment"], [new])
        assert holds(each["after"])
    assert len(deaths) > KILLED[scenario]


def test_deaths_came_before_inside_and_after(found: dict[str, Any], scenario: str) -> None:
    deaths = found[scenario][:-1]
    assert {each["moment"] for each in deaths} == MOMENTS
    left = Counter("old" if each["after"] == each["before"] else "new" for each in deaths)
    assert left["old"] > 0
    assert left["new"] > 0


def test_what_a_death_left_can_be_tried_again(found: dict[str, Any], scenario: str) -> None:
    """Each act goes on with what the one before it left, and the last one is not killed."""
    deaths = found[scenario]
    came_through = [
        before["after"] == before["before"] and after["after"] == after["new"]
        for before, after in pairwise(deaths)
    ]
    assert any(came_through)
    assert (deaths[-1]["moment"], deaths[-1]["after"]) == ("not killed", deaths[-1]["new"])


def test_a_new_process_takes_over_from_a_killed_one_after_its_silence(found: dict[str, Any]) -> None:
    deaths = found["deaths_of_a_process"]
    assert len(deaths) == PROCESS_KILLS
    whole = found["deaths_of_a_worker"][0]["new"]
    for each in deaths:
        assert each["after"] in [each["before"], whole]
        assert each["at last"] == whole
        assert (each["free at once"], each["errors"]) == (False, "")
    taken_over = [each for each in deaths if each["after"] == each["before"]]
    assert taken_over != []
    assert {each["said"].splitlines()[-1] for each in taken_over} == {"1 件の入力シートを処理しました。"}


def test_workers_at_once_work_each_batch_once(found: dict[str, Any]) -> None:
    assert found["workers_at_once"] == {
        "outcomes": [[""]] * WORKERS,
        "worked": BATCHES,
        "states": ["applied"] * BATCHES,
        "events of a row": {"1": BATCHES * ROWS_OF_A_BATCH},
        "broken": "None",
    }


def test_the_pages_and_the_server_start_a_process_that_works(found: dict[str, Any]) -> None:
    assert found["started"]["read"] == ["ready", LONG, ""]
    assert found["started"]["applied"] == found["deaths_of_a_worker"][0]["new"]
