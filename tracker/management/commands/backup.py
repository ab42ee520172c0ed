"""`manage.py backup FILE`: all that the installation holds, as one file, while people go on working."""

import re
from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils import timezone

from tracker.backup import keeping, making
from tracker.backup.archive import TablePart
from tracker.last_runs import ended_well
from tracker.words.system_errors import in_words

NAME = "manifesto-%Y%m%d-%H%M%S.zip"
NAMED = re.compile(r"manifesto-([0-9]{8}-[0-9]{6})\.zip")


class Command(BaseCommand):
    help = (
        "この設備にあるもの（データベースと封印の控え）を、動かしたまま、1 つのファイルにバックアップします。"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "file",
            metavar="FILE",
            type=Path,
            help="バックアップのファイル。フォルダーを書くと、日時の名前で作り、そのフォルダーの古いバックアップを片付ける",
        )
        parser.add_argument(
            "--keys",
            metavar="FILE",
            type=Path,
            help="鍵（secret_key、seal_key）を、別のこのファイルに書き出す",
        )
        overwriting = "いまある同じ名前のファイルに上書きする"
        parser.add_argument("--overwrite", action="store_true", help=overwriting)

    def handle(self, *args: Any, file: Path, keys: Path | None, overwrite: bool, **options: Any) -> None:
        self._tells_tables = options["verbosity"] > 0
        now = timezone.localtime()
        path = file / now.strftime(NAME) if file.is_dir() else file
        for each in filter(None, (path, keys)):
            if each.exists() and not overwrite:
                raise CommandError(
                    f"{each} は、もうあります。何も書き込んでいません。"
                    "別の名前にするか、上書きしてよければ --overwrite を付けてください。"
                )
        try:
            manifest = making.back_up(path, self._tell)
            if keys is not None:
                self._keep_keys(keys)
        except (OSError, DatabaseError) as problem:
            where = getattr(problem, "filename", None) or path
            raise CommandError(f"バックアップを作れません（{where}：{in_words(problem)}）。") from problem
        size = path.stat().st_size
        self.stdout.write(f"{path} にバックアップしました（{manifest.rows:,} 行、{size:,} バイト）。")
        if file.is_dir():
            self._tidy(file, now)
        ended_well("backup")

    def _tell(self, table: TablePart) -> None:
        if table.rows and self._tells_tables:
            self.stdout.write(f"  {table.label} {table.rows:,} 行")

    def _keep_keys(self, path: Path) -> None:
        found = making.keep_keys(path)
        given = [name for name in making.KEYS if name not in found]
        self.stdout.write(f"{path} に鍵を書き出しました（{'、'.join(found) or 'なし'}）。")
        if given:
            names = "、".join(name.upper() for name in given)
            self.stdout.write(f"{names} は環境変数で渡されているので、入れていません。")
        self.stdout.write(
            "鍵を読める人は、封印を作れます。バックアップとは別の、限られた人だけが読める場所に置いてください。"
        )

    def _tidy(self, folder: Path, now: datetime) -> None:
        """Deletes what the rule lets go, of the files that this command has named."""
        zone = timezone.get_current_timezone()
        times = {
            datetime.strptime(named[1], "%Y%m%d-%H%M%S").replace(tzinfo=zone): path
            for path in folder.iterdir()
            if (named := NAMED.fullmatch(path.name))
        }
        gone = keeping.superfluous(times, now)
        for each in gone:
            times[each].unlink()
        if gone:
            self.stdout.write(f"古いバックアップ {len(gone):,} 件を片付けました（{keeping.RULE}）。")
