"""Values of columns that a manifesto defines as data (追加の項目): what may be typed, kept and shown.

A value is kept as a text in one spelling: a number without separators, a date as 2025-03-31, a choice by its
name. Pure: a column is whatever describes itself as one.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import Protocol, TypeVar
from urllib.parse import urlsplit

from tracker.words.fiscal_years import FULL_DATE, day_label, term_in, year_of
from tracker.words.folding import fold
from tracker.words.typed_text import control_refusal
from tracker.words.visible import says_nothing

TEXT, NUMBER, DATE, CHOICE, LINK = "text", "number", "date", "choice", "link"
REMARK = "remark"  # a line beside a number
FIELD = "extra_"  # begins the names of fields and of the entry sheet's columns: extra_x1
MAX_DIGITS = 15  # of a number: a workbook keeps no more
MAX_LINK = 2_000  # characters
MAX_REMARK = 500
GROUPED = re.compile(r"-?(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.[0-9]+)?")
PLAIN_DATE = re.compile(r"((?:19|20)[0-9]{2})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})")
ERA_DATE = re.compile(r"([RHS])([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})")
MINUS = str.maketrans(dict.fromkeys("▲△−‐–ー", "-"))

# What `fold` would join: 「5 10」 is no 510.
TWO_NUMBERS = re.compile(r"[\d.,．，]\s+[\d.,．，]")
IN_PIECES = "数の途中に空白があります。1 つの数として、続けて書いてください（例：1,200）。"
NO_NUMBER = "数として読めません。数字だけで書いてください（例：1,200）。"
NO_DATE = "日付として読めません。「令和7年3月31日」か「2025-03-31」のように、年・月・日を書いてください。"
NO_LINK = "リンクとして読めません。https:// か http:// から始まるアドレスを書いてください。"
ONE_LINE = "1 行で書く欄です。途中の改行を消してください。"


class ColumnProblem(ValueError):  # noqa: N818 - the field's own word for it
    """A text that is no value of its column: what is wrong, and what to do."""


class DescribedColumn(Protocol):
    """What a value needs to know of its column."""

    @property
    def code(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def unit(self) -> str: ...
    @property
    def decimals(self) -> int: ...
    @property
    def open_choices(self) -> list[str]: ...
    @property
    def ended_choices(self) -> list[str]: ...
    @property
    def is_required(self) -> bool: ...
    @property
    def first_fiscal_year(self) -> int | None: ...
    @property
    def last_fiscal_year(self) -> int | None: ...


class FilledColumn(DescribedColumn, Protocol):
    """A column as a form has it: with who fills it in, and who reads it."""

    @property
    def heading(self) -> str: ...
    @property
    def is_of_planning(self) -> bool: ...
    @property
    def is_public(self) -> bool: ...


class AskedInYears(Protocol):
    """What is asked for from one fiscal year to another (None: without limit there)."""

    @property
    def first_fiscal_year(self) -> int | None: ...
    @property
    def last_fiscal_year(self) -> int | None: ...


Asked = TypeVar("Asked", bound=AskedInYears)


def asked_in(fiscal_year: int, columns: Iterable[Asked]) -> list[Asked]:
    """Of columns, or of indicators, those that are asked for in a fiscal year."""
    return [c for c in columns if term_in(fiscal_year, c.first_fiscal_year, c.last_fiscal_year) == "current"]


def heading(column: DescribedColumn) -> str:
    return heading_of(column.label, column.unit)


def heading_of(label: str, unit: str) -> str:
    """A column's name, with the unit of its numbers: 「事業費（千円）」."""
    return f"{label}（{unit}）" if unit else label


def value_of(column: DescribedColumn, typed: str, stands: str = "") -> str:
    """What is kept of a typed text; "" for nothing. Raises ColumnProblem.

    What `stands` there already is taken as it is, though the column may ask for something else by now.
    """
    if typed == stands and stands:
        return typed
    if refusal := control_refusal(typed):
        raise ColumnProblem(refusal)
    if says_nothing(typed):
        return ""
    if column.kind == TEXT:
        return typed
    if "\n" in typed.strip():
        raise ColumnProblem(ONE_LINE)
    return READERS[column.kind](column, typed.strip())


def _number(column: DescribedColumn, typed: str) -> str:
    text = fold(typed).translate(MINUS)
    if column.unit:
        text = text.removesuffix(fold(column.unit))
    if TWO_NUMBERS.search(typed):
        raise ColumnProblem(IN_PIECES)
    if not GROUPED.fullmatch(text):
        raise ColumnProblem(NO_NUMBER)
    number = Decimal(text.replace(",", "")).normalize()
    if _places(f"{number:f}") > column.decimals:
        most = f"小数は {column.decimals} 桁まで" if column.decimals else "小数のない数"
        raise ColumnProblem(f"{most}で書いてください（「{typed}」とあります）。")
    if len(f"{abs(number):f}".replace(".", "")) > MAX_DIGITS:
        raise ColumnProblem(f"数が大きすぎます。{MAX_DIGITS} 桁までで書いてください。")
    return f"{number:f}" if number else "0"


def _date(column: DescribedColumn, typed: str) -> str:
    text = fold(typed)
    parts: tuple[int, int, int] | None = None
    if match := FULL_DATE.fullmatch(text):
        parts = year_of(match), int(match["month"]), int(match["day"])
    elif match := PLAIN_DATE.fullmatch(text):
        parts = int(match[1]), int(match[2]), int(match[3])
    elif match := ERA_DATE.fullmatch(text):
        spelled = FULL_DATE.fullmatch(f"{match[1]}{match[2]}年{match[3]}月{match[4]}日")
        parts = (year_of(spelled), int(match[3]), int(match[4])) if spelled else None
    with suppress(ValueError):
        if parts:
            return date(*parts).isoformat()
    raise ColumnProblem(NO_DATE)


def _choice(column: DescribedColumn, typed: str) -> str:
    key = fold(typed).casefold()
    for choice in column.open_choices:
        if fold(choice).casefold() == key:
            return choice
    allowed = "".join(f"「{choice}」" for choice in column.open_choices)
    if any(fold(choice).casefold() == key for choice in column.ended_choices):
        raise ColumnProblem(f"「{typed}」は、いまは使わない選択肢です。{allowed}のどれかを選んでください。")
    raise ColumnProblem(f"「{typed}」という選択肢はありません。{allowed}のどれかを選んでください。")


def _link(column: DescribedColumn, typed: str) -> str:
    if len(typed) > MAX_LINK:
        raise ColumnProblem(f"リンクは {MAX_LINK:,} 文字までです（いま {len(typed):,} 文字）。")
    with suppress(ValueError):
        address = urlsplit(typed)
        if address.scheme in {"http", "https"} and address.hostname and not re.search(r'[\s"<>\\]', typed):
            return typed
    raise ColumnProblem(NO_LINK)


def _remark(column: DescribedColumn, typed: str) -> str:
    if len(typed) > MAX_REMARK:
        raise ColumnProblem(f"{MAX_REMARK} 文字までです（いま {len(typed):,} 文字）。")
    return typed


READERS: dict[str, Callable[[DescribedColumn, str], str]] = {
    NUMBER: _number,
    DATE: _date,
    CHOICE: _choice,
    LINK: _link,
    REMARK: _remark,
}


def in_words(kind: str, unit: str, decimals: int, value: str) -> str:
    """A value as people read it: 「1,200 千円」, 「令和7年3月31日」."""
    with suppress(ValueError, ArithmeticError):
        if kind == NUMBER and value:
            return f"{Decimal(value):,.{max(decimals, _places(value))}f} {unit}".rstrip()
        if kind == DATE and value:
            return day_label(date.fromisoformat(value))
    return value


def _places(value: str) -> int:
    return len(value.partition(".")[2])


def said(column: DescribedColumn, value: str) -> str:
    """`in_words` of a column's value."""
    return in_words(column.kind, column.unit, column.decimals, value)


def field_of(code: str) -> str:
    """What a form's field and a sheet's column of an extra column are called."""
    return f"{FIELD}{code}"


def kept(values: Mapping[str, str]) -> dict[str, str]:
    """The values that say something, by code."""
    return {code: value for code, value in values.items() if value}
