"""A report as the published table (掲載表), and notes of what that has no column for.

Reads reports only, so that the public site can use it.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import groupby
from typing import Protocol

from tracker.models import Report, ReportEntry
from tracker.published_tables.file.cells import LegendStep, PlanReference
from tracker.published_tables.file.departments import DepartmentTerm
from tracker.published_tables.file.layout import Notes
from tracker.published_tables.file.table import (
    PublishedTable,
    TableCategory,
    TableInitiative,
    TablePledge,
    TableSection,
)
from tracker.words.bullets import is_nothing
from tracker.words.fiscal_years import as_of_in, date_label, day_label, short_label
from tracker.words.typed_text import with_plain_breaks


class Dated(Protocol):
    """A report, or what a menu knows of one."""

    @property
    def as_of(self) -> date: ...

    @property
    def edition(self) -> int: ...


def file_name(city_code: str, report: Dated, suffix: str) -> str:
    """The file's name in ASCII: municipality code, date and edition, as the open data's files have them."""
    return f"{city_code}_manifesto-table_{report.as_of.isoformat()}_e{report.edition}.{suffix}"


def table_of(report: Report, entries: Sequence[ReportEntry] | None = None) -> PublishedTable:
    """A report as the table that the city publishes; `entries` saves a query where they are at hand."""
    rows = _entries(report) if entries is None else entries
    return PublishedTable(
        title=_title(report),
        as_of=report.as_of,
        ratings=[
            LegendStep(r["code"], _line(r["label"]), _line(r["definition"]), r["percent"])
            for r in report.ratings
        ],
        years=report.result_years,
        plan_years=report.plan_years,
        cumulative_year=next((year["fiscal_year"] for year in report.years if year["cumulative"]), None),
        categories=_categories(report, rows),
        anomalies=[],
    )


def notes_of(report: Report, entries: Sequence[ReportEntry] | None = None) -> Notes:
    """What the table says beside its columns: the edition, and per section what ended or was carried on."""
    rows = _entries(report) if entries is None else entries
    sections = {
        place: notes
        for place, found in groupby(rows, key=lambda entry: (entry.category_number, entry.section_number))
        if (notes := tuple(_section_notes(list(found))))
    }
    return Notes(tuple(_head_notes(report)), sections)


def _entries(report: Report) -> list[ReportEntry]:
    return list(report.entries.order_by("position"))


def _title(report: Report) -> str:
    """The title with its date: a reader learns the date from there."""
    title = _line(report.title)
    return title if as_of_in(title) == report.as_of else f"{title}（{date_label(report.as_of)}）"


def _line(text: str) -> str:
    """A text that is one line in the table."""
    return " ".join(text.split())


def _words(text: str) -> str:
    """A text as a cell holds it; one that is only a dash says nothing, as the table's own dash does."""
    return "" if is_nothing(text) else with_plain_breaks(text).replace("\t", " ")


def _categories(report: Report, entries: Iterable[ReportEntry]) -> list[TableCategory]:
    categories: list[TableCategory] = []
    for number, in_category in groupby(entries, key=lambda entry: entry.category_number):
        rows = list(in_category)
        category = TableCategory(number, _line(_newest(rows).category_name))
        categories.append(category)
        for section_number, in_section in groupby(rows, key=lambda entry: entry.section_number):
            category.sections.append(_section(report, section_number, list(in_section)))
    return categories


def _section(report: Report, number: int, entries: Sequence[ReportEntry]) -> TableSection:
    section = TableSection(number, _line(_newest(entries).section_name))
    for _key, in_pledge in groupby(entries, key=lambda entry: entry.pledge_key):
        section.pledges.append(_pledge(report, list(in_pledge), len(section.pledges) + 1))
    return section


def _pledge(report: Report, entries: Sequence[ReportEntry], position: int) -> TablePledge:
    newest = _newest(entries)
    pledge = TablePledge(position, _line(newest.pledge_number), _words(newest.pledge_text))
    pledge.initiatives = [_initiative(report, entry, number) for number, entry in enumerate(entries, start=1)]
    return pledge


def _newest(entries: Sequence[ReportEntry]) -> ReportEntry:
    """An entry that has today's names of field, section and pledge; a carried one has those of its time."""
    return next((entry for entry in entries if entry.carried_from is None), entries[0])


def _initiative(report: Report, entry: ReportEntry, position: int) -> TableInitiative:
    return TableInitiative(
        position=position,
        row=entry.position,
        plan_projects=[
            PlanReference(p["code"], p["base_code"], _line(p["name"])) for p in entry.plan_projects
        ],
        sdgs=None if entry.sdgs is None else tuple(entry.sdgs),
        results={year: _words(entry.results.get(str(year), "")) for year in report.result_years},
        plans={year: _words(entry.plans.get(str(year), "")) for year in report.plan_years},
        rating=entry.rating_code or None,
        departments=tuple(
            DepartmentTerm(_line(term["name"]), term["from_year"], term["to_year"])
            for term in entry.departments
        ),
        others=entry.other_departments,
    )


def _head_notes(report: Report) -> list[str]:
    notes = []
    if report.edition > 1:
        notes.append(f"第{report.edition}版。訂正の理由：{_line(report.correction_reason)}")
    if report.unapproved_reason:
        notes.append(f"承認が間に合わなかった取組があります。理由：{_line(report.unapproved_reason)}")
    return notes


def _section_notes(entries: Sequence[ReportEntry]) -> list[str]:
    """A line per initiative that is not as the columns say: ended, or as it stood in an earlier report."""
    notes = []
    for entry in entries:
        if entry.ended_after is not None:
            year = short_label(entry.ended_after)
            notes.append(f"{_named(entry)}は、{year}で終わった取組です。実施状況は、終わったときのものです。")
        if entry.carried_from is not None:
            day = day_label(entry.carried_from)
            notes.append(
                f"{_named(entry)}は、承認が間に合わなかったため、{day}時点の公表のまま載せています。"
            )
    return notes


def _named(entry: ReportEntry) -> str:
    """「①駅を直します」の2番目の取組."""
    pledge = f"{_line(entry.pledge_number)}{_line(entry.pledge_text)}"
    return f"「{pledge}」の{entry.initiative_position}番目の取組"
