"""`manage.py createsuperuser`: an administrator, asked for in our words; the history tells of them, too."""

import sys
from typing import Any

from django.contrib.auth.management.commands import createsuperuser
from django.core.exceptions import ValidationError
from django.core.management.base import CommandParser

from tracker.cycle import events
from tracker.management.asking import answer_for, new_password, refuse_without_terminal
from tracker.models import User
from tracker.staff.master import changes

HELP = {
    "username": "管理者の利用者名（職員番号など）",
    "email": "管理者のメールアドレス",
    "interactive": "何も尋ねない。--username と --email を書き、DJANGO_SUPERUSER_PASSWORD を渡す",
    "database": "データベースの名前（1 つしかないので、書かなくてよい）",
}


class Command(createsuperuser.Command):
    help = "管理者を作ります。利用者名、メールアドレス、パスワードを順に尋ねます。"

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        for action in parser._actions:
            action.help = HELP.get(action.dest, action.help)

    def handle(self, *args: Any, **options: Any) -> None:
        """The event follows on the act: no transaction may wait for what somebody types."""
        before = list(User.objects.values_list("pk", flat=True))
        if options["interactive"]:
            self._ask(options["username"], options["email"])
        else:
            super().handle(*args, **options)
        for user in User.objects.exclude(pk__in=before).filter(is_superuser=True):
            own = changes.changes_between({}, changes.values_of(user))
            events.record_all([changes.recorded(user, "追加", own)], by="createsuperuser")

    def _ask(self, username: str | None, mail: str | None) -> None:
        refuse_without_terminal()
        try:
            if username is None or _refused("username", username):
                words = "利用者名（ログインに使う名前。職員番号など）："
                username = answer_for(words, lambda typed: _refused("username", typed), self.stderr.write)
            if mail is None:
                words = "メールアドレス（なければ Enter だけ）："
                mail = answer_for(words, lambda typed: _refused("email", typed), self.stderr.write)
            password = new_password(User(username=username, email=mail), self.stderr.write)
        except (KeyboardInterrupt, EOFError):
            self.stderr.write("\nやめました。だれも作っていません。")
            sys.exit(1)
        User.objects.create_superuser(username, mail, password)
        self.stdout.write(f"管理者「{username}」を作りました。職員用サイト（/staff/）にログインできます。")


def _refused(name: str, value: str) -> str:
    """Why a value cannot be an administrator's; "" where it can."""
    person = User(**{name: value})
    try:
        person.clean_fields(exclude={field.name for field in User._meta.fields} - {name})
        person.clean()  # whether another name is the same but for its case
    except ValidationError as refused:
        return "\n".join(refused.messages)
    return ""
