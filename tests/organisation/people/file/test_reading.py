"""A list of people as cities have it: workbook and CSV, one column of names or two, what is not read."""

import io

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment

from tests.organisation.people.lists import BOSS, FARMS, HEADINGS, OFFICES, ROADS, somebody, workbook, world
from tracker.organisation.people.file import writing
from tracker.organisation.people.file.comparison import compare
from tracker.organisation.people.file.reading import read
from tracker.workbooks.problems import FileProblem

ROW = ["a1", "山田 太郎", "a@x.jp", "土木課", "", "", "担当課"]


def test_a_workbook_and_a_csv_say_the_same() -> None:
    lines = "\r\n".join(",".join(row) for row in (HEADINGS, ROW))
    book, csv = read(workbook([ROW])), read(lines.encode("cp932"))
    assert book.rows == csv.rows
    assert (book.address(2, "mail"), csv.address(2, "mail")) == ("C2", "C2")


def test_notes_on_cells_are_told() -> None:
    book = load_workbook(io.BytesIO(writing.write([ROW], {})))  # with our own notes on its headings
    book.worksheets[0]["B2"].comment = Comment("4 月に異動", "")
    out = io.BytesIO()
    book.save(out)
    assert [address for address, words in read(out.getvalue()).unread if "コメント" in words] == ["B2"]


def test_a_citys_own_headings_and_order() -> None:
    content = workbook(
        [
            ["令和8年4月1日 人事"],
            ["所属課", "氏", "名", "職員コード", "備考"],
            ["土木課", "山田", "太郎", 12345, "係長"],
        ],
        [],
    )
    found = read(content)
    assert [dict(row.cells) for row in found.rows] == [
        {"office": "土木課", "family": "山田", "given": "太郎", "number": "12345"}
    ]
    assert list(found.unread) == [("E3", "見出し「備考」は分からないので、この列は読みません。")]
    plan = compare(found, world(), closes_missing=False)
    assert [each.after.full_name for each in plan.changes] == ["山田 太郎"]


@pytest.mark.parametrize(
    ("rows", "headings", "words"),
    [
        ([], HEADINGS, "見出しの下に、職員の行が 1 行もありません。"),
        ([ROW], ["番号", "氏名", "所属"], "の見出しがある表が見つかりません。"),
        ([ROW], ["職員番号", "氏名", "利用者名", "所属"], "見出し「利用者名」が 2 つあります。"),
        ([ROW], ["職員番号", "所属"], "見出し「氏名」がありません。"),
        ([ROW], ["職員番号", "所属", "姓"], "見出し「名」がありません。"),
    ],
)
def test_a_table_that_cannot_be_meant_is_refused(
    rows: list[list[str]], headings: list[str], words: str
) -> None:
    with pytest.raises(FileProblem, match=words):
        read(workbook(rows, headings))


def test_two_tables_are_not_guessed_between() -> None:
    book = load_workbook(io.BytesIO(workbook([ROW])))
    other = book.create_sheet("出先")
    other.append(HEADINGS)
    assert isinstance(book, Workbook)
    out = io.BytesIO()
    book.save(out)
    with pytest.raises(FileProblem, match="「Sheet」、「出先」"):
        read(out.getvalue())


def test_merged_cells_and_formulas_are_refused_by_their_cell() -> None:
    book = load_workbook(io.BytesIO(workbook([ROW, ["a2", "鈴木 花子", "", "", "", "", ""]])))
    sheet = book.worksheets[0]
    sheet.merge_cells("D2:D3")
    sheet["C2"] = "=A1"
    out = io.BytesIO()
    book.save(out)
    plan = compare(read(out.getvalue()), world(), closes_missing=False)
    assert [each.address for each in plan.refusals] == ["C2", "D2", "D3"]


def test_what_we_write_reads_back_unchanged() -> None:
    people = [
        somebody(2, "a1", ROADS.id, email="a@x.jp", heads=frozenset({ROADS.id})),
        somebody(3, "0012", FARMS.id, ROADS.id, heads=frozenset({ROADS.id}), role="planning"),
        somebody(4, "=a", last_name="=SUM(A1)", first_name=""),
    ]
    words = {"department": "担当課", "planning": "企画", "administrator": "管理者"}
    offices = {office.id: office for office in OFFICES}
    rows = [writing.texts_of(each.person, offices, words) for each in [BOSS, *people]]
    there = [office for office in OFFICES if office.is_there_in(2026)]
    content = writing.write(rows, writing.choices_of(there, words.values()))
    assert content == writing.write(rows, writing.choices_of(there, words.values()))
    plan = compare(read(content), world(*people), closes_missing=True)
    assert (list(plan.changes), list(plan.refusals), len(plan.unchanged)) == ([], [], 4)
    rules = load_workbook(io.BytesIO(content)).worksheets[0].data_validations.dataValidation
    assert [str(rule.sqref) for rule in rules] == ["D2:D2004", "F2:F2004", "G2:G2004"]
