"""The notices of each kind that a round has now, whether they are due yet or not."""

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from tracker.choices import OUTSTANDING, WRITABLE_ROUNDS, ActionState, MailKind, RoundState
from tracker.cycle.notices import occasions
from tracker.cycle.notices.notice import Notice
from tracker.cycle.notices.occasions import Occasion
from tracker.cycle.notices.situation import Place, Situation
from tracker.models import ReportingRound, YearlyAction

DAYS = 7  # before the due date, when reminders begin
OFFICE_OPENS = time(8, 0)  # when mails that nobody's act has caused go out, on days from Monday to Friday
SATURDAY = 5
# The states of a round in which it has notices of a kind.
STATES: dict[MailKind, Collection[str]] = {
    MailKind.OPENED: [RoundState.OPEN],
    MailKind.RETURNED: WRITABLE_ROUNDS,
    MailKind.DUE_CHANGED: WRITABLE_ROUNDS,
    MailKind.REMINDER: WRITABLE_ROUNDS,
    MailKind.WEEKLY: [RoundState.OPEN],
    MailKind.PUBLISHED: [RoundState.PUBLISHED, RoundState.CORRECTING],
}

# Who waits for what, for the department's head.
WAITING: dict[str, str] = {
    ActionState.NOT_STARTED: "担当者の入力を待っています。",
    ActionState.DRAFT: "担当者が入力しています。まだ提出していません。",
    ActionState.IN_SECTION: "課長の確認を待っています。",
    ActionState.RETURNED: "差し戻されました。担当者が直して、もう一度提出します。",
    ActionState.SUBMITTED: "企画の承認を待っています。",
    ActionState.APPROVED: "済みました。",
}


def notices_of(
    round: ReportingRound, now: datetime, *, days: int = DAYS, kinds: Collection[str] = tuple(MailKind)
) -> list[Notice]:
    """All notices of a round, by kind, department and, last, the planning office."""
    standing = Situation(round, now, days)
    made = [
        make(standing)
        for kind, make in MAKERS.items()
        if kind in kinds and round.state in STATES[kind] and standing.sends(kind)
    ]
    return [notice for notices in made for notice in notices]


def opened(now: Situation) -> Iterator[Notice]:
    """Each department learns that it is asked, what for, and by when."""
    happened = occasions.opening(now.events)
    if happened and now.is_news(MailKind.OPENED, happened):
        yield from _to_departments(now, MailKind.OPENED, happened, now.rows.items())


def due_changed(now: Situation) -> Iterator[Notice]:
    """Departments with open rows learn that they have more time, or less."""
    happened = occasions.due_change(now.events, now.round)
    if happened and now.is_news(MailKind.DUE_CHANGED, happened):
        rows = now.rows_in(OUTSTANDING)
        yield from _to_departments(now, MailKind.DUE_CHANGED, happened, rows, change=happened)


def published(now: Situation) -> Iterator[Notice]:
    """Each department learns that what it wrote is public now."""
    happened = occasions.publication(now.round)
    if happened and now.is_news(MailKind.PUBLISHED, happened):
        told = {"report": happened.report}
        yield from _to_departments(now, MailKind.PUBLISHED, happened, now.rows.items(), **told)


def _to_departments(
    now: Situation,
    kind: MailKind,
    happened: Occasion,
    rows: Iterable[tuple[Place, list[YearlyAction]]],
    **told: object,
) -> Iterator[Notice]:
    """To all people of each department; the planning office has done it itself."""
    due_at = happened.due_at(now.now)
    for place, own in rows:
        if place:
            to = now.addresses.clerks.get(place.pk, [])
            yield now.notice(kind, happened.name, place, own, to, due_at, **told)


def returned(now: Situation) -> Iterator[Notice]:
    """Rows that were returned and wait still: one mail names all that a person was not told of."""
    rows = list(now.rows_in([ActionState.RETURNED]))
    news = {
        pk: Occasion(f"{event.number}", event.happened_at)
        for pk, event in occasions.returns(row for _place, own in rows for row in own).items()
    }
    news = {pk: each for pk, each in news.items() if now.is_news(MailKind.RETURNED, each)}
    for place, own in rows:
        told = [row for row in own if row.pk in news]
        to = now.addresses.clerks.get(place.pk if place else None, [])
        for named, those in _untold(now, place, told, news, to):
            last = max((news[row.pk].name for row in named), key=int)
            due_at = min(news[row.pk].due_at(now.now) for row in named)
            yield now.notice(MailKind.RETURNED, last, place, named, those, due_at)


def _untold(
    now: Situation, place: Place, rows: list[YearlyAction], news: dict[int, Occasion], to: list[str]
) -> Iterator[tuple[list[YearlyAction], list[str]]]:
    """The rows that people were not told of, with these people: who was told of some learns the others."""
    groups: dict[tuple[int, ...], list[str]] = {}
    sent = now.sent(MailKind.RETURNED, place)
    for each in to:
        last = max(map(int, sent.get(each, {})), default=0)
        groups.setdefault(tuple(row.pk for row in rows if int(news[row.pk].name) > last), []).append(each)
    if rows and not to:
        yield rows, []
    for named, those in groups.items():
        if named:
            yield [row for row in rows if row.pk in named], those


def reminder(now: Situation) -> Iterator[Notice]:
    """Departments with open rows are asked once a day, when the due date is near or past.

    On the day of the opening that is told, not this.
    """
    if now.days_left is None or now.days_left > now.days:
        return
    is_told_otherwise = now.round.opens_on == now.today and now.sends(MailKind.OPENED)
    day = now.today + timedelta(days=1) if is_told_otherwise else now.today
    due_at = _office_opens(_working_day(day))
    for place, rows in now.rows_in(OUTSTANDING):
        urgent_first = sorted(rows, key=lambda row: OUTSTANDING.index(ActionState(row.state)))
        to = now.addresses.clerks.get(place.pk if place else None, [])
        name = now.today.isoformat()
        yield now.notice(MailKind.REMINDER, name, place, urgent_first, to, due_at)


def weekly(now: Situation) -> Iterator[Notice]:
    """Once a week heads learn how their department's rows stand, until all are approved."""
    day = _working_day(now.today)
    monday = day - timedelta(days=day.weekday())
    if now.round.opens_on is None or now.round.opens_on >= monday:
        return
    name = "{}-W{:02}".format(*monday.isocalendar())
    for place, rows in now.rows.items():
        heads = now.addresses.heads.get(place.pk if place else None, [])
        if heads and any(row.state != ActionState.APPROVED for row in rows):
            counts = [(state, sum(row.state == state for row in rows)) for state in ActionState]
            told = [(state, count, WAITING[state]) for state, count in counts if count]
            yield now.notice(MailKind.WEEKLY, name, place, rows, heads, _office_opens(day), counts=told)


def _working_day(day: date) -> date:
    """The day itself, or the Monday after it."""
    return day + timedelta(days=7 - day.weekday()) if day.weekday() >= SATURDAY else day


def _office_opens(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, OFFICE_OPENS))


MAKERS: dict[MailKind, Callable[[Situation], Iterator[Notice]]] = {
    MailKind.OPENED: opened,
    MailKind.RETURNED: returned,
    MailKind.DUE_CHANGED: due_changed,
    MailKind.REMINDER: reminder,
    MailKind.WEEKLY: weekly,
    MailKind.PUBLISHED: published,
}
