"""表を取り込む in the browser: columns put right on the grid, loaded, looked at, taken back.

The next file with the same headings is read as the last one was.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import Look, looked_at
from tests.browser.seen import looked_over
from tests.browser.server import empty_site, manage, serving
from tests.staff.tables.books import ROWS, two_row_book

pytestmark = [pytest.mark.browser, pytest.mark.long]
PASSWORD = "はじめての合言葉2026"
LOOK = Look()
READ_AGAIN = "読み直しました。"
MAKE_PLANNER = (
    "from tracker.models import User; User.objects.filter(username='kikaku').update(role='planning')"
)


@contextmanager
def planners_site(folder: Path) -> Iterator[str]:
    """The address of an empty installation with one person of the planning office."""
    with empty_site(folder, DJANGO_SUPERUSER_PASSWORD=PASSWORD) as environment:
        manage(environment, "migrate")
        made = ("--noinput", "--username", "kikaku", "--email", "kikaku@example.jp")
        manage(environment, "createsuperuser", *made)
        manage(environment, "shell", "-c", MAKE_PLANNER)
        with serving(environment, folder / "gunicorn.log") as address:
            yield address


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with planners_site(tmp_path_factory.mktemp("tables")) as address:
        yield address


def press(page: Page, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).first.click()


def follow(page: Page, name: str) -> None:
    with page.expect_navigation():
        page.locator("main").get_by_role("link", name=name).first.click()


def upload(page: Page, base: str, file: Path) -> None:
    page.goto(f"{base}/staff/tables/")
    page.set_input_files("#id_file", file)
    press(page, "読み込む")


def choose(page: Page, column: str, role: str) -> None:
    """Picks a role over a column, and waits until the result is told anew."""
    page.evaluate("document.getElementById('state').textContent = ''")
    page.locator(f"#role-0-{column}").select_option(label=role)
    expect(page.locator("#state")).to_have_text(READ_AGAIN)


def counted(page: Page, name: str) -> str:
    return page.locator(f"#outcome .tally div:has(dt:text-is('{name}')) b").inner_text()


def test_a_table_is_read_loaded_taken_back_and_the_next_one_known(
    base: str, browser: Browser, tmp_path: Path
) -> None:
    this_year, next_year = tmp_path / "公約.xlsx", tmp_path / "公約（次の年）.xlsx"
    this_year.write_bytes(two_row_book(2023))
    next_year.write_bytes(
        two_row_book(2024, [(*row[:3], row[4], "・続けました。", *row[5:]) for row in ROWS])
    )
    context = browser.new_context(locale="ja-JP", viewport={"width": 1280, "height": 900}, bypass_csp=True)
    with looked_at(context) as page:
        page.goto(f"{base}/staff/")
        page.fill("#id_username", "kikaku")
        page.fill("#id_password", PASSWORD)
        press(page, "ログイン")
        put_right(page, base, this_year)
        look_before_loading(page)
        load_and_take_back(page)
        load_again(page)
        upload(page, base, next_year)
        expect(page.locator("main")).to_contain_text("の読み方を使いました")
        expect(page.locator("#role-0-G")).to_have_value("department")
        expect(page.locator("#role-0-E")).to_have_value("result 2024")
        looked_over(page, "table-known", LOOK)
        press(page, "確認へ進む（取組 3件）")
        expect(page.locator(".facts")).to_contain_text("いまある")
        looked_over(page, "table-next-check", LOOK)


def put_right(page: Page, base: str, file: Path) -> None:
    """Corrects columns and rows on the grid; the counts follow."""
    upload(page, base, file)
    looked_over(page, "table-reading", LOOK)
    assert (counted(page, "公約"), counted(page, "担当課")) == ("3", "0")
    choose(page, "G", "担当課")
    assert counted(page, "担当課") == "2"
    choose(page, "H", "使わない")
    choose(page, "H", "メモ「備考」（公開しない）")
    choose(page, "B", "公約")
    expect(page.locator("#outcome")).to_contain_text("まだ読み取れません")
    looked_over(page, "table-stopped", LOOK)
    choose(page, "B", "項目")
    page.locator("input[name=skip][value='9']").check()
    expect(page.locator("#outcome .tally")).to_contain_text("公約2件")
    page.locator("input[name=skip][value='9']").uncheck()
    expect(page.locator("#outcome .tally")).to_contain_text("公約3件")
    page.fill("#scale-0-label", "できました")
    page.locator("#scale-0-percent").focus()
    expect(page.locator("#outcome .step-counts")).to_contain_text("できました")
    page.reload()
    expect(page.locator("#role-0-G")).to_have_value("department")
    expect(page.locator("#scale-0-label")).to_have_value("できました")


def look_before_loading(page: Page) -> None:
    press(page, "確認へ進む（取組 3件）")
    looked_over(page, "table-check", LOOK)
    follow(page, "道を広げます")
    expect(page.locator("body")).to_contain_text("まだ取り込んでいません")
    expect(page.locator("main")).to_contain_text("広げました。")
    page.go_back()


def load_and_take_back(page: Page) -> None:
    press(page, "この内容で取り込む（取組 3件）")
    expect(page.locator("h1")).to_contain_text("取り込みました")
    looked_over(page, "table-loaded", LOOK)
    here = page.url
    follow(page, "公開ページでの見え方を確かめる")
    expect(page.locator("main")).to_contain_text("公約")
    page.goto(here)
    follow(page, "この取り込みを取り消す")
    page.fill("#id_reason", "列のまちがい")
    with page.expect_navigation():
        page.locator("main form button").last.click()
    expect(page.locator(".notice-messages")).to_contain_text("取り消しました")
    page.goto(here)
    expect(page.locator("#role-0-G")).to_have_value("department")


def load_again(page: Page) -> None:
    press(page, "確認へ進む（取組 3件）")
    press(page, "この内容で取り込む（取組 3件）")
    expect(page.locator("h1")).to_contain_text("取り込みました")
