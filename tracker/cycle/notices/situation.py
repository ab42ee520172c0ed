"""How a round stands at a moment: its rows by who answers, who can be mailed, and what was mailed before."""

from collections.abc import Collection, Iterable
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.utils import timezone

from tracker.choices import MailKind
from tracker.cycle import manifestos
from tracker.cycle.notices import occasions, switches
from tracker.cycle.notices.notice import Notice
from tracker.cycle.notices.occasions import Occasion
from tracker.cycle.notices.people import Addresses, addresses_of
from tracker.models import Department, Event, ReportingRound, SentMail, YearlyAction
from tracker.models.city import city_now

Place = Department | None  # who answers: a department, or the planning office
Times = dict[str, datetime]  # by occasion


class Situation:
    """A round now. Whatever is asked for is read once: a constant number of queries for all kinds.

    `days`: how long before the due date people are reminded.
    """

    def __init__(self, round: ReportingRound, now: datetime, days: int) -> None:
        self.round, self.now, self.days = round, now, days

    @property
    def today(self) -> date:
        return timezone.localdate(self.now)

    @property
    def days_left(self) -> int | None:
        """Until the due date, negative past it."""
        return self.round.days_left(self.today)

    @cached_property
    def rows(self) -> dict[Place, list[YearlyAction]]:
        """All rows in the table's order, by the departments' codes, the planning office's last."""
        found: dict[Place, list[YearlyAction]] = {}
        rows = YearlyAction.objects.filter(round=self.round).with_place().with_departments()
        for row in rows.defer("result", "plan", "rating_reason").in_table_order():
            places: set[Place] = set(row.departments)
            for place in places or {None}:
                found.setdefault(place, []).append(row)
        return {place: found[place] for place in sorted(found, key=lambda each: each.code if each else "~")}

    def rows_in(self, states: Collection[str]) -> Iterable[tuple[Place, list[YearlyAction]]]:
        """Those rows that stand in one of these states; who has none is left out."""
        for place, rows in self.rows.items():
            if standing := [row for row in rows if row.state in states]:
                yield place, standing

    @cached_property
    def addresses(self) -> Addresses:
        return addresses_of(place.pk for place in self.rows if place)

    @cached_property
    def events(self) -> list[Event]:
        return occasions.events_of(self.round)

    @cached_property
    def manifesto(self) -> str:
        return manifestos.names().get(self.round.manifesto_id, "")

    @cached_property
    def contact(self) -> str:
        """Whom people ask: the planning office, where somebody has written who that is."""
        city = city_now()
        office = city.office.name or city.contact
        return f"{office}（電話 {city.office.telephone}）" if city.office.telephone else office

    @cached_property
    def _since(self) -> dict[MailKind, datetime | None]:
        return switches.since(self.round.manifesto)

    def sends(self, kind: MailKind) -> bool:
        return self._since[kind] is not None

    def is_news(self, kind: MailKind, occasion: Occasion) -> bool:
        """Whether people are to be told of it: the kind is on, and was when it happened, not long ago."""
        since = self._since[kind]
        return since is not None and occasion.is_recent(self.now, since)

    @cached_property
    def _sent(self) -> dict[tuple[str, int | None], dict[str, Times]]:
        """When which mails were accepted, by kind and department, then by recipient."""
        found: dict[tuple[str, int | None], dict[str, Times]] = {}
        records = SentMail.objects.filter(round=self.round).order_by("sent_at", "pk")
        columns = ("kind", "department", "recipient", "occasion", "sent_at")
        for kind, pk, recipient, occasion, sent_at in records.values_list(*columns):
            found.setdefault((kind, pk), {}).setdefault(recipient, {})[occasion] = sent_at
        return found

    def sent(self, kind: MailKind, place: Place) -> dict[str, Times]:
        """By recipient and occasion, when people of a department got mails of a kind."""
        return self._sent.get((kind, place.pk if place else None), {})

    def notice(
        self,
        kind: MailKind,
        occasion: str,
        place: Place,
        rows: list[YearlyAction],
        to: Iterable[str],
        due_at: datetime,
        **told: Any,
    ) -> Notice:
        """The notice of an occasion to some people, parted by whether they have got it."""
        had = {who: times[occasion] for who, times in self.sent(kind, place).items() if occasion in times}
        mailed = sorted(had, key=lambda who: had[who])
        return Notice(
            kind=kind,
            occasion=occasion,
            round=self.round,
            department=place,
            rows=rows,
            recipients=[who for who in to if who not in had],
            due_at=due_at,
            mailed=mailed,
            sent_at=f"{timezone.localtime(max(had.values())):%H:%M}" if had else "",
            manifesto=self.manifesto,
            told={"days_left": self.days_left, "contact": self.contact, **told},
        )
