"""Reading an uploaded workbook in a process of its own: right cells, plain refusals, and nothing that gets
out of it.
"""

import io
import json
import random
import sys
import time
import zipfile
from collections import Counter
from datetime import date, datetime, timedelta
from datetime import time as clock
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from tests.published_tables.file.writing import book_bytes
from tests.workbooks import hostile
from tests.workbooks.hostile import TEXTS, TWO_ROWS, TWO_ROWS_READ, package, parts, sheet, texts, workbook
from tracker.workbooks import cell_process, safe_reading
from tracker.workbooks.problems import (
    BECAME_A_DATE,
    BECAME_A_TIME,
    NO_CHARACTER,
    SHOWN_OTHERWISE,
    UNCALCULATED,
    FileProblem,
)
from tracker.workbooks.safe_reading import TOO_HEAVY, CellSheet, read_cells, read_first_sheet

ERROR = "エラー値（#N/A）になっています。文字に直してください。"


def only(content: bytes) -> CellSheet:
    (found,) = read_cells(content)
    return found


def rows(content: bytes) -> list[list[str]]:
    return only(content).rows


def problem(content: bytes) -> FileProblem:
    with pytest.raises(FileProblem) as caught:
        read_cells(content)
    return caught.value


class Usage:
    """What the last reading's process took: seconds of a processor, and megabytes at its highest."""

    CODE = """
import os, resource, sys
from pathlib import Path
from tracker.workbooks import cell_process
try:
    cell_process.main()
finally:
    used = resource.getrusage(resource.RUSAGE_SELF)
    highest = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")).split()[1]
    Path(sys.argv[1]).write_text(f"{used.ru_utime + used.ru_stime} {int(highest) / 1024}")
"""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.command = (sys.executable, "-E", "-s", "-X", "utf8", "-c", self.CODE, str(file))

    def figures(self) -> tuple[float, float]:
        """Both are 0 when the file was refused without a process."""
        if not self.file.exists():
            return 0.0, 0.0
        seconds, megabytes = self.file.read_text().split()
        return float(seconds), float(megabytes)


@pytest.fixture
def usage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Usage:
    made = Usage(tmp_path / "usage")
    monkeypatch.setattr(safe_reading, "COMMAND", made.command)
    return made


# --- hostile files
# ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", hostile.HOSTILE)
def test_a_hostile_file_is_refused_in_plain_words_within_2_seconds_and_300_megabytes(
    name: str, usage: Usage
) -> None:
    assert problem(hostile.hostile(name)).message == hostile.HOSTILE[name][1]
    seconds, megabytes = usage.figures()
    assert (seconds < 2, megabytes < 300) == (True, True), (seconds, megabytes)


def test_a_refusal_keeps_the_place_that_it_names() -> None:
    found = problem(
        package(parts(sheet(), hostile.sheet('<row r="3"><c r="C3" t="e"><v>#BUSY!</v></c></row>')))
    )
    assert found.in_words("記入.xlsx") == (
        "記入.xlsx シート「シート2」 3行目：セル C3 がエラー値（#BUSY!）です。文字に直してください。"
    )


def test_a_damaged_copy_of_a_real_workbook_is_read_or_refused_and_nothing_else() -> None:
    made = Workbook()
    page = made.active
    assert isinstance(page, Worksheet)
    for row in range(20):
        page.append([f"取組{row}", row, row / 3, date(2024, 4, 1), "=A1", True])
    page.merge_cells("A1:B2")
    made.create_sheet("控え").append(["甲"])
    whole = book_bytes(made)
    chance = random.Random(4)
    outcomes: Counter[object] = Counter()
    for _ in range(100):
        try:
            outcomes[tuple(type(each) for each in read_cells(damaged(whole, chance)))] += 1
        except FileProblem as refused:
            outcomes[refused.message[-1]] += 1
    assert outcomes.keys() == {"。", (CellSheet, CellSheet)}


def damaged(content: bytes, chance: random.Random) -> bytes:
    """A copy with bytes flipped or cut off, or a part spoilt, left out or repeated."""
    way = chance.randrange(5)
    if way == 0:
        copy = bytearray(content)
        for _ in range(chance.randint(1, 8)):
            copy[chance.randrange(len(copy))] ^= 1 << chance.randrange(8)
        return bytes(copy)
    if way == 1:
        return content[: chance.randrange(len(content))]
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        chosen = chance.choice(old.namelist())
        for name in old.namelist():
            part = bytearray(old.read(name))
            if name == chosen and way == 2:
                continue
            if name == chosen and way == 3:
                new.writestr(f"xl/{name}", bytes(part))
            if name == chosen and way == 4:
                for _ in range(chance.randint(1, 4)):
                    place = chance.randrange(len(part))
                    part[place : place + chance.randrange(3)] = chance.randbytes(chance.randrange(3))
            new.writestr(name, bytes(part))
    return file.getvalue()


# --- a process that does not answer as it should
# -----------------------------------------------------------------------


def instead(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code)


@pytest.mark.parametrize(
    "code",
    [
        "",
        "raise MemoryError",
        "import os; os.abort()",
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
        "print('[]')",
        "print('nonsense')",
        "print('7')",
        "print('{}')",
        """print('{"end": false}')""",
        """print('{"sheet": "a", "visible": true, "merges": []}')""",
        """print('{"sheet": "a", "visible": true, "merges": []}\\n["a"]\\n["b')""",
        """print('{"sheet": "a", "visible": true, "merges": [[1]]}\\n{"end": true}')""",
        """print('{"sheet": "a", "visible": true, "merges": []}\\n{"refused": [3]}\\n{"end": true}')""",
        """print('{"end": true}'); raise SystemExit(1)""",
        "import sys; sys.stdout.buffer.write(b'\\xff\\n')",
    ],
)
def test_whatever_happens_to_the_process_is_one_problem(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(safe_reading, "COMMAND", instead(code))
    assert problem(workbook()).message == TOO_HEAVY


def test_a_process_that_hangs_is_killed_with_all_that_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    children = tmp_path / "children"
    monkeypatch.setattr(safe_reading, "PATIENCE_SECONDS", 0.5)
    monkeypatch.setattr(
        safe_reading,
        "COMMAND",
        instead(
            "import os, subprocess, sys, time\n"
            "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
            f"open({str(children)!r}, 'w').write(f'{{os.getpid()}} {{child.pid}}')\n"
            "time.sleep(600)"
        ),
    )
    begun = time.monotonic()
    assert problem(workbook()).message == TOO_HEAVY
    assert time.monotonic() - begun < 30
    pids = [int(pid) for pid in children.read_text().split()]
    for _ in range(100):
        if not any(is_running(pid) for pid in pids):
            break
        time.sleep(0.1)
    assert [is_running(pid) for pid in pids] == [False, False]


def is_running(pid: int) -> bool:
    """Whether the process does anything still; one that nobody has waited for yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_the_limits_of_the_process_are_real(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    told = tmp_path / "told"
    code = (
        "import resource, signal\nfrom tracker.workbooks import cell_process as "
        "reading\nreading.limit_itself()\n"
        "try:\n    bytearray(reading.MEMORY_BYTES)\n    memory = False\nexcept MemoryError:\n    "
        "memory = True\n"
        f"open({str(told)!r}, 'w').write(f'{{memory}} {{resource.getrlimit(resource.RLIMIT_CPU)[0]}} "
        "{resource.getrlimit(resource.RLIMIT_FSIZE)[0]} {resource.getrlimit(resource.RLIMIT_CORE)[0]}')"
    )
    monkeypatch.setattr(safe_reading, "COMMAND", instead(code))
    assert problem(workbook()).message == TOO_HEAVY
    assert told.read_text().split() == [
        "True",
        str(cell_process.PROCESSOR_SECONDS),
        str(cell_process.OUTPUT_BYTES),
        "0",
    ]


def test_an_endless_loop_ends_by_its_processor_time(monkeypatch: pytest.MonkeyPatch) -> None:
    code = (
        "from tracker.workbooks import cell_process as reading\nreading.PROCESSOR_SECONDS = "
        "1\nreading.limit_itself()\n"
        "while True: pass"
    )
    monkeypatch.setattr(safe_reading, "COMMAND", instead(code))
    assert problem(workbook()).message == TOO_HEAVY


def test_endless_output_ends_by_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    code = (
        "from tracker.workbooks import cell_process as reading\nreading.OUTPUT_BYTES = "
        "100_000\nreading.limit_itself()\n"
        "while True: print('[\"' + 'a' * 1000 + '\"]')"
    )
    monkeypatch.setattr(safe_reading, "COMMAND", instead(code))
    assert problem(workbook()).message == TOO_HEAVY


def test_the_environment_and_the_place_of_the_server_have_no_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "python_calamine.py").write_text("raise SystemExit(3)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("SECRET_KEY", "geheim")
    monkeypatch.chdir(tmp_path)
    assert rows(workbook()) == TWO_ROWS_READ
    told = tmp_path / "told"
    monkeypatch.setattr(
        safe_reading,
        "COMMAND",
        instead(f"import os; open({str(told)!r}, 'w').write(str('SECRET_KEY' in os.environ))"),
    )
    problem(workbook())
    assert told.read_text() == "False"


def test_small_files_are_read_quickly(usage: Usage) -> None:
    content, said = hostile.japanese_table(300, 12)
    assert rows(content) == said
    assert usage.figures()[0] < 0.5


# --- awkward files
# ------------------------------------------------------------------------------------------------------


def test_a_million_empty_rows_are_passed_over(usage: Usage) -> None:
    assert rows(hostile.million_empty_rows()) == TWO_ROWS_READ
    assert usage.figures()[1] < 300


def test_twenty_thousand_rows_of_japanese_are_read(usage: Usage) -> None:
    content, said = hostile.japanese_table(20_000, 12)
    assert rows(content) == said
    assert usage.figures()[1] < 300


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


# --- cells as text
# --------------------------------------------------------------------------------------------------------


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
        ("n", "<v>2024</v>", "2024"), ("n", "<v>2024.0</v>", "2024"), ("n", "<v>1.5</v>", "1.5"), ("n", "<v>-0</v>", "0"),
        ("n", "<v>0.30000000000000004</v>", "0.3"), ("n", "<v>1E+21</v>", "1E+21"), ("n", "<v>0.00001</v>", "1E-05"),
        ("n", "<v>999999999999999</v>", "999999999999999"), ("b", "<v>1</v>", "TRUE"), ("b", "<v>0</v>", "FALSE"),
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
        (("<t>_x0041_ _x005F_x0041_ _x005f_x005F_ " "_X0041_ " "_x41_ " "x0041_</t>"), ("A _x0041_ _x005F_ _X0041_ " "_x41_ x0041_")),
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
        "シート1", True, [[], ["", "0.5"]], {(1, 1): SHOWN_OTHERWISE}, []
    )


@pytest.mark.parametrize("style", [3, 99])
def test_a_number_in_a_general_or_unknown_style_is_accepted(style: int) -> None:
    assert cell("n", "<v>5</v>", style=style).refused == {}


def test_a_text_in_a_number_format_is_accepted() -> None:
    assert cell("s", "<v>0</v>", style=2).refused == {}


def test_a_character_that_no_text_may_have_is_refused() -> None:
    assert cell("s", "<v>0</v>", shared="<t>甲_x0000_</t>").refused == {(1, 1): NO_CHARACTER}


def test_what_is_wrong_is_told_of_its_own_sheet_only() -> None:
    bad = sheet('<row r="1"><c r="A1" t="e"><v>#N/A</v></c></row>')
    found = read_cells(package(parts(sheet(), bad, names=[("甲", "visible"), ("乙", "hidden")])))
    assert [(each.name, each.refused) for each in found] == [("甲", {}), ("乙", {(0, 0): ERROR})]


# --- the process itself
# -------------------------------------------------------------------------------------------------


def test_the_process_writes_lines_and_ends_with_the_last_one() -> None:
    output = io.BytesIO()
    cell_process.write(workbook(), output)
    assert [json.loads(line) for line in output.getvalue().splitlines()] == [
        {"sheet": "シート1", "visible": True, "merges": []}, *TWO_ROWS_READ, {"refused": []}, {"end": True},
    ]  # fmt: skip


def test_the_process_says_of_each_kind_of_cell_what_it_is() -> None:
    written = (
        '<row r="3"><c r="B3"><v>1.5</v></c><c r="C3" t="b"><v>0</v></c><c r="D3" t="e"><v>#N/A</v></c>'
        '<c r="E3"><f>1</f></c></row>'
        '<row r="5"><c r="B5" s="1"><v>45383.5</v></c><c r="C5" s="4"><v>0.5</v></c><c r="D5" s="2"><v>1</v></c>'
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
    _head, *said, told, _end = cell_process.lines(package(content))
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
            [4, 4, NO_CHARACTER],
        ]
    }


@pytest.mark.parametrize("name", ["sheet that is no sheet", "unknown kind of cell"])
def test_the_process_refuses_what_only_the_reader_can_tell(name: str) -> None:
    with pytest.raises(FileProblem, match=hostile.HOSTILE[name][1]):
        list(cell_process.lines(hostile.hostile(name)))


def test_the_process_writes_a_problem_as_its_last_line() -> None:
    output = io.BytesIO()
    cell_process.write(hostile.hostile("cell in the last corner"), output)
    told = {"problem": hostile.far("XFD1048576"), "row": None, "column": None, "sheet": "シート1"}
    assert [json.loads(line) for line in output.getvalue().splitlines()] == [told]


def test_a_workbook_without_memory_for_it_is_no_damaged_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_memory(file: object) -> None:
        raise MemoryError

    monkeypatch.setattr(cell_process, "load_workbook", no_memory)
    with pytest.raises(MemoryError):
        list(cell_process.lines(workbook()))


# --- rows of text
# -------------------------------------------------------------------------------------------------------


def test_the_first_visible_sheet_is_read_as_rows_of_text() -> None:
    names = [("控え", "hidden"), ("表", "visible"), ("次", "visible")]
    written = '<row r="2"><c r="B2" s="2"><v>0.75</v></c><c r="C2" t="b"><v>1</v></c></row>'
    content = package(parts(sheet(hostile.row_of(1, "A1")), sheet(written), sheet(), names=names))
    assert read_first_sheet(content) == [[], ["", "0.75", "TRUE"]]
    assert read_first_sheet(package(parts(sheet(), names=[("控え", "hidden")]))) == []


def test_the_first_cell_that_cannot_be_taken_is_named() -> None:
    written = (
        '<row r="3"><c r="A3" s="2"><v>0.5</v></c><c r="AB3" s="1"><v>45383</v></c>'
        '<c r="AC3" t="e"><v>#N/A</v></c></row>'
    )
    with pytest.raises(FileProblem) as caught:
        read_first_sheet(workbook(sheet(written)))
    assert caught.value.in_words("表.xlsx") == f"表.xlsx シート「シート1」 3行目：セル AB3：{BECAME_A_DATE}"
