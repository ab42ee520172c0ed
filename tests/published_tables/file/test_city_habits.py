"""Workbooks in shapes that cities publish: each is read as a person reads it, or it is told what was done."""

import csv
import io
import json
from collections.abc import Sequence

import pytest
from openpyxl import Workbook
from openpyxl.chart import BarChart
from openpyxl.worksheet.worksheet import Worksheet

from tests.published_tables.file.books import Cells, made, outline, read_book, sheet_of, told
from tests.published_tables.file.test_layouts import problem_of
from tests.published_tables.file.writing import book_bytes
from tracker.published_tables.file.document import as_document
from tracker.published_tables.file.grid import grid_of
from tracker.published_tables.file.packed_grid import grid_from, parts_of
from tracker.published_tables.file.proposal import propose
from tracker.published_tables.file.table import PublishedTable

TITLE = "星浜市長公約の進捗状況（令和6年3月末時点）"
LEGEND = (["<進捗状況>"], ["A：達成"], ["B：順調"], ["C：遅れ"])
PLAIN = ("公約", "令和5年度の取組", "進捗状況", "担当課")
FIRST = ("①企業を呼びます", "・呼んだ。", "A", "商工課")
SECOND = ("②起業を助けます", "・助けた。", "B", "商工課")


def table(*rows: Cells, merges: str = "", legend: Sequence[Cells] = LEGEND) -> PublishedTable:
    """What is read of a sheet; with the usual legend its first row after the legend is row 6."""
    return read_book(made([[TITLE], *legend, *rows], merges=merges))


def said(found: PublishedTable) -> list[tuple[str, str, str | None, str]]:
    """Pledge, its result, rating and departments, of every initiative."""
    return [
        (pledge.text, each.results.get(2023, ""), each.rating, "・".join(t.name for t in each.departments))
        for _category, _section, pledge in found.pledges()
        for each in pledge.initiatives
    ]


USUAL = [("企業を呼びます", "・呼んだ。", "A", "商工課"), ("起業を助けます", "・助けた。", "B", "商工課")]


@pytest.mark.parametrize("merges", ["", "A7:A8 B7:B8 C7:C8"])
def test_a_department_over_two_rows_is_one(merges: str) -> None:
    below = (None, None, None, "商工課")
    found = table(PLAIN, (*FIRST[:3], "産業部"), below, SECOND, merges=merges)
    assert said(found) == [("企業を呼びます", "・呼んだ。", "A", "産業部 商工課"), USUAL[1]]
    assert [(a.row, a.done) for a in told(found, "department_joined")] == [
        (8, "上の行と合わせて「産業部 商工課」と読んだ")
    ]


def test_a_further_department_in_a_merged_row_is_an_initiative_and_told() -> None:
    found = table(PLAIN, FIRST, (None, None, None, "財政課"), merges="A7:A8 B7:B8 C7:C8")
    assert [each[3] for each in said(found)] == ["商工課", "財政課"]
    assert [a.read for a in told(found, "department_row")] == ["財政課"]


def test_a_text_merged_over_several_years_is_told() -> None:
    heads = ("公約", "令和4年度の取組", "令和5年度の取組", "令和6年度の予定", "進捗状況", "担当課")
    found = table(heads, ("①企業を呼びます", "・続けた。", None, None, "A", "商工課"), merges="B7:D7")
    assert [each.results for each in found.initiatives()] == [{2022: "・続けた。", 2023: ""}]
    assert [(a.column, a.read) for a in told(found, "cell_spread")] == [
        ("令和5年度の取組", "・続けた。"), ("令和6年度の予定", "・続けた。")
    ]  # fmt: skip
    assert told(found, "blank_kept") == []


@pytest.mark.parametrize(
    "legend",
    [
        (["評価：5 達成、4 おおむね達成、3 未着手"],),
        (["評価区分", "件数", "割合"], ["5：達成", 12, "60%"], ["4：おおむね達成", 6, "30%"],
         ["3：未着手", 2, "10%"], ["計", 20, "100%"]),
    ],
)  # fmt: skip
def test_a_legend_in_a_line_or_with_counts_is_its_steps(legend: Sequence[Cells]) -> None:
    found = table(PLAIN, (*FIRST[:2], 5, "商工課"), legend=[*legend, []])
    assert [(step.code, step.label) for step in found.ratings] == [
        ("5", "達成"), ("4", "おおむね達成"), ("3", "未着手")
    ]  # fmt: skip
    assert [each.rating for each in found.initiatives()] == ["5"]


def test_examples_subtotals_and_forms_that_nobody_filled_in_are_left_out_and_told() -> None:
    heads = ("No.", *PLAIN)
    rows = [(number, row[0][1:], *row[1:]) for number, row in enumerate((FIRST, SECOND), start=1)]
    example = ("例", "○○を増やします", "・整備した。", "A", "○○課")
    found = table(
        heads, example, *rows, ("産業　小計", None, "2", None, None), (3, None, None, "－", None), (4,)
    )
    assert said(found) == USUAL
    left_out = ("example_row_skipped", "total_row_skipped", "row_aside", "unread_line")
    assert [[a.row for a in told(found, kind)] for kind in left_out] == [[7], [10], [11], [12]]


def test_pages_and_notes_between_the_rows_are_told() -> None:
    found = table(PLAIN, FIRST, (None, "- 1 -"), (None, "※国の補助を使った。"), SECOND)
    assert said(found) == USUAL
    assert [(a.row, a.done) for a in told(found, "unread_line")] == [
        (8, "表の行ではないので、取り込まなかった"), (9, "注記とみて、取り込まなかった")
    ]  # fmt: skip


def test_a_pledge_alone_above_its_initiatives_is_none_of_them() -> None:
    heads, blank = ("公約", "取組名", *PLAIN[1:]), (None,) * 3
    initiatives = ((None, "誘致", *FIRST[1:]), (None, "助成", *SECOND[1:]))
    found = table(heads, ("①企業を呼びます", None, *blank), *initiatives, (SECOND[0], "塾", *SECOND[1:]))
    assert [(i.position, i.text, i.row) for i in found.initiatives()] == [
        (1, "誘致", 8), (2, "助成", 9), (1, "塾", 10)
    ]  # fmt: skip
    assert [each["row"] for each in found.initiatives()[0].source] == [7, 8]
    assert [(a.row, a.kind) for a in found.anomalies] == [(7, "pledge_alone")]
    rated = table(heads, ("①企業を呼びます", None, None, "B", None), *initiatives)
    assert len(rated.initiatives()) == 3
    assert [a.done for a in told(rated, "pledge_rated")] == [
        "公約の行に評価だけがあるので、取組の 1 つとして数えた"
    ]


def test_a_pledge_that_goes_on_after_a_page_is_one_and_a_listed_again_one_is_told() -> None:
    rows = ("（続き）", "企業を呼びます（つづき）", "②道（再掲）")
    further = ((words, "助成", *SECOND[1:]) for words in rows)
    found = table(("公約", "取組名", *PLAIN[1:]), (FIRST[0], "誘致", *FIRST[1:]), *further)
    assert [(p.text, len(p.initiatives)) for _c, _s, p in found.pledges()] == [
        ("企業を呼びます", 3), ("道（再掲）", 1)
    ]  # fmt: skip
    assert [a.row for a in told(found, "pledge_goes_on")] == [8, 9]
    assert [a.row for a in told(found, "pledge_listed_again")] == [10]


def test_a_pledge_may_say_that_it_has_no_initiative_yet() -> None:
    found = table(PLAIN, FIRST, ("②起業を助けます", "（取組はまだありません。）", "－", None))
    assert [(p.text, len(p.initiatives)) for _c, _s, p in found.pledges()] == [
        ("企業を呼びます", 1), ("起業を助けます", 0)
    ]  # fmt: skip
    assert [a.read for a in told(found, "no_initiative")] == ["起業を助けます"]
    assert "取組が 1 つもありません" in problem_of(
        made([[TITLE], *LEGEND, PLAIN, ("①企業", "取組はまだありません", None, None)])
    )


def test_what_stands_twice_by_its_words_says_both_places() -> None:
    heads = ("公約", "取組名", *PLAIN[1:])
    rows = (("企業を呼びます", "誘致", *FIRST[1:]), (None, "誘致", *SECOND[1:]))
    found = table(heads, *rows, ("道", "道", *SECOND[1:]), ("企業を呼びます", "誘致", *SECOND[1:]))
    assert [a.in_words() for a in (*told(found, "pledge_repeated"), *told(found, "name_repeated"))] == [
        "10行目：「企業を呼びます」7 行目にも同じ文の公約があるが、別の公約として数えた",
        "8行目：「誘致」7 行目にも同じ名前の取組がある。別の取組とし、翌年の表とは順番で照らす",
    ]


def test_what_is_to_come_is_a_plan() -> None:
    above = ("公約", "これまでの取組", None, "今後の取組", None, "進捗状況", "担当課")
    below = (None, "令和4年度", "令和5年度", "令和6年度", "令和7年度", None, None)
    row = ("①企業を呼びます", "・探した。", "・呼んだ。", "・続ける。", "・広げる。", "A", "商工課")
    found = table(above, below, row, merges="A6:A7 B6:C6 D6:E6 F6:F7 G6:G7")
    (initiative,) = found.initiatives()
    assert (initiative.results, initiative.plans) == (
        {2022: "・探した。", 2023: "・呼んだ。"}, {2024: "・続ける。"}
    )  # fmt: skip
    assert initiative.notes == {"今後の取組 令和7年度": "・広げる。"}  # told: no year before it is reported


def test_a_heading_over_two_columns_says_what_each_is() -> None:
    heads = ("公約", None, *PLAIN[1:])
    numbered = table(heads, ("①", FIRST[0][1:], *FIRST[1:]), merges="A6:B6")
    blank = table(heads, (FIRST[0], None, *FIRST[1:]), merges="A6:B6 A7:B7")
    assert outline(numbered) == outline(blank) == [("", "", "①", "企業を呼びます")]
    assert "それぞれ何の列かを示してください" in problem_of(made([[TITLE], *LEGEND, (*PLAIN, *PLAIN), FIRST]))


def test_marks_below_one_heading_are_the_words_below_it() -> None:
    above = ("公約", "令和5年度の取組", "進捗状況", None, None, "担当課")
    below = (None, None, "完了", "実施中", "検討中", None)
    rows = [(*FIRST[:2], "○", None, None, "商工課"), (*SECOND[:2], None, "○", None, "商工課")]
    found = table(above, below, *rows, merges="A2:A3 B2:B3 C2:E2 F2:F3", legend=())
    assert [step.code for step in found.ratings] == ["完了", "実施中", "検討中"]
    assert [each.rating for each in found.initiatives()] == ["完了", "実施中"]


def test_lines_without_a_sign_above_numbered_pledges_are_fields() -> None:
    found = table(PLAIN, ["子育て・教育"], FIRST, SECOND, ["防災・安全"], FIRST, ["以上"])
    assert [each[0] for each in outline(found)] == ["子育て・教育", "子育て・教育", "防災・安全"]
    assert [a.read for a in told(found, "plain_line")] == ["子育て・教育・防災・安全"]
    assert [a.row for a in told(found, "unread_line")] == [12]
    later = table(PLAIN, FIRST, ["防災・安全"], SECOND)  # the first pledge would have no field
    assert ([each[0] for each in outline(later)], told(later, "plain_line")) == (["", ""], [])


def test_a_status_of_a_year_before_is_its_rating_where_it_says_nothing_else() -> None:
    heads = (None, "公約", "令和5年度の取組", "令和4年度進捗状況", "令和5年度進捗状況", "担当課")
    rows = [(1, "企業", "・呼んだ。", "B", "A", "商工課"), (2, "起業", "・助けた。", "－", "B", "商工課")]
    found = table(heads, *rows)
    assert [each.ratings_by_year for each in found.initiatives()] == [{2022: "B"}, {2022: None}]
    assert [number for _field, _section, number, _text in outline(found)] == ["1", "2"]
    twice = table(
        ("公約", "令和5年度の取組", "評価", "令和5年度評価", "担当課"),
        ("①企業", "・呼んだ。", "B", "A", "商工課"),
    )
    assert [(i.rating, i.notes) for i in twice.initiatives()] == [("B", {"令和5年度評価": "A"})]


def test_lines_below_fields_and_sections_are_no_pledges() -> None:
    lines = ["Ⅰ 元気なまち"], ["1. 産業"], ["(1) 企業"]
    found = table(PLAIN, *lines, FIRST, ["Ⅱ 安全なまち"], ["1. 防災"], ["(1) 備え"], SECOND)
    assert [each[:2] for each in outline(found)] == [("元気なまち", "産業"), ("安全なまち", "防災")]
    assert said(found) == USUAL
    assert [a.read for a in told(found, "deeper_line")] == ["(1) 企業", "(1) 備え"]


def test_departments_that_are_none_are_told_as_such() -> None:
    names = ("防災課 ほか関係各課", "全課", "商工課（主）、農政課（副）")
    found = table(
        PLAIN, *((f"{number}公約", *FIRST[1:3], name) for number, name in zip("①②③", names, strict=True))
    )
    assert [each[3] for each in said(found)] == ["防災課", "全課", "商工課・農政課"]
    assert [each.others for each in found.initiatives()] == [True, False, False]
    assert [a.read for a in told(found, "department_doubtful")] == ["全課"]
    assert [a.read for a in told(found, "department_aside")] == ["（主）", "（副）"]


def test_counts_and_whom_to_ask_below_the_rows_are_no_pledges() -> None:
    heads = ("施策の柱", *PLAIN)
    rows = [("産業", row[0][1:], *row[1:]) for row in (FIRST, SECOND)]
    own = (None, "問い合わせ先を一つにします", "・決めた。", "A")
    below = [(None, "A評価", "1"), (None, "問い合わせ先", "企画課"), (None, "作成日", "令和6年5月1日")]
    found = table(heads, *rows, own, *below)
    assert said(found) == [*USUAL, ("問い合わせ先を一つにします", "・決めた。", "A", "")]
    assert [category.name for category in found.categories] == ["産業"]
    assert [a.row for a in told(found, "row_aside")] == [10, 11, 12]


def test_a_cover_gives_title_and_date_and_tables_of_years_are_asked_for() -> None:
    book = Workbook()
    book.remove(book.worksheets[0])
    sheet_of(book, [["市長公約の進捗"], ["令和6年3月31日現在"], [], [], ["星浜市 企画課"]], "表紙")
    sheet_of(book, [*LEGEND, PLAIN, FIRST], "一覧")
    found = read_book(book_bytes(book))
    assert (found.title, str(found.as_of)) == ("市長公約の進捗", "2024-03-31")
    proposed = as_document(propose(grid_of(book_bytes(book))).layout)
    assert said(read_book(book_bytes(book), proposed)) == said(found)  # row 5 of the table, not of the cover
    book.worksheets[1].title = "令和5年度"
    sheet_of(book, [PLAIN, FIRST], "令和4年度")
    assert "読むシートの名前だけを書いてください" in problem_of(book_bytes(book))
    assert len(read_book(book_bytes(book), {"sheets": ["表紙", "令和5年度"]}).initiatives()) == 1


def test_pictures_and_shapes_over_cells_are_told() -> None:
    def drawn(sheet: Worksheet) -> None:
        sheet.add_chart(BarChart(), "B7")

    content = made([[TITLE], *LEGEND, PLAIN, FIRST], drawn)
    (anomaly,) = told(read_book(content), "pictures")
    assert anomaly.in_words() == (
        "7行目：「1 か所」絵・図形・グラフは取り込まない（B7）。要る文字と記号は、セルに書き写す"
    )
    grid = grid_of(content)
    assert grid_from(json.loads(json.dumps(list(parts_of(grid))))) == grid


def test_a_csv_without_fields_says_what_to_do_and_is_read_so() -> None:
    out = io.StringIO()
    csv.writer(out).writerows([[TITLE], ["凡例", "A：達成", "B：順調"], PLAIN, FIRST, SECOND])
    content = out.getvalue().encode("cp932")
    assert problem_of(content).endswith('"outline": "none" と書いてください。')
    assert said(read_book(content, {"outline": "none"})) == USUAL
