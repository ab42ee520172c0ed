"""People in April, in a browser: thirty by Excel, slips for them, and one who sets a password and logs in."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import Look, looked_at, on_sqlite
from tests.browser.problems import listed
from tests.browser.staff import StaffSite, staff_site
from tests.browser.test_sheets import press
from tests.browser.test_staff_pages import NARROWEST, OUT_OF_FRAME
from tests.organisation.people.lists import workbook

pytestmark = [pytest.mark.browser, pytest.mark.long]
HEADINGS = ["職員番号", "氏名", "メール", "所属", "課長"]
PASSWORD = "ながいあいことば2026"


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StaffSite]:
    with staff_site(tmp_path_factory.mktemp("hall")) as site:
        yield site


def upload_list(page: Page, hall: StaffSite, rows: list[list[str]], file: Path) -> None:
    file.write_bytes(workbook(rows, HEADINGS))
    page.goto(f"{hall.base}/staff/people/lists/")
    page.set_input_files("#id_file", file)
    press(page, "読み込んで確認へ進む")
    expect(page.locator("h1")).to_contain_text("利用者の一覧の確認")


def test_thirty_people_by_excel_with_slips(hall: StaffSite, browser: Browser, tmp_path: Path) -> None:
    offices = ["企画調整課", "商工労働課", "農政課"]
    rows = [
        [f"9{number:03}", f"新人 {number}番", "", offices[number % 3], "○" if number < 3 else ""]
        for number in range(30)
    ]
    with hall.context(browser, "kanri") as context:
        page = context.new_page()
        wrong = [*rows[:-1], [*rows[-1][:3], "なかった課", ""]]
        upload_list(page, hall, wrong, tmp_path / "誤り.xlsx")
        expect(page.locator(".refusals")).to_contain_text("D31")
        upload_list(page, hall, rows, tmp_path / "4月.xlsx")
        expect(page.locator(".tally > div").first).to_contain_text("30 人")
        press(page, "この内容で取り込む（30 人）")
        page.get_by_role("link", name="新しい人に案内を作る").click()
        expect(page.locator(".people-table")).to_contain_text("使えない（パスワードが未設定）")
        page.get_by_label("いまの条件にあてはまる 30 人全員").check()
        press(page, "印刷する案内を作る")
        expect(page.locator(".slip")).to_have_count(30)
        expect(page.locator(".slip-office")).to_have_count(3)
        page.emulate_media(media="print")
        broken = page.locator(".slip-office").evaluate_all(
            "all => all.map(each => getComputedStyle(each).breakBefore)"
        )
        assert broken == ["auto", "page", "page"]
        expect(page.locator(".no-print")).to_be_hidden()
        slip = page.locator(".slip", has_text="新人 7番")
        entrance, username, number, _until = slip.locator("dd").all_inner_texts()
    assert re.fullmatch(r"[2-9A-Z]{4}(-[2-9A-Z]{4}){2}", number)
    first_login(browser, hall, entrance, username, number)


def first_login(browser: Browser, hall: StaffSite, entrance: str, username: str, number: str) -> None:
    with browser.new_context(locale="ja-JP") as context:
        page = context.new_page()
        page.goto(entrance)
        page.fill("#id_username", username)
        page.fill("#id_password_number", number.lower().replace("-", " "))
        page.fill("#id_password1", "みじかい")
        page.fill("#id_password2", "みじかい")
        press(page, "パスワードを決める")
        expect(page.locator("#errors")).to_be_visible()
        page.fill("#id_password_number", number)
        page.fill("#id_password1", PASSWORD)
        page.fill("#id_password2", PASSWORD)
        press(page, "パスワードを決める")
        expect(page.locator("[role=status]")).to_contain_text("パスワードを設定しました")
        page.fill("#id_username", username)
        page.fill("#id_password", PASSWORD)
        press(page, "ログイン")
        expect(page).to_have_url(f"{hall.base}/staff/")
        expect(page.locator(".staff-person")).to_contain_text("新人 7番")
        page.goto(entrance)
        page.fill("#id_username", username)
        page.fill("#id_password_number", number)
        page.fill("#id_password1", PASSWORD)
        page.fill("#id_password2", PASSWORD)
        press(page, "パスワードを決める")
        expect(page.locator("#errors")).to_contain_text("すでに使った番号")


def test_a_mailed_link_fills_in_the_form_and_leaves_the_address(hall: StaffSite, browser: Browser) -> None:
    """The server is never asked for what stands behind the #."""
    asked: list[str] = []
    with browser.new_context(locale="ja-JP") as context:
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url + str(request.headers)))
        page.goto(f"{hall.base}/staff/invitation/#a%2Bb/ABCD-EFGH-JKLM")
        expect(page.locator("#id_password_number")).to_have_value("ABCD-EFGH-JKLM")
        expect(page.locator("#id_username")).to_have_value("a+b")
        expect(page).to_have_url(f"{hall.base}/staff/invitation/")
        page.get_by_role("link", name="ログインへ戻る").click()
        expect(page.locator("h1")).to_have_text("ログイン")
    assert asked
    assert not any("ABCD" in each.replace("#a%2Bb/ABCD-EFGH-JKLM", "") for each in asked)


@on_sqlite
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(
    hall: StaffSite, browser: Browser, tmp_path: Path
) -> None:
    """In states that no link leads to; the menu's pages are looked at with all others."""
    found: list[Any] = []
    look = Look()

    def see(page: Page, name: str) -> None:
        found.extend((name, *violation) for violation in look(page))
        page.set_viewport_size({"width": NARROWEST, "height": 900})
        if (beyond := page.evaluate(OUT_OF_FRAME)) > 0:
            found.append((name, f"{beyond} pixels wider than {NARROWEST}"))

    with looked_at(hall.context(browser, "kanri", bypass_csp=True)) as page:
        rows = [["8001", "検査 一郎", "", "農政課", ""], ["8002", "検査 花子", "", "なかった課", ""]]
        upload_list(page, hall, rows, tmp_path / "誤り.xlsx")
        see(page, "refused")
        upload_list(page, hall, rows[:1], tmp_path / "一人.xlsx")
        if page.get_by_role("button", name=re.compile("この内容で取り込む")).count():
            see(page, "preview")
            page.get_by_role("button", name=re.compile("この内容で取り込む")).click()
            see(page, "outcome")
        page.goto(f"{hall.base}/staff/people/?q=8001")
        press(page, "印刷する案内を作る")
        see(page, "nobody picked")
        page.get_by_role("checkbox").check()
        press(page, "印刷する案内を作る")
        expect(page.locator(".slip")).to_have_count(1)
        see(page, "slips")
    with looked_at(browser.new_context(bypass_csp=True, locale="ja-JP")) as page:
        page.goto(f"{hall.base}/staff/invitation/")
        see(page, "invitation")
        press(page, "パスワードを決める")
        see(page, "invitation, empty")
        page.goto(f"{hall.base}/staff/forgotten/")
        see(page, "forgotten")
    assert not found, listed(found)
