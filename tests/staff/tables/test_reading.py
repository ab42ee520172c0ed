"""The grid: columns and rows are chosen, and at once it is told what would be read by that."""

import json
import re
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from tests.published_tables.file.writing import book_bytes
from tests.staff.people import logged_in, person
from tests.staff.tables.books import ROWS, address, choose, fields_of, read_as_it_is, two_row_book, uploaded
from tracker.choices import Role
from tracker.models import TableUpload

pytestmark = pytest.mark.django_db
PASSWORD = "ながいあいことば2026"


@pytest.fixture
def planner(db: None) -> Client:
    return logged_in(person("kikaku", Role.PLANNING))


def outcome(client: Client, upload: TableUpload) -> dict[str, int]:
    told = client.get(address(upload)).context["outcome"].counts
    return {words: count for words, count, _unit in told}


def test_the_proposal_stands_over_the_columns_in_words(planner: Client) -> None:
    page = planner.get(address(uploaded(planner, two_row_book())))
    words = [each.words for each in page.context["over"]]
    assert words == [
        *("分野", "項目", "公約", "実績 令和4年度", "実績 令和5年度", "評価"),
        *("メモ「だれが」（公開しない）", "メモ「備考」（公開しない）"),
    ]
    kinds = {row.number: row.kind for row in page.context["rows"]}
    assert (kinds[1], kinds[2], kinds[6], kinds[7], kinds[8], kinds[11]) == (
        *("表題・時点・凡例", "表題・時点・凡例", "見出し", "見出し"),
        *("", "読まない"),
    )


def test_a_column_that_is_chosen_is_read_so(planner: Client) -> None:
    upload = uploaded(planner, two_row_book())
    before = outcome(planner, upload)
    answer = choose(planner, upload, role_0_G="department")
    assert answer.status_code == 302
    assert (before["担当課"], outcome(planner, upload)["担当課"]) == (0, 2)
    upload.refresh_from_db()
    assert upload.document["columns"]["G"] == "department"
    assert upload.document["heading_rows"] == [6, 7]


def test_the_table_behind_a_cover_is_shown_and_chosen(planner: Client) -> None:
    """A cover has rows of the same numbers as the headings; no list stands over them."""
    book = load_workbook(BytesIO(two_row_book()))
    cover = book.create_sheet("表紙", 0)
    for number in range(1, 9):
        cover.cell(number, 1, f"表紙の {number} 行目")
    upload = uploaded(planner, book_bytes(book))
    page = planner.get(address(upload))
    assert (page.context["sheet"].sheet, len(page.context["over"])) == ("公約", 8)
    assert choose(planner, upload, role_0_G="department").status_code == 302
    assert outcome(planner, upload)["担当課"] == 2
    assert planner.get(address(upload, sheet=0)).context["over"] == []


def test_two_windows_do_not_undo_each_other(planner: Client) -> None:
    upload = uploaded(planner, two_row_book())
    old = fields_of(planner.get(address(upload)))
    choose(planner, upload, role_0_G="department", skip=["8", "11"])
    other = {"title": "別の表題（令和6年3月末時点）", "role-0-H": "extra 備考", "skip": ["9", "11"]}
    planner.post(address(upload), {**old, **other})
    upload.refresh_from_db()
    said = upload.document
    assert [said["columns"][letter] for letter in "GH"] == ["department", "extra 備考"]
    assert (said["title"], said["skip_rows"]) == (other["title"], {"公約": [8, 9, 11]})


def test_a_total_is_left_out_told_and_may_be_read_all_the_same(planner: Client) -> None:
    upload = uploaded(planner, two_row_book())
    page = planner.get(address(upload))
    told = next(each for each in page.context["outcome"].doubts if "合計の行" in each.words)
    assert told.way == f"{address(upload, sheet=0, page=1)}#row-11"
    assert 'id="row-11"' in page.content.decode()
    choose(planner, upload, skip=[])
    assert outcome(planner, upload)["公約"] == 4
    choose(planner, upload, skip=["9", "11"])
    assert outcome(planner, upload)["公約"] == 2
    upload.refresh_from_db()
    assert (upload.document["skip_rows"], upload.document["read_rows"]) == ({"公約": [9, 11]}, [])


def test_the_scale_is_moved_step_by_step(planner: Client) -> None:
    upload = uploaded(planner, two_row_book())
    assert choose(planner, upload, "down-0").headers["Location"].endswith("#scale")
    page = planner.get(address(upload))
    assert [step["code"] for step in page.context["settings"]["scale"]] == ["B", "A", "C"]
    choose(planner, upload, "drop-2")
    page = planner.get(address(upload))
    assert page.context["outcome"].counts is None
    problem = page.context["outcome"].problems[0]
    assert ("「C」" in problem.words, problem.way.endswith("#cell-F10")) == (True, True)


def test_what_cannot_be_taken_stays_as_it_was_typed(planner: Client) -> None:
    upload = uploaded(planner, two_row_book())
    page = choose(planner, upload, role_0_G="department", scale_1_percent="半分")
    source = page.content.decode()
    assert (page.status_code, "「B」の進捗率は" in source, 'value="半分"' in source) == (422, True, True)
    upload.refresh_from_db()
    assert upload.document["columns"]["G"] == "department"


def test_a_choice_that_does_not_fit_is_told_by_its_place_and_kept(planner: Client) -> None:
    upload = uploaded(planner, two_row_book())
    choose(planner, upload, role_0_G="pledge")
    page = planner.get(address(upload))
    problem = page.context["outcome"].problems[0]
    assert (problem.where, problem.way, "2 つあります" in problem.words) == ("列の役割", "#grid", True)
    assert page.context["over"][6].role == "pledge"
    choose(planner, upload, role_0_G="department")
    assert outcome(planner, upload)["担当課"] == 2


def test_headings_that_are_not_found_are_pointed_out(planner: Client) -> None:
    rows = [("あ", "い", "う", "え", "お", "A", "土木課", "")]
    upload = uploaded(planner, two_row_book(rows=rows, total=False))
    choose(planner, upload, first_0="9", last_0="8")
    assert choose(planner, upload, first_0="9", last_0="8").status_code == 422
    choose(planner, upload, first_0="40", last_0="41")
    page = planner.get(address(upload))
    assert "見出しがありません" in page.context["outcome"].problems[0].words
    choose(planner, upload, first_0="6", last_0="7")
    assert outcome(planner, upload)["公約"] == 1


def test_another_sheet_gets_headings_of_its_own(planner: Client) -> None:
    book = load_workbook(BytesIO(two_row_book(total=False)))
    sheet = book.create_sheet("くらし")
    for row in (["やくそく", "ことし", "ひょうか", "だれ"], ["水を守る", "・した。", "B", "水道課"]):
        sheet.append(row)
    upload = uploaded(planner, book_bytes(book))
    page = planner.get(address(upload, sheet=1))
    assert (page.context["sheet"].is_without_headings, page.context["sheet"].likely_heading) == (True, 1)
    assert {row.kind for row in page.context["rows"]} == {"取り込まない"}
    fields = {**fields_of(page), "first-new": "1", "last-new": "1"}
    page = planner.post(address(upload), fields, follow=True)
    assert "どの列が公約か" in page.context["outcome"].problems[0].words
    roles = {"A": "pledge", "B": "result 2023", "C": "rating", "D": "department"}
    fields = {**fields_of(page), **{f"role-1-{letter}": role for letter, role in roles.items()}}
    planner.post(address(upload), fields)
    assert outcome(planner, upload)["公約"] == 4
    upload.refresh_from_db()
    further = {"sheet": "くらし", "heading_rows": [1, 1], "columns": roles}
    assert upload.document["further_headings"] == [further]
    fields = {**fields_of(planner.get(address(upload, sheet=1))), "first-1": "", "last-1": ""}
    planner.post(address(upload), fields)
    assert outcome(planner, upload)["公約"] == 3


def test_a_question_says_where_on_the_page_it_is_answered(planner: Client) -> None:
    content = two_row_book(total=False, steps=("A：はい", "C：いいえ", "B：そう"))
    upload = uploaded(planner, content)
    told = planner.get(address(upload)).context["outcome"].problems
    assert [(each.way, "「この順でよい」に印" in each.words) for each in told] == [("#scale", True)]
    choose(planner, upload, scale_ok="1")
    assert outcome(planner, upload)["公約"] == 3


def test_what_the_database_cannot_keep_is_told_and_not_offered(planner: Client) -> None:
    upload = read_as_it_is(planner, two_row_book())
    assert planner.get(address(upload)).context["outcome"].may_go_on
    choose(planner, upload, role_0_H="plan 2030")
    page = planner.get(address(upload))
    (told,) = page.context["outcome"].not_kept
    assert told.startswith("令和12年度の予定（予定は前の年度の報告に書くので、")
    assert "確認へ進む" not in page.content.decode()


def test_a_choice_after_the_session_s_end_is_not_lost(planner: Client) -> None:
    upload = uploaded(planner, two_row_book())
    fields = fields_of(planner.get(address(upload)))
    owner = upload.owner
    owner.set_password(PASSWORD)
    owner.save()
    stranger = Client()
    page = stranger.post(address(upload), {**fields, "role-0-G": "department", "act": "reread"})
    assert page.status_code == 401
    kept = re.search(r'name="kept" value="([^"]+)"', page.content.decode())
    assert kept is not None
    login = {"username": owner.username, "password": PASSWORD, "kept": kept[1]}
    there = stranger.post(reverse("admin:login"), login, follow=True)
    assert 'name="role-0-G" value="department"' in there.content.decode()


def test_a_layout_is_a_file_that_comes_back(planner: Client) -> None:
    upload = read_as_it_is(planner, two_row_book())
    content = planner.get(address(upload, "layout")).content
    other = uploaded(planner, two_row_book())
    file = SimpleUploadedFile("layout.json", content)
    assert planner.post(address(other), {"act": "layout", "layout": file}).status_code == 302
    assert outcome(planner, other)["担当課"] == 2
    assert json.loads(planner.get(address(other, "layout")).content) == json.loads(content)
    bad = SimpleUploadedFile("layout.json", b'{"columns": {"A": "nonsense"}}')
    page = planner.post(address(other), {"act": "layout", "layout": bad})
    assert (page.status_code, "A 列の" in page.content.decode()) == (422, True)
    planner.post(address(other), {"act": "anew"})
    assert outcome(planner, other)["担当課"] == 0


def test_what_no_database_can_keep_is_refused(planner: Client) -> None:
    upload = uploaded(planner, two_row_book())
    page = choose(planner, upload, title="表\0題")
    assert (page.status_code, "制御文字" in page.content.decode()) == (422, True)
    for said in (b'{"title": "\\u0000"}', b'{"skip_rows": {"\\ud800": [1]}}'):
        layout = SimpleUploadedFile("layout.json", said)
        assert planner.post(address(upload), {"act": "layout", "layout": layout}).status_code == 422


def test_a_form_of_no_page_of_ours_is_refused(planner: Client) -> None:
    upload = uploaded(planner, two_row_book())
    assert planner.post(address(upload), {"shown": "[1]"}).status_code == 400


def test_the_number_of_queries_does_not_grow_and_rows_are_paged(planner: Client) -> None:
    numbers = []
    for count in (1, 60):
        upload = uploaded(planner, two_row_book(rows=ROWS * count, total=False))
        with CaptureQueriesContext(connection) as queries:
            page = planner.get(address(upload))
        numbers.append(len(queries))
    assert numbers[0] == numbers[1]
    assert (len(page.context["rows"]), page.context["sheet"].page_count) == (60, 4)
    last = planner.get(address(upload, page=4)).context["rows"]
    assert last[-1].number == 187
    assert len(page.content) < 1_000_000
    way = choose(planner, upload, go="0-3").headers["Location"]
    assert way == f"{address(upload, sheet=0, page=3)}#grid"


def test_giving_up_forgets_the_file(planner: Client) -> None:
    upload = uploaded(planner, two_row_book())
    planner.post(address(upload), {"act": "discard"})
    assert (TableUpload.objects.count(), planner.get(address(upload)).status_code) == (0, 404)
