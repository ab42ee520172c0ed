"""The process that reads a workbook: content on standard input, lines of JSON on standard output.

`safe_reading` starts it, so that no file can take the server with it: calamine, which reads the cells, ends
its process when it runs out of memory. A sheet is a line with its name, a line per row, and a line with what
is wrong with single cells, and one with how they look where that tells something. The last line says that
nothing is missing.
"""

import io
import json
import resource
import sys
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, BinaryIO

from python_calamine import CalamineSheet, SheetTypeEnum, SheetVisibleEnum, load_workbook

from tracker.workbooks import problems
from tracker.workbooks.cell_text import with_line_feeds
from tracker.workbooks.findings import Limits, Place, ScannedSheet
from tracker.workbooks.guard import look_inside
from tracker.workbooks.number_formats import shown_number
from tracker.workbooks.parts import BROKEN
from tracker.workbooks.problems import FileProblem

LIMITS = Limits(
    unpacked_bytes=400 * 1024 * 1024,  # a million formatted rows have 320 MB
    rows=50_000,
    columns=200,
    cells=2_000_000,
    characters=64_000_000,
    strings=2_000_000,
    merges=20_000,
    merged_cells=200_000,
)
MEMORY_BYTES = 1024 * 1024 * 1024
PROCESSOR_SECONDS = 30
OUTPUT_BYTES = 512 * 1024 * 1024

Refused = dict[Place, str]


def main() -> None:
    """Reads standard input, writes standard output. Whatever else goes wrong ends the process."""
    limit_itself()
    write_answer(sys.stdin.buffer.read(), sys.stdout.buffer)


def limit_itself() -> None:
    """Bounds memory, processor time and output of this process; a picture of its memory is never kept."""
    for kind, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, PROCESSOR_SECONDS),
        (resource.RLIMIT_FSIZE, OUTPUT_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        allowed = resource.getrlimit(kind)[1]
        limit = most if allowed == resource.RLIM_INFINITY else min(most, allowed)
        resource.setrlimit(kind, (limit, limit))


def write_answer(content: bytes, output: BinaryIO) -> None:
    """Writes a workbook's cells, or the problem with it, as lines of JSON."""
    try:
        for line in answer_lines(content):
            output.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
    except FileProblem as problem:
        place = {"row": problem.row, "column": problem.column, "sheet": problem.sheet}
        output.write(json.dumps({"problem": problem.message} | place, ensure_ascii=False).encode() + b"\n")


def answer_lines(content: bytes) -> Iterator[Any]:
    """What is written, line by line. Raises FileProblem for a workbook that must not or cannot be opened."""
    sheets = look_inside(content, LIMITS)
    try:
        book = load_workbook(io.BytesIO(content))
        for number, about in enumerate(book.sheets_metadata):
            if about.typ is not SheetTypeEnum.WorkSheet:
                continue
            found = sheets[about.name]
            if found.tables != 1:
                raise FileProblem(BROKEN, sheet=about.name)
            is_visible = about.visible is SheetVisibleEnum.Visible
            yield {"sheet": about.name, "visible": is_visible, "merges": found.merges}
            refused = _refused(found)
            yield from text_rows(book.get_sheet_by_index(number), found, refused)
            yield {"refused": [[*place, message] for place, message in refused.items()]}
            if looks := _looks(found):
                yield {"looks": looks}
        yield {"end": True}
    except (FileProblem, MemoryError):
        raise
    except Exception as problem:  # calamine and what is below it have errors of their own for damaged parts
        raise FileProblem(
            "Excel のブックとして開けません。壊れているか、別の形式のファイルです。"
            "Excel で開いて保存し直してください。"
        ) from problem


def _refused(found: ScannedSheet) -> Refused:
    errors = {
        place: f"エラー値（{value}）になっています。文字に直してください。"
        for place, value in found.errors.items()
    }
    return errors | dict.fromkeys(found.uncalculated, problems.UNCALCULATED)


def _looks(found: ScannedSheet) -> dict[str, Any]:
    """What a person sees, or does not see, of the cells, beside their text; only what there is."""
    looks = {
        "hidden_rows": found.hidden_rows,
        "hidden_columns": found.hidden_columns,
        "struck": [[*place, words] for place, words in found.struck.items()],
        "fills": [[*place, colour] for place, colour in found.fills.items()],
        "shown": [[*place, text] for place, text in found.shown.items()],
        "comments": sorted(found.comments),
        "pictures": sorted(found.pictures),
    }
    return {name: told for name, told in looks.items() if told}


def text_rows(sheet: CalamineSheet, found: ScannedSheet, refused: Refused) -> Iterator[list[str]]:
    """The rows from A1 on, without the blanks at a row's end and at the sheet's. Adds to `refused`."""
    # calamine leaves out the blank columns before the first filled one.
    before = [""] * (sheet.start[1] if sheet.start else 0)
    blank = 0
    for row, values in enumerate(sheet.iter_rows()):
        cells = before + [
            shown_text(value, (row, column), found, refused)
            for column, value in enumerate(values, start=len(before))
        ]
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            yield from ([] for _ in range(blank))
            yield cells
        blank = 0 if cells else blank + 1


def shown_text(value: Any, place: Place, found: ScannedSheet, refused: Refused) -> str:
    """A cell's value as the text that a clerk sees. Adds to `refused` what must be typed again."""
    if value == "":
        return found.errors.get(place, "")  # calamine shows nothing of an error
    if isinstance(value, str):
        if "\0" in value:
            refused[place] = problems.CONTROL_CHARACTER
        return with_line_feeds(value)
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, date | time | timedelta):
        refused[place] = problems.BECAME_A_DATE if isinstance(value, date) else problems.BECAME_A_TIME
        return moment_text(value)
    if place in found.formatted:
        refused[place] = problems.SHOWN_OTHERWISE
        found.shown[place] = shown_number(value, found.formatted[place]) or ""
    # As Excel shows a number: fifteen digits count, whole numbers have no fraction.
    is_whole = value == int(value) and abs(value) < 1e15
    return str(int(value)) if is_whole else f"{value:.15g}".upper()


def moment_text(value: date | time | timedelta) -> str:
    """A date or time, for the person who has to type it again."""
    if not isinstance(value, date):
        return str(value)
    day = f"{value.year}/{value.month}/{value.day}"
    return f"{day} {value:%H:%M:%S}".removesuffix(" 00:00:00") if isinstance(value, datetime) else day


if __name__ == "__main__":
    main()
