"""Which worker runs which tests: `--dist loadfile`, but files that share what takes long to make are one
worker's.
"""

from xdist.scheduler import LoadFileScheduling

# Their server, its two reports and the crawl of a thousand pages take most of a minute, once a worker.
PUBLIC_SITE = "tests/browser/"
OTHER_SITES = tuple(f"tests/browser/test_{name}" for name in ("sheets", "staff", "the_year", "walks"))
# The files of three reports, downloaded once a worker.
OPEN_DATA = "tests/public/open_data/"
# Begun first, so that no worker waits at the end for another's long file.
LONGEST = (PUBLIC_SITE, OPEN_DATA, "tests/entry_sheets/test_sheet_kills.py", "tests/cycle/test_races.py")


class OneSiteOneWorker(LoadFileScheduling):  # type: ignore[misc]
    """A file is one worker's; so are all files that share the public site, or the downloads."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        shared = () if file.startswith(OTHER_SITES) else (PUBLIC_SITE, OPEN_DATA)
        return next((folder for folder in shared if file.startswith(folder)), file)
