"""Pledges across terms: which one of an earlier term a pledge carries on, and which ones carry it on later.

The newer side is frozen in its report. The older side reads the later terms' latest reports, on its own
latest pages only: dated pages and editions stay as they are.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from tracker.models import ReportEntry
from tracker.public.bare_pledges import bare_rows
from tracker.public.entries import EntryValues
from tracker.public.published import Pages, Published, Term
from tracker.public.scope import Scope
from tracker.words.reported import FormerTermPledge
from tracker.words.titles import term_name


class PledgeOfTerm(NamedTuple):
    """A pledge of another term, by its place; `pages` is where it can be read, None where it cannot."""

    term_name: str
    key: str
    number: str
    text: str
    pages: Pages | None


LaterPledges = Mapping[str, list[PledgeOfTerm]]  # by the key of the pledge that they carry on


def former_pledges(scope: Scope, entries: Iterable[ReportEntry]) -> list[PledgeOfTerm]:
    """The pledges of earlier terms that a pledge's entries carry on: one, unless some entries are carried."""
    told = [entry.former_term_pledge for entry in entries if entry.former_term_pledge]
    return [_former(scope, each) for each in {(each["slug"], each["key"]): each for each in told}.values()]


def _former(scope: Scope, told: FormerTermPledge) -> PledgeOfTerm:
    term = next((term for term in scope.others if term.slug == told["slug"]), None)
    pages = term.latest.latest if term and _is_reported(scope, term, told["key"]) else None
    name = term_name(told["manifesto"], told["slug"])
    return PledgeOfTerm(name, told["key"], told["number"], told["text"], pages)


def _is_reported(scope: Scope, term: Term, key: str) -> bool:
    """Whether a report has the pledge: the term's latest pages lead on from there. A dated page knows those
    reports that were there before its own.
    """
    known = [row for row in term.reports if scope.is_root or row.pk < scope.report.pk]
    return bool(scope.entries_of(known).of_pledge(key).values("pledge_key"))


def later_pledges_of(scope: Scope, entry: ReportEntry) -> list[PledgeOfTerm]:
    """The pledges of later terms that carry on an entry's, on the latest pages of a term that is over."""
    if not (scope.is_root and scope.term.has_next):
        return []
    return carried_on_by(later_pledges(scope), entry.pledge_key, entry.former_pledge_keys)


def carried_on_by(later: LaterPledges, key: str, former_keys: Sequence[str] | None) -> list[PledgeOfTerm]:
    """Those that carry on a pledge, under any key that it had."""
    found = (each for known in (key, *(former_keys or ())) for each in later.get(known, ()))
    return list({(each.term_name, each.key): each for each in found}.values())


def later_pledges(scope: Scope) -> LaterPledges:
    """All pledges of later terms that carry on one of this term, the next term's first. Two queries."""
    latest = {term.latest.pk: term.latest for term in reversed(scope.later_terms)}
    names = ("report_id", "pledge_key", "pledge_number", "pledge_text", "former_term_pledge")
    told = scope.entries_of(latest.values()).where(former_term_pledge__isnull=False).values(*names)
    told = [*told, *_bare(scope, latest.values())]
    places = list(latest)
    found: dict[str, dict[tuple[int, str], PledgeOfTerm]] = {}
    for entry in sorted(told, key=lambda entry: places.index(entry["report_id"])):
        former = entry["former_term_pledge"]
        if former["slug"] == scope.report.slug:
            own = found.setdefault(former["key"], {})
            own[entry["report_id"], entry["pledge_key"]] = _later(latest[entry["report_id"]], entry)
    return {key: list(own.values()) for key, own in found.items()}


def _bare(scope: Scope, latest: Iterable[Published]) -> list[EntryValues]:
    """The same of their pledges without an initiative."""
    reports = scope.reports_of(latest).values()
    rows = [row for report in reports for row in bare_rows(report)]
    return [row for row in rows if row["former_term_pledge"]]


def _later(row: Published, entry: EntryValues) -> PledgeOfTerm:
    name, key = row.term_name, entry["pledge_key"]
    return PledgeOfTerm(name, key, entry["pledge_number"], entry["pledge_text"], row.latest)
