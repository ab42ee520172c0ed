"""Where pledges stand and stood: a report keeps the place of its day, the workspace goes on under the new."""

from collections import defaultdict

from tracker.models import FormerPlace, Manifesto, Pledge, Report, ReportEntry
from tracker.words.reported import BarePledge


class Places:
    """The places of a manifesto's pledges that have moved since a report had them. One query."""

    def __init__(self, manifesto: Manifesto) -> None:
        self._now: dict[str, str] = {}
        self._former = defaultdict[str, list[str]](list)
        moved = FormerPlace.objects.filter(manifesto=manifesto)
        for each in moved.select_related("pledge__section__parent").order_by("pk"):
            self._now[each.place] = each.pledge.place
            self._former[each.pledge.place].append(each.place)

    def now(self, key: str) -> str:
        """The place that an initiative has now, of any key that a report has it under."""
        pledge, position = _parted(key)
        return f"{self.pledge_now(pledge)}-{position}"

    def pledge_now(self, key: str) -> str:
        """Likewise of a pledge."""
        return self._now.get(key, key)

    def ever(self, place: str) -> list[str]:
        """All keys under which reports may have an initiative, by its place now; that first."""
        pledge, position = _parted(place)
        return [place, *(f"{former}-{position}" for former in self._former.get(pledge, ()))]

    def former(self, pledge_place: str) -> list[str]:
        """The earlier places of the pledge that stands at one now, the oldest first."""
        return self._former.get(pledge_place, [])


def _parted(key: str) -> tuple[str, str]:
    pledge, _, position = key.rpartition("-")
    return pledge, position


def places_of(pledge: Pledge) -> list[str]:
    """All places of a pledge in reports and now, that of now first."""
    return [pledge.place, *pledge.former_places.values_list("place", flat=True)]


def bare_in_reports(manifesto_id: int) -> list[BarePledge]:
    """All that reports tell of pledges without an initiative: they have no entry, and are published."""
    told = Report.objects.filter(manifesto=manifesto_id).values_list("bare_pledges", flat=True)
    return [pledge for pledges in told for pledge in pledges]


def published_places(manifesto_id: int) -> set[str]:
    """All places at which reports have pledges, with initiatives or without."""
    entries = ReportEntry.objects.filter(report__manifesto=manifesto_id)
    keys = entries.order_by().values_list("pledge_key", flat=True).distinct()
    return {*keys, *(pledge["pledge_key"] for pledge in bare_in_reports(manifesto_id))}
