"""What the JSON columns of reports hold, as types."""

from collections.abc import Iterable
from typing import Literal, NotRequired, TypedDict

ONCE = ""  # the year of a value that holds whatever the year
TextKind = Literal["new", "continued", "none"]  # own wording, only "as before", no text


class ReportedRating(TypedDict):
    """A step of a report's scale. `level` 1 to 5 is its look, 0 that of a step outside the order of a scale
    that has one; `percent` None: the scale gives none. `ranked` is there where it is False.
    """

    code: str
    label: str
    definition: str
    percent: int | None
    level: int
    ranked: NotRequired[bool]


class ReportedManifesto(TypedDict, total=False):
    """What a manifesto says of itself. What is not said is not there; the years only where both are known."""

    mayor: str
    evaluator: str
    consideration: str
    original_url: str
    original_sha256: str
    original_size: int
    easy: str
    english: str
    first_fiscal_year: int
    last_fiscal_year: int


class ReportedYear(TypedDict):
    """A column of a report: the results, or the plans, of a fiscal year."""

    fiscal_year: int
    kind: Literal["result", "plan"]
    cumulative: bool


class NumberedName(TypedDict):
    number: int
    name: str


class CodedName(TypedDict):
    code: str
    name: str


class Outline(TypedDict):
    """What a report's entries name, for menus: fields in order, departments and plan codes by code, and goals
    of the SDGs by number; older reports do not say which of these.
    """

    categories: list[NumberedName]
    departments: list[CodedName]
    plans: list[CodedName]
    goals: NotRequired[list[int]]


class ReportedDepartment(TypedDict):
    """A department with a duty for an initiative, and when it has it, seen from the report's year."""

    code: str
    name: str
    from_year: int | None
    to_year: int | None
    when: Literal["past", "current", "next"]


def in_charge(departments: Iterable[ReportedDepartment]) -> list[ReportedDepartment]:
    """Those that answer for an initiative in its report's fiscal year."""
    return [term for term in departments if term["when"] == "current"]


def not_in_charge(departments: Iterable[ReportedDepartment]) -> dict[str, ReportedDepartment]:
    """Those that did before or will later only, by code."""
    found = list(departments)
    now = {term["code"] for term in in_charge(found)}
    return {term["code"]: term for term in found if term["code"] not in now}


class ReportedProject(TypedDict):
    """A plan project: its code as printed, the code of its policy ("2-2-3", or empty), its name."""

    code: str
    base_code: str
    name: str


class RatedYear(TypedDict):
    """The rating of one fiscal year, and why it was changed. `from_table` is there where it is True: no
    report told the rating, but a table of a later year.
    """

    fiscal_year: int
    code: str
    reason: str
    from_table: NotRequired[bool]


class LinkedInitiative(TypedDict):
    """Another initiative of the same report, and the fiscal year from which one carries on the other."""

    key: str
    fiscal_year: int


class FormerTermPledge(TypedDict):
    """A pledge of an earlier term: its manifesto's slug and name, its place (1-1-2) when the report was made,
    its number as printed, its text.
    """

    slug: str
    manifesto: str
    key: str
    number: str
    text: str


class BarePledge(TypedDict):
    """A pledge of which a report has no entry, in the words of the entries' fields. `ended_after`: the last
    fiscal year of one that has ended so.
    """

    pledge_key: str
    category_number: int
    category_name: str
    section_number: int
    section_name: str
    pledge_number: str
    pledge_text: str
    former_pledge_keys: list[str] | None
    former_term_pledge: FormerTermPledge | None
    ended_after: NotRequired[int]


def has_ended(pledge: BarePledge) -> bool:
    """Whether a pledge ended before an initiative of it began."""
    return "ended_after" in pledge


class ReportedColumn(TypedDict):
    """A public extra column (追加の項目) as it was defined then; `choices` are all that there were."""

    code: str
    label: str
    kind: str
    unit: str
    decimals: int
    choices: list[str]
    is_once: bool


class ReportedIndicatorYear(TypedDict):
    """An indicator in a fiscal year: numbers as texts, "" for none. `rate` as reckoned then (「82.5」);
    `is_reached` None: the target or the actual is missing; `why` says why there is no rate.
    """

    target: str
    actual: str
    note: str
    rate: str
    is_reached: bool | None
    why: str


class ReportedIndicator(TypedDict):
    """An indicator (指標) as it was defined then, and its years, oldest first."""

    code: str
    name: str
    unit: str
    decimals: int
    direction: str
    formula: str
    base_value: str
    base_fiscal_year: int | None
    note: str
    is_of_pledge: bool
    years: dict[str, ReportedIndicatorYear]


def choice_tokens(column: ReportedColumn) -> dict[str, str]:
    """The choices of a column by what names them in addresses: x1-1, x1-2 …"""
    return {f"{column['code']}-{place}": choice for place, choice in enumerate(column["choices"], start=1)}


class Progress(TypedDict):
    """What kind of text each fiscal year has."""

    results: dict[str, TextKind]
    plans: dict[str, TextKind]
