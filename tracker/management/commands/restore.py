"""`manage.py restore FILE`: a backup into an empty installation, of SQLite or PostgreSQL (DATABASE_URL).

On trial: into an installation that is made for it, beside the one that works, and is gone afterwards.
"""

import os
import subprocess
import sys
from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection
from django.utils import timezone

from tracker.backup import restoring
from tracker.backup.archive import ArchiveProblem, Reader, TablePart
from tracker.backup.making import KEYS
from tracker.reports.verifying import Verification
from tracker.words.system_errors import in_words

KINDS = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


class Command(BaseCommand):
    help = (
        "バックアップを、空の設備に戻します。"
        "データベース（DATABASE_URL）は、バックアップしたときと違う種類でもかまいません。"
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path, help="バックアップのファイル")
        parser.add_argument("--keys", metavar="FILE", type=Path, help="鍵のファイル")
        parser.add_argument(
            "--without-keys", action="store_true", help="鍵をなくしたので、封印を確かめられないまま戻す"
        )
        parser.add_argument("--check", action="store_true", help="確かめるだけで、何も書き込まない")
        parser.add_argument(
            "--trial",
            action="store_true",
            help="試しに、あとで消す別のデータベースに戻して、すべてを確かめる（いまの設備には何も書き込まない）",
        )

    def handle(self, *args: Any, file: Path, keys: Path | None, check: bool, **options: Any) -> None:
        if keys and options["without_keys"]:
            raise CommandError(
                "--keys と --without-keys は、いっしょに使えません。何も書き込んでいません。"
                "鍵のファイルがあるなら、--without-keys を外してください。"
            )
        try:
            reader = Reader(file)
            self._introduce(reader)
            if check:
                self.stdout.write("壊れていません。何も書き込んでいません。")
                return
            given = restoring.read_keys(keys) if keys else {}
            if options["trial"]:
                self._try(file, keys, without_keys=options["without_keys"])
                return
            restoring.restore(reader, given, self._tell, without_keys=options["without_keys"])
        except ArchiveProblem as problem:
            raise CommandError(f"{problem}") from problem
        except (OSError, DatabaseError) as problem:
            raise CommandError(f"戻せません（{in_words(problem)}）。何も書き込んでいません。") from problem
        self._verify()

    def _try(self, file: Path, keys: Path | None, *, without_keys: bool) -> None:
        """The same command with another database and STATE_DIR. Its keys are those of the file, or ours."""
        command = [sys.executable, "manage.py", "restore", str(file.resolve())]
        command += ["--keys", str(keys.resolve())] if keys else []
        command += ["--without-keys"] if without_keys else []
        own = {name.upper(): "" if keys else getattr(settings, name.upper()) for name in KEYS}
        with TemporaryDirectory(prefix="manifesto-trial-") as folder:  # nobody else may look into it
            apart = os.environ | own | {"STATE_DIR": folder, "DATABASE_URL": "", "PGBOUNCER": ""}
            done = subprocess.run(  # noqa: S603 - ourselves
                command, cwd=settings.BASE_DIR, env=apart, capture_output=True, text=True, check=False
            )
        if done.returncode:
            raise CommandError(f"試しに戻せませんでした。\n{done.stderr.strip()}")
        self.stdout.write("\n".join(done.stdout.strip().splitlines()[1:]))
        self.stdout.write("試しに戻したデータベースは、消しました。いまの設備には何も書き込んでいません。")

    def _introduce(self, reader: Reader) -> None:
        told = reader.manifest
        kinds = KINDS.get(told.database, told.database), KINDS.get(connection.vendor, connection.vendor)
        way = kinds[0] if kinds[0] == kinds[1] else " → ".join(kinds)
        made = timezone.localtime(datetime.fromisoformat(told.made_at))
        self.stdout.write(
            f"バックアップ：{told.city}、{made:%Y-%m-%d %H:%M}、版 {told.version}、{told.rows:,} 行（{way}）"
        )

    def _tell(self, table: TablePart) -> None:
        if table.rows:
            self.stdout.write(f"  {table.label} {table.rows:,} 行")

    def _verify(self) -> None:
        """What was restored is looked at as `verify_events` does; it stays, whatever is found."""
        found = Verification()
        found.run()
        self.stdout.write("戻しました。すべての表が、バックアップしたときと同じです。")
        if found.problems:
            words = "\n".join(str(problem) for problem in found.problems)
            raise CommandError(f"戻した内容に、記録と合わないところがあります（verify_events）。\n{words}")
        self.stdout.write(
            f"履歴 {found.count:,} 件も、公表版 {len(found.reports):,} 件も、記録されたままです。"
        )
