"""A column of an open data table: its name, what it means, and how a row gives its value."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal, NamedTuple

from django.conf import settings

from tracker.words.fiscal_years import short_label

DataValue = str | int | None
DataType = Literal["文字列", "整数", "日付"]
Getter = Callable[[Any], Any]  # of a row's value


class Reference(NamedTuple):
    """Where the values of a column are listed, one row each."""

    table: str
    column: str


@dataclass(frozen=True)
class DataColumn:
    """A column. Its name never changes; `title` is its name in Japanese.

    `blank` says what an empty cell means; "" promises that there is none. `choices` are all values with their
    meanings. `is_wording`: the city's own text, so CSV and Excel rewrite platform-dependent characters.
    """

    name: str
    title: str
    type: DataType
    value: Getter
    meaning: str = ""
    unit: str = ""
    blank: str = ""
    choices: Mapping[DataValue, str] = field(default_factory=dict)
    refers_to: Reference | None = None
    is_wording: bool = False


def text_column(name: str, title: str, value: Getter, meaning: str = "", **more: Any) -> DataColumn:
    return DataColumn(name, title, "文字列", lambda row: value(row) or None, meaning, **more)


def wording_column(name: str, title: str, value: Getter, meaning: str = "", **more: Any) -> DataColumn:
    """A column of text as the city wrote it."""
    return text_column(name, title, value, meaning, is_wording=True, **more)


def number_column(name: str, title: str, value: Getter, meaning: str = "", **more: Any) -> DataColumn:
    """A column of whole numbers."""
    return DataColumn(name, title, "整数", value, meaning, **more)


def flag_column(name: str, title: str, value: Getter, yes: str, no: str) -> DataColumn:
    """A column of 1 and 0."""
    return DataColumn(name, title, "整数", lambda row: int(value(row)), choices={1: yes, 0: no})


def date_column(name: str, title: str, value: Getter, meaning: str = "", **more: Any) -> DataColumn:
    """A column of dates, written as 2024-03-31."""
    return DataColumn(name, title, "日付", lambda row: _iso(value(row)), meaning, **more)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def fiscal_year_columns(value: Getter, of: str) -> list[DataColumn]:
    """A fiscal year: Gregorian as a number, and in the Japanese era beside it."""
    label, begins = lambda row: short_label(value(row)), "西暦。4月から翌年3月まで"
    return [
        number_column("fiscal_year", f"{of}（西暦）", value, begins, unit="年度"),
        text_column("fiscal_year_label", f"{of}（和暦）", label, "fiscal_year と同じ年度"),
    ]


REPORT_COLUMNS: tuple[DataColumn, ...] = (
    text_column(
        "municipality_code",
        "全国地方公共団体コード",
        lambda _report: settings.CITY_CODE,
        "検査数字を含む6桁の数字",
    ),
    wording_column("municipality_name", "地方公共団体名", lambda _report: settings.CITY_NAME),
    text_column(
        "manifesto", "マニフェストの名前", lambda report: report.slug, "このサイトのアドレスの最初の部分"
    ),
    date_column("as_of", "時点", lambda report: report.as_of, "公表版がいつの状態を表すか。西暦の年月日"),
    number_column("edition", "版", lambda report: report.edition, "1 が最初の公表、2 からは訂正", unit="版"),
)
