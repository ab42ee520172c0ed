"""The page of a round's mails in the planning office's browser: what waits, a refusal by name, what was sent,
a kind turned off; and a clerk's home page, which has the same news.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import Look, looked_at
from tests.browser.seen import looked_over
from tests.browser.staff import StaffSite, staff_site
from tests.mail_server import MailServer, serving_mails

pytestmark = [pytest.mark.browser, pytest.mark.long]
LOOK = Look()
REFUSED = "tanto1@demo.invalid"


@pytest.fixture
def server() -> Iterator[tuple[MailServer, int]]:
    with serving_mails() as serving:
        yield serving


@pytest.fixture
def site(tmp_path: Path, server: tuple[MailServer, int]) -> Iterator[StaffSite]:
    mails = {"EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(server[1])}
    with staff_site(tmp_path, STAFF_SITE_URL="https://manifesto.example/staff/", **mails) as running:
        yield running


def send(page: Page) -> None:
    page.locator("section[aria-labelledby=sendable] form[method=post] button").click()
    expect(page.locator(".notice.told").first).to_be_visible()


def test_what_is_sent_and_what_is_refused(
    site: StaffSite, server: tuple[MailServer, int], browser: Browser
) -> None:
    mails, _port = server
    with looked_at(site.context(browser, "kikaku1", bypass_csp=True)) as page:
        page.goto(f"{site.base}/staff/")
        page.get_by_role("link", name="メール", exact=True).first.click()
        expect(page.locator("h1")).to_contain_text("メール")
        page.locator("details.mail summary").filter(has_text="差戻し").first.click()
        expect(page.locator("details[open] .mail-body")).to_contain_text("件が差し戻されました")
        looked_over(page, "mails-waiting", LOOK)

        mails.refused = {REFUSED: "550 no such person"}
        send(page)
        refused = page.locator("section[aria-labelledby=refused]")
        expect(refused).to_contain_text(REFUSED)
        assert REFUSED not in mails.accepted
        looked_over(page, "mails-refused", LOOK)

        mails.recover()
        before = len(mails.accepted)
        send(page)
        expect(refused).to_have_count(0)
        assert set(mails.accepted[before:]) == {REFUSED}
        expect(page.locator("section[aria-labelledby=sendable]")).to_contain_text(
            "いま送るメールはありません"
        )
        looked_over(page, "mails-sent", LOOK)

        page.get_by_label("報告の開始").uncheck()
        page.get_by_role("button", name="種類を保存する").click()
        expect(page.locator(".notice.told")).to_contain_text("報告の開始")
        expect(page.get_by_label("報告の開始")).not_to_be_checked()
        looked_over(page, "mails-kinds", LOOK)
    with looked_at(site.context(browser, "tanto1", bypass_csp=True)) as page:
        page.goto(f"{site.base}/staff/")
        expect(page.locator("section[aria-labelledby=news]")).to_contain_text("報告が始まりました")
        looked_over(page, "home-news", LOOK)
