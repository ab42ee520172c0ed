"""The README's three pictures, made from the demo: `make pictures`."""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests import machine
from tests.browser.conftest import CHROMIUM_OPTIONS
from tests.browser.server import PROJECT
from tests.browser.staff import StaffSite, staff_site

FOLDER = PROJECT / "docs" / "pictures"
SIZE = {"width": 1280, "height": 800}


def make(site: StaffSite, folder: Path) -> None:
    """Writes overview.png, entry.png and board.png."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=machine.chromium(), args=CHROMIUM_OPTIONS)
        with browser.new_context(viewport=SIZE, locale="ja-JP") as context:
            page = context.new_page()
            page.goto(f"{site.base}/")
            page.screenshot(path=folder / "overview.png")
        for username, name, link in (
            ("tanto1", "entry", ".task-list a, main table a"),
            ("kikaku1", "board", ""),
        ):
            with site.context(browser, username) as context:
                page = context.new_page()
                page.goto(f"{site.base}/staff/")
                if link:
                    page.locator(link).first.click()
                page.screenshot(path=folder / f"{name}.png")
        browser.close()


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as state, staff_site(Path(state)) as running:
        make(running, FOLDER)
    sys.stdout.write(f"{FOLDER} に絵を 3 枚作りました。\n")
