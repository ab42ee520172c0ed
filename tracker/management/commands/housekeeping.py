"""`manage.py housekeeping`, for cron: lets go of ended sessions and of entry sheets that nobody can need."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from tracker.entry_sheets import pruning


class Command(BaseCommand):
    help = "期限が切れたログインの記録と、役目を終えた入力シートの控えを消します。"

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("clearsessions")
        made, uploaded = pruning.forget_old()
        self.stdout.write(
            "期限が切れたログインの記録を消しました。"
            f"入力シートの控えを消しました：作ったもの {made} 件、取り込んだもの {uploaded} 件。"
        )
