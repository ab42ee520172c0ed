"""The provider: where its parts are, told by itself (discovery) or by settings, and its keys."""

import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from tracker.organisation.sign_in.means import SignInRefused
from tracker.organisation.sign_in.oidc.fetching import ProviderSilent, fetch

DISCOVERY = "/.well-known/openid-configuration"
KNOWN_SECONDS = 60 * 60  # for which what it says of itself is believed
KEYS_AGAIN_SECONDS = 30  # between two looks for new keys, whatever tokens ask for them
SILENT_SECONDS = 5  # for which nobody waits for it again

# By what the settings say: the answers, each with the moment when it came.
_told: dict[tuple[str, ...], tuple[float, dict[str, Any]]] = {}
_silent: dict[str, float] = {}


@dataclass(frozen=True)
class Provider:
    """Addresses. `logout` "": it says of none. `takes_basic`: how it wants to be told the client's secret."""

    issuer: str
    authorization: str
    token: str
    keys: str
    logout: str
    takes_basic: bool


def provider() -> Provider:
    """Raises ProviderSilent where it does not answer, or says what cannot be; SignInRefused where none is."""
    if not settings.OIDC_ISSUER:
        raise SignInRefused("このサイトでは、このログインの方法を使っていません。", "no provider is set")
    own = (settings.OIDC_AUTHORIZATION_URL, settings.OIDC_TOKEN_URL, settings.OIDC_KEYS_URL)
    told = {} if all(own) else _told_of_itself()
    names = ("authorization_endpoint", "token_endpoint", "jwks_uri", "end_session_endpoint")
    said = [str(told.get(name) or "") for name in names]
    found = [mine or its for mine, its in zip((*own, settings.OIDC_LOGOUT_URL), said, strict=True)]
    if not all(found[:3]) or not all(_is_safe(each) for each in found if each):
        raise ProviderSilent("provider tells no usable addresses")
    methods = told.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    authorization, token, keys_at, logout = found
    takes_basic = "client_secret_basic" in methods
    return Provider(settings.OIDC_ISSUER, authorization, token, keys_at, logout, takes_basic)


def _told_of_itself() -> dict[str, Any]:
    told = _fetched(settings.OIDC_ISSUER.rstrip("/") + DISCOVERY, KNOWN_SECONDS)
    if told.get("issuer") != settings.OIDC_ISSUER:
        raise ProviderSilent("provider calls itself otherwise than OIDC_ISSUER")
    return told


def keys(*, anew: bool = False) -> dict[str, Any]:
    """Its keys, as JSON. `anew`: they may have changed; asked again if that was not done just now."""
    return _fetched(provider().keys, KEYS_AGAIN_SECONDS if anew else KNOWN_SECONDS)


def _fetched(address: str, seconds: int) -> dict[str, Any]:
    """What an address answered within so many seconds, else what it answers now."""
    key, now = (settings.OIDC_ISSUER, address), time.monotonic()
    if key in _told and now - _told[key][0] < seconds:
        return _told[key][1]
    if now - _silent.get(address, -SILENT_SECONDS) < SILENT_SECONDS:
        raise ProviderSilent("provider was silent just now")
    try:
        answer = fetch(address)
    except ProviderSilent:
        _silent[address] = time.monotonic()
        raise
    _told[key] = (now, answer)
    return answer


def forget() -> None:
    """Lets go of all that it told: for `doctor`, which asks how things are now, and for tests."""
    _told.clear()
    _silent.clear()


def _is_safe(address: str) -> bool:
    """Whether nobody on the way can read it, as far as the issuer itself is such an address."""
    return urlsplit(address).scheme in {"https", urlsplit(settings.OIDC_ISSUER).scheme}
