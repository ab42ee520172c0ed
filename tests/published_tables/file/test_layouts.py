"""Other cities' tables: what is proposed, what a layout says, what is told and what is asked."""

import json
from datetime import date
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from tests.published_tables.file.books import (
    FIRST,
    HEADINGS,
    LEGEND,
    SECOND,
    THIRD,
    TITLE,
    made,
    outline,
    read_book,
    sheet_of,
    told,
    usual,
)
from tests.published_tables.file.writing import book_bytes
from tracker.published_tables.file.document import LayoutProblem, as_document, document_of, parse_document
from tracker.published_tables.file.grid import grid_of
from tracker.published_tables.file.keeping import not_kept, refusal_to_keep
from tracker.published_tables.file.packed_grid import grid_from, parts_of
from tracker.published_tables.file.parser import proposed_table
from tracker.published_tables.file.proposal import propose
from tracker.workbooks.problems import FileProblem

ENDS = ("・続ける。", "A", "商工課")


def problem_of(content: bytes) -> str:
    with pytest.raises(FileProblem) as caught:
        read_book(content)
    return caught.value.in_words("表.xlsx")


# --- where the outline stands ---


def test_field_and_section_may_be_merged_columns() -> None:
    rows = [
        [TITLE], *LEGEND, ["分野", "項目", *HEADINGS],
        ["1. 産業", "(1) 企業", *FIRST], [None, None, *SECOND], [None, None, *THIRD],
        ["2. 子ども", "(1) 保育", "①冷房を入れます", *FIRST[1:]],
        [None, "(2) 学校", "①本を増やします", *FIRST[1:]],
    ]  # fmt: skip
    table = read_book(made(rows, merges="A7:A9 B7:B9 C8:C9 A10:A11"))
    assert outline(table) == [
        ("産業", "企業", "①", "企業を呼びます"), ("産業", "企業", "②", "起業を助けます"),
        ("子ども", "保育", "①", "冷房を入れます"), ("子ども", "学校", "①", "本を増やします"),
    ]  # fmt: skip
    assert [len(pledge.initiatives) for _c, _s, pledge in table.pledges()] == [1, 2, 1, 1]


def test_the_names_of_sheets_may_be_the_fields() -> None:
    book = Workbook()
    book.remove(book.worksheets[0])
    sheet_of(book, [[TITLE], *LEGEND, ["(1) 企業"], HEADINGS, FIRST], "産業")
    sheet_of(book, [[TITLE], ["(1) 保育"], HEADINGS, FIRST, ["(2) 学校"], HEADINGS, SECOND], "子ども")
    sheet_of(book, [["満足度"], ["年", "人"], ["R5", "12"]], "市民満足度")
    table = read_book(book_bytes(book))
    assert [each[:2] for each in outline(table)] == [("産業", "企業"), ("子ども", "保育"), ("子ども", "学校")]
    assert [(a.sheet, a.read) for a in told(table, "other_table")] == [
        ("市民満足度", "市民満足度：満足度 / 年 人 / R5 12")
    ]


@pytest.mark.parametrize(
    ("lines", "names"),
    [
        (["Ⅰ 産業", "Ⅱ 子ども"], ["産業", "子ども"]),
        (["目標1　産業", "目標2　子ども"], ["目標1 産業", "目標2 子ども"]),
        (["1 産業", "2 子ども"], ["産業", "子ども"]),
        (["１．産業", "２．子ども"], ["産業", "子ども"]),
        (["【産業】", "【子ども】"], ["産業", "子ども"]),
        (["(1) 産業", "(2) 子ども"], ["産業", "子ども"]),
        (["第1章 産業", "第2章 子ども"], ["第1章 産業", "第2章 子ども"]),
        (["一、産業", "二、子ども"], ["産業", "子ども"]),
    ],
)
def test_fields_need_no_sections_and_begin_in_many_ways(lines: list[str], names: list[str]) -> None:
    rows = [[TITLE], *LEGEND, [lines[0]], HEADINGS, FIRST, SECOND, [lines[1]], HEADINGS, FIRST]
    table = read_book(made(rows))
    assert [category.name for category in table.categories] == names
    assert [(category.number, [s.number for s in category.sections]) for category in table.categories] == [
        (1, [0]),
        (2, [0]),
    ]
    assert table.counts()["sections"] == 0
    assert refusal_to_keep(table) == ""


def test_a_heading_that_comes_again_after_a_page_goes_on() -> None:
    rows = usual(FIRST, ["1. 産業（つづき）"], ["(1) 企業（つづき）"], HEADINGS, THIRD)
    table = read_book(made(rows))
    assert outline(table) == [("産業", "企業", "①", "企業を呼びます")]
    assert [i.departments[0].name for i in table.initiatives()] == ["商工課", "産業課"]


def test_a_table_may_have_no_outline_and_no_numbers() -> None:
    table = read_book(made([[TITLE], *LEGEND, HEADINGS, ("企業を呼びます", *FIRST[1:]), THIRD]))
    assert outline(table) == [("", "", "", "企業を呼びます")]
    assert table.counts()["categories"] == 0
    assert not_kept(table) == []


# --- headings and columns ---


def test_target_and_actual_below_a_year_are_those_of_the_indicator() -> None:
    above = ("公約", "成果指標", "令和6年度", None, "令和6年度の取組内容", "進捗状況", "担当課")
    below = (None, None, "目標", "実績", None, None, None)
    row = ("①企業を呼びます", "誘致数", "10", "8", "・8 社来た。", "A", "商工課")
    rows = [[TITLE], *LEGEND, ["1. 産業"], ["(1) 企業"], above, below, row]
    initiative = read_book(made(rows, merges="A8:A9 B8:B9 C8:D8 E8:E9 F8:F9 G8:G9")).initiatives()[0]
    assert (initiative.indicators[0].targets, initiative.indicators[0].actuals) == ({2024: "10"}, {2024: "8"})
    assert initiative.results == {2024: "・8 社来た。"}


def test_what_an_initiative_is_may_be_told_without_a_year_beside_dated_columns() -> None:
    headings = ("公約", "主な取組", "令和6年度の取組内容", "令和7年度の予定", "進捗状況", "担当課")
    table = read_book(made(usual(FIRST, SECOND, headings=headings)))
    assert [i.notes["主な取組"] for i in table.initiatives()] == ["・交渉した。", "・窓口を開いた。"]
    assert [(a.row, a.column) for a in told(table, "column_unknown")] == [(11, "主な取組")]
    forgotten = made(usual(headings=("公約", "取組", "令和6年度の取組", "令和7年度の予定", *HEADINGS[4:])))
    assert "見出しから年度を読み取れません" in problem_of(forgotten)


def test_a_date_is_read_where_it_is_words_and_refused_where_it_was_a_number() -> None:
    def dated(sheet: Worksheet) -> None:
        sheet["G11"] = "完了予定日"
        sheet["G12"], sheet["G13"] = date(2027, 3, 31), "令和8年度"

    content = made(usual(), dated)
    table = read_book(content)
    assert [i.notes for i in table.initiatives()][:2] == [
        {"完了予定日": "2027/3/31"},
        {"完了予定日": "令和8年度"},
    ]
    assert [(a.row, a.read, a.done) for a in told(table, "date_cell")] == [
        (12, "2027/3/31", "日付のセルなので、この形の文字にして読んだ（G12）")
    ]
    roles = ("pledge", "result 2023", "result 2024", "plan 2025", "rating", "department")
    columns = dict(zip("ABCDEF", roles, strict=True))
    assert not told(read_book(content, {"columns": columns | {"G": "ignore"}}), "date_cell")
    with pytest.raises(FileProblem, match="セル G12：日付に変わっています"):
        read_book(content, {"columns": columns | {"G": "plan_project"}})


def test_notes_on_cells_are_told_and_not_taken() -> None:
    def noted(sheet: Worksheet) -> None:
        for address in ("B12", "F13", "H40"):  # the last one stands outside the table
            sheet[address].comment = Comment("確認中", "企画")

    content = made(usual(), noted)
    (anomaly,) = told(read_book(content), "comments")
    assert anomaly.in_words() == (
        "12行目：「3 か所」セルに付いたコメント（メモ）は取り込まない（B12・F13・H40）。"
        "要るものは、セルに書き写す"
    )
    assert told(read_book(made(usual())), "comments") == []
    grid = grid_of(content)
    assert grid_from(json.loads(json.dumps(list(parts_of(grid))))) == grid


def test_a_heading_of_two_rows_is_one() -> None:
    above = ("公約", "取組", None, "令和7年度の予定", "進捗状況", "担当課")
    below = (None, "令和5年度", "令和6年度", None, None, None)
    rows = [[TITLE], *LEGEND, ["1. 産業"], ["(1) 企業"], above, below, FIRST, SECOND]
    merged = read_book(made(rows, merges="A8:A9 B8:C8 D8:D9 E8:E9 F8:F9"))
    plain = read_book(made(rows))
    assert [i.results for i in merged.initiatives()] == [
        {2023: FIRST[1], 2024: FIRST[2]},
        {2023: SECOND[1], 2024: SECOND[2]},
    ]
    assert [i.results for i in plain.initiatives()] == [i.results for i in merged.initiatives()]


def test_short_words_below_a_heading_of_several_columns_say_what_they_are_of() -> None:
    """「部」 below 「担当部署」; a figure without a year below 「成果指標」 is of the table's, and told."""
    above = ("公約", "担当部署", None, "令和6年度の取組", "進捗状況", "成果指標", None, None, None)
    below = (None, "部", "課", None, None, "指標名", "単位", "目標", "実績")
    row = ("①企業を呼びます", "産業部", "商工課", "・呼びました。", "A", "誘致", "社", "3", "2")
    merges = "A8:A9 B8:C8 D8:D9 E8:E9 F8:I8"
    table = read_book(made([[TITLE], *LEGEND, ["1. 産業"], ["(1) 企業"], above, below, row], merges=merges))
    (initiative,) = table.initiatives()
    assert [term.name for term in initiative.departments] == ["産業部 商工課"]
    assert [vars(each) for each in initiative.indicators] == [
        {"name": "誘致", "unit": "社", "targets": {2024: "3"}, "actuals": {2024: "2"}, "rates": {}}
    ]
    assert [a.read for a in told(table, "undated_result")] == ["成果指標 目標", "成果指標 実績"]


def test_marks_in_the_columns_of_the_scale_are_ratings() -> None:
    headings = (*HEADINGS[:4], "達成", "順調", "遅れ", "担当課")
    rows = usual(
        (*FIRST[:4], "●", None, None, "商工課"), (*THIRD[:4], None, None, "●", "産業課"),
        headings=headings, legend=(),
    )  # fmt: skip
    table = read_book(made(rows))
    assert [step.code for step in table.ratings] == ["達成", "順調", "遅れ"]
    assert [i.rating for i in table.initiatives()] == ["達成", "遅れ"]
    both = usual((*FIRST[:4], "●", "●", None, "商工課"), headings=headings, legend=())
    layout = {"columns": {"A": "pledge", "E": "mark 達成", "F": "mark 順調", "H": "department"}}
    layout["scale"] = [{"code": "達成"}, {"code": "順調"}]  # type: ignore[assignment]
    with pytest.raises(FileProblem, match="評価の印が「達成」「順調」の 2 つ以上"):
        read_book(made(both), layout)


def test_earlier_ratings_are_those_of_their_years() -> None:
    headings = ("公約", "令和5年度の取組", "令和5年度の評価", "令和6年度の取組", "令和6年度の評価", "担当課")
    table = read_book(made(usual(("①企業", "・甲。", "C", "・乙。", "A", "商工課"), headings=headings)))
    (row,) = table.initiatives()
    assert (row.rating, row.ratings_by_year) == ("A", {2023: "C"})
    assert not_kept(table) == []


def test_figures_of_indicators_are_read_by_year() -> None:
    rows = [
        [TITLE], ["A：100％以上　B：100％未満"],
        [
            *("分野", "施策", "成果指標", "単位", "目標値 令和6年度", "実績値 令和5年度", "実績値 令和6年度"),
            *("達成率 令和6年度", "評価", "担当課"),
        ],
        ["1 子ども", "①保育士", "就職者", "人", 120, 98, 125, 1.042, "A", "保育課"],
        [None, None, "待機児童", "人", 0, 5, 1, None, "B", "保育課"],
    ]  # fmt: skip

    def percent(sheet: Worksheet) -> None:
        sheet["H4"].number_format = "0.0%"

    table = read_book(made(rows, percent))
    first, second = table.initiatives()
    assert vars(first.indicators[0]) == {
        "name": "就職者", "unit": "人", "targets": {2024: "120"}, "actuals": {2023: "98", 2024: "125"},
        "rates": {2024: "104.2%"},
    }  # fmt: skip
    assert (second.indicators[0].rates, second.rating) == ({}, "B")


def test_undated_results_are_of_the_dates_year_and_told() -> None:
    table = read_book(
        made(usual(("①企業", "・甲。", "A", "商工課"), headings=("公約", "取組内容", "評価", "担当課")))
    )
    assert (table.years, [a.read for a in told(table, "undated_result")]) == ([2024], ["取組内容"])


def test_a_column_that_holds_ratings_only_is_the_rating() -> None:
    table = read_book(made(usual(FIRST, SECOND, headings=(*HEADINGS[:4], "区分", "担当課"))))
    assert [i.rating for i in table.initiatives()] == ["A", "B"]
    assert [a.column for a in told(table, "rating_by_cells")] == ["区分"]


def test_columns_beyond_the_headings_are_named_and_kept() -> None:
    table = read_book(made(usual((*FIRST, "欄外"), SECOND)))
    assert [i.notes for i in table.initiatives()] == [{"G列": "欄外"}, {}]


# --- what is told ---


def test_totals_are_left_out_and_told() -> None:
    table = read_book(made(usual(FIRST, SECOND, ("合計", None, None, None, "A:1 B:1", None))))
    assert [(a.row, a.read) for a in told(table, "total_row_skipped")] == [(14, "合計 | A:1 B:1")]
    assert len(table.initiatives()) == 2


@pytest.mark.parametrize("words", ["合計100人の雇用を生みます", "小計（案）を公表します"])
def test_a_total_in_a_sentence_is_no_total(words: str) -> None:
    rows = [(name.lstrip("①②"), *rest) for name, *rest in (FIRST, (words, None, *SECOND[2:]), SECOND)]
    table = read_book(made(usual(*rows)))
    assert words in [pledge.text for _field, _section, pledge in table.pledges()]
    assert told(table, "total_row_skipped") == []


def test_a_step_that_is_said_to_be_no_rating_is_told() -> None:
    table = read_book(made(usual(FIRST, SECOND)), {"unrated": ["A", "－"]})
    assert [i.rating for i in table.initiatives()] == ["A", "B"]
    assert [a.read for a in told(table, "unrated_is_step")] == ["A"]


def test_notes_and_other_tables_below_are_told() -> None:
    rows = [
        *usual(),
        [],
        ["※ 評価は自己評価です。"],
        [],
        ["数値目標", "目標", "実績", None, "120%"],
        ["人口", "5 万人", "4 万人"],
    ]
    table = read_book(made(rows))
    assert len(table.pledges()) == 2
    told_below = [(a.row, a.read) for a in table.anomalies if a.kind in {"unread_line", "other_table"}]
    assert told_below[0] == (16, "※ 評価は自己評価です。")
    assert {row for row, _read in told_below} == {16, 18, 19}


def test_a_second_legend_is_told() -> None:
    legend = (["【実施状況】完了：終わった　取組中：着手した"], ["【進捗状況】A：達成　B：順調　C：遅れ"])
    table = read_book(made(usual(legend=legend)))
    assert [step.code for step in table.ratings] == ["A", "B", "C"]
    assert [a.read for a in told(table, "second_legend")] == ["【実施状況】完了・取組中"]


def test_what_nobody_sees_or_what_is_struck_out_is_read_and_told() -> None:
    def change(sheet: Worksheet) -> None:
        sheet.row_dimensions[13].hidden = True
        sheet.column_dimensions["D"].hidden = True
        sheet["C12"].font = Font(strike=True)

    table = read_book(made(usual(), change))
    assert [(a.row, a.column) for a in told(table, "hidden_row")] == [(13, "")]
    assert [a.column for a in told(table, "hidden_column")] == ["令和7年度の予定"]
    assert [(a.row, a.read) for a in told(table, "struck_out")] == [(12, "・1 社来た。")]
    assert len(table.initiatives()) == 3


def test_ratings_by_colour_alone_are_told() -> None:
    def change(sheet: Worksheet) -> None:
        for cell, colour in (("E12", "FF00FF00"), ("E13", "FFFF0000")):
            sheet[cell].fill = PatternFill("solid", colour)

    table = read_book(made(usual((*FIRST[:4], None, "商工課"), (*SECOND[:4], None, "商工課")), change))
    assert [i.rating for i in table.initiatives()] == [None, None]
    assert [a.read for a in told(table, "colour_ratings")] == ["E12・E13"]


@pytest.mark.parametrize("mark", ["〃", "同上", "（同上）"])
def test_a_ditto_is_what_stands_above(mark: str) -> None:
    table = read_book(made(usual(FIRST, (*SECOND[:5], mark))))
    assert [i.departments[0].name for i in table.initiatives()] == ["商工課", "商工課"]
    assert [(a.row, a.read) for a in told(table, "ditto")] == [(13, mark)]


@pytest.mark.parametrize(
    ("head", "title", "as_of", "kinds"),
    [
        ([["令和7年6月10日作成"], [TITLE]], TITLE, "2025-03-31", ["date_of_making"]),
        ([["星浜市の公約"], [None, "令和7年3月31日現在"]], "星浜市の公約", "2025-03-31", []),
        ([["星浜市の公約（R7.3.31現在）"]], "星浜市の公約（R7.3.31現在）", "2025-03-31", []),
        ([["星浜市の公約（令和6年度末現在）"]], "星浜市の公約（令和6年度末現在）", "2025-03-31", []),
        ([["星浜市の公約"], ["令和7年3月"]], "星浜市の公約", "2025-03-31", ["as_of_guessed"]),
        ([["星浜市の公約（令和6年度）"]], "星浜市の公約（令和6年度）", "2025-03-31", ["as_of_guessed"]),
        ([[TITLE], ["令和6年9月30日現在"]], TITLE, "2025-03-31", ["as_of_other"]),
        (
            *([["公約（令和7年4月1日現在）"]], "公約（令和7年4月1日現在）", "2025-04-01"),
            ["as_of_of_another_year"],
        ),
    ],
)  # fmt: skip
def test_title_and_date_are_found_and_doubts_told(
    head: list[list[str | None]], title: str, as_of: str, kinds: list[str]
) -> None:
    table = read_book(made([*head, *LEGEND, ["1. 産業"], ["(1) 企業"], HEADINGS, FIRST]))
    assert (table.title, table.as_of.isoformat()) == (title, as_of)
    assert [a.kind for a in table.anomalies] == kinds


def test_a_sheet_that_is_hidden_is_told() -> None:
    book = Workbook()
    book.remove(book.worksheets[0])
    sheet_of(book, usual())
    sheet_of(book, [["控え"]], "控え").sheet_state = "hidden"
    assert [a.read for a in told(read_book(book_bytes(book)), "other_table")] == ["控え："]


# --- what is asked ---


def test_a_heading_row_that_is_not_known_is_asked_for() -> None:
    rows = usual(headings=("お約束", "やったこと", "次にやること", "見通し", "どこまで", "窓口"))
    message = problem_of(made(rows))
    assert message.startswith(
        "表.xlsx シート「進捗」 11行目：見出しの行が見つかりません。この行が見出しでしょうか。"
    )
    assert "知らない見出し「お約束」「やったこと」" in message
    assert "heading_rows" in message


def test_a_scale_whose_order_nobody_can_tell_is_asked_for() -> None:
    legend = (["<進捗状況>"], ["C：甲"], ["B：乙"], ["A：丙"])
    assert "進んだ評価から順に並んでいるか分かりません" in problem_of(made(usual(legend=legend)))
    layout = {
        "scale": [{"code": "A", "label": "丙"}, {"code": "B", "label": "乙"}, {"code": "C", "label": "甲"}]
    }
    assert [step.code for step in read_book(made(usual(legend=legend)), layout).ratings] == ["A", "B", "C"]


def test_a_rating_that_the_legend_lacks_is_asked_for() -> None:
    assert "「S」は凡例（A・B・C）にありません" in problem_of(made(usual((*FIRST[:4], "S", "商工課"))))


# --- the document ---

WHOLE = {
    "sheets": ["進捗"],
    "heading_rows": [11, 11],
    "columns": {
        "A": "pledge", "B": "result 2023", "C": "extra 去年の動き", "D": "note 予定", "E": "rating",
        "F": "department",
    },
    "outline": "rows",
    "scale": [
        {"code": "A", "label": "達成", "percent": 100}, {"code": "B", "label": "順調", "percent": 50},
        {"code": "C", "label": "遅れ", "percent": 0, "rank": False},
    ],
    "scale_kind": "classes",
    "unrated": ["－"],
    "title": "星浜市長公約の進捗状況",
    "as_of": "2024-03-31",
    "fiscal_year": 2023,
    "skip_rows": [13],
}  # fmt: skip


def test_a_layout_is_followed() -> None:
    table = read_book(made(usual()), WHOLE)
    assert (table.title, table.as_of.isoformat(), table.years, table.plan_years) == (
        *("星浜市長公約の進捗状況", "2024-03-31", [2023], []),
    )
    assert (table.has_ranks, table.unranked) == (False, {"C"})
    first, second = table.initiatives()  # row 13 is left out, so the third row goes on with the first pledge
    assert (first.extras, first.notes) == ({"去年の動き": "・1 社来た。"}, {"予定": "・続ける。"})
    assert (second.row, second.rating) == (14, "C")


def test_a_proposal_printed_and_read_again_says_the_same() -> None:
    for content in (
        made(usual()),
        made([[TITLE], *LEGEND, ["分野", *HEADINGS], ["産業", *FIRST], ["産業", *SECOND]]),
    ):
        grid = grid_of(content)
        proposal = propose(grid)
        said = json.loads(json.dumps(as_document(proposal.layout)))
        again = propose(grid, document_of(said))
        assert as_document(again.layout) == said
        assert proposed_table(grid, again).pledges() == proposed_table(grid, proposal).pledges()


@pytest.mark.parametrize(
    ("layout", "words"),
    [
        ([], "「全体」：{…} の形"),
        ({"sheet": "進捗"}, "「sheet」：このキーはありません"),
        ({"sheets": ["甲"]}, "「sheets」：「甲」というシートはありません（あるシート：「進捗」）"),
        ({"sheets": 3}, "「sheets」：[…]"),
        ({"heading_rows": [11]}, "「heading_rows」：見出しの最初の行と、それより下の最後の行"),
        ({"heading_rows": [12, 11]}, "「heading_rows」：見出しの最初の行と、それより下の最後の行"),
        ({"heading_rows": [0, 1]}, "「heading_rows」：1 から"),
        ({"heading_rows": [900, 901]}, "「heading_rows」：900 行目から 901 行目に、見出しがありません"),
        ({"columns": {}}, "「columns」："),
        ({"columns": {"1": "pledge"}}, "「columns」：「1」は列の記号ではありません"),
        ({"columns": {"ZZ": "pledge"}}, "「columns」：「ZZ」列は遠すぎます"),
        ({"columns": {"AA": "pledge"}}, "「columns」：AA 列は、この表にありません"),
        ({"columns": {"A": "promise"}}, "「columns」：A 列の「promise」という役割はありません"),
        ({"columns": {"A": "plan"}}, "「columns」：A 列の「plan」の後に、年度を"),
        ({"columns": {"A": "pledge 2024"}}, "「columns」：A 列の「pledge 2024」の「2024」は読めません"),
        ({"columns": {"A": "extra"}}, "「columns」：A 列の「extra」の後に、名前を"),
        ({"columns": {"B": "result 2023"}}, "「columns」：どの列が公約かが、示されていません"),
        (
            {"columns": {"A": "pledge", "B": "rating", "C": "rating"}},
            "「columns」：「評価」とした列が 2 つあります（「令和5年度の取組」と「令和6年度の取組」）。",
        ),
        ({"outline": "lines"}, "「outline」："),
        ({"outline": ["none", "rows"]}, "「outline」："),
        ({"scale": [{"label": "達成"}]}, "「scale」："),
        ({"scale": [{"code": "A", "percent": 101}]}, "「scale」：0 から 100 まで"),
        ({"scale": [{"code": "A"}, {"code": "Ａ"}]}, "「scale」：「A」が 2 回あります"),
        ({"scale": [{"code": "A", "colour": 1}]}, "「scale」：「colour」は書けません"),
        ({"scale_kind": "none"}, "「scale_kind」："),
        ({"as_of": "令和7年"}, "「as_of」：日付を"),
        ({"fiscal_year": "2024"}, "「fiscal_year」：1950 から"),
        ({"fiscal_year": True}, "「fiscal_year」：1950 から"),
        ({"title": " "}, "「title」："),
        ({"skip_rows": {"進捗": [0]}}, "「skip_rows」：1 から"),
        ({"further_headings": [{"columns": {}}]}, "「further_headings」："),
    ],
)
def test_a_layout_that_does_not_fit_says_which_key_and_why(layout: Any, words: str) -> None:
    with pytest.raises(LayoutProblem) as caught:
        read_book(made(usual()), layout)
    assert f"配置の{words}" in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_json_is_no_layout(content: bytes) -> None:
    with pytest.raises(LayoutProblem, match="JSON として読めません"):
        parse_document(content)
