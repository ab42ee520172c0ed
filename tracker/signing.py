"""The installation's signature on what leaves the house: Ed25519, by a key made of SITE_KEY."""

from functools import cache
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings


@cache
def _key(secret: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(sha256(f"manifesto site key {secret}".encode()).digest())


def public_key() -> str:
    """What others check the signature with: 32 bytes as 64 letters and digits."""
    return _key(settings.SITE_KEY).public_key().public_bytes_raw().hex()


def signature_of(content: bytes) -> str:
    """64 bytes in the same spelling."""
    return _key(settings.SITE_KEY).sign(content).hex()
