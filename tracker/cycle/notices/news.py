"""The same news as the mails have, for a person's home page: who gets no mail misses nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from tracker.choices import ActionState, MailKind, RoundState
from tracker.cycle import permissions
from tracker.cycle.notices import occasions
from tracker.cycle.notices.occasions import DueChange, Occasion, PublishedEdition
from tracker.models import ReportingRound, User
from tracker.models.reporting import YearlyActionQuerySet

SHOWN = timedelta(days=30)


@dataclass(frozen=True)
class News:
    """One thing that happened to a round in which a person has rows; `count`: to how many of these."""

    kind: MailKind
    round: ReportingRound
    manifesto: str  # its name, where there are several
    happened_at: datetime
    occasion: Occasion | None = None
    count: int = 0


def news_for(user: User, names: Mapping[int, str]) -> list[News]:
    """What happened of late in the rounds in which the person's departments have rows, the newest first.

    `names`: what manifestos are called, where there are several.
    """
    if not permissions.may_enter(user) or permissions.may_see_all_actions(user):
        return []
    rows, now = permissions.visible_actions(user), timezone.now()
    rounds = ReportingRound.objects.filter(pk__in=rows.order_by().values("round"), opens_on__isnull=False)
    found = [
        News(kind, round, names.get(round.manifesto_id, ""), at, occasion, count)
        for round in rounds.exclude(state=RoundState.CLOSED).select_related("manifesto")
        for kind, at, occasion, count in _of(round, rows)
        if now - at <= SHOWN
    ]
    return sorted(found, key=lambda each: each.happened_at, reverse=True)


Told = tuple[MailKind, datetime, Occasion | None, int]


def _of(round: ReportingRound, rows: YearlyActionQuerySet) -> list[Told]:
    published: PublishedEdition | None = occasions.publication(round)
    told: list[Told] = [(MailKind.PUBLISHED, published.happened_at, published, 0)] if published else []
    if not round.is_writable:
        return told
    events = occasions.events_of(round)
    opening, change = occasions.opening(events), occasions.due_change(events, round)
    if opening and round.state == RoundState.OPEN:
        told.append((MailKind.OPENED, opening.happened_at, opening, 0))
    if isinstance(change, DueChange):
        told.append((MailKind.DUE_CHANGED, change.happened_at, change, 0))
    back = occasions.returns(rows.filter(round=round, state=ActionState.RETURNED))
    if back:
        last = max(event.happened_at for event in back.values())
        told.append((MailKind.RETURNED, last, None, len(back)))
    return told
