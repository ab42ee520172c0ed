"""By which means people come in, and who still uses a password."""

from django.conf import settings

from tracker.choices import Role
from tracker.models import User

MOST_CHARACTERS = 254  # of a user name, or an address
WITH_SECOND_FACTOR = {Role.PLANNING, Role.ADMINISTRATOR}


class SignInRefused(Exception):  # noqa: N818 - an answer, not a fault of ours
    """Somebody is not let in: the words for them, and the reason for the log, which names nobody."""

    def __init__(self, words: str, reason: str) -> None:
        super().__init__(words)
        self.reason = reason


def has_single_sign_on() -> bool:
    """Whether people come in by an account that they have elsewhere."""
    return bool(settings.OIDC_ISSUER or settings.REMOTE_USER_HEADER)


def uses_password(user: User) -> bool:
    """Whether our own password lets somebody in: everybody's, but for single sign-on.

    Then it is that of named administrators alone, for the day on which the other system is down.
    """
    is_named = user.username in settings.LOCAL_LOGIN and user.role == Role.ADMINISTRATOR
    return is_named or not has_single_sign_on()


def needs_second_factor(user: User) -> bool:
    """Whether a password alone does not let them in: they see and change more than a department's rows."""
    return bool(settings.SECOND_FACTOR) and user.role in WITH_SECOND_FACTOR


def listed_person(match: str, value: str) -> User:
    """The person whom another system calls so, exactly. Raises SignInRefused; a login never makes an account.

    `match`: with what of ours, "username" or "email".
    """
    can_be = 0 < len(value) <= MOST_CHARACTERS and value.isprintable()
    found = list(User.objects.filter(**{match: value})[:2]) if can_be else []
    if not found:
        called = value[:MOST_CHARACTERS]
        words = f"庁内の認証が伝えた「{called}」は、このシステムの利用者に登録されていません。"
        raise SignInRefused(f"{words}この名前を管理者に伝え、登録を頼んでください。", "not listed")
    if len(found) > 1:
        words = f"「{value}」をメールアドレスとする利用者が 2 人以上います。"
        raise SignInRefused(f"{words}管理者に、どちらかを直すよう頼んでください。", "two have this address")
    return found[0]
