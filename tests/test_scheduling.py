"""Which day plays which tests."""

from collections import Counter
from itertools import chain
from types import SimpleNamespace
from typing import Any

import pytest

from tests.scheduling import LARGE, others_of_third


def item(nodeid: str, *, is_long: bool = False) -> Any:
    return SimpleNamespace(nodeid=nodeid, get_closest_marker=lambda _name: is_long or None)


SMALL = [item(f"tests/cycle/test_{number}.py::test_a[{case}]") for number in range(9) for case in range(2)]
TABLE = [item(f"tests/cycle/test_table.py::test_a[{case}]") for case in range(30)]
PAGES = [item(f"tests/staff/test_{number}.py::test_{name}") for number in range(30) for name in "ab"]
PLAYS = [item(f"tests/staff/test_play_{number}.py::test_a", is_long=True) for number in range(30)]
CASES = [item(f"tests/cycle/test_kills.py::test_a[{case}]", is_long=True) for case in range(30)]
FEW = [item(f"tests/cycle/test_few.py::test_a[{case}]", is_long=True) for case in range(LARGE - 1)]


def days_of(items: list[Any], *, is_second: bool) -> Counter[str]:
    """On how many of three days each is played."""
    played = chain.from_iterable(
        {each.nodeid for each in items}
        - {each.nodeid for each in others_of_third(items, third, is_second=is_second)}
        for third in range(3)
    )
    return Counter(played)


@pytest.mark.parametrize("is_second", [False, True])
def test_after_three_days_each_is_played_and_what_takes_turns_once(is_second: bool) -> None:
    days = days_of(SMALL + TABLE + PAGES + PLAYS + CASES + FEW, is_second=is_second)
    for items, takes_turns in (
        (SMALL, False),
        (TABLE, is_second),
        (PAGES, is_second),
        (PLAYS, True),
        (CASES, True),
        (FEW, True),
    ):
        assert {days[each.nodeid] for each in items} == {1 if takes_turns else 3}


def test_a_day_has_some_of_each() -> None:
    for items in (TABLE, PAGES, PLAYS, CASES):
        for third in range(3):
            others = list(others_of_third(items, third, is_second=True))
            assert 0 < len(others) < len(items)


def test_files_of_pages_and_small_tables_are_played_whole() -> None:
    others = {each.nodeid.rpartition("::" if "staff" in each.nodeid else "[")[0] for each in PAGES + FEW}
    for third in range(3):
        left = {each.nodeid for each in others_of_third(PAGES + FEW, third, is_second=True)}
        assert all(
            len({each.nodeid in left for each in (PAGES + FEW) if each.nodeid.startswith(file)}) == 1
            for file in others
        )
