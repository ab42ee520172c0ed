"""The guard in front of the reader: every hostile file, without a process of its own."""

from dataclasses import replace
from xml.parsers import expat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workbooks import hostile
from tests.workbooks.hostile import BOOK, SHEET, TEXTS, package, parts, sheet, texts, with_parts
from tests.workbooks.hostile import workbook as made
from tracker.workbooks import cell_process
from tracker.workbooks.empty_cells import MAX_HELD_BYTES, without_empty_cells
from tracker.workbooks.findings import CellStyle, ScannedBook, ScannedSheet
from tracker.workbooks.guard import SQUEEZED, look_inside
from tracker.workbooks.part_scan import Scanner, scan
from tracker.workbooks.parts import PIECE_BYTES, parts_of
from tracker.workbooks.problems import FileProblem

LIMITS = cell_process.LIMITS


def look(content: bytes) -> dict[str, ScannedSheet]:
    return look_inside(content, LIMITS)


def problem(content: bytes) -> FileProblem:
    with pytest.raises(FileProblem) as caught:
        look_inside(content, LIMITS)
    return caught.value


# What only the reader behind the guard can tell.
BEYOND_THE_GUARD = {
    "workbook without sheets",
    "sheet that is no sheet",
    "sheet that is a picture",
    "sheet with two tables",
    "unknown kind of cell",
    "number beyond all numbers",
}


@pytest.mark.parametrize("name", sorted(hostile.HOSTILE.keys() - BEYOND_THE_GUARD))
def test_a_hostile_file_is_refused_by_its_bytes(name: str) -> None:
    assert problem(hostile.hostile(name)).message == hostile.HOSTILE[name][1]


@pytest.mark.parametrize("name", sorted(BEYOND_THE_GUARD))
def test_what_only_the_reader_can_tell_goes_by_the_guard_and_not_by_the_reader(name: str) -> None:
    look(hostile.hostile(name))
    with pytest.raises(FileProblem, match=hostile.HOSTILE[name][1]):
        list(cell_process.answer_lines(hostile.hostile(name)))


def test_a_problem_of_a_sheet_names_the_sheet() -> None:
    content = package(parts(sheet(), hostile.filled("XFD1"), names=[("記入", "visible"), ("控え", "hidden")]))
    assert problem(content).in_words("表.xlsx") == f"表.xlsx シート「控え」：{hostile.far('XFD1')}"


def test_sheets_are_known_by_the_workbooks_names_in_its_order() -> None:
    listed = hostile.relations(
        ("x", "worksheet", "/xl/worksheets/sheet2.xml"), ("y", "worksheet", "worksheets/sheet1.xml")
    )
    names = (
        hostile.book(("乙 &amp; 丙", "visible"), ("甲", "visible"))
        .replace('r:id="s1"', 'r:id="x"')
        .replace('r:id="s2"', 'q:id="y"')
    )
    uncalculated = sheet('<row r="1"><c r="A1"><f>1</f></c></row>')
    changed = {
        "xl/_rels/workbook.xml.rels": listed,
        BOOK: names.replace("<workbook ", f'<workbook xmlns:q="{hostile.RELATIONS}" '),
    }
    found = look(package(parts(sheet(), uncalculated) | changed))
    assert [(name, seen.uncalculated) for name, seen in found.items()] == [("乙 & 丙", [(0, 0)]), ("甲", [])]


def test_findings_name_errors_formulas_formats_and_merges() -> None:
    rows = (
        '<row r="2"><c r="B2" t="e"><f>X</f><v>#REF!</v></c><c r="C2"><f>1</f></c>'
        '<c r="D2"><f>1</f><v/></c></row>'
        '<row r="3"><c r="A3" s="2"><v>0.5</v></c><c r="B3" s="3"><v>7</v></c>'
        '<c r="C3" s="2"/><c r="D3" s="2" t="s"><v>0</v></c>'
        '<c r="E3" s="1"><f>1</f><v>7</v></c><c r="F3" t="str"><f>1</f><v></v></c></row>'
    )
    assert look(
        made(sheet(rows, after='<mergeCells><mergeCell ref="C4:B2"/><mergeCell ref="A9"/></mergeCells>'))
    ) == {
        "シート1": ScannedSheet(
            errors={(1, 1): "#REF!"},
            uncalculated=[(1, 2), (1, 3)],
            formatted={(2, 0): "0%", (2, 4): "?"},
            merges=[(1, 1, 3, 2), (8, 0, 8, 0)],
            tables=1,
        )
    }


def test_formats_are_known_wherever_their_part_stands() -> None:
    cells = '<row r="3"><c r="A3" s="2"><v>0.5</v></c><c r="B3" s="3"><v>7</v></c></row>'
    turned = dict(reversed(parts(sheet(cells)).items()))
    assert look(package(turned)) == look(made(sheet(cells)))
    assert look(package(turned))["シート1"].formatted == {(2, 0): "0%"}


@pytest.mark.parametrize("error", ["#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"])
def test_every_error_of_excel_is_named(error: str) -> None:
    found = look(made(sheet(f'<row r="1"><c r="A1" t="e"><v>{error}</v></c></row>')))
    assert found["シート1"].errors == {(0, 0): error}


def test_a_sheet_is_found_however_its_part_is_spelled() -> None:
    listed = hostile.relations(("s1", "worksheet", "Worksheets/SHEET1.xml"))
    assert list(look(package(parts() | {"xl/_rels/workbook.xml.rels": listed}))) == ["シート1"]


def test_so_many_sheets_and_no_more() -> None:
    assert len(look(package(parts(*[sheet()] * 300)))) == 300
    refused = problem(package(parts(*[sheet()] * 301)))
    assert refused.message.startswith("シートが多すぎます（300 枚まで）")


def test_cells_without_an_address_stand_where_they_stand() -> None:
    error = '<c t="e"><v>#N/A</v></c>'
    rows = f'<row><c/>{error}</row><row r="5"><c r="C5"/>{error}</row><row>{error}</row>'
    assert look(made(sheet(rows)))["シート1"].errors == dict.fromkeys([(0, 1), (4, 3), (5, 0)], "#N/A")


def test_a_picture_and_foreign_xml_are_left_alone() -> None:
    found = look(
        with_parts(
            xl__media__image1_dot_png=b"\x89PNG\r\n",
            customXml__item1_dot_xml=hostile.in_utf_16("<a/>"),
            customXml__item2_dot_xml=f"<a>{'YWJj' * 100_000}</a>",
            xl__charts__chart1_dot_xml='<c:c xmlns:c="c"><c:v>1</c:v><c:f>A1</c:f></c:c><!-- -->'.replace(
                "c:c", "c:chart"
            ),
            xl__printerSettings__p_dot_bin=b"\0" * (2 * PIECE_BYTES),
        )
    )
    assert found == {"シート1": ScannedSheet(tables=1)}


@pytest.mark.parametrize("name", ["xl/other.xml", "xl/other.rels", "xl/OTHER.XML"])
def test_what_calls_itself_xml_must_be_xml(name: str) -> None:
    assert problem(package(parts() | {name: "<a>"})).message == hostile.BROKEN


def test_so_many_findings_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    error = '<c t="e"><v>#N/A</v></c>'
    monkeypatch.setattr("tracker.workbooks.part_scan.MAX_FINDINGS", 3)
    assert len(look(made(sheet(f"<row>{error * 3}</row>")))["シート1"].errors) == 3
    assert problem(made(sheet(f"<row>{error * 4}</row>"))).message.startswith(
        "エラー値や計算結果のない数式が多すぎます"
    )


@pytest.mark.parametrize("inside", ["<sheetData><x>{}</x></sheetData>", "<si><t>{}</t></si>"])
def test_a_long_text_counts_whatever_its_part_calls_itself(inside: str) -> None:
    content = with_parts(xl__other_dot_bin=f"<a>{inside.format('x' * 300_000)}</a>")
    assert problem(content).message == hostile.LONG_TEXT


@pytest.mark.parametrize("stated", [999, 1005])
def test_a_picture_of_another_size_than_stated_is_seen(stated: int) -> None:
    content = bytearray(with_parts(xl__media__image1_dot_png=b"\x89PNG" + bytes(1000)))
    place = (
        content.rindex(b"xl/media/image1.png") - 46
    )  # its entry in the directory, which names its size at 24
    content[place + 24 : place + 28] = stated.to_bytes(4, "little")
    assert problem(bytes(content)).message == hostile.BROKEN


def test_the_limits_themselves_are_allowed() -> None:
    content = made(
        sheet(
            '<row r="10000"><c r="GR10000"><v>1</v></c></row>',
            after='<mergeCells><mergeCell ref="A1:GR1000"/></mergeCells>',
        )
    )
    assert look(content)["シート1"].merges == [(0, 0, 999, 199)]


@pytest.mark.parametrize(
    ("limit", "most"),
    [("cells", 4), ("characters", 3), ("strings", 2), ("parts", 7), ("rows", 2), ("columns", 2)],
)
def test_each_limit_counts_to_the_last(limit: str, most: int) -> None:
    content = made()
    look_inside(content, replace(LIMITS, **{limit: most}))
    with pytest.raises(FileProblem):
        look_inside(content, replace(LIMITS, **{limit: most - 1}))


def test_the_parts_of_a_workbook_count_together() -> None:
    content = made()
    size = sum(part.size for part in parts_of(content, 100))
    look_inside(content, replace(LIMITS, unpacked_bytes=size))
    with pytest.raises(FileProblem, match="ブックの中身が大きすぎます"):
        look_inside(content, replace(LIMITS, unpacked_bytes=size - 1))


def test_a_large_part_may_be_squeezed_as_far_as_sheets_are(monkeypatch: pytest.MonkeyPatch) -> None:
    content = made(sheet("<row/>" * 1000))
    part = max(parts_of(content, 100), key=lambda part: part.size)
    monkeypatch.setattr("tracker.workbooks.guard.LARGE", part.size - 1)
    monkeypatch.setattr("tracker.workbooks.guard.MAX_RATIO", part.size // len(part.packed) + 1)
    look(content)
    monkeypatch.setattr("tracker.workbooks.guard.MAX_RATIO", part.size // len(part.packed) - 1)
    assert problem(content).message == SQUEEZED


def test_a_comment_may_stand_between_cells() -> None:
    cells = '<row r="1"><c r="A1"><v>5</v></c><!-- --><c r="B1" t="e"><v>#N/A</v></c></row><!-- -->'
    assert look(made(sheet(cells)))["シート1"].errors == {(0, 1): "#N/A"}


@pytest.mark.parametrize(
    ("content", "limit", "most"),
    [
        (made(sheet(), sheet()), "cells", 8),
        (made(hostile.merged("A1:B2", "D1:D3", "F9")), "merged_cells", 8),
        (made(hostile.merged("A1:B2", "D1:D3", "F9")), "merges", 3),
        (made(hostile.merged("A1:B2"), hostile.merged("A1:C1")), "merged_cells", 7),
    ],
    ids=["cells of two sheets", "merged cells", "merges", "merged cells of two sheets"],
)
def test_all_that_a_workbook_holds_counts_together(content: bytes, limit: str, most: int) -> None:
    look_inside(content, replace(LIMITS, **{limit: most}))
    with pytest.raises(FileProblem):
        look_inside(content, replace(LIMITS, **{limit: most - 1}))


@pytest.mark.parametrize(
    "name", ["xl/vbaProject.bin", "xl/worksheets/vbaProject.bin", "other/VBAPROJECT.BIN"]
)
def test_macros_are_refused_wherever_they_are(name: str) -> None:
    assert problem(package(parts() | {name: b"x"})).message == hostile.MACROS


@pytest.mark.parametrize(
    "target",
    [
        "worksheets/sheet1.xml",
        "workbook.xml",
        "sharedStrings.xml",
        "/xl/_rels/workbook.xml.rels",
        "nothing.xml",
    ],
)
def test_a_sheet_that_has_no_part_of_its_own_is_named(target: str) -> None:
    listed = hostile.relations(
        *(("s1", "worksheet", "worksheets/sheet1.xml"), ("s2", "worksheet", target)),
        ("t", "sharedStrings", "sharedStrings.xml"),
    )
    changed = {"xl/_rels/workbook.xml.rels": listed, BOOK: hostile.book(("甲", "visible"), ("乙", "visible"))}
    found = problem(package(parts() | changed))
    assert (found.message, found.sheet) == (hostile.BROKEN, "乙")


def test_addresses_may_be_written_small() -> None:
    rows = '<row r="2"><c r="b2" t="e"><v>#N/A</v></c><c r="aa2" t="e"><v>#N/A</v></c></row>'
    assert look(made(sheet(rows)))["シート1"].errors == dict.fromkeys([(1, 1), (1, 26)], "#N/A")


def test_an_error_in_words_that_excel_does_not_have_is_shown_as_it_is_written() -> None:
    found = problem(made(sheet('<row r="2"><c r="B2" t="e"><v>#値なし</v></c></row>')))
    assert (found.message, found.row) == ("セル B2 がエラー値（#値なし）です。文字に直してください。", 2)


def test_stored_parts_are_read_in_pieces() -> None:
    content = package(parts(sheet("<row/>" * 100_000 + hostile.TWO_ROWS)), compression=0)
    part = next(part for part in parts_of(content, 100) if part.name == SHEET)
    assert [len(piece) for piece in part.pieces()][:2] == [PIECE_BYTES, PIECE_BYTES]
    assert look(content) == {"シート1": ScannedSheet(tables=1)}


@pytest.mark.parametrize("more", range(0, 600, 37))
def test_a_part_that_ends_anywhere_is_unpacked_to_its_end(more: int) -> None:
    content = b"a" * (PIECE_BYTES + more)
    (part,) = parts_of(package({"a": content}), 1)
    assert b"".join(part.pieces()) == content


# --- empty cells are taken out ---

EMPTY = [
    '<c r="A1"/>',
    '<c r="XFD1048576" s="12" />',
    '<c r="B2" s="1" t="n"></c>',
    '<row r="3"/>',
    '<row r="4" s="1"> <c r="A4"/></row>',
]


@pytest.mark.parametrize("xml", EMPTY)
def test_an_empty_cell_or_row_is_taken_out(xml: str) -> None:
    assert b"".join(without_empty_cells([f"<d>{xml * 3}</d>".encode()])) == b"<d></d>"


@pytest.mark.parametrize(
    "xml",
    [
        '<c r="A1"><v/></c>',
        '<c r="A1" t="s"/>',
        "<c/>",
        "<row/>",
        '<row r="1"><c/></row>',
        '<row r="1"><x/></row>',
        "<c r='A1'/>",
        '&lt;c r="A1"/>',
    ],
)
def test_what_says_something_or_names_no_place_stays(xml: str) -> None:
    assert b"".join(without_empty_cells([f"<d>{xml}</d>".encode()])) == f"<d>{xml}</d>".encode()


def test_what_is_held_back_is_bounded() -> None:
    pieces = [b"<d " + b"x" * MAX_HELD_BYTES, b"y" * 10, b'="1">']
    given_on = without_empty_cells(pieces)
    assert next(given_on) == pieces[0]
    assert b"".join(given_on) == b"".join(pieces[1:])


BITS = (
    *EMPTY,
    *(
        '<c r="C3" t="e"><v>#N/A</v></c>',
        '<c r="B2"><f>1</f></c>',
        "<c><f>1</f></c>",
        '<c r="A5" s="2"><v>1</v></c>',
    ),
    *(
        "<c/>",
        '<row r="7">',
        "<row>",
        "</row>",
        "<v>",
        "</v>",
        " ",
        "x",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        '<x a="',
        '"/>',
    ),
    '<mergeCell ref="A1:B2"/>',
)


def outcome(xml: bytes, *, cut: int, thins: bool) -> object:
    """What a scan says of a part, or how it refuses it; with and without its empty cells."""
    styles = [CellStyle(number, 0, 0) for number in (0, 0, 9)]
    book = ScannedBook(replace(LIMITS, cells=10**12, rows=2_000_000, columns=20_000), styles=styles)
    pieces = [xml[:cut], xml[cut:]]
    try:
        return scan(lambda: pieces, book, is_small=False) if thins else Scanner(book).scanned(
            pieces
        ), book.counts
    except (FileProblem, expat.ExpatError) as problem:
        return type(problem)


@given(st.lists(st.sampled_from(BITS), max_size=12), st.integers(0, 200))
def test_taking_out_empty_cells_changes_nothing_that_the_scan_says(bits: list[str], cut: int) -> None:
    xml = f"<d>{''.join(bits)}</d>".encode()
    whole, thinned = outcome(xml, cut=cut, thins=False), outcome(xml, cut=cut, thins=True)
    # What is no XML may become some; the parser behind the guard sees it as it is.
    assert thinned == whole or whole is expat.ExpatError


def test_the_lengths_of_shared_texts_count_as_often_as_they_are_used() -> None:
    content = made(
        sheet('<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>0</v></c></row>'),
        **{TEXTS: texts("<t>三文字</t>")},
    )
    look_inside(content, replace(LIMITS, characters=6))
    with pytest.raises(FileProblem, match="文字が多すぎます"):
        look_inside(content, replace(LIMITS, characters=6 - 1))
