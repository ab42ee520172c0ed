"""Reading a workbook in a process of its own: plain refusals, and nothing that gets out of it."""

import io
import json
import random
import re
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from tests.published_tables.file.writing import book_bytes
from tests.workbooks import hostile
from tests.workbooks.hostile import TWO_ROWS_READ, package, parts, sheet, workbook
from tracker import turns
from tracker.workbooks import cell_process, safe_reading
from tracker.workbooks.problems import FileProblem
from tracker.workbooks.safe_reading import TOO_HEAVY, CellSheet, read_cells

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
    status = Path("/proc/self/status").read_text().splitlines()
    highest = next(line for line in status if line.startswith("VmHWM")).split()[1]
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


# --- hostile files ---


EACH = """
import io, json, resource, sys
from pathlib import Path
from tracker.workbooks import cell_process

def seconds():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime

for file in sorted(Path(sys.argv[1]).iterdir()):
    output, before = io.BytesIO(), seconds()
    cell_process.write_answer(file.read_bytes(), output)
    lines = [json.loads(line) for line in output.getvalue().splitlines()]
    sheets = sum(isinstance(line, dict) and "sheet" in line and "visible" in line for line in lines)
    print(json.dumps([lines[-1].get("problem") or sheets, seconds() - before]))
status = Path("/proc/self/status").read_text().splitlines()
highest = next(line for line in status if line.startswith("VmHWM"))
print(int(highest.split()[1]) / 1024)
"""


def answers_to(contents: Iterable[bytes], folder: Path) -> tuple[list[tuple[str | int, float]], float]:
    """One process after all these files: of each its problem, or number of sheets, and its seconds.

    Also the megabytes that the process took at its highest: at least what the hungriest file needs.
    """
    for number, content in enumerate(contents):
        (folder / f"{number:04}").write_bytes(content)
    command = [sys.executable, "-c", EACH, str(folder)]
    done = subprocess.run(command, cwd=safe_reading.PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    *each, megabytes = map(json.loads, done.stdout.splitlines())
    return [(said, seconds) for said, seconds in each], megabytes


def test_each_hostile_file_is_refused_in_plain_words_within_2_seconds_and_300_megabytes(
    tmp_path: Path,
) -> None:
    answers, megabytes = answers_to(map(hostile.hostile, hostile.HOSTILE), tmp_path)
    assert {name: said for name, (said, _) in zip(hostile.HOSTILE, answers, strict=True)} == {
        name: message for name, (_, message) in hostile.HOSTILE.items()
    }
    slow = {name for name, (_, seconds) in zip(hostile.HOSTILE, answers, strict=True) if seconds >= 2}
    assert (slow, megabytes < 300) == (set(), True), (slow, megabytes)


@pytest.mark.parametrize(
    "name", ["xls", "ods", "cut", "1 GB said to be 1 KB", "cell in the last corner", "macros"]
)
def test_a_hostile_file_is_refused_through_the_process_in_the_same_words(name: str, usage: Usage) -> None:
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


def test_a_damaged_copy_of_a_real_workbook_is_read_or_refused_and_nothing_else(tmp_path: Path) -> None:
    made = Workbook()
    page = made.active
    assert isinstance(page, Worksheet)
    for row in range(20):
        page.append([f"取組{row}", row, row / 3, date(2024, 4, 1), "=A1", True])
    page.merge_cells("A1:B2")
    made.create_sheet("控え").append(["甲"])
    whole = book_bytes(made)
    chance = random.Random(4)
    answers, _ = answers_to([damaged(whole, chance) for _ in range(100)], tmp_path)
    assert {said if isinstance(said, int) else said[-1] for said, _ in answers} == {"。", 2}


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


# --- a process that does not answer as it should ---


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
    with pytest.raises(turns.Busy, match="混み合っていて"):
        read_cells(workbook())
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


@pytest.mark.long
def test_a_million_empty_rows_are_passed_over(usage: Usage) -> None:
    assert rows(hostile.million_empty_rows()) == TWO_ROWS_READ
    assert usage.figures()[1] < 300


@pytest.mark.long
def test_twenty_thousand_rows_of_japanese_are_read(usage: Usage) -> None:
    content, said = hostile.japanese_table(20_000, 12)
    assert rows(content) == said
    assert usage.figures()[1] < 300


def test_the_machine_being_busy_is_no_fault_of_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock allows three times the processor's time: a third of one processor is enough."""
    assert safe_reading.PATIENCE_SECONDS >= 3 * cell_process.PROCESSOR_SECONDS
    monkeypatch.setattr(safe_reading, "PATIENCE_SECONDS", 0.001)
    with pytest.raises(turns.Busy, match="ファイルを時間内に読み取れませんでした。"):
        read_cells(workbook())


@pytest.mark.parametrize("name", hostile.WIDE_RANGES)
def test_a_range_over_the_whole_sheet_costs_nothing(name: str, usage: Usage) -> None:
    """Links, notes, lists and formats are not read: a whole column of them is common, and allowed."""
    assert rows(hostile.WIDE_RANGES[name]()) == TWO_ROWS_READ
    seconds, megabytes = usage.figures()
    assert (seconds < 1, megabytes < 100) == (True, True), (seconds, megabytes)


@pytest.mark.parametrize("name", hostile.MANY)
def test_many_of_what_a_workbook_may_have_are_bounded_by_the_process(name: str, usage: Usage) -> None:
    """A twentieth of what a workbook may unpack to takes less than a tenth of the processor's time."""
    assert rows(hostile.MANY[name]()) == TWO_ROWS_READ
    seconds, megabytes = usage.figures()
    assert seconds < cell_process.PROCESSOR_SECONDS / 10
    assert megabytes < 300


def test_nothing_else_of_the_product_opens_a_workbook() -> None:
    """docs/adr/0011: whatever reads a file that somebody gives us does so in the process."""
    opening = re.compile(
        r"\bload_workbook\b|\bpython_calamine\b|\bcell_process import\b|import cell_process\b"
    )
    sources = [
        *(safe_reading.PROJECT / "tracker").rglob("*.py"),
        *(safe_reading.PROJECT / "manifesto").rglob("*.py"),
    ]
    found = {source.name for source in sources if opening.search(source.read_text())}
    assert found == {"cell_process.py"}
