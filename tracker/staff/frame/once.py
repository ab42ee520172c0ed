"""A form that is sent twice does its work once (docs/adr/0016).

A double click sends the same form again, with the same token against forgery: every page shown has another.
The first claims the form's key before its work begins. The second waits for the first one's answer, and is
given the same. Only an accepted form (a redirect) is remembered: a refused one may be sent again.
"""

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256

from django.conf import settings
from django.contrib import messages
from django.contrib.sessions.backends.db import SessionStore
from django.core.files import File
from django.db import DatabaseError, IntegrityError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.crypto import salted_hmac

from tracker.cycle import sent_forms
from tracker.entry_sheets.limits import REQUEST_SECONDS
from tracker.models import SentForm
from tracker.words.digests import canonical_json

TOKEN = "csrfmiddlewaretoken"  # noqa: S105 - a field's name
# In request.META: the key whose work this request does, and the name of its session before it.
CLAIMED, SESSION_BEFORE = "tracker.claimed_form", "tracker.session_before"
ACCEPTED = {302, 303}
WAITING_SECONDS = 8.0  # for the first one's answer, in one of few threads
LOOKING_SECONDS = 0.1  # between two looks
ABANDONED = timedelta(seconds=REQUEST_SECONDS)  # no work takes so long: its server was stopped in the middle
DONE_BEFORE = "お送りの内容は、前に送ったときに済んでいます。もう一度は行っていません。"
REMEMBERED = timedelta(minutes=10)  # longer than anybody clicks, or a browser tries again

logger = logging.getLogger(__name__)


class StillWorking(Exception):  # noqa: N818 - no error: the first one has not been answered yet
    """The same form was sent before, and its work is still being done."""


def answer_of_the_first(request: HttpRequest) -> HttpResponse | None:
    """The answer that this same form had before. None where this request does the work. Raises StillWorking.

    Must be asked after the check against forgery, which binds the token to this browser's login.
    """
    if not _is_form(request):
        return None
    key, until = _key(request), time.monotonic() + WAITING_SECONDS
    while not _claimed(key):
        # A form that is there no more was refused: this request takes its turn.
        if (first := SentForm.objects.filter(key=key).first()) and first.status is not None:
            return _answered_alike(request, first)
        if first and first.location == sent_forms.DONE and first.begun_at < timezone.now() - ABANDONED:
            messages.info(request, DONE_BEFORE)
            return redirect("staff-home")
        if time.monotonic() > until:
            raise StillWorking
        time.sleep(LOOKING_SECONDS)
    sent_forms.begin(key)
    request.META |= {CLAIMED: key, SESSION_BEFORE: request.session.session_key}
    return None


def answer_in_the_new_session(request: HttpRequest) -> HttpResponse | None:
    """The first one's answer, where its work gave the session a new name: this request has the old one, so
    nobody is logged in. None where it is no such form. Raises StillWorking.
    """
    if not _is_form(request):
        return None
    same, until = SentForm.objects.filter(key=_key(request)), time.monotonic() + WAITING_SECONDS
    while (first := same.first()) and first.status is None:
        if time.monotonic() > until:
            raise StillWorking
        time.sleep(LOOKING_SECONDS)
    is_there = first and first.session_key and SessionStore().exists(first.session_key)
    return _answered_alike(request, first) if first and is_there else None


def _answered_alike(request: HttpRequest, first: SentForm) -> HttpResponse:
    """The first one's answer, with the session that it went on with: a changed password renames it."""
    if first.session_key:
        request.session = SessionStore(first.session_key)
        request.session.modified = True  # the cookie is sent
    return HttpResponse(status=first.status, headers={"Location": first.location})


def _is_form(request: HttpRequest) -> bool:
    """Whether a page's form sent this; the entry page's own script takes JSON, and sends its versions."""
    return request.method == "POST" and request.accepts("text/html") and bool(request.POST.get(TOKEN))


def _key(request: HttpRequest) -> str:
    """The form with its token, which one browser had for one page, and that browser's session."""
    return _key_in(request, _came_with(request))


def _came_with(request: HttpRequest) -> str:
    """The name of the session that a form came with. Whoever sends one without is never given a session."""
    return request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")


def _key_in(request: HttpRequest, session_key: str) -> str:
    """Whoever has the form's words alone can make its token's cookie, but not the session's."""
    fields = [[name, values] for name, values in request.POST.lists()]
    files = [[name, [_told(each) for each in found]] for name, found in request.FILES.lists()]
    content = canonical_json([session_key, request.get_full_path(), fields, files])
    return salted_hmac("staff.once", content, algorithm="sha256").hexdigest()


def _told(file: "File[bytes]") -> list[str]:
    """A file's name and the digest of what is in it. It can be read from the beginning afterwards."""
    digest = sha256()
    for piece in file.chunks():
        digest.update(piece)
    file.seek(0)
    return [file.name or "", digest.hexdigest()]


def forget_old_forms() -> int:
    """Lets go of forms that nobody sends again: how many."""
    old = SentForm.objects.filter(begun_at__lt=timezone.now() - REMEMBERED)
    count: int = old.delete()[0]
    return count


def _claimed(key: str) -> bool:
    """Whether the key is this caller's from now on: of many at once it is one's. Nothing stays locked."""
    now = timezone.now()
    try:
        _first, is_new = SentForm.objects.get_or_create(key=key, defaults={"begun_at": now})
    except IntegrityError:  # it was let go of between two looks
        return False
    if is_new:
        forget_old_forms()
    return is_new or _taken_over(key, now)


def _taken_over(key: str, now: datetime) -> bool:
    """Whether its work was begun and never done, and is the caller's to begin anew."""
    left = SentForm.objects.filter(key=key, status=None, location="", begun_at__lt=now - ABANDONED)
    return left.update(begun_at=now) == 1


class RemembersAnswers:
    """Keeps the answer of a form, or lets go of its key, after the session with its messages was written."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        try:
            response = self.get_response(request)
        finally:
            sent_forms.end()
        if key := request.META.get(CLAIMED):
            _settle(key, request, response)
        return response


def _settle(key: str, request: HttpRequest, response: HttpResponseBase) -> None:
    """Whatever becomes of this, the work is done as the answer says: a failure is told to the log only."""
    claim = SentForm.objects.filter(key=key)
    try:
        if response.status_code in ACCEPTED:
            answer = {"status": response.status_code, "location": response.headers["Location"]}
            now, came_with = request.session.session_key or "", _came_with(request)
            if now != request.META[SESSION_BEFORE]:  # a browser may send it again with the new name, or none
                SentForm.objects.get_or_create(key=_key_in(request, now), defaults=answer)
            renamed = now if came_with and now != request.META[SESSION_BEFORE] else ""
            claim.update(**answer, session_key=renamed)
        else:
            claim.delete()
    except DatabaseError:
        logger.exception("the answer of a form was not kept")
