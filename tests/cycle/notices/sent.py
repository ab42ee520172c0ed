"""What was mailed to whom, and which kinds of mail are sent at all."""

from datetime import date, datetime, time, timedelta

import time_machine
from django.core import mail
from django.utils import timezone

from tracker.choices import MailKind
from tracker.cycle.notices import sending
from tracker.cycle.notices.sending import Delivery
from tracker.models import MailSwitch, Manifesto, SentMail

BEFORE = timedelta(days=365)


def only(manifesto: Manifesto, *kinds: MailKind) -> None:
    """Mails of these kinds alone are sent, since long ago."""
    MailSwitch.objects.filter(manifesto=manifesto).delete()
    since = timezone.now() - BEFORE
    MailSwitch.objects.bulk_create(
        MailSwitch(manifesto=manifesto, kind=kind, is_on=kind in kinds, since=since) for kind in MailKind
    )


def run() -> Delivery:
    """What the command does every five minutes."""
    rounds = list(sending.rounds_with_mails(timezone.now()))
    return sending.send(rounds, by="send_mails", by_itself=True)


def after(minutes: float) -> time_machine.travel:
    """So much later than now."""
    return time_machine.travel(timezone.now() + timedelta(minutes=minutes))


def at_the_office(day: date) -> datetime:
    """Ten o'clock of a day, or of the Monday after its weekend: when mails go out that no act has caused."""
    to_monday = {5: 2, 6: 1}.get(day.weekday(), 0)
    return timezone.make_aware(datetime.combine(day + timedelta(days=to_monday), time(10)))


def outbox() -> list[tuple[str, str]]:
    """(To whom, subject) of all mails, and the outbox is empty after it."""
    found = [(message.to[0], str(message.subject)) for message in mail.outbox]
    mail.outbox.clear()
    return found


def recorded() -> list[str]:
    """Who got a mail, in the order of the mails."""
    return list(SentMail.objects.order_by("pk").values_list("recipient", flat=True))
