"""What the process makes of a workbook's cells: the text that a clerk sees, or why it must be typed again."""

import io
import json
from datetime import date, datetime, timedelta
from datetime import time as clock

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from tests.published_tables.file.writing import book_bytes
from tests.workbooks import hostile
from tests.workbooks.hostile import TEXTS, TWO_ROWS, TWO_ROWS_READ, package, parts, sheet, texts, workbook
from tracker.workbooks import cell_process
from tracker.workbooks.problems import (
    BECAME_A_DATE,
    BECAME_A_TIME,
    CONTROL_CHARACTER,
    SHOWN_OTHERWISE,
    UNCALCULATED,
    FileProblem,
)
from tracker.workbooks.safe_reading import CellLooks, CellSheet, read_cells, read_first_sheet

pytestmark = pytest.mark.usefixtures("read_here")

ERROR = "エラー値（#N/A）になっています。文字に直してください。"


def only(content: bytes) -> CellSheet:
    (found,) = read_cells(content)
    return found


def rows(content: bytes) -> list[list[str]]:
    return only(content).rows


# --- awkward files ---


def test_a_strict_workbook_is_read() -> None:
    assert only(hostile.strict_workbook()) == CellSheet(
        "シート1", True, [*TWO_ROWS_READ, ["2024/4/1"]], {(2, 0): BECAME_A_DATE}, []
    )


def test_a_wrong_dimension_loses_no_row() -> None:
    for said in ("A1", "A1:A1", "C3:C4", "A1:XFD1048576"):
        assert rows(workbook(sheet(before=f'<dimension ref="{said}"/>'))) == TWO_ROWS_READ


def test_a_table_away_from_the_corner_keeps_its_place() -> None:
    moved = (
        TWO_ROWS.replace('"A1"', '"C4"')
        .replace('"B1"', '"D4"')
        .replace('"B2"', '"D5"')
        .replace('r="1"', 'r="4"')
        .replace('r="2"', 'r="5"')
    )
    assert rows(workbook(sheet(moved))) == [[], [], [], ["", "", "甲", "1"], ["", "", "", "乙"]]


def test_blank_cells_and_rows_are_cut_off_at_the_ends_only() -> None:
    text = '<c r="{}" t="s"><v>0</v></c>'
    blank = '<c r="{}" t="s"><v>2</v></c>'
    written = (
        f'<row r="2">{blank.format("A2")}{text.format("B2")}{blank.format("C2")}</row>'
        f'<row r="4">{text.format("A4")}</row><row r="5">{blank.format("A5")}</row>'
    )
    content = workbook(sheet(written), **{TEXTS: texts("<t>甲</t>", "<t>乙</t>", "<t/>")})
    assert rows(content) == [[], ["", "甲"], [], ["甲"]]


def test_an_empty_sheet_has_no_rows() -> None:
    assert only(workbook(sheet(""))) == CellSheet("シート1", True, [], {}, [])


def test_hidden_sheets_are_read_and_marked() -> None:
    names = [("記入", "visible"), ("控え", "hidden"), ("メタ", "veryHidden")]
    found = read_cells(package(parts(sheet(), sheet(hostile.row_of(1, "A1")), sheet(""), names=names)))
    assert [(each.name, each.visible, each.rows) for each in found] == [
        ("記入", True, TWO_ROWS_READ), ("控え", False, [["1"]]), ("メタ", False, []),
    ]  # fmt: skip


def test_a_sheet_of_a_chart_is_left_out() -> None:
    chart = f'<chartsheet xmlns="{hostile.MAIN}"/>'
    content = parts(sheet(), names=[("表", "visible"), ("図", "visible")]) | {
        "xl/chartsheets/sheet1.xml": chart
    }
    content["xl/_rels/workbook.xml.rels"] = hostile.relations(
        ("s1", "worksheet", "worksheets/sheet1.xml"), ("s2", "chartsheet", "chartsheets/sheet1.xml")
    )
    assert [each.name for each in read_cells(package(content))] == ["表"]


def test_merges_are_told_as_they_are() -> None:
    content = workbook(
        sheet(after='<mergeCells><mergeCell ref="A1:B1"/><mergeCell ref="B2:C4"/></mergeCells>')
    )
    assert only(content).merges == [(0, 0, 0, 1), (1, 1, 3, 2)]


# --- cells as text ---


def cell(kind: str, inside: str, *, shared: str = "<t>甲</t>", style: int = 0) -> CellSheet:
    """A sheet with this cell in B2."""
    return only(
        workbook(
            sheet(f'<row r="2"><c r="B2" s="{style}" t="{kind}">{inside}</c></row>'), **{TEXTS: texts(shared)}
        )
    )


@pytest.mark.parametrize(
    ("kind", "inside", "text"),
    [
        ("n", "<v>2024</v>", "2024"), ("n", "<v>2024.0</v>", "2024"), ("n", "<v>1.5</v>", "1.5"),
        ("n", "<v>-0</v>", "0"), ("n", "<v>0.30000000000000004</v>", "0.3"), ("n", "<v>1E+21</v>", "1E+21"),
        ("n", "<v>0.00001</v>", "1E-05"), ("n", "<v>999999999999999</v>", "999999999999999"),
        ("b", "<v>1</v>", "TRUE"), ("b", "<v>0</v>", "FALSE"),
        ("str", "<f>A1</f><v>甲\r\n乙</v>", "甲\n乙"), ("n", "<f>1+1</f><v>2</v>", "2"),
        ("inlineStr", "<is><t>甲</t></is>", "甲"),
    ],
)  # fmt: skip
def test_a_value_is_the_text_that_a_clerk_sees(kind: str, inside: str, text: str) -> None:
    assert cell(kind, inside) == CellSheet("シート1", True, [[], ["", text]], {}, [])


@pytest.mark.parametrize(
    ("shared", "text"),
    [
        ('<t xml:space="preserve"> 甲\t乙 </t>', " 甲\t乙 "),
        ("<t>甲\r\n乙\r丙&#13;丁&#10;戊&#13;&#10;己</t>", "甲\n乙\n丙\n丁\n戊\n己"),
        ("<t>甲_x000D_\n乙_x000D_丙</t>", "甲\n乙\n丙"),
        (
            "<t>_x0041_ _x005F_x0041_ _x005f_x005F_ _X0041_ _x41_ x0041_</t>",
            "A _x0041_ _x005F_ _X0041_ _x41_ x0041_",
        ),
        ("<t>_x0009__x000B_</t>", "\t\x0b"),
        ("<t>𠮷①㈱神👩‍👩‍👧 &lt;&amp;&gt; &#x20BB7;</t>", "𠮷①㈱神👩‍👩‍👧 <&> 𠮷"),
        ("<r><t>甲</t></r><r><rPr><b/></rPr><t xml:space=\"preserve\"> 乙</t></r>", "甲 乙"),
        ('<t>整備</t><rPh sb="0" eb="2"><t>セイビ</t></rPh><phoneticPr fontId="1"/>', "整備"),
        ('<r><t>整</t></r><r><t>備</t></r><rPh sb="0" eb="2"><t>セイビ</t></rPh>', "整備"),
        ("<t>=SUM(A1)</t>", "=SUM(A1)"),
    ],
)  # fmt: skip
def test_a_text_is_what_was_typed(shared: str, text: str) -> None:
    assert cell("s", "<v>0</v>", shared=shared) == CellSheet("シート1", True, [[], ["", text]], {}, [])
    assert cell("inlineStr", f"<is>{shared}</is>").rows == [[], ["", text]]


@pytest.mark.parametrize(
    ("value", "shown", "message"),
    [
        (date(2024, 4, 1), "2024/4/1", BECAME_A_DATE),
        (datetime(2024, 4, 1, 9, 30), "2024/4/1 09:30:00", BECAME_A_DATE),
        (clock(9, 30), "09:30:00", BECAME_A_TIME),
        (timedelta(hours=30), "1 day, 6:00:00", BECAME_A_TIME),
    ],
)
def test_a_date_or_time_is_refused_with_what_to_do(value: object, shown: str, message: str) -> None:
    made = Workbook()
    page = made.active
    assert isinstance(page, Worksheet)
    page["C2"] = value
    found = only(book_bytes(made))
    assert (found.rows, found.refused) == ([[], ["", "", shown]], {(1, 2): message})


def test_an_error_is_refused_and_shown() -> None:
    assert cell("e", "<f>X</f><v>#N/A</v>") == CellSheet(
        "シート1", True, [[], ["", "#N/A"]], {(1, 1): ERROR}, []
    )


@pytest.mark.parametrize("inside", ["<f>A1</f>", "<f>A1</f><v/>", '<f t="shared" si="0"/>'])
def test_a_formula_without_its_result_is_refused(inside: str) -> None:
    assert cell("n", inside) == CellSheet("シート1", True, [], {(1, 1): UNCALCULATED}, [])


def test_a_number_that_shows_as_something_else_is_refused() -> None:
    assert cell("n", "<v>0.5</v>", style=2) == CellSheet(
        "シート1", True, [[], ["", "0.5"]], {(1, 1): SHOWN_OTHERWISE}, [], CellLooks(shown={(1, 1): "50%"})
    )


@pytest.mark.parametrize("style", [3, 99])
def test_a_number_in_a_general_or_unknown_style_is_accepted(style: int) -> None:
    assert cell("n", "<v>5</v>", style=style).refused == {}


def test_a_text_in_a_number_format_is_accepted() -> None:
    assert cell("s", "<v>0</v>", style=2).refused == {}


def test_a_character_that_no_text_may_have_is_refused() -> None:
    assert cell("s", "<v>0</v>", shared="<t>甲_x0000_</t>").refused == {(1, 1): CONTROL_CHARACTER}


def test_what_is_wrong_is_told_of_its_own_sheet_only() -> None:
    bad = sheet('<row r="1"><c r="A1" t="e"><v>#N/A</v></c></row>')
    found = read_cells(package(parts(sheet(), bad, names=[("甲", "visible"), ("乙", "hidden")])))
    assert [(each.name, each.refused) for each in found] == [("甲", {}), ("乙", {(0, 0): ERROR})]


# --- the process itself ---


def test_the_process_writes_lines_and_ends_with_the_last_one() -> None:
    output = io.BytesIO()
    cell_process.write_answer(workbook(), output)
    assert [json.loads(line) for line in output.getvalue().splitlines()] == [
        {"sheet": "シート1", "visible": True, "merges": []}, *TWO_ROWS_READ, {"refused": []}, {"end": True},
    ]  # fmt: skip


def test_the_process_says_of_each_kind_of_cell_what_it_is() -> None:
    written = (
        '<row r="3"><c r="B3"><v>1.5</v></c><c r="C3" t="b"><v>0</v></c><c r="D3" t="e"><v>#N/A</v></c>'
        '<c r="E3"><f>1</f></c></row>'
        '<row r="5"><c r="B5" s="1"><v>45383.5</v></c><c r="C5" s="4"><v>0.5</v></c>'
        '<c r="D5" s="2"><v>1</v></c>'
        '<c r="E5" t="s"><v>0</v></c></row><row r="7"><c r="B7" t="s"><v>1</v></c></row>'
    )
    chart = {"xl/chartsheets/sheet1.xml": "<chartsheet/>"}
    content = (
        parts(sheet(written), names=[("表", "visible"), ("図", "visible")])
        | chart
        | {TEXTS: texts("<t>_x0000_</t>", "<t/>")}
    )
    content["xl/_rels/workbook.xml.rels"] = hostile.relations(
        ("s1", "worksheet", "worksheets/sheet1.xml"), ("s2", "chartsheet", "chartsheets/sheet1.xml")
    )
    _head, *said, told, looks, _end = cell_process.answer_lines(package(content))
    assert looks == {"looks": {"shown": [[4, 3, "100%"]]}}
    assert said == [
        [],
        [],
        ["", "1.5", "FALSE", "#N/A"],
        [],
        ["", "2024/4/1 12:00:00", "12:00:00", "1", "\0"],
    ]
    assert told == {
        "refused": [
            [2, 3, ERROR],
            [2, 4, UNCALCULATED],
            [4, 1, BECAME_A_DATE],
            [4, 2, BECAME_A_TIME],
            [4, 3, SHOWN_OTHERWISE],
            [4, 4, CONTROL_CHARACTER],
        ]
    }


def test_the_process_writes_a_problem_as_its_last_line() -> None:
    output = io.BytesIO()
    cell_process.write_answer(hostile.hostile("cell in the last corner"), output)
    told = {"problem": hostile.far("XFD1048576"), "row": None, "column": None, "sheet": "シート1"}
    assert [json.loads(line) for line in output.getvalue().splitlines()] == [told]


def test_a_workbook_without_memory_for_it_is_no_damaged_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_memory(file: object) -> None:
        raise MemoryError

    monkeypatch.setattr(cell_process, "load_workbook", no_memory)
    with pytest.raises(MemoryError):
        list(cell_process.answer_lines(workbook()))


# --- rows of text ---


def test_the_first_visible_sheet_is_read_as_rows_of_text() -> None:
    names = [("控え", "hidden"), ("表", "visible"), ("次", "visible")]
    written = '<row r="2"><c r="B2" s="2"><v>0.75</v></c><c r="C2" t="b"><v>1</v></c></row>'
    content = package(parts(sheet(hostile.row_of(1, "A1")), sheet(written), sheet(), names=names))
    assert read_first_sheet(content).plain_rows() == [[], ["", "0.75", "TRUE"]]
    assert read_first_sheet(package(parts(sheet(), names=[("控え", "hidden")]))).rows == []


def test_the_first_cell_that_cannot_be_taken_is_named() -> None:
    written = (
        '<row r="3"><c r="A3" s="2"><v>0.5</v></c><c r="AB3" s="1"><v>45383</v></c>'
        '<c r="AC3" t="e"><v>#N/A</v></c></row>'
    )
    with pytest.raises(FileProblem) as caught:
        read_first_sheet(workbook(sheet(written))).plain_rows()
    assert caught.value.in_words("表.xlsx") == f"表.xlsx シート「シート1」 3行目：セル AB3：{BECAME_A_DATE}"
