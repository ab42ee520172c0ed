"""Entries as pages show them: with badges in lists, with every year's lines on a pledge's page."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from tracker.models import ReportEntry
from tracker.public.bare_pledges import in_words, is_bare
from tracker.public.change_marks import RatingChange, RatingChanges
from tracker.public.charts import SquarePart, look, pie, square
from tracker.public.entries import EntryValues
from tracker.reports.figures import RatingStep, first_year
from tracker.words import continuations
from tracker.words.bullets import MARK, without_mark
from tracker.words.cutting import cut
from tracker.words.extra_values import LINK
from tracker.words.extra_values import in_words as value_in_words
from tracker.words.fiscal_years import fiscal_year_of
from tracker.words.numbering import labelled
from tracker.words.reported import ONCE, ReportedColumn, ReportedYear
from tracker.words.step_names import NOT_RATED
from tracker.words.visible import visible


def badges(scale: Sequence[RatingStep]) -> dict[str, SafeString]:
    """A rendered badge per rating code; the empty code is that of the unrated."""
    return {step.code: badge(step) for step in scale} | {"": badge(None)}


@lru_cache(maxsize=256)
def badge(step: RatingStep | None) -> SafeString:
    """The badge of a step, which every page of its report has; `letters` are not in it."""
    told = {"step": step, "look": look(step), "sector": pie(step.fullness if step else None)}
    return render_to_string("components/rating.html", told)


@dataclass(frozen=True)
class PledgeSquare:
    """A pledge as one square: where it leads, what it is called, and its initiatives' parts."""

    address: str
    name: str
    parts: list[SquarePart]


def squares(
    entries: Iterable[EntryValues],
    scale: Sequence[RatingStep],
    pledge_pattern: str,
    changes: RatingChanges | None = None,
) -> list[PledgeSquare]:
    """A square per pledge, in order. `pledge_pattern` is the address of a pledge with {key} in it."""
    steps = {step.code: step for step in scale}
    pledges: dict[str, list[EntryValues]] = {}
    for entry in entries:
        pledges.setdefault(entry["pledge_key"], []).append(entry)
    return [
        PledgeSquare(
            address=pledge_pattern.format(key=key),
            name=f"{_labelled(rows[0])}（{_told(rows[0], rated)}{_not_anew(own)}{_moves(moved)}）",
            parts=square(rated, [each.direction if each else None for each in moved]),
        )
        for key, rows in pledges.items()
        for own in [[row for row in rows if not is_bare(row)]]
        for rated in [[steps.get(row["rating_code"]) for row in own]]
        for moved in [[(changes or {}).get(row["key"]) for row in own]]
    ]


def _moves(moved: Iterable[RatingChange | None]) -> str:
    """「。前回から：B→A ▲」: the changes since the report before."""
    told = [f"{each.steps} {each.arrow}".strip() for each in moved if each]
    return f"。前回から：{'、'.join(told)}" if told else ""


def _labelled(entry: EntryValues) -> str:
    return labelled(entry["pledge_number"], entry["pledge_text"])


def _told(entry: EntryValues, steps: Sequence[RatingStep | None]) -> str:
    return _ratings_in_words(steps) if steps else in_words(entry)


def _ratings_in_words(steps: Sequence[RatingStep | None]) -> str:
    names = [step.name if step else NOT_RATED for step in steps]
    if len(names) == 1:
        return names[0]
    return f"取組{len(names)}件：" + "、".join(
        f"{name} {names.count(name)}件" for name in dict.fromkeys(names)
    )


def _not_anew(rows: Sequence[EntryValues]) -> str:
    """How many of the ratings were not given for the report's year."""
    ended = sum(row["ended_after"] is not None for row in rows)
    carried = sum(row["carried_from"] is not None for row in rows)
    told = (("終わったもの", ended), ("承認前のもの", carried))
    return "".join(f"、うち{words} {count}件" for words, count in told if count)


@dataclass(frozen=True)
class TextLine:
    """One line of a text. `refers_to`: the wording that an "as before" stands for, by fiscal year."""

    text: str
    bulleted: bool
    refers_to: list[tuple[int, list[str]]]

    @property
    def gist(self) -> str:
        """The last wording that it refers to, cut short."""
        wording = "　".join(self.refers_to[-1][1]) if self.refers_to else ""
        return cut(wording, 60)

    @property
    def further(self) -> int:
        """How many lines it refers to besides those of the last year."""
        return sum(len(wordings) for _year, wordings in self.refers_to[:-1])


@dataclass(frozen=True)
class ExtraAnswer:
    """What an entry says in an extra column, in words."""

    label: str
    words: str
    is_link: bool


def extra_answers(entry: ReportEntry, columns: Iterable[ReportedColumn], year: str) -> list[ExtraAnswer]:
    """What an entry says of a year in extra columns; for `ONCE`, in those that hold whatever the year."""
    said = entry.extra_values or {}
    return [
        ExtraAnswer(
            column["label"],
            value_in_words(column["kind"], column["unit"], column["decimals"], value),
            column["kind"] == LINK,
        )
        for column in columns
        if (value := said.get(column["code"], {}).get(year))
    ]


@dataclass(frozen=True)
class Year:
    """A fiscal year of an initiative: what was planned and done; None: the report has no such column."""

    fiscal_year: int
    cumulative: bool
    plan: list[TextLine] | None
    result: list[TextLine] | None
    extra: list[ExtraAnswer]


class Timeline(NamedTuple):
    """An entry's years, the newest first: those since the last result, and the older ones. `begins`: the
    first of them where the report tells of years before it, of which the entry has no row.
    """

    shown: list[Year]
    folded: list[Year]
    begins: int | None

    @classmethod
    def of(cls, years: Sequence[Year], columns: Iterable[ReportedYear]) -> "Timeline":
        """From the years in order, and those of the report."""
        last = max((year.fiscal_year for year in years if year.result is not None), default=0)
        newest_first, first = years[::-1], min((year.fiscal_year for year in years), default=0)
        return cls(
            [year for year in newest_first if year.fiscal_year >= last],
            [year for year in newest_first if year.fiscal_year < last],
            first if any(column["fiscal_year"] < first for column in columns) else None,
        )


def timeline(
    entry: ReportEntry,
    columns: Sequence[ReportedYear],
    year_of: Callable[[date], int] = fiscal_year_of,
    extra: Sequence[ReportedColumn] = (),
) -> list[Year]:
    """An entry's years in order, plan beside result; after its last year only those that have a text, and
    none before the first of which it has a row, be it an empty one. A year of which extra columns alone say
    something has neither.

    `year_of` tells the fiscal year that the report of a date is about. `extra`: the report's extra columns.
    """
    results = {int(year): text for year, text in entry.results.items()}
    # An ended or carried entry answers for no later year.
    last = year_of(entry.carried_from) if entry.carried_from else entry.ended_after
    first = first_year(entry.results, entry.plans)
    began_later = first > min((column["fiscal_year"] for column in columns), default=0)
    kinds: dict[int, dict[str, bool]] = {}
    for column in columns:
        year, kind = column["fiscal_year"], column["kind"]
        texts = entry.results if kind == "result" else entry.plans
        begins = first + 1 if kind == "plan" and began_later else first  # nobody planned it before
        if texts.get(str(year)) or (begins <= year and (last is None or year <= last)):
            kinds.setdefault(year, {})[kind] = column["cumulative"]
    for told in (entry.extra_values or {}).values():
        for said in told:
            if said != ONCE:
                kinds.setdefault(int(said), {})
    return [
        Year(
            fiscal_year=year,
            cumulative=told.get("result", False),
            plan=lines_of(entry.plans.get(str(year), ""), results, year) if "plan" in told else None,
            result=lines_of(results.get(year, ""), results, year) if "result" in told else None,
            extra=extra_answers(entry, extra, str(year)),
        )
        for year, told in sorted(kinds.items())
    ]


class RatingOfYear(NamedTuple):
    """An entry's rating of a fiscal year; `from_table`: a table said so later, no report told it."""

    fiscal_year: int
    badge: str
    reason: str
    from_table: bool


def rating_years(entry: ReportEntry, rendered: Mapping[str, SafeString]) -> list[RatingOfYear]:
    """An entry's ratings by year, oldest first; none if one badge says it all."""
    told = [
        RatingOfYear(
            each["fiscal_year"],
            rendered.get(each["code"], each["code"]),
            each["reason"],
            each.get("from_table", False),
        )
        for each in entry.rating_history
    ]
    return told if len(told) > 1 or any(each.reason or each.from_table for each in told) else []


def lines_of(text: str, results: Mapping[int, str], year: int) -> list[TextLine]:
    """A year's text by its lines; "as before" with the wording of `results` that it stands for."""
    lines = []
    for line in filter(visible, text.splitlines()):
        found = continuations.in_line(line)
        # What a year's text refers to lies before it, whatever year a slip of the pen names.
        refers_to = continuations.referred(min(found.until, year - 1), results) if found else []
        told = [(when, [without_mark(wording) for wording in wordings]) for when, wordings in refers_to]
        lines.append(TextLine(without_mark(line), line.startswith(MARK), told))
    return lines
