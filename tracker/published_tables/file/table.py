"""A published table as plain values: what the parser makes and the loader takes."""

from dataclasses import dataclass, field
from datetime import date

from tracker.published_tables.file import cells, departments


@dataclass(frozen=True)
class Anomaly:
    """One place (`row` is 1-based) where the table was interpreted: what was read and what was done."""

    row: int
    column: str
    kind: str
    read: str
    done: str


@dataclass
class TableInitiative:
    """One 取組 as read: `results` and `plans` by fiscal year. `sdgs` is None where the icons were lost.

    `previous_rating` is what the report before said, "" where it gave none, None where no report did or the
    table does not tell it. `rating_reason` says why the rating was changed, where the table tells it. `notes`
    maps the headings of columns that the reader does not know to what stood there.
    """

    position: int
    row: int
    plan_projects: list[cells.PlanReference]
    sdgs: tuple[int, ...] | None
    results: dict[int, str]
    plans: dict[int, str]
    rating: str | None
    departments: tuple[departments.DepartmentTerm, ...]
    others: bool
    previous_rating: str | None = None
    rating_reason: str = ""
    source: list[dict[str, object]] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)


@dataclass
class TablePledge:
    position: int
    number: str
    text: str
    initiatives: list[TableInitiative] = field(default_factory=list)


@dataclass
class TableSection:
    number: int
    name: str
    pledges: list[TablePledge] = field(default_factory=list)


@dataclass
class TableCategory:
    number: int
    name: str
    sections: list[TableSection] = field(default_factory=list)


@dataclass
class PublishedTable:
    """A published table. `years` are those with results; `cumulative_year` is the one that means "up to"."""

    title: str
    as_of: date
    ratings: list[cells.LegendStep]
    years: list[int]
    plan_years: list[int]
    cumulative_year: int | None
    categories: list[TableCategory] = field(default_factory=list)
    anomalies: list[Anomaly] = field(default_factory=list)

    def pledges(self) -> list[tuple[TableCategory, TableSection, TablePledge]]:
        """Every pledge with the section and category it stands in, in order."""
        return [(c, s, p) for c in self.categories for s in c.sections for p in s.pledges]

    def initiatives(self) -> list[TableInitiative]:
        """Every initiative, in order."""
        return [initiative for _, _, pledge in self.pledges() for initiative in pledge.initiatives]

    def counts(self) -> dict[str, int]:
        """How many of each thing the table holds."""
        return {
            "categories": len(self.categories),
            "sections": sum(len(category.sections) for category in self.categories),
            "pledges": len(self.pledges()),
            "initiatives": len(self.initiatives()),
            "departments": len(self.department_names()),
            "unrated": sum(initiative.rating is None for initiative in self.initiatives()),
        }

    def department_names(self) -> list[str]:
        """Every department once, in order of appearance."""
        return list(dict.fromkeys(term.name for term in self.department_terms()))

    def department_terms(self) -> list[departments.DepartmentTerm]:
        """Every department with its years once, in order of appearance."""
        return list(dict.fromkeys(term for i in self.initiatives() for term in i.departments))
