"""April, by the clicks of those who prepare it: a reorganisation as one document, and a list of new people.

Names are those of the city's own table.
"""

import re
from io import BytesIO

from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from tests.browser.seen import seen
from tests.browser.years import CityHall, follow, menu, press
from tests.organisation.people.lists import workbook

SPLIT, NEW_SPLIT, OTHER_HEIR = "事務管理課（009）", "デジタル推進課（dx）", "情報政策課（051）"
PASSWORD = "ながいあいことば2026"
HEADINGS = ["職員番号", "氏名", "所属", "兼務"]
NEWCOMERS = 30


# --- a reorganisation


def say_whom_the_public_asks(page: Page, look: str) -> None:
    """The planning office is named as the contact, with the division that it stands in."""
    menu(page, "基本データ")
    page.locator("main").get_by_role("link", name="担当課", exact=True).click()
    follow(page, "企画調整課")
    page.fill("#id_division", "企画部")
    page.get_by_label("公開ページの問い合わせ先").check()
    seen(page, look)
    press(page, "保存")


def reorganise(page: Page, look: str) -> None:
    """A split, a merger, a rename, an abolition, a duty that moves, and the planning office's own move."""
    menu(page, "基本データ")
    follow(page, "組織改正")
    seen(page, f"{look}-list")
    page.get_by_label("何年度の組織改正ですか").select_option("2025")
    page.get_by_label("件名").fill("令和7年4月の組織改正")
    press(page, "準備を始める")
    seen(page, f"{look}-empty")
    for code, name in (("dx", "デジタル推進課"), ("roads", "道路課")):
        step(page, "新しい課", コード=code, 名称=name)
    follow(page, "分割")
    answer(page, "分かれる課", SPLIT)
    for heir in (NEW_SPLIT, OTHER_HEIR):
        page.get_by_label(heir).check()
    seen(page, f"{look}-split")
    press(page, "引継ぎ先の選択へ進む")
    page.get_by_label("下で選ばないものは、すべて").select_option("dx")
    for duty in page.locator("select[name^=take_i]").all()[:3]:
        duty.select_option("051")
    seen(page, f"{look}-choices")
    press(page, "この引継ぎ先にする")
    follow(page, "統合")
    for gone in ("道路整備課（038）", "道路管理課（039）"):
        page.get_by_label(gone).check()
    answer(page, "引継ぎ先", "道路課（roads）")
    press(page, "保存する")
    step(page, "名称の変更", 名称が変わる課="健康づくり課（013）", 名称="健康づくり推進課")
    step(page, "廃止", なくなる課="GX推進課（048）", 引継ぎ先="環境政策課（047）")
    follow(page, "担当の移動")
    answer(page, "いまの担当課", "企画調整課（002）")
    answer(page, "移す先の課", "広報課（036）")
    press(page, "引継ぎ先の選択へ進む")
    page.locator("input[name^=take_i]").first.check()
    seen(page, f"{look}-move")
    press(page, "選んだ取組を移す")
    step(page, "名称の変更", 名称が変わる課="企画調整課（002）", 名称="企画調整課", 部="市長公室")
    expect(page.locator(".step-list > li")).to_have_count(8)
    seen(page, f"{look}-preview")
    press(page, "この内容で実施する")
    expect(page.locator(".lead")).to_contain_text("実施済")
    seen(page, f"{look}-done")


def step(page: Page, kind: str, **fields: str) -> None:
    """Adds a step that needs no choices."""
    follow(page, kind)
    for label, value in fields.items():
        answer(page, label, value)
    press(page, "保存する")
    expect(page.locator(".step-list")).to_be_visible()


def answer(page: Page, label: str, value: str) -> None:
    """Fills in a field, or chooses in it, by its whole label."""
    box = page.get_by_label(re.compile(rf"^{label}(※必須)?$"))
    if box.evaluate("each => each.tagName") == "SELECT":
        box.select_option(label=value)
    else:
        box.fill(value)


# --- people


def thirty_people(hall: CityHall, page: Page, look: str) -> dict[str, str]:
    """A list by Excel that mans every department of the year, and slips for all. Notes who works where, and
    returns the numbers of the slips by user name.
    """
    menu(page, "利用者")
    follow(page, "利用者の一覧を Excel で取り込む")
    seen(page, f"{look}-lists")
    with page.expect_download() as waited:
        page.get_by_role("link", name=re.compile("令和7年度")).click()
    offices = offered(waited.value.path().read_bytes())
    people = [[f"7{number:03}", f"新任 {number + 1}番", name, ""] for number, name in enumerate(offices)]
    for person, (_number, _name, office, _none) in zip(people, people[NEWCOMERS:], strict=False):
        person[3] = office  # somebody works there beside their own department
    del people[NEWCOMERS:]
    page.set_input_files("#id_file", hall.keep("4月.xlsx", workbook(people, HEADINGS)))
    page.get_by_label("年度").select_option("2025")
    press(page, "読み込んで確認へ進む")
    seen(page, f"{look}-preview")
    press(page, f"この内容で取り込む（{NEWCOMERS} 人）")
    seen(page, f"{look}-outcome")
    follow(page, "新しい人に案内を作る")
    seen(page, f"{look}-list")
    page.get_by_label(f"いまの条件にあてはまる {NEWCOMERS} 人全員").check()
    press(page, "印刷する案内を作る")
    expect(page.locator(".slip")).to_have_count(NEWCOMERS)
    seen(page, f"{look}-slips")
    hall.people |= {name: person[0] for person in people for name in person[2:]}
    codes = page.locator(".slip-code").all_inner_texts()
    return dict(zip(codes[::2], codes[1::2], strict=True))


def offered(content: bytes) -> list[str]:
    """The departments that the list of people lets one choose from."""
    hidden = next(sheet for sheet in load_workbook(BytesIO(content)) if sheet.sheet_state == "hidden")
    return [str(cell.value) for cell in hidden["A"] if cell.value]


def first_login(hall: CityHall, username: str, number: str) -> None:
    """Somebody sets their password with the number of their slip, and logs in."""
    with hall.browser.new_context(locale="ja-JP") as context:
        page = context.new_page()
        page.goto(f"{hall.site.base}/staff/invitation/")
        answers = {"username": username, "password_number": number}
        for name, value in {**answers, "password1": PASSWORD, "password2": PASSWORD}.items():
            page.fill(f"#id_{name}", value)
        press(page, "パスワードを決める")
        page.fill("#id_username", username)
        page.fill("#id_password", PASSWORD)
        press(page, "ログイン")
        expect(page.locator("h1")).to_have_text("ホーム")
    hall.known[username] = hall.site.passwords[username] = PASSWORD


def slips_for_those_who_wait(page: Page, look: str) -> int:
    """New slips for everybody without a password, whose first slips are long out of date. Returns for how
    many.
    """
    menu(page, "利用者")
    page.get_by_label("ログインできるか").select_option(label="案内がいる人（パスワードがない）")
    press(page, "絞り込む")
    page.get_by_label(re.compile("いまの条件にあてはまる")).check()
    seen(page, look)
    press(page, "印刷する案内を作る")
    return page.locator(".slip").count()
