"""The published table (掲載表) as rows of cells, which the workbook and the PDF both show. Pure.

One heading row stands above everything: it stays in sight on the screen and is repeated on every printed
page. Fields and sections are lines across the table. A pledge is merged over its initiatives, and an
initiative's cells over the rows of its further plan projects and indicators. Nothing else is: each
initiative shows its own texts, so that none of them seems to be another department's.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

from tracker.published_tables.file import own_cells
from tracker.published_tables.file.columns import TableColumn
from tracker.published_tables.file.headings import FIGURES, OF_INDICATORS, Kind
from tracker.published_tables.file.own_cells import NOTE
from tracker.published_tables.file.table import PublishedTable, TableIndicator, TableInitiative, TablePledge
from tracker.words.bullets import NOTHING
from tracker.words.fiscal_years import short_label

LEGEND_HEADING = "<実施状況>"


class RowPart(Enum):
    """What a row is part of."""

    TITLE = "表題"
    NOTE = "注記"
    LEGEND_HEADING = "凡例の見出し"
    LEGEND = "凡例"
    HEADINGS = "見出し"
    CATEGORY = "分野"
    SECTION = "項目"
    INITIATIVE = "取組"
    FURTHER = "関連事業や指標の続き"


LINES = set(RowPart) - {RowPart.HEADINGS, RowPart.INITIATIVE, RowPart.FURTHER}  # across the table


@dataclass(frozen=True)
class Notes:
    """Lines for what no column tells: under the title, and under a section's heading by (field, section)."""

    head: tuple[str, ...] = ()
    sections: Mapping[tuple[int, int], tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class LaidRow:
    """A row; a line across has one cell. `merged` holds the 0-based columns that are one with the cell above.

    `place` says where in the manifesto an initiative's row stands, for a person who has to find it.
    """

    part: RowPart
    cells: tuple[str, ...]
    merged: frozenset[int] = frozenset()
    place: str = ""

    @property
    def begins_pledge(self) -> bool:
        return self.part is RowPart.INITIATIVE and 0 not in self.merged


@dataclass(frozen=True)
class LaidTable:
    columns: tuple[TableColumn, ...]
    rows: tuple[LaidRow, ...]

    @property
    def heading(self) -> int:
        """Where the row of headings stands, which is repeated on every page."""
        return next(index for index, row in enumerate(self.rows) if row.part is RowPart.HEADINGS)


@dataclass(frozen=True)
class Area:
    """A cell and the laid rows that it covers, `first` to `last`."""

    first: int
    last: int
    column: int
    text: str


def lay_out(table: PublishedTable, notes: Notes | None = None) -> LaidTable:
    """A table as the rows of its publication. The same table always gives the same rows."""
    columns = tuple(_columns(table))
    return LaidTable(columns, tuple(_rows(table, notes or Notes(), columns)))


def areas_of(laid: LaidTable) -> tuple[Area, ...]:
    """Every cell of the tables, in order of its last row; the lines across the table are none."""
    growing: dict[int, Area] = {}
    found: list[Area] = []
    for index, row in enumerate(laid.rows):
        if row.part in LINES:
            found += growing.values()
            growing = {}
            continue
        for column, text in enumerate(row.cells):
            if column in row.merged:
                growing[column] = replace(growing[column], last=index)
            else:
                found += [growing[column]] if column in growing else []
                growing[column] = Area(index, index, column, text)
    return tuple(sorted([*found, *growing.values()], key=lambda area: (area.last, area.first, area.column)))


def _columns(table: PublishedTable) -> Iterator[TableColumn]:
    """A plan stands before the result of its year. Columns that no initiative uses are left out."""
    initiatives = table.initiatives()
    yield TableColumn(Kind.PLEDGE, Kind.PLEDGE.value)
    if any(initiative.text for initiative in initiatives):
        yield TableColumn(Kind.INITIATIVE, Kind.INITIATIVE.value)
    if any(initiative.plan_projects for initiative in initiatives):
        yield TableColumn(Kind.PLAN_PROJECTS, Kind.PLAN_PROJECTS.value)
    if any(initiative.sdgs is not None for initiative in initiatives):
        yield TableColumn(Kind.SDGS, Kind.SDGS.value)
    years = [(year, Kind.PLAN) for year in table.plan_years] + [(year, Kind.RESULT) for year in table.years]
    for year, kind in sorted(years, key=lambda each: (each[0], each[1] is Kind.RESULT)):
        cumulative = kind is Kind.RESULT and year == table.cumulative_year
        words = f"{short_label(year)}{'まで' if cumulative else ''}の{kind.value}"
        yield TableColumn(kind, words, year, cumulative)
    yield from _indicator_columns(initiatives)
    for label in table.extra_labels:
        yield TableColumn(Kind.EXTRA, label)
    if any(initiative.previous_rating is not None for initiative in initiatives):
        yield TableColumn(Kind.PREVIOUS_RATING, Kind.PREVIOUS_RATING.value)
    yield TableColumn(Kind.RATING, Kind.RATING.value)
    yield TableColumn(Kind.DEPARTMENTS, Kind.DEPARTMENTS.value)


def _indicator_columns(initiatives: Iterable[TableInitiative]) -> Iterator[TableColumn]:
    """What indicators are called, and their figures year by year; nothing without any."""
    indicators = [each for initiative in initiatives for each in initiative.indicators]
    if indicators:
        yield TableColumn(Kind.INDICATOR, Kind.INDICATOR.value)
    if any(each.unit for each in indicators):
        yield TableColumn(Kind.UNIT, Kind.UNIT.value)
    told = {(year, kind) for each in indicators for kind in FIGURES for year in each.figures(kind)}
    for year, kind in sorted(told, key=lambda each: (each[0], FIGURES.index(each[1]))):
        yield TableColumn(kind, f"{short_label(year)}の{kind.value}", year)


def _rows(table: PublishedTable, notes: Notes, columns: tuple[TableColumn, ...]) -> Iterator[LaidRow]:
    yield LaidRow(RowPart.TITLE, (table.title,))
    yield from _notes(notes.head)
    yield LaidRow(RowPart.LEGEND_HEADING, (LEGEND_HEADING,))
    for step in table.ratings:
        yield LaidRow(RowPart.LEGEND, (own_cells.legend_line(step, is_ranked=table.is_ranked(step)),))
    yield LaidRow(RowPart.HEADINGS, tuple(map(_heading, columns)))
    for category in table.categories:
        if category.name:
            yield LaidRow(RowPart.CATEGORY, (f"{category.number}. {category.name}",))
        for section in category.sections:
            if section.name:
                yield LaidRow(RowPart.SECTION, (f"({section.number}) {section.name}",))
            yield from _notes(notes.sections.get((category.number, section.number), ()))
            above = [each.number for each in (category, section) if each.name]
            for pledge in section.pledges:
                yield from _pledge_rows(pledge, columns, "-".join(map(str, [*above, pledge.position])))


def _heading(column: TableColumn) -> str:
    return column.heading + (own_cells.EXTRA_MARK if column.kind is Kind.EXTRA else "")


def _notes(lines: tuple[str, ...]) -> Iterator[LaidRow]:
    return (LaidRow(RowPart.NOTE, (NOTE + line,)) for line in lines)


def _pledge_rows(pledge: TablePledge, columns: tuple[TableColumn, ...], place: str) -> Iterator[LaidRow]:
    if not pledge.initiatives:
        yield LaidRow(RowPart.INITIATIVE, tuple(_bare_cells(columns, pledge)), place=place)
    for initiative in pledge.initiatives:
        cells = tuple(_cell(column, pledge, initiative) for column in columns)
        own_place = f"{place}-{initiative.position}"
        if initiative is pledge.initiatives[0]:
            yield LaidRow(RowPart.INITIATIVE, cells, place=own_place)
        else:
            yield LaidRow(RowPart.INITIATIVE, ("", *cells[1:]), frozenset({0}), own_place)
        for number in range(1, max(len(initiative.plan_projects), len(initiative.indicators))):
            further = [_further_cell(column, initiative, number) for column in columns]
            rest = frozenset(place for place, text in enumerate(further) if text is None)
            yield LaidRow(RowPart.FURTHER, tuple(text or "" for text in further), rest, own_place)


def _bare_cells(columns: tuple[TableColumn, ...], pledge: TablePledge) -> Iterator[str]:
    """A pledge without an initiative says so in place of its last result, or of its department."""
    results = [column for column in columns if column.kind is Kind.RESULT]
    telling = results[-1] if results else columns[-1]
    for column in columns:
        is_pledge = column.kind is Kind.PLEDGE
        told = own_cells.pledge_cell(pledge.number, pledge.text) if is_pledge else NOTHING
        yield own_cells.NOTHING_YET if column is telling else told


def _further_cell(column: TableColumn, initiative: TableInitiative, number: int) -> str | None:
    """A cell of an initiative's how-manieth row; None where it is one with the cell above."""
    if column.kind is Kind.PLAN_PROJECTS and number < len(initiative.plan_projects):
        return own_cells.plan_project_cell(initiative.plan_projects[number])
    if column.kind in OF_INDICATORS and number < len(initiative.indicators):
        return _indicator_cell(column, initiative.indicators[number])
    return None


def _indicator_cell(column: TableColumn, indicator: TableIndicator) -> str:
    if column.kind is Kind.INDICATOR:
        return own_cells.value_cell(indicator.name)
    if column.kind is Kind.UNIT:
        return own_cells.value_cell(indicator.unit)
    return own_cells.value_cell(indicator.figures(column.kind).get(column.year, ""))


def _cell(column: TableColumn, pledge: TablePledge, initiative: TableInitiative) -> str:
    match column.kind:
        case Kind.PLEDGE:
            return own_cells.pledge_cell(pledge.number, pledge.text)
        case Kind.INITIATIVE:
            return own_cells.value_cell(initiative.text)
        case Kind.PLAN_PROJECTS:
            first = initiative.plan_projects[:1]
            return own_cells.plan_project_cell(first[0]) if first else NOTHING
        case Kind.SDGS:
            return own_cells.sdgs_cell(initiative.sdgs)
        case Kind.RESULT:
            return initiative.results[column.year] or NOTHING
        case Kind.PLAN:
            return initiative.plans[column.year] or NOTHING
        case Kind.EXTRA:
            return own_cells.value_cell(initiative.extras.get(column.heading, ""))
        case kind if kind in OF_INDICATORS:
            return _indicator_cell(column, next(iter(initiative.indicators), TableIndicator("")))
        case Kind.RATING:
            return own_cells.rating_cell(initiative.rating, initiative.rating_reason)
        case Kind.PREVIOUS_RATING:
            return own_cells.previous_rating_cell(initiative.previous_rating)
        case _:
            return own_cells.departments_cell(initiative.departments, initiative.others)
