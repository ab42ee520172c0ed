"""`manage.py doctor`: how the installation stands. Ends with 1 where something is wrong."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.mail import send_mail
from django.core.management.base import BaseCommand, CommandError

from tracker.doctor.examination import examine
from tracker.doctor.findings import Soundness


class Command(BaseCommand):
    help = (
        "この設備のようす（設定、ディスク、データベース、時計、メール、バックアップ、証明書など）を調べます。"
    )
    requires_system_checks: tuple[str, ...] = ()  # what they say is told with the rest

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="結果を JSON で出力する")
        parser.add_argument("--mail", metavar="ADDRESS", help="このアドレスに、試しのメールを 1 通送る")

    def handle(self, *args: Any, **options: Any) -> None:
        found = examine()
        if options["json"]:
            told = [each._asdict() for each in found]
            self.stdout.write(json.dumps(told, ensure_ascii=False, indent=1))
        else:
            for each in found:
                self.stdout.write(f"{each.standing}　{each.topic}：{each.words}{each.to_do}")
        if options["mail"]:
            self._send(options["mail"])
        if any(each.standing is Soundness.TROUBLE for each in found):
            sys.exit(1)

    def _send(self, address: str) -> None:
        try:
            send_mail("試しのメール", "市長マニフェストのサーバーから届きました。\n", None, [address])
        except OSError as problem:
            raise CommandError(f"{address} に送れませんでした（{problem}）。") from problem
        self.stderr.write(f"{address} に試しのメールを送りました。届いたかを確かめてください。")
