"""A column of an open data table: its name, what it means, and how a row gives its value."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, partial
from operator import attrgetter
from typing import Any, Literal

from tracker.words.fiscal_years import short_label

DataValue = str | int | None
DataType = Literal["文字列", "整数", "日付"]
Getter = str | Callable[[Any], Any]  # of a row's value: a path of attributes, "entry.key", or a function


def _read(getter: Getter) -> Callable[[Any], Any]:
    return attrgetter(getter) if isinstance(getter, str) else getter


@dataclass(frozen=True)
class DataColumn:
    """A column. Its name never changes; `title` is its name in Japanese.

    `blank` says what an empty cell means; "" promises that there is none. `choices` are all values with their
    meanings; `refers_to` is the table whose column of the same name lists them, one row each. `is_wording`:
    the city's own text, so CSV and Excel rewrite platform-dependent characters.
    """

    type: DataType
    name: str
    title: str
    getter: Getter
    meaning: str = ""
    unit: str = ""
    blank: str = ""
    choices: Mapping[DataValue, str] = field(default_factory=dict)
    refers_to: str = ""
    is_wording: bool = False

    def value(self, row: Any) -> DataValue:
        """A row's value, as `in_file` writes it."""
        return in_file(self.read(row))

    @cached_property
    def read(self) -> Callable[[Any], DataValue | date]:
        """How a row gives its value."""
        return _read(self.getter)


def in_file(value: DataValue | date) -> DataValue:
    """A value as files have it: a date is written as 2024-03-31, an empty text is no value."""
    if isinstance(value, date):
        return value.isoformat()
    return None if value == "" else value


text = partial(DataColumn, "文字列")
wording = partial(DataColumn, "文字列", is_wording=True)  # text as the city wrote it
number = partial(DataColumn, "整数")
day = partial(DataColumn, "日付")
year = partial(number, meaning="西暦。4月から翌年3月まで", unit="年度")


def flag(name: str, title: str, getter: Getter, yes: str, no: str) -> DataColumn:
    """A column of 1, where there is something, and 0."""
    read = _read(getter)
    return number(name, title, lambda row: int(bool(read(row))), choices={1: yes, 0: no})


def fiscal_years(getter: Getter, title: str) -> list[DataColumn]:
    """A fiscal year: Gregorian as a number, and in the Japanese era beside it."""
    read, same = _read(getter), "fiscal_year と同じ年度"
    return [
        year("fiscal_year", f"{title}（西暦）", getter),
        text("fiscal_year_label", f"{title}（和暦）", lambda row: short_label(read(row)), same),
    ]


# Of an edition (table.EditionData).
REPORT_COLUMNS: tuple[DataColumn, ...] = (
    text("municipality_code", "全国地方公共団体コード", "city.code", "検査数字を含む6桁の数字"),
    wording("municipality_name", "地方公共団体名", "city.name"),
    text("manifesto", "マニフェストの名前", "report.slug", "このサイトのアドレスの最初の部分"),
    day("as_of", "時点", "report.as_of", "公表版がいつの状態を表すか。西暦の年月日"),
    number("edition", "版", "report.edition", "1 が最初の公表、2 からは訂正", unit="版"),
)
# Where a fiscal year has several reports; the tables of all others are as they were.
NAMED_REPORT_COLUMNS = (
    *REPORT_COLUMNS,
    wording(
        "round_name", "報告回の名前", "report.round_name", "同じ年度に2回以上報告するときの、この公表版の名前"
    ),
)
