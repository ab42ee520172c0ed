"""What a clerk's home shows between rounds: what was published of their rows, and when that was asked for."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.safestring import SafeString

from tracker.choices import RoundState
from tracker.cycle import permissions
from tracker.cycle.places import Places
from tracker.cycle.rounds import last_report
from tracker.models import Report, ReportEntry, ReportingRound, YearlyAction
from tracker.staff.entry.own_rows import asked_of
from tracker.staff.frame.rows import badges_of


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


def published_for(
    user: permissions.Visitor, under_way: Collection[ReportingRound], names: Mapping[int, str]
) -> list[PublishedRows]:
    """Of each manifesto in which a person has published rows and none in a round under way, newest first.

    `names`: what manifestos are called, where there are several.
    """
    busy = {round.manifesto_id for round in under_way}
    published = ReportingRound.objects.filter(state=RoundState.PUBLISHED)
    own = published.filter(pk__in=asked_of(user).values("round")).select_related("manifesto")
    newest: dict[int, ReportingRound] = {}
    for round in own.newest_first():
        newest.setdefault(round.manifesto_id, round)
    idle = {key: round for key, round in newest.items() if key not in busy}
    opened, badges = _openings(idle), badges_of(idle)
    told = [_told(round, user, names.get(key, ""), opened[key], badges[key]) for key, round in idle.items()]
    return [each for each in told if each]


def _openings(manifestos: Iterable[int]) -> dict[int, list[date]]:
    """The days on which the rounds so far of each manifesto were opened, newest first."""
    found: dict[int, list[date]] = {pk: [] for pk in manifestos}
    opened = ReportingRound.objects.filter(manifesto__in=list(found), opens_on__isnull=False)
    for round in opened.order_by("-opens_on").only("manifesto", "opens_on"):
        found[round.manifesto_id] += [round.opens_on] if round.opens_on else []
    return found


def _told(
    round: ReportingRound,
    user: permissions.Visitor,
    name: str,
    opened_on: list[date],
    badges: Mapping[str, SafeString],
) -> PublishedRows | None:
    report = last_report(round.manifesto)
    if report is None:
        return None
    places = Places(round.manifesto)
    rows = list(asked_of(user).filter(round=round).with_place().prefetch_related(None).in_table_order())
    entries = {
        entry.key: entry for entry in report.entries.only("report", "key", "rating_code", "pledge_key")
    }
    found = [(row, _entry_of(row, entries, places)) for row in rows]
    return PublishedRows(
        report,
        round,
        name,
        [
            PublishedRow(row, badges.get(entry.rating_code, badges[""]), _address(round, entry))
            for row, entry in found
            if entry
        ],
        opened_on,
    )


def _entry_of(row: YearlyAction, entries: dict[str, ReportEntry], places: Places) -> ReportEntry | None:
    return next((entries[key] for key in places.ever(row.place) if key in entries), None)


def _address(round: ReportingRound, entry: ReportEntry) -> str:
    return reverse("manifesto:latest:pledge", args=[round.manifesto.slug, entry.pledge_key])
