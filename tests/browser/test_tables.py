"""The published table and 決裁用の案 in the planning office's browser: asked for, waited for, saved."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import Look, looked_at
from tests.browser.seen import looked_over
from tests.browser.staff import StaffSite, staff_site
from tests.machine import weasyprint

pytestmark = [pytest.mark.browser, pytest.mark.long]
LOOK = Look()
SECONDS = 1_000  # in milliseconds


@pytest.fixture
def site(tmp_path: Path) -> Iterator[StaffSite]:
    with staff_site(tmp_path) as running:
        yield running


def saved(page: Page, name: str) -> tuple[str, bytes]:
    """The name and the beginning of a file that a link leads to."""
    with page.expect_download() as download:
        page.get_by_role("link", name=name).click()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()[:5]


def test_a_table_is_made_while_the_page_waits_and_says_so(site: StaffSite, browser: Browser) -> None:
    weasyprint()
    with looked_at(site.context(browser, "kikaku1", bypass_csp=True)) as page:
        page.goto(f"{site.base}/staff/rounds/")
        page.get_by_role("link", name="掲載表").first.click()
        page.get_by_role("link", name="掲載表（PDF").click()
        expect(page.get_by_role("status")).to_contain_text("PDF を作っています。")
        looked_over(page, "table-waits", LOOK)
        expect(page.get_by_role("status")).to_contain_text("PDF ができました。", timeout=170 * SECONDS)
        looked_over(page, "table-ready", LOOK)
        assert saved(page, "PDF を保存する") == ("102041_manifesto-table_2024-03-31_e1.pdf", b"%PDF-")
        page.get_by_label("評価を変えた理由を、評価の下に書く").check()
        page.get_by_role("button", name="この列で作り直す").click()
        expect(page.get_by_label("評価を変えた理由を、評価の下に書く")).to_be_checked()
        assert saved(page, "Excel を保存する")[1][:2] == b"PK"
        page.goto(f"{page.url.partition('?')[0]}?previous=1")  # another PDF, which nobody has asked for yet
        page.context.clear_cookies()
        expect(page.get_by_role("status")).to_contain_text("このページは、いまは使えません")
        expect(page.get_by_role("link", name="ページを開き直す")).to_be_visible()


def test_what_is_to_be_decided_on_is_made_before_it_is_public(site: StaffSite, browser: Browser) -> None:
    weasyprint()
    with site.context(browser, "kikaku1", java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{site.base}/staff/rounds/")
        page.get_by_role("link", name="の公表").first.click()
        page.get_by_role("link", name="決裁用の案を出す").click()
        expect(page.locator("h1")).to_contain_text("決裁用の案")
        for _look in range(170):
            if page.get_by_role("link", name="PDF を保存する").count():
                break
            page.wait_for_timeout(SECONDS)
            page.get_by_role("link", name="できたか確かめる").click()
        assert [
            content[:2] for _name, content in (saved(page, "PDF を保存する"), saved(page, "Excel を保存する"))
        ] == [b"%P", b"PK"]
        address = page.url
    with looked_at(site.context(browser, "kikaku1", bypass_csp=True)) as page:
        page.goto(address)
        looked_over(page, "decision-ready", LOOK)
