"""`manage.py send_reminders`: the reminders alone, at once; `send_mails` sends them on weekday mornings."""

from collections.abc import Iterable
from datetime import datetime

from django.core.management.base import CommandError
from django.utils import timezone

from tracker.choices import MailKind
from tracker.cycle.notices import sending
from tracker.cycle.notices.sending import MailProblem
from tracker.management.commands import send_mails
from tracker.models import ReportingRound


class Command(send_mails.Command):
    help = "締切が近い、または過ぎた報告回について、提出していない課に催促メールだけを送ります。"
    kinds = (MailKind.REMINDER,)
    by = "send_reminders"
    by_itself = False

    def rounds(self, now: datetime, days: int) -> Iterable[ReportingRound]:
        return sending.rounds_to_remind(now, days)

    def send(self, rounds: list[ReportingRound], days: int) -> None:
        if not rounds:
            self.stdout.write("締切が近い報告回はありません。")
            return
        self.tell_others(self.notices(rounds, timezone.now(), days))
        try:
            delivery = sending.send(rounds, by=self.by, kinds=self.kinds, days=days)
        except MailProblem as problem:
            raise CommandError(str(problem)) from problem
        self.tell(delivery)
        self.stdout.write(f"{delivery.sent_count} 通を送りました。")
