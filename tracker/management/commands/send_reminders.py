"""`manage.py send_reminders`, for cron: a mail a day to each department with open rows near the due date."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from tracker.cycle import reminders
from tracker.cycle.reminders import Notice, ReminderProblem
from tracker.models import Manifesto, ReportingRound
from tracker.words.fiscal_years import short_label


class Command(BaseCommand):
    help = "締切が近い、または過ぎた報告回について、提出していない課に催促メールを送ります。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        days_help = "締切の何日前から送るか（初期値 7）"
        parser.add_argument("--days", type=int, default=reminders.DAYS, help=days_help)
        parser.add_argument("--manifesto", metavar="SLUG", help="このマニフェストの報告回だけ")
        parser.add_argument("--dry-run", action="store_true", help="送る相手を示すだけで、何も送らない")

    def handle(self, *args: Any, **options: Any) -> None:
        due = self._rounds(options["days"], options["manifesto"])
        if (words := reminders.missing_settings()) and not options["dry_run"]:
            raise CommandError(words)
        if not due:
            self.stdout.write("締切が近い報告回はありません。")
            return
        notices = [notice for round in due for notice in reminders.notices(round, timezone.localdate())]
        self._tell_others(notices)
        if options["dry_run"]:
            for notice in (each for each in notices if each.recipients):
                self.stdout.write(f"送る相手：{_named(notice, notice.recipients)}")
            self.stdout.write("確認だけを行いました。何も送っていません。")
            return
        try:
            delivery = reminders.send(due, by="send_reminders")
        except ReminderProblem as problem:
            raise CommandError(str(problem)) from problem
        for notice in delivery.sent:
            self.stdout.write(f"送りました：{_named(notice, notice.recipients)}")
        for notice, why in delivery.failed:
            self.stderr.write(f"送れませんでした：{_named(notice, notice.recipients)}　{why}")
        if delivery.failed:
            words = f"{delivery.sent_count} 通を送り、{delivery.failed_count} 通を送れませんでした。"
            raise CommandError(f"{words}もう一度実行すると、送れなかった宛先だけに送ります。")
        self.stdout.write(f"{delivery.sent_count} 通を送りました。")

    def _rounds(self, days: int, slug: str | None) -> list[ReportingRound]:
        if not 0 <= days <= 366:
            raise CommandError("--days：0 から 366 までの数で書いてください。")
        if slug is not None and not Manifesto.objects.filter(slug=slug).exists():
            raise CommandError(f"--manifesto {slug}：このマニフェストはありません。")
        due = reminders.rounds_to_remind(timezone.localdate(), days)
        return list(due.filter(manifesto__slug=slug) if slug else due)

    def _tell_others(self, notices: list[Notice]) -> None:
        """Names those who get no mail: it was sent today, or nobody has an address."""
        for notice in notices:
            if notice.mailed:
                self.stdout.write(f"今日 {notice.sent_at} に送りました：{_named(notice, notice.mailed)}")
            if not notice.has_address:
                self.stderr.write(f"メールアドレスが登録されていません：{_named(notice, [])}")


def _named(notice: Notice, recipients: list[str]) -> str:
    year = short_label(notice.round.fiscal_year)
    return f"{notice.name}（{year}、{len(notice.rows)} 件）　{'、'.join(recipients)}".rstrip("　")
