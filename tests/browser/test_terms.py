"""The next term, through the planning office's browser: begun, given its scale and pledges, its first round
opened; another one is begun by mistake and taken back. The former term's pages stay as they were.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import Look, looked_at
from tests.browser.seen import looked_over
from tests.browser.staff import StaffSite, staff_site

pytestmark = [pytest.mark.browser, pytest.mark.long]
LOOK = Look()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[StaffSite]:
    with staff_site(tmp_path) as running:
        yield running


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).first.click()


def test_the_next_term(browser: Browser, site: StaffSite, tmp_path: Path) -> None:
    with site.context(browser, "kikaku1", bypass_csp=True) as context, looked_at(context) as page:
        page.goto(f"{site.base}/2021/")
        before = page.content()
        page.goto(f"{site.base}/staff/rounds/")
        looked_over(page, "0-rounds", LOOK)
        page.get_by_role("link", name="次の任期を始める").click()
        begin(page, "市長マニフェスト（第2期）")
        looked_over(page, "2-term", LOOK)
        scale(page)
        choose(page)
        table(page, tmp_path)
        by_hand(page)
        page.get_by_role("link", name="最初の報告回を開く").click()
        expect(page.locator("#id_fiscal_year")).to_have_value("2025")
        page.get_by_label("締切日").fill("2999-05-30")
        looked_over(page, "9-open", LOOK)
        take_back(page, site.base)
        page.goto(f"{site.base}/2021/")
        assert page.content() == before


def begin(page: Page, title: str) -> None:
    page.get_by_label("表題").fill(title)
    page.get_by_label("最初の年度").fill("2021")
    press(page, "この内容で始める")
    expect(page.locator("#errors")).to_contain_text("より後にしてください")
    looked_over(page, "1-begin-refused", LOOK)
    page.get_by_label("最初の年度").fill("２０２５")
    looked_over(page, "1-begin", LOOK)
    press(page, "この内容で始める")
    expect(page.locator("h1")).to_have_text(f"{title}：任期の準備")


def scale(page: Page) -> None:
    page.get_by_role("link", name="区分を変える").click()
    page.get_by_label("1 段階目の名称").fill("")
    press(page, "保存する")
    expect(page.locator("#errors")).to_contain_text("名称を書いてください")
    looked_over(page, "3-scale-refused", LOOK)
    page.get_by_label("1 段階目の名称").fill("達成した")
    press(page, "段階をもう 1 つ増やす")
    expect(page.get_by_label("1 段階目の名称")).to_have_value("達成した")
    looked_over(page, "3-scale", LOOK)
    press(page, "保存する")
    expect(page.locator(".notice.told")).to_contain_text("保存しました")


def choose(page: Page) -> None:
    page.get_by_role("link", name="前の任期の公約から選ぶ").click()
    press(page, "選んだ公約を確かめる")
    expect(page.locator("#errors")).to_contain_text("1 つも選ばれていません")
    page.locator("[name=all_of]").first.check()
    page.locator("[name=pledge]").last.check()
    looked_over(page, "4-choose", LOOK)
    press(page, "選んだ公約を確かめる")
    expect(page.locator("h1")).to_contain_text("（確認）")
    looked_over(page, "5-check", LOOK)
    press(page, "戻って選び直す")
    expect(page.locator("[name=all_of]").first).to_be_checked()
    press(page, "選んだ公約を確かめる")
    press(page, "この内容で加える")
    expect(page.locator(".notice.told")).to_contain_text("を加えました")
    page.get_by_role("link", name="前の任期の公約から選ぶ").click()
    expect(page.locator(".is-there").first).to_contain_text("引継ぎ済")
    looked_over(page, "4-choose-again", LOOK)
    page.go_back()


def table(page: Page, folder: Path) -> None:
    page.get_by_role("link", name="表で加える").click()
    with page.expect_download() as found:
        page.get_by_role("link", name="前の任期の公約が入った表").click()
    workbook = folder / "公約.xlsx"
    found.value.save_as(workbook)
    page.set_input_files("#id_file", workbook)
    press(page, "読み込んで確認へ進む")
    expect(page.locator("h1")).to_contain_text("（確認）")
    expect(page.locator("main")).to_contain_text("もうあるので、加えない公約")
    looked_over(page, "6-table-check", LOOK)
    press(page, "この内容で加える")
    expect(page.locator(".notice.told")).to_contain_text("を加えました")
    page.get_by_role("link", name="表で加える").click()
    broken = folder / "直す表.csv"
    heads = "分野の番号,分野,項目の番号,項目,番号の表記,公約,前の任期の公約,担当課,SDGs,関連事業"
    broken.write_text(f"{heads}\n1,新しい分野,1,新しい項目,,公約,9-9-9,ない課,99,駅前\n", encoding="utf-8")
    page.set_input_files("#id_file", broken)
    press(page, "読み込んで確認へ進む")
    expect(page.locator(".notice-error").first).to_contain_text("直すところが 5 か所")
    looked_over(page, "7-table-refused", LOOK)


def by_hand(page: Page) -> None:
    page.goto(page.url.replace("/table/", "/"))
    page.get_by_role("link", name="分野と項目を加える").click()
    page.get_by_label("新しい分野の名称").fill("デジタル")
    page.get_by_label("項目の名称").fill("窓口")
    looked_over(page, "8-place", LOOK)
    press(page, "加える")
    expect(page.locator(".notice.told")).to_contain_text("デジタル")
    page.get_by_role("link", name="公約を加えます").click()
    page.get_by_label("項目", exact=False).first.select_option(label="9. デジタル ＞ (1) 窓口")
    page.get_by_label("公約の文").fill("書かない窓口をつくります")
    page.get_by_label("理由").fill("新しい公約")
    looked_over(page, "8-add", LOOK)
    press(page, "確認へ進む")
    press(page, "公約を加える")
    expect(page.locator(".notice.told")).to_contain_text("書かない窓口をつくります")
    page.goto(page.url.split("/staff/")[0] + "/staff/rounds/")
    page.get_by_role("link", name="市長マニフェスト（第2期）：任期の準備").click()
    looked_over(page, "2-term-full", LOOK)


def take_back(page: Page, base: str) -> None:
    page.goto(f"{base}/staff/terms/begin/")
    page.get_by_label("表題").fill("まちがえた任期")
    press(page, "この内容で始める")
    page.get_by_role("link", name="この任期の開始を取り消す").click()
    page.get_by_label("取り消す理由").fill("まちがえて始めたため")
    looked_over(page, "10-take-back", LOOK)
    press(page, "任期の開始を取り消す")
    expect(page.locator(".notice.told")).to_contain_text("「まちがえた任期」の開始を取り消しました")
    page.get_by_role("link", name="履歴").first.click()
    expect(page.locator("main")).to_contain_text("任期の開始を、まるごと取り消しました。")
    looked_over(page, "11-history", LOOK)
