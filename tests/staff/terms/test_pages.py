"""The pages of the next term: each step told before it is done, refused in words, and nothing lost."""

import re
from collections import Counter
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook
from openpyxl.comments import Comment

from tests.conftest import PROJECT
from tests.indicators import define as define_indicator
from tests.staff.people import logged_in
from tests.workspace import Workspace
from tracker.cycle import term_pledges, terms
from tracker.models import Category, Department, Event, Initiative, Manifesto, Pledge, ReportingRound
from tracker.reports import publishing
from tracker.staff.master import files
from tracker.staff.terms import table
from tracker.staff.terms.table import HEADINGS
from tracker.words.folding import fold

TITLE = "市長マニフェスト（第2期）"
EXPECTED = re.compile(r'name="expected" value="([0-9a-f]{64})"')
SIGNED = re.compile(r'name="rows" value="([^"]+)"')


@pytest.fixture
def browser(space: Workspace) -> Client:
    return logged_in(space.cast.planner)


@pytest.fixture
def term(space: Workspace) -> Manifesto:
    return terms.begin(title=TITLE, first_fiscal_year=2025, last_fiscal_year=2028, by=space.cast.planner)


def page(term: Manifesto, name: str = "") -> str:
    return f"/staff/terms/{term.pk}/{name}"


def next_month() -> str:
    return (timezone.localdate() + timedelta(days=30)).isoformat()


def source_of(response: Any) -> str:
    text: str = response.content.decode()
    return text


def former(space: Workspace) -> Pledge:
    return Pledge.objects.get(section__manifesto=space.manifesto)


# ---- Beginning


def test_a_term_begins_with_the_scale_of_the_former(browser: Client, space: Workspace) -> None:
    start = source_of(browser.get("/staff/terms/begin/"))
    assert 'value="2025"' in start  # the former one began in 2021, and nobody said when it ends
    fields = {
        "title": TITLE, "first_fiscal_year": "２０２５", "last_fiscal_year": "", "slug": "",
        "scale_of": space.manifesto.pk,
    }  # fmt: skip
    answer = browser.post("/staff/terms/begin/", fields)
    made = Manifesto.objects.get(slug="2025")
    assert (answer.status_code, answer.url) == (302, page(made))
    assert [each.code for each in terms.scale_of_term(made)] == ["A", "B", "C"]
    assert f"「{TITLE}」を始めました" in source_of(browser.get(answer.url))


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"title": ""}, "表題を書いてください"),
        ({"first_fiscal_year": "令和"}, "2025 のような西暦 4 桁の数か、令和7年度のように書いてください"),
        ({"last_fiscal_year": "2024"}, "より前です。年度を確かめてください"),
        ({"slug": "2021"}, "のアドレスです。別の名前にしてください"),
        ({"slug": "static"}, "ほかのページのアドレスです"),
    ],
)
def test_a_refused_beginning_keeps_what_was_typed(
    browser: Client, values: dict[str, str], words: str
) -> None:
    fields = {"title": "第二期の約束", "first_fiscal_year": "2025", "last_fiscal_year": "2028", **values}
    answer = browser.post("/staff/terms/begin/", fields)
    assert (answer.status_code, words in source_of(answer)) == (422, True)
    assert all(f'value="{text}"' in source_of(answer) for text in fields.values() if text)
    assert Manifesto.objects.count() == 1


def test_the_list_of_steps_says_what_is_next(browser: Client, space: Workspace, term: Manifesto) -> None:
    def states() -> list[tuple[str, str]]:
        shown = browser.get(page(term)).context["steps"]
        return [(step.key, step.state) for step in shown]

    assert states() == [
        ("years", "済"),
        ("scale", "次にすること"),
        ("pledges", "そのあと"),
        ("round", "そのあと"),
    ]
    terms.set_scale(term, [terms.ScaleStep("A", "達成")], by=space.cast.planner)
    assert states()[1:3] == [("scale", "済"), ("pledges", "次にすること")]
    brought = term_pledges.carried_on(space.manifesto, [former(space).pk], 2025)
    term_pledges.bring_in(term, brought, by=space.cast.planner)
    assert states()[2:] == [("pledges", "済"), ("round", "次にすること")]
    fields = {
        "act": "open", "manifesto": term.pk, "fiscal_year": 2025, "as_of": "2026-03-31",
        "due_on": next_month(),
    }  # fmt: skip
    opened = browser.post(f"/staff/rounds/open/?manifesto={term.slug}", fields)
    assert (opened.status_code, ReportingRound.objects.filter(manifesto=term).count()) == (302, 1)
    assert states()[3] == ("round", "済")
    source = source_of(browser.get(page(term)))
    assert ("この任期の開始を取り消す" in source, "基本データで、表題と年度を変える" in source) == (
        False,
        True,
    )


def test_a_round_after_the_term_is_told_before_it_opens(browser: Client, space: Workspace) -> None:
    publishing.publish(space.round, by="企画", unapproved_reason="確認中")
    fields = {"act": "check", "manifesto": space.manifesto.pk, "due_on": next_month()}
    form = {**fields, "fiscal_year": 2025, "as_of": "2026-03-31"}
    for last, is_told in ((None, False), (2025, False), (2024, True)):
        Manifesto.objects.filter(pk=space.manifesto.pk).update(last_fiscal_year=last)
        answer = browser.post("/staff/rounds/open/?manifesto=2021", form)
        told = "この任期の最後の年度より後です" in source_of(answer)
        assert (answer.status_code, told) == (200, is_told)


# ---- Years and scale


def test_years_are_changed_and_refused_beside_their_field(browser: Client, term: Manifesto) -> None:
    fields = {"title": "別の表題", "first_fiscal_year": "2026", "last_fiscal_year": "2025"}
    refused = browser.post(page(term, "years/"), fields)
    assert (refused.status_code, 'value="別の表題"' in source_of(refused)) == (422, True)
    saved = browser.post(page(term, "years/"), {**fields, "last_fiscal_year": "2029"})
    assert saved.status_code == 302
    stored = Manifesto.objects.get(pk=term.pk)
    assert (stored.title, stored.first_fiscal_year, stored.last_fiscal_year) == ("別の表題", 2026, 2029)


def scale_fields(*steps: tuple[str, str, str, str], act: str = "save") -> dict[str, Any]:
    names = ("code", "label", "definition", "percent")
    told = {
        f"step-{number}-{name}": text
        for number, step in enumerate(steps, start=1)
        for name, text in zip(names, step, strict=True)
    }
    return {"act": act, "steps": len(steps), **told}


def test_a_scale_is_written_line_by_line(browser: Client, term: Manifesto) -> None:
    lines = [("Ａ", "達成", "すべて", "100"), ("", "", "", ""), ("B", "一部", "", "")]
    assert browser.post(page(term, "scale/"), scale_fields(*lines)).status_code == 302
    assert list(term.ratings.values_list("position", "code", "label", "percent")) == [
        (1, "A", "達成", 100), (2, "B", "一部", None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "status", "words"),
    [
        ([("", "", "", "")], 409, "区分が 1 つもありません"),
        ([("A", "", "", "")], 422, "1 段階目：名称を書いてください"),
        ([("A", "達成", "", "120")], 422, "進捗率は 0 から 100 まで"),
        ([("A", "達成", "", ""), ("Ａ", "一部", "", "")], 409, "記号「A」が 2 つあります"),
    ],
)
def test_a_scale_that_cannot_be_meant_is_refused(
    browser: Client, term: Manifesto, lines: list[tuple[str, str, str, str]], status: int, words: str
) -> None:
    answer = browser.post(page(term, "scale/"), scale_fields(*lines))
    assert (answer.status_code, words in source_of(answer), term.ratings.count()) == (status, True, 0)


def test_a_scale_begins_with_lines_and_takes_a_percentage_with_its_sign(
    browser: Client, term: Manifesto
) -> None:
    assert len(browser.get(page(term, "scale/")).context["lines"]) == 5
    fields = scale_fields(("A", "達成", "", "１００％"), ("B", "未着手", "", "0%"))
    assert browser.post(page(term, "scale/"), fields).status_code == 302
    assert [step.percent for step in terms.scale_of_term(term)] == [100, 0]


def test_a_step_outside_the_order_has_no_percentage(browser: Client, term: Manifesto) -> None:
    fields = scale_fields(("A", "達成", "", "100"), ("他", "対象外", "", "0")) | {"step-2-has_no_rank": "on"}
    answer = browser.post(page(term, "scale/"), fields)
    assert (answer.status_code, "順序のない区分に、進捗率は付けられません" in source_of(answer)) == (
        422,
        True,
    )
    assert browser.post(page(term, "scale/"), fields | {"step-2-percent": ""}).status_code == 302
    assert [(step.code, step.is_ranked) for step in terms.scale_of_term(term)] == [("A", True), ("他", False)]


def test_pledges_are_given_a_place_without_section_or_field(browser: Client, term: Manifesto) -> None:
    place = f"/staff/pledges/sections/?manifesto={term.slug}"
    told = {"category": "", "category_name": "まち", "section_name": ""}
    assert browser.post(place, told).status_code == 302
    assert browser.post(place, told).status_code == 422  # it is there
    assert browser.post(place, {"category": "0", "section_name": "道路"}).status_code == 422
    assert browser.post(place, {"category": "0", "section_name": ""}).status_code == 302
    sections = term.categories.filter(parent__isnull=False).select_related("parent")
    assert [each.path for each in sections.order_by("parent__number")] == ["（分野なし）", "1. まち"]


def test_years_are_written_as_a_clerk_says_them(browser: Client, term: Manifesto) -> None:
    fields = {"title": "別の表題", "first_fiscal_year": "令和８年度", "last_fiscal_year": "R11"}
    assert browser.post(page(term, "years/"), fields).status_code == 302
    stored = Manifesto.objects.get(pk=term.pk)
    assert (stored.first_fiscal_year, stored.last_fiscal_year) == (2026, 2029)


def test_a_line_more_keeps_what_was_typed(browser: Client, term: Manifesto) -> None:
    answer = browser.post(page(term, "scale/"), scale_fields(("A", "", "基準", ""), act="more"))
    source = source_of(answer)
    assert (answer.status_code, len(answer.context["lines"]), 'value="基準"' in source) == (200, 2, True)
    assert "field-error" not in source
    filled = source_of(browser.get(page(term, "scale/"), {"like": "2021"}))
    assert ('value="おおむね達成"' in filled, term.ratings.count()) == (True, 0)


def test_once_a_round_is_there_typed_words_are_shown_for_copying(browser: Client, space: Workspace) -> None:
    fields = {"title": "新しい表題", "first_fiscal_year": "2021", "last_fiscal_year": ""}
    answer = browser.post(page(space.manifesto, "years/"), fields)
    source = source_of(answer)
    assert (answer.status_code, "報告回がもうあります" in source, "新しい表題</textarea>" in source) == (
        409, True, True,
    )  # fmt: skip


# ---- Chosen from the former term


def checked(browser: Client, term: Manifesto, **fields: Any) -> tuple[str, str]:
    answer = browser.post(page(term, "former/"), {"act": "check", **fields})
    found = EXPECTED.search(source_of(answer))
    assert (answer.status_code, bool(found)) == (200, True), source_of(answer)
    return source_of(answer), found[1] if found else ""


def test_indicators_that_come_along_are_told_by_name(
    browser: Client, space: Workspace, term: Manifesto
) -> None:
    old = former(space)
    define_indicator(old.initiatives.order_by("position")[0])
    source, _expected = checked(browser, term, pledge=old.pk)
    assert "一緒に写す指標（1件）" in source
    assert "：相談件数（目標：令和7年度 1,500 件）" in source


def test_chosen_pledges_are_told_by_name_and_then_added(
    browser: Client, space: Workspace, term: Manifesto
) -> None:
    old = former(space)
    assert old.text in source_of(browser.get(page(term, "former/")))
    source, expected = checked(browser, term, pledge=old.pk)
    assert (old.text in source, "土木課" in source, Pledge.objects.count()) == (True, True, 1)
    fields = {"act": "do", "pledge": old.pk, "expected": expected}
    answer = browser.post(page(term, "former/"), fields)
    assert (answer.status_code, answer.url) == (302, page(term))
    made = Pledge.objects.get(section__manifesto=term)
    assert (made.continues, made.initiatives.count()) == (old, 4)
    again = source_of(browser.get(page(term, "former/")))
    assert ("引継ぎ済" in again, f'name="pledge" value="{old.pk}"' in again) == (True, False)
    answer = browser.post(page(term, "former/"), fields)
    assert (answer.status_code, Pledge.objects.count()) == (409, 2)


def test_a_fields_box_chooses_all_of_it(browser: Client, space: Workspace, term: Manifesto) -> None:
    field = Category.objects.get(manifesto=space.manifesto, parent=None)
    source, _expected = checked(browser, term, all_of=field.pk)
    assert former(space).text in source


def test_nothing_chosen_is_said(browser: Client, term: Manifesto) -> None:
    answer = browser.post(page(term, "former/"), {"act": "check"})
    assert (answer.status_code, "公約が 1 つも選ばれていません" in source_of(answer)) == (409, True)


def test_what_changed_meanwhile_is_shown_anew(browser: Client, space: Workspace, term: Manifesto) -> None:
    old = former(space)
    _source, expected = checked(browser, term, pledge=old.pk)
    Pledge.objects.filter(pk=old.pk).update(text="停車場を直します")
    answer = browser.post(page(term, "former/"), {"act": "do", "pledge": old.pk, "expected": expected})
    assert (answer.status_code, "停車場を直します" in source_of(answer)) == (409, True)
    assert Pledge.objects.filter(section__manifesto=term).count() == 0


def test_back_to_the_choice_keeps_the_ticks(browser: Client, space: Workspace, term: Manifesto) -> None:
    old = former(space)
    answer = browser.post(page(term, "former/"), {"act": "edit", "pledge": old.pk})
    box = re.search(rf'id="pledge-{old.pk}"\s+checked', source_of(answer))
    assert (answer.status_code, bool(box)) == (200, True)


def test_a_department_that_has_ended_is_named(browser: Client, space: Workspace, term: Manifesto) -> None:
    Department.objects.filter(pk=space.theirs.pk).update(last_fiscal_year=2024)
    source, _expected = checked(browser, term, pledge=former(space).pk)
    assert "農政課（令和6年度まで）" in source
    assert "令和7年度の担当課がありません" in source


# ---- By a table


def as_file(*rows: dict[str, str]) -> SimpleUploadedFile:
    headings = table.WITH_NAMES if any(table.NAME in row for row in rows) else HEADINGS
    cells = [[row.get(heading, "") for heading in headings] for row in rows]
    return SimpleUploadedFile("公約.xlsx", files.write("xlsx", "公約", headings, cells))


ROW = {"分野": "まち", "項目": "橋", "公約": "橋を架けます"}


def upload(browser: Client, term: Manifesto, *rows: dict[str, str]) -> Any:
    return browser.post(page(term, "table/"), {"file": as_file(*rows)})


def confirmed(browser: Client, term: Manifesto, preview: Any) -> Any:
    source = source_of(preview)
    rows, expected = SIGNED.search(source), EXPECTED.search(source)
    assert rows, source
    assert expected
    fields = {"act": "do", "rows": rows[1], "expected": expected[1]}
    return browser.post(page(term, "table/"), fields)


def refusals(answer: Any) -> list[tuple[str, str]]:
    assert answer.status_code == 422, source_of(answer)
    return [(each.address, each.words) for each in answer.context["refused"]]


def test_of_thousands_of_cells_to_mend_it_says_that_it_shows_the_first(
    browser: Client, term: Manifesto
) -> None:
    words = "はじめの 2,000 か所を示しています"
    few = source_of(upload(browser, term, *[ROW | {"公約": ""}] * 2_000))
    many = source_of(upload(browser, term, *[ROW | {"公約": ""}] * 2_001))
    assert ("2001 か所" in many, words in many, many.count(" 行目</td>")) == (True, True, 2_000)
    assert words not in few


def test_the_workbook_has_the_former_terms_rows_and_adds_them_once(
    browser: Client, space: Workspace, term: Manifesto
) -> None:
    empty = load_workbook(BytesIO(browser.get(page(term, "table.xlsx")).content)).active
    assert [[cell.value for cell in row] for row in empty] == [list(HEADINGS)]  # type: ignore[union-attr]
    content = browser.get(page(term, "table.xlsx"), {"rows": "former"}).content
    preview = browser.post(page(term, "table/"), {"file": SimpleUploadedFile("表.xlsx", content)})
    assert (preview.status_code, Pledge.objects.count()) == (200, 1)
    assert confirmed(browser, term, preview).status_code == 302
    made = Pledge.objects.get(section__manifesto=term)
    assert (made.continues, made.place, made.number_label) == (former(space), "1-1-1", "①")
    offices = [
        sorted(duty.department.name for duty in each.assignments.all())
        for each in made.initiatives.order_by("position")
    ]
    assert offices == [["土木課"], ["農政課"], ["土木課", "農政課"], []]
    again = browser.post(page(term, "table/"), {"file": SimpleUploadedFile("表.xlsx", content)})
    assert "加わるものはありません" in source_of(again)
    assert confirmed(browser, term, again).status_code == 409
    assert Pledge.objects.count() == 2


def test_a_pledge_without_an_initiative_is_brought_as_one(
    browser: Client, space: Workspace, term: Manifesto
) -> None:
    """The row says so; a former term's pledge without any is written so."""
    none = {**ROW, "担当課": "取組はまだありません"}
    preview = upload(browser, term, none)
    assert "<li>取組はまだありません</li>" in source_of(preview)
    assert confirmed(browser, term, preview).status_code == 302
    made = Pledge.objects.get(section__manifesto=term)
    assert (made.text, made.initiatives.count()) == ("橋を架けます", 0)
    told = refusals(
        upload(browser, term, {**none, "SDGs": "3"}, {**ROW, "公約": "港"}, {**none, "公約": "港"})
    )
    assert told == [
        ("I2", "「取組はまだありません」とした行なので、空けてください。"),
        ("H4", "同じ公約の行がほかにあるので、「取組はまだありません」とは書けません。"),
    ]
    Pledge.objects.create(section=former(space).section, position=9, text="川を守ります")
    content = browser.get(page(term, "table.xlsx"), {"rows": "former"}).content
    written = list(load_workbook(BytesIO(content)).worksheets[0].values)
    assert [row[7] for row in written if row[5] == "川を守ります"] == ["取組はまだありません"]


def test_notes_on_cells_of_the_table_are_told(browser: Client, term: Manifesto) -> None:
    book = load_workbook(as_file(ROW).file)
    book.worksheets[0]["C2"].comment = Comment("文は仮", "企画")
    out = BytesIO()
    book.save(out)
    answer = browser.post(page(term, "table/"), {"file": SimpleUploadedFile("表.xlsx", out.getvalue())})
    assert "C2：セルに付いたコメント（メモ）は取り込みません" in source_of(answer)


def test_a_table_brings_new_fields_projects_and_goals(browser: Client, term: Manifesto) -> None:
    rows = [
        {
            **ROW,
            "分野の番号": "３",
            "項目の番号": "2",
            "担当課": "001、農政課",
            "SDGs": "4 11",
            "関連事業": "2-2-3① 駅前整備",
        },
        {"公約": "橋を架けます", "SDGs": "なし"},
        {"公約": "道を直します"},
        {**ROW, "項目": "川", "公約": "川を守ります"},
    ]
    assert confirmed(browser, term, upload(browser, term, *rows)).status_code == 302
    pledges = Pledge.objects.filter(section__manifesto=term).order_by("section__number", "position")
    assert [each.place for each in pledges] == ["3-2-1", "3-2-2", "3-3-1"]
    first, second = pledges[0].initiatives.order_by("position")
    assert (first.sdgs, second.sdgs, str(first.plan_projects.get())) == ([4, 11], [], "2-2-3① 駅前整備")
    assert first.plan_projects.get().base_code == "2-2-3"
    assert first.assignments.count() == 2


@pytest.mark.parametrize(
    ("row", "address", "words"),
    [
        ({"公約": ""}, "F2", "公約の文を書いてください"),
        ({"分野": ""}, "B2", "分野の名称を書いてください"),
        ({"項目の番号": "一"}, "C2", "「一」は番号として読めません"),
        ({"番号の表記": "123456789"}, "E2", "8 文字まで"),
        ({"前の任期の公約": "9-9-9"}, "G2", "「市長マニフェスト」にありません"),
        ({"担当課": "ない課"}, "H2", "「ない課」という課はありません"),
        ({"SDGs": "18"}, "I2", "1 から 17 までの数"),
        ({"関連事業": "駅前"}, "J2", "施策の番号として読めません"),
        ({"関連事業": "2-2-3"}, "J2", "番号のあとに、空白と名称"),
        ({table.NAME: "長" * 201}, "K2", "200 文字までで書いてください"),
    ],
)
def test_a_refused_cell_is_named(
    browser: Client, term: Manifesto, row: dict[str, str], address: str, words: str
) -> None:
    told = refusals(upload(browser, term, {**ROW, **row}, {**ROW, "公約": "よい行"}))
    assert [place for place, _words in told] == [address]
    assert words in told[0][1]
    assert Pledge.objects.filter(section__manifesto=term).count() == 0


def test_rows_that_contradict_each_other_are_named(
    browser: Client, space: Workspace, term: Manifesto
) -> None:
    rows = [
        {**ROW, "分野の番号": "1", "前の任期の公約": "1-1-1"},
        {**ROW, "分野の番号": "2", "公約": "道"},
        {**ROW, "分野の番号": "1", "分野": "くらし", "公約": "家"},
        {**ROW, "公約": "駅", "前の任期の公約": "1-1-1"},
        ROW,
    ]
    told = refusals(upload(browser, term, *rows))
    assert [place for place, _words in told] == ["A3", "A4", "G5", "F6"]
    brought = term_pledges.carried_on(space.manifesto, [former(space).pk], 2025)
    term_pledges.bring_in(term, brought, by=space.cast.planner)
    told = refusals(upload(browser, term, rows[0]))
    assert told[0][0] == "G2"
    assert "もう 1-1-1「駅を直します」が引き継いでいます" in told[0][1]


def test_other_headings_and_no_file_are_refused(browser: Client, term: Manifesto) -> None:
    content = files.write("csv", "", ["公約"], [["橋"]])
    answer = browser.post(page(term, "table/"), {"file": SimpleUploadedFile("表.csv", content)})
    assert (answer.status_code, "「分野の番号」" in source_of(answer)) == (422, True)
    answer = browser.post(page(term, "table/"), {"act": "send"})
    assert (answer.status_code, "ファイルを選んでください" in source_of(answer)) == (422, True)


def test_rows_are_confirmed_by_who_has_seen_them(browser: Client, space: Workspace, term: Manifesto) -> None:
    preview = upload(browser, term, ROW)
    other = logged_in(space.cast.second_planner)
    assert confirmed(other, term, preview).status_code == 403
    assert Pledge.objects.filter(section__manifesto=term).count() == 0


# ---- By hand, taking back, imported terms


def test_a_term_without_fields_is_filled_by_hand(browser: Client, term: Manifesto) -> None:
    start = source_of(browser.get("/staff/pledges/add/", {"manifesto": "2025"}))
    assert "公約を置く項目がまだありません" in start
    place = "/staff/pledges/sections/?manifesto=2025"
    refused = browser.post(place, {"category_name": "", "section_name": "橋"})
    assert (refused.status_code, "分野の名称を書いてください" in source_of(refused)) == (422, True)
    assert browser.post(place, {"category_name": "まち", "section_name": "橋"}).status_code == 302
    field = Category.objects.get(manifesto=term, parent=None)
    both = {"category": field.pk, "category_name": "くらし", "section_name": "道"}
    assert browser.post(place, both).status_code == 422
    assert browser.post(place, {"category": field.pk, "section_name": "道"}).status_code == 302
    section = Category.objects.get(manifesto=term, name="道")
    fields = {
        "section": section.pk, "text": "道を直します", "first_fiscal_year": 2025, "reason": "新しい公約",
        "parts": 1, "part-1-departments": ["土木課"],
    }  # fmt: skip
    checked = browser.post("/staff/pledges/add/?manifesto=2025", {**fields, "act": "check"})
    expected = EXPECTED.search(source_of(checked))
    assert expected, source_of(checked)
    sent = {**fields, "act": "do", "expected": expected[1]}
    assert browser.post("/staff/pledges/add/?manifesto=2025", sent).status_code == 302
    assert Initiative.objects.get(pledge__section=section).first_fiscal_year == 2025


def test_a_beginning_is_taken_back_after_its_contents_were_seen(browser: Client, term: Manifesto) -> None:
    shown = browser.get(page(term, "take-back/"))
    seen = shown.context["seen"]
    refused = browser.post(page(term, "take-back/"), {"reason": "　", "seen": seen})
    assert (refused.status_code, "取り消す理由を書いてください" in source_of(refused)) == (422, True)
    late = browser.post(page(term, "take-back/"), {"reason": "誤り", "seen": "前の"})
    assert (late.status_code, "誤り</textarea>" in source_of(late)) == (409, True)
    done = browser.post(page(term, "take-back/"), {"reason": "誤り", "seen": seen})
    assert (done.status_code, Manifesto.objects.count()) == (302, 1)
    assert browser.get(page(term)).status_code == 404
    history = source_of(browser.get("/staff/tracker/event/"))
    assert "任期の開始を、まるごと取り消しました。" in history
    assert Event.objects.latest("number").content["gone"]["title"] == TITLE


def test_an_imported_term_has_its_page_and_can_be_linked(browser: Client, space: Workspace) -> None:
    """A table makes a term of its own; its pledges are linked with the former ones, not doubled."""
    table = PROJECT / "fixtures" / "example_symbols.csv"
    call_command("import_report", str(table), manifesto="2025", verbosity=0)
    made = Manifesto.objects.get(slug="2025")
    shown = browser.get(page(made))
    assert [step.state for step in shown.context["steps"]] == ["済"] * 4
    assert (shown.context["pledge_count"] > 0, shown.context["initiative_count"] > 0) == (True, True)
    assert "任期の開始を取り消す" not in source_of(shown)
    first = Pledge.objects.filter(section__manifesto=made).select_related("section__parent").first()
    assert first
    assert first.section.parent
    old = former(space)
    Category.objects.filter(pk=old.section_id).update(name=first.section.name)
    Category.objects.filter(pk=old.section.parent_id).update(name=first.section.parent.name)
    Pledge.objects.filter(pk=old.pk).update(text=first.text)
    assert made.first_fiscal_year > space.manifesto.first_fiscal_year
    source, expected = checked(browser, made, pledge=old.pk)
    assert "つながる公約" in source
    answer = browser.post(page(made, "former/"), {"act": "do", "pledge": old.pk, "expected": expected})
    assert (answer.status_code, Pledge.objects.get(pk=first.pk).continues) == (302, old)


def test_the_work_of_reading_grows_with_the_rows_and_no_faster(
    term: Manifesto, monkeypatch: pytest.MonkeyPatch
) -> None:
    folded = Counter[int]()

    def counted(text: str) -> str:
        folded[count] += 1
        return fold(text)

    monkeypatch.setattr(table, "fold", counted)
    for count in (20, 40):
        rows = tuple(("", "まち", "", "道路", "", f"公約その{n}", *("",) * 4) for n in range(count))
        file = files.MasterFile(HEADINGS, rows, tuple(range(2, count + 2)))
        assert len(table.read_rows(file, term, 2025).pledges) == count
    assert folded[40] < 2.5 * folded[20]


HIDDEN_SEEN = re.compile(r'name="seen" value="([0-9a-f]{64})"')


@pytest.mark.parametrize(
    ("name", "field", "fields"),
    [
        ("years", "title", {"first_fiscal_year": "2025", "last_fiscal_year": "2028"}),
        ("scale", "step-1-label", {"act": "save", "steps": "1", "step-1-code": "A"}),
    ],
)
def test_nobody_saves_over_what_another_has_changed_unseen(
    browser: Client, space: Workspace, term: Manifesto, name: str, field: str, fields: dict[str, str]
) -> None:
    """The second of two planners is shown what the first has made of it, and may then save."""
    address, other = page(term, f"{name}/"), logged_in(space.cast.second_planner)

    def seen(response: Any) -> dict[str, str]:
        return {"seen": HIDDEN_SEEN.findall(source_of(response))[0]}

    first, second = seen(other.get(address)), seen(browser.get(address))
    assert other.post(address, {**fields, **first, field: "先に書いたもの"}).status_code == 302
    refused = browser.post(address, {**fields, **second, field: "あとに書いたもの"})
    shown = source_of(refused)
    assert (refused.status_code, "ほかの人が変えました。まだ保存していません" in shown) == (409, True)
    assert ('<h2 id="now">いまの内容' in shown, "先に書いたもの" in shown) == (True, True)
    assert 'value="あとに書いたもの"' in shown
    assert browser.post(address, {**fields, **seen(refused), field: "あとに書いたもの"}).status_code == 302
    term.refresh_from_db()
    now = term.title if name == "years" else terms.scale_of_term(term)[0].label
    assert now == "あとに書いたもの"


def test_a_term_with_pledges_goes_by_taking_it_back_only(
    browser: Client, space: Workspace, term: Manifesto
) -> None:
    """Master data would delete the pledges in it without keeping their words in the history."""
    brought = term_pledges.carried_on(space.manifesto, [former(space).pk], 2025)
    made = term_pledges.bring_in(term, brought, by=space.cast.planner).made[0]
    places = [f"manifesto/{term.pk}", f"category/{made.section_id}", f"category/{made.section.parent_id}"]
    for place in places:
        answer = browser.post(f"/staff/tracker/{place}/delete/", {"post": "yes"})
        assert f"{made.place} {made}</a>" in source_of(answer), place
        assert (page(term, "take-back/") in source_of(answer)) == place.startswith("manifesto")
    assert Pledge.objects.filter(pk=made.pk).exists()
    made.delete()
    answers = [browser.post(f"/staff/tracker/{place}/delete/", {"post": "yes"}) for place in places]
    assert [each.status_code for each in answers] == [302, 404, 404]


def test_a_name_of_unseen_letters_chooses_no_former_pledge(
    browser: Client, space: Workspace, term: Manifesto
) -> None:
    """Folded it is a part of every name: where there is one pledge only, it would have been taken for it."""
    field = Category.objects.create(manifesto=term, number=1, name="まち")
    section = Category.objects.create(manifesto=term, parent=field, number=1, name="道路")
    made = Pledge.objects.create(section=section, position=1, text="新しい公約")
    fields = {
        "section": section.pk, "position": 1, "text": made.text, "number_label": "", "continues": "\u200b",
        "initiatives-TOTAL_FORMS": 0, "initiatives-INITIAL_FORMS": 0,
    }  # fmt: skip
    answer = browser.post(f"/staff/tracker/pledge/{made.pk}/change/", fields)
    made.refresh_from_db()
    assert (answer.status_code, "にあたるものはありません" in source_of(answer)) == (200, True)
    assert made.continues is None


def test_nothing_moves_to_another_term_in_master_data(
    browser: Client, space: Workspace, term: Manifesto
) -> None:
    """Rounds, sections and what carries a pledge on would be left with another term's."""
    old, field = former(space), Category.objects.create(manifesto=term, number=1, name="まち")
    section = Category.objects.create(manifesto=term, parent=field, number=1, name="道路")
    made = Pledge.objects.create(section=section, position=1, text="新しい公約", continues=old)
    initiative = Initiative.objects.create(pledge=made, position=1, first_fiscal_year=2025)
    none = {"initiatives-TOTAL_FORMS": 0, "initiatives-INITIAL_FORMS": 0}
    pledge = {"section": old.section_id, "position": 9, "text": made.text, "continues": "", **none}
    answer = browser.post(f"/staff/tracker/pledge/{made.pk}/change/", pledge)
    assert "別のマニフェストの項目です" in source_of(answer)
    duties = {"assignments-TOTAL_FORMS": 0, "assignments-INITIAL_FORMS": 0}
    moved = {
        "pledge": f"{old.place} {old.text}（市長マニフェスト）",
        "position": 9,
        "first_fiscal_year": 2025,
    }
    answer = browser.post(f"/staff/tracker/initiative/{initiative.pk}/change/", {**moved, **duties})
    assert "別のマニフェストの公約です" in source_of(answer)
    sections = {"sections-TOTAL_FORMS": 0, "sections-INITIAL_FORMS": 0}
    fields = {"manifesto": space.manifesto.pk, "parent": "", "number": 7, "name": "くらし", **sections}
    assert browser.post(f"/staff/tracker/category/{field.pk}/change/", fields).status_code == 302
    for each in (field, section, made, initiative):
        each.refresh_from_db()
    assert (field.name, field.manifesto, made.section, initiative.pledge) == ("くらし", term, section, made)


def test_a_form_for_a_term_that_was_taken_back_is_told_why(
    browser: Client, space: Workspace, term: Manifesto
) -> None:
    """It is not somebody else's page, as other addresses that lead nowhere may be; what was typed stays."""
    terms.take_back(term, by=space.cast.planner, reason="早い", seen=terms.contents_of(term).digest)
    fields = {"title": "長く考えた表題", "first_fiscal_year": "2025", "category_name": "長く考えた表題"}
    for address in (page(term, "years/"), f"/staff/pledges/sections/?manifesto={term.slug}"):
        answer = browser.post(address, fields)
        told = source_of(answer)
        assert (answer.status_code, "ほかの人が任期の開始を取り消したときは" in told) == (404, True)
        assert ("長く考えた表題" in told, "あなたの課の担当" in told) == (True, False)
    gone = source_of(browser.get(f"/staff/?manifesto={term.slug}"))
    assert "この任期（マニフェスト）はありません" in gone
