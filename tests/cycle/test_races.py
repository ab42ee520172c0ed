"""Many at once, and killed in the middle: exactly one winner, the old state or the new one."""

from typing import Any

import pytest

from tests import machine
from tests.apart import empty_databases, run
from tests.cycle.racing import RACES, THREADS

pytestmark = [pytest.mark.long, pytest.mark.both]

ROWS = 40  # that are raced for
KILLS, KILLED_ROWS = 6, 200  # how often an act is killed, and how many rows it writes


def played(make: pytest.TempPathFactory, kind: str, *numbers: int) -> Any:
    """What a scenario tells that is played on an empty database of the kind that the run is for."""
    with empty_databases(make.mktemp(kind), kind) as (url,):
        return run("tests.cycle.racing", kind, *map(str, numbers), url=url, state=make.mktemp("state"))


@pytest.fixture(scope="module")
def races(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    return dict(played(tmp_path_factory, "races", ROWS))


@pytest.fixture(scope="module")
def kills(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    return list(played(tmp_path_factory, "kills", KILLED_ROWS, KILLS))


REFUSALS = {"", "Forbidden", "NotNow", "Stale", "Blocked", "RoundProblem"}


@pytest.mark.parametrize("name", RACES)
def test_nobody_meets_a_locked_database_and_the_chain_holds(
    races: dict[str, dict[str, Any]], name: str
) -> None:
    assert set(races[name]["outcomes"]) - REFUSALS == set()
    assert races[name]["broken"] == "None"


@pytest.mark.parametrize("name", ["race_to_submit", "race_to_approve", "race_to_save"])
def test_each_row_has_exactly_one_winner(races: dict[str, dict[str, Any]], name: str) -> None:
    told = races[name]
    tried = sum(told["outcomes"].values())
    assert (told["winners"], told["outcomes"][""], tried) == ([1], ROWS, ROWS * THREADS)


@pytest.mark.parametrize("name", ["race_to_submit", "race_to_approve", "race_all_at_once_against_one_by_one"])
def test_each_transition_is_one_event(races: dict[str, dict[str, Any]], name: str) -> None:
    assert races[name]["events"] == {"1": ROWS}


def test_the_winners_text_is_kept(races: dict[str, dict[str, Any]]) -> None:
    told = races["race_to_save"]
    assert (told["winner's text kept"], told["versions"]) == (ROWS, {"1": ROWS})


def test_all_at_once_and_one_by_one_approve_each_row_once(races: dict[str, dict[str, Any]]) -> None:
    assert races["race_all_at_once_against_one_by_one"]["done"] == ROWS


def test_a_row_of_a_section_has_one_winner_of_each_version(races: dict[str, dict[str, Any]]) -> None:
    """Each act of heads, a clerk and planners is one event, and the rows stand where these left them."""
    told = races["race_for_the_section"]
    ways = told["ways"]
    assert told["per version"] == [1]
    assert told["rows"] == 100
    assert set(ways) <= {
        *("in_section>submitted", "in_section>returned", "submitted>returned", "submitted>approved")
    }
    assert ways.get("in_section>submitted", 0) == told["confirmed"]
    withdrawn = ways.get("in_section>returned", 0) + ways.get("submitted>returned", 0)
    assert (withdrawn, ways.get("submitted>approved", 0)) == (sum(told["withdrawn"]), told["approved"])
    assert told["confirmed"] + ways.get("in_section>returned", 0) == told["rows"]
    assert told["stands"].get("approved", 0) == told["approved"]
    assert told["stands"].get("returned", 0) == withdrawn


def test_nothing_comes_in_after_the_close(races: dict[str, dict[str, Any]]) -> None:
    assert races["race_to_close"]["late"] == 0


def test_a_report_has_exactly_what_was_approved_before_it(races: dict[str, dict[str, Any]]) -> None:
    told = races["race_to_publish"]
    assert (told["told as approved"], told["approved after"], told["holds"]) == (0, 0, True)


def test_a_correction_of_last_year_and_this_years_answers_do_not_stop_each_other(
    races: dict[str, dict[str, Any]],
) -> None:
    told = races["race_a_correction_against_answers"]
    assert (told["publishing"], told["references"]) == ([""], 10)


def test_nothing_is_saved_after_the_closing(races: dict[str, dict[str, Any]]) -> None:
    told = races["race_to_close_while_saving"]
    assert told["late"] == 0
    assert told["saved"] == told["done"] >= 10


def test_saves_of_one_round_wait_for_nobody_and_closing_waits_for_them(
    races: dict[str, dict[str, Any]],
) -> None:
    order = ["saved", "held", "closed"]
    if not machine.database_is_postgresql():  # SQLite has one writer at a time
        order = ["held", "saved", "closed"]
    assert races["race_to_save_beside_each_other"]["order"] == order


def test_a_round_is_opened_once(races: dict[str, dict[str, Any]]) -> None:
    told = races["race_to_open"]
    assert (told["outcomes"], told["rows"]) == ({"": 1, "RoundProblem": THREADS - 1}, ROWS)


def test_a_sudden_death_leaves_the_old_state_or_the_new_one(kills: list[dict[str, Any]]) -> None:
    assert len(kills) == 2 * KILLS
    for each in kills:
        old = each["before"]
        if each["act"] == "approving":
            new = old | {"states": ["approved"], "approvals": old["approvals"] + KILLED_ROWS}
        else:
            new = old | {
                "round": "published",
                "reports": old["reports"] + 1,
                "publications": old["publications"] + 1,
            }
        assert each["after"] in ([new] if each["done"] else [old, new])
        after = each["after"]
        assert (after["hold"], after["broken"], after["triggers"]) == (True, "None", [])


def test_some_deaths_came_in_the_middle(kills: list[dict[str, Any]]) -> None:
    assert {each["act"] for each in kills if not each["done"]} == {"approving", "publishing_again"}
