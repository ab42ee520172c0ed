"""The published table (掲載表) as PDF: the same cells as the workbook's, as a page that WeasyPrint prints.

WeasyPrint is an optional extra. It runs in a process of its own, so that its memory is given back, and loads
nothing: the page brings its style along.
"""

import os
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from operator import attrgetter

from django.conf import settings
from django.template.loader import render_to_string

from tracker import turns
from tracker.published_tables.file.columns import TableColumn
from tracker.published_tables.file.geometry import measure
from tracker.published_tables.file.headings import Kind
from tracker.published_tables.file.layout import Area, Layout, Notes, RowPart, lay_out
from tracker.published_tables.file.table import PublishedTable
from tracker.published_tables.pdf_process import MISSING
from tracker.words.bullets import MARK, without_mark

SECONDS = 180  # the demo takes 10
BEING_MADE = "ほかの PDF を作っているところです。"  # one at a time is enough for a machine
UNAVAILABLE = (
    "PDF を作る部品（WeasyPrint）が入っていません。"
    "サーバーの管理者に、README の「掲載表を出す」のとおりに入れるよう頼んでください。"
    "Excel の掲載表は、このままでも出せます。"
)
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


# A cell's class, how many rows it covers, and its lines, of which a bullet's hangs out to the left.
PrintedCell = tuple[str, int, list[tuple[str, bool]]]


@dataclass
class PledgeRows:
    """A pledge's rows, of which each has the cells that begin in it. `is_whole`: it stays on one page."""

    is_whole: bool
    rows: list[list[PrintedCell]] = field(default_factory=list)


@dataclass
class SectionTable:
    """A section's heading, notes and table."""

    name: str
    notes: list[str] = field(default_factory=list)
    pledges: list[PledgeRows] = field(default_factory=list)


@dataclass
class CategoryTables:
    name: str
    sections: list[SectionTable] = field(default_factory=list)


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
                env={name: os.environ[name] for name in SURROUNDINGS if name in os.environ},
                timeout=SECONDS,
                pass_fds=[held],
            )
    except subprocess.TimeoutExpired as problem:
        raise PdfProblem("PDF を作るのに時間がかかりすぎたので、やめました。") from problem
    if done.returncode == MISSING:
        raise PdfUnavailable(UNAVAILABLE)
    if done.returncode:
        last_words = (done.stderr.decode(errors="replace").splitlines() or [""])[-1]
        raise PdfProblem(
            f"PDF を作れませんでした（{last_words[:500]}）。もう一度試し、同じなら管理者に知らせてください。"
        )
    return done.stdout


def html(table: PublishedTable, notes: Notes | None = None) -> str:
    """The table as a page for printing."""
    layout = lay_out(table, notes)
    head = layout.rows[: layout.heading]
    shown = {
        "title": table.title,
        "notes": [row.cells[0] for row in head if row.part is RowPart.NOTE],
        "legend": [row.cells[0] for row in head if row.part is RowPart.LEGEND],
        "columns": [(column, _css_class(column)) for column in layout.columns],
        "categories": _categories(layout),
    }
    return render_to_string("published_table/page.html", shown)


def _categories(layout: Layout) -> list[CategoryTables]:
    geometry = measure(layout)
    beginning = defaultdict[int, list[PrintedCell]](list)
    for area in sorted(geometry.areas, key=attrgetter("column")):
        beginning[area.first].append(_cell(layout.columns[area.column], area))
    categories: list[CategoryTables] = []
    for index, row in enumerate(layout.rows):
        match row.part:
            case RowPart.CATEGORY:
                categories.append(CategoryTables(row.cells[0]))
            case RowPart.SECTION:
                categories[-1].sections.append(SectionTable(row.cells[0]))
            case RowPart.NOTE if categories:
                categories[-1].sections[-1].notes.append(row.cells[0])
            case RowPart.INITIATIVE | RowPart.PLAN_PROJECT:
                pledges = categories[-1].sections[-1].pledges
                if row.begins_pledge:
                    pledges.append(PledgeRows(index in geometry.whole))
                pledges[-1].rows.append(beginning[index])
    return categories


def _cell(column: TableColumn, area: Area) -> PrintedCell:
    lines = [(without_mark(line), line.startswith(MARK)) for line in area.text.split("\n")]
    return _css_class(column), area.last - area.first + 1, lines


def _css_class(column: TableColumn) -> str:
    names = {Kind.PLEDGE: "pledge", Kind.PLAN_PROJECTS: "plans", Kind.SDGS: "sdgs", Kind.RATING: "rating"}
    return names.get(column.kind, "departments" if column.kind is Kind.DEPARTMENTS else "year")
