"""The columns of a published table, proposed from its headings: years are read, never assumed."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from openpyxl.utils import get_column_letter

from tracker.published_tables.file.headings import (
    BEFORE_A_PLEDGE,
    FIGURES,
    OF_INDICATORS,
    Heading,
    Kind,
    read_heading,
)
from tracker.workbooks.problems import FileProblem


@dataclass(frozen=True)
class TableColumn:
    """One column: its heading as printed and its year, if it has one (`cumulative`: up to that year).

    A column of kind NOTE is not known to the reader; its cells are kept under its heading. `code` is the step
    that a mark in the column means.
    """

    kind: Kind
    heading: str
    fiscal_year: int | None = None
    cumulative: bool = False
    code: str = ""

    @property
    def year(self) -> int:
        """The fiscal year of a result or plan column."""
        if self.fiscal_year is None:
            raise ValueError(f"{self.heading} is no year's column")
        return self.fiscal_year


# What a table may lack, and the words of a heading that may have been meant for it; one without words may.
EXPECTED = {
    Kind.RATING: re.compile("状況|情況|評価|(?:達成|進捗)(?!率)|^(?:[A-Z]+列|[0-9]+列目)$"),
    Kind.DEPARTMENTS: re.compile("担当|所管|主管|部署|課|^(?:[A-Z]+列|[0-9]+列目)$"),
}
SAY_COLUMNS = "配置（--layout）の columns で、それぞれ何の列かを示してください。"
RENAME = f"どちらかの見出しを別の名前にするか、{SAY_COLUMNS}"
MAX_COLUMNS = 60
MAX_HEADING = 40  # characters; a longer cell is a text


def heading_kinds(cells: Sequence[str]) -> set[Kind]:
    """The kinds of headings that a row's cells say."""
    return {read_heading(cell).kind for cell in cells if cell.strip() and len(cell) < MAX_HEADING} - {
        Kind.NOTE
    }


def is_heading_row(cells: Sequence[str]) -> bool:
    """Whether a row is a table's heading: at least three kinds of headings are in it."""
    return len(heading_kinds(cells)) >= 3


def read_headings(
    cells: Sequence[str], row: int, sheet: str | None = None, *, width: int = 0
) -> tuple[TableColumn, ...]:
    """The columns of a heading row. Blank headings at its end count up to `width`, the filled columns below.

    Raises FileProblem for a repeated or unreadable heading, and for a missing pledge. An unknown one is a
    column of notes.
    """
    headings = list(cells)
    while len(headings) > width and not headings[-1].strip():
        headings.pop()
    if len(headings) > MAX_COLUMNS:
        raise FileProblem(f"見出しが多すぎます（{MAX_COLUMNS} 列まで）。", row=row, sheet=sheet)
    return _HeadingRow([read_heading(heading) for heading in headings], row, sheet).columns()


def refuse_lacking(columns: Sequence[TableColumn], row: int, sheet: str | None = None) -> None:
    """Raises FileProblem for a missing column that one which is not known may be meant for."""
    kinds = {column.kind for column in columns}
    unknown = [column.heading for column in columns if column.kind is Kind.NOTE]
    lacking = [kind for kind, words in EXPECTED.items() if any(map(words.search, unknown))]
    lacking += [Kind.DEPARTMENTS] if Kind.DIVISION in kinds else []
    for kind in lacking:
        if kind not in kinds and not (kind is Kind.RATING and Kind.MARK in kinds):
            message = f"見出し「{kind.value}」がありません。{_to_check(unknown)}"
            raise FileProblem(message, row=row, sheet=sheet)


def _to_check(unknown: Sequence[str]) -> str:
    """The headings that may have been meant, in a sentence."""
    names = "".join(f"「{name or '（空欄）'}」" for name in unknown)
    return f"知らない見出し{names}を確かめてください。" if names else ""


class _HeadingRow:
    """One heading row: what a heading means can depend on the others."""

    def __init__(self, headings: list[Heading], row: int, sheet: str | None) -> None:
        self.headings, self.row, self.sheet = headings, row, sheet

    def columns(self) -> tuple[TableColumn, ...]:
        self._settle_levels()
        self._settle_pairs()
        self._settle_figures()
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

    def _settle_levels(self) -> None:
        """Decides which levels of the plan are field, section and pledge.

        Without a column that is called the pledge, the last level is it, or the initiatives' names are. What
        stands between pledge and section says what is done for the pledge.
        """
        levels, pledges = self._places(Kind.SECTION), self._places(Kind.PLEDGE)
        names = self._places(Kind.INITIATIVE)
        if names and not pledges and not levels:
            self._become(names[0], Kind.PLEDGE)
            pledges, names = names[:1], names[1:]
        for place in names[1:]:
            self._become(place, Kind.NOTE)
        if not pledges and levels:
            pledges = [levels.pop()]
            self._become(pledges[0], Kind.PLEDGE)
        if len(pledges) != 1:
            return
        above = [place for place in levels if place < pledges[0]]
        below = [place for place in levels if place > pledges[0]]
        for place, kind in zip(above, (Kind.FIELD, Kind.SECTION), strict=False):
            self._become(place, kind)
        for place in (*above[2:], *below):
            alone = len(below) == 1 and not names and not BEFORE_A_PLEDGE.match(self.headings[place].shown)
            self._become(place, Kind.INITIATIVE if place in below and alone else Kind.NOTE)

    def _settle_pairs(self) -> None:
        """Takes 「目標」 and 「実績」 below one year for an indicator's, where a column names indicators."""
        if not self._places(Kind.INDICATOR):
            return
        dated = [(place, each) for place, each in enumerate(self.headings) if len(each.fiscal_years) == 1]
        targets = {place: each.fiscal_years for place, each in dated if each.wording == "目標"}
        for place, heading in dated:
            if place in targets:
                self._become(place, Kind.TARGET)
            elif heading.wording == "実績" and heading.fiscal_years in targets.values():
                self._become(place, Kind.ACTUAL)

    def _settle_figures(self) -> None:
        """Takes figures for an indicator's only where their year is told."""
        for place, heading in enumerate(self.headings):
            if heading.kind in FIGURES and not heading.is_dated:
                self._become(place, Kind.NOTE)
        if not any(self._places(kind) for kind in FIGURES):
            for kind in OF_INDICATORS:
                for place in self._places(kind):
                    self._become(place, Kind.NOTE)

    def _settle_ratings(self) -> None:
        """Decides which column is the rating: 「評価」 before 「実施状況」, no year or the latest first.

        The others are ratings of their year, texts of it, or notes. A wrong choice cannot pass: every rating
        must be in the legend.
        """
        places = self._places(Kind.RATING)
        if len(places) < 2:
            for place in places:
                self.headings[place] = replace(self.headings[place], fiscal_years=())
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
            kind = Kind.RATING if heading.is_clear_rating else Kind.RESULT
            self._become(place, kind if len(heading.fiscal_years) == 1 else Kind.NOTE)
        self.headings[best] = replace(self.headings[best], kind=Kind.RATING, fiscal_years=())

    def _settle_departments(self) -> None:
        """Takes 「担当部局」 alone for the departments, unless an unknown heading may be meant for them."""
        divisions = self._places(Kind.DIVISION)
        if self._places(Kind.DEPARTMENTS) or len(divisions) != 1:
            return
        unknown = [self.headings[place].shown for place in self._places(Kind.NOTE)]
        is_whole = len(self.headings[divisions[0]].shown) > 1
        if is_whole and not any("担当" in name or "所管" in name for name in unknown):
            self._become(divisions[0], Kind.DEPARTMENTS)

    def _settle_undated(self) -> None:
        """Takes 「取組内容」 without a year for a note beside dated columns; alone, for the table's year.

        Beside dated columns of the very same wording, its year was forgotten.
        """
        for place in self._places(Kind.NOTE):
            if self.headings[place].may_lack_year and not self._places(Kind.RESULT):
                self._become(place, Kind.RESULT)
        dated = [each for each in self.headings if each.kind is Kind.RESULT and each.fiscal_years]
        for place in self._places(Kind.RESULT) if dated else ():
            heading = self.headings[place]
            if heading.may_lack_year and heading.wording not in {each.wording for each in dated}:
                self.headings[place] = replace(heading, kind=Kind.NOTE, lacks_year=False)
        lacking = [place for place, heading in enumerate(self.headings) if heading.lacks_year]
        alone = (
            len(lacking) == 1 and not self._years(Kind.RESULT) and not self.headings[lacking[0]].fiscal_years
        )
        if alone and self.headings[lacking[0]].kind is Kind.RESULT:
            self.headings[lacking[0]] = replace(self.headings[lacking[0]], lacks_year=False)
        for heading in self.headings:
            if heading.lacks_year:
                message = "見出しから年度を読み取れません。「令和5年度の主な取組」のように書いてください。"
                raise self._problem(message, heading.shown)

    def _settle_plans(self) -> None:
        """Makes notes of plans without results of the year before, if these lie after all results, or if
        there are none at all. Refuses where all plans are so, and there are results.
        """
        results, plans = self._years(Kind.RESULT), self._places(Kind.PLAN)
        if self._places(Kind.RESULT) and not results:
            return  # undated: of the year that the date tells
        loose = [place for place in plans if self._is_loose(self.headings[place].fiscal_years[0], results)]
        for place in loose:
            heading = self.headings[place]
            if results and len(loose) == len(plans):
                message = f"取組予定の前の年度の「主な取組」の列がありません。{self._unknown()}"
                raise self._problem(message, heading.shown)
            self._become(place, Kind.NOTE)

    @staticmethod
    def _is_loose(year: int, results: Collection[int]) -> bool:
        """Whether a plan for a year has no place among the years of results."""
        return year - 1 not in results and (not results or year > max(results))

    def _check(self) -> None:
        seen: set[tuple[Kind, tuple[int, ...]]] = set()
        for heading in self.headings:
            key = (heading.kind, heading.fiscal_years)
            if heading.kind is not Kind.NOTE and key in seen:
                raise self._problem(f"同じ見出しが 2 回あります。{RENAME}", heading.shown)
            seen.add(key)
        if not self._places(Kind.PLEDGE):
            raise self._problem(f"見出し「{Kind.PLEDGE.value}」がありません。{self._unknown()}")

    def _unknown(self) -> str:
        return _to_check([self.headings[place].shown for place in self._places(Kind.NOTE)])

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
    is_of_year = heading.kind in {Kind.RESULT, Kind.PLAN, Kind.RATING, *FIGURES} and heading.fiscal_years
    year = heading.fiscal_years[0] if is_of_year else None
    return TableColumn(heading.kind, heading.shown, year, heading.cumulative)


def _rank(heading: Heading) -> tuple[bool, bool, int]:
    return heading.is_clear_rating, not heading.fiscal_years, max(heading.fiscal_years, default=0)
