"""There and back: where a browser is sent, and what its return is worth."""

import base64
import secrets
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, NamedTuple, TypedDict
from urllib.parse import quote, urlencode

from django.conf import settings

from tracker.models import User
from tracker.organisation.sign_in.means import SignInRefused, listed_person
from tracker.organisation.sign_in.oidc.fetching import fetch
from tracker.organisation.sign_in.oidc.id_tokens import claims_of
from tracker.organisation.sign_in.oidc.provider import provider

MOST_CHARACTERS = 4_000  # of a code that comes back


class Attempt(TypedDict):
    """What a browser's session keeps of a login that is under way; nobody else knows it."""

    state: str
    nonce: str
    verifier: str
    back: str


class KnownPerson(NamedTuple):
    """Whom the provider has vouched for, and with what: at the end, the token says who leaves."""

    user: User
    id_token: str


def begin(back: str) -> tuple[str, Attempt]:
    """Where to send the browser, and what to keep until it is `back`. Raises SignInRefused."""
    attempt = Attempt(
        state=secrets.token_urlsafe(32),
        nonce=secrets.token_urlsafe(32),
        verifier=secrets.token_urlsafe(64),
        back=back,
    )
    asked = {
        "response_type": "code",
        "client_id": settings.OIDC_CLIENT_ID,
        "redirect_uri": back,
        "scope": settings.OIDC_SCOPE,
        "state": attempt["state"],
        "nonce": attempt["nonce"],
        "code_challenge": _challenge(attempt["verifier"]),
        "code_challenge_method": "S256",
    }
    if settings.OIDC_PROMPT != "provider":
        asked["prompt"] = settings.OIDC_PROMPT
    return _with_query(provider().authorization, asked), attempt


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")


def _with_query(address: str, values: Mapping[str, str]) -> str:
    return f"{address}{'&' if '?' in address else '?'}{urlencode(values, quote_via=quote)}"


def finish(attempt: Attempt, told: Mapping[str, str]) -> KnownPerson:
    """The listed person who came back with an answer to the attempt. Raises SignInRefused."""
    if told.get("iss", settings.OIDC_ISSUER) != settings.OIDC_ISSUER:  # RFC 9207: another provider's answer
        raise SignInRefused("ほかの認証サーバーからの返事です。もう一度ログインしてください。", "mix-up")
    if error := told.get("error", ""):
        raise _refused_there(error)
    code = told.get("code", "")
    if not 0 < len(code) <= MOST_CHARACTERS:
        raise SignInRefused("庁内の認証からの返事が欠けています。もう一度ログインしてください。", "no code")
    id_token = _exchanged(code, attempt)
    return KnownPerson(_person(claims_of(id_token, attempt["nonce"])), id_token)


def _refused_there(error: str) -> SignInRefused:
    if error == "access_denied":
        words = "庁内の認証で、ログインが認められませんでした（または、取りやめました）。"
    else:
        words = "庁内の認証で、ログインができませんでした。"
    return SignInRefused(f"{words}もう一度試し、続くときは管理者に連絡してください。", "provider refused")


def _exchanged(code: str, attempt: Attempt) -> str:
    """The token for a code, which the provider gives once, to us and for this attempt alone."""
    found = provider()
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": attempt["back"],
        "code_verifier": attempt["verifier"],
    }
    authorization = ""
    if settings.OIDC_CLIENT_SECRET and found.takes_basic:
        authorization = _basic(settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET)
    else:
        form["client_id"] = settings.OIDC_CLIENT_ID
        if settings.OIDC_CLIENT_SECRET:
            form["client_secret"] = settings.OIDC_CLIENT_SECRET
    answer = fetch(found.token, form, authorization=authorization)
    token = answer.get("id_token")
    if not isinstance(token, str):
        words = "庁内の認証が、このログインを確かめられませんでした。もう一度ログインしてください。"
        wrong = "invalid_client" if answer.get("error") == "invalid_client" else "no id token"
        raise SignInRefused(f"{words}続くときは、管理者に連絡してください。", f"token endpoint: {wrong}")
    return token


def _basic(client: str, secret: str) -> str:
    """RFC 6749 2.3.1: both as a form would spell them."""
    both = f"{quote(client, safe='')}:{quote(secret, safe='')}"
    return f"Basic {base64.b64encode(both.encode()).decode()}"


def _person(claims: dict[str, Any]) -> User:
    """The person whom the claim names that the settings say."""
    value = claims.get(settings.OIDC_CLAIM)
    if not isinstance(value, str) or not value:
        words = f"庁内の認証が、利用者の名前（{settings.OIDC_CLAIM}）を伝えませんでした。"
        raise SignInRefused(f"{words}管理者に、認証の設定を確かめるよう頼んでください。", "claim missing")
    if settings.OIDC_MATCH == "email" and claims.get("email_verified") is not True:
        words = "庁内の認証が、このメールアドレスを本人のものと確かめていません。"
        raise SignInRefused(f"{words}管理者に連絡してください。", "mail not verified")
    return listed_person(settings.OIDC_MATCH, value)


def logout_address(id_token: str, back: str) -> str:
    """Where the provider's own login ends, and leads `back`; "" where it says of no such address."""
    address = provider().logout
    told = {"post_logout_redirect_uri": back, "client_id": settings.OIDC_CLIENT_ID}
    told |= {"id_token_hint": id_token} if id_token else {}
    return _with_query(address, told) if address else ""
