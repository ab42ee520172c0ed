"""Reads a workbook in a process of its own: whatever the file does there, the caller gets an answer."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any

from openpyxl.utils import get_column_letter

from tracker import turns
from tracker.workbooks.disguises import refuse_unless_zip
from tracker.workbooks.problems import SHOWN_OTHERWISE, FileProblem

PROJECT = Path(__file__).resolve().parents[2]
# The process starts in the project's folder. The environment and the user's own packages have no say in it.
COMMAND = (sys.executable, "-E", "-s", "-X", "utf8", "-m", "tracker.workbooks.cell_process")
ENVIRONMENT = ("LD_LIBRARY_PATH",)  # what is passed on: where the interpreter's own libraries may be
# The process ends by its processor time, whatever else the machine has to do. By the clock it ends only so
# that the request is answered before the server and the proxy give it up.
PATIENCE_SECONDS = 90.0
# A process may need a gigabyte: so many run at a time on the machine; the others wait for a while.
TURNS = 2
TURN_SECONDS = 8.0
BEING_READ = "ほかのファイルを読み取っているところです。"
TOO_SLOW = "サーバーが混み合っていて、ファイルを時間内に読み取れませんでした。"

TOO_HEAVY = (
    "ブックを読み取れませんでした（大きすぎるか、壊れています）。"
    "表だけを新しいブックに写し、「Excel ブック（.xlsx）」で保存し直してください。"
)


@dataclass(frozen=True)
class CellLooks:
    """How cells look, by 0-based places. `struck`: the words struck out, "" where the whole cell is.

    `fills`: the colour behind a cell, as the file says it; of a large sheet not those of empty cells.
    `comments`: the cells with notes on them, in order; `pictures`: those where pictures and shapes begin.
    `shown`: a number as its format shows it (「38.5%」), "" where the format is none of the plain ones.
    """

    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    struck: dict[tuple[int, int], str] = field(default_factory=dict)
    fills: dict[tuple[int, int], str] = field(default_factory=dict)
    shown: dict[tuple[int, int], str] = field(default_factory=dict)
    comments: tuple[tuple[int, int], ...] = ()
    pictures: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class CellSheet:
    """One sheet as text. Every place is 0-based, row before column.

    `rows` begin at A1; blank cells at a row's end and blank rows at the sheet's are cut off. `refused` says
    what is wrong with a cell and what to do; the text of such a cell in `rows` is for showing only. `merges`
    are (top, left, bottom, right), both ends included.
    """

    name: str
    visible: bool
    rows: list[list[str]]
    refused: dict[tuple[int, int], str] = field(default_factory=dict)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    looks: CellLooks = field(default_factory=CellLooks)

    def plain_rows(self, *, but_for: Collection[str] = (SHOWN_OTHERWISE,)) -> list[list[str]]:
        """The rows, where every cell can be taken as it is. Raises FileProblem for the first that cannot, but
        for problems that the caller knows how to take.

        Dates, times, error values and formulas without a result cannot. A number is what is stored, whatever
        its format: 75 % is 0.75.
        """
        for (row, column), message in sorted(self.refused.items()):
            if message not in but_for:
                address = f"{get_column_letter(column + 1)}{row + 1}"
                raise FileProblem(f"セル {address}：{message}", row=row + 1, sheet=self.name)
        return self.rows


def read_first_sheet(content: bytes) -> CellSheet:
    """The first visible sheet; an empty one where all are hidden. Raises FileProblem."""
    return next((sheet for sheet in read_cells(content) if sheet.visible), CellSheet("", True, []))


def read_cells(content: bytes) -> list[CellSheet]:
    """Every worksheet of an .xlsx in order, hidden ones too. For a bad file it raises FileProblem only.

    Raises turns.Busy while others are being read, and where the machine is too busy for it.
    """
    refuse_unless_zip(content)  # what is no workbook at all needs no process
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as answer:
        given.write(content)
        given.seek(0)
        with turns.turn("workbook", BEING_READ, of=TURNS, patience=TURN_SECONDS) as held:
            status = run_apart(given, answer, held)
        if status is None:
            raise turns.Busy(TOO_SLOW)
        if status != 0:
            raise FileProblem(TOO_HEAVY)
        answer.seek(0)
        return _sheets(answer)


def run_apart(given: IO[bytes], answer: IO[bytes], *held: int) -> int | None:
    """Runs the process and returns its exit status, None if it took too long. Then nothing of it is left.

    `held` are open files that it keeps until it ends.
    """
    process = subprocess.Popen(  # noqa: S603 - a fixed command; the file is its input
        COMMAND,
        stdin=given,
        stdout=answer,
        stderr=subprocess.DEVNULL,
        cwd=PROJECT,
        env={name: os.environ[name] for name in ENVIRONMENT if name in os.environ},
        close_fds=True,
        pass_fds=held,
        start_new_session=True,
    )
    try:
        return process.wait(PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        return None
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _sheets(answer: IO[bytes]) -> list[CellSheet]:
    """What the process has written, line by line. An answer that is not complete is not believed."""
    sheets: list[CellSheet] = []
    try:
        for line in answer:
            said: Any = json.loads(line)
            if isinstance(said, list):
                sheets[-1].rows.append(said)
            elif "problem" in said:
                raise FileProblem(said.pop("problem"), **said)
            elif "sheet" in said:
                merges = [(top, left, bottom, right) for top, left, bottom, right in said["merges"]]
                sheets.append(CellSheet(said["sheet"], said["visible"], [], {}, merges))
            elif "refused" in said:
                refused = {(row, column): message for row, column, message in said["refused"]}
                sheets[-1].refused.update(refused)
            elif "looks" in said:
                sheets[-1] = replace(sheets[-1], looks=_looks(said["looks"]))
            elif said["end"]:
                return sheets
    except (ValueError, LookupError, TypeError) as problem:
        raise FileProblem(TOO_HEAVY) from problem
    raise FileProblem(TOO_HEAVY)


def _looks(said: dict[str, Any]) -> CellLooks:
    columns = {place for first, last in said.get("hidden_columns", []) for place in range(first, last + 1)}
    return CellLooks(
        frozenset(said.get("hidden_rows", [])),
        frozenset(columns),
        {(row, column): words for row, column, words in said.get("struck", [])},
        {(row, column): colour for row, column, colour in said.get("fills", [])},
        {(row, column): text for row, column, text in said.get("shown", [])},
        *(tuple((row, column) for row, column in said.get(name, [])) for name in ("comments", "pictures")),
    )
