"""What a person's app shows, and people who have one."""

import base64
import time

from django_otp.oath import TOTP

from tracker.models import User
from tracker.organisation.sign_in import second_factor


def code_of(secret: str, steps: int = 0) -> str:
    """What an app shows so many half minutes from now."""
    clock = TOTP(base64.b32decode(secret))
    clock.time = time.time() + 30 * steps
    return f"{clock.token():06}"


def with_app(user: User, steps: int = 0) -> tuple[str, list[str]]:
    """Gives somebody an app: its secret and the recovery codes. The code of that half minute is used up."""
    secret = second_factor.new_secret()
    return secret, second_factor.set_up(user, secret, code_of(secret, steps), by=user)
