"""How somebody came in: written into the session, and asked again with each request (docs/adr/0042).

A password, the provider of an OpenID Connect login, or a proxy in front. Where a password is not enough, the
session waits for the second step, and nobody is logged in yet.
"""

import time
from enum import StrEnum
from hashlib import sha256
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.auth import login, logout
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.crypto import constant_time_compare

from tracker.models import User
from tracker.organisation.sign_in import means, proxy, sealing, second_factor
from tracker.organisation.sign_in.means import SignInRefused
from tracker.staff.frame import kept

BACKEND = "tracker.staff.frame.authentication.StaffBackend"
ENTERED, SECOND_STEP, CARRIED = "entered", "second_step", "carried_texts"  # in the session
STEP_SECONDS = 10 * 60  # for the second step; an app may have to be installed meanwhile
CARRIED_SECONDS = 60 * 60
MOST_CARRIED = 5  # texts of logins under way in one browser: windows side by side


class WayIn(StrEnum):
    """How somebody came in."""

    PASSWORD = "password"  # noqa: S105 - a word
    PROVIDER = "provider"
    PROXY = "proxy"


class SecondStep(NamedTuple):
    """A login that waits for its second step. `packed`: what the login page carried (kept.pack).

    `secret`: of an app that is being set up. `replaces`: the person has one, and takes another.
    """

    user: User
    wanted: str
    packed: str
    secret: str
    replaces: bool


def enter(
    request: HttpRequest, user: User, way: WayIn, *, wanted: str, packed: str, **told: Any
) -> HttpResponse:
    """Logs somebody in, who may; the answer leads on. What they typed before waits for them.

    `told`: what is asked again later: whether there was a second step, whom the proxy named, the provider's
    token.
    """
    login(request, user, backend=BACKEND)
    is_through(request)
    request.session[ENTERED] = {"way": way, **told}
    return redirect("staff-kept-texts" if kept.store(request, packed) else wanted)


def told_of(request: HttpRequest) -> dict[str, Any]:
    """What the session keeps of how its person came in."""
    told: dict[str, Any] = request.session.get(ENTERED, {}) if hasattr(request, "session") else {}
    return told


def comes_from_elsewhere(request: HttpRequest) -> bool:
    """Whether the session's person has logged in by an account that is not ours."""
    return bool(told_of(request).get("way", WayIn.PASSWORD) != WayIn.PASSWORD)


def still_in(request: HttpRequest, user: User | AnonymousUser) -> User | AnonymousUser:
    """The session's person, if they could still come in as they did; else nobody.

    The session stays: with the next login of the same person what waits in it is theirs.
    """
    is_in = isinstance(user, User) and user.is_authenticated and _still_holds(request, user)
    return user if is_in else AnonymousUser()


def _still_holds(request: HttpRequest, user: User) -> bool:
    told = told_of(request)
    way = told.get("way", WayIn.PASSWORD)
    if way == WayIn.PROXY:
        return proxy.named_person(request) == str(told["name"])
    if way == WayIn.PROVIDER:
        return bool(settings.OIDC_ISSUER)
    had_second_step = bool(told.get("second")) or not means.needs_second_factor(user)
    return had_second_step and means.uses_password(user)


def enter_by_proxy(request: HttpRequest, *, wanted: str, packed: str) -> HttpResponse:
    """Logs in whom the proxy names. Raises SignInRefused where it names nobody who may."""
    name = proxy.named_person(request)
    if not name:
        words = "庁内の認証が、だれであるかを伝えていません。いつものアドレスから開き直してください。"
        raise SignInRefused(f"{words}続くときは、管理者に連絡してください。", "no name from a named proxy")
    user = means.listed_person(settings.REMOTE_USER_MATCH, name)
    require_usable(user)
    return enter(request, user, WayIn.PROXY, wanted=wanted, packed=packed, name=name)


def require_usable(user: User) -> None:
    """Raises SignInRefused for a closed account: that somebody vouches for its person does not open it."""
    if not user.is_active:
        words = f"「{user.username}」は使えなくなっています。使うときは、管理者に連絡してください。"
        raise SignInRefused(words, "closed account")
    if user.is_demo and not settings.DEMO:
        raise SignInRefused(f"「{user.username}」は見本の利用者です。ここでは使えません。", "demo account")


def begin_second_step(
    request: HttpRequest, user: User, *, wanted: str, packed: str, replaces: bool = False
) -> HttpResponse:
    """Keeps that the password was right; the answer leads to the second step."""
    if request.user.is_authenticated and request.user.pk != user.pk:
        logout(request)
    request.session.cycle_key()  # nobody who knew the session before has part in it
    request.session[SECOND_STEP] = {
        "user": user.pk,
        "bound": user.get_session_auth_hash(),
        "until": time.time() + STEP_SECONDS,
        "wanted": wanted,
        "carried": remember(request, packed),
        "secret": sealing.seal(second_factor.new_secret()),
        "replaces": replaces,
    }
    return redirect("staff-second-step")


def second_step(request: HttpRequest) -> SecondStep | None:
    """The login that waits; None where none does, or the time is over, or the person may no longer."""
    told = request.session.get(SECOND_STEP)
    if not told or time.time() > told["until"]:
        return None
    user = User.objects.filter(pk=told["user"], is_active=True).first()
    is_same = user and constant_time_compare(user.get_session_auth_hash(), told["bound"])
    secret = sealing.opened(told["secret"])
    if user is None or not is_same or secret is None or not means.uses_password(user):
        return None
    packed = remembered(request, told["carried"]) if told.get("carried") else ""
    return SecondStep(user, told["wanted"], packed, secret, told["replaces"])


def remember(request: HttpRequest, packed: str) -> str:
    """Keeps what a login carries that leads away from its page, once: whichever login page comes next has it.

    The answer is its name in the session, "" for nothing.
    """
    if not packed:
        return ""
    name = sha256(packed.encode()).hexdigest()[:16]
    held = {each: told for each, told in request.session.get(CARRIED, {}).items() if each != name}
    held[name] = {"packed": packed, "until": time.time() + CARRIED_SECONDS}
    request.session[CARRIED] = dict(list(held.items())[-MOST_CARRIED:])
    return name


def remembered(request: HttpRequest, name: str = "") -> str:
    """What the login of this name carried; without a name, what the last one did that has not gone through:
    "" after a while, for somebody else may come.
    """
    held: dict[str, dict[str, Any]] = request.session.get(CARRIED, {})
    if name:
        return str(held[name]["packed"]) if name in held else ""
    told = next(reversed(held.values()), None)
    return str(told["packed"]) if told and time.time() < told["until"] else ""


def is_through(request: HttpRequest) -> None:
    """Lets go of what a session kept while its login was under way."""
    for name in (ENTERED, SECOND_STEP, CARRIED):
        request.session.pop(name, None)
