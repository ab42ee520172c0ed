"""Workbooks: the published layout with its merged cells, and files that must not be opened."""

import io
import zipfile
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from tests.conftest import FIXTURE
from tests.published_tables.file.writing import SHEET, book_bytes, part_replaced, raw_workbook
from tracker.published_tables.file import text_file, writing
from tracker.published_tables.file.layout import LaidRow, Part, lay_out
from tracker.published_tables.file.parser import parse
from tracker.published_tables.file.table import Anomaly, Table
from tracker.workbooks import workbook
from tracker.workbooks.grid import Grid, Row
from tracker.workbooks.problems import FileProblem

HEAD = {Part.TITLE, Part.LEGEND_HEADING, Part.LEGEND, Part.HEADINGS}


def meaning(table: Table) -> list[Any]:
    """All that a table says, without where it stood."""
    return [
        (table.title, table.as_of, table.ratings, table.years, table.plan_years, table.cumulative_year),
        [
            (
                category.number,
                category.name,
                section.number,
                section.name,
                pledge.position,
                pledge.number,
                pledge.text,
            )
            for category, section, pledge in table.pledges()
        ],
        [
            [i.position, i.plan_projects, i.sdgs, i.results, i.plans, i.rating, i.departments, i.others]
            for i in table.initiatives()
        ],
    ]


def book(*rows: list[Any]) -> tuple[Workbook, Worksheet]:
    made = Workbook()
    sheet = made.active
    assert isinstance(sheet, Worksheet)
    for row in rows:
        sheet.append(row)
    return made, sheet


def cells(grid: Grid) -> list[tuple[str, ...]]:
    return [row.cells for row in grid.rows]


def problem(content: bytes) -> FileProblem:
    with pytest.raises(FileProblem) as caught:
        workbook.read(content)
    return caught.value


# --- the published table
# --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def merged(table: Table) -> Table:
    return parse(workbook.read(writing.write(table)))


def test_the_table_written_with_merged_cells_reads_the_same(table: Table, merged: Table) -> None:
    assert meaning(merged) == meaning(table)


def test_the_merged_table_has_what_was_joined_and_nothing_inherited_by_guess(
    table: Table, merged: Table
) -> None:
    def kinds(anomalies: list[Anomaly]) -> set[str]:
        return {anomaly.kind for anomaly in anomalies}

    assert kinds(table.anomalies) - kinds(merged.anomalies) == {
        *(
            "sdg_words",
            "blank_inherited",
            "row_realigned",
            "blank_kept",
            "department_joined",
            "dash_as_pledge",
        )
    }
    assert kinds(merged.anomalies) - kinds(table.anomalies) == set()


def test_the_table_over_several_sheets_reads_the_same(table: Table) -> None:
    """A sheet per field, each with the title and the headings of its own."""
    title, *legend, headings = [row for row in lay_out(table).rows if row.part in HEAD]
    sheets: list[list[LaidRow]] = [[*legend]]
    for row in lay_out(table).rows:
        if row.part is Part.CATEGORY:
            sheets.append([title, headings])
        sheets[-1] += [] if row.part in HEAD else [row]
    first, second, *others = sheets
    named = {
        f"分野{number}": rows
        for number, rows in enumerate([[*second[:1], *first, *second[1:]], *others], start=1)
    }
    rows = [
        Row(n, row.cells, sheet, row.merged)
        for sheet, own in named.items()
        for n, row in enumerate(own, start=1)
    ]
    assert len(named) == 8
    assert meaning(parse(Grid(tuple(rows), knows_merges=True, sheets=tuple(named)))) == meaning(table)


def test_the_text_grid_on_a_sheet_as_it_is_reads_the_same(table: Table) -> None:
    assert meaning(parse(workbook.read(raw_workbook(text_file.read(FIXTURE.read_bytes()))))) == meaning(table)


def test_a_cell_merged_over_two_pledges_is_the_second_ones_too() -> None:
    made, sheet = book(
        ["市長マニフェスト（令和6年3月末時点）"], ["実施状況"], ["A : 達成"], [], ["1. まち"], ["(1) 道路"],
        ["マニフェスト", "令和5年度の主な取組", "実施状況", "担当課"],
        ["①駅", "・甲。", "A", "土木課"], ["②橋", "・乙。"],
    )  # fmt: skip
    sheet.merge_cells("C8:C9")
    sheet.merge_cells("D8:D9")
    table = parse(workbook.read(book_bytes(made)))
    assert [(i.rating, [term.name for term in i.departments]) for i in table.initiatives()] == [
        ("A", ["土木課"])
    ] * 2


def test_a_blank_that_is_not_merged_stays_blank() -> None:
    made, sheet = book(
        ["市長マニフェスト（令和6年3月末時点）"], ["実施状況"], ["A : 達成"], [], ["1. まち"], ["(1) 道路"],
        ["マニフェスト", "令和5年度の主な取組", "実施状況", "担当課"],
        ["①駅", "・甲。", "A", "土木課"], [None, "・乙。", None, None],
    )  # fmt: skip
    sheet.merge_cells("D8:D9")
    second = parse(workbook.read(book_bytes(made))).initiatives()[1]
    assert (second.rating, [term.name for term in second.departments]) == (None, ["土木課"])


# --- single cells
# -----------------------------------------------------------------------------------------------------


def test_numbers_breaks_and_tabs_become_text() -> None:
    made, _ = book(["甲\tア", 4, 4.0, 2.5, True, "一\r\n二_x000D_\n三", None, "丁"])
    assert cells(workbook.read(book_bytes(made))) == [
        ("甲 ア", "4", "4", "2.5", "True", "一\n二\n三", "", "丁")
    ]


def test_a_whole_number_with_a_fraction_is_whole() -> None:
    made, _ = book([7])
    assert cells(workbook.read(part_replaced(book_bytes(made), SHEET, {b"<v>7</v>": b"<v>7.0</v>"}))) == [
        ("7",)
    ]


def test_a_cell_merged_sideways_is_text_once() -> None:
    made, sheet = book(["見出し", None, None], ["甲", "乙", "丙"])
    sheet.merge_cells("A1:C1")
    assert cells(workbook.read(book_bytes(made))) == [("見出し", "", ""), ("甲", "乙", "丙")]


def test_hidden_sheets_are_not_read() -> None:
    made, _ = book(["甲"])
    hidden = made.create_sheet("控え")
    hidden.append(["乙"])
    hidden.sheet_state = "hidden"
    made.create_sheet("次").append(["丙"])
    grid = workbook.read(book_bytes(made))
    assert (grid.sheets, cells(grid)) == (("Sheet", "次"), [("甲",), ("丙",)])


@pytest.mark.parametrize(
    "value", [date(2024, 3, 31), datetime(2024, 3, 31, 12), time(2, 2), timedelta(hours=30)]
)
def test_a_date_that_excel_made_is_refused_with_its_cell(value: object) -> None:
    made, sheet = book(["甲"], ["乙"])
    sheet["B2"] = value
    found = problem(book_bytes(made))
    assert (found.row, found.sheet) == (2, "Sheet")
    assert (
        found.message
        == "セル B2 が日付や時刻に変わっています。表示形式を「文字列」にして入れ直してください。"
    )


def test_an_error_value_is_refused_with_its_cell() -> None:
    made, sheet = book(["甲", "乙"])
    sheet["B1"].value, sheet["B1"].data_type = "#N/A", "e"
    found = problem(book_bytes(made))
    assert (found.row, found.message) == (1, "セル B1 がエラー値（#N/A）です。文字に直してください。")


def test_a_formula_without_its_result_is_refused_with_its_cell() -> None:
    made, _ = book(["甲", "=A1"])
    assert problem(book_bytes(made)).message == (
        "セル B1 の数式に計算結果がありません。Excel で開いて保存し直すか、文字に直してください。"
    )


def test_a_formula_with_its_result_is_read() -> None:
    made, _ = book(["甲", "=A1"])
    content = part_replaced(
        book_bytes(made), SHEET, {b'<c r="B1"><f>A1</f><v />': b'<c r="B1"><f>A1</f><v>7</v>'}
    )
    assert cells(workbook.read(content)) == [("甲", "7")]


def test_a_formula_whose_result_is_the_empty_text_is_read() -> None:
    made, _ = book(["甲", "=A1"])
    content = part_replaced(book_bytes(made), SHEET, {b'<c r="B1"><f>': b'<c r="B1" t="str"><f>'})
    assert cells(workbook.read(content)) == [("甲", "")]


# --- files that must not be opened
# ----------------------------------------------------------------------------------

PLAIN = book_bytes(book(["甲", "乙"], ["丙", "丁"])[0])
OLD = (
    "パスワード付きのブック、または古い形式（.xls）です。"
    "パスワードを外し、「Excel ブック（.xlsx）」で保存し直してください。"
)
BROKEN = "ブックが壊れています。Excel で開けるか確かめ、保存し直してください。"
NO_BOOK = "Excel のブック（.xlsx）ではありません。「Excel ブック（.xlsx）」で保存し直してください。"
UNREADABLE = (
    "Excel のブックとして開けません。壊れているか、別の形式のファイルです。"
    "Excel で開いて保存し直してください。"
)
DECLARES = (
    "ブックの中に許されない宣言（DOCTYPE／ENTITY）があります。Excel で新しいブックに写して保存してください。"
)
MANY = "結合セルが多すぎます（20000 か所、200000 セルまで）。"


def zipped(**parts: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/"), content)
    return file.getvalue()


def far(address: str) -> str:
    return f"表から遠く離れたセル（{address}）があります。そのセルを削除してください。"


def with_merge(area: bytes) -> bytes:
    return part_replaced(
        PLAIN, SHEET, {b"</sheetData>": b"</sheetData><mergeCells count='1'>" + area + b"</mergeCells>"}
    )


def with_doctype() -> bytes:
    return part_replaced(PLAIN, SHEET, {b"<worksheet": b'<!DOCTYPE worksheet [<!ENTITY a "b">]><worksheet'})


def in_utf_16(content: bytes) -> bytes:
    """The sheet's part in an encoding in which no byte pattern of ASCII matches."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        xml = archive.read(SHEET)
    declared = b"" if xml.startswith(b"<?xml") else b'<?xml version="1.0" encoding="UTF-16"?>'
    return part_replaced(content, SHEET, {xml: (declared + xml).decode().encode("utf-16")})


HOSTILE = {
    "encrypted or old": (workbook.OLE_MAGIC + b"\0" * 600, OLD),
    "cut": (PLAIN[: len(PLAIN) // 2], BROKEN),
    "flipped inside a part": (PLAIN[:60] + bytes([PLAIN[60] ^ 255]) + PLAIN[61:], BROKEN),
    "only the magic": (b"PK\x03\x04", BROKEN),
    "another kind of zip": (zipped(**{"甲.txt": b"1"}), NO_BOOK),
    "no XML in the workbook": (zipped(xl__workbook=b"", **{"xl/workbook.xml": b"gold"}), BROKEN),
    "an empty workbook part": (zipped(**{"xl/workbook.xml": b"<workbook/>"}), UNREADABLE),
    "DOCTYPE": (with_doctype(), DECLARES),
    "DOCTYPE in UTF-16": (in_utf_16(with_doctype()), DECLARES),
    "far cell": (part_replaced(PLAIN, SHEET, {b'r="B2"': b'r="XFD1048576"'}), far("XFD1048576")),
    "far cell in other quotes": (part_replaced(PLAIN, SHEET, {b'r="B2"': b"r='XFD2'"}), far("XFD2")),
    "far row": (part_replaced(PLAIN, SHEET, {b'r="B2"': b'r="B20001"'}), far("B20001")),
    "huge merge": (with_merge(b'<mergeCell ref="A1:XFD1048576"/>'), far("XFD1048576")),
    "huge merge, spelled oddly": (with_merge(b"<mergeCell ref = '&#65;1:XFD1048576'/>"), far("XFD1048576")),
    "huge merge in UTF-16": (in_utf_16(with_merge(b'<mergeCell ref="A1:XFD1048576"/>')), far("XFD1048576")),
    "large merge inside the limits": (with_merge(b'<mergeCell ref="A1:BH20000"/>'), MANY),
    "many merges": (with_merge(b'<mergeCell ref="A1"/>' * 20_001), MANY),
    "cell without an address in a far row": (
        part_replaced(PLAIN, SHEET, {b'<row r="2"': b'<row r="1048576"', b'<c r="A2"': b"<c", b'<c r="B2"': b"<c"}),
        "シートが大きすぎます（20000 行、60 列まで）。",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_file_that_must_not_be_opened_is_refused(name: str) -> None:
    content, message = HOSTILE[name]
    assert problem(content).message == message


def test_a_bomb_is_refused_by_its_unpacked_size() -> None:
    bomb = zipped(
        **{"xl/workbook.xml": b"<workbook/>", "xl/worksheets/sheet1.xml": b" " * (101 * 1024 * 1024)}
    )
    assert len(bomb) < 200_000
    assert (
        problem(bomb).message
        == "ブックの中身が大きすぎます（展開後 100 MB まで）。表だけを新しいブックに写して保存してください。"
    )


def test_a_part_that_is_no_xml_is_left_alone() -> None:
    assert cells(workbook.read(part_added(PLAIN, "xl/media/image1.png", b"\x89PNG"))) == [
        ("甲", "乙"),
        ("丙", "丁"),
    ]


def test_a_sheet_under_another_name_is_looked_at_too() -> None:
    assert problem(part_added(PLAIN, "xl/sheet.bin", b'<mergeCell ref="A1:XFD1"/>')).message == far("XFD1")


def part_added(content: bytes, name: str, part: bytes) -> bytes:
    file = io.BytesIO(content)
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr(name, part)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "expected"), [(PLAIN, True), (workbook.OLE_MAGIC, True), (b"a\tb", False), (b"", False)]
)
def test_looks_like_workbook(content: bytes, expected: bool) -> None:
    assert workbook.looks_like_workbook(content) is expected
