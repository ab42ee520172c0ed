"""The published table (掲載表) as PDF: the same cells as the workbook's, as a page that WeasyPrint prints.

WeasyPrint is an optional extra. It runs in a process of its own, so that its memory is given back, and loads
nothing: the page brings its style along.
"""

import os
import subprocess
import sys
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import attrgetter

from django.conf import settings
from django.template.loader import render_to_string

from tracker import turns
from tracker.published_tables.file.columns import TableColumn
from tracker.published_tables.file.cover import MARK as MARK_OF_DRAFT
from tracker.published_tables.file.cover import Cover
from tracker.published_tables.file.geometry import Geometry, is_too_wide, measure
from tracker.published_tables.file.headings import FIGURES, Kind
from tracker.published_tables.file.laid_table import LINES, Notes, RowPart, lay_out
from tracker.published_tables.file.overleaf import REST
from tracker.published_tables.file.table import PublishedTable
from tracker.published_tables.pdf_process import MISSING, SECONDS
from tracker.words.bullets import MARK, without_mark

BEING_MADE = "ほかの PDF を作っているところです。"  # one at a time is enough for a machine
UNAVAILABLE = (
    "PDF を作る部品（WeasyPrint）が入っていません。"
    "サーバーの管理者に、README の「掲載表を出す」のとおりに入れるよう頼んでください。"
    "Excel の掲載表は、このままでも出せます。"
)
TOO_WIDE = (
    "列が多すぎて（%d 列）、A3 横の紙では読みやすい幅になりません。加える列を減らすと、PDF を作れます。"
    "Excel の掲載表は、このままでも出せます。"
)
LOOKS = {Kind.PLEDGE: "pledge", Kind.PREVIOUS_RATING: "previous", Kind.RATING: "rating"}
LOOKS |= dict.fromkeys((Kind.SDGS, Kind.UNIT, *FIGURES), "centred")
# What fonts and libraries are found by; nothing else of our surroundings is the process's business.
SURROUNDINGS = (
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "LD_LIBRARY_PATH",
    "FONTCONFIG_PATH",
    "FONTCONFIG_FILE",
    "XDG_CACHE_HOME",
)


class PdfUnavailable(Exception):  # noqa: N818 - no error: an optional part is not there
    """WeasyPrint, or a library that it needs, is not installed. The message says what to do."""


class PdfProblem(Exception):  # noqa: N818 - the field's own word for it
    """The PDF could not be made although everything is there."""


@dataclass(frozen=True)
class PrintedCell:
    """A cell of a table: its look, how many rows it covers, and its lines, each with its own look."""

    look: str
    rows: int
    lines: list[tuple[str, str]]

    @property
    def is_one_line(self) -> bool:
        return len(self.lines) == 1


@dataclass(frozen=True)
class PrintedRow:
    """A row of a page's table: a line across it, or the cells that begin in it."""

    part: str
    line: str = ""
    cells: Sequence[PrintedCell] = ()


def write_pdf(table: PublishedTable, notes: Notes | None = None, *, patience: float = 0) -> bytes:
    """The PDF's bytes. Raises PdfUnavailable where WeasyPrint is not installed, PdfProblem where it fails.

    Waits `patience` seconds at most for another PDF to be finished, and raises turns.Busy then.
    """
    page = html(table, notes)
    try:
        with turns.turn("pdf", BEING_MADE, of=1, patience=patience) as held:
            done = subprocess.run(
                [sys.executable, "-m", "tracker.published_tables.pdf_process"],
                input=page.encode(),
                capture_output=True,
                check=False,
                cwd=settings.BASE_DIR,
                env=surroundings(),
                timeout=SECONDS,
                pass_fds=[held],
            )
    except subprocess.TimeoutExpired as too_slow:
        raise PdfProblem("PDF を作るのに時間がかかりすぎたので、やめました。") from too_slow
    if done.returncode == MISSING:
        raise PdfUnavailable(UNAVAILABLE)
    if done.returncode:
        raise problem((done.stderr.decode(errors="replace").splitlines() or [""])[-1])
    return done.stdout


def problem(last_words: str) -> PdfProblem:
    """What is told of a process that failed with some last words."""
    return PdfProblem(
        f"PDF を作れませんでした（{last_words[:500]}）。もう一度試し、同じなら管理者に知らせてください。"
    )


def surroundings() -> dict[str, str]:
    """The process's environment."""
    return {name: os.environ[name] for name in SURROUNDINGS if name in os.environ}


def html(table: PublishedTable, notes: Notes | None = None, cover: Cover | None = None) -> str:
    """The table as a page for printing: a table for each page that the workbook has, too.

    With a cover it is a draft to be decided on: every page is marked. Raises PdfProblem for a table that is
    too wide for the paper.
    """
    laid = lay_out(table, notes)
    if is_too_wide(laid):
        raise PdfProblem(TOO_WIDE % len(laid.columns))
    measured = measure(laid)
    head = laid.rows[: laid.heading]
    shown = {
        "cover": cover,
        "mark": MARK_OF_DRAFT,
        "title": table.title,
        "notes": [row.cells[0] for row in head if row.part is RowPart.NOTE],
        "legend": [row.cells[0] for row in head if row.part is RowPart.LEGEND],
        "columns": [
            (column.heading, f"{width / sum(measured.widths):.4%}")
            for column, width in zip(laid.columns, measured.widths, strict=True)
        ],
        "pages": _pages(measured),
    }
    return render_to_string("published_table/page.html", shown)


def _pages(measured: Geometry) -> list[list[PrintedRow]]:
    """The rows of each page. A laid row in which a page ends is a row of both."""
    laid, first = measured.laid, measured.starts[measured.laid.heading + 1]
    rows = sorted({*measured.starts, *measured.breaks})
    beginning = defaultdict[int, list[PrintedCell]](list)
    for area in sorted(measured.whole_areas, key=attrgetter("column")):
        for placed in measured.on_pages(area):
            covered = bisect_left(rows, placed.after) - bisect_left(rows, placed.first)
            beginning[placed.first].append(_cell(laid.columns[area.column], placed.text, covered))
    pages = pairwise([first, *measured.breaks, measured.starts[-1]])
    return [
        [_row(measured, row, beginning[row]) for row in rows if begin <= row < end] for begin, end in pages
    ]


def _row(measured: Geometry, start: int, cells: Sequence[PrintedCell]) -> PrintedRow:
    """What begins, or goes on, at a sheet row."""
    row = measured.laid.rows[bisect_right(measured.starts, start) - 1]
    if row.part in LINES:
        return PrintedRow(row.part.name.lower(), line=row.cells[0])
    return PrintedRow("initiative", cells=cells)


def _cell(column: TableColumn, text: str, rows: int) -> PrintedCell:
    lines = [_line(line) for line in text.split("\n")]
    looks = [LOOKS.get(column.kind, "text"), *([lines[0][1]] if len(lines) == 1 and lines[0][1] else [])]
    return PrintedCell(" ".join(looks), rows, lines)


def _line(line: str) -> tuple[str, str]:
    """A line as it is shown, and its look: a bullet's hangs out, the rest of one overleaf does not."""
    if line.startswith(MARK):
        return MARK + without_mark(line), "bullet"
    return (line.removeprefix(REST), "rest") if line.startswith(REST) else (line, "")
