"""Indicators in a browser: defined, typed beside the target, reviewed, published, read as table and line."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import Look, looked_at
from tests.browser.seen import looked_over
from tests.browser.staff import StaffSite, staff_site
from tests.browser.test_extra_columns import TOLD, publish
from tests.browser.test_sheets import press

pytestmark = [pytest.mark.browser, pytest.mark.wide]

TARGETS = "R5 1,000\nR6 1,200\n2025：1500"


def test_an_indicator_goes_from_its_definition_to_the_public_page(tmp_path: Path, browser: Browser) -> None:
    look = Look()
    with staff_site(tmp_path) as site:
        with looked_at(site.context(browser, "tanto1", bypass_csp=True)) as clerk:
            clerk.goto(f"{site.base}/staff/")
            clerk.locator("h3:has-text('未入力') + ul.task-list .task-name a").first.click()
            place, form = re.findall(r"（([0-9-]+)）", clerk.title())[0], clerk.url
        with looked_at(site.context(browser, "kikaku1", bypass_csp=True)) as planner:
            define(planner, site, place, "相談件数", "件", look)
            define(planner, site, place, "待機児童数", "人", None, 目指す方向="減らす", 公約全体の指標=True)
        with looked_at(site.context(browser, "tanto1", bypass_csp=True)) as clerk:
            a_clerk_types_actuals(clerk, form, look)
        with looked_at(site.context(browser, "kikaku1", bypass_csp=True)) as planner:
            planner.goto(f"{site.base}/staff/queue/?q={place}")
            planner.locator(".queue li", has_text=place).locator(".queue-name a").first.click()
            expect(planner.locator(".indicator-rows")).to_contain_text("未達（91.6%）")
            looked_over(planner, "indicator-review", look)
            planner.locator("#approve").click()
            expect(planner.locator(TOLD)).to_contain_text("を承認しました")
            publish(planner, site)
        with browser.new_context() as anybody, looked_at(anybody) as reader:
            anybody_reads(reader, site, place, look)


def define(
    page: Page, site: StaffSite, place: str, name: str, unit: str, look: Look | None, **more: str | bool
) -> None:
    """Adds an indicator on its page of master data, after a target that nobody can read."""
    page.goto(f"{site.base}/staff/tracker/indicator/add/")
    page.fill("#id_initiative", place)
    page.fill("#id_name", name)
    page.fill("#id_unit", unit)
    for label, value in more.items():
        if isinstance(value, bool):
            page.get_by_label(label).set_checked(value)
        else:
            page.get_by_label(label).select_option(label=value)
    page.fill("#id_target_lines", "来年度 1,200")
    press(page, "保存")
    expect(page.locator("main")).to_contain_text("「来年度 1,200」は目標として読めません")
    if look:
        looked_over(page, "indicator-refused", look)
    page.fill("#id_target_lines", TARGETS)
    press(page, "保存")
    expect(page).to_have_url(f"{site.base}/staff/tracker/indicator/")
    expect(page.locator("table")).to_contain_text(name)
    if look:
        looked_over(page, "indicator-list", look)


def a_clerk_types_actuals(page: Page, form: str, look: Look) -> None:
    page.goto(form)
    looked_over(page, "indicator-empty", look)
    page.fill("#id_result", "・会議を開きました。")
    page.locator("label.choice:has(.tag)").first.click()
    page.fill("#id_plan", "・続けます。")
    page.fill("#id_extra_k1", "約1100")
    press(page, "提出へ進む（確認画面）")
    expect(page.locator("#errors")).to_contain_text("数として読めません")
    looked_over(page, "indicator-error", look)
    page.fill("#id_extra_k1", "１，１００")
    page.fill("#id_extra_k1n", "速報値です")
    press(page, "提出へ進む（確認画面）")
    page.wait_for_url("**/check/")
    expect(page.locator(".indicator-rows")).to_contain_text("実績がありません")
    looked_over(page, "indicator-check", look)
    press(page, "提出する")
    expect(page.locator(TOLD)).to_contain_text("提出しました")


def anybody_reads(page: Page, site: StaffSite, place: str, look: Look) -> None:
    page.goto(f"{site.base}/2021/pledges/{place.rpartition('-')[0]}/")
    main = page.locator("main")
    expect(main).to_contain_text(
        "令和6年度の実績は 1,100 件（目標 1,200 件）で、未達です。達成率は 91.6% です。"
    )
    expect(main).to_contain_text("公約全体の指標")
    looked_over(page, "indicator-public", look)
    page.goto(f"{site.base}/2021/data/")
    expect(page.locator("main")).to_contain_text("indicator_values")
