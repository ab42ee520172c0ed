"""Japanese fiscal years (年度): reading them from text and writing them for people.

A fiscal year is an int, the Gregorian year in which it begins: 2024 is 令和6年度, April 2024 to March 2025.
"""

import calendar
import re
from contextlib import suppress
from datetime import date
from typing import Literal

from tracker.words.folding import fold

# First Gregorian year of each era, as the fiscal year is counted; 平成31年度 and 令和元年度 are both 2019.
ERAS = {"令和": 2019, "平成": 1989, "昭和": 1926, "R": 2019, "H": 1989, "S": 1926}
YEAR_TEXT = r"(?:(?P<era>令和|平成|昭和|R|H|S)(?P<count>\d{1,2}|元)|(?P<gregorian>(?:19|20)\d\d))年"
FISCAL_YEAR = re.compile(YEAR_TEXT + "度")
MONTH_END = re.compile(YEAR_TEXT + r"(?P<month>\d{1,2})月末")
FULL_DATE = re.compile(YEAR_TEXT + r"(?P<month>\d{1,2})月(?P<day>\d{1,2})日")
# R7.3.31, 2025/3/31; 令和6年度末, which is 31 March; 令和7年3月現在, which is that month's end.
SHORT_DATE = re.compile(
    YEAR_TEXT.removesuffix("年") + r"(?P<dot>[./])(?P<month>\d{1,2})(?P=dot)(?P<day>\d{1,2})(?!\d)"
)
YEAR_END = re.compile(YEAR_TEXT + "度末")
MONTH_NOW = re.compile(YEAR_TEXT + r"(?P<month>\d{1,2})月(?=時点|現在)")
AS_OF_FORMS = (MONTH_END, FULL_DATE, SHORT_DATE, YEAR_END, MONTH_NOW)


def year_of(match: re.Match[str]) -> int:
    """The Gregorian year of a match of YEAR_TEXT."""
    if match["gregorian"]:
        return int(match["gregorian"])
    count = 1 if match["count"] == "元" else int(match["count"])
    return ERAS[match["era"]] + count - 1


def fiscal_years_in(text: str) -> list[int]:
    """Every fiscal year that the text names, in order: 「令和5年度」, 「R5年度」, 「２０２３年度」."""
    return [year_of(match) for match in FISCAL_YEAR.finditer(fold(text))]


def year_named(text: str) -> int | None:
    """The fiscal year that a text is: 「令和7年度」, 「令和7」, 「R7」, 「2025」. None for others."""
    match = re.fullmatch(YEAR_TEXT, fold(text).removesuffix("度").removesuffix("年") + "年")
    return year_of(match) if match else None


def as_of_in(text: str) -> date | None:
    """The date that a text names: 「令和6年3月末時点」 is 31 March 2024. None where it names no real date."""
    folded = fold(text)
    match = next((found for form in AS_OF_FORMS if (found := form.search(folded))), None)
    if not match:
        return None
    year, told = year_of(match), match.groupdict()
    if "month" not in told:
        return date(year + 1, 3, 31)
    month, day = int(told["month"]), told.get("day")
    with suppress(ValueError):
        return date(year, month, int(day) if day else calendar.monthrange(year, month)[1])
    return None


def fiscal_year_of(day: date) -> int:
    """The fiscal year that a date falls in: 31 March 2024 is in 2023."""
    return day.year if day.month >= 4 else day.year - 1


def term_in(fiscal_year: int, first: int | None, last: int | None) -> Literal["past", "current", "next"]:
    """What a term from one fiscal year to another (None: unlimited there) is in a fiscal year."""
    if last is not None and last < fiscal_year:
        return "past"
    return "next" if first is not None and first > fiscal_year else "current"


def terms_overlap(first: int | None, last: int | None, since: int | None, until: int | None) -> bool:
    """Whether two terms, first to last and since to until (None: unlimited there), have a year in common."""
    begin, end = max(first or 0, since or 0), min(last or 9_999, until or 9_999)
    return begin <= end


def era_year(year: int) -> str:
    """「令和6」 for 2024, 「令和元」 for 2019, 「平成30」 for 2018. A year before 1989 stays Gregorian."""
    for era in ("令和", "平成"):
        if year >= ERAS[era]:
            count = year - ERAS[era] + 1
            return f"{era}{'元' if count == 1 else count}"
    return str(year)


def short_label(fiscal_year: int) -> str:
    """「令和6年度」."""
    return f"{era_year(fiscal_year)}年度"


def label(fiscal_year: int) -> str:
    """「令和6年度（2024年度）」, the form for people."""
    return f"{short_label(fiscal_year)}（{fiscal_year}年度）"


def term_label(first: int | None, last: int | None) -> str:
    """「（令和4年度～令和5年度）」, open where it is unlimited; empty where it is on both sides. One year is
    「（令和6年度）」.
    """
    begin, end = (short_label(year) if year else "" for year in (first, last))
    if begin and begin == end:
        return f"（{begin}）"
    return f"（{begin}～{end}）" if begin or end else ""


def round_label(fiscal_year: int, name: str) -> str:
    """「令和6年度上半期」, and without a name 「令和6年度」: which report of a year is meant."""
    return f"{short_label(fiscal_year)}{name}"


def dated_label(day: date, fiscal_year: int, name: str) -> str:
    """「令和6年9月末時点（令和6年度上半期）」, and without a name 「令和6年9月末時点」."""
    return f"{date_label(day)}（{round_label(fiscal_year, name)}）" if name else date_label(day)


def month_label(day: date) -> str:
    """「令和6年3月」. 令和 began on 1 May 2019; a fiscal year has one era, but its days may have two."""
    year = "平成31" if date(2019, 1, 1) <= day < date(2019, 5, 1) else era_year(day.year)
    return f"{year}年{day.month}月"


def day_label(day: date) -> str:
    """「令和6年3月15日」."""
    return f"{month_label(day)}{day.day}日"


def date_label(day: date) -> str:
    """「令和6年3月末時点」 for the last day of a month, else 「令和6年3月15日時点」."""
    return f"{f'{month_label(day)}末' if _ends_month(day) else day_label(day)}時点"


def month_or_day(day: date) -> str:
    """「3月末」 for the last day of a month, else 「3月15日」: what tells the reports of one year apart."""
    return f"{day.month}月末" if _ends_month(day) else f"{day.month}月{day.day}日"


def _ends_month(day: date) -> bool:
    return day.day == calendar.monthrange(day.year, day.month)[1]
