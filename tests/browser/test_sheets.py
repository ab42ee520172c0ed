"""Answering in Excel, in a real browser: beside the form, without scripts, by keyboard; and every state of
its pages.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from openpyxl.utils import get_column_letter
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import Look, looked_at, on_sqlite
from tests.browser.problems import listed
from tests.browser.server import PROJECT, own_site, serving
from tests.browser.staff import StaffSite
from tests.browser.test_keyboard import FOCUSED
from tests.browser.test_staff_pages import NARROWEST, OUT_OF_FRAME
from tests.browser.the_rest import PASSWORD
from tests.entry_sheets.filling import Filled

pytestmark = pytest.mark.browser
TABS = 120  # more than any of these pages has stops
LATEST = ".notice-messages[role=status]"


@dataclass
class Sheets(StaffSite):
    """The running site; `states` of the pages by name: who sees each, and where."""

    pages_by_state: dict[str, list[str]] = field(default_factory=dict)

    def open(self, page: Page, state: str) -> None:
        page.goto(self.base + self.pages_by_state[state][1])

    def owner(self, state: str) -> str:
        return self.pages_by_state[state][0]


@pytest.fixture(scope="module")
def sheets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sheets]:
    folder = tmp_path_factory.mktemp("sheets")
    with own_site(folder) as environment:
        command = [sys.executable, "-m", "tests.browser.sheet_states"]
        made = subprocess.run(
            command, cwd=PROJECT, env=environment, stdout=subprocess.PIPE, text=True, check=True
        )
        states = json.loads(made.stdout)
        with serving(environment, folder / "gunicorn.log") as base:
            passwords = dict.fromkeys(("clerk", "colleague", "planner"), PASSWORD)
            yield Sheets(base, passwords, pages_by_state=states)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def downloaded(page: Page, folder: Path) -> Filled:
    """The department's sheet, by its link."""
    with page.expect_download() as waited:
        page.locator(".downloads a").last.click()
    waited.value.save_as(folder / "入力シート.xlsx")
    return Filled((folder / "入力シート.xlsx").read_bytes())


def untouched(page: Page, sheets: Sheets) -> list[int]:
    """The ids of the clerk's rows that nobody has begun, the last ones first: the states use the first."""
    page.goto(f"{sheets.base}/staff/")
    links = page.locator("h3:has-text('未入力') + ul.task-list .task-name a")
    found = links.evaluate_all("all => all.map(each => each.getAttribute('href'))")
    return [int(link.split("/")[3]) for link in reversed(found)]


def upload(page: Page, file: Path, content: bytes) -> None:
    file.write_bytes(content)
    page.set_input_files("#id_file", file)
    press(page, "読み込んで確認へ進む")


def text_of(page: Page, sheets: Sheets, pk: int, name: str = "result") -> str:
    page.goto(f"{sheets.base}/staff/actions/{pk}/")
    return page.input_value(f"#id_{name}")


# --- two ways at once
# -------------------------------------------------------------------------------------------------
def test_excel_and_the_form_at_once_lose_nothing(sheets: Sheets, browser: Browser, tmp_path: Path) -> None:
    with sheets.context(browser, "clerk") as mine, sheets.context(browser, "colleague") as theirs:
        clerk, colleague = mine.new_page(), theirs.new_page()
        shared, own = untouched(clerk, sheets)[:2]
        clerk.get_by_role("link", name="Excel でまとめて入力する").click()
        sheet = downloaded(clerk, tmp_path)

        colleague.goto(f"{sheets.base}/staff/actions/{shared}/")
        colleague.fill("#id_result", "・同僚が画面で書きました。")
        colleague.fill("#id_plan", "・同僚の予定です。")
        press(colleague, "下書き保存")
        expect(colleague.locator(LATEST)).to_contain_text("保存しました")

        sheet.write(shared, result="・シートで書きました。").write(
            own, result="・もう一つの取組です。", plan="・次の予定です。"
        )
        upload(clerk, tmp_path / "書いたシート.xlsx", sheet.bytes())
        expect(clerk.locator("h1")).to_contain_text("入力シートの確認")
        worksheet, row, columns = sheet.place(shared)
        cell = f"{get_column_letter(columns['result'])}{row}"
        conflict = clerk.locator(".sheet-row", has_text=f"シート「{worksheet.title}」{row} 行目")
        expect(conflict.locator(".outcome-conflict h3")).to_contain_text(f"セル {cell}")
        expect(conflict.locator(".sides")).to_contain_text("いまの内容（試験 colleague さんが保存）")
        expect(conflict.locator("details")).to_contain_text("ほかで変わった欄（1 か所）")

        press(clerk, "選んだ内容で、下書きとして取り込む")
        expect(clerk.locator("[role=alert]")).to_contain_text(
            "どちらを残すか決まっていない行が 1 行あります。"
        )
        conflict.get_by_role("radio", name="両方を続けて残す").check()
        press(clerk, "選んだ内容で、下書きとして取り込む")
        expect(clerk.locator("h1")).to_contain_text("入力シートの取込")
        outcome = clerk.url
        assert text_of(clerk, sheets, shared) == "・同僚が画面で書きました。\n・シートで書きました。"
        assert text_of(clerk, sheets, shared, "plan") == "・同僚の予定です。"
        assert text_of(colleague, sheets, own) == "・もう一つの取組です。"
        assert text_of(colleague, sheets, own, "plan") == "・次の予定です。"

        clerk.goto(outcome)
        press(clerk, "この取込を取り消す")
        expect(clerk.locator(LATEST)).to_contain_text("2 件の取組は、取り込む前の内容に戻りました。")
        assert text_of(clerk, sheets, shared) == "・同僚が画面で書きました。"
        assert text_of(clerk, sheets, own) == ""


def test_the_whole_way_works_without_scripts(sheets: Sheets, browser: Browser, tmp_path: Path) -> None:
    """With a file of some megabytes, too."""
    with sheets.context(browser, "clerk", java_script_enabled=False) as context:
        page = context.new_page()
        first, second = untouched(page, sheets)[2:4]
        page.get_by_role("link", name="Excel でまとめて入力する").click()
        page.locator(".downloads a").last.wait_for()
        link = str(page.locator(".downloads a").last.get_attribute("href"))
        opened = Filled(context.request.get(sheets.base + link).body())
        answer = {
            "result": "・会議を開きました。",
            "rating": "評価を付けない",
            "rating_reason": "・県の事業に移ったため。",
        }
        opened.write(first, **answer).write(second, result="・途中です。")
        pad(opened)
        page.get_by_label("保存して、提出まで行う").check()
        upload(page, tmp_path / "大きいシート.xlsx", opened.bytes())
        expect(page.locator("h1")).to_contain_text("入力シートの確認", timeout=30_000)

        page.wait_for_load_state()  # the rows come after the heading
        rows = page.locator(".sheet-row")
        waiting = rows.count()
        expect(page.locator(".tally > div").first).to_contain_text("うち提出")
        for row in range(waiting):
            if (
                rows.nth(row).locator(".sheet-cell").count() == 0
            ):  # a draft of another test: not this one's to hand in
                rows.nth(row).locator("input[type=checkbox]").uncheck()
        press(page, "途中まで保存する（まだ取り込みません）")
        expect(page.locator(".tally > div").first).to_contain_text("2 件うち提出 1 件")
        page.locator(".sheet-filters button[value=all]").click()
        expect(page.locator(".sheet-filters [aria-current]")).to_have_attribute("value", "all")
        page.wait_for_load_state()
        assert page.locator(".sheet-row").count() > waiting
        press(page, "2 件を取り込む（うち 1 件を提出する）")
        expect(page.locator("main")).to_contain_text("2 件の取組に書き込み、うち 1 件を提出しました。")
        press(page, "この取込を取り消す")
        expect(page.locator("main")).to_contain_text("取り込む前の内容に戻りました。")
        assert text_of(page, sheets, first) == ""


def pad(opened: Filled) -> None:
    """A second sheet with a clerk's old drafts in it: the file becomes a large one."""
    drafts = opened.book.create_sheet("控え")
    for _row in range(150):
        drafts.append(["a" * 32_000])


def test_the_way_by_the_keyboard_alone(sheets: Sheets, browser: Browser, tmp_path: Path) -> None:
    with sheets.context(browser, "clerk") as context, sheets.context(browser, "colleague") as others:
        page = context.new_page()
        pk = untouched(page, sheets)[4]
        sheets.open(page, "page")
        sheet = downloaded(page, tmp_path).write(pk, result="・シートの文です。")
        colleague = others.new_page()
        colleague.goto(f"{sheets.base}/staff/actions/{pk}/")
        colleague.fill("#id_result", "・同僚の文です。")
        press(colleague, "下書き保存")
        expect(colleague.locator(LATEST)).to_contain_text("保存しました")
        (tmp_path / "a.xlsx").write_bytes(sheet.bytes())
        page.set_input_files("#id_file", tmp_path / "a.xlsx")  # the operating system's own window chooses it
        page.focus("#id_file")
        tab_to(page, "element.textContent === '読み込んで確認へ進む'")
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_contain_text("入力シートの確認")

        tab_to(page, "element.type === 'radio' && element.name.startsWith('pick_')")
        page.keyboard.press("ArrowDown")
        chosen = "document.activeElement.value"
        assert page.evaluate(chosen) == "mine"
        page.keyboard.press("Enter")  # keeps the choice, and writes nothing
        page.wait_for_load_state()
        expect(page.locator("h1")).to_contain_text("入力シートの確認")
        expect(page.locator(".outcome-conflict input[value=mine]")).to_be_checked()
        tab_to(page, "element.value === 'confirm'")
        page.keyboard.press("Enter")
        expect(page.locator("main")).to_contain_text("1 件の取組に書き込みました（下書き）。")
        tab_to(page, "element.value === 'undo'")
        page.keyboard.press("Space")
        expect(page.locator(LATEST)).to_contain_text("戻りました。")
        assert text_of(page, sheets, pk) == "・同僚の文です。"


def tab_to(page: Page, claim: str) -> None:
    """Presses Tab until the focus is where it is wanted; everywhere on the way it can be seen."""
    for _step in range(TABS):
        page.keyboard.press("Tab")
        focused = page.evaluate(FOCUSED)
        if focused["body"]:
            continue
        assert focused["marked"], focused["name"]
        assert focused["uncovered"], focused["name"]
        if page.evaluate(f"(element => {claim})(document.activeElement)"):
            return
    raise AssertionError(f"no Tab leads to {claim} on {page.url}")


# --- every state of every page
# ---------------------------------------------------------------------------------------- Each state by a
# word that its page alone says.
SAID = {
    "page, empty": "読み込んで確認へ進む",
    "page": "これまでの取込",
    "page of the planning office": "全体の入力シート",
    "page, closed": "見るだけのシート",
    "nothing to do": "取り込む変更はありません。",
    "changes": "提出に必要な項目が足りない",
    "conflict": "どちらを残すか",
    "errors": "取り込めない行が",
    "without a base": "いつ作ったシートかの記録がありません",
    "long text": "_FINAL_final",
    "many rows": "選んだ内容は残ります",
    "onlooker": "確認している途中",
    "outcome, applied": "（下書き）",
    "outcome, submitted": "提出しました",
    "outcome, undone": "この取込を取り消しました",
}
STATES = tuple(SAID)


def refused_file(page: Page, sheets: Sheets) -> None:
    sheets.open(page, "page")
    page.set_input_files(
        "#id_file", {"name": "写真.xlsx", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n" + bytes(99)}
    )
    press(page, "読み込んで確認へ進む")
    expect(page.locator("[role=alert]")).to_contain_text("写真.xlsx")


def undecided(page: Page, sheets: Sheets) -> None:
    sheets.open(page, "conflict")
    press(page, "選んだ内容で、下書きとして取り込む")
    expect(page.locator("[role=alert]")).to_contain_text("どちらを残すか決まっていない行が 1 行あります。")


def undo_refused(page: Page, sheets: Sheets) -> None:
    sheets.open(page, "outcome, touched since")
    press(page, "この取込を取り消す")
    expect(page.locator("[role=alert] li")).to_contain_text("そのあとに変更されています。")


def last_page_of_many(page: Page, sheets: Sheets) -> None:
    """As the planning office; the others are the clerk's."""
    sheets.open(page, "many rows")
    page.locator(".pagination button").last.click()
    expect(page.locator(".pagination [aria-current=page]")).not_to_have_text("1")


def lost_file(page: Page, sheets: Sheets) -> None:
    sheets.open(page, "page")
    page.set_input_files("#id_file", {"name": "a.xlsx", "mimeType": "application/zip", "buffer": b"PK"})
    page.context.clear_cookies(name="staff_session")
    press(page, "読み込んで確認へ進む")
    expect(page.locator("[role=alert]")).to_contain_text("ファイルはまだ読み込まれていません。")


Reach = Callable[[Page, Sheets], None]
REACHED: dict[Reach, str] = {
    refused_file: "clerk", undecided: "clerk", undo_refused: "clerk", last_page_of_many: "planner",
    lost_file: "clerk",
}  # fmt: skip
Way = tuple[str, str, Reach]


def ways(sheets: Sheets) -> Iterator[Way]:
    """Name, who, and how to get there, of every state; by person, so that one browser serves each."""
    found = [(state, sheets.owner(state), opened(state)) for state in STATES]
    found += [(reach.__name__, who, reach) for reach, who in REACHED.items()]
    return iter(sorted(found, key=lambda way: (way[1], way[2] is lost_file)))


def opened(state: str) -> Reach:
    return lambda page, sheets: sheets.open(page, state)


def test_the_states_are_what_they_are_called(sheets: Sheets, browser: Browser) -> None:
    """A test of the test: pages that say something else would be looked at in vain."""
    for who in sorted({sheets.owner(state) for state in STATES}):
        with sheets.context(browser, who) as context:
            for state in (state for state in STATES if sheets.owner(state) == who):
                answer = context.request.get(sheets.base + sheets.pages_by_state[state][1])
                assert (answer.status, SAID[state] in answer.text()) == (200, True), state


@on_sqlite
@pytest.mark.long
def test_axe_finds_nothing_in_any_state(sheets: Sheets, browser: Browser) -> None:
    found: list[Any] = []
    look = Look()
    for who in ("clerk", "colleague", "planner"):
        with looked_at(sheets.context(browser, who, bypass_csp=True)) as page:
            for name, _who, reach in (way for way in ways(sheets) if way[1] == who):
                reach(page, sheets)
                found += [(name, *violation) for violation in look(page)]
    assert not found, listed(found)


@pytest.mark.wide
def test_the_policy_holds_and_nothing_is_wider_than_the_screen(sheets: Sheets, browser: Browser) -> None:
    found: list[Any] = []
    for who in ("clerk", "colleague", "planner"):
        with sheets.context(browser, who, NARROWEST) as context:
            page = context.new_page()
            page.on("console", lambda message: heard(found, message.type, message.text))
            page.on("pageerror", lambda error: found.append(("error", str(error))))
            page.on(
                "request",
                lambda request: (
                    found.append(request.url) if not request.url.startswith(sheets.base) else None
                ),
            )
            page.on("response", lambda answer: found.append(answer.url) if is_loose(answer) else None)
            for name, _who, reach in (way for way in ways(sheets) if way[1] == who):
                reach(page, sheets)
                if (beyond := page.evaluate(OUT_OF_FRAME)) > 0:
                    found.append((name, f"{beyond} pixels wider than {NARROWEST}"))
    assert not found, listed(found)


def heard(found: list[Any], kind: str, text: str) -> None:
    """The browser logs an answer of 401, 409 or 422 as a failure; those are wanted here."""
    if "status of 4" not in text:
        found.append((kind, text))


def is_loose(answer: Any) -> bool:
    """Whether a page came without the strict policy."""
    policy = answer.headers.get("content-security-policy", "")
    is_page = answer.headers.get("content-type", "").startswith("text/html") and answer.status != 302
    return is_page and ("default-src 'none'" not in policy or "unsafe" in policy)
