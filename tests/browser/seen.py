"""A page of a play as a person sees it, at both widths; LOOKS=folder keeps the pictures."""

import os
from pathlib import Path

from playwright.sync_api import Page

from tests.browser.axe import Look

LOOKS = os.environ.get("LOOKS")
WIDTHS = (375, 1280)


def seen(page: Page, name: str) -> None:
    """Nothing sticks out of a narrow window. Takes a picture, where asked for."""
    page.wait_for_load_state()
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (page.url, width)
        if LOOKS:
            page.screenshot(path=Path(LOOKS) / f"{name}-{width}.png", full_page=True)


def looked_over(page: Page, name: str, look: Look) -> None:
    """It fits, and axe finds nothing."""
    assert look(page) == []
    seen(page, name)
