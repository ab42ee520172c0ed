"""What a report says at its own addresses, byte by byte: collected when it is published, to be asked again
years later. Of the hundreds of pages of one pledge, one department or one project as many as are asked for.

Around a page's own words stands what is true today: which other reports there are (title, crumbs, canonical
address, a notice, the data of others), and whom one may ask (footer, catalogue, `contact-now`).
"""

import re
import urllib.request
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urldefrag, urljoin

from tests.browser.crawl import THREADS, Outline

OWN_WORDS = re.compile(rb"<main .*?</main>", re.DOTALL)
NEWER = re.compile(
    rb'\n    <p class="notice notice-older".*?</p>\n  '
    rb'|\n    <section aria-labelledby="other-editions">.*?</section>\n  '
    rb'|<(div|p) class="contact-now">.*?</\1>',
    re.DOTALL,
)
CONTACT = re.compile(rb'"contactPoint": \{.*?\}|"dcat:contactPoint": \{.*?\}\s*\}', re.DOTALL)
SINGLE = re.compile(r"/(pledges|departments|plans)/[^/?]+/$")
TOP = (
    "",
    *(f"{name}/" for name in ("pledges", "departments", "sdgs", "plans", "ratings", "changes", "data")),
)


def fetched(base: str, paths: Iterable[str]) -> dict[str, bytes]:
    """The answers by address."""
    paths = list(paths)
    with ThreadPoolExecutor(THREADS) as threads:
        return dict(zip(paths, threads.map(lambda path: _get(base + path), paths), strict=True))


def _get(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=60) as answer:
        content: bytes = answer.read()
        return content


def told(content: bytes) -> bytes:
    """A page's own words; a file's bytes, but for whom one may ask."""
    page = OWN_WORDS.search(content)
    return NEWER.sub(b"", page[0]) if page else CONTACT.sub(b"", content)


def of_report(base: str, slug: str, as_of: str, edition: int, every: int) -> dict[str, bytes]:
    """What it says, by address: the pages of the edition, the first pages of the date, and its data. Of the
    single pages each one, or every so many.
    """
    dated = f"/{slug}/reports/{as_of}/"
    whole = f"{dated}editions/{edition}/"
    # The files of all tables hold what the single ones do (tests/public/open_data/test_files.py).
    files = re.compile(rf"/{slug}/data/\d+_manifesto-(all|table)_{as_of}_e{edition}[._].*")
    found = fetched(base, [f"{dated}{name}" for name in TOP])
    frontier = {whole, f"{whole}data/", f"{whole}data/catalog.jsonld"}  # the menu leads to the latest data
    while frontier:
        answers = fetched(base, frontier)
        found |= answers
        links = {link for path, content in answers.items() for link in _links(path, content)}
        ours = {link for link in links if link.startswith(whole) or files.fullmatch(link)}
        frontier = {link for link in ours if "?" not in link and _is_kept(link, every)} - found.keys()
    return {path: told(content) for path, content in found.items()}


def _is_kept(link: str, every: int) -> bool:
    return not SINGLE.search(link) or sum(link.encode()) % every == 0


def _links(path: str, content: bytes) -> list[str]:
    if not content.startswith(b"<!DOCTYPE html>"):
        return []
    return [urldefrag(urljoin(path, link)).url for link in Outline(content.decode()).links]


def changed_since(base: str, kept: dict[str, bytes]) -> list[str]:
    """The addresses that say something else now."""
    now = fetched(base, kept)
    return sorted(path for path, content in kept.items() if told(now[path]) != content)
