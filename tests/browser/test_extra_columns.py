"""Extra columns in a browser: defined, typed, filled in by the planning office, published, read."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import Look, looked_at
from tests.browser.seen import looked_over
from tests.browser.staff import StaffSite, staff_site
from tests.browser.test_sheets import press

pytestmark = [pytest.mark.browser, pytest.mark.long]

TOLD = ".notice.told"


def define(page: Page, site: StaffSite, label: str, kind: str, **more: str | bool) -> None:
    """Adds a column on its page of master data."""
    page.goto(f"{site.base}/staff/tracker/extracolumn/add/")
    page.select_option("#id_manifesto", index=1)
    page.fill("#id_label", label)
    page.select_option("#id_kind", label=kind)
    for name, value in more.items():
        if isinstance(value, bool):
            page.set_checked(f"#id_{name}", value)
        elif page.locator(f"select#id_{name}").count():
            page.select_option(f"#id_{name}", label=value)
        else:
            page.fill(f"#id_{name}", value)
    press(page, "保存")
    expect(page).to_have_url(f"{site.base}/staff/tracker/extracolumn/")
    expect(page.locator("table")).to_contain_text(label)


def test_a_column_goes_from_its_definition_to_the_public_page(tmp_path: Path, browser: Browser) -> None:
    look = Look()
    with staff_site(tmp_path) as site:
        with looked_at(site.context(browser, "kikaku1", bypass_csp=True)) as planner:
            define(planner, site, "事業費", "数", unit="千円", is_public=True, is_required=True)
            define(planner, site, "庁内メモ", "文章")
            choices = "妥当\n要改善"
            told = {"choice_lines": choices, "filled_by": "企画"}
            define(planner, site, "外部評価", "選択肢", **told, is_public=True, is_required=True)
        with looked_at(site.context(browser, "tanto1", bypass_csp=True)) as clerk:
            place = a_clerk_fills_them_in(clerk, site, look)
        with looked_at(site.context(browser, "kikaku1", bypass_csp=True)) as planner:
            a_planner_fills_in_and_approves(planner, site, place, look)
            publish(planner, site)
        with browser.new_context() as anybody, looked_at(anybody) as reader:
            anybody_reads(reader, site, place, look)


def a_clerk_fills_them_in(page: Page, site: StaffSite, look: Look) -> str:
    """Returns the row's place."""
    page.goto(f"{site.base}/staff/")
    page.locator("h3:has-text('未入力') + ul.task-list .task-name a").first.click()
    place, address = re.findall(r"（([0-9-]+)）", page.title())[0], page.url
    page.fill("#id_result", "・会議を開きました。")
    page.locator("label.choice:has(.tag)").first.click()
    page.fill("#id_plan", "・続けます。")
    page.fill("#id_extra_x2", "庁内だけの話")
    page.fill("#id_extra_x1", "約1200")
    page.focus("#id_extra_x2")  # what is wrong keeps nothing else from being saved
    expect(page.locator("#saved")).to_contain_text(
        "次の項目のほかは自動保存しました。事業費（千円）：数として"
    )
    expect(page.locator("#extra_x1-error")).to_contain_text("数として読めません")
    looked_over(page, "extra-unsaved", look)
    press(page, "提出へ進む（確認画面）")
    expect(page.locator("#errors")).to_contain_text("事業費（千円）：数として読めません")
    looked_over(page, "extra-error", look)
    page.fill("#id_extra_x1", "１，２００")
    press(page, "提出へ進む（確認画面）")
    page.wait_for_url("**/check/")
    page.goto(address)  # the copy that was refused has been mended, and is not offered again
    expect(page.locator("#id_extra_x1")).to_have_value("1200")
    expect(page.locator("#backup")).to_be_empty()
    press(page, "提出へ進む（確認画面）")
    page.wait_for_url("**/check/")
    expect(page.locator("dl.answers")).to_contain_text("1,200 千円")
    looked_over(page, "extra-check", look)
    press(page, "提出する")
    expect(page.locator(TOLD)).to_contain_text("提出しました")
    return place


def a_planner_fills_in_and_approves(page: Page, site: StaffSite, place: str, look: Look) -> None:
    page.goto(f"{site.base}/staff/queue/?q={place}")
    page.locator(".queue li", has_text=place).locator(".queue-name a").first.click()
    page.locator("#approve").click()
    expect(page.locator("[role=alert]")).to_contain_text("「外部評価」を選んでください。")
    page.select_option("#id_extra_x3", label="妥当")
    looked_over(page, "extra-review", look)
    press(page, "企画の項目を保存する")
    expect(page.locator(TOLD)).to_contain_text("企画の項目を保存しました")
    page.locator("#approve").click()
    expect(page.locator(TOLD)).to_contain_text("を承認しました")


def publish(page: Page, site: StaffSite) -> None:
    page.goto(f"{site.base}/staff/rounds/")
    page.locator(".round-table tbody a").first.click()
    page.get_by_role("link", name="公表", exact=True).click()
    page.get_by_label("承認前の取組を残して公表する理由").fill("確認中のため")
    press(page, "この内容で公表する")
    expect(page.locator(TOLD)).to_contain_text("公表しました")


def anybody_reads(page: Page, site: StaffSite, place: str, look: Look) -> None:
    page.goto(f"{site.base}/2021/pledges/{place.rpartition('-')[0]}/")
    for words in ("1,200 千円", "妥当"):
        expect(page.locator("main")).to_contain_text(words)
    expect(page.locator("body")).not_to_contain_text("庁内")
    looked_over(page, "extra-public", look)
    page.goto(f"{site.base}/2021/pledges/?extra=x3-1")
    expect(page.locator(".result-count")).to_contain_text("1件")
    looked_over(page, "extra-filtered", look)
