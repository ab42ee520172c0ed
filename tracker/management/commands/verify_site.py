"""`manage.py verify_site DIR`: whether exported files are as they were signed."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tracker import signing
from tracker.site_export import apply_site


class Command(BaseCommand):
    help = "書き出した公開サイトのファイルが、署名のとおりで、ほかに何もないかを確かめます。"
    requires_system_checks = []  # it asks no database

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", metavar="DIR", help="書き出したフォルダー")
        parser.add_argument("--key", default="", help="公開鍵か、それを書いたファイル。なければこの設備の鍵")

    def handle(self, *args: Any, folder: str, key: str, **options: Any) -> None:
        try:
            used = apply_site.key_from(key) if key else signing.public_key()
            manifest = apply_site.check(apply_site.site_in(folder), used)
        except apply_site.SiteProblem as problem:
            raise CommandError(str(problem)) from problem
        self.stdout.write(
            f"{len(manifest.files):,} 個のファイルは、すべて署名のとおりです（{manifest.made_at}）。"
        )
