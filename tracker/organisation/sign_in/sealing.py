"""What must be read again, but by nobody who has the database alone: sealed with a key made of SECRET_KEY."""

import base64
from functools import cache
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings


@cache
def _box(key: str) -> Fernet:
    digest = sha256(f"manifesto second factor {key}".encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))


def seal(text: str) -> str:
    return _box(settings.SECRET_KEY).encrypt(text.encode()).decode()


def opened(sealed: str) -> str | None:
    """None for what was sealed with another key, or is no seal of ours."""
    try:
        return _box(settings.SECRET_KEY).decrypt(sealed.encode()).decode()
    except InvalidToken:
        return None
