"""People at random, in several windows: Back, Forward, reload, double clicks, and sessions that end.

Two of a department and two of the planning office go through entry form, master data, sheets, review, rounds
and publishing. Every word that is typed is a number of its own (w123456789), so it can be followed. After
each step the database is read beside the browser:

- what was sent is stored, or on the page that answered (a conflict, a form to be mended, a login that
  carries it), unless its writer chose to let it go; where a message says that it is kept, it is stored;
- a word that left a row had been seen by the window that took it out, and is in the row's history;
- a row, a round or a report changes only in a step whose window was told so, and as it was told;
- what was published is public at its address with exactly the words that were approved and looked at, and the
  reasons that were typed; what nobody approved is nowhere; what was public before has kept its bytes.

A walk is seeded and begins with the same database, so each can be played alone: `-k 'walk[7]'`. A failure
names the steps that led to it. WALKS=40 in the environment plays so many; without it none is played, as they
have not been seen to hold in every order yet.
"""

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.walked_hall import BEGINNINGS, Hall, walked_hall
from tests.browser.walking import Walk

pytestmark = [pytest.mark.browser, pytest.mark.long]
STEPS = 25
PLAYED = int(os.environ.get("WALKS", "0"))


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Hall]:
    with walked_hall(tmp_path_factory.mktemp("walks"), browser) as hall:
        yield hall


@pytest.mark.parametrize("seed", range(PLAYED))
def test_nothing_is_lost_on_a_walk(hall: Hall, browser: Browser, tmp_path: Path, seed: int) -> None:
    walk = Walk(hall, browser, random.Random(seed), tmp_path)
    try:
        walk.begin(BEGINNINGS[seed % len(BEGINNINGS)])
        for _step in range(STEPS):
            walk.step()
        walk.finish()
    finally:
        walk.end()
    assert sum("「" in step for step in walk.steps) >= 3  # something was sent
