"""A published table as plain values: what the parser makes and the loader takes."""

from dataclasses import dataclass, field, replace
from datetime import date

from tracker.published_tables.file import cells, departments
from tracker.published_tables.file.headings import FIGURES, Kind
from tracker.words.bullets import is_nothing
from tracker.words.fiscal_years import fiscal_year_of
from tracker.words.visible import says_nothing


@dataclass(frozen=True)
class Anomaly:
    """One place (`row` is 1-based) where the table was interpreted: what was read and what was done.

    `sheet` is named where the file has several.
    """

    row: int
    column: str
    kind: str
    read: str
    done: str
    sheet: str = ""

    def in_words(self) -> str:
        """Place, what was read and what was done, in one line."""
        places = [f"シート「{self.sheet}」" if self.sheet else "", f"{self.row}行目" if self.row else ""]
        places.append(f"「{self.column}」の列" if self.column else "")
        return f"{' '.join(filter(None, places))}：「{self.read}」{self.done}"


@dataclass
class TableIndicator:
    """An indicator (指標) as read: targets, actual figures and rates by fiscal year, as printed."""

    name: str
    unit: str = ""
    targets: dict[int, str] = field(default_factory=dict)
    actuals: dict[int, str] = field(default_factory=dict)
    rates: dict[int, str] = field(default_factory=dict)

    @property
    def is_blank(self) -> bool:
        return not (self.targets or self.actuals or self.rates)

    def figures(self, kind: Kind) -> dict[int, str]:
        """Its numbers of a kind (one of FIGURES) by year."""
        return {Kind.TARGET: self.targets, Kind.ACTUAL: self.actuals, Kind.RATE: self.rates}[kind]


@dataclass
class TableInitiative:
    """One 取組 as read: `results` and `plans` by fiscal year. `sdgs` is None where the icons were lost.

    `previous_rating` is what the report before said, "" where it gave none, None where no report did or the
    table does not tell it. `rating_reason` says why the rating was changed, where the table tells it. `notes`
    maps the headings of columns that the reader does not know to what stood there, `extras` those of columns
    that a layout makes public. `ratings_by_year` are those of earlier years, None for unrated. `text` is
    the initiative's name, where a column tells it.
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
    text: str = ""
    extras: dict[str, str] = field(default_factory=dict)
    ratings_by_year: dict[int, str | None] = field(default_factory=dict)
    indicators: list[TableIndicator] = field(default_factory=list)

    @property
    def tells_nothing(self) -> bool:
        """Whether its row has no more than the pledge: every other cell is empty, or a dash."""
        told = [self.rating, self.previous_rating, self.rating_reason, self.text]
        told += self.ratings_by_year.values()
        told += [*self.results.values(), *self.plans.values(), *self.notes.values(), *self.extras.values()]
        told += [text for each in self.indicators for kind in FIGURES for text in each.figures(kind).values()]
        is_bare = not (self.plan_projects or self.sdgs or self.departments or self.others)
        return is_bare and all(says_nothing(text or "") for text in told)

    @property
    def tells_rating_alone(self) -> bool:
        """Whether its row rates the pledge, and says nothing of what was done, or by whom."""
        return self.rating is not None and replace(self, rating=None).tells_nothing


@dataclass
class TablePledge:
    """A pledge; without initiatives, where the table says that it has none yet."""

    position: int
    number: str
    text: str
    initiatives: list[TableInitiative] = field(default_factory=list)


@dataclass
class TableSection:
    """A section (項目). Number 0 and no name: the field has its pledges without one."""

    number: int
    name: str
    pledges: list[TablePledge] = field(default_factory=list)


@dataclass
class TableCategory:
    """A field (分野). Number 0 and no name: the table has its pledges without one."""

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
    has_ranks: bool = True  # False: the steps are classes without an order
    unranked: frozenset[str] = frozenset()  # codes that stand outside the order

    def is_ranked(self, step: cells.LegendStep) -> bool:
        """Whether a step of the scale stands in an order."""
        return self.has_ranks and step.code not in self.unranked

    @property
    def first_year(self) -> int:
        """The first fiscal year that the table tells of, its date's where no column has one."""
        return self.years[0] if self.years else fiscal_year_of(self.as_of)

    @property
    def figure_years(self) -> set[int]:
        """The years of which an indicator has an actual."""
        indicators = (each for initiative in self.initiatives() for each in initiative.indicators)
        return {year for each in indicators for year, text in each.actuals.items() if not is_nothing(text)}

    @property
    def reported_years(self) -> list[int]:
        """The years that the table reports on: those with results, and the date's own where none has any.

        Years of actuals join them, as far back as there is no gap: an older one is what a target began with.
        """
        years, figures = set(self.years) or {fiscal_year_of(self.as_of)}, self.figure_years
        first = min(years)
        while first - 1 in figures:
            first -= 1
        return sorted(years | {year for year in figures if year >= first})

    @property
    def planning_years(self) -> list[int]:
        """The years in whose rows the plans stand: each in that of the year before its own."""
        return sorted({year - 1 for year in self.plan_years})

    @property
    def extra_labels(self) -> list[str]:
        """The names of columns that a layout makes public, and some row fills, in order."""
        told = {label for each in self.initiatives() for label, text in each.extras.items() if text}
        every = dict.fromkeys(label for each in self.initiatives() for label in each.extras)
        return [label for label in every if label in told]

    def pledges(self) -> list[tuple[TableCategory, TableSection, TablePledge]]:
        """Every pledge with the section and category it stands in, in order."""
        return [(c, s, p) for c in self.categories for s in c.sections for p in s.pledges]

    def initiatives(self) -> list[TableInitiative]:
        """Every initiative, in order."""
        return [initiative for _, _, pledge in self.pledges() for initiative in pledge.initiatives]

    def counts(self) -> dict[str, int]:
        """How many of each thing the table holds."""
        return {
            "categories": sum(bool(category.number) for category in self.categories),
            "sections": sum(bool(section.number) for c in self.categories for section in c.sections),
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
