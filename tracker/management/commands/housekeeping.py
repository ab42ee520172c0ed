"""`manage.py housekeeping`, for cron: lets go of ended sessions, and of sheets, lists, invitations, PDFs
and tables that nobody can need, and of old records of people (docs/operations.md).

Each kind by itself: a folder that cannot be written stops none of the others. Ends with 1 where one stayed.
"""

import sys
from collections.abc import Callable
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from tracker.cycle import mailing
from tracker.entry_sheets import pruning
from tracker.last_runs import ended_well
from tracker.organisation import invitations
from tracker.organisation.people import planning
from tracker.published_tables import making, uploads
from tracker.staff.frame import lock_out, once
from tracker.words.system_errors import in_words

# What goes, in words, with the places of the numbers; and what lets go of it and tells these.
KINDS: tuple[tuple[str, Callable[[], object]], ...] = (
    ("期限が切れたログインの記録", lambda: call_command("clearsessions")),
    ("入力シートの控え：作ったもの {} 件、取り込んだもの {} 件", lambda: pruning.forget_old()),
    ("確かめなかった入力シート {} 件", lambda: pruning.forget_unconfirmed()),
    ("確かめなかった利用者の一覧 {} 件", lambda: planning.forget_unconfirmed()),
    ("終わった招待 {} 件", lambda: invitations.forget_ended()),
    ("使われていない掲載表（PDF）{} 件", lambda: making.forget_old()),
    ("読み込んだまま 14 日たった表 {} 件", lambda: uploads.forget_old_tables()),
    ("古いログインの失敗の記録 {} 件", lambda: lock_out.forget_old_failures()),
    ("古いメールの宛先の記録 {} 件", lambda: mailing.forget_old_mails()),
    ("二重送信を見分ける控え {} 件", lambda: once.forget_old_forms()),
)


class Command(BaseCommand):
    help = (
        "期限が切れたログインの記録と、役目を終えた入力シートの控え、確かめなかったシートと利用者の一覧、招待、"
        "使われていない掲載表の PDF、読み込んだままの表、古いログインの失敗とメールの宛先の記録を消します。"
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write("次のものを消しました。")
        stayed = sum(not self._let_go(words, act) for words, act in KINDS)
        if not stayed and not ended_well("housekeeping"):
            self.stderr.write(
                "終わったことを、STATE_DIR に書けませんでした。空きと、持ち主・権限を確かめてください。"
            )
            stayed = 1
        if stayed:
            sys.exit(1)

    def _let_go(self, words: str, act: Callable[[], object]) -> bool:
        """Whether it could: a database that fails fails for all, and ends the command."""
        try:
            told = act()
        except OSError as problem:
            where = f"{problem.filename}：" if problem.filename else ""
            kind = words.partition("：")[0].replace("{} 件", "").strip()
            self.stderr.write(f"{kind}を消せませんでした（{where}{in_words(problem)}）。")
            return False
        self.stdout.write(f"  {words.format(*(told if isinstance(told, tuple) else (told,)))}")
        return True
