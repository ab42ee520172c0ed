"""What entries of a draft tell of others: where their pledges stood before, and what carries on what, of this
term and of an earlier one.
"""

from collections.abc import Iterable

from tracker.cycle.places import Places
from tracker.models import Initiative, InitiativeContinuation, Manifesto, ReportEntry
from tracker.reports.former_terms import former_terms
from tracker.words.reported import LinkedInitiative


def link(made: Iterable[tuple[Initiative, ReportEntry | None]], manifesto: Manifesto, places: Places) -> None:
    """Tells entries the former places of their pledges, the pledges of an earlier term that these carry on,
    and which entries carry on one another. A constant number of queries.

    A carried entry keeps what it said of an earlier term.
    """
    told = [(initiative, entry) for initiative, entry in made if entry]
    entries, former = {initiative.pk: entry for initiative, entry in told}, former_terms(manifesto)
    for initiative, entry in told:
        entry.former_pledge_keys = list(places.former(entry.pledge_key)) or None
        if not entry.carried_from:
            entry.former_term_pledge = former.get(initiative.pledge_id)
    known = InitiativeContinuation.objects.filter(predecessor__pledge__section__manifesto=manifesto)
    pairs = known.order_by("fiscal_year", "pk").values_list("predecessor", "successor", "fiscal_year")
    for predecessor, successor, year in pairs:
        if predecessor in entries and successor in entries:
            old, new = entries[predecessor], entries[successor]
            old.continued_by = [*(old.continued_by or []), LinkedInitiative(key=new.key, fiscal_year=year)]
            new.continues = [*(new.continues or []), LinkedInitiative(key=old.key, fiscal_year=year)]
