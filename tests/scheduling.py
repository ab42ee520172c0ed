"""Which worker runs which tests: `--dist loadfile`, but the public site's browser tests are one worker's."""

from xdist.scheduler import LoadFileScheduling

# Their server, its two reports and the crawl of a thousand pages take most of a minute, once a worker.
PUBLIC_SITE = "tests/browser/"
OTHER_SITES = ("tests/browser/test_staff", "tests/browser/test_the_year", "tests/browser/test_sheets")
# Begun first, so that no worker waits at the end for another's long file.
LONGEST = (PUBLIC_SITE, "tests/entry_sheets/test_sheet_kills.py", "tests/cycle/test_races.py")


class OneSiteOneWorker(LoadFileScheduling):  # type: ignore[misc]
    """A file is one worker's; so are all files that share the public site."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        shares_the_site = file.startswith(PUBLIC_SITE) and not file.startswith(OTHER_SITES)
        return PUBLIC_SITE if shares_the_site else file
