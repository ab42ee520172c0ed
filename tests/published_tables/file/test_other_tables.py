"""Other cities' tables: unknown columns, departments by division, and the two made-up fixtures."""

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from tests.conftest import SYMBOLS, WORDS
from tests.published_tables.file.tables import meaning
from tests.published_tables.file.test_parser import initiatives, kinds, problem_of, read
from tests.published_tables.file.writing import (
    HEADINGS,
    NEXT_ROW,
    PLEDGE_ROW,
    book_bytes,
    replaced,
    small_text,
)
from tracker.published_tables.file import writing
from tracker.published_tables.file.departments import DepartmentTerm
from tracker.published_tables.file.grid import grid_of
from tracker.published_tables.file.parser import parse_table
from tracker.published_tables.file.reading import read_table
from tracker.published_tables.file.table import PublishedTable, TableInitiative
from tracker.words.bullets import text
from tracker.workbooks.problems import FileProblem

PLAIN = ("公約", "R5取組内容", "評価", "担当課")
FIRST, SECOND = ("①駅", "・甲。", "A", "土木課"), ("", "・乙。", "B", "農政課")


def plain(*rows: tuple[str, ...], headings: tuple[str, ...] = PLAIN) -> str:
    return small_text(*rows, headings=headings)


def names(found: list[TableInitiative]) -> list[list[str]]:
    return [[term.name for term in initiative.departments] for initiative in found]


def book(
    *rows: tuple[str, ...], headings: tuple[str, ...] = PLAIN, merges: tuple[str, ...] = ()
) -> PublishedTable:
    """The table of a sheet; its headings are row 6."""
    made = Workbook()
    sheet = made.active
    assert isinstance(sheet, Worksheet)
    head = [("公約（令和6年3月末時点）",), ("凡例：A：達成　B：途中",), (), ("1. まち",), ("(1) 道路",)]
    for row in (*head, headings, *rows):
        sheet.append([cell or None for cell in row])
    for area in merges:
        sheet.merge_cells(area)
    return parse_table(grid_of(book_bytes(made)))


# --- columns that the reader does not know ---


def test_the_filled_cells_of_an_unknown_column_are_notes() -> None:
    table = read(plain((*FIRST, "市債 ・3 年"), (*SECOND, "—"), (*SECOND, ""), headings=(*PLAIN, "備考")))
    assert [row.notes for row in table.initiatives()] == [{"備考": "市債\n・3 年"}, {}, {}]
    assert kinds(table) == [(11, "備考", "column_unknown")]


def test_an_unknown_column_may_stand_anywhere_and_is_told_once() -> None:
    headings = ("予算", *PLAIN[:2], "備考", *PLAIN[2:])
    row = ("10", *FIRST[:2], "市債", *FIRST[2:])
    content = plain(row, headings=headings)
    table = read(
        content + "(2) 橋\n" + "\t".join(headings) + "\n" + "\t".join(replaced(row, {1: "②橋"})) + "\n"
    )
    assert [i.notes for i in table.initiatives()] == [{"予算": "10", "備考": "市債"}] * 2
    assert kinds(table) == [(11, "予算", "column_unknown"), (11, "備考", "column_unknown")]


def test_a_column_of_one_table_need_not_be_in_the_next() -> None:
    content = plain((*FIRST, "市債"), headings=(*PLAIN, "備考"))
    table = read(
        content
        + "(2) 橋\n"
        + "\t".join([*PLAIN, "財源"])
        + "\n"
        + "\t".join(["②橋", *FIRST[1:], "国"])
        + "\n"
    )
    assert [i.notes for i in table.initiatives()] == [{"備考": "市債"}, {"財源": "国"}]
    assert kinds(table) == [(11, "備考", "column_unknown"), (14, "財源", "column_unknown")]


def test_a_known_column_that_the_next_table_lacks_is_told() -> None:
    headings = (*PLAIN[:2], "R6の予定", *PLAIN[2:])
    content = plain((*FIRST[:2], "・丙。", *FIRST[2:]), headings=headings)
    table = read(content + "(2) 橋\n" + "\t".join(PLAIN) + "\n" + "\t".join(("②橋", *FIRST[1:])) + "\n")
    assert [i.plans for i in table.initiatives()] == [{2024: "・丙。"}, {}]
    assert [(a.row, a.kind, a.read) for a in table.anomalies] == [
        (14, "headings_differ", "増えた列：なし、ない列：R6の予定")
    ]


def test_a_blank_heading_over_filled_cells_is_named_by_its_place() -> None:
    table = read(plain(("①駅", "市債", *FIRST[1:]), headings=("公約", "", *PLAIN[1:])))
    assert ([i.notes for i in table.initiatives()], kinds(table)) == (
        [{"2列目": "市債"}],
        [(12, "2列目", "column_unknown")],
    )


def test_a_blank_heading_over_nothing_is_not_told() -> None:
    table = read(plain(("①駅", "", *FIRST[1:]), headings=("公約", "", *PLAIN[1:])))
    assert ([i.notes for i in table.initiatives()], kinds(table)) == ([{}], [])


def test_a_blank_heading_at_the_end_of_a_sheet_is_named_by_its_letter() -> None:
    table = book((*FIRST, "", "市債"), (*SECOND, "", ""))
    assert [i.notes for i in table.initiatives()] == [{"F列": "市債"}, {}]
    assert kinds(table) == [(7, "F列", "column_unknown")]


def test_a_merged_note_is_that_of_every_initiative() -> None:
    table = book(
        (*FIRST, "市債"), (*SECOND, ""), ("②橋", *FIRST[1:], ""), headings=(*PLAIN, "備考"), merges=("E7:E8",)
    )
    assert [i.notes for i in table.initiatives()] == [{"備考": "市債"}, {"備考": "市債"}, {}]


def test_a_blank_note_of_a_text_file_stays_blank() -> None:
    table = read(plain((*FIRST, "市債"), (*SECOND, ""), headings=(*PLAIN, "備考")))
    assert ([i.notes for i in table.initiatives()], kinds(table)) == (
        [{"備考": "市債"}, {}],
        [(11, "備考", "column_unknown")],
    )


def test_a_row_of_a_note_alone_joins_the_initiative_above() -> None:
    rows = ((*FIRST, "市債"), ("", "", "", "", "3 年"), SECOND, ("", "", "", "", "国"))
    table = read(plain(*rows, headings=(*PLAIN, "備考")))
    assert [i.notes for i in table.initiatives()] == [{"備考": "市債\n3 年"}, {"備考": "国"}]
    assert [[s["row"] for s in i.source] for i in table.initiatives()] == [[12, 13], [14, 15]]
    assert [kind for _, _, kind in kinds(table)] == ["column_unknown", "note_joined", "note_joined"]


NOTED = (*HEADINGS, "備考")


@pytest.mark.parametrize(
    "row",
    [
        NEXT_ROW[1:],  # slipped to the left: the note's column would take the department
        (*NEXT_ROW[:3], "", *NEXT_ROW[3:]),
        (*NEXT_ROW[:7], "B 農政課", "市債"),
        (*NEXT_ROW[:6], *NEXT_ROW[7:], "市債"),
        (*NEXT_ROW, "市債", "余り"),
        (*NEXT_ROW[:7], "市債", "B", "農政課"),
        NEXT_ROW[:8],
        replaced((*NEXT_ROW, ""), {7: "市債", 9: "B"}),
        replaced((*NEXT_ROW, ""), {8: "今年は会を開きました。", 9: "農政課"}),
    ],
)
def test_beside_notes_a_row_that_slipped_is_refused(row: tuple[str, ...]) -> None:
    row_number, column, message = problem_of(small_text((*PLEDGE_ROW, ""), row, headings=NOTED))
    assert (row_number, column) == (13, "実施状況")
    assert message.startswith(("列がずれていて、", "評価「"))


@pytest.mark.parametrize("row", [NEXT_ROW, (*NEXT_ROW, ""), (*NEXT_ROW, "市債", "", "")])
def test_beside_notes_only_blank_cells_at_the_end_may_differ(row: tuple[str, ...]) -> None:
    second = initiatives(small_text((*PLEDGE_ROW, ""), row, headings=NOTED))[1]
    assert (second.rating, second.departments) == ("B", (DepartmentTerm("農政課"),))
    assert second.notes == ({"備考": "市債"} if "市債" in row else {})


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=2))
@settings(deadline=None)
def test_beside_notes_no_cell_leaves_its_column(swaps: list[tuple[int, int]]) -> None:
    """A row whose cells change places is refused, or each is kept under the heading that it has."""
    row = ["②橋", *NEXT_ROW[1:], "市債"]
    for a, b in swaps:
        row[a], row[b] = row[b], row[a]
    try:
        table = read(small_text((*PLEDGE_ROW, ""), tuple(row), headings=NOTED))
    except FileProblem:
        return
    found = table.initiatives()[1]
    told = [*found.results.values(), found.plans[2024], found.rating or "", found.notes.get("備考", "")]
    assert told == [text(cell) for cell in (*row[3:8], row[9])]


# --- departments by division ---

DIVIDED = (*PLAIN[:3], "部", "課")


def divided(*rows: tuple[str, ...]) -> list[TableInitiative]:
    return initiatives(plain(*rows, headings=DIVIDED))


def test_a_department_is_named_with_its_division() -> None:
    found = divided((*FIRST[:3], "総務部", "総務課"), (*SECOND[:3], "建設部", "総務課"))
    assert names(found) == [["総務部 総務課"], ["建設部 総務課"]]


def test_a_division_goes_on_over_blank_cells_below_it() -> None:
    rows = ((*FIRST[:3], "総務部", "総務課"), (*SECOND[:3], "", "財政課"), ("②橋", *FIRST[1:3], "", "人事課"))
    table = read(plain(*rows, headings=DIVIDED))
    assert names(table.initiatives()) == [["総務部 総務課"], ["総務部 財政課"], ["総務部 人事課"]]
    assert kinds(table) == [(13, "部", "blank_inherited"), (14, "部", "blank_inherited")]


def test_both_blank_are_those_above() -> None:
    assert names(divided((*FIRST[:3], "総務部", "総務課"), (*SECOND[:3], "", ""))) == [["総務部 総務課"]] * 2


def test_a_division_alone_is_a_department_and_takes_no_section_from_above() -> None:
    found = divided(
        (*FIRST[:3], "総務部", "総務課"), (*SECOND[:3], "議会事務局", ""), (*SECOND[:3], "消防本部", "—")
    )
    assert names(found) == [["総務部 総務課"], ["議会事務局"], ["消防本部"]]


def test_no_division_at_all_is_said_by_a_dash() -> None:
    found = divided(
        (*FIRST[:3], "総務部", "総務課"), (*SECOND[:3], "—", "会計課"), ("②橋", *FIRST[1:3], "—", "—")
    )
    assert names(found) == [["総務部 総務課"], ["会計課"], []]


def test_merges_of_a_workbook_say_how_far_a_division_goes() -> None:
    rows = (
        (*FIRST[:3], "総務部", "総務課"),
        (*SECOND[:3], "", "財政課"),
        ("②橋", *FIRST[1:3], "", "人事課"),
        (*SECOND[:3], "", "会計課"),
    )
    table = book(*rows, headings=DIVIDED, merges=("A7:A8", "A9:A10", "D7:D9"))
    assert names(table.initiatives()) == [["総務部 総務課"], ["総務部 財政課"], ["総務部 人事課"], ["会計課"]]


def test_divisions_and_sections_that_do_not_match_are_refused() -> None:
    row = (*FIRST[:3], "総務部、建設部", "総務課、土木課、財政課")
    assert problem_of(plain(row, headings=DIVIDED)) == (
        12,
        "部",
        "「総務部、建設部」と「総務課、土木課、財政課」を、どの部のどの課と読むか決められません。"
        "部と課を同じ数だけ、同じ順に書いてください。",
    )


def test_swapped_division_and_section_are_refused() -> None:
    assert problem_of(plain((*FIRST[:3], "総務課", "総務部"), headings=DIVIDED))[1] == "部"


@pytest.mark.parametrize(
    "row", [(*FIRST[:2], "総務部", "A", "総務課"), (*FIRST[:2], "総務部", "総務課"), (*FIRST[:3], "総務部")]
)
def test_a_row_that_slipped_beside_a_division_is_refused(row: tuple[str, ...]) -> None:
    assert problem_of(plain(row, headings=DIVIDED))[:2] == (12, "評価")


def test_a_year_may_end_like_a_division() -> None:
    assert [
        i.results[2023]
        for i in initiatives(plain(replaced(FIRST, {1: "検討委員会"}), replaced(SECOND, {1: "一部"})))
    ] == [*("検討委員会", "一部")]


# --- above the table ---


def test_a_title_beside_its_date_and_other_cells_above_the_table() -> None:
    content = plain(FIRST).replace("市長マニフェストの達成状況（", "資料1\t企画課\n市長公約の進捗\t\t（")
    table = read(content)
    assert (table.title, table.as_of.isoformat()) == ("市長公約の進捗 （令和6年3月末時点）", "2024-03-31")
    assert kinds(table) == [(1, "", "unread_line")]


# --- the fixtures ---


def test_the_fixture_of_symbols_is_read_whole() -> None:
    table = read_table(SYMBOLS)
    assert (table.title, table.as_of.isoformat()) == (
        "星見野市長公約の進捗状況（令和7年3月末時点）",
        "2025-03-31",
    )
    assert [(step.code, step.label, step.percent) for step in table.ratings] == [
        *(("◎", "実施済", None), ("○", "一部実施", None), ("△", "未実施", None))
    ]
    assert (table.years, table.plan_years, table.cumulative_year) == ([2023, 2024], [2025], None)
    assert (len(table.categories), len(table.pledges()), len(table.initiatives())) == (3, 19, 24)
    assert Counter(i.rating for i in table.initiatives()) == {"◎": 8, "○": 12, "△": 3, None: 1}
    assert Counter(anomaly.kind for anomaly in table.anomalies) == {
        "unread_line": 1, "column_unknown": 1, "department_others": 1,
    }  # fmt: skip
    noted = [(i.row, i.notes["備考"]) for i in table.initiatives() if i.notes]
    assert (len(noted), noted[0], noted[3]) == (
        10,
        (11, "定員は各年度 4 月 1 日現在"),
        (20, "応募 214 件、\n入賞 5 件"),
    )


def test_the_fixture_of_words_is_read_whole() -> None:
    table = read_table(WORDS)
    assert (table.title, table.as_of.isoformat()) == (
        "汐音市 市長マニフェスト達成度一覧（2025年3月31日時点）",
        "2025-03-31",
    )
    assert [(step.code, step.label, step.definition) for step in table.ratings] == [
        ("達成", "達成", "目標を達成したもの"),
        ("順調", "順調", "計画どおりに進んでいるもの"),
        ("おおむね順調", "おおむね順調", "少し遅れがあるが、任期中に達成できる見込みのもの"),
        ("遅れ", "遅れ", "計画より遅れていて、見直しが必要なもの"),
    ]
    assert (table.years, table.plan_years, [i.sdgs for i in table.initiatives()]) == (
        [2023, 2024],
        [],
        [None] * 20,
    )
    assert (len(table.categories), len(table.pledges()), len(table.initiatives())) == (3, 16, 20)
    assert Counter(i.rating for i in table.initiatives()) == {
        "達成": 5,
        "順調": 7,
        "おおむね順調": 5,
        "遅れ": 2,
        None: 1,
    }
    assert [anomaly.kind for anomaly in table.anomalies] == ["unread_line"]
    assert table.department_names() == [
        *(
            "市民病院事務局 総務課",
            "福祉部 健康増進課",
            "福祉部 高齢福祉課",
            "産業部 商工観光課",
            "総務部 危機管理課",
        ),
        *("消防本部", "建設部 建築指導課", "産業部 水産課", "建設部 都市計画課", "教育委員会 学校教育課"),
        *(
            "教育委員会 総務課",
            "教育委員会 図書館",
            "総務部 情報政策課",
            "総務部 総務課",
            "総務部 財政課",
            "議会事務局",
        ),
    ]


@pytest.mark.parametrize("file", [SYMBOLS, WORDS])
def test_a_fixture_written_as_our_published_table_reads_the_same(tmp_path: Path, file: Path) -> None:
    table = read_table(file)
    (tmp_path / "表.xlsx").write_bytes(writing.write_workbook(table))
    assert meaning(read_table(tmp_path / "表.xlsx")) == meaning(table)
