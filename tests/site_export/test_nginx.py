"""deploy/nginx/exported-site.conf as it is, run by nginx: what it sends is what the live site sends."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from tests import machine
from tests.browser.conftest import CHROMIUM_OPTIONS
from tests.browser.server import free_port
from tests.nginx import ask, serving
from tests.site_export.conftest import address_of
from tests.site_export.shown import files_of
from tracker.models import Report
from tracker.site_export.exporting import ExportOutcome

pytestmark = pytest.mark.django_db  # as those of test_exporting, so that one site serves both


@pytest.fixture(scope="module")
def base(exported: tuple[Path, ExportOutcome], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port = free_port()
    changes = {"listen 80;": f"listen 127.0.0.1:{port};", "root /srv/site/": f"root {exported[0]}/"}
    base = f"http://127.0.0.1:{port}"
    with serving("exported-site.conf", changes, tmp_path_factory.mktemp("nginx"), base):
        yield base


def test_nginx_sends_what_the_live_site_sends(base: str, exported: tuple[Path, ExportOutcome]) -> None:
    site = exported[0]
    for name, record in files_of(site).items():
        if "encoding" in record or name == "404.html":
            continue
        answer, body = ask(base + address_of(name))
        assert answer.status == 200, name
        assert body == (site / "current" / name).read_bytes(), name
        if "moved_to" in record:  # a page that leads on, where the live site sends a redirect
            continue
        assert answer.headers["Content-Type"] == record["type"], name
        wanted = record["headers"]
        if name.startswith("static/"):  # no names of theirs here: the tests have collected none
            wanted = wanted | {"Cache-Control": "max-age=315360000, public, immutable"}
        if name == "robots.txt":
            assert "Cache-Control" not in wanted  # nginx says of all: ask again
        wanted = wanted | {"Strict-Transport-Security": "max-age=31536000"}  # as with HTTPS=true
        told = {header: answer.headers[header] for header in wanted if header != "Vary"}
        assert told == {header: value for header, value in wanted.items() if header != "Vary"}, name
        if f"{name}.gz" in files_of(site):
            assert answer.headers["Vary"] == "Accept-Encoding", name


def test_nginx_sends_the_packed_sister_and_asks_again(
    base: str, exported: tuple[Path, ExportOutcome]
) -> None:
    answer, body = ask(f"{base}/", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert body == (exported[0] / "current/index.html.gz").read_bytes()
    assert gzip.decompress(body) == (exported[0] / "current/index.html").read_bytes()
    again, nothing = ask(f"{base}/", headers={"If-None-Match": ask(f"{base}/")[0].headers["ETag"]})
    assert (again.status, nothing) == (304, b"")


def test_nginx_says_not_found_as_the_live_site_does(base: str, exported: tuple[Path, ExportOutcome]) -> None:
    record = files_of(exported[0])["404.html"]
    for path in ("/nowhere/", "/2017/data/none.csv", "/static/none.css", "/static/", "/404.html", "/staff/"):
        answer, body = ask(base + path)
        assert answer.status == 404, path
        assert body == (exported[0] / "current/404.html").read_bytes(), path
        for header, value in record["headers"].items():
            assert answer.headers.get_all(header) == [value], (path, header)


@pytest.mark.browser
def test_the_list_searches_as_files(base: str, report: Report) -> None:
    """With the script under nginx's policy; without it no form is there that would not work."""
    address = f"{base}/{report.slug}/pledges/?rating=B&q=%E5%85%AC%E7%B4%84"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=machine.chromium(), args=CHROMIUM_OPTIONS)
        said: list[str] = []
        page = browser.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.goto(address)
        expect(page.get_by_role("status")).to_have_text("3件中 1件の取組")
        expect(page.locator(".unanswered")).to_have_count(0)
        expect(page.get_by_role("searchbox", name="ことば")).to_have_value("公約")
        page.get_by_role("searchbox", name="ことば").fill("道路")
        page.get_by_role("button", name="探す", exact=True).click()
        expect(page.locator(".chips li")).to_have_count(2)
        page.reload()
        expect(page.locator(".chips li")).to_have_count(2)
        page.goto(f"{base}/{report.slug}/pledges/page/2/")
        expect(page.get_by_role("searchbox", name="ことば")).to_be_visible()
        assert said == []
        page = browser.new_context(java_script_enabled=False).new_page()
        page.goto(address)
        expect(page.locator("form")).to_be_hidden()
        expect(page.locator(".unanswered")).to_contain_text("すべての取組を2ページに分けて示しています")
        browser.close()
