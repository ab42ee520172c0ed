"""Typed text survives the end of a session.

A form that arrives after it is answered with the login page, which carries the form's fields along, signed.
After the login they wait in the new session, and a page shows them with a button that sends them again.
Nothing is sent without that click.
"""

from typing import Any

from django.core import signing
from django.http import HttpRequest, HttpResponseBase
from django.utils.http import url_has_allowed_host_and_scheme

SALT = "staff.kept"
SESSION_KEY = "kept"
KEPT_SECONDS = 24 * 60 * 60
NEVER_KEPT = {
    *("csrfmiddlewaretoken", "password", "old_password"),
    *("password1", "password2", "new_password1", "new_password2"),
}
# What a form picks or carries along: sent again too, but nothing that a person would read.
CARRIED = {
    *("act", "base", "expected", "field", "kept", "kept_again", "page", "rating"),
    *("rows", "seen", "show", "shown", "submits", "version"),
}
CARRIED_PREFIXES = ("pick_", "take_")


def is_typed(name: str) -> bool:
    """Whether a form's field holds what a person wrote, and may be shown."""
    return name not in NEVER_KEPT | CARRIED and not name.startswith(CARRIED_PREFIXES)


def pack(request: HttpRequest) -> str:
    """The fields of a form, signed; never a password. "" where there is nothing to keep."""
    lists = request.POST.lists()
    fields = [(name, value) for name, values in lists if name not in NEVER_KEPT for value in values]
    if not fields:
        return ""
    return signing.dumps({"path": request.get_full_path(), "fields": fields}, salt=SALT, compress=True)


def store(request: HttpRequest) -> bool:
    """Takes what the login page carried into the session. False where that is nothing, or not ours."""
    try:
        content = signing.loads(request.POST.get("kept", ""), salt=SALT, max_age=KEPT_SECONDS)
    except signing.BadSignature:
        return False
    request.session[SESSION_KEY] = content
    return True


def exists(request: HttpRequest) -> bool:
    return hasattr(request, "session") and SESSION_KEY in request.session


def forget_when_sent(request: HttpRequest, response: HttpResponseBase) -> None:
    """Lets go of the kept fields once they have been sent again and accepted (answered with a redirect)."""
    if "kept_again" in request.POST and response.status_code in {302, 303}:
        forget(request)


def content(request: HttpRequest) -> dict[str, Any] | None:
    """The path and the fields that wait in the session; None where nothing does."""
    found: dict[str, Any] | None = request.session.get(SESSION_KEY)
    return found if found and url_has_allowed_host_and_scheme(found["path"], allowed_hosts=None) else None


def forget(request: HttpRequest) -> None:
    request.session.pop(SESSION_KEY, None)
