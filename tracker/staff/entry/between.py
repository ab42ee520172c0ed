"""What a clerk's home shows between rounds: what was published of their rows, and when that was asked for."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.safestring import SafeString

from tracker.choices import RoundState
from tracker.cycle import manifestos, permissions
from tracker.cycle.places import Places
from tracker.cycle.rounds import last_report
from tracker.models import Report, ReportEntry, ReportingRound, YearlyAction
from tracker.staff.entry.own_rows import asked_of
from tracker.staff.frame.rows import rating_badges


@dataclass(frozen=True)
class PublishedRow:
    """One of a person's rows as the last report has it. `address`: where the public reads it."""

    action: YearlyAction
    badge: SafeString
    address: str


@dataclass(frozen=True)
class PublishedRows:
    """What a manifesto's last report says of a person's rows. `manifesto`: its name, where there are several.

    `opened_on`: the days on which its rounds so far were opened, as far as they are known, newest first.
    """

    report: Report
    round: ReportingRound
    manifesto: str
    rows: list[PublishedRow]
    opened_on: list[date]


def published_for(user: permissions.Visitor, under_way: Collection[ReportingRound]) -> list[PublishedRows]:
    """Of each manifesto in which a person has published rows and none in a round under way, newest first."""
    busy = {round.manifesto_id for round in under_way}
    published = ReportingRound.objects.filter(state=RoundState.PUBLISHED)
    own = published.filter(pk__in=asked_of(user).values("round")).select_related("manifesto")
    newest: dict[int, ReportingRound] = {}
    for round in own.newest_first():
        newest.setdefault(round.manifesto_id, round)
    told = [_told(round, user) for key, round in newest.items() if key not in busy]
    return [each for each in told if each]


def _told(round: ReportingRound, user: permissions.Visitor) -> PublishedRows | None:
    report = last_report(round.manifesto)
    if report is None:
        return None
    places, badges = Places(round.manifesto), rating_badges(round.scale)
    rows = list(asked_of(user).filter(round=round).with_place().in_table_order())
    entries = {
        entry.key: entry for entry in report.entries.only("report", "key", "rating_code", "pledge_key")
    }
    found = [(row, _entry_of(row, entries, places)) for row in rows]
    openings = ReportingRound.objects.filter(manifesto=round.manifesto, opens_on__isnull=False)
    return PublishedRows(
        report,
        round,
        manifestos.names().get(round.manifesto_id, ""),
        [
            PublishedRow(row, badges.get(entry.rating_code, badges[""]), _address(round, entry))
            for row, entry in found
            if entry
        ],
        list(openings.order_by("-opens_on").values_list("opens_on", flat=True)),  # type: ignore[arg-type]
    )


def _entry_of(row: YearlyAction, entries: dict[str, ReportEntry], places: Places) -> ReportEntry | None:
    return next((entries[key] for key in places.ever(row.place) if key in entries), None)


def _address(round: ReportingRound, entry: ReportEntry) -> str:
    return reverse("manifesto:latest:pledge", args=[round.manifesto.slug, entry.pledge_key])
