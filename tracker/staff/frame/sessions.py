"""Sessions of people who are switched off."""

from collections.abc import Collection

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.utils import timezone

from tracker.models import User


def end_sessions(people: Collection[User]) -> None:
    """Ends their sessions: a cookie from before is worth nothing when they are switched on again."""
    if not people:
        return
    ended = {str(user.pk) for user in people}
    living = Session.objects.filter(expire_date__gt=timezone.now())
    found = [each.pk for each in living.iterator() if each.get_decoded().get(SESSION_KEY) in ended]
    Session.objects.filter(pk__in=found).delete()
