"""What axe-core says of a page: WCAG 2.2 AA (and with it JIS X 8341-3:2016 AA), as far as a machine can tell.

axe takes time for each element, and a page of a thousand shows a few dozen kinds. No element has a style of
its own: tags, classes and states on the way down to it say how it looks. So what looks like something that
was looked at twice is left out. `Look(whole=True)`, for small public pages in the long run, leaves nothing
out, on a wide screen: it holds that what looks alike is alike.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from playwright.sync_api import BrowserContext, Page

from tests import machine

WIDE, NARROW = 1280, 375  # CSS pixels
SCRIPT = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
ALIKE = (Path(__file__).parent / "alike.js").read_text()
OPTIONS = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    },
    "rules": {"target-size": {"enabled": True}},  # in 2.2 AA, and off unless asked for
    "resultTypes": ["violations"],
    "iframes": False,
    "preload": False,
}
RUN = """async options => (await axe.run(
    {include: [document.documentElement], exclude: window.alike ?? []}, options)).violations.map(rule => [
        rule.id, rule.help, rule.nodes.length, rule.nodes.slice(0, 3).map(node => node.target.join(' '))])"""

on_sqlite = pytest.mark.skipif(
    machine.database_is_postgresql(),
    reason="the pages are those of the run on SQLite, which looks at each one",
)


class Look:
    """Looks at one page after the other, with a memory of what it has seen."""

    def __init__(self, whole: bool = False, widths: Sequence[int] = (WIDE, NARROW)) -> None:
        self.whole = whole
        self.widths = (WIDE,) if whole else widths
        self.seen = "[]"  # how often each kind of element was met, as alike.js tells it

    def __call__(self, page: Page) -> list[Any]:
        """(width, rule, help, how many, selectors of the first few) of everything that axe reports of a page;
        the page is wide again afterwards. A page that a link leads to may have no body yet: it is waited for.
        """
        page.wait_for_load_state()
        if not self.whole and not self.is_new(page):
            return []
        found: list[Any] = []
        for width in self.widths:
            page.set_viewport_size({"width": width, "height": 900})
            found += [(width, *violation) for violation in page.evaluate(RUN, OPTIONS)]
        page.set_viewport_size({"width": WIDE, "height": 900})
        return found

    def is_new(self, page: Page) -> bool:
        """Whether anything of a page is new. Tells the page what is not."""
        self.seen, is_new = page.evaluate(ALIKE, self.seen)
        return bool(is_new)


@contextmanager
def looked_at(context: BrowserContext) -> Iterator[Page]:
    """A page that axe can run in. The context must bypass the Content-Security-Policy, which test_policy.py
    holds.
    """
    with context:
        context.add_init_script(SCRIPT)
        yield context.new_page()
