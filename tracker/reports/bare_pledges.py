"""Pledges without an entry: promised, so a report tells them. No initiative of theirs has begun, or the first
waits for its approval since a report told them so.
"""

from collections.abc import Iterable
from typing import cast

from django.db.models import Exists, OuterRef

from tracker.cycle.places import Places
from tracker.models import Initiative, Pledge, Report, ReportEntry, ReportingRound
from tracker.models.catalogue import PLEDGE_PLACE
from tracker.reports.entries import placed_pledge
from tracker.reports.former_terms import former_terms
from tracker.words.reported import BarePledge, NumberedName


def _told_bare(round: ReportingRound, waiting: set[str]) -> list[Pledge]:
    """The pledges of which no initiative has begun by the round's year, and those that stand at `waiting`
    places. In the table's order.
    """
    begun = Initiative.objects.filter(pledge=OuterRef("pk"), first_fiscal_year__lte=round.fiscal_year)
    found = Pledge.objects.filter(section__manifesto=round.manifesto).annotate(has_begun=Exists(begun))
    in_order = found.select_related("section__parent").order_by(*PLEDGE_PLACE)
    return [pledge for pledge in in_order if not pledge.has_begun or pledge.place in waiting]


def _ended(pledge: Pledge, round: ReportingRound) -> dict[str, int]:
    last = pledge.last_fiscal_year
    return {"ended_after": last} if last is not None and last < round.fiscal_year else {}


def bare_pledges(
    round: ReportingRound, places: Places, entries: Iterable[ReportEntry], before: Report | None
) -> list[BarePledge]:
    """The pledges without an initiative, as a report with these entries tells them. A constant number of
    queries.

    One that the report before told so stays until an entry is of it: what is published does not vanish
    while its first initiative waits for the approval.
    """
    stood = without_entry(before.bare_pledges, entries, places) if before else []
    found = _told_bare(round, {places.pledge_now(pledge["pledge_key"]) for pledge in stood})
    former = former_terms(round.manifesto) if found else {}
    told = (
        placed_pledge(pledge)
        | {
            "former_pledge_keys": list(places.former(pledge.place)) or None,
            "former_term_pledge": former.get(pledge.pk),
        }
        | _ended(pledge, round)
        for pledge in found
    )
    return [cast(BarePledge, each) for each in told]


def without_entry(
    pledges: Iterable[BarePledge], entries: Iterable[ReportEntry], places: Places
) -> list[BarePledge]:
    """Those that no entry is of, wherever it stands."""
    told = {places.pledge_now(entry.pledge_key) for entry in entries}
    return [pledge for pledge in pledges if places.pledge_now(pledge["pledge_key"]) not in told]


def categories_of(entries: Iterable[ReportEntry], bare: Iterable[BarePledge]) -> list[NumberedName]:
    """The fields of entries and of pledges without one, once each, in order."""
    named = {entry.category_number: entry.category_name for entry in entries}
    for pledge in bare:
        named.setdefault(pledge["category_number"], pledge["category_name"])
    return [NumberedName(number=number, name=named[number]) for number in sorted(named)]
