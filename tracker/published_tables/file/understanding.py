"""What a grid is understood as, by what a person has said of it so far: all is told, nothing raised. Pure.

A page shows it beside the cells. So there is always a whole document to show, also where what was said does
not fit, or where the program has questions.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from openpyxl.utils import get_column_letter

from tracker.published_tables.file import own_table
from tracker.published_tables.file.columns import MAX_COLUMNS, read_headings
from tracker.published_tables.file.document import LayoutDocument, LayoutProblem, as_document, document_of
from tracker.published_tables.file.grid import Grid, Row
from tracker.published_tables.file.heading_rows import likeliest, span_of, texts_of
from tracker.published_tables.file.headings import Kind, read_heading
from tracker.published_tables.file.layout import Layout
from tracker.published_tables.file.parser import read
from tracker.published_tables.file.proposal import Proposal, propose
from tracker.published_tables.file.roles import LABELLED, MAX_LABEL, NAMES, YEARLY, role_of
from tracker.published_tables.file.table import Anomaly, PublishedTable
from tracker.workbooks.problems import FileProblem

OF_HEADINGS = ("heading_rows", "columns", "further_headings")


@dataclass(frozen=True)
class Understanding:
    """`document` is whole: what was said, and what is proposed for the rest. `table` is there if it was read.

    `misfit`: what was said does not fit the grid; then everything else is without that part of it.
    `problems` stop the reading. `is_own`: we have written this table, and read it exactly.
    """

    document: dict[str, Any]
    layout: Layout
    table: PublishedTable | None
    doubts: tuple[Anomaly, ...]
    problems: tuple[FileProblem, ...]
    misfit: LayoutProblem | None = None
    is_own: bool = False


def understand(grid: Grid, said: Mapping[str, Any]) -> Understanding:
    """How a grid is read by a document; an empty one leaves everything to the proposal."""
    own = own_table.read_own_table(grid) if not said else None
    proposal, misfit = _proposal(grid, said)
    document = _whole(grid, proposal.layout, said)
    if own:
        return Understanding(document, proposal.layout, own, tuple(own.anomalies), (), is_own=True)
    if misfit:  # what is proposed without it would only confuse
        return Understanding(document, proposal.layout, None, (), (), misfit)
    if proposal.questions:
        return Understanding(document, proposal.layout, None, proposal.doubts, proposal.questions)
    try:
        table = read(grid, proposal.layout)
    except FileProblem as problem:
        return Understanding(document, proposal.layout, None, proposal.doubts, (problem,))
    table.anomalies[:0] = proposal.doubts
    return Understanding(document, proposal.layout, table, tuple(table.anomalies), ())


def _proposal(grid: Grid, said: Mapping[str, Any]) -> tuple[Proposal, LayoutProblem | None]:
    """The proposal, and the first part of what was said that does not fit: all such parts are left out."""
    left, first = dict(said), None
    while True:
        try:
            return propose(grid, document_of(left) if left else LayoutDocument()), first
        except LayoutProblem as problem:
            first = first or problem
            left = (
                {key: value for key, value in left.items() if key != problem.key}
                if problem.key in left
                else {}
            )


def _whole(grid: Grid, layout: Layout, said: Mapping[str, Any]) -> dict[str, Any]:
    """The document of the layout; headings that could not be followed stand in it as they were said."""
    document = as_document(layout)
    document |= {key: said[key] for key in OF_HEADINGS if key in said}
    if "heading_rows" not in document:
        found = likeliest(grid.rows)
        number = grid.rows[found[0]].number if found else 1
        document["heading_rows"] = [number, number]
    if "columns" not in document:
        first, last = document["heading_rows"]
        document["columns"] = roles_by_heading(rows_between(grid, None, first, last))
    return document


def rows_between(grid: Grid, sheet: str | None, first: int, last: int) -> list[Row]:
    """The rows from a number to another, of a sheet; None: of that with the likeliest heading there."""
    span = span_of(grid.rows, first, last, sheet)
    own = grid.rows[span[0]].sheet if span else sheet
    return [row for row in grid.rows if row.sheet == own and first <= row.number <= last]


def roles_by_heading(rows: Sequence[Row]) -> dict[str, str]:
    """A role per column, by its letter, for heading rows that could not be understood as a whole."""
    if not rows:
        return {"A": NAMES[Kind.PLEDGE]}
    texts = texts_of(rows)[:MAX_COLUMNS]
    try:
        roles = [role_of(column) for column in read_headings(texts, rows[0].number, rows[0].sheet)]
    except FileProblem:
        roles = [_role_alone(text, get_column_letter(place + 1)) for place, text in enumerate(texts)]
    return {get_column_letter(place + 1): _short(role) for place, role in enumerate(roles)}


def _role_alone(text: str, letter: str) -> str:
    """What a heading says by itself."""
    heading = read_heading(text)
    year = heading.fiscal_years[0] if len(heading.fiscal_years) == 1 else None
    if heading.kind in LABELLED or (heading.kind in YEARLY and year is None):
        return f"{NAMES[Kind.NOTE]} {heading.shown or f'{letter}列'}"
    is_dated = heading.kind in YEARLY | {Kind.RESULT}
    return f"{NAMES[heading.kind]} {year}" if is_dated and year else NAMES[heading.kind]


def _short(role: str) -> str:
    word, _, label = role.partition(" ")
    return f"{word} {label[:MAX_LABEL]}" if label else word
