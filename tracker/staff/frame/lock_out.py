"""Whoever fails to log in too often has to wait: a name from one address, and an address that tries names."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_network
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt
from axes.utils import reset
from django.conf import settings
from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet, Sum, Value
from django.db.models.functions import Concat
from django.http import HttpRequest
from django.utils import timezone

from tracker.organisation.sign_in.proxy import address_of

MOST_NAMES = 20  # that failed from one address within the time of a lock-out; then it may try seldom
PAUSE = timedelta(minutes=1)  # between two tries from such an address
NETWORK_BITS = 64  # of an IPv6 address
# What else is counted, apart from failed logins, under a name with one of these before it: wrong numbers of
# invitations, mails that were asked for, wrong codes after a right password, and passwords, before they are
# looked at. No user name has a colon, and none that is typed at the login comes to the table with one
# (`typed_name`).
NUMBERS, ASKED, CODES, PASSWORDS = APART = ("number:", "asked:", "code:", "password:")
KEPT_FOR = timedelta(days=90)  # names and addresses of failures: long enough to look into an attack
MOST_COUNTED = 255  # characters of a name, as the table has it


def forget_old_failures() -> int:
    """Lets go of failures that nobody waits for any more; how many names and addresses those were."""
    old = AccessAttempt.objects.filter(attempt_time__lt=timezone.now() - KEPT_FOR)
    count: int = old.delete()[0]
    return count


def client_address(request: HttpRequest) -> str | None:
    """Where a request comes from, as far as those are believed whom TRUSTED_PROXIES names.

    The proxies add to X-Forwarded-For at its end: the last address there that is no proxy's counts. Without
    the setting, or from anybody else, the header is anybody's writing.
    """
    sender = address_of(request.META.get("REMOTE_ADDR") or "")
    for each in reversed(request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")):
        told = address_of(each.strip())
        if not sender or not told or not any(sender in proxies for proxies in settings.TRUSTED_PROXIES):
            break
        sender = told
    if isinstance(sender, IPv6Address):  # the rest of it is the client's own choice
        sender = ip_network((sender, NETWORK_BITS), strict=False).network_address
    return str(sender) if sender else None


def typed_name(request: HttpRequest, credentials: Mapping[str, object] | None = None) -> str | None:
    """The name under which django-axes counts a login: without a colon, else whoever types one at the login
    would count as what is counted apart, and lock others out.
    """
    name = (credentials or request.POST).get("username")
    return None if name is None else str(name).replace(":", "：")


class LockOut(AxesDatabaseHandler):  # type: ignore[misc]
    """django-axes, which locks a name for an address, and a pause for an address that tries many names."""

    def is_locked(self, request: HttpRequest, credentials: Mapping[str, object] | None = None) -> bool:
        name, address = typed_name(request, credentials), client_address(request)
        if super().is_locked(request, credentials) or must_pause(address):
            return True
        return name is not None and _locked(PASSWORDS + name, PASSWORDS).filter(ip_address=address).exists()


def must_pause(address: str | None, counted: str = "") -> bool:
    """Whether many names have failed from an address lately, and one of them within the last minute.

    A name that was let in after all does not count.
    """
    failed = _lately(counted).filter(ip_address=address)
    found = failed.aggregate(names=Count("username", distinct=True), last=Max("attempt_time"))
    return bool(found["names"] >= MOST_NAMES and found["last"] > timezone.now() - PAUSE)


def must_wait(request: HttpRequest, counted: str, name: str) -> bool:
    """Whether a name has to wait at this address, or the address itself, as it would at the login."""
    address = client_address(request)
    locked = _locked(counted + name, counted).filter(ip_address=address)
    return locked.exists() or must_pause(address, counted)


def count(request: HttpRequest, counted: str, name: str) -> None:
    """Counts once more. What was counted before the time of a lock-out is forgotten."""
    own = {
        "username": (counted + name)[:MOST_COUNTED],
        "ip_address": client_address(request),
        "user_agent": "",
    }
    now = timezone.now()
    first = {"failures_since_start": 1, "attempt_time": now}
    again = {"failures_since_start": F("failures_since_start") + 1, "attempt_time": now}
    rows = AccessAttempt.objects.filter(**own)
    late = rows.filter(attempt_time__lte=now - settings.AXES_COOLOFF_TIME)
    if AccessAttempt.objects.get_or_create(**own, defaults=first)[1] or late.update(**first):
        return
    rows.update(**again)  # of many at once, one begins the count, and each other one adds to it


def forget_numbers(username: str) -> None:
    """Lets go of the wrong numbers of a name, and of its failed logins: a right one was given."""
    AccessAttempt.objects.filter(username=NUMBERS + username).delete()
    unlock(username)


def locks_of(username: str) -> list[tuple[str, datetime]]:
    """The addresses from which a name cannot log in now, each with the moment when it can again."""
    by_address = [*_locked(PASSWORDS + username, PASSWORDS), *_locked(username)]
    ends = {each["ip_address"] or "": each["last"] + settings.AXES_COOLOFF_TIME for each in by_address}
    codes = [("", each["last"] + settings.AXES_COOLOFF_TIME) for each in _locked_codes(CODES + username)]
    return [*sorted(ends.items()), *codes]


def is_locked_out() -> Q:
    """Whether there is such an address, for each row of people."""
    name = OuterRef("username")
    passwords = _locked(Concat(Value(PASSWORDS), name), PASSWORDS)
    codes = _locked_codes(Concat(Value(CODES), name))
    return Q(Exists(_locked(name))) | Q(Exists(passwords)) | Q(Exists(codes))


def unlock(username: str) -> None:
    """Forgets the failures of a name, wherever they came from."""
    reset(username=username)
    AccessAttempt.objects.filter(username=PASSWORDS + username).delete()
    forget_codes(username)


def may_try_password(request: HttpRequest, username: str) -> bool:
    """Counts a password before it is looked at, so that many at once are no way round: whether it may be
    tried, by this name from this address.
    """
    own = PASSWORDS + username
    here = _lately(PASSWORDS).filter(username=own[:MOST_COUNTED], ip_address=client_address(request))
    count(request, PASSWORDS, username)
    tried = here.aggregate(tries=Sum("failures_since_start"))["tries"] or 0
    return bool(tried <= settings.AXES_FAILURE_LIMIT)


def forget_passwords(request: HttpRequest, username: str) -> None:
    """Lets go of the wrong passwords of a name from an address: the right one was given."""
    own = (PASSWORDS + username)[:MOST_COUNTED]
    AccessAttempt.objects.filter(username=own, ip_address=client_address(request)).delete()


def may_try_code(request: HttpRequest, username: str) -> bool:
    """Counts a code before it is looked at, so that many at once are no way round: whether it may be tried.

    Wherever it comes from: whoever types a code has given the right password.
    """
    if _locked_codes(CODES + username).exists():
        return False
    count(request, CODES, username)
    tried = _lately(CODES).filter(username=CODES + username).aggregate(tries=Sum("failures_since_start"))
    return bool(tried["tries"] <= settings.AXES_FAILURE_LIMIT)


def locked_words() -> str:
    """For whoever is logged in, or nearly: why nothing more is looked at, and who can help."""
    minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)
    words = f"間違いが続いたため、この利用者の確認を止めています。{minutes} 分たってから、"
    return f"{words}もう一度試してください。急ぐときは、管理者が利用者の画面ですぐに解除できます。"


def forget_codes(username: str) -> None:
    """Lets go of the wrong codes of a name: a right one was given."""
    AccessAttempt.objects.filter(username=CODES + username).delete()


def _locked(
    username: "str | OuterRef | Concat", counted: str = ""
) -> "QuerySet[AccessAttempt, dict[str, Any]]":
    """The addresses from which a name failed too often, with the last of these failures."""
    failed = _lately(counted).filter(username=username).order_by().values("ip_address")
    summed = failed.annotate(failures=Sum("failures_since_start"), last=Max("attempt_time"))
    locked: QuerySet[AccessAttempt, dict[str, Any]] = summed.filter(failures__gte=settings.AXES_FAILURE_LIMIT)
    return locked


def _locked_codes(username: "str | Concat") -> "QuerySet[AccessAttempt, dict[str, Any]]":
    """The name for which too many codes were wrong, with the last of them; nothing where there were not."""
    failed = _lately(CODES).filter(username=username).order_by().values("username")
    summed = failed.annotate(failures=Sum("failures_since_start"), last=Max("attempt_time"))
    locked: QuerySet[AccessAttempt, dict[str, Any]] = summed.filter(failures__gte=settings.AXES_FAILURE_LIMIT)
    return locked


def _lately(counted: str = "") -> "QuerySet[AccessAttempt]":
    """What was counted within the time of a lock-out: failed logins, or something else."""
    attempts: QuerySet[AccessAttempt] = AccessAttempt.objects.all()
    recent = attempts.filter(attempt_time__gt=timezone.now() - settings.AXES_COOLOFF_TIME)
    if counted:
        return recent.filter(username__startswith=counted)
    for other in APART:
        recent = recent.exclude(username__startswith=other)
    return recent
