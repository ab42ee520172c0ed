"""From an empty database to an answered row: what a city does on its first day, all of it in the browser but
createsuperuser.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import SCRIPT, Look
from tests.browser.seen import looked_over
from tests.browser.server import empty_site, manage, serving
from tests.published_tables.file.writing import small_text

pytestmark = [pytest.mark.browser, pytest.mark.long]
PASSWORD = "はじめての合言葉2026"
PEOPLE = {"kikaku": ("企画", "企画", ""), "doboku": ("土木", "担当課", "土木課")}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An installation as one finds it: tables without rows, and one administrator."""
    folder = tmp_path_factory.mktemp("first_run")
    with empty_site(folder, DJANGO_SUPERUSER_PASSWORD=PASSWORD) as environment:
        manage(environment, "migrate")
        made = ("--noinput", "--username", "kanri", "--email", "kanri@example.jp")
        manage(environment, "createsuperuser", *made)
        with serving(environment, folder / "gunicorn.log") as address:
            yield address


def log_in(browser: Browser, base: str, username: str) -> Page:
    viewport = {"width": 1280, "height": 900}
    context = browser.new_context(locale="ja-JP", viewport=viewport, bypass_csp=True)  # type: ignore[arg-type]
    context.add_init_script(SCRIPT)
    page = context.new_page()
    page.set_default_timeout(30_000)
    page.goto(f"{base}/staff/")
    page.fill("#id_username", username)
    page.fill("#id_password", PASSWORD)
    press(page, "ログイン")
    expect(page.locator("h1")).to_have_text("ホーム")
    return page


def press(page: Page, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).click()


def follow(page: Page, name: str) -> None:
    with page.expect_navigation():
        page.locator("main").get_by_role("link", name=name, exact=True).first.click()


def next_step(page: Page) -> str:
    heading = page.locator(".term-step.is-next h2").inner_text().split()
    return heading[0]


def test_a_fresh_site_is_brought_to_its_first_answer(base: str, browser: Browser, tmp_path: Path) -> None:
    look = Look()
    page = log_in(browser, base, "kanri")
    looked_over(page, "first-home", look)
    name_the_city(page, look)
    load_the_table(page, look, tmp_path)
    register_people(page, look)
    planner = log_in(browser, base, "kikaku")
    looked_over(planner, "first-planner", look)
    assert next_step(planner) == "最初の報告回"
    publish(planner)
    open_the_round(planner)
    page.goto(f"{base}/staff/")
    expect(page.locator("main")).not_to_contain_text("次にすること")
    clerk = log_in(browser, base, "doboku")
    answer(clerk)
    public = browser.new_page()
    public.goto(base)
    expect(public.locator("body")).to_contain_text("前橋市")


def name_the_city(page: Page, look: Look) -> None:
    assert next_step(page) == "市の名前と問い合わせ先"
    follow(page, "書く")
    looked_over(page, "first-city", look)
    page.fill("#id_code", "102017")
    page.fill("#id_name", "前橋市")
    press(page, "保存")
    expect(page.locator("main")).to_contain_text("検査数字")
    assert page.input_value("#id_name") == "前橋市"
    looked_over(page, "first-city-refused", look)
    page.fill("#id_code", "102016")
    page.fill("#id_contact", "前橋市 政策部 政策推進課")
    page.fill("#id_office_name", "政策推進課")
    page.fill("#id_office_telephone", "027-000-0000")
    press(page, "保存")
    follow(page, "はじめの準備の一覧へ戻る")


def load_the_table(page: Page, look: Look, folder: Path) -> None:
    assert next_step(page) == "公約と取組"
    follow(page, "公表した表を取り込む")
    looked_over(page, "first-table", look)
    press(page, "読み込む")
    expect(page.locator(".notice-error")).to_contain_text("ファイルを選んでください。")
    looked_over(page, "first-table-refused", look)
    (folder / "達成状況.txt").write_text(small_text())
    page.set_input_files("#id_file", folder / "達成状況.txt")
    press(page, "読み込む")
    looked_over(page, "first-table-reading", look)
    press(page, "確認へ進む（取組 2件）")
    looked_over(page, "first-table-check", look)
    press(page, "この内容で取り込む（取組 2件）")
    expect(page.locator(".notice-messages")).to_contain_text("取り込みました")
    looked_over(page, "first-table-loaded", look)
    follow(page, "はじめの準備の一覧へ戻る")
    looked_over(page, "first-list", look)


def register_people(page: Page, look: Look) -> None:
    assert next_step(page) == "利用者"
    for username, (name, role, office) in PEOPLE.items():
        follow(page, "1 人ずつ登録する")
        page.fill("#id_username", username)
        page.fill("#id_last_name", name)
        page.select_option("#id_role", label=role)
        page.fill("#id_password1", PASSWORD)
        page.fill("#id_password2", PASSWORD)
        if office:
            page.select_option("#id_memberships-0-department", label=office)
        press(page, "保存")
        follow(page, "はじめの準備の一覧へ戻る")
    looked_over(page, "first-list-people", look)
    expect(page.locator("main")).to_contain_text("企画の職員がログインして、進めます。")


def publish(planner: Page) -> None:
    follow(planner, "取り込んだ表を公表する")
    press(planner, "この内容で公表する")
    expect(planner.locator(".notice-messages").first).to_contain_text("公表しました")


def open_the_round(planner: Page) -> None:
    planner.goto(planner.url.partition("/staff/")[0] + "/staff/")
    follow(planner, "報告回を開く")
    planner.fill("#id_due_on", str(date.today() + timedelta(days=30)))
    press(planner, "件数を確かめる")
    press(planner, "この内容で開く")
    expect(planner.locator(".notice-messages")).to_contain_text("報告回を開きました")


def answer(clerk: Page) -> None:
    clerk.locator("main a[href*='/staff/actions/']").first.click()
    clerk.fill("#id_result", "・駅を直しました。")
    clerk.fill("#id_plan", "・広場を作ります。")
    clerk.locator("input[name=rating]").first.check()
    with clerk.expect_navigation():
        clerk.get_by_role("button", name="提出へ進む").first.click()
    press(clerk, "提出する")
    expect(clerk.locator(".notice-messages").first).to_contain_text("提出")
