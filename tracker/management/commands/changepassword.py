"""`manage.py changepassword`: somebody's new password, asked for in our words; the history tells of it."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tracker.cycle import events
from tracker.management.asking import new_password, refuse_without_terminal
from tracker.models import User
from tracker.staff.master import changes


class Command(BaseCommand):
    help = "利用者のパスワードを設定します。新しいパスワードを尋ねます。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username", help="利用者名")

    def handle(self, *args: Any, username: str, **options: Any) -> None:
        """The event follows on the act: no transaction may wait for what somebody types."""
        refuse_without_terminal()
        user = User.objects.filter(username=username).first()
        if user is None:
            raise CommandError(f"利用者「{username}」は登録されていません。")
        try:
            user.set_password(new_password(user, self.stderr.write))
        except (KeyboardInterrupt, EOFError):
            self.stderr.write("\nやめました。何も変えていません。")
            sys.exit(1)
        user.save()
        events.record_all([changes.recorded(user, "パスワードの設定", {})], by="changepassword")
        self.stdout.write(f"「{username}」のパスワードを変えました。")
