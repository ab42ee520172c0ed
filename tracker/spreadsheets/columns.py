"""The columns of a published table, learned from its headings: years are read, never assumed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from tracker.fiscal_years import fiscal_years_in
from tracker.folding import fold
from tracker.spreadsheets.grid import FileProblem


class Kind(Enum):
    """What a column holds."""

    PLEDGE = "マニフェスト"
    PLAN_PROJECTS = "総合計画実施計画の関連事業"
    SDGS = "SDGs関連項目"
    RESULT = "主な取組"
    PLAN = "取組予定"
    RATING = "実施状況"
    DEPARTMENTS = "担当課"


@dataclass(frozen=True)
class Column:
    """One column: its heading as printed, and for a year's column the fiscal year (`cumulative`: up to and including it)."""

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


NAMES = (
    (Kind.PLEDGE, re.compile(r"^(?:マニフェスト|公約)(?:項目|名)?$")),
    (Kind.PLAN_PROJECTS, re.compile(r"^総合計画.*関連事業$")),
    (Kind.SDGS, re.compile(r"^SDGs(?:関連項目)?$", re.IGNORECASE)),
    (Kind.RATING, re.compile(r"^(?:実施状況|達成状況|評価)$")),
    (Kind.DEPARTMENTS, re.compile(r"^担当(?:課|部署|部課)$")),
    (Kind.PLAN, re.compile(r"取組?み?予定$")),
    (Kind.RESULT, re.compile(r"の?(?:主な)?取り?組み?(?:実績)?$")),
)
REQUIRED = (Kind.PLEDGE, Kind.RESULT, Kind.RATING, Kind.DEPARTMENTS)
MAX_COLUMNS = 60


def _kind(heading: str) -> Kind | None:
    return next((kind for kind, pattern in NAMES if pattern.search(fold(heading))), None)


def is_heading_row(cells: Sequence[str]) -> bool:
    """Whether a row is a table's heading: at least three kinds of headings are in it."""
    return len({kind for cell in cells if len(cell) < 40 and (kind := _kind(cell)) is not None}) >= 3


def read_headings(cells: Sequence[str], row: int, sheet: str | None = None) -> tuple[Column, ...]:
    """The columns of a heading row. Raises FileProblem for an unknown, repeated, missing or unreadable heading."""
    headings = list(cells)
    while headings and not headings[-1].strip():
        headings.pop()
    if len(headings) > MAX_COLUMNS:
        raise FileProblem(f"見出しが多すぎます（{MAX_COLUMNS} 列まで）。", row=row, sheet=sheet)
    columns = tuple(_column(heading, row, sheet) for heading in headings)
    seen: set[tuple[Kind, int | None]] = set()
    for column in columns:
        key = (column.kind, column.fiscal_year)
        if key in seen:
            raise FileProblem("同じ見出しが 2 回あります。", row=row, column=column.heading, sheet=sheet)
        seen.add(key)
    for kind in REQUIRED:
        if not any(column.kind is kind for column in columns):
            raise FileProblem(f"見出し「{kind.value}」がありません。", row=row, sheet=sheet)
    for column in columns:
        if column.kind is Kind.PLAN and (Kind.RESULT, column.year - 1) not in seen:
            raise FileProblem("取組予定の前の年度の「主な取組」の列がありません。", row=row, column=column.heading, sheet=sheet)
    return columns


def _column(heading: str, row: int, sheet: str | None) -> Column:
    shown = " ".join(heading.split())
    kind = _kind(heading)
    if kind is None:
        raise FileProblem(
            "知らない見出しです。列の見出しを元の表のとおりに直してください。", row=row, column=shown or "（空欄）", sheet=sheet
        )
    if kind not in {Kind.RESULT, Kind.PLAN}:
        return Column(kind, shown)
    years = fiscal_years_in(heading)
    if len(years) != 1:
        raise FileProblem(
            "見出しから年度を読み取れません。「令和5年度の主な取組」のように書いてください。", row=row, column=shown, sheet=sheet
        )
    return Column(kind, shown, years[0], cumulative="年度まで" in fold(heading))
