"""Asking the provider, from server to server: with limits on time and size, and no redirect."""

import json
import time
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener

from django.conf import settings

from tracker.organisation.sign_in.means import SignInRefused

MOST_BYTES = 1024 * 1024  # of an answer
PIECE = 64 * 1024
NO_ANSWER = (OSError, HTTPException, ValueError, RecursionError)


class ProviderSilent(SignInRefused):
    """The provider cannot be asked now."""

    def __init__(self, reason: str) -> None:
        words = "庁内の認証のサーバーと、いまやりとりできません。少し待ってから、もう一度試してください。"
        super().__init__(f"{words}続くときは、管理者に連絡してください。", reason)


class _NoRedirect(HTTPRedirectHandler):
    """What is secret goes to the address that was set, and nowhere else."""

    def redirect_request(self, *_told: Any) -> None:
        return None


def fetch(address: str, form: dict[str, str] | None = None, *, authorization: str = "") -> dict[str, Any]:
    """The JSON object that an address answers; `form` is posted. Raises ProviderSilent.

    An error that the provider tells as JSON is such an object, too: {"error": …}.
    """
    asked = Request(address, data=urlencode(form).encode() if form else None)  # noqa: S310 - settings say which
    asked.add_header("Accept", "application/json")
    if authorization:
        asked.add_header("Authorization", authorization)
    until = time.monotonic() + settings.OIDC_SECONDS
    try:
        with build_opener(_NoRedirect).open(asked, timeout=settings.OIDC_SECONDS) as answer:
            return _object(_read(answer, until))
    except HTTPError as refusal:
        with refusal:
            return _refusal(refusal, until)
    except NO_ANSWER as problem:
        raise ProviderSilent(f"provider: {type(problem).__name__}") from problem


def _refusal(refusal: HTTPError, until: float) -> dict[str, Any]:
    try:
        told = _object(_read(refusal, until))
    except NO_ANSWER:
        told = {}
    if "error" not in told:
        raise ProviderSilent(f"provider answered {refusal.code}") from refusal
    return told


def _read(answer: Any, until: float) -> bytes:
    """All of it. Raises TimeoutError for one that comes in drops, ValueError for one that is too large."""
    content = b""
    while piece := answer.read1(PIECE):
        content += piece
        if time.monotonic() > until:
            raise TimeoutError
        if len(content) > MOST_BYTES:
            raise ValueError("too large")
    return content


def _object(content: bytes) -> dict[str, Any]:
    found = json.loads(content)
    if not isinstance(found, dict):
        raise ValueError("no object")
    return found
