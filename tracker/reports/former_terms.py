"""Which pledges of earlier terms a manifesto carries on, told so that the public finds them."""

from collections.abc import Collection
from typing import NamedTuple

from tracker.models import Manifesto, Pledge, Report, ReportEntry
from tracker.words.reported import FormerTermPledge


class ReportedPledge(NamedTuple):
    """A pledge as the latest report of its manifesto has it."""

    manifesto: int
    slug: str
    key: str
    number: str
    text: str


def former_terms(manifesto: Manifesto) -> dict[int, FormerTermPledge]:
    """By pledge, the one of an earlier term that it carries on.

    It is told as the latest report of its term has it, whose pages lead on from there; where no report has
    it, as it stands now. A constant number of queries.
    """
    carrying = Pledge.objects.filter(section__manifesto=manifesto, continues__isnull=False)
    known = carrying.select_related("continues__section__parent", "continues__section__manifesto")
    former = {
        pledge.pk: pledge.continues
        for pledge in known.prefetch_related("continues__former_places")
        if pledge.continues
    }
    reported = _reported({each.section.manifesto_id for each in former.values()}) if former else {}
    return {pk: _told(each, reported) for pk, each in former.items()}


def _reported(manifestos: Collection[int]) -> dict[tuple[int, str], ReportedPledge]:
    """The pledges of manifestos' latest reports, by manifesto and place."""
    newest_last = Report.objects.filter(manifesto__in=manifestos).order_by("as_of", "edition", "pk")
    latest = dict(newest_last.values_list("manifesto", "pk"))
    entries = ReportEntry.objects.filter(report__in=latest.values()).order_by("report", "-position")
    names = ("report__manifesto", "report__slug", "pledge_key", "pledge_number", "pledge_text")
    rows = map(ReportedPledge._make, entries.values_list(*names))
    return {(row.manifesto, row.key): row for row in rows}


def _told(former: Pledge, reported: dict[tuple[int, str], ReportedPledge]) -> FormerTermPledge:
    manifesto = former.section.manifesto
    places = [former.place, *(each.place for each in former.former_places.all())]
    now = ReportedPledge(manifesto.pk, manifesto.slug, former.place, former.number_label, former.text)
    as_reported = (reported[manifesto.pk, place] for place in places if (manifesto.pk, place) in reported)
    found = next(as_reported, now)
    return FormerTermPledge(
        slug=found.slug, manifesto=manifesto.name, key=found.key, number=found.number, text=found.text
    )
