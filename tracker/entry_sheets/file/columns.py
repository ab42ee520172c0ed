"""The columns of the entry sheet (入力シート): written in this order, known again by their headings."""

from dataclasses import dataclass
from enum import Enum

from tracker.words.fiscal_years import FISCAL_YEAR, short_label, year_of
from tracker.words.folding import fold

UNRATED = "none"  # the value of `rating` that says 「評価を付けない」; a step is its code, "" is no answer


class Use(Enum):
    """What a column is there for: not seen, read only, or written into."""

    HIDDEN = "隠れた欄"
    REFERENCE = "参考"
    INPUT = "入力"


@dataclass(frozen=True)
class EntryColumn:
    """One column. `heading` names years as {last_year}, {year}, {next_year}; its `width` is in digits."""

    name: str
    heading: str
    use: Use
    width: float
    note: str = ""

    def heading_for(self, fiscal_year: int) -> str:
        """The heading in the round of a fiscal year: 「令和6年度の主な取組」."""
        years = {"last_year": fiscal_year - 1, "year": fiscal_year, "next_year": fiscal_year + 1}
        return self.heading.format(**{name: short_label(year) for name, year in years.items()})


COLUMNS = (
    EntryColumn("id", "取組ID", Use.HIDDEN, 9),
    EntryColumn("version", "版", Use.HIDDEN, 6),
    EntryColumn("place", "番号", Use.REFERENCE, 9),
    EntryColumn("category", "分野", Use.REFERENCE, 13),
    EntryColumn("pledge", "公約", Use.REFERENCE, 25),
    EntryColumn("state", "状態", Use.REFERENCE, 9),
    EntryColumn("return_reason", "差戻しの理由", Use.REFERENCE, 20),
    EntryColumn("last_result", "{last_year}の主な取組", Use.REFERENCE, 35),
    EntryColumn("last_plan", "前の年度に書いた{year}の取組予定", Use.REFERENCE, 28),
    EntryColumn("last_rating", "前回の公表での実施状況", Use.REFERENCE, 13),
    EntryColumn(
        "result",
        "{year}の主な取組",
        Use.INPUT,
        43,
        "1 行に 1 つずつ、「・」から始めて書きます。"
        "いつ、何を、どれだけ行ったかが分かるように書いてください。"
        "セルの中で行を変えるには、Alt キーを押しながら Enter を押します。",
    ),
    EntryColumn("rating", "実施状況", Use.INPUT, 15),
    EntryColumn(
        "rating_reason",
        "評価を変えた理由",
        Use.INPUT,
        25,
        "前回の公表と違う評価を選んだときは、必ず書いてください。承認されると、市民にも公表されます。",
    ),
    EntryColumn(
        "plan",
        "{next_year}の取組予定",
        Use.INPUT,
        35,
        "1 行に 1 つずつ、「・」から始めて書きます。来年、この予定が実績の横に並びます。"
        "予定がなければ空のままにします。",
    ),
)
COLUMN_NAMES = tuple(column.name for column in COLUMNS)
HIDDEN_COLUMNS = tuple(column.name for column in COLUMNS if column.use is Use.HIDDEN)
INPUTS = tuple(column.name for column in COLUMNS if column.use is Use.INPUT)
RATING_COLUMNS = ("last_rating", "rating")  # whose values are codes


def heading_key(heading: str) -> str:
    """A heading as it is known again: 「R６年度の\n主な取組」 and 「令和6年度の主な取組」 are the same."""
    return FISCAL_YEAR.sub(lambda match: f"{year_of(match)}年度", fold(heading)).casefold()


def names_by_heading(fiscal_year: int) -> dict[str, str]:
    """Column names by the `heading_key` of their headings in the round of a fiscal year."""
    return {heading_key(column.heading_for(fiscal_year)): column.name for column in COLUMNS}
