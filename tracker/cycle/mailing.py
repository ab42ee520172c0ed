"""Mails, one by one: a server may accept one and refuse another, and what it refused is told by name."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from email.errors import MessageError
from typing import TypeVar
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone

from tracker.models import RefusedMail, SentMail
from tracker.words.system_errors import in_words

# What one mail can raise. smtplib's errors are OSErrors, a bad address is a ValueError.
SENDING_ERRORS = (OSError, ValueError, MessageError)

Addressee = TypeVar("Addressee")

# So long it can be seen to whom a mail went. None is sent again: what is older than 7 days is told to nobody.
SENT_KEPT_FOR, REFUSED_KEPT_FOR = timedelta(days=3 * 366), timedelta(days=366)


def forget_old_mails() -> int:
    """Lets go of the addresses to which mails went, or did not, long ago; of how many mails."""
    now = timezone.now()
    sent = SentMail.objects.filter(sent_at__lt=now - SENT_KEPT_FOR)
    refused = RefusedMail.objects.filter(tried_at__lt=now - REFUSED_KEPT_FOR)
    return sent.delete()[0] + refused.delete()[0]


def missing_settings() -> str:
    """What the settings lack for sending, in words; "" where they lack nothing."""
    if not settings.EMAIL_HOST:
        return "メールサーバーが設定されていません。EMAIL_HOST を設定してください。"
    if urlsplit(settings.STAFF_SITE_URL).scheme not in {"http", "https"}:
        words = "メールに書く職員用サイトのアドレスがありません。"
        return f"{words}STAFF_SITE_URL を https:// から始まる形で設定してください。"
    return ""


def send_each(
    addressees: Sequence[Addressee],
    mail_to: Callable[[Addressee, BaseEmailBackend], EmailMessage],
    accepted: Callable[[Addressee], None],
) -> dict[str, list[Addressee]]:
    """Mails each over one connection, and calls `accepted` as soon as the server has one of them.

    Returns those whom it refused, by the reason.
    """
    done, refused = 0, dict[str, list[Addressee]]()
    try:
        with get_connection() as connection:
            for addressee in addressees:
                try:
                    mail_to(addressee, connection).send()
                except SENDING_ERRORS as problem:
                    refused.setdefault(in_words(problem), []).append(addressee)
                else:
                    accepted(addressee)
                done += 1
    except SENDING_ERRORS as problem:  # no server, or it hung up
        if waiting := addressees[done:]:
            refused.setdefault(in_words(problem), []).extend(waiting)
    return refused
