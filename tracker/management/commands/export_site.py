"""`manage.py export_site DIR`: the public site as signed files, for any web server."""

import os
from argparse import ArgumentParser
from pathlib import Path
from time import monotonic
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection

from tracker import signing, storage
from tracker.site_export import apply_site, packing
from tracker.site_export.apply_site import Releases, SiteProblem
from tracker.site_export.asking import is_known, public_address
from tracker.site_export.exporting import ExportOutcome, export
from tracker.site_export.writing import PACKED_BY
from tracker.words.system_errors import in_words

MOST_PROCESSES = 2  # of 60 MB each, beside a server that goes on
SECONDS_BETWEEN_WORDS = 2
MOST_NAMED = 10
NO_ADDRESS = (
    "ご注意：公開サイトのアドレスが決まっていないので、サイトマップとフィードには {} と書きます。"
    "--address https://… を付けるか、PUBLIC_URL を設定して、もう一度書き出してください。"
)


class Command(BaseCommand):
    help = "公開サイトのすべてのページとデータを、署名付きのファイルに書き出します。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "target",
            metavar="DIR",
            type=Path,
            help="書き出すフォルダー（Web サーバーが見せるのは、その中の current）。"
            ".zip で終わる名前なら、1 つのファイルにする",
        )
        parser.add_argument(
            "--since",
            metavar="MANIFEST",
            type=Path,
            help="この目録（公開用のサーバーの current/manifest.json）との差分だけを、.zip にする",
        )
        parser.add_argument("--rollback", action="store_true", help="前に書き出したサイトに戻す")
        parser.add_argument(
            "--address",
            metavar="URL",
            default="",
            help="公開サイトのアドレス（https://… の形。フィードに書く）",
        )

    def handle(
        self, *args: Any, target: Path, since: Path | None, rollback: bool, address: str, **options: Any
    ) -> None:
        is_file = target.suffix == ".zip"
        if since and not is_file:
            raise CommandError("--since を使うときは、.zip で終わるファイルの名前を書いてください。")
        try:
            if rollback:
                self._roll_back(target)
                return
            self._refuse_without_assets()
            if is_file:
                self._pack(target, since, address)
                return
            with Releases(target).turn() as releases:
                self._export(releases, address)
        except SiteProblem as problem:
            raise CommandError(str(problem)) from problem
        except (OSError, DatabaseError) as problem:
            where = getattr(problem, "filename", None) or target
            raise CommandError(
                f"書き出せません（{where}：{in_words(problem)}）。何も変えていません。"
            ) from problem

    def _roll_back(self, folder: Path) -> None:
        self.stdout.write(f"前のサイトに戻しました（{apply_site.roll_back(folder)}）。")

    def _pack(self, file: Path, since: Path | None, address: str) -> None:
        """From a folder of our own: what has not changed since the last time is not rendered again."""
        with Releases(packing.own_folder()).turn() as releases:  # what is packed is what was exported
            self._export(releases, address)
            packed = packing.pack(releases, file, since)
        if packed == 0:
            self.stdout.write(f"{since} と違うファイルはありません。{file} は作っていません。")
            return
        words = "差分" if since else "サイト全体"
        self.stdout.write(
            f"{file} に{words}（{packed:,} 個のファイル、{file.stat().st_size:,} バイト）を書きました。"
        )

    def _refuse_without_assets(self) -> None:
        if not storage.assets_are_collected():
            raise CommandError(
                "静的ファイルを集めていないので、書き出せません。"
                "manage.py collectstatic --noinput を実行してから、もう一度行ってください。"
                "何も変えていません。"
            )

    def _export(self, releases: Releases, address: str) -> None:
        address = address.rstrip("/") or public_address()
        self._last, began = monotonic(), monotonic()
        self.stdout.write(f"公開サイト（{address}）を書き出しています…")
        if not is_known(address):
            self.stderr.write(NO_ADDRESS.format(address))
        # Within a transaction other processes would not see what it has written.
        processes = 1 if connection.in_atomic_block else min(os.cpu_count() or 1, MOST_PROCESSES)
        outcome = export(releases, address, self._tell, processes)
        self._tell_outcome(releases.folder, outcome, monotonic() - began)

    def _tell(self, done: int, known: int) -> None:
        if monotonic() - self._last >= SECONDS_BETWEEN_WORDS:
            self._last = monotonic()
            self.stdout.write(f"  {done:,} / {known:,}")
            self.stdout.flush()

    def _tell_outcome(self, folder: Path, outcome: ExportOutcome, seconds: float) -> None:
        counts = f"作ったもの {outcome.rendered:,}、前のまま {outcome.taken_over:,}、{seconds:.1f} 秒"
        if outcome.manifest is None:
            self.stdout.write(
                f"公開サイトは、前に書き出したときから変わっていません。何も変えていません（{counts}）。"
            )
        else:
            self.stdout.write(
                f"{folder / 'current'} に、{len(outcome.files):,} 個のファイルを書き出しました（{counts}）。"
            )
            self.stdout.write(f"署名の公開鍵：{signing.public_key()}")
        self._warn(
            "リンクの先がありません", [f"{path}（{page} から）" for path, page in outcome.lacking.items()]
        )
        self._warn(
            "ファイルにできないので除きました", [f"{path}：{why}" for path, why in outcome.left_out.items()]
        )
        if not PACKED_BY:
            self.stdout.write(
                "brotli のライブラリがないので、.br のファイルは作っていません（なくても公開できます）。"
            )
        if settings.DEBUG:
            self.stdout.write("ご注意：DEBUG=true のまま書き出しました。")

    def _warn(self, words: str, lines: list[str]) -> None:
        for line in lines[:MOST_NAMED]:
            self.stderr.write(f"ご注意：{words}：{line}")
        if len(lines) > MOST_NAMED:
            self.stderr.write(f"ご注意：{words}：ほか {len(lines) - MOST_NAMED:,} 件")
