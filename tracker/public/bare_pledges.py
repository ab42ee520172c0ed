"""Pledges without an initiative, as pages and data show them: entries that have a pledge and nothing else."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from tracker.models import Report, ReportEntry
from tracker.public.entries import EntryValues
from tracker.public.scope import Scope
from tracker.reports.wordings import wordings
from tracker.words.fiscal_years import short_label
from tracker.words.folding import folded_pieces
from tracker.words.no_initiative import NO_INITIATIVE
from tracker.words.places import pledge_numbers
from tracker.words.reported import has_ended

NO_POSITION = 0  # an initiative's begins with 1


def bare_entries(report: Report) -> list[ReportEntry]:
    """Unsaved entries of a report's pledges without an initiative, in order."""
    return [
        ReportEntry(report_id=report.pk, initiative_position=NO_POSITION, **pledge)
        for pledge in report.bare_pledges
    ]


class BareCounts(NamedTuple):
    """How many pledges of a report wait for an initiative, and how many ended without one."""

    waiting: int
    ended: int


def bare_counts(report: Report) -> BareCounts:
    ended = sum(map(has_ended, report.bare_pledges))
    return BareCounts(len(report.bare_pledges) - ended, ended)


def bare_entry(report: Report, key: str) -> ReportEntry | None:
    """The one at a place."""
    return next((entry for entry in bare_entries(report) if entry.pledge_key == key), None)


def bare_rows(report: Report) -> list[EntryValues]:
    """The same as lists show them."""
    return [{**vars(entry), "excerpt": ""} for entry in bare_entries(report)]


def around(scope: Scope, entries: Sequence[ReportEntry]) -> tuple[EntryValues | None, EntryValues | None]:
    """The pledges just before and just after one, given by its entries, or without any."""
    names = ("pledge_key", "pledge_number", "pledge_text")
    if not scope.report.bare_pledges:
        before, after = scope.entries.around(entries)
        return vars(before) if before else None, vars(after) if after else None
    rows = with_bare(scope.entries.values(*names), bare_rows(scope.report))
    pledges = list({row["pledge_key"]: row for row in rows}.values())
    place = [row["pledge_key"] for row in pledges].index(entries[0].pledge_key)
    return next(iter(pledges[place - 1 : place]), None), next(iter(pledges[place + 1 :]), None)


def in_words(entry: EntryValues) -> str:
    """What stands in the place of initiatives."""
    last = entry["ended_after"]
    return NO_INITIATIVE if last is None else f"取組のないまま、{short_label(last)}で終わりました"


def is_bare(entry: EntryValues) -> bool:
    return bool(entry["initiative_position"] == NO_POSITION)


def wording_of(entry: Mapping[str, Any]) -> str:
    """All that it says, folded for searching."""
    return folded_pieces(wording.text for wording in wordings(entry))


def with_bare(entries: Iterable[EntryValues], bare: Sequence[EntryValues]) -> list[EntryValues]:
    """Both in the order of their places; the entries are in that order already."""
    found = [*entries, *bare]
    return sorted(found, key=lambda row: pledge_numbers(row["pledge_key"])) if bare else found
