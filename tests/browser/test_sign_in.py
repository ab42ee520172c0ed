"""Signing in, in a browser: to a provider and back under the strict policy, and an app as second factor."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Route, expect

from tests.browser.axe import Look, looked_at, on_sqlite
from tests.browser.problems import listed
from tests.browser.server import demo_site, serving
from tests.browser.test_staff_pages import NARROWEST, OUT_OF_FRAME
from tests.organisation.sign_in.provider import CLIENT, SECRET, SmallProvider, small_provider
from tests.staff.sign_in.codes import code_of

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def small() -> Iterator[SmallProvider]:
    with small_provider() as running:
        yield running


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sign_in")


@pytest.fixture(scope="module")
def base(small: SmallProvider, state: Path) -> Iterator[str]:
    """A site with a provider, where an administrator has kept the password and needs an app for it."""
    named = {"OIDC_ISSUER": small.base, "OIDC_CLIENT_ID": CLIENT, "OIDC_CLIENT_SECRET": SECRET}
    with (
        demo_site(state, LOCAL_LOGIN="kanri", SECOND_FACTOR="true", **named) as environment,
        serving(environment, state / "gunicorn.log") as address,
    ):
        yield address


def test_to_the_provider_and_back_and_out_of_both(browser: Browser, base: str, small: SmallProvider) -> None:
    complaints: list[str] = []

    def on_console(message: ConsoleMessage) -> None:
        complaints.append(message.text)

    def agree(route: Route) -> None:
        told = small.allow(route.request.url, preferred_username="tanto1")
        back = f"{base}/staff/login/provider/back/?{urlencode(told)}"
        route.fulfill(status=302, headers={"Location": back})

    def leave(route: Route) -> None:
        route.fulfill(status=302, headers={"Location": f"{base}/staff/login/?left=both"})

    with browser.new_context(locale="ja-JP") as context:
        page = context.new_page()
        page.on("console", on_console)
        page.route(f"{small.base}/authorize?*", agree)
        page.route(f"{small.base}/logout?*", leave)
        page.goto(f"{base}/staff/rows/")
        page.get_by_role("button", name="庁内の認証でログイン").click()
        page.wait_for_url("**/staff/rows/")
        page.get_by_role("button", name="ログアウト").click()
        page.wait_for_url("**/staff/login/?left=both")
        page.go_back()
        expect(page.get_by_role("button", name="庁内の認証でログイン")).to_be_visible()
    assert not complaints, listed(complaints)


@on_sqlite
def test_an_app_is_set_up_and_every_page_can_be_used_by_all(browser: Browser, base: str, state: Path) -> None:
    found = re.search(r"kanri\s+(\S+)", (state / "demo_accounts.txt").read_text())
    assert found
    look, problems = Look(), list[object]()

    def check(page: Page) -> None:
        problems.extend((page.url, *each) for each in look(page))
        page.set_viewport_size({"width": NARROWEST, "height": 900})
        if (beyond := page.evaluate(OUT_OF_FRAME)) > 0:
            problems.append((page.url, f"{beyond} pixels wider than {NARROWEST}"))
        page.set_viewport_size({"width": 1280, "height": 900})

    def log_in(page: Page) -> None:
        page.goto(f"{base}/staff/login/")
        page.get_by_text("庁内の認証が使えないとき").click()
        page.get_by_label("利用者名").fill("kanri")
        page.get_by_label("パスワード").fill(found[1])
        check(page)
        page.get_by_role("button", name="ログイン", exact=True).click()

    with looked_at(browser.new_context(bypass_csp=True, locale="ja-JP")) as page:
        log_in(page)
        secret = "".join(page.locator(".secret code").all_inner_texts())
        box = page.locator(".qr-code svg").bounding_box()
        assert box
        assert box["width"] == pytest.approx(box["height"])
        page.get_by_label("確認コード").fill("12345")
        page.get_by_role("button", name="確かめて、設定を終える").click()
        check(page)
        page.get_by_label("確認コード").fill(code_of(secret))
        page.get_by_role("button", name="確かめて、設定を終える").click()
        codes = page.locator(".recovery-codes code").all_inner_texts()
        check(page)
        page.get_by_role("button", name="控えたので、先へ進む").click()
        page.get_by_role("link", name="2 段階認証").click()
        check(page)
        page.get_by_role("button", name="ログアウト").click()
        log_in(page)
        page.get_by_text("アプリが使えないとき").click()
        page.get_by_label("回復コード").fill("ABCDE-FGHJK")
        page.get_by_role("button", name="回復コードでログイン").click()
        check(page)
        page.get_by_label("回復コード").fill(codes[0])
        page.get_by_role("button", name="回復コードでログイン").click()
        page.wait_for_url("**/staff/")
    assert not problems, listed(problems)
