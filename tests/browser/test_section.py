"""課長確認 and the withdrawal in a browser: a clerk submits, the head looks, all pages in their states."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import Look, looked_at
from tests.browser.gaps import CLEAR, gap
from tests.browser.seen import looked_over
from tests.browser.server import demo_site, manage, serving
from tests.browser.staff import StaffSite, demo_passwords
from tests.browser.test_sheets import press

pytestmark = [pytest.mark.browser, pytest.mark.long]

PASSWORD = "ながいあいことば2026"
# Besides the demo: a head of tanto1's department, who logs in by a password; six rows of it as they stand
# after tanto1 has submitted them, one with another rating and one with long texts.
MADE = f"""
from dataclasses import replace
from tracker.cycle import workflow
from tracker.models import Manifesto, Membership, User, YearlyAction
clerk = User.objects.get(username="tanto1")
office = clerk.places[0].department
head = User.objects.create_user("kacho1", password="{PASSWORD}", last_name="課長", first_name="一郎")
Membership.objects.create(user=head, department=office, is_head=True)
Manifesto.objects.update(section_check=True)
rows = YearlyAction.objects.answered_by([office.pk]).filter(round__state="open", state="not_started")
for number, row in enumerate(rows.with_place().with_departments().in_table_order()[:7]):
    content = replace(
        workflow.Content.of(row), result="・説明会を 3 回開きました。", plan="・続けます。",
        rating_id=row.reference_rating_id, is_unrated=row.reference_rating_id is None,
    )
    if number == 1:
        other = row.round.manifesto.ratings.exclude(pk=row.reference_rating_id).first()
        content = replace(content, rating_id=other.pk, is_unrated=False, rating_reason="・工事が終わったため")
    if number == 2:
        content = replace(content, result="・長い文章です。" * 60, plan="・長い予定です。" * 60)
    saved = workflow.save(row.pk, by=clerk, version=row.version, content=content)
    if number < 6:
        workflow.submit(saved.pk, by=clerk, version=saved.version)
"""


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StaffSite]:
    folder = tmp_path_factory.mktemp("section")
    with demo_site(folder) as environment:
        manage(environment, "shell", "-c", MADE)
        with serving(environment, folder / "gunicorn.log") as base:
            yield StaffSite(base, demo_passwords(folder) | {"kacho1": PASSWORD})


def go_home(page: Page, hall: StaffSite) -> None:
    page.goto(f"{hall.base}/staff/")


def test_a_head_confirms_and_gives_back(hall: StaffSite, browser: Browser) -> None:
    look = Look()
    with looked_at(hall.context(browser, "tanto1", bypass_csp=True)) as clerk:
        a_clerk_submits_and_withdraws(clerk, hall, look)
    with looked_at(hall.context(browser, "kacho1", bypass_csp=True)) as head:
        a_head_looks(head, hall, look)
    with looked_at(hall.context(browser, "tanto1", bypass_csp=True)) as clerk:
        go_home(clerk, hall)
        expect(clerk.locator("main")).to_contain_text("課長から：どの地区かを書いてください。")
        looked_over(clerk, "section-clerk-home", look)
        clerk.locator("li", has_text="課長から：").get_by_role("link").click()
        expect(clerk.locator("#given-back")).to_be_visible()
        assert gap(clerk.locator(".notice").first, clerk.locator(".notice").nth(1)) >= CLEAR
        looked_over(clerk, "section-given-back", look)
    with looked_at(hall.context(browser, "kikaku1", bypass_csp=True)) as planner:
        a_planner_sees_what_waits(planner, hall, look)


def a_clerk_submits_and_withdraws(page: Page, hall: StaffSite, look: Look) -> None:
    go_home(page, hall)
    page.locator(".task-list li", has_text="説明会").or_(
        page.locator("h3:has-text('入力済み') + .task-list li")
    ).last.get_by_role("link").click()
    press(page, "提出へ進む（確認画面）")
    expect(page.locator("main")).to_contain_text("提出すると、まず課長が確認します。")
    looked_over(page, "section-check", look)
    press(page, "提出する")
    expect(page.locator("main")).to_contain_text("課長の確認を待っています。")
    page.locator("h3:has-text('課内確認中') + .task-list li").last.get_by_role("link").click()
    looked_over(page, "section-own-row", look)
    press(page, "提出を取り下げる")
    expect(page.locator("main")).to_contain_text("の提出を取り下げました。")
    expect(page.locator(".task-facts")).to_contain_text("入力済み")
    looked_over(page, "section-withdrawn", look)


def a_head_looks(page: Page, hall: StaffSite, look: Look) -> None:
    go_home(page, hall)
    expect(page.locator("#section-waiting")).to_contain_text("6 件")
    looked_over(page, "section-head-home", look)
    page.get_by_role("link", name=re.compile("の 6 件を確認する")).click()
    looked_over(page, "section-list", look)
    page.locator("#others + p + ul").get_by_role("link").first.click()
    looked_over(page, "section-row", look)
    press(page, "書いた人に差し戻す")
    expect(page.locator("main")).to_contain_text("理由を書いてください。")
    looked_over(page, "section-row-error", look)
    page.fill("#id_reason", "どの地区かを書いてください。")
    press(page, "書いた人に差し戻す")
    expect(page.locator("main")).to_contain_text("を、書いた人に差し戻しました。")
    press(page, "確認して、企画に提出する")
    expect(page.locator("main")).to_contain_text("を確認し、企画に提出しました。")
    looked_over(page, "section-next-row", look)
    page.goto(f"{hall.base}/staff/section/")
    press(page, "評価の変わらない 4 件をまとめて確認する")
    expect(page.locator("main")).to_contain_text("4 件をまとめて確認し、企画に提出しました。")
    expect(page.locator("main")).to_contain_text("あなたの確認を待っている取組はありません")
    looked_over(page, "section-empty", look)


def a_planner_sees_what_waits(page: Page, hall: StaffSite, look: Look) -> None:
    page.goto(f"{hall.base}/staff/rounds/")
    table = page.locator(".table-scroll").first
    assert table.evaluate("each => each.scrollWidth <= each.clientWidth")  # 課内確認中 is a further column
    page.get_by_role("link", name=re.compile("の設定|設定")).first.click()
    expect(page.locator(".facts")).to_contain_text("課長が登録されていない課")
    page.locator(".facts summary").click()
    looked_over(page, "section-settings", look)
    page.goto(f"{hall.base}/staff/rounds/")
    page.locator("th a").first.click()
    looked_over(page, "section-board", look)
