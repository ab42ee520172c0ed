"""The published table as a workbook: it reads back the same, exactly and by the rules, and prints whole."""

import io
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings

from tests.published_tables.file.tables import SIGNS, WORDS, initiative, meaning, table_with, tables
from tests.published_tables.file.writing import book_bytes
from tracker.published_tables.file import geometry, own_table
from tracker.published_tables.file.cells import LegendStep, PlanReference
from tracker.published_tables.file.departments import DepartmentTerm
from tracker.published_tables.file.geometry import TALLEST, height_of, measure
from tracker.published_tables.file.grid import Grid, Row, grid_of
from tracker.published_tables.file.headings import Kind
from tracker.published_tables.file.laid_table import LINES, Notes, RowPart, lay_out
from tracker.published_tables.file.overleaf import REST
from tracker.published_tables.file.parser import parse_table
from tracker.published_tables.file.reading import read_table
from tracker.published_tables.file.table import PublishedTable
from tracker.published_tables.file.writing import write_workbook
from tracker.workbooks.problems import FileProblem

NOTES = Notes(("第2版。訂正の理由：※ 集計の誤り",), {(1, 1): ("「①駅」は終わりました。", "A : まだです")})


def sheet_of(content: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(content)).active


def whole(table: PublishedTable) -> list[Any]:
    """All that a table says, headings without a pledge too."""
    names = [
        (c.number, c.name, [(s.number, s.name, len(s.pledges)) for s in c.sections]) for c in table.categories
    ]
    return [*meaning(table), names]


def exactly(content: bytes) -> PublishedTable:
    """The table, as the exact reader has it."""
    found = own_table.read_own_table(grid_of(content))
    assert found is not None
    return found


def refusal(table: PublishedTable) -> str:
    with pytest.raises(FileProblem) as caught:
        write_workbook(table)
    return caught.value.message


# --- reading back ---


def test_the_citys_table_reads_back_exactly_and_by_the_rules(table: PublishedTable, tmp_path: Path) -> None:
    (tmp_path / "掲載表.xlsx").write_bytes(write_workbook(table))
    assert (
        whole(exactly(write_workbook(table))) == whole(read_table(tmp_path / "掲載表.xlsx")) == whole(table)
    )
    assert whole(parse_table(grid_of(write_workbook(table)))) == whole(table)


@given(tables())
@settings(max_examples=15, deadline=None)
def test_any_table_reads_back_the_same(table: PublishedTable) -> None:
    assert whole(exactly(write_workbook(table))) == whole(table)


@given(tables())
@settings(max_examples=40, deadline=None)
def test_any_layout_reads_back_the_same(table: PublishedTable) -> None:
    """The same without a file between, which is quick: more of them."""
    rows = [
        Row(number, row.cells, "掲載表", row.merged)
        for number, row in enumerate(lay_out(table, NOTES).rows, start=1)
    ]
    found = own_table.read_own_table(Grid(tuple(rows), knows_merges=True, sheets=("掲載表",)))
    assert found is not None
    assert whole(found) == whole(table)


@pytest.mark.parametrize("scale", [SIGNS, WORDS])
def test_another_scale_reads_back_the_same(scale: list[LegendStep]) -> None:
    rows = [initiative(position, rating=step.code) for position, step in enumerate(scale, start=1)]
    table = table_with(*rows, initiative(4, rating=None), ratings=scale)
    assert whole(exactly(write_workbook(table))) == whole(table)


def test_initiatives_that_share_all_but_the_rating_read_back_the_same() -> None:
    same = {"plan_projects": [], "sdgs": None}
    table = table_with(
        initiative(**same), initiative(2, rating=None, **same), initiative(3, rating="B", **same)
    )
    assert whole(exactly(write_workbook(table))) == whole(table)


def test_previous_ratings_and_reasons_read_back_exactly_and_by_the_rules() -> None:
    rows = [
        initiative(1, previous_rating="B", rating_reason="用地の取得が終わり、\n工事に入ったため"),
        initiative(2, previous_rating="", rating=None, rating_reason="県の事業に移ったため"),
        initiative(3, previous_rating=None),
    ]
    content = write_workbook(table_with(*rows))
    sheet = sheet_of(content)
    assert [sheet.cell(8, column).value for column in (7, 8)] == [None, None]
    assert [sheet.cell(6, column).value for column in (7, 8, 9)] == ["前回の実施状況", "実施状況", "担当課"]
    told = (
        ["B", "A\n理由：用地の取得が終わり、\n工事に入ったため"],
        ["—", "—\n理由：県の事業に移ったため"],
        [None, "A"],
    )
    assert tuple([sheet.cell(row, column).value for column in (7, 8)] for row in (9, 10, 11)) == told
    assert whole(exactly(content)) == whole(parse_table(grid_of(content))) == whole(table_with(*rows))


def test_duties_in_any_order_read_back_the_same() -> None:
    duties = (
        DepartmentTerm("土木課"),
        DepartmentTerm("都市計画課", None, 2023),
        DepartmentTerm("道路整備課", 2024),
        DepartmentTerm("広報", 2022, 2023),
        DepartmentTerm("市長公室"),
    )
    table = table_with(initiative(departments=duties, others=True))
    assert whole(exactly(write_workbook(table))) == whole(table)
    assert sheet_of(write_workbook(table))["H9"].value == (
        "土木課\n都市計画課（～令和5年度）\n道路整備課（令和6年度以降）\n広報（令和4年度～令和5年度）"
        "\n市長公室\n外"
    )


def test_notes_stand_under_title_and_section_and_do_not_disturb_reading() -> None:
    content = write_workbook(table_with(), NOTES)
    column = [cell.value for cell in sheet_of(content)["A"]]
    assert column[1] == "※ 第2版。訂正の理由：※ 集計の誤り"
    assert column[7:11] == ["1. まち", "(1) 道路", "※ 「①駅」は終わりました。", "※ A : まだです"]
    assert whole(exactly(content)) == whole(parse_table(grid_of(content))) == whole(table_with())


def test_an_edited_cell_is_read_as_it_stands() -> None:
    content = edited(write_workbook(table_with()), "D9", "・令和1年度の ・続き")
    assert exactly(content).initiatives()[0].results[2021] == "・令和1年度の ・続き"


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("H9", "土木課 都市計画課"),  # two departments, as the city writes them
        ("H9", "土木課 外"),
        ("G9", "Ａ"),
        ("C9", "11、12"),
        ("A7", "(2) 分野より前の項目"),
        ("A1", "市長マニフェスト"),
        ("A2", "実施状況"),
        ("A3", "A:達成（進捗率100%）"),
        ("A10", "改行して書き足した行"),
        ("D6", "令和4年度の取組実績"),
    ],
)
def test_a_changed_sheet_is_left_to_the_rules(cell: str, value: str) -> None:
    assert own_table.read_own_table(grid_of(edited(write_workbook(table_with()), cell, value))) is None


def test_a_line_under_the_title_that_is_no_note_is_left_to_the_rules() -> None:
    assert (
        own_table.read_own_table(grid_of(edited(write_workbook(table_with(), NOTES), "A2", "第2版"))) is None
    )


def test_two_departments_written_into_a_cell_are_two() -> None:
    grid = grid_of(edited(write_workbook(table_with()), "H9", "土木課 都市計画課（～R5年度）"))
    duties = parse_table(grid).initiatives()[0].departments
    assert duties == (DepartmentTerm("土木課", None, 2023), DepartmentTerm("都市計画課", None, 2023))


def edited(content: bytes, cell: str, value: str) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.active is not None
    book.active[cell] = value
    return book_bytes(book)


def test_no_sheet_and_several_sheets_are_not_ours() -> None:
    book = openpyxl.load_workbook(io.BytesIO(write_workbook(table_with())))
    book.create_sheet("控え").append(["甲"])
    assert own_table.read_own_table(grid_of(book_bytes(book))) is None
    assert own_table.read_own_table(grid_of(book_bytes(openpyxl.Workbook()))) is None


# --- what the sheet is like ---


def test_the_same_table_gives_the_same_bytes(monkeypatch: pytest.MonkeyPatch, table: PublishedTable) -> None:
    first = write_workbook(table)
    monkeypatch.setattr(time, "time", lambda: 2_000_000_000.0)
    assert write_workbook(table) == first


def test_text_that_begins_like_a_formula_is_text_and_stays_so() -> None:
    table = table_with(initiative(results={2021: "=1+1", 2022: "@甲"}, plans={2023: "#N/A"}))
    sheet = sheet_of(write_workbook(table))
    cells = (sheet["D9"], sheet["E9"], sheet["F9"])
    assert [(cell.value, cell.data_type, cell.quotePrefix) for cell in cells] == [
        ("=1+1", "s", True), ("@甲", "s", True), ("#N/A", "s", False),
    ]  # fmt: skip


def test_the_page_is_a3_landscape_one_page_wide_with_the_headings_on_each() -> None:
    sheet = sheet_of(write_workbook(table_with(title="甲&乙_x0041_（令和5年3月末時点）")))
    setup = sheet.page_setup
    assert (setup.orientation, setup.paperSize, setup.fitToWidth, setup.fitToHeight) == ("landscape", 8, 1, 0)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage is True
    assert (sheet.print_title_rows, sheet.freeze_panes) == ("$6:$6", "A7")
    assert (sheet.oddFooter.left.text, sheet.oddFooter.center.text) == (
        "甲&&乙_x0041_（令和5年3月末時点）",
        "&P / &N",
    )


def test_columns_that_nobody_uses_are_left_out() -> None:
    table = table_with(initiative(plan_projects=[], sdgs=None))
    headings = [cell.value for cell in sheet_of(write_workbook(table))[6]]
    assert headings == [
        "マニフェスト", "令和3年度までの主な取組", "令和4年度の主な取組", "令和5年度の取組予定",
        "実施状況", "担当課",
    ]  # fmt: skip


def test_a_plan_stands_before_the_result_of_its_year() -> None:
    row = initiative(results={2022: "甲", 2023: "乙"}, plans={2023: "丙", 2024: "丁"})
    columns = lay_out(
        table_with(row, years=[2022, 2023], plan_years=[2023, 2024], cumulative_year=None)
    ).columns
    assert [column.heading for column in columns[3:7]] == [
        "令和4年度の主な取組", "令和5年度の取組予定", "令和5年度の主な取組", "令和6年度の取組予定",
    ]  # fmt: skip


def test_nothing_but_the_pledge_is_merged_between_initiatives() -> None:
    """What two departments say alike is each one's own."""
    same = {"results": {2021: "・調べました。", 2022: "・図りました。"}, "plans": {2023: "・建てます。"}}
    sheet = sheet_of(write_workbook(table_with(initiative(1, **same), initiative(2, **same))))
    assert {str(area) for area in sheet.merged_cells.ranges if "9" in str(area)} == {"A9:A10"}
    assert (sheet["D9"].value, sheet["D10"].value) == ("・調べました。", "・調べました。")


def test_an_initiative_has_a_row_per_plan_project() -> None:
    projects = [PlanReference("2-2-3①", "2-2-3", "甲"), PlanReference("2-2-4①", "2-2-4", "乙")]
    sheet = sheet_of(write_workbook(table_with(initiative(plan_projects=projects))))
    assert [sheet["B9"].value, sheet["B10"].value] == ["2-2-3① 甲", "2-2-4① 乙"]
    assert {str(area) for area in sheet.merged_cells.ranges if "9:" in str(area)} == {
        f"{c}9:{c}10" for c in "ACDEFGH"
    }


def test_the_citys_table_is_written_in_two_seconds(table: PublishedTable) -> None:
    begun = time.process_time()
    write_workbook(table)
    assert time.process_time() - begun < 2


# --- nothing is hidden in print ---


def test_every_cell_is_as_high_as_its_text_needs(table: PublishedTable) -> None:
    long = table_with(
        initiative(results={2021: "・長い文です。" * 900, 2022: "短い"}),
        initiative(2, plans={2023: "予定" * 500}),
    )
    for each in (table, long):
        layout = lay_out(each)
        found = measure(layout)
        assert max(found.heights) <= TALLEST + 1
        for area in found.whole_areas:
            height = sum(found.heights[found.starts[area.first] : found.starts[area.last + 1]])
            assert height >= height_of(area.text, found.widths[area.column])
        for index, row in enumerate(layout.rows):
            if row.part in LINES:
                assert found.heights[found.starts[index]] >= height_of(row.cells[0], sum(found.widths))


def test_a_text_higher_than_a_row_can_be_goes_over_several_rows_and_reads_back() -> None:
    table = table_with(initiative(results={2021: "・長い文です。" * 900, 2022: "短い"}), initiative(2))
    content = write_workbook(table)
    assert sheet_of(content).max_row > 12
    assert whole(exactly(content)) == whole(parse_table(grid_of(content))) == whole(table)


def test_no_page_ends_with_a_heading_and_all_fit_on_thirty(table: PublishedTable) -> None:
    layout = lay_out(table)
    found = measure(layout)
    rows = [layout.rows[start] for start in found.page_starts]
    assert [
        layout.rows[start - 1].part for start in found.page_starts if layout.rows[start - 1].part in LINES
    ] == []
    assert {row.part for row in rows} == {RowPart.CATEGORY, RowPart.SECTION, RowPart.INITIATIVE}
    assert all(sum(found.heights[a:b]) <= geometry.PAGE for a, b in pairwise([0, *found.breaks]))
    assert (len(found.page_starts) + 1 <= 30, geometry.SIZE * geometry.SCALE >= 8) == (True, True)


def test_a_pledge_that_goes_on_overleaf_says_its_text_again_and_is_read_as_one(table: PublishedTable) -> None:
    layout = lay_out(table)
    found = measure(layout)
    parted = [start for start in found.page_starts if layout.rows[start].merged == {0}]
    assert len(parted) > 2
    sheet = sheet_of(write_workbook(table))
    above = {placed.after: placed.text for placed in found.placed if placed.area.column == 0}
    for start in parted:
        again = sheet.cell(found.starts[start] + 1, 1).value
        assert again == f"（続き）　{above[found.starts[start]].removeprefix('（続き）　')}"


@pytest.mark.parametrize("projects", [0, 6])  # further plan projects are rows of their own
@pytest.mark.parametrize("line", ["・長い文です。", "とても長い文です。", "・" + "改行のない文" * 40])
def test_an_initiative_higher_than_a_page_has_its_pledge_on_each_and_is_read_as_one(
    line: str, projects: int
) -> None:
    own = [PlanReference(f"2-2-{number}", f"2-2-{number}", "事業") for number in range(1, projects + 1)]
    text = "\n".join([line] * (7_000 // len(line)))
    long = initiative(2, results={2021: text, 2022: "短い"}, plan_projects=own)
    table = table_with(initiative(), long, initiative(3))
    found = measure(lay_out(table))
    content = write_workbook(table)
    sheet = sheet_of(content)
    pages = list(pairwise([0, *found.breaks, found.starts[-1]]))
    assert len(pages) > 3
    assert max(sum(found.heights[a:b]) for a, b in pages) <= geometry.PAGE
    inner = [row for row in found.breaks if row not in found.starts or projects]
    assert len(inner) > 1
    for row in inner:
        assert str(sheet.cell(row + 1, 1).value).startswith("（続き）　")
    assert [each.id for each in sheet.row_breaks.brk] == found.breaks
    assert whole(exactly(content)) == whole(parse_table(grid_of(content))) == whole(table)


def test_a_cell_that_goes_on_overleaf_loses_no_character() -> None:
    lines = [
        "・" + "改行のない長い文" * 90,
        "短い",
        "English words go on and on " * 30,
        *["・一行です。"] * 80,
    ]
    long = initiative(results={2021: "\n".join(lines), 2022: "短い"})
    found = measure(lay_out(table_with(long)))
    area = next(each for each in found.whole_areas if each.text.startswith(lines[0]))
    assert found.widths[area.column] > found.widths[0]  # though no single step of its width lowers it
    parts = [placed.text for placed in found.on_pages(area)]
    assert len(parts) > 1
    joined = "".join(f"\n{part}" for part in parts).replace(f"\n{REST}", "")
    assert "".join(joined.split("\n")) == "".join(lines)


def test_the_columns_fill_the_page_and_the_longest_texts_get_the_widest(table: PublishedTable) -> None:
    layout = lay_out(table)
    widths = measure(layout).widths
    assert sum(widths) == pytest.approx(geometry.SHEET_WIDTH)
    by_kind = dict(zip([column.kind for column in layout.columns], widths, strict=True))
    assert by_kind[Kind.RATING] < by_kind[Kind.DEPARTMENTS] < by_kind[Kind.PLEDGE] < by_kind[Kind.RESULT]


# --- what cannot be said ---


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (
            table_with(initiative(results={2021: "甲\x07乙", 2022: ""})),
            "取組 1-1-1-1 の「令和3年度までの主な取組」に、Excel のセルに入らない文字（U+0007）があります。"
            "その文字を除いてから、公表し直してください。",
        ),
        (
            table_with(initiative(plans={2023: "あ" * 32_768})),
            "取組 1-1-1-1 の「令和5年度の取組予定」が長すぎて、Excel のセルに入りません（32,767 字まで）。",
        ),
        (
            table_with(title="市長マニフェスト"),
            "表題「市長マニフェスト」から時点を読み取れません。マニフェストの表題を直してください。",
        ),
        (
            table_with(ratings=[LegendStep("A", "達成（仮）", "", None)]),
            "評価「A」の名称と基準が、凡例の 1 行から読み取れません。かっこの使い方を直してください。",
        ),
        (
            table_with(text="　駅"),
            "公約 1-1-1 は、番号「①」と文を、表から読み分けられません。番号の書き方を直してください。",
        ),
        (
            table_with(initiative(departments=(DepartmentTerm("土木課 都市計画課"),))),
            (
                "取組 1-1-1-1 の担当課（土木課 都市計画課）は、表から読み分けられません。"
                "担当課の名称を直してください。"
            ),
        ),
        (
            table_with(initiative(departments=(DepartmentTerm("外"),))),
            "取組 1-1-1-1 の担当課（外）は、表から読み分けられません。担当課の名称を直してください。",
        ),
        (
            table_with(initiative(plan_projects=[PlanReference("甲　乙", "", "丙")])),
            "取組 1-1-1-1 の関連事業「甲　乙 丙」は、番号と名称を表から読み分けられません。"
            "基本データで、番号と施策の番号を直してください。",
        ),
        (
            table_with(initiative(plan_projects=[PlanReference("重点-1", "重点", "丙")])),
            "取組 1-1-1-1 の関連事業「重点-1 丙」は、番号と名称を表から読み分けられません。"
            "基本データで、番号と施策の番号を直してください。",
        ),
        (table_with(initiative(rating="S")), "取組 1-1-1-1 の評価「S」が凡例にありません。"),
    ],
)
def test_what_nobody_could_read_back_is_refused_with_its_place(table: PublishedTable, message: str) -> None:
    assert refusal(table) == message
