"""The three tables of fixtures/ by 表を取り込む, each from the file to a public page and a data file."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import Look, looked_at
from tests.browser.seen import looked_over
from tests.browser.test_loading_tables import PASSWORD, follow, planners_site, press, upload
from tests.conftest import FIXTURES

pytestmark = [pytest.mark.browser, pytest.mark.long]
LOOK = Look()


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with planners_site(tmp_path_factory.mktemp("fixtures")) as address:
        yield address


def test_each_comes_from_its_file_to_the_public(base: str, browser: Browser) -> None:
    context = browser.new_context(locale="ja-JP", viewport={"width": 1280, "height": 900}, bypass_csp=True)
    with looked_at(context) as page:
        page.goto(f"{base}/staff/")
        page.fill("#id_username", "kikaku")
        page.fill("#id_password", PASSWORD)
        press(page, "ログイン")
        loaded_and_published(page, base, "example_indicators", "indicators", "待機児童（人）」：減らす")
        seen(page, base, "indicators", "1-1", "待機児童", "indicator-values", "104.1")
        loaded_and_published(page, base, "example_classes", "classes", "順序のない区分")
        seen(page, base, "classes", "3-2-1", "見直し", "initiatives", "温泉の施設を建て直します")
        loaded_and_published(page, base, "example_sheets", "sheets", "外部評価")
        seen(page, base, "sheets", "2-3", "遅れの理由", "extra-values", "遅れの理由が説明されていません。")


def loaded_and_published(page: Page, base: str, name: str, slug: str, told: str) -> None:
    """Loads a fixture as a manifesto of its own and publishes it; what is `told` stands on the way."""
    upload(page, base, FIXTURES / f"{name}.xlsx")
    if (beside := FIXTURES / f"{name}.json").exists():
        page.set_input_files("#id_layout", beside)
        press(page, "この読み方を使う")
    looked_over(page, f"fixture-{slug}-reading", LOOK)
    on_the_way = page.locator("main").inner_text()
    with page.expect_navigation():
        page.get_by_role("button", name="確認へ進む").first.click()
    page.locator("details:has(#id_into)").evaluate("each => { each.open = true }")  # open where refused
    page.select_option("#id_into", ":new")
    page.fill("#id_slug", slug)
    press(page, "この取り込み先で確かめる")
    looked_over(page, f"fixture-{slug}-check", LOOK)
    assert told in on_the_way + page.locator("main").inner_text()
    with page.expect_navigation():
        page.get_by_role("button", name="この内容で取り込む").click()
    expect(page.locator("h1")).to_contain_text("取り込みました")
    follow(page, "公表の画面へ進む")
    press(page, "この内容で公表する")
    expect(page.locator(".notice-messages").first).to_contain_text("公表しました")


def seen(page: Page, base: str, slug: str, pledge: str, words: str, data: str, figure: str) -> None:
    """The pledge's page and one file of the open data say what the table said."""
    page.goto(f"{base}/{slug}/pledges/{pledge}/")
    expect(page.locator("main")).to_contain_text(words)
    looked_over(page, f"fixture-{slug}-pledge", LOOK)
    page.goto(f"{base}/{slug}/data/")
    file = page.locator(f"a[href*='-{data}_'][href$='.csv']").first.get_attribute("href")
    answer = page.request.get(f"{base}{file}")
    assert (answer.status, figure in answer.text()) == (200, True)
