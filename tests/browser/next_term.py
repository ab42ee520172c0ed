"""The next term beside the one that still reports, by the planning office's clicks, and as the public sees
both.
"""

import re

from playwright.sync_api import Page, expect

from tests.browser.seen import seen
from tests.browser.years import TOLD, CityHall, follow, menu, press

TITLE = "市長マニフェスト（第2期）"
CARRIED_ON = ("1-1-1", "1-1-2")  # places of pledges in the former term


def begin_term(page: Page, look: str) -> None:
    """Title and years; the scale is taken over, two pledges are chosen from the former term."""
    menu(page, "報告回")
    follow(page, "次の任期を始める")
    page.get_by_label("表題").fill(TITLE)
    page.get_by_label("最初の年度").fill("2025")
    page.get_by_label("最後の年度").fill("2028")
    expect(page.locator("[name=scale_of]:checked")).to_have_count(1)
    seen(page, f"{look}-begin")
    press(page, "この内容で始める")
    expect(page.locator("h1")).to_have_text(f"{TITLE}：任期の準備")
    follow(page, "前の任期の公約から選ぶ")
    for place in CARRIED_ON:
        page.get_by_label(re.compile(rf"(^|\s){place}\s")).check()
    press(page, "選んだ公約を確かめる")
    seen(page, f"{look}-check")
    page.get_by_role("button", name="この内容で加える").first.click()
    expect(page.locator(TOLD)).to_contain_text("を加えました")
    seen(page, f"{look}-ready")


def open_first_round(page: Page, due_on: str, look: str) -> None:
    """令和7年度 of the new term, while the former term's is under way."""
    follow(page, "最初の報告回を開く")
    expect(page.locator("#id_fiscal_year")).to_have_value("2025")
    page.get_by_label("締切日").fill(due_on)
    press(page, "件数を確かめる")
    seen(page, f"{look}-open")
    press(page, "この内容で開く")
    expect(page.locator(TOLD)).to_contain_text("報告回を開きました")
    seen(page, f"{look}-rounds")
    menu(page, "ホーム")
    seen(page, f"{look}-home")


def the_public_sees_both_terms(hall: CityHall, look: str) -> None:
    """A pledge tells its continuation on either side, and the former term has its closing page."""
    with hall.browser.new_context(locale="ja-JP", java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{hall.site.base}/2025/pledges/1-1-1/")
        expect(page.locator("main")).to_contain_text("前の任期の公約を引き継いでいます。")
        seen(page, f"{look}-newer")
        page.locator(".across-terms a").first.click()
        expect(page).to_have_url(re.compile("/2021/.*pledges/1-1-1/"))
        page.goto(f"{hall.site.base}/2021/pledges/1-1-1/")
        expect(page.locator("main")).to_contain_text("次の任期に引き継がれています。")
        seen(page, f"{look}-older")
        follow(page, "任期のまとめ")
        expect(page.locator("h1")).to_be_visible()
        expect(page.locator("main")).to_contain_text(TITLE)
        seen(page, f"{look}-closing")
