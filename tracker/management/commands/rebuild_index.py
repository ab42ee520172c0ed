"""`manage.py rebuild_index [REPORT]`: makes the index of published reports and of the history anew."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tracker.cycle.event_words import index as history
from tracker.models import Report
from tracker.reports import index


class Command(BaseCommand):
    help = (
        "公表版の索引（一覧の抜き書き・絞り込み・検索）を、公表した内容から作り直します。"
        "公表版を指定しなければ、変更の履歴の索引も作り直します。"
        "内容は変わりません。サイトを動かしたまま行えます。"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "report", metavar="REPORT", nargs="?", help="公表版（2021/2024-03-31/1 の形。初期値はすべて）"
        )

    def handle(self, *args: Any, report: str | None, **options: Any) -> None:
        names = {each.subject.removeprefix("report:"): each for each in Report.objects.order_by("pk")}
        if report is not None and report not in names:
            raise CommandError(f"公表版 {report} はありません。あるのは次のとおりです：{'、'.join(names)}")
        for name in names if report is None else [report]:
            count = index.rebuild(names[name])
            words = f"{count:,} 件の索引を作り直しました" if count else "索引は、内容と合っています"
            self.stdout.write(f"{name}（取組 {names[name].entry_count:,} 件）：{words}。")
        if report is None:
            count = history.rebuild()
            words = f"{count:,} 件の索引を作り直しました" if count else "索引は、内容と合っています"
            self.stdout.write(f"変更の履歴：{words}。")
