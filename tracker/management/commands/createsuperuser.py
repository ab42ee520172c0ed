"""`manage.py createsuperuser`: Django's own; the administrator that it makes is in the history, too."""

from typing import Any

from django.contrib.auth.management.commands import createsuperuser

from tracker.cycle import events
from tracker.models import User
from tracker.staff.master import changes


class Command(createsuperuser.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        """The event follows on the act: no transaction may wait for what somebody types."""
        before = list(User.objects.values_list("pk", flat=True))
        super().handle(*args, **options)
        for user in User.objects.exclude(pk__in=before).filter(is_superuser=True):
            own = changes.changes_between({}, changes.values_of(user))
            events.record_all([changes.recorded(user, "追加", own)], by="createsuperuser")
