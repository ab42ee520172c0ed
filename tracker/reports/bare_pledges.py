"""Pledges of which no initiative has begun: promised, so a report tells them, though no entry does."""

from collections.abc import Iterable
from typing import cast

from tracker.cycle.places import Places
from tracker.models import Initiative, Pledge, ReportEntry, ReportingRound
from tracker.models.catalogue import PLEDGE_PLACE
from tracker.reports.entries import placed_pledge
from tracker.reports.former_terms import former_terms
from tracker.words.reported import BarePledge, NumberedName


def without_begun_initiative(round: ReportingRound) -> list[Pledge]:
    """The pledges of which no initiative has begun by the round's year, in the table's order."""
    begun = Initiative.objects.of(round.manifesto).filter(first_fiscal_year__lte=round.fiscal_year)
    found = Pledge.objects.filter(section__manifesto=round.manifesto).exclude(pk__in=begun.values("pledge"))
    return list(found.select_related("section__parent").order_by(*PLEDGE_PLACE))


def bare_pledges(round: ReportingRound, places: Places) -> list[BarePledge]:
    """The same as a report tells them. A constant number of queries."""
    found = without_begun_initiative(round)
    former = former_terms(round.manifesto) if found else {}
    told = (
        placed_pledge(pledge)
        | {
            "former_pledge_keys": list(places.former(pledge.place)) or None,
            "former_term_pledge": former.get(pledge.pk),
        }
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
