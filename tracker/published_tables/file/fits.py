"""How well a cell suits a column, as costs for `alignment`: 0 fits, IMPOSSIBLE rules it out."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

from tracker.published_tables.file import cells, departments
from tracker.published_tables.file.alignment import IMPOSSIBLE, TOO_MUCH, Alignment, Fit
from tracker.published_tables.file.columns import TableColumn
from tracker.published_tables.file.headings import Kind
from tracker.published_tables.file.own_cells import rating_in
from tracker.published_tables.file.scale import Scale
from tracker.words.bullets import is_blank, is_nothing, text
from tracker.words.continuations import phrase_years

MAX_INVENTED = 3
MAX_CODE = 12  # characters of a rating, of whatever scale


@dataclass(frozen=True)
class Fits:
    """The costs under a table's columns and its scale."""

    columns: tuple[TableColumn, ...]
    scale: Scale

    def all(self) -> list[Fit]:
        """A cost function per column."""
        costs: dict[Kind, Fit] = {
            Kind.PLEDGE: pledge_cost,
            Kind.PLAN_PROJECTS: lambda cell: IMPOSSIBLE if self._is_of_the_end(cell) else plan_cost(cell),
            Kind.SDGS: lambda cell: IMPOSSIBLE if self._is_of_the_end(cell) else sdgs_cost(cell),
            Kind.PREVIOUS_RATING: lambda cell: 0 if len(cell) <= MAX_CODE else IMPOSSIBLE,
            Kind.RATING: self.rating_cost,
            Kind.DIVISION: self.division_cost,
            Kind.DEPARTMENTS: departments_cost,
            Kind.NOTE: lambda cell: 0,
        }
        return [costs.get(each.kind) or partial(self.year_cost, year=each.year) for each in self.columns]

    def inventing(self) -> list[float]:
        """The cost per column of a cell that a row lacks. Without rating or department a row is cut off."""
        last = {Kind.PREVIOUS_RATING, Kind.RATING, Kind.DIVISION, Kind.DEPARTMENTS}
        return [IMPOSSIBLE if column.kind in last else 1 for column in self.columns]

    def _is_of_the_end(self, cell: str) -> bool:
        """Whether a cell holds only a rating (and no SDG) or 課: then it is not one of the first columns."""
        terms = departments.read_departments(cell).terms
        is_rating = self.scale.is_code(cell) and not cells.rating_code(cell).isdigit()
        return is_rating or bool(terms and all(t.name.endswith("課") for t in terms))

    def rating_cost(self, cell: str) -> float:
        cell, _reason = rating_in(cell)
        if not cell.strip() or self.scale.is_unrated(cell):
            return 0
        return 0 if self.scale.code_of(cell) else IMPOSSIBLE

    def division_cost(self, cell: str) -> float:
        return IMPOSSIBLE if self.scale.is_code(cell) else departments_cost(cell)

    def year_cost(self, cell: str, year: int) -> float:
        """A year's text is no rating, department or SDGs, and its stock phrase names the year before."""
        if is_blank(cell) or is_nothing(cell):
            return 0
        if self.scale.is_code(cell) or is_department(cell) or re.fullmatch(r"[\d ∞]+", cell.strip()):
            return TOO_MUCH
        return 3 * sum(until != year - 1 for until in phrase_years(text(cell)))

    def split(self, cell: str, index: int) -> tuple[str, str] | None:
        """「A 管財課」 under rating and department."""
        kinds = [column.kind for column in self.columns[index : index + 2]]
        parts = cell.split(maxsplit=1)
        if kinds != [Kind.RATING, Kind.DEPARTMENTS] or len(parts) != 2 or not self.scale.is_code(parts[0]):
            return None
        return (parts[0], parts[1]) if not departments_cost(parts[1]) else None


def is_unbelievable(own: Sequence[str], alignment: Alignment, width: int) -> bool:
    """Whether too much is missing, or the wrong one of two equal cells may have been dropped."""
    filled = [cell.strip() for cell in own]
    copied = any(a == b and a and not is_nothing(a) for a, b in pairwise(filled))
    invented = sum(step.startswith("invent") for step in alignment.steps)
    return invented > MAX_INVENTED or (len(own) > width and copied)


def pledge_cost(cell: str) -> float:
    if not cell.strip() or cells.read_pledge(cell):
        return 0
    return 0.5 if is_nothing(cell) else IMPOSSIBLE


def plan_cost(cell: str) -> float:
    if not cell.strip() or is_nothing(cell) or cells.PLAN_CODE.match(cell.strip()):
        return 0
    if cells.read_pledge(cell):
        return IMPOSSIBLE
    return 2 if len(cell) < 60 and "。" not in cell else 8


def sdgs_cost(cell: str) -> float:
    if cells.PLAN_CODE.match(cell.strip()) or "。" in cell:
        return IMPOSSIBLE
    if not cell.strip() or is_nothing(cell) or re.match(r"^[\d∞]", cell.strip()):
        return 0
    return 3 if len(cell) < 20 else 8


def is_department(cell: str) -> bool:
    """Whether a cell holds departments only; 「部」 and 「委員会」 end texts as well (一部, 検討委員会)."""
    terms = departments.read_departments(cell).terms
    return (
        bool(terms)
        and not departments_cost(cell)
        and all(t.name.endswith(departments.ENDINGS) for t in terms)
    )


def departments_cost(cell: str) -> float:
    if not cell.strip() or is_nothing(cell):
        return 0
    if len(cell) > 120 or "。" in cell:
        return IMPOSSIBLE
    return 4 if departments.read_departments(cell).doubtful else 0
