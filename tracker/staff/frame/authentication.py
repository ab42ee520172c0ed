"""Logging in: who may, and what somebody sees who failed too often."""

from functools import cache as once
from typing import Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse

from tracker.cycle.rounds import is_in_use
from tracker.models import User
from tracker.models.city import city_columns
from tracker.organisation.sign_in import means
from tracker.staff.frame import kept, lock_out
from tracker.staff.frame.site import site


@once
def _person_sql() -> tuple[str, tuple[Any, ...]]:
    """The query of a person, with what every page says beside; its values but for the last, the person's key.

    Every request of theirs asks for it, each autosave too; composing it takes longer than asking.
    """
    people = User.objects.annotate(**city_columns(), is_setting_up=~is_in_use()).filter(pk=0)
    sql, values = people.query.sql_with_params()
    return sql, values[:-1]


class StaffBackend(ModelBackend):
    """User name and password. The demo's accounts log in to the demo only, wherever its database goes.

    Whoever came in by other means is known by it, too (frame/entering).
    """

    def authenticate(self, request: HttpRequest | None, *args: Any, **given: Any) -> User | None:
        """None, as for a wrong password, for those who come in by single sign-on only, and for the last ones
        of too many at once: those are not looked at.
        """
        name = lock_out.typed_name(request, given) if request and "username" in given else None
        if request and name is not None and not lock_out.may_try_password(request, name):
            return None
        user = super().authenticate(request, *args, **given)
        if not isinstance(user, User) or not means.uses_password(user):
            return None
        if request and name is not None:
            lock_out.forget_passwords(request, name)
        return user

    def user_can_authenticate(self, user: User | AnonymousUser | None) -> bool:
        return super().user_can_authenticate(user) and (settings.DEMO or not getattr(user, "is_demo", False))

    def get_user(self, user_id: int) -> User | None:
        sql, values = _person_sql()
        user = next(iter(User.objects.raw(sql, [*values, user_id])), None)
        return user if self.user_can_authenticate(user) else None


def locked_out(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """Too many failures from this address, for this name or for many: the login page says when to try again.

    It carries on what was typed, and shows it for copying.
    """
    must_pause = lock_out.must_pause(lock_out.client_address(request))
    wait = lock_out.PAUSE if must_pause else settings.AXES_COOLOFF_TIME
    minutes = int(wait.total_seconds() // 60)
    carried = kept.carried(request)
    typed = kept.texts_of(carried["fields"]) if carried else []
    told = {"locked_minutes": minutes, "must_pause": must_pause, "typed": typed}
    return site.login_once_more(request, status=429, **told)
