"""Pledges in mid-term, through the planning office's browser: a pledge is added, a typo mended, a pledge
moved, an initiative split, a pledge ended; then the report is published, and the old address leads on.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import Look, looked_at
from tests.browser.seen import looked_over
from tests.browser.staff import StaffSite, staff_site

pytestmark = [pytest.mark.browser, pytest.mark.long]
WHY = "6月議会での説明に合わせるため"
LOOK = Look()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[StaffSite]:
    with staff_site(tmp_path) as running:
        yield running


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def pledge(page: Page, base: str, place: str) -> None:
    """Finds a pledge by its place, and opens its page."""
    page.goto(f"{base}/staff/pledges/")
    page.get_by_label("公約を探す").fill(place)
    press(page, "探す")
    page.get_by_role("link", name=place).first.click()
    expect(page.locator("h1")).to_have_text(f"公約 {place} の変更")


def confirm(page: Page, name: str, button: str, words: str) -> None:
    """Gives the reason, reads what will happen, and does it."""
    page.get_by_label("理由").fill(WHY)
    press(page, "確認へ進む")
    expect(page.locator("h1")).to_contain_text("（確認）")
    expect(page.locator("main")).to_contain_text(words)
    looked_over(page, name, LOOK)
    press(page, button)
    expect(page.locator(".notice.told")).to_be_visible()


def test_five_acts_and_what_the_public_reads(site: StaffSite, browser: Browser) -> None:
    with looked_at(site.context(browser, "kikaku1", bypass_csp=True)) as page:
        page.goto(f"{site.base}/staff/rounds/")
        page.get_by_role("link", name="公約・取組を変える").click()
        looked_over(page, "list", LOOK)

        page.get_by_role("link", name="公約を加える").click()
        press(page, "確認へ進む")
        expect(page.get_by_role("alert")).to_contain_text("公約の文を書いてください")
        looked_over(page, "add-errors", LOOK)
        page.get_by_label("項目").select_option(index=1)
        page.get_by_label("番号の表記").fill("⑳")
        page.get_by_label("公約の文").fill("駅前に、雨の日も過ごせる広場をつくります。")
        page.get_by_label("担当課", exact=True).fill("商工労働課")
        press(page, "取組の欄をもう 1 つ出す")
        expect(page.get_by_label("公約の文")).to_have_value("駅前に、雨の日も過ごせる広場をつくります。")
        looked_over(page, "add-more", LOOK)
        confirm(page, "add-check", "公約を加える", "担当課：商工労働課")
        looked_over(page, "added", LOOK)

        pledge(page, site.base, "1-1-1")
        looked_over(page, "pledge", LOOK)
        page.get_by_role("link", name="誤字を直す").click()
        looked_over(page, "correct", LOOK)
        words = page.get_by_label("公約の文").input_value()
        page.get_by_label("公約の文").fill(f"{words}（訂正）")
        confirm(page, "correct-check", "直す", "公表前の確認の画面では、すぐに見られます")
        page.get_by_role("link", name="次の公表でどう見えるかを確かめる").click()
        expect(page.locator("h1")).to_contain_text("（訂正）")

        pledge(page, site.base, "1-1-2")
        page.get_by_role("link", name="ほかの項目へ移す").click()
        looked_over(page, "move", LOOK)
        press(page, "確認へ進む")
        page.get_by_label("移す先の項目").select_option(index=3)
        confirm(page, "move-check", "移す", "/2021/pledges/1-1-2/ を開いた人は")
        moved = page.locator("h1").inner_text().split(" ")[1]
        looked_over(page, "moved", LOOK)
        assert moved != "1-1-2"

        pledge(page, site.base, "1-1-3")
        page.get_by_role("link", name="取組1を 2 つに分ける").click()
        looked_over(page, "split", LOOK)
        page.get_by_label("いまの取組を続け、一部を新しい取組に分ける").check()
        confirm(page, "split-check", "分ける", "始まる取組")
        looked_over(page, "parted", LOOK)

        pledge(page, site.base, "8-1-1")
        page.get_by_role("link", name="公約を終える").click()
        page.get_by_label("最後の年度").select_option("2024")
        confirm(page, "end-check", "公約を終える", "終わる取組")

        page.goto(f"{site.base}/staff/rounds/")
        page.locator(".round-table tbody a").first.click()
        page.get_by_role("link", name="公表", exact=True).click()
        page.get_by_label("承認前の取組を残して公表する理由").fill("確認中のため")
        press(page, "この内容で公表する")
        expect(page.locator(".notice.told")).to_contain_text("公表しました")

        answer = page.goto(f"{site.base}/2021/pledges/1-1-2/")
        assert answer
        assert (answer.status, page.url) == (200, f"{site.base}/2021/pledges/{moved}/")
        expect(page.locator("main")).to_contain_text(f"1-1-2 から {moved} に移りました")
        looked_over(page, "public-moved", LOOK)
        old = page.goto(f"{site.base}/2021/reports/2024-03-31/pledges/1-1-2/")
        assert old
        assert (old.status, page.url) == (200, f"{site.base}/2021/reports/2024-03-31/pledges/1-1-2/")
        page.goto(f"{site.base}/2021/changes/")
        expect(page.locator("main")).to_contain_text("ほかの分野・項目に移した公約の取組")
        looked_over(page, "public-changes", LOOK)
