"""The columns of a published table, learned from its headings: years are read, never assumed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from openpyxl.utils import get_column_letter

from tracker.published_tables.file.headings import Heading, Kind, read_heading
from tracker.workbooks.problems import FileProblem


@dataclass(frozen=True)
class TableColumn:
    """One column: its heading as printed and its year, if it has one (`cumulative`: up to that year).

    A column of kind NOTE is not known to the reader; its cells are kept under its heading.
    """

    kind: Kind
    heading: str
    fiscal_year: int | None = None
    cumulative: bool = False

    @property
    def year(self) -> int:
        """The fiscal year of a result or plan column."""
        if self.fiscal_year is None:
            raise ValueError(f"{self.heading} is no year's column")
        return self.fiscal_year


REQUIRED = (Kind.PLEDGE, Kind.RESULT, Kind.RATING, Kind.DEPARTMENTS)
MAX_COLUMNS = 60


def is_heading_row(cells: Sequence[str]) -> bool:
    """Whether a row is a table's heading: at least three kinds of headings are in it."""
    kinds = {read_heading(cell).kind for cell in cells if cell.strip() and len(cell) < 40}
    return len(kinds - {Kind.NOTE}) >= 3


def read_headings(
    cells: Sequence[str], row: int, sheet: str | None = None, *, width: int = 0
) -> tuple[TableColumn, ...]:
    """The columns of a heading row. Blank headings at its end count up to `width`, the filled columns below.

    Raises FileProblem for a repeated, missing or unreadable heading. An unknown one is a column of notes.
    """
    headings = list(cells)
    while len(headings) > width and not headings[-1].strip():
        headings.pop()
    if len(headings) > MAX_COLUMNS:
        raise FileProblem(f"見出しが多すぎます（{MAX_COLUMNS} 列まで）。", row=row, sheet=sheet)
    return _HeadingRow([read_heading(heading) for heading in headings], row, sheet).columns()


class _HeadingRow:
    """One heading row: what a heading means can depend on the others."""

    def __init__(self, headings: list[Heading], row: int, sheet: str | None) -> None:
        self.headings, self.row, self.sheet = headings, row, sheet

    def columns(self) -> tuple[TableColumn, ...]:
        self._settle_ratings()
        self._settle_departments()
        self._settle_undated()
        self._settle_plans()
        self._check()
        names = self._note_names()
        return tuple(_column(heading, names.get(place, "")) for place, heading in enumerate(self.headings))

    def _places(self, kind: Kind) -> list[int]:
        return [place for place, heading in enumerate(self.headings) if heading.kind is kind]

    def _years(self, kind: Kind) -> set[int]:
        return {year for each in self.headings if each.kind is kind for year in each.fiscal_years[:1]}

    def _become(self, place: int, kind: Kind) -> None:
        self.headings[place] = replace(self.headings[place], kind=kind)

    def _settle_ratings(self) -> None:
        """Decides which column is the rating: 「評価」 before 「実施状況」, no year or the latest first.

        The others are texts of their year, or notes. A wrong choice cannot pass: every rating must be in the
        legend.
        """
        places = self._places(Kind.RATING)
        if len(places) < 2:
            return
        ranks = {place: _rank(self.headings[place]) for place in places}
        best, *more = [place for place in places if ranks[place] == max(ranks.values())]
        if more:
            names = [f"「{self.headings[place].shown}」" for place in (best, *more)]
            if len(set(names)) > 1:
                message = f"評価の列が{''.join(names)}のどれか決められません。"
                raise self._problem(f"{message}評価でない列の見出しを、別の名前にしてください。")
            return  # a repeated heading: told below
        for place in places:
            heading = self.headings[place]
            is_text = len(heading.fiscal_years) == 1 and not heading.is_clear_rating
            self._become(place, Kind.RESULT if is_text else Kind.NOTE)
        self.headings[best] = replace(self.headings[best], kind=Kind.RATING, fiscal_years=())

    def _settle_departments(self) -> None:
        """Takes 「担当部局」 alone for the departments, unless an unknown heading may be meant for them."""
        divisions = self._places(Kind.DIVISION)
        if self._places(Kind.DEPARTMENTS) or len(divisions) != 1:
            return
        unknown = [self.headings[place].shown for place in self._places(Kind.NOTE)]
        is_whole = len(self.headings[divisions[0]].shown) > 2
        if is_whole and not any("担当" in name or "所管" in name for name in unknown):
            self._become(divisions[0], Kind.DEPARTMENTS)

    def _settle_undated(self) -> None:
        """Takes 「取組内容」 without a year for a note beside dated columns; alone, its year is missing."""
        for place in self._places(Kind.NOTE):
            if self.headings[place].may_lack_year and not self._years(Kind.RESULT):
                self.headings[place] = replace(self.headings[place], kind=Kind.RESULT, lacks_year=True)
        for heading in self.headings:
            if heading.lacks_year:
                message = "見出しから年度を読み取れません。「令和5年度の主な取組」のように書いてください。"
                raise self._problem(message, heading.shown)

    def _settle_plans(self) -> None:
        """Makes notes of plans without results of the year before. Refuses where all are so, and later."""
        results, plans = self._years(Kind.RESULT), self._places(Kind.PLAN)
        loose = [place for place in plans if self.headings[place].fiscal_years[0] - 1 not in results]
        for place in loose:
            heading = self.headings[place]
            if results and len(loose) == len(plans) and heading.fiscal_years[0] > max(results):
                message = f"取組予定の前の年度の「主な取組」の列がありません。{self._unknown()}"
                raise self._problem(message, heading.shown)
            self._become(place, Kind.NOTE)

    def _check(self) -> None:
        seen: set[tuple[Kind, tuple[int, ...]]] = set()
        for heading in self.headings:
            key = (heading.kind, heading.fiscal_years)
            if heading.kind is not Kind.NOTE and key in seen:
                raise self._problem("同じ見出しが 2 回あります。", heading.shown)
            seen.add(key)
        for kind in REQUIRED:
            if not self._places(kind):
                raise self._problem(f"見出し「{kind.value}」がありません。{self._unknown()}")

    def _unknown(self) -> str:
        """The headings that may have been meant, in a sentence."""
        names = "".join(
            f"「{self.headings[place].shown or '（空欄）'}」" for place in self._places(Kind.NOTE)
        )
        return f"知らない見出し{names}を確かめてください。" if names else ""

    def _note_names(self) -> dict[int, str]:
        """A name for every column of notes: its heading, numbered where it comes again, or its place."""
        names: dict[int, str] = {}
        for place in self._places(Kind.NOTE):
            blank = f"{get_column_letter(place + 1)}列" if self.sheet else f"{place + 1}列目"
            name = self.headings[place].shown or blank
            numbered = (f"{name}（{number}）" for number in range(2, MAX_COLUMNS + 2))
            names[place] = next(free for free in (name, *numbered) if free not in names.values())
        return names

    def _problem(self, message: str, column: str | None = None) -> FileProblem:
        return FileProblem(message, row=self.row, column=column, sheet=self.sheet)


def _column(heading: Heading, note: str) -> TableColumn:
    if heading.kind is Kind.NOTE:
        return TableColumn(Kind.NOTE, note)
    year = heading.fiscal_years[0] if heading.kind in {Kind.RESULT, Kind.PLAN} else None
    return TableColumn(heading.kind, heading.shown, year, heading.cumulative)


def _rank(heading: Heading) -> tuple[bool, bool, int]:
    return heading.is_clear_rating, not heading.fiscal_years, max(heading.fiscal_years, default=0)
