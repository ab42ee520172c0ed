"""Every kind of staff page, by each role: axe finds nothing, the strict policy holds, nothing is wider than
the screen.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import Look, looked_at, on_sqlite
from tests.browser.gaps import CLEAR, gap
from tests.browser.problems import listed
from tests.browser.staff import ROLES, StaffSite, staff_site

pytestmark = pytest.mark.browser
NARROWEST = 320  # CSS pixels
OUT_OF_FRAME = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def staff(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StaffSite]:
    with staff_site(tmp_path_factory.mktemp("staff")) as site:
        yield site


@pytest.fixture(scope="module")
def pages(staff: StaffSite, browser: Browser) -> dict[str, list[str]]:
    """The addresses that each role can reach, found once."""
    return {role: staff.pages(browser, username) for role, username in ROLES.items()}


@pytest.mark.wide
def test_each_role_reaches_its_pages(pages: dict[str, list[str]]) -> None:
    """A test of the long ones: a crawl that stops at the door would find nothing wrong."""
    boards = {role for role, urls in pages.items() if any(re.search(r"/rounds/\d+/$", url) for url in urls)}
    assert boards == {"planning", "administrator"}
    assert {role for role, urls in pages.items() if any("/sheets/" in url for url in urls)} == {
        "department",
        "planning",
    }
    assert {role for role, urls in pages.items() if any("/actions/" in url for url in urls)} >= {
        "department",
        "planning",
    }
    assert any("/publish/" in url for url in pages["planning"])
    assert any("/review/" in url for url in pages["planning"])


@on_sqlite
@pytest.mark.long
def test_axe_finds_nothing(staff: StaffSite, browser: Browser, pages: dict[str, list[str]]) -> None:
    found: list[Any] = []
    look = Look()
    for role, username in ROLES.items():
        with looked_at(staff.context(browser, username, bypass_csp=True)) as page:
            for url in pages[role]:
                page.goto(url)
                found += [(url, *violation) for violation in look(page)]
    assert not found, listed(found)


@pytest.mark.long
@pytest.mark.parametrize("role", ROLES)
def test_the_policy_holds_and_nothing_is_wider_than_the_screen(
    staff: StaffSite, browser: Browser, pages: dict[str, list[str]], role: str
) -> None:
    found: list[Any] = []
    with staff.context(browser, ROLES[role], NARROWEST) as context:
        page = context.new_page()
        page.on("console", lambda message: found.append((page.url, message.type, message.text)))
        page.on("pageerror", lambda error: found.append((page.url, "error", str(error))))
        page.on(
            "request",
            lambda request: (
                found.append(("elsewhere", request.url)) if staff.base not in request.url else None
            ),
        )
        for url in pages[role]:
            answer = page.goto(url)
            assert answer is not None
            policy = answer.headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "script-src 'self'" in policy
            assert "unsafe" not in policy
            if (beyond := page.evaluate(OUT_OF_FRAME)) > 0:
                found.append((url, f"{beyond} pixels wider than {NARROWEST}"))
    assert not found, listed(found)


# --- states that no link leads to
# -------------------------------------------------------------------------------------
def task(page: Page, staff: StaffSite, state: str) -> str:
    """The address of the person's first row in a state."""
    page.goto(f"{staff.base}/staff/")
    group = page.locator(f"h3:has-text('{state}') + ul.task-list a").first
    return str(group.get_attribute("href"))


def incomplete(page: Page, staff: StaffSite) -> None:
    page.goto(staff.base + task(page, staff, "未入力"))
    page.get_by_role("button", name="提出へ進む（確認画面）").click()
    expect(page.locator("#errors")).to_be_visible()


def conflict(page: Page, staff: StaffSite) -> None:
    address = task(page, staff, "未入力")
    page.goto(staff.base + address)
    with staff.context(page.context.browser, "tanto2") as others:  # type: ignore[arg-type]
        colleague = others.new_page()
        colleague.goto(staff.base + address)
        colleague.fill("#id_result", "・同僚の書いた、とても長い文です。" * 30)
        colleague.get_by_role("button", name="下書き保存", exact=True).click()
        expect(colleague.locator(".notice-messages[role=status]")).to_contain_text("保存しました")
    page.fill("#id_result", "・わたしの文です。")
    page.get_by_role("button", name="下書き保存", exact=True).click()
    expect(page.locator("h1")).to_have_text("ほかの人が先に保存しました")


def check(page: Page, staff: StaffSite) -> None:
    page.goto(staff.base + task(page, staff, "入力済み"))
    page.fill("#id_result", "・説明会を開きました。")
    page.locator("label.choice").nth(0).click()
    page.fill("#id_rating_reason", "・工事が終わったため。")
    page.get_by_role("button", name="提出へ進む（確認画面）").click()
    expect(page.get_by_role("button", name="提出する", exact=True)).to_be_visible()


def expired(page: Page, staff: StaffSite) -> None:
    page.goto(staff.base + task(page, staff, "未入力"))
    page.fill("#id_result", "・消えてはならない文です。")
    page.context.clear_cookies(name="staff_session")
    page.get_by_role("button", name="下書き保存", exact=True).click()
    expect(page.locator("[role=alert]")).to_contain_text("入力した内容は残してあります")


def kept(page: Page, staff: StaffSite) -> None:
    expired(page, staff)
    page.fill("#id_username", "tanto1")
    page.fill("#id_password", staff.passwords["tanto1"])
    page.get_by_role("button", name="ログイン", exact=True).click()
    expect(page.locator("h1")).to_have_text("まだ送られていない入力")


def not_found(page: Page, staff: StaffSite) -> None:
    page.goto(f"{staff.base}/staff/actions/999999/")


def forbidden(page: Page, staff: StaffSite) -> None:
    page.goto(f"{staff.base}/staff/tracker/pledge/")


STATES: list[Callable[[Page, StaffSite], None]] = [
    incomplete,
    conflict,
    check,
    expired,
    kept,
    not_found,
    forbidden,
]


@pytest.mark.long
@pytest.mark.parametrize("state", STATES)
def test_axe_finds_nothing_in_states_without_a_link(
    staff: StaffSite, browser: Browser, state: Callable[[Page, StaffSite], None]
) -> None:
    with looked_at(staff.context(browser, "tanto1", bypass_csp=True)) as page:
        state(page, staff)
        found = Look()(page)
        assert not found, listed(found)
        page.set_viewport_size({"width": NARROWEST, "height": 900})
        assert page.evaluate(OUT_OF_FRAME) <= 0


# --- the entry form's script
# ------------------------------------------------------------------------------------------
def test_help_beside_an_error_does_not_look_like_one(staff: StaffSite, browser: Browser) -> None:
    looks = "all => [...new Set(all.map(each => getComputedStyle(each).fontWeight))]"
    with staff.context(browser, "tanto1") as context:
        page = context.new_page()
        incomplete(page, staff)
        assert page.locator(".field-error .support").evaluate_all(looks) == ["400"]
        assert page.locator(".field-error .error").evaluate_all(looks) == ["700"]


def test_nothing_sticks_to_its_neighbour(staff: StaffSite, browser: Browser) -> None:
    with staff.context(browser, "tanto1") as context:
        page = context.new_page()
        page.goto(f"{staff.base}/staff/")
        counts, buttons = page.locator(".due .figures"), page.locator(".due .due-ways")
        page.set_viewport_size({"width": 800, "height": 900})  # where they stand one below the other
        assert gap(counts, buttons) >= CLEAR
    with staff.context(browser, "kikaku1", NARROWEST) as context:
        page = context.new_page()
        page.goto(f"{staff.base}/staff/queue/approve/")
        links = page.locator(".excluded a")
        # A box of its own would have the list's dot beside its last line, and the reason below it.
        assert set(links.evaluate_all("all => all.map(e => getComputedStyle(e).display)")) == {"inline"}


def test_autosave_counting_and_a_text_that_was_never_sent(staff: StaffSite, browser: Browser) -> None:
    with staff.context(browser, "kenmu") as context:
        page = context.new_page()
        address = staff.base + task(page, staff, "未入力")
        page.goto(address)
        page.fill("#id_result", "・𠮷野家🏯\n・b")
        assert page.inner_text("#result-count") == "8 文字（10,000 文字まで）"
        page.focus("#id_plan")
        expect(page.locator("#saved")).to_contain_text("自動保存しました")
        page.evaluate(
            """() => {
              const form = document.getElementById('entry');
              const { version, base } = form.elements;
              const put = (person, text, window = 1) => localStorage.setItem(
                `manifesto-entry-${form.dataset.action}-${person}-${window}`,
                JSON.stringify({ version: version.value, base: base.value, at: Date.now(),
                  values: JSON.stringify([text, '', '', '']) }));
              put(form.dataset.person, '・控えの文');
              put(form.dataset.person, '・控えの文', 2);
              put('another', '・他人の文');
            }"""
        )
        page.reload()
        expect(page.locator("#backup")).to_contain_text("このブラウザーに残っています")
        expect(page.locator("#backup .notice")).to_have_count(1)  # two windows have kept the same
        page.get_by_role("button", name="入力欄に戻す").click()
        expect(page.locator("#id_result")).to_have_value("・控えの文")


def test_a_copy_older_than_what_is_stored_is_met_as_a_conflict(staff: StaffSite, browser: Browser) -> None:
    """The copy of this browser begins where its writer began, whatever the page has meanwhile."""
    with staff.context(browser, "kenmu") as context:
        page = context.new_page()
        page.goto(staff.base + task(page, staff, "未入力"))
        address = page.url
        page.route(
            "**", lambda route: route.abort() if route.request.resource_type == "fetch" else route.continue_()
        )
        page.on("dialog", lambda dialog: dialog.accept())
        page.fill("#id_result", "・保存できなかった自分の文")
        page.wait_for_timeout(1_000)
        other = context.new_page()
        other.goto(address)
        other.fill("#id_result", "・別の窓で保存した文")
        other.get_by_role("button", name="下書き保存", exact=True).click()
        expect(other.locator(".notice-messages[role=status]")).to_contain_text("保存しました")
        other.close()
        page.unroute("**")  # until here its own pause may have ended
        page.goto(address)
        expect(page.locator("#id_result")).to_have_value("・別の窓で保存した文")
        expect(page.locator("#backup")).to_contain_text("保存し直されています")
        page.get_by_role("button", name="入力欄に戻す").click()
        page.get_by_role("button", name="下書き保存", exact=True).click()
        expect(page.locator("h1")).to_have_text("ほかの人が先に保存しました")
        expect(page.locator("main")).to_contain_text("・別の窓で保存した文")
        expect(page.locator("main")).to_contain_text("・保存できなかった自分の文")


def test_what_was_typed_just_before_a_save_that_met_no_server_is_kept(
    staff: StaffSite, browser: Browser
) -> None:
    """The page goes before the pause is over in which a copy is made."""
    with staff.context(browser, "kenmu") as context:
        page = context.new_page()
        page.goto(staff.base + task(page, staff, "未入力"))
        address = page.url
        context.set_offline(True)
        page.fill("#id_result", "・押す直前の文")
        with page.expect_event("requestfailed"):
            page.evaluate("() => document.getElementById('entry').requestSubmit()")
        expect(page).to_have_url(re.compile("^chrome-error:"))
        context.set_offline(False)
        page.goto(address)
        page.get_by_role("button", name="入力欄に戻す").click()
        expect(page.locator("#id_result")).to_have_value("・押す直前の文")
        page.on("dialog", lambda dialog: dialog.accept())


def test_back_brings_no_old_text_beside_a_new_version(staff: StaffSite, browser: Browser) -> None:
    """A browser fills fields again after Back; a form of another version is another form to it."""
    with staff.context(browser, "kenmu", java_script_enabled=False) as context:
        mine, theirs = context.new_page(), context.new_page()
        mine.goto(staff.base + task(mine, staff, "未入力"))
        address = mine.url
        mine.fill("#id_result", "・はじめの文")
        mine.get_by_role("button", name="下書き保存", exact=True).click()
        mine.fill("#id_result", "・はじめの文\n・書きかけの文")
        mine.goto(f"{staff.base}/staff/")
        mine.go_back()
        expect(mine.locator("#id_result")).to_have_value(
            "・はじめの文\n・書きかけの文"
        )  # nobody has saved since
        mine.goto(f"{staff.base}/staff/")
        theirs.goto(address)
        theirs.fill("#id_result", "・はじめの文\n・ほかの人の一行")
        theirs.get_by_role("button", name="下書き保存", exact=True).click()
        mine.go_back()
        expect(mine.locator("#id_result")).to_have_value("・はじめの文\n・ほかの人の一行")
        mine.get_by_role("button", name="下書き保存", exact=True).click()
        theirs.goto(address)
        expect(theirs.locator("#id_result")).to_have_value("・はじめの文\n・ほかの人の一行")


def test_a_draft_is_saved_in_a_pause_and_while_somebody_goes_on_typing(
    staff: StaffSite, browser: Browser
) -> None:
    with staff.context(browser, "kenmu") as context:
        page = context.new_page()
        page.clock.install()
        page.goto(staff.base + task(page, staff, "未入力"))
        page.fill("#id_result", "・まだ書いている途中の文")
        page.clock.run_for(1_500)
        assert "自動保存しました" not in page.inner_text("#saved")
        page.clock.run_for(1_000)
        expect(page.locator("#saved")).to_contain_text("自動保存しました")
        page.evaluate("document.getElementById('saved').textContent = ''")
        for _key in range(11):  # never two seconds without a key
            page.press("#id_result", "a")
            page.clock.run_for(1_000)
        expect(page.locator("#saved")).to_contain_text("自動保存しました")
        assert page.evaluate("document.activeElement.id") == "id_result"


def test_a_copy_of_what_was_saved_is_not_offered_later(staff: StaffSite, browser: Browser) -> None:
    """Autosave failed, so that the browser kept a copy; the button saved."""
    with staff.context(browser, "kenmu") as context:
        page = context.new_page()
        page.goto(staff.base + task(page, staff, "未入力"))
        page.route(
            "**", lambda route: route.abort() if route.request.resource_type == "fetch" else route.continue_()
        )
        page.fill("#id_result", "・窓口を開きました。")
        page.focus("#id_plan")
        expect(page.locator("#saved")).to_contain_text("このブラウザーに控えています")
        page.wait_for_timeout(1_000)  # the copy is made half a second after the last key
        assert page.evaluate("localStorage.length") == 1
        page.get_by_role("button", name="下書き保存", exact=True).click()
        expect(page.locator(".notice-messages[role=status]")).to_contain_text("保存しました")
        page.wait_for_function("localStorage.length === 0")
        expect(page.locator("#backup")).to_be_empty()


def test_nothing_is_counted_or_sent_while_an_input_method_composes(
    staff: StaffSite, browser: Browser
) -> None:
    with staff.context(browser, "kenmu") as context:
        page = context.new_page()
        page.goto(staff.base + task(page, staff, "未入力"))
        before = page.inner_text("#result-count")
        page.focus("#id_result")
        session = context.new_cdp_session(page)
        session.send("Input.imeSetComposition", {"text": "かいぎ", "selectionStart": 3, "selectionEnd": 3})
        assert page.input_value("#id_result") == "かいぎ"
        assert page.inner_text("#result-count") == before
        session.send("Input.insertText", {"text": "会議"})
        expect(page.locator("#result-count")).to_contain_text("2 文字（")


def test_the_form_works_by_the_keyboard_alone(staff: StaffSite, browser: Browser) -> None:
    with staff.context(browser, "tanto4") as context:
        page = context.new_page()
        page.goto(staff.base + task(page, staff, "未入力"))
        page.focus("#id_result")
        page.keyboard.type("・会議を開きました。")
        for _step in range(40):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.type") == "radio":
                break
        page.keyboard.press("Space")
        for _step in range(40):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.value") == "check":
                break
        page.keyboard.press("Enter")
        expect(page.locator("main")).to_contain_text("・会議を開きました。")
        assert page.url.endswith("/check/") or page.locator("#errors").is_visible()
