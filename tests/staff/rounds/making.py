"""PDFs in tests: made at once and cheaply, or waited for."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from tracker.published_tables import making

BEGIN = making.begin


def pdfs_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """By a process, as the site does it; the test waits for it."""
    monkeypatch.setattr(making, "begin", BEGIN)


def made_here(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every PDF is there at once, and is no PDF; the pages that they would have been made of."""
    pages: list[str] = []

    def begin(key: str, page: Callable[[], str]) -> None:
        pages.append(page())
        folder = Path(settings.STATE_DIR) / "tables"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{key}.pdf").write_bytes(b"%PDF-")

    monkeypatch.setattr(making, "begin", begin)
    return pages


def waited_for(client: Client, address: str) -> str:
    """The page when its PDF is there."""
    until = time.monotonic() + 120
    while "data-waits" in (page := client.get(address).content.decode()):
        assert time.monotonic() < until
        time.sleep(0.5)
    return page
