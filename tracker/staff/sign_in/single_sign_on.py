"""Logging in by an account that a person has elsewhere: to the provider and back, or by a proxy's word.

Every button is a POST of the login page, so that it carries on what was typed before; the session keeps it
while the browser is away.
"""

from typing import TypedDict

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from tracker.cycle import permissions
from tracker.organisation.sign_in.means import SignInRefused
from tracker.organisation.sign_in.oidc import flow
from tracker.staff.frame import kept
from tracker.staff.frame.entering import WayIn, enter, enter_by_proxy, remember, remembered, require_usable
from tracker.staff.frame.site import LEFT, next_page, onward, site

ATTEMPTS = "attempts"  # in the session
MOST_ATTEMPTS = 5  # of one browser under way at once: windows side by side
MOST_LETTERS = 256 * 1024  # of what was typed, packed: anybody may have it kept, before any login
TOO_LONG = (
    "入力した文が長すぎて、庁内の認証の間は預かれません。この画面を閉じずに、別のタブでログインしてから、"
    "この画面の文を写してください。"
)


class Begun(TypedDict):
    """A login under way: what the provider's answer must fit, where it leads, and the name of what was typed
    before (entering.remember).
    """

    attempt: flow.Attempt
    wanted: str
    carried: str


@require_http_methods(["GET", "POST"])
def to_provider(request: HttpRequest) -> HttpResponse:
    """Leads to the provider. Opened by its address, it is the login page."""
    if request.method != "POST":
        return redirect("admin:login")
    wanted, packed = next_page(request), kept.packed_in(request)
    if len(packed) > MOST_LETTERS:
        return site.refused(request, SignInRefused(TOO_LONG, "too much to keep"), packed=packed)
    try:
        address, attempt = flow.begin(request.build_absolute_uri(reverse("staff-provider-back")))
    except SignInRefused as refused:
        return site.refused(request, refused, packed=packed)
    _keep(request, Begun(attempt=attempt, wanted=wanted, carried=remember(request, packed)))
    return onward(request, address, "庁内の認証へ")


def _keep(request: HttpRequest, begun: Begun) -> None:
    held: list[Begun] = request.session.get(ATTEMPTS, [])
    request.session[ATTEMPTS] = [*held, begun][-MOST_ATTEMPTS:]


def _taken(request: HttpRequest, state: str) -> Begun | None:
    """The attempt that an answer belongs to; it is gone then, so that no answer is taken twice."""
    held: list[Begun] = request.session.get(ATTEMPTS, [])
    found = next((each for each in held if each["attempt"]["state"] == state), None)
    if found:
        request.session[ATTEMPTS] = [each for each in held if each is not found]
    return found


@require_safe
def back_from_provider(request: HttpRequest) -> HttpResponse:
    """The provider's answer, which logs in or says why not."""
    begun = _taken(request, request.GET.get("state", ""))
    if begun is None:
        return _without_attempt(request)
    packed = remembered(request, begun["carried"]) if begun.get("carried") else ""
    try:
        known = flow.finish(begun["attempt"], request.GET.dict())
        require_usable(known.user)
    except SignInRefused as refused:
        return site.refused(request, refused, packed=packed, wanted=begun["wanted"])
    told = {"wanted": begun["wanted"], "packed": packed, "id_token": known.id_token}
    return enter(request, known.user, WayIn.PROVIDER, **told)


def _without_attempt(request: HttpRequest) -> HttpResponse:
    """An answer that came before, or that this browser never asked for: Back, a bookmark, a forgery; or one
    that does not say to what a refusal belongs.
    """
    if permissions.may_enter(request.user):
        return redirect("staff-home")
    words = "このログインは、もう終わっているか、別のブラウザーで始めたものです。"
    unknown = SignInRefused(f"{words}もう一度、下のボタンを押してください。", "unknown state")
    return site.refused(request, unknown)


@require_http_methods(["GET", "POST"])
def by_proxy(request: HttpRequest) -> HttpResponse:
    """Logs in whom the proxy names, after a click: with what was typed before, or after a logout."""
    if request.method != "POST":
        return redirect("admin:login")
    packed = kept.packed_in(request)
    try:
        answer = enter_by_proxy(request, wanted=next_page(request), packed=packed)
    except SignInRefused as refused:
        return site.refused(request, refused, packed=packed)
    answer.delete_cookie(LEFT, path=settings.SESSION_COOKIE_PATH)
    return answer
