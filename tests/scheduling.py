"""Which worker runs which tests: `--dist loadfile`, but files that share what takes long to make are one
worker's.
"""

from xdist.scheduler import LoadFileScheduling

# The browser, a site with the city's table, and the crawl of a thousand pages take a minute, once a worker.
BROWSER = "tests/browser/"
# Plays on sites of their own, which wait for none of that.
PLAYS = tuple(
    f"{BROWSER}test_{play}.py" for play in ("five_years", "the_year", "terms", "pledges", "people", "walks")
)
# The files of three reports, downloaded once a worker.
OPEN_DATA = "tests/public/open_data/"
# Begun first, so that no worker waits at the end for another's long file.
LONGEST = (BROWSER, OPEN_DATA, "tests/entry_sheets/test_sheet_kills.py", "tests/cycle/test_races.py")


class OneSiteOneWorker(LoadFileScheduling):  # type: ignore[misc]
    """A file is one worker's; so are all files that share a browser and its first site, or the downloads."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        shared = () if file.startswith(PLAYS) else (BROWSER, OPEN_DATA)
        return next((folder for folder in shared if file.startswith(folder)), file)
