"""Typed text survives the end of a session.

A form that arrives after it is answered with the login page, which carries the form's fields along, signed.
After the login they wait in the new session, and a page shows them with a button that sends them again. So do
those of a form that was opened before another login in the same browser. Nothing is sent without that click.
"""

from collections.abc import Collection
from typing import TypedDict
from urllib.parse import urlsplit

from django.core import signing
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, HttpResponseBase, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils.crypto import get_random_string
from django.utils.http import url_has_allowed_host_and_scheme

from tracker.words.extra_values import FIELD

SALT = "staff.kept"
SESSION_KEY = "kept_forms"
KEPT_SECONDS = 7 * 24 * 60 * 60  # after them the text can still be read and copied, but not sent
MOST_KEPT = 20  # forms in one session; of more, the oldest goes
TOKEN = "csrfmiddlewaretoken"  # noqa: S105 - a field's name
# What a form picks or carries along: sent again too, but nothing that a person would read.
CARRIED = {
    *("act", "base", "closes_missing", "expected", "field", "former", "kept", "kept_again", "next", "page"),
    *("rating", "rows", "scope", "seen", "show", "shown", "submits", "version"),
    *("sheet", "sheets_shown", "settings", "skip", "go"),
}
CARRIED_PREFIXES = ("bound-", "pick_", "take_", "role-")
# What Django raises for a form that it cannot read: too much, cut off, or in no character set of ours.
UNREADABLE = (BadRequest, SuspiciousOperation, MultiPartParserError, UnreadablePostError)


class KeptForm(TypedDict):
    """A form that was not accepted: where it was sent, and its fields in their order."""

    key: str
    path: str
    fields: list[list[str]]  # [name, value] each: what JSON makes of a pair
    is_too_old: bool


def is_private(name: str) -> bool:
    """Whether a form's field must never be kept or shown: passwords, and the token against forgery."""
    return "password" in name or name == TOKEN


def is_typed(name: str) -> bool:
    """Whether a form's field holds what a person wrote, and may be shown."""
    return not is_private(name) and name not in CARRIED and not name.startswith(CARRIED_PREFIXES)


def texts_of(fields: list[list[str]]) -> list[str]:
    """The texts among fields, for copying: short ones, too, but no number that a form carries along."""
    return [value for name, value in fields if value.strip() and _is_text(name, value)]


def _fields(request: HttpRequest) -> list[list[str]]:
    """The fields of a form; never a password."""
    lists = request.POST.lists()
    return [[name, str(value)] for name, values in lists if not is_private(name) for value in values]


def sent(request: HttpRequest) -> list[tuple[str, str, bool]]:
    """The fields of a form, for a page that offers to send them again as they are; never a password.

    The form's own token goes along: it lets in whom it would have let in before. None of a form that could
    not be read.
    """
    try:
        tokens = [[TOKEN, value] for value in request.POST.getlist(TOKEN)]
    except UNREADABLE:
        return []
    return shown([*tokens, *_fields(request)])


def shown(fields: list[list[str]]) -> list[tuple[str, str, bool]]:
    """Each field's name and value, and whether it is a text that a person would read."""
    return [(name, value, _is_text(name, value)) for name, value in fields]


def _is_text(name: str, value: str) -> bool:
    """Whether a person typed it: a number only as the value of an extra column or an indicator."""
    return is_typed(name) and (name.startswith(FIELD) or not value.isdecimal())


def typed_texts(request: HttpRequest) -> list[str]:
    """The texts of a form that was not accepted, also of one that a login page carries along.

    None where the form itself could not be read.
    """
    try:
        form = carried(request)
    except UNREADABLE:
        return []
    return texts_of([*_fields(request), *(form["fields"] if form else [])])


def unshown_texts(request: HttpRequest, fields: Collection[str]) -> list[str]:
    """The texts of a form that was not accepted, for copying, where the page that answers lacks their field.

    `fields` names those that the page has.
    """
    sent_fields = shown(_fields(request))
    return [value for name, value, is_text in sent_fields if is_text and name not in fields and value.strip()]


def pack(request: HttpRequest) -> str:
    """The fields of a form, signed, for the login page to carry. "" where there is nothing to keep."""
    fields = _fields(request)
    if not fields:
        return ""
    return signing.dumps({"path": request.get_full_path(), "fields": fields}, salt=SALT, compress=True)


def carried(request: HttpRequest) -> KeptForm | None:
    """The form that a login page carries along; None where it carries none, or one that we did not sign."""
    return _unpacked(request.POST.get("kept", ""))


def packed_in(request: HttpRequest) -> str:
    """What a login page carries along, as it came; "" for what we did not sign: nobody else's is stored."""
    return request.POST.get("kept", "") if carried(request) else ""


def _unpacked(signed: str) -> KeptForm | None:
    is_too_old = False
    try:
        try:
            content = signing.loads(signed, salt=SALT, max_age=KEPT_SECONDS)
        except signing.SignatureExpired:
            content, is_too_old = signing.loads(signed, salt=SALT), True
    except signing.BadSignature:
        return None
    path, fields = content["path"], content["fields"]
    return KeptForm(key=get_random_string(12), path=path, fields=fields, is_too_old=is_too_old)


def store(request: HttpRequest, packed: str) -> bool:
    """Takes what was carried over a login into the session. False where there is nothing."""
    form = _unpacked(packed)
    if form:
        _add(request, form)
    return form is not None


def keep(request: HttpRequest) -> bool:
    """Takes the fields of this very request into the session. False where there are none to keep."""
    fields = _fields(request)
    if fields:
        path = request.get_full_path()
        _add(request, KeptForm(key=get_random_string(12), path=path, fields=fields, is_too_old=False))
    return bool(fields)


def _add(request: HttpRequest, form: KeptForm) -> None:
    is_known = any(
        (each["path"], each["fields"]) == (form["path"], form["fields"]) for each in forms(request)
    )
    if not is_known:  # a double click, or the same tab twice
        request.session[SESSION_KEY] = [*forms(request), form][-MOST_KEPT:]


def forms(request: HttpRequest) -> list[KeptForm]:
    """The forms that wait in the session, oldest first; their addresses are our own."""
    found: list[KeptForm] = request.session.get(SESSION_KEY, []) if hasattr(request, "session") else []
    return [form for form in found if url_has_allowed_host_and_scheme(form["path"], allowed_hosts=None)]


def forget_when_sent(request: HttpRequest, response: HttpResponseBase) -> None:
    """Lets go of kept fields once they have been sent again and accepted (answered with a redirect)."""
    if "kept_again" in request.POST and response.status_code in {302, 303}:
        forget(request, request.POST["kept_again"])


def forget(request: HttpRequest, key: str) -> None:
    """Lets go of one kept form."""
    left = [form for form in forms(request) if form["key"] != key]
    request.session[SESSION_KEY] = left
    if not left:
        del request.session[SESSION_KEY]


def is_from_here(request: HttpRequest) -> bool:
    """Whether a browser says that one of our own pages sent this: only such a form may be kept."""
    origin = request.headers.get("Origin", "")
    if origin and origin != "null":
        try:
            return urlsplit(origin).netloc == request.get_host()
        except ValueError:  # half an address: no browser writes one
            return False
    return request.headers.get("Sec-Fetch-Site") == "same-origin"
