"""`manage.py reset_second_factor USER`: for the day on which no administrator can come in to do it."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tracker.models import User
from tracker.organisation.sign_in import second_factor
from tracker.staff.frame import lock_out


class Command(BaseCommand):
    help = "利用者の 2 段階認証を解除します。本人は、次のログインで設定し直します。履歴に残ります。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username", help="利用者名")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["username"]).first()
        if user is None:
            raise CommandError(f"「{options['username']}」という利用者はいません。")
        was_there = second_factor.remove(user, by="サーバーの命令（reset_second_factor）")
        lock_out.forget_codes(user.username)
        words = "解除しました。次のログインで設定し直します。" if was_there else "設定されていませんでした。"
        self.stdout.write(f"{user.signature} の 2 段階認証は、{words}")
