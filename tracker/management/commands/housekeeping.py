"""`manage.py housekeeping`, for cron: lets go of ended sessions, and of sheets, lists, invitations, PDFs
and tables that nobody can need, and of old records of people (docs/operations.md).
"""

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


class Command(BaseCommand):
    help = (
        "期限が切れたログインの記録と、役目を終えた入力シートの控え、確かめなかったシートと利用者の一覧、招待、"
        "使われていない掲載表の PDF、読み込んだままの表、古いログインの失敗とメールの宛先の記録を消します。"
    )

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("clearsessions")
        made, uploaded = pruning.forget_old()
        lists, ended = planning.forget_unconfirmed(), invitations.forget_ended()
        self.stdout.write(
            "期限が切れたログインの記録を消しました。"
            f"入力シートの控えを消しました：作ったもの {made} 件、取り込んだもの {uploaded} 件。"
            f"確かめなかった入力シート {pruning.forget_unconfirmed()} 件、"
            f"確かめなかった利用者の一覧 {lists} 件、終わった招待 {ended} 件を消しました。"
            f"使われていない掲載表の PDF {making.forget_old()} 件を消しました。"
            f"読み込んだまま 14 日たった表 {uploads.forget_old_tables()} 件を消しました。"
            f"古い記録を消しました：ログインの失敗 {lock_out.forget_old_failures()} 件、"
            f"メールの宛先 {mailing.forget_old_mails()} 件、"
            f"二重送信を見分ける控え {once.forget_old_forms()} 件。"
        )
        ended_well("housekeeping")
