"""Which worker runs which tests: `--dist loadfile`, but files that share what takes long to make are one
worker's, and what takes longest is begun first.
"""

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


def begun(file: str) -> int:
    """What stands first is begun first."""
    return next((place for place, path in enumerate(LONGEST) if file.startswith(path)), len(LONGEST))


class OneSiteOneWorker(LoadFileScheduling):  # type: ignore[misc]
    """A file is one worker's; so are all files that share a site, or the downloads."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return next((paths[0] for paths in (CRAWLED, OPEN_DATA) if file.startswith(paths)), file)
