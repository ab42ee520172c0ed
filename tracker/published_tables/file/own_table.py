"""Reads exactly a published table that we wrote ourselves, where the general reader would guess.

A sheet is ours when laying out what was read gives the same cells and merges once more. A file in which
somebody has changed more than the wording of cells is left to the general reader.
"""

import re
from collections.abc import Mapping, Sequence

from tracker.published_tables.file import own_cells, table
from tracker.published_tables.file.columns import TableColumn
from tracker.published_tables.file.grid import Grid, Row
from tracker.published_tables.file.headings import FIGURES, OF_INDICATORS, Kind
from tracker.published_tables.file.laid_table import LEGEND_HEADING, LaidRow, Notes, lay_out
from tracker.published_tables.file.looks import doubts_of_aside
from tracker.published_tables.file.own_cells import NOTE
from tracker.published_tables.file.repeats import repeats_in
from tracker.published_tables.file.table import PublishedTable
from tracker.words.bullets import NOTHING
from tracker.words.fiscal_years import as_of_in, fiscal_years_in

OWN_CATEGORY = re.compile(r"(\d+)\. (.+)", re.DOTALL)
BY_YEAR = "|".join(kind.value for kind in (Kind.RESULT, Kind.PLAN, *FIGURES))
OWN_YEAR = re.compile(rf"(?P<year>\S+年度)(?P<until>まで)?の(?P<kind>{BY_YEAR})")
OWN_SECTION = re.compile(r"\((\d+)\) (.+)", re.DOTALL)


def read_own_table(grid: Grid) -> PublishedTable | None:
    """The table of a sheet that is laid out as we do it; None for every other one."""
    rows = [row for row in grid.rows if row.filled]
    if len(grid.sheets) != 1 or not rows:
        return None
    try:
        reader = _OwnTable(rows)
        again = lay_out(reader.table, Notes(tuple(reader.head), reader.notes)).rows
    except (ValueError, LookupError):  # whatever a row of another shape trips over
        return None
    reader.table.anomalies.extend([*doubts_of_aside(grid), *repeats_in(reader.table)])
    return reader.table if [_shape(row) for row in again] == [_shape(row) for row in rows] else None


def _shape(row: Row | LaidRow) -> tuple[Sequence[str], frozenset[int]]:
    """A row's cells without the blank ones at its end."""
    cells = list(row.cells)
    while cells and not cells[-1]:
        cells.pop()
    return cells, row.merged


def _column(heading: str) -> TableColumn:
    """The column of a heading as we print it. Raises ValueError for any other."""
    if heading.endswith(own_cells.EXTRA_MARK):
        return TableColumn(Kind.EXTRA, heading.removesuffix(own_cells.EXTRA_MARK))
    match = OWN_YEAR.fullmatch(heading)
    if not match:
        return TableColumn(Kind(heading), heading)
    (year,) = fiscal_years_in(match["year"])
    return TableColumn(Kind(match["kind"]), heading, year, cumulative=bool(match["until"]))


class _OwnTable:
    """Walks the rows once, top to bottom. Raises ValueError or LookupError where they are not ours.

    A line that is not ours may be passed over: then the table, laid out again, has other rows.
    """

    def __init__(self, rows: Sequence[Row]) -> None:
        legend = [row.cells[0] for row in rows].index(LEGEND_HEADING)
        headings = [row.filled > 1 for row in rows].index(True)
        self.columns = tuple(_column(cell) for cell in _shape(rows[headings])[0])
        kinds = [column.kind for column in self.columns]
        self.rating_place = kinds.index(Kind.RATING)
        self.head = [row.cells[0].removeprefix(NOTE) for row in rows[1:legend]]
        self.notes: dict[tuple[int, int], tuple[str, ...]] = {}
        self.above: dict[TableColumn, str] = {}
        title = rows[0].cells[0]
        as_of = as_of_in(title)
        if as_of is None:
            raise ValueError(title)
        steps = [row.cells[0] for row in rows[legend + 1 : headings]]
        unranked = [own_cells.legend_in(line).code for line in steps if line.endswith(own_cells.NO_RANK)]
        has_ranks = not steps or len(unranked) < len(steps)
        self.table = PublishedTable(
            title=title,
            as_of=as_of,
            ratings=[own_cells.legend_in(line) for line in steps],
            years=sorted(column.year for column in self.columns if column.kind is Kind.RESULT),
            plan_years=sorted(column.year for column in self.columns if column.kind is Kind.PLAN),
            cumulative_year=next((column.year for column in self.columns if column.cumulative), None),
            has_ranks=has_ranks,
            unranked=frozenset(unranked) if has_ranks else frozenset(),
        )
        self.codes = {NOTHING: None} | {step.code: step.code for step in self.table.ratings}
        for row in rows[headings + 1 :]:
            self._read(row)

    def _read(self, row: Row) -> None:
        if row.filled == 1 and row.cells[0]:
            self._line(row)
        elif self.rating_place in row.merged:
            self._further(row)
        elif own_cells.NOTHING_YET in row.cells:
            self._bare(row)
        else:
            self._initiative(row)

    def _line(self, row: Row) -> None:
        line = row.cells[0]
        if line.startswith(NOTE):
            section = self._section
            key = (self.table.categories[-1].number, section.number)
            self.notes[key] = (*self.notes.get(key, ()), line.removeprefix(NOTE))
        elif match := OWN_CATEGORY.fullmatch(line):
            self.table.categories.append(table.TableCategory(int(match[1]), match[2]))
        elif match := OWN_SECTION.fullmatch(line):
            self.table.categories[-1].sections.append(table.TableSection(int(match[1]), match[2]))

    @property
    def _section(self) -> table.TableSection:
        """The one that is being read; where no line has named any, the one without a name."""
        if not self.table.categories:
            self.table.categories.append(table.TableCategory(0, ""))
        category = self.table.categories[-1]
        if not category.sections:
            category.sections.append(table.TableSection(0, ""))
        return category.sections[-1]

    def _own(self, row: Row) -> dict[TableColumn, str]:
        """What a row's cells say by their columns."""
        return dict(zip(self.columns, (*row.cells, *[""] * len(self.columns)), strict=False))

    def _further(self, row: Row) -> None:
        """A further plan project and indicator of the initiative above."""
        merged = {column for place, column in enumerate(self.columns) if place in row.merged}
        own = {column: cell for column, cell in self._own(row).items() if column not in merged}
        initiative = self._section.pledges[-1].initiatives[-1]
        for column, cell in own.items():
            if column.kind is Kind.PLAN_PROJECTS:
                initiative.plan_projects.extend(own_cells.plan_project_in(cell))
        initiative.indicators += _indicators(own)

    def _bare(self, row: Row) -> None:
        """A pledge without an initiative."""
        pledges = self._section.pledges
        pledges.append(table.TablePledge(len(pledges) + 1, *own_cells.pledge_in(row.cells[0])))

    def _initiative(self, row: Row) -> None:
        own = self._own(row)
        values = {c: self.above[c] if index in row.merged else own[c] for index, c in enumerate(self.columns)}
        if 0 not in row.merged:
            pledges = self._section.pledges
            pledges.append(table.TablePledge(len(pledges) + 1, *own_cells.pledge_in(row.cells[0])))
        self.above = values
        by_kind = {column.kind: value for column, value in values.items()}
        texts = {column: "" if value == NOTHING else value for column, value in values.items()}
        rating, reason = own_cells.rating_in(by_kind[Kind.RATING])
        duties, others = own_cells.departments_in(by_kind[Kind.DEPARTMENTS])
        pledge = self._section.pledges[-1]
        pledge.initiatives.append(
            table.TableInitiative(
                position=len(pledge.initiatives) + 1,
                row=row.number,
                plan_projects=own_cells.plan_project_in(by_kind.get(Kind.PLAN_PROJECTS, NOTHING)),
                sdgs=own_cells.sdgs_in(by_kind.get(Kind.SDGS, "")),
                results={c.year: cell for c, cell in texts.items() if c.kind is Kind.RESULT},
                plans={c.year: cell for c, cell in texts.items() if c.kind is Kind.PLAN},
                rating=self.codes[rating],
                previous_rating=own_cells.previous_rating_in(by_kind.get(Kind.PREVIOUS_RATING, "")),
                rating_reason=reason,
                extras={c.heading: own_cells.value_in(v) for c, v in values.items() if c.kind is Kind.EXTRA},
                indicators=_indicators(values),
                departments=duties,
                others=others,
                text=own_cells.value_in(by_kind.get(Kind.INITIATIVE, NOTHING)),
                source=[{"row": row.number, "sheet": row.sheet, "cells": list(row.cells)}],
            )
        )


def _indicators(values: Mapping[TableColumn, str]) -> list[table.TableIndicator]:
    """The indicator of a row, or none."""
    told = {c: own_cells.value_in(cell) for c, cell in values.items() if c.kind in OF_INDICATORS}
    if not any(told.values()):
        return []
    named = {column.kind: text for column, text in told.items()}
    figures = ({c.year: text for c, text in told.items() if c.kind is kind and text} for kind in FIGURES)
    return [table.TableIndicator(named[Kind.INDICATOR], named.get(Kind.UNIT, ""), *figures)]
