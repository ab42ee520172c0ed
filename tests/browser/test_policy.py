"""The strict Content-Security-Policy in force: pages load without a complaint, and from nowhere else."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Request

from tests.browser.conftest import PageType
from tests.browser.problems import listed

pytestmark = pytest.mark.browser


def test_no_page_complains_or_asks_another_host(
    browser: Browser, site: str, page_types: list[PageType]
) -> None:
    complaints: list[str] = []
    context = browser.new_context()
    page = context.new_page()

    def on_console(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            complaints.append(f"{page.url} console: {message.text}")

    def on_request(request: Request) -> None:
        if urlsplit(request.url).netloc != urlsplit(site).netloc:
            complaints.append(f"{page.url} asked {request.url}")

    def on_failure(request: Request) -> None:
        if (
            request.failure != "net::ERR_ABORTED"
        ):  # the next page was asked for before this one's icon had come
            complaints.append(f"{page.url} failed: {request.url} {request.failure}")

    page.on("console", on_console)
    page.on("pageerror", lambda error: complaints.append(f"{page.url} script: {error}"))
    page.on("requestfailed", on_failure)
    page.on("request", on_request)
    for kind in page_types:
        response = page.goto(kind.url)
        assert response is not None
        policy = response.headers.get("content-security-policy", "")
        if "default-src 'none'" not in policy or "unsafe" in policy:
            complaints.append(f"{kind.url} policy: {policy!r}")
        if kind.is_error:  # Chromium reports the page's own 404; nothing else may be there
            assert response.status == 404
            complaints = [text for text in complaints if not (text.startswith(kind.url) and "404" in text)]
    context.close()
    assert not complaints, listed(complaints)


def test_the_check_would_see_a_forbidden_script(browser: Browser, site: str) -> None:
    """A test of the test: an inline script is refused, and the console says so."""
    said: list[str] = []
    with browser.new_context() as context:
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.goto(f"{site}/2021/")
        page.evaluate(
            "document.body.append(Object.assign(document.createElement('script'), {textContent: "
            "'window.ran = 1'}))"
        )
        assert page.evaluate("window.ran") is None
    assert any("Content Security Policy" in text for text in said)
