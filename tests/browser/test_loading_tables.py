"""表を取り込む in the browser: columns put right on the grid, loaded, looked at, taken back, published.

A round with an extra column and indicators follows, by form and by Excel, up to the public page. The next
file with the same headings is read as the last one was.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import Look, looked_at
from tests.browser.seen import looked_over
from tests.browser.server import empty_site, manage, serving
from tests.entry_sheets.filling import Filled
from tests.staff.tables.books import ROWS, two_row_book
from tracker.entry_sheets.file.columns import EntryColumn, Use
from tracker.words.indicators import number_column

pytestmark = [pytest.mark.browser, pytest.mark.long]
PASSWORD = "はじめての合言葉2026"
LOOK = Look()
READ_AGAIN = "読み直しました。"
MAKE_PLANNERS = (
    "from tracker.models import User; User.objects.filter(username='kikaku').update(role='planning');"
    f"User.objects.create_user('kikaku2', password='{PASSWORD}', role='planning')"
)
FIGURES = (("相談件数", "件", "1,000", "900"), ("点検した橋", "橋", "20", "21"), ("漏水率", "％", "5", "7.5"))
COST = EntryColumn(
    "extra_x1", "事業費（千円）", Use.INPUT, 15, extra=number_column("x1", "事業費", "千円", 0)
)


@contextmanager
def planners_site(folder: Path) -> Iterator[str]:
    """The address of an empty installation with two people of the planning office."""
    with empty_site(folder, DJANGO_SUPERUSER_PASSWORD=PASSWORD) as environment:
        manage(environment, "migrate")
        made = ("--noinput", "--username", "kikaku", "--email", "kikaku@example.jp")
        manage(environment, "createsuperuser", *made)
        manage(environment, "shell", "-c", MAKE_PLANNERS)
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
    this_year.write_bytes(two_row_book(2023, figures=FIGURES))
    rows = [(*row[:3], row[4], "・続けました。", *row[5:]) for row in ROWS]
    next_year.write_bytes(two_row_book(2025, rows, total=False, figures=FIGURES))
    with planner(browser, base, "kikaku") as page:
        put_right(page, base, this_year)
        look_before_loading(page)
        load_and_take_back(page)
        load_again(page)
        publish(page)
        round = open_a_round(page, base)
        answer_by_form(page, base, round)
        answer_by_excel(page, base, round)
    with planner(browser, base, "kikaku2") as page:
        approve(page, base)
        follow(page, "公表")
        page.get_by_label("承認前の取組を残して公表する理由").fill("確認中のため")
        publish(page, straight=True)
        anybody_reads(page, base)
        upload(page, base, next_year)
        expect(page.locator("main")).to_contain_text("の読み方を使いました")
        expect(page.locator("#role-0-G")).to_have_value("department")
        expect(page.locator("#role-0-E")).to_have_value("result 2025")
        expect(page.locator("#role-0-L")).to_have_value("actual 2025")
        looked_over(page, "table-known", LOOK)
        press(page, "確認へ進む（取組 3件）")
        expect(page.locator(".facts")).to_contain_text("いまある")
        looked_over(page, "table-next-check", LOOK)


@contextmanager
def planner(browser: Browser, base: str, username: str) -> Iterator[Page]:
    """Somebody of the planning office who has logged in."""
    context = browser.new_context(locale="ja-JP", viewport={"width": 1280, "height": 900}, bypass_csp=True)
    with looked_at(context) as page:
        page.goto(f"{base}/staff/")
        page.fill("#id_username", username)
        page.fill("#id_password", PASSWORD)
        press(page, "ログイン")
        yield page


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
    choose(page, "J", "使わない")
    choose(page, "J", "指標の単位")
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


def publish(page: Page, *, straight: bool = False) -> None:
    if not straight:
        follow(page, "公表の画面へ進む")
    press(page, "この内容で公表する")
    expect(page.locator(".notice-messages").first).to_contain_text("公表しました")


def open_a_round(page: Page, base: str) -> str:
    """An extra column is defined, and the next year's round opened; returns the round's key."""
    page.goto(f"{base}/staff/tracker/extracolumn/add/")
    page.select_option("#id_manifesto", index=1)
    page.fill("#id_label", "事業費")
    page.select_option("#id_kind", label="数")
    page.fill("#id_unit", "千円")
    page.check("#id_is_public")
    press(page, "保存")
    page.goto(f"{base}/staff/")
    follow(page, "報告回を開く")
    page.fill("#id_due_on", str(date.today() + timedelta(days=30)))
    press(page, "件数を確かめる")
    press(page, "この内容で開く")
    expect(page.locator(".notice-messages")).to_contain_text("報告回を開きました")
    page.goto(f"{base}/staff/rounds/")
    link = page.locator(".round-table tbody a").first.get_attribute("href")
    return str(link).partition("/rounds/")[2].split("/")[0]


def sheet(page: Page, base: str, round: str) -> Filled:
    answer = page.request.get(f"{base}/staff/rounds/{round}/sheet.xlsx")
    assert answer.status == 200
    return Filled(answer.body(), extra=[COST])


def answer_by_form(page: Page, base: str, round: str) -> None:
    first = sorted(map(int, sheet(page, base, round).ids))[0]
    page.goto(f"{base}/staff/actions/{first}/")
    page.fill("#id_result", "・さらに広げました。")
    page.locator("label.choice:has(.tag)").first.click()
    page.fill("#id_plan", "・続けます。")
    page.fill("#id_extra_x1", "1,200")
    page.fill("#id_extra_k1", "1,100")
    press(page, "提出へ進む（確認画面）")
    press(page, "提出する")
    expect(page.locator(".notice-messages").first).to_contain_text("提出")


def answer_by_excel(page: Page, base: str, round: str) -> None:
    filled = sheet(page, base, round)
    second = sorted(map(int, filled.ids))[1]
    told = {
        "result": "・点検しました。",
        "rating": filled.text(second, "last_rating"),
        "plan": "・続けます。",
    }
    filled.write(second, **told, extra_x1="340", extra_k2=18, extra_k2n="1 橋は工事中")
    page.goto(f"{base}/staff/rounds/{round}/sheets/")
    looked_over(page, "round-sheets-measured", LOOK)
    xlsx = {"name": "入力シート.xlsx", "mimeType": "", "buffer": filled.bytes()}
    page.set_input_files("#id_file", xlsx)
    page.get_by_label("保存して、提出まで行う").check()
    press(page, "読み込んで確認へ進む")
    expect(page.locator("main")).to_contain_text("指標「点検した橋」：令和6年度の実績")
    looked_over(page, "sheet-measured", LOOK)
    with page.expect_navigation():
        page.locator("button[value=confirm]").click()
    expect(page.locator("main")).to_contain_text("1 件を提出しました。")


def approve(page: Page, base: str) -> None:
    """Both rows, one after the other; ends on the round's page."""
    for words in ("1,200 千円", "340 千円"):
        page.goto(f"{base}/staff/queue/")
        page.locator(".queue-name a").first.click()
        expect(page.locator("main")).to_contain_text(words)
        page.locator("#approve").click()
        expect(page.locator(".notice.told")).to_contain_text("を承認しました")
    page.goto(f"{base}/staff/rounds/")
    page.locator(".round-table tbody a").first.click()


def anybody_reads(page: Page, base: str) -> None:
    """The pledge's page, a data file, and the published table with the columns that were asked for."""
    page.goto(base)
    slug = str(page.locator("a[href$='/pledges/']").first.get_attribute("href")).split("/")[1]
    page.goto(f"{base}/{slug}/pledges/1-1-2/")
    for words in ("340 千円", "令和6年度の実績は 18 橋", "1 橋は工事中"):
        expect(page.locator("main")).to_contain_text(words)
    looked_over(page, "measured-pledge", LOOK)
    page.goto(f"{base}/{slug}/data/")
    file = page.locator("a[href*='-indicator-values_'][href$='.csv']").first.get_attribute("href")
    assert "1 橋は工事中" in page.request.get(f"{base}{file}").text()
    page.goto(f"{base}/staff/rounds/")
    page.locator(".round-table tbody a").first.click()
    follow(page, "公表")
    follow(page, "掲載表（PDF")
    looked_over(page, "table-columns", LOOK)
    address = page.url.partition("?")[0].rstrip("/") + ".xlsx?columns=1&indicators=1"
    book = load_workbook(io.BytesIO(page.request.get(address).body()))
    headings = [
        str(cell.value or "").strip() for cell in next(row for row in book.worksheets[0] if row[1].value)
    ]
    assert {"事業費", "指標", "単位", "令和6年度の実績値"} <= set(headings)
