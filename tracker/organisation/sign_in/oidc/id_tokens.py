"""What a provider has signed of a person: whether it is ours, for this attempt, and still holds."""

import time
from typing import Any

from django.conf import settings

from tracker.organisation.sign_in.means import SignInRefused
from tracker.organisation.sign_in.oidc import provider

try:
    from joserfc import jwt
    from joserfc.errors import BadSignatureError, InvalidKeyIdError, JoseError
    from joserfc.jwk import KeySet
    from joserfc.jws import JWSRegistry
except ImportError:  # an extra (oidc); the settings refuse OIDC_ISSUER without it
    jwt = None  # type: ignore[assignment]

# Signed with a key that only the provider has: none with a shared secret, and none without any.
ALGORITHMS = [
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "Ed25519",
    "EdDSA",
]
LEEWAY = 60  # seconds by which two clocks may differ
LONGEST = 10 * 60  # seconds that a token may be old: it was made for this attempt


class TokenRefused(SignInRefused):
    """The answer is not the provider's, not for us, not for this attempt, or no longer true."""

    def __init__(self, why: str, reason: str) -> None:
        words = f"庁内の認証からの返事を確かめられませんでした（{why}）。もう一度ログインしてください。"
        super().__init__(f"{words}続くときは、この文を管理者に伝えてください。", f"id token: {reason}")


def claims_of(token: str, nonce: str) -> dict[str, Any]:
    """What a token says, after all checks of OpenID Connect Core 3.1.3.7. Raises SignInRefused."""
    claims = _signed(token)
    _require_ours(claims)
    _require_now(claims)
    if claims.get("nonce") != nonce:
        raise TokenRefused("この画面で始めたログインのものではありません", "nonce")
    return claims


def _signed(token: str) -> dict[str, Any]:
    """The claims under a signature of the provider's. Its keys are asked for anew where none fits."""
    try:
        try:
            return _decoded(token, provider.keys())
        except (InvalidKeyIdError, BadSignatureError):
            return _decoded(token, provider.keys(anew=True))
    except (JoseError, ValueError, KeyError, TypeError, AttributeError) as problem:
        raise TokenRefused("署名が正しくありません", type(problem).__name__) from problem


def _decoded(token: str, keys: Any) -> dict[str, Any]:
    signing = [each for each in keys["keys"] if each.get("use", "sig") == "sig"]
    registry = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
    found = jwt.decode(token, KeySet.import_key_set({"keys": signing}), ALGORITHMS, registry)
    return dict(found.claims)


def _require_ours(claims: dict[str, Any]) -> None:
    """From the provider that the settings name, and for us: `azp` says whom, where it is for several."""
    if claims.get("iss") != settings.OIDC_ISSUER:
        raise TokenRefused("発行元が違います", "issuer")
    told = claims.get("aud")
    audience = told if isinstance(told, list) else [told]
    is_for_others = len(audience) > 1 or "azp" in claims
    if settings.OIDC_CLIENT_ID not in audience:
        raise TokenRefused("このシステムに宛てたものではありません", "audience")
    if is_for_others and claims.get("azp") != settings.OIDC_CLIENT_ID:
        raise TokenRefused("このシステムに宛てたものではありません", "authorized party")


def _require_now(claims: dict[str, Any]) -> None:
    now = time.time()
    ends, made = (_moment(claims.get(name)) for name in ("exp", "iat"))
    begins = _moment(claims["nbf"]) if "nbf" in claims else made
    if ends is None or now >= ends + LEEWAY:
        raise TokenRefused("期限が過ぎています。続くときは、サーバーの時計も確かめます", "expired")
    if made is None or begins is None or not -LEEWAY <= now - made <= LONGEST or begins > now + LEEWAY:
        raise TokenRefused("作られた時刻が合いません。サーバーの時計を確かめてください", "issued at")


def _moment(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if abs(value) < 1e12 else None
