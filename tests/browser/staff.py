"""The staff site with the demo's people in it, for the browser: who they are, and every kind of page that
each can reach.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urldefrag, urljoin, urlsplit

from django.urls import resolve
from playwright.sync_api import APIRequestContext, Browser, BrowserContext

from tests.browser.server import demo_site, serving

ROLES = {"department": "tanto1", "planning": "kikaku1", "administrator": "kanri"}
# The admin's own pages have a test of their own; a previewed page is a public page; tables and sheets are
# files.
ELSEWHERE = re.compile(r"/staff/(tracker|jsi18n|autocomplete|logout)/.+|.*/preview/.+|.*\.(pdf|xlsx)")
PER_KIND = 3  # how many of a kind are opened; the row pages are many


class Links(HTMLParser):
    def __init__(self, source: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if tag == "a" and name == "href" and value]


@dataclass
class StaffSite:
    """The running site; `passwords` by user name."""

    base: str
    passwords: dict[str, str]
    states: dict[str, object] = field(default_factory=dict)  # the browser's cookies by user name

    def context(
        self, browser: Browser, username: str, width: int = 1280, **options: object
    ) -> BrowserContext:
        """A browser in which the user is logged in."""
        if username not in self.states:
            with browser.new_context() as context:
                self.log_in(context.request, username)
                self.states[username] = context.storage_state()
        viewport = {"width": width, "height": 900}
        return browser.new_context(
            storage_state=self.states[username], viewport=viewport, locale="ja-JP", **options
        )  # type: ignore[arg-type]

    def log_in(self, request: APIRequestContext, username: str) -> None:
        page = request.get(f"{self.base}/staff/login/").text()
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token is not None
        answer = request.post(
            f"{self.base}/staff/login/",
            form={
                "username": username,
                "password": self.passwords[username],
                "csrfmiddlewaretoken": token[1],
            },
        )
        assert answer.url == f"{self.base}/staff/", answer.text()[:2000]

    def pages(self, browser: Browser, username: str) -> list[str]:
        """Addresses that links lead this person to from their home: of each kind a few, all below /staff/."""
        with self.context(browser, username) as context:
            kinds: dict[str, list[str]] = {}
            frontier, seen = [f"{self.base}/staff/"], set()
            while frontier:
                url = frontier.pop(0)
                path = urlsplit(url).path
                if url in seen or not path.startswith("/staff/") or ELSEWHERE.fullmatch(path):
                    continue
                seen.add(url)
                kind = f"{resolve(path).route}{'?' if urlsplit(url).query else ''}"
                if len(kinds.setdefault(kind, [])) >= PER_KIND:
                    continue
                answer = context.request.get(url)
                assert answer.status == 200, (username, url, answer.status)
                kinds[kind].append(url)
                frontier += [urldefrag(urljoin(url, link)).url for link in Links(answer.text()).found]
        return [url for urls in kinds.values() for url in urls]


@contextmanager
def staff_site(folder: Path, **more: str) -> Iterator[StaffSite]:
    """The demo as `make run` makes it, served, with more settings."""
    with demo_site(folder, **more) as environment, serving(environment, folder / "gunicorn.log") as base:
        yield StaffSite(base, demo_passwords(folder))


def demo_passwords(folder: Path) -> dict[str, str]:
    """By user name, as the demo wrote them down."""
    rows = [line.split() for line in (folder / "demo_accounts.txt").read_text().splitlines()]
    return {row[0]: row[1] for row in rows[1:] if len(row) > 1}
