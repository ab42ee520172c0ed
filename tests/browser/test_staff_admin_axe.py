"""Master data in the browser: axe finds nothing, the strict policy holds, nothing scrolls sideways, and
scripts work.
"""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page

from tests.browser.axe import NARROW, WIDE, Look, looked_at, on_sqlite
from tests.browser.problems import listed
from tests.browser.server import manage, own_site, serving

pytestmark = pytest.mark.browser

PASSWORD = "ながいあいことば2024"
MASTER = "/staff/tracker/"
TELEPHONE = 375  # CSS pixels
KEPT = ("manifesto", "category", "pledge", "initiative", "planproject", "department", "user")
RECORDS = ("reportinground", "yearlyaction", "report", "event")
PEOPLE = f"""
from tests.staff.people import make_cast, open_round
from tracker.models import Department, Manifesto, User
cast = make_cast(*Department.objects.all()[:2])
for user in User.objects.all():
    user.set_password("{PASSWORD}")
    user.save()
open_round(Manifesto.objects.get(), cast.planner)
"""


@pytest.fixture(scope="module")
def staff_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A site of its own, with a round open and the cast, whose tests write into it."""
    folder = tmp_path_factory.mktemp("master")
    with own_site(folder) as environment:
        manage(environment, "shell", "-c", PEOPLE)
        with serving(environment, folder / "gunicorn.log") as base:
            yield base


def still_pages() -> list[str]:
    """Every page of master data that a link leads to."""
    paths = ["/staff/password_change/", MASTER]
    for model in (*KEPT, *RECORDS):
        paths.append(f"{MASTER}{model}/")
    for model in KEPT:
        paths += [f"{MASTER}{model}/add/", f"{MASTER}{model}/1/change/", f"{MASTER}{model}/1/history/"]
        paths += [f"{MASTER}{model}/1/delete/"] if model != "user" else [f"{MASTER}user/1/password/"]
        own_files = model not in {"manifesto", "user"}  # people have a list of their own
        paths += [f"{MASTER}{model}/import/", f"{MASTER}{model}/export/"] if own_files else []
    return [
        *paths,
        f"{MASTER}event/1/change/",
        f"{MASTER}initiative/?last_fiscal_year__isempty=1&q=防災",
        f"{MASTER}pledge/?q=zz",
    ]


def press(page: Page, selector: str) -> None:
    with page.expect_navigation():
        page.click(selector)


def log_in(page: Page, base: str) -> None:
    page.goto(f"{base}/staff/login/")
    page.fill("#id_username", "administrator")
    page.fill("#id_password", PASSWORD)
    press(page, "main button[type=submit]")


def upload(page: Page, base: str, rows: Sequence[Sequence[str]]) -> None:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    page.goto(f"{base}{MASTER}department/import/")
    content = out.getvalue().encode("utf-8-sig")
    page.set_input_files("#id_file", {"name": "課.csv", "mimeType": "text/csv", "buffer": content})
    press(page, "main button[type=submit]")


HEADINGS = ("コード", "名称", "設置年度", "廃止前の最後の年度", "引継ぎ先")


def reach_states(page: Page, base: str, look: Callable[[str], None]) -> None:
    """Pages that only somebody's doing leads to: previews, errors, messages, filled history."""
    upload(
        page, base, [HEADINGS, ("z01", "新しい課", "2024", "", ""), ("001", "企業誘致課（改）", "", "", "")]
    )
    look("import preview")
    upload(page, base, [HEADINGS, ("ＺZ!", "", "令和3", "", "zz 2020")])
    look("import errors")
    upload(page, base, [("a",), ("b",)])
    look("import refused")
    page.goto(f"{base}{MASTER}initiative/1/change/")
    page.fill("#id_first_fiscal_year", "")
    page.fill("#id_assignments-0-from_fiscal_year", "2024")
    page.fill("#id_assignments-0-to_fiscal_year", "2020")
    press(page, "button[name=_save]")
    look("form errors")
    page.goto(f"{base}{MASTER}user/add/")
    press(page, "button[name=_save]")
    look("user form errors")
    page.goto(f"{base}{MASTER}user/1/password/")
    press(page, "main button[type=submit]")
    look("password errors")
    page.goto(f"{base}{MASTER}initiative/2/change/")
    year = 2021 - int(page.input_value("#id_first_fiscal_year") == "2021")
    page.fill("#id_first_fiscal_year", str(year))
    press(page, "button[name=_save]")
    look("list with a message")
    page.goto(f"{base}{MASTER}initiative/2/history/")
    look("filled history")
    page.goto(f"{base}{MASTER}initiative/add/")
    page.click(".add-row a")
    look("form with an added row")


@on_sqlite
@pytest.mark.long
def test_no_page_has_a_violation(browser: Browser, staff_site: str) -> None:
    found: list[object] = []
    look_at = Look()
    with looked_at(browser.new_context(bypass_csp=True)) as page:

        def look(name: str) -> None:
            found.extend((name, *violation) for violation in look_at(page))
            for width in (NARROW, WIDE):
                page.set_viewport_size({"width": width, "height": 900})
                if page.evaluate("document.documentElement.scrollWidth") > width:
                    found.append((name, width, "scrolls sideways"))

        page.goto(f"{staff_site}/staff/login/")
        look("login")
        log_in(page, staff_site)
        for path in still_pages():
            response = page.goto(staff_site + path)
            assert response is not None
            assert response.status == 200, path
            look(path)
        reach_states(page, staff_site, look)
    assert not found, listed(found)


@pytest.mark.long
def test_the_strict_policy_holds(browser: Browser, staff_site: str) -> None:
    complaints: list[str] = []
    with browser.new_context() as context:
        page = context.new_page()

        def on_console(message: ConsoleMessage) -> None:
            is_own = "status of 400" in message.text  # the page of a refused file
            if message.type in {"error", "warning"} and not is_own:
                complaints.append(f"{page.url} {message.text}")

        def on_request(address: str) -> None:
            if urlsplit(address).netloc != urlsplit(staff_site).netloc:
                complaints.append(f"{page.url} asked {address}")

        page.on("console", on_console)
        page.on("pageerror", lambda error: complaints.append(f"{page.url} script: {error}"))
        page.on("request", lambda request: on_request(request.url))
        log_in(page, staff_site)
        for path in still_pages():
            response = page.goto(staff_site + path)
            assert response is not None
            policy = response.headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
        reach_states(page, staff_site, lambda _name: None)
    assert not complaints, listed(complaints)


def test_rows_are_added_with_and_without_scripts(browser: Browser, staff_site: str) -> None:
    for runs_scripts, years in ((True, ("2031", "2032")), (False, ("2033",))):
        with browser.new_context(java_script_enabled=runs_scripts) as context:
            page = context.new_page()
            log_in(page, staff_site)
            page.goto(f"{staff_site}{MASTER}pledge/3/change/")
            count = int(page.input_value("#id_initiatives-INITIAL_FORMS"))
            for number, year in enumerate(years):
                if number:
                    page.click(".add-row a")
                page.fill(f"#id_initiatives-{count + number}-first_fiscal_year", year)
            press(page, "button[name=_continue]")
            last = int(page.input_value("#id_initiatives-INITIAL_FORMS"))
            assert last == count + len(years)
            assert page.input_value(f"#id_initiatives-{last - 1}-first_fiscal_year") == years[-1]
            assert page.input_value(f"#id_initiatives-{last - 1}-position") == str(last)


def test_suggestions_are_the_browsers_own(browser: Browser, staff_site: str) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        log_in(page, staff_site)
        page.goto(f"{staff_site}{MASTER}initiative/add/")
        page.fill("#id_pledge", page.locator("#id_pledge-names option").first.get_attribute("value") or "")
        page.fill("#id_first_fiscal_year", "2024")
        page.fill("#id_plan_projects", "企業誘致")
        press(page, "button[name=_continue]")
        assert "企業誘致" in page.input_value("#id_plan_projects")


def test_a_telephone_is_told_where_a_table_goes_on(browser: Browser, staff_site: str) -> None:
    told = """all => all.map(each => [
        getComputedStyle(each, '::before').content.includes('表は横に動かせます'),
        each.scrollWidth > each.clientWidth])"""
    with browser.new_context(viewport={"width": TELEPHONE, "height": 900}) as context:
        page = context.new_page()
        log_in(page, staff_site)
        lists = [f"{model}/" for model in (*KEPT, *RECORDS)]
        for path in ("", *lists, "initiative/1/change/", "manifesto/1/change/"):
            page.goto(f"{staff_site}{MASTER}{path}")
            for is_told, goes_on in page.locator(".table-scroll").evaluate_all(told):
                assert (is_told, goes_on) == (True, True), path


def test_a_number_or_a_day_is_never_broken_on_a_telephone(browser: Browser, staff_site: str) -> None:
    with browser.new_context(viewport={"width": NARROW, "height": 900}) as context:
        page = context.new_page()
        log_in(page, staff_site)
        page.goto(f"{staff_site}{MASTER}event/")
        wraps = "all => all.map(cell => getComputedStyle(cell).whiteSpace)"
        for pieces in (".event-number", ".event-when time"):
            assert set(page.locator(pieces).evaluate_all(wraps)) == {"nowrap"}
