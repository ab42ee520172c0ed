"""What would be read of a table by the choices so far: counts, scale, first pledges, doubts by cell."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from tracker.published_tables.file.keeping import not_kept
from tracker.published_tables.file.table import (
    Anomaly,
    PublishedTable,
    TableCategory,
    TablePledge,
    TableSection,
)
from tracker.published_tables.uploads import ReadUpload
from tracker.staff.tables.advice import on_the_page
from tracker.staff.tables.choices import PLACES
from tracker.staff.tables.sheet_grid import SheetGrid
from tracker.words.cutting import cut
from tracker.words.numbering import labelled
from tracker.words.step_names import NOT_RATED

FIRST_PLEDGES = 5
MOST_DOUBTS = 100  # told one by one
MOST_OF_A_TEXT = 80


@dataclass(frozen=True)
class ToldPlace:
    """Something said of a place of the file, with the way to it ("" where it has none)."""

    where: str
    words: str
    way: str


@dataclass(frozen=True)
class FirstPledge:
    """A pledge as it was read, for a look whether it is right."""

    place: str
    text: str
    initiatives: int
    ratings: str
    offices: str


@dataclass(frozen=True)
class ReadOutcome:
    """All that the result's part of the page tells. `counts` is None where the table cannot be read yet."""

    problems: list[ToldPlace]
    doubts: list[ToldPlace]
    doubt_count: int
    counts: list[tuple[str, int, str]] | None = None
    ratings: tuple[tuple[str, int], ...] = ()
    is_ranked: bool = True
    pledges: tuple[FirstPledge, ...] = ()
    initiatives: int = 0
    not_kept: tuple[str, ...] = ()

    @property
    def may_go_on(self) -> bool:
        return self.counts is not None and not self.not_kept


def outcome_of(found: ReadUpload, sheet: SheetGrid) -> ReadOutcome:
    """What a page tells of a table as it is read now."""
    understood, table = found.understood, found.understood.table
    problems = list(_problems(found, sheet))
    doubts = [_told(doubt, sheet) for doubt in understood.doubts[:MOST_DOUBTS]]
    if table is None:
        return ReadOutcome(problems, doubts, len(understood.doubts))
    return ReadOutcome(
        problems,
        doubts,
        len(understood.doubts),
        _counts(table),
        tuple(_ratings(table)),
        table.has_ranks,
        tuple(_pledge(*each) for each in table.pledges()[:FIRST_PLEDGES]),
        len(table.initiatives()),
        tuple(not_kept(table)),
    )


def _problems(found: ReadUpload, sheet: SheetGrid) -> Iterator[ToldPlace]:
    if misfit := found.understood.misfit:
        anchor, name = PLACES.get(misfit.key, ("reading", "読み方"))
        yield ToldPlace(name, misfit.words, f"#{anchor}")
    for problem in found.understood.problems:
        where = problem.in_words("").partition("：")[0].strip() or "表の全体"
        yield ToldPlace(where, *on_the_page(problem.message, sheet.way_to_problem(problem)))


def _told(doubt: Anomaly, sheet: SheetGrid) -> ToldPlace:
    read = f"「{cut(doubt.read, MOST_OF_A_TEXT)}」" if doubt.read else ""
    places = [f"シート「{doubt.sheet}」" if doubt.sheet else "", f"{doubt.row}行目" if doubt.row else ""]
    places.append(f"「{doubt.column}」の列" if doubt.column else "")
    where = " ".join(filter(None, places)) or "表の全体"
    return ToldPlace(
        where, f"{read}{doubt.done}", sheet.way_to(doubt.sheet, doubt.row, doubt.column) if doubt.row else ""
    )


def _counts(table: PublishedTable) -> list[tuple[str, int, str]]:
    """(words, number, unit) of each kind of thing."""
    counts = table.counts()
    names = ("categories", "分野"), ("sections", "項目"), ("pledges", "公約"), ("initiatives", "取組")
    told = [*((words, counts[name], "件") for name, words in names), ("担当課", counts["departments"], "課")]
    measured = sum(len(each.indicators) for each in table.initiatives())
    beyond = [("指標", measured, "件"), ("追加の項目", len(table.extra_labels), "列")]
    return [*told, *(each for each in beyond if each[1])]


def _ratings(table: PublishedTable) -> Iterator[tuple[str, int]]:
    """How many initiatives each step has, in the order of the scale; those without a rating last."""
    counts = Counter(initiative.rating for initiative in table.initiatives())
    yield from ((step.called, counts[step.code]) for step in table.ratings)
    yield NOT_RATED, counts[None]


def _pledge(category: TableCategory, section: TableSection, pledge: TablePledge) -> FirstPledge:
    initiatives = pledge.initiatives
    codes = dict.fromkeys(each.rating or NOT_RATED for each in initiatives)
    offices = dict.fromkeys(term.name for each in initiatives for term in each.departments)
    where = " › ".join(filter(None, (category.name, section.name)))
    text = cut(labelled(pledge.number, pledge.text), MOST_OF_A_TEXT)
    return FirstPledge(where, text, len(initiatives), "、".join(codes), "、".join(offices))
