"""Which worker runs which tests: `--dist loadfile`, but files that share what takes long to make are one
worker's, and what takes longest is begun first. And which day plays which of those that take turns.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from hashlib import md5

import pytest
from xdist.scheduler import LoadFileScheduling

BROWSER = "tests/browser/"
# A site with the city's table and the crawl of its thousand pages, once a run. The other files of the browser
# have sites of their own (`server.own_site`).
CRAWLED = tuple(
    f"{BROWSER}test_{name}.py"
    for name in ("axe", "exported", "keyboard", "layout", "links", "policy", "without_javascript")
)
# The files of three reports, downloaded once a run.
OPEN_DATA = ("tests/public/open_data/",)
# In this order, so that no worker waits at the end for another's long file, nor at the beginning for the
# first site, which the run makes once: another worker has a long file without one meanwhile.
LONGEST = (
    f"{BROWSER}test_five_years.py",
    *CRAWLED,
    "tests/cycle/test_workflow.py",
    f"{BROWSER}test_staff_pages.py",
    f"{BROWSER}test_staff_admin_axe.py",
    BROWSER,
    *("tests/test_migrations.py", "tests/management/test_migrate.py", "tests/cycle/test_races.py"),
    *("tests/entry_sheets/test_sheet_kills.py", *OPEN_DATA, "tests/cycle/", "tests/staff/frame/"),
)

PAGES = ("tests/staff/", "tests/public/")
LARGE = 6  # cases of one test: more than can be read at a glance


def begun(file: str) -> int:
    """What stands first is begun first."""
    return next((place for place, path in enumerate(LONGEST) if file.startswith(path)), len(LONGEST))


class OneSiteOneWorker(LoadFileScheduling):  # type: ignore[misc]
    """A file is one worker's; so are all files that share a site, or the downloads."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return next((paths[0] for paths in (CRAWLED, OPEN_DATA) if file.startswith(paths)), file)


def others_of_third(
    items: Iterable[pytest.Item], third: int, *, is_second: bool = False
) -> Iterator[pytest.Item]:
    """The tests of the two other thirds. Long plays take turns (docs/adr/0047); on the second database large
    tables and the files of pages do so, too. All others are played each time.
    """
    items = list(items)
    cases = Counter(_test(item) for item in items)
    for item in items:
        is_large = cases[_test(item)] >= LARGE
        takes_turns = _is_long(item) or (is_second and (is_large or _file(item).startswith(PAGES)))
        if takes_turns and _third(_turn(item, is_large=is_large)) != third:
            yield item


def _turn(item: pytest.Item, *, is_large: bool) -> str:
    """What is played on one day: a file of pages, a test with all its cases, or a case of a large table."""
    if not _is_long(item) and _file(item).startswith(PAGES):
        return _file(item)
    return item.nodeid if is_large else _test(item)


def _third(turn: str) -> int:
    """By its name alone: a new test does not move another to a day that is past."""
    return md5(turn.encode(), usedforsecurity=False).digest()[0] % 3


def _is_long(item: pytest.Item) -> bool:
    return item.get_closest_marker("long") is not None


def _test(item: pytest.Item) -> str:
    return item.nodeid.partition("[")[0]


def _file(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]
