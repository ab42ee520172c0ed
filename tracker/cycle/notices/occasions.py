"""What happened to a round that people are told of, read from its events and reports."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tracker.choices import ActionState, EventKind, RoundState
from tracker.models import ROWS_PER_STATEMENT, Event, Report, ReportingRound, YearlyAction

PAUSE = timedelta(minutes=10)  # what follows within it is told in one mail, and may still be taken back
RECENT = timedelta(days=7)  # older news are none: nobody is told of them by mail any more


@dataclass(frozen=True)
class Occasion:
    """Something that happened once: its name tells it from others of its kind, for ever."""

    name: str
    happened_at: datetime

    def due_at(self, now: datetime) -> datetime:
        """When people are told: after the pause; at once where the clock was put back since."""
        return self.happened_at + PAUSE if self.happened_at <= now else now

    def is_recent(self, now: datetime, since: datetime) -> bool:
        """Whether it is news still, and happened while this was told of."""
        return now - self.happened_at <= RECENT and self.happened_at >= since


@dataclass(frozen=True)
class DueChange(Occasion):
    """The due date was moved."""

    before: date
    after: date

    @property
    def is_later(self) -> bool:
        return self.after > self.before


@dataclass(frozen=True)
class PublishedEdition(Occasion):
    """A report was published."""

    report: Report


def events_of(round: ReportingRound) -> list[Event]:
    """What happened to the round as a whole, oldest first."""
    return list(Event.objects.filter(kind=EventKind.ROUND, subject=round.subject).order_by("number"))


def opening(events: Iterable[Event]) -> Occasion | None:
    """That the round was opened here; None for one that came with a table."""
    opened = (event for event in events if not event.from_state and event.to_state == RoundState.OPEN)
    return next((Occasion("opened", event.happened_at) for event in opened), None)


def due_change(events: Iterable[Event], round: ReportingRound) -> DueChange | None:
    """The last move of the due date that still holds; moves in quick succession are one."""
    moves = [event for event in events if event.content.get("due_on") and event.content.get("due_before")]
    if not moves:
        return None
    first, last = _first_of_the_last(moves), moves[-1]
    before, after = (
        date.fromisoformat(each) for each in (first.content["due_before"], last.content["due_on"])
    )
    if after not in {round.due_on} - {before}:
        return None
    return DueChange(str(last.number), last.happened_at, before, after)


def _first_of_the_last(moves: Sequence[Event]) -> Event:
    """Of events in order, the first of those that followed each other within the pause up to the last."""
    first = moves[-1]
    for move in reversed(moves[:-1]):
        if first.happened_at - move.happened_at >= PAUSE:
            break
        first = move
    return first


def returns(rows: Iterable[YearlyAction]) -> dict[int, Event]:
    """For rows that stand returned, by id, the event in which the planning office, or a head, returned them.

    Whoever takes a submission back may put a row there, too: that event has not the row's own reason.
    """
    waiting = {row.subject: row for row in rows}
    subjects, found = list(waiting), dict[int, Event]()
    for at in range(0, len(subjects), ROWS_PER_STATEMENT):
        moved = Event.objects.filter(
            kind=EventKind.TRANSITION,
            to_state=ActionState.RETURNED,
            from_state__in=[ActionState.IN_SECTION, ActionState.SUBMITTED, ActionState.APPROVED],
            subject__in=subjects[at : at + ROWS_PER_STATEMENT],
        )
        for event in moved.defer("content").order_by("number"):
            row = waiting[event.subject]
            if event.reason and event.reason in {row.return_reason, row.section_reason}:
                found[row.pk] = event
    return found


def publication(round: ReportingRound) -> PublishedEdition | None:
    """The last edition of the round's own report; None where it came with a table, or is not published."""
    if round.opens_on is None:
        return None
    reports = Report.objects.filter(slug=round.manifesto.slug, as_of=round.as_of)
    report = reports.order_by("-edition").first()
    if report is None:
        return None
    return PublishedEdition(f"edition {report.edition}", report.published_at, report)
