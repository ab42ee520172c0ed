"""`manage.py changepassword`: Django's own; that a password was set is in the history, too."""

from typing import Any

from django.contrib.auth.management.commands import changepassword

from tracker.cycle import events
from tracker.models import User
from tracker.staff.master import changes


class Command(changepassword.Command):
    def handle(self, *args: Any, **options: Any) -> str | None:
        """The event follows on the act: no transaction may wait for what somebody types."""
        told = super().handle(*args, **options)
        user = User.objects.get(username=options["username"])
        events.record_all([changes.recorded(user, "パスワードの設定", {})], by="changepassword")
        return told
