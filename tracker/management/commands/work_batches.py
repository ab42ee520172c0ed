"""`manage.py work_batches`: works long entry sheets until none is left. The server starts it by itself; see
README.
"""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection

from tracker.entry_sheets import working
from tracker.models import SheetBatch


class Command(BaseCommand):
    """Reads and writes uploaded entry sheets that are too long for a page to wait for."""

    help = "長い入力シートを読み取り、確定したものを書き込みます。することがなくなると終わります。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        silence = working.SILENCE.total_seconds()
        parser.add_argument(
            "--wait",
            action="store_true",
            help=(
                "ほかのプロセスが処理しているはずのものがあれば、止まっていないかを見届け、"
                "止まっていれば引き継ぎます。"
            ),
        )
        parser.add_argument(
            "--silence",
            type=float,
            default=silence,
            metavar="SECONDS",
            help=f"処理しているプロセスが止まったとみなすまでの秒数（初期値は {silence:g}）",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not self._has_batches():
            self._say(
                "データベースがまだ準備されていません（manage.py migrate を実行してください）。", options
            )
            return
        say = self.stdout.write if options["verbosity"] > 1 else lambda words: None
        count = working.work(say, silence=timedelta(seconds=options["silence"]), waits=options["wait"])
        self._say(f"{count} 件の入力シートを処理しました。", options)

    def _has_batches(self) -> bool:
        """Whether the database is there and has the table. Raises CommandError for one that does not
        answer.
        """
        try:
            return SheetBatch._meta.db_table in connection.introspection.table_names()
        except OperationalError as problem:
            raise CommandError(f"データベースにつながりません：{problem}") from problem

    def _say(self, words: str, options: dict[str, Any]) -> None:
        if options["verbosity"]:
            self.stdout.write(words)
