"""Sessions of people, and how they end: with a new password, or when somebody is switched off."""

from collections.abc import Collection

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.utils import timezone

from tracker.models import Invitation


def end_sessions(people: Collection[int], *, but_for: str = "") -> None:
    """Ends the sessions of people by id, but for one: a cookie from before is worth nothing when they come
    back.
    """
    if not people:
        return
    ended = set(map(str, people))
    living = Session.objects.filter(expire_date__gt=timezone.now()).exclude(pk=but_for)
    found = [each.pk for each in living.iterator() if each.get_decoded().get(SESSION_KEY) in ended]
    Session.objects.filter(pk__in=found).delete()


def shut_out(people: Collection[int]) -> None:
    """What people who are switched off had: a cookie or a link from before is worth nothing any more."""
    end_sessions(people)
    Invitation.objects.filter(user__in=people).delete()
