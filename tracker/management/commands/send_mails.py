"""`manage.py send_mails`, for cron every five minutes: whatever people are to be told of by now."""

from argparse import ArgumentParser
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from tracker.choices import MailKind
from tracker.cycle import mailing, manifestos
from tracker.cycle.notices import kinds, sending
from tracker.cycle.notices.notice import Notice
from tracker.cycle.notices.sending import Delivery, OtherRun
from tracker.last_runs import ended_well
from tracker.models import Manifesto, ReportingRound


class Command(BaseCommand):
    help = "報告の開始・差戻し・締切の変更・催促・公表などを、担当課の人にメールで知らせます。"
    kinds: Collection[str] = tuple(MailKind)
    by = "send_mails"
    by_itself = True  # so that a mail waits for its time

    def add_arguments(self, parser: ArgumentParser) -> None:
        days_help = f"催促を、締切の何日前から送るか（初期値 {kinds.DAYS}）"
        parser.add_argument("--days", type=int, default=kinds.DAYS, help=days_help)
        parser.add_argument("--manifesto", metavar="SLUG", help="このマニフェストの報告回だけ")
        parser.add_argument("--dry-run", action="store_true", help="送る相手を示すだけで、何も送らない")

    def handle(self, *args: Any, **options: Any) -> None:
        now, days = timezone.now(), options["days"]
        rounds = self.asked_rounds(now, days, options["manifesto"])
        if options["dry_run"]:
            self.tell_what_would_be_sent(self.notices(rounds, now, days), now)
        elif words := mailing.missing_settings():
            raise CommandError(words)
        else:
            self.send(rounds, days)
            ended_well("send_mails")

    def send(self, rounds: list[ReportingRound], days: int) -> None:
        """Says nothing where nothing was to be sent, or another run does it: it comes every five minutes."""
        try:
            delivery = sending.send(rounds, by=self.by, kinds=self.kinds, days=days, by_itself=self.by_itself)
        except OtherRun:
            return
        self.tell(delivery)
        if delivery.sent:
            self.stdout.write(f"{delivery.sent_count} 通を送りました。")

    def asked_rounds(self, now: datetime, days: int, slug: str | None) -> list[ReportingRound]:
        """The rounds that may have something to tell. Raises CommandError for what cannot be asked for."""
        if not 0 <= days <= 366:
            raise CommandError("--days：0 から 366 までの数で書いてください。")
        if slug is not None and not Manifesto.objects.filter(slug=slug).exists():
            known = "、".join(f"{each.slug}（{name}）" for each, name in manifestos.names_of_all().items())
            raise CommandError(
                f"--manifesto {slug}：このマニフェストはありません。あるのは {known or 'なし'} です。"
            )
        due = self.rounds(now, days)
        return [round for round in due if slug is None or round.manifesto.slug == slug]

    def rounds(self, now: datetime, days: int) -> Iterable[ReportingRound]:
        return sending.rounds_with_mails(now)

    def notices(self, rounds: list[ReportingRound], now: datetime, days: int) -> list[Notice]:
        found = (kinds.notices_of(round, now, days=days, kinds=self.kinds) for round in rounds)
        return [notice for notices in found for notice in notices]

    def tell_what_would_be_sent(self, notices: list[Notice], now: datetime) -> None:
        self.tell_others(notices)
        for notice in (each for each in notices if each.recipients):
            due = timezone.localtime(notice.due_at)
            when = f"（{due:%m/%d %H:%M} から）" if self.by_itself and notice.due_at > now else ""
            self.stdout.write(f"送る相手{when}：{named(notice, notice.recipients)}")
        self.stdout.write("確認だけを行いました。何も送っていません。")

    def tell(self, delivery: Delivery) -> None:
        """What was done. Raises CommandError where the server refused somebody."""
        for notice in delivery.sent:
            self.stdout.write(f"送りました：{named(notice, notice.recipients)}")
        for notice in delivery.untimely:
            words = "送る前に、報告回が締め切られたか取り消されたか、取組の状態が変わりました"
            self.stderr.write(f"{words}：{named(notice, [])}")
        for notice, why in delivery.failed:
            self.stderr.write(f"送れませんでした：{named(notice, notice.recipients)}　{why}")
        if delivery.left:
            count = sending.mail_count(delivery.left)
            self.stderr.write(f"メールサーバーの答えが遅いので、{count} 通は次に動かしたときに送ります。")
        if delivery.failed:
            words = f"{delivery.sent_count} 通を送り、{delivery.failed_count} 通を送れませんでした。"
            raise CommandError(f"{words}もう一度実行すると、送れなかった宛先だけに送ります。")

    def tell_others(self, notices: list[Notice]) -> None:
        """Names those who get no mail: they have got it, or nobody has an address."""
        for notice in notices:
            if notice.mailed:
                self.stdout.write(f"{notice.sent_at} に送りました：{named(notice, notice.mailed)}")
            if not notice.has_address:
                self.stderr.write(f"メールアドレスが登録されていません：{named(notice, [])}")


def named(notice: Notice, recipients: list[str]) -> str:
    year = f"{notice.manifesto} {notice.round.short_label}".strip()
    told = f"{notice.kind.label}　{notice.name}（{year}、{len(notice.rows)} 件）"
    return f"{told}　{'、'.join(recipients)}".rstrip("　")
