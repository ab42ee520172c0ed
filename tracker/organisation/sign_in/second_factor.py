"""2 段階認証: codes of a person's app (TOTP, RFC 6238), and recovery codes for when it is lost.

The arithmetic is django-otp's. What is kept is ours: the secret sealed, recovery codes as digests; its own
tables hold both in plain text, where every backup would carry them away.
"""

import base64
import re
import secrets
import unicodedata
from urllib.parse import quote, urlencode

import segno
from django.db import transaction
from django.utils.crypto import salted_hmac
from django_otp.oath import TOTP

from tracker.choices import EventKind
from tracker.cycle import events
from tracker.models import RecoveryCode, SecondFactor, User
from tracker.organisation.invitations import LETTERS
from tracker.organisation.sessions import end_sessions
from tracker.organisation.sign_in import sealing
from tracker.words.folding import fold_for_search

SECRET_BYTES = 20  # as RFC 4226 asks for
TOLERANCE = 1  # half minutes before and after ours of which a code is taken
MOST_DRIFT = 10  # half minutes that an app's clock may have gone ahead of ours, or behind
CODES, LETTERS_OF_A_CODE = 10, 10  # recovery codes; each has 50 bits
CODE = re.compile(r"[0-9]{6}")
SET_UP, REMOVED = "2 段階認証の設定（本人）", "2 段階認証の解除"
CODES_MADE, CODE_USED = "回復コードの作り直し（本人）", "回復コードでのログイン"


def new_secret() -> str:
    """A secret as apps take it: 32 letters of Base32."""
    return base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode()


def address_for_apps(secret: str, user: User, place: str) -> str:
    """What the QR code says (otpauth://): whose account it is, and where."""
    told = urlencode({"secret": secret, "issuer": place}, quote_via=quote)
    return f"otpauth://totp/{quote(user.username, safe='')}?{told}"


def qr_code(text: str) -> str:
    """A text as a QR code: an SVG element without style, readable on a dark page, too."""
    return str(segno.make(text, error="m").svg_inline(border=4, omitsize=True, dark="#000", light="#fff"))


def has_factor(user: User) -> bool:
    return SecondFactor.objects.filter(user=user).exists()


def codes_left(user: User) -> int:
    return RecoveryCode.objects.filter(user=user).count()


@transaction.atomic
def set_up(
    user: User, secret: str, code: str, *, by: User, replaces: bool = False, session: str = ""
) -> list[str]:
    """The app's secret holds from now on: recovery codes, to be shown once. Where it replaces another app,
    whoever came in by that one comes in anew, but for `session`, which has given both codes.

    None of them where the code is not the app's, or where there is an earlier app that it was not to replace
    (another browser set it up meanwhile): then nothing was written.
    """
    found = _step(secret, code, drift=0, after=0)
    if found is None:
        return []
    step, drift = found
    told = {"sealed_secret": sealing.seal(secret), "last_step": step, "drift": drift}
    is_new = SecondFactor.objects.get_or_create(user=user, defaults=told)[1]
    if not is_new and not replaces:
        return []
    SecondFactor.objects.filter(user=user).update(**told)
    if not is_new:
        end_sessions([user.pk], but_for=session)
    _record(user, SET_UP, by.signature)
    return _new_codes(user)


def takes_code(user: User, code: str) -> bool:
    """Whether it is the app's code now. It is worth nothing a second time."""
    factor = SecondFactor.objects.filter(user=user).first()
    secret = sealing.opened(factor.sealed_secret) if factor else None
    if factor is None or secret is None:
        return False
    found = _step(secret, code, drift=factor.drift, after=factor.last_step)
    if found is None:
        return False
    unused = SecondFactor.objects.filter(pk=factor.pk, last_step__lt=found[0])
    return unused.update(last_step=found[0], drift=found[1]) == 1


def _step(secret: str, code: str, *, drift: int, after: int) -> tuple[int, int] | None:
    """The half minute of which a code is, later than `after`, and the app's drift; None for a wrong code."""
    typed = unicodedata.normalize("NFKC", code).replace(" ", "")
    if not CODE.fullmatch(typed):
        return None
    clock = TOTP(base64.b32decode(secret), drift=drift)
    if not clock.verify(int(typed), tolerance=TOLERANCE, min_t=after + 1):
        return None
    return clock.t(), max(-MOST_DRIFT, min(MOST_DRIFT, clock.drift))


@transaction.atomic
def takes_recovery_code(user: User, code: str) -> bool:
    """Whether it is one of the person's recovery codes. It is gone then, and the history says so."""
    taken = RecoveryCode.objects.filter(user=user, digest=_digest(user, code)).delete()[0] == 1
    if taken:
        _record(user, CODE_USED, user.signature, {"残りの回復コード": (None, codes_left(user))})
    return taken


def takes_either(user: User, code: str) -> bool:
    """Whether it is the app's code or, for who has lost the app, a recovery code."""
    return takes_code(user, code) or takes_recovery_code(user, code)


@transaction.atomic
def make_codes(user: User, *, by: User) -> list[str]:
    """New recovery codes, to be shown once; those of before are worth nothing."""
    _record(user, CODES_MADE, by.signature)
    return _new_codes(user)


def _new_codes(user: User) -> list[str]:
    RecoveryCode.objects.filter(user=user).delete()
    made = ["".join(secrets.choice(LETTERS) for _ in range(LETTERS_OF_A_CODE)) for _ in range(CODES)]
    RecoveryCode.objects.bulk_create(RecoveryCode(user=user, digest=_digest(user, each)) for each in made)
    half = LETTERS_OF_A_CODE // 2
    return [f"{each[:half]}-{each[half:]}" for each in made]


def _digest(user: User, code: str) -> str:
    """Of a code as it may be typed: in small letters, full-width, with other strokes, with spaces."""
    plain = fold_for_search(code).replace("-", "")
    return salted_hmac("tracker.recovery", f"{user.pk}:{plain}", algorithm="sha256").hexdigest()


@transaction.atomic
def remove(user: User, by: str) -> bool:
    """Lets a person set it up anew at their next login; their sessions end. False where there was none."""
    if not SecondFactor.objects.filter(user=user).delete()[0]:
        return False
    RecoveryCode.objects.filter(user=user).delete()
    end_sessions([user.pk])
    _record(user, REMOVED, by)
    return True


def unreadable() -> int:
    """How many were sealed with another SECRET_KEY: these people cannot log in."""
    sealed = SecondFactor.objects.values_list("sealed_secret", flat=True)
    return sum(sealing.opened(each) is None for each in sealed)


def _record(user: User, act: str, by: str, changes: dict[str, tuple[None, int]] | None = None) -> None:
    content = {"act": act, "model": str(user._meta.verbose_name), "name": str(user), "changes": changes or {}}
    events.record(by=by, kind=EventKind.CATALOGUE, subject=f"user:{user.pk}", content=content)
