"""Invitations by mail: sent after they are stored, one by one; what was refused is told by name."""

import logging
from collections.abc import Callable, Sequence
from functools import partial
from threading import Thread
from urllib.parse import quote, urljoin

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from tracker.cycle.mailing import send_each
from tracker.models import Invitation, User
from tracker.models.city import city_now
from tracker.organisation.invitations import number_of

MOST_MAILS = 200  # at once: somebody waits for the answer

logger = logging.getLogger(__name__)


def entrance() -> str:
    """The address at which a number is given, as a mail writes it."""
    return urljoin(settings.STAFF_SITE_URL, reverse("staff-invitation"))


def mail_invitations(invitations: Sequence[Invitation]) -> dict[str, list[User]]:
    """Mails each; remembers what the server has accepted. Returns whom it refused, by the reason."""

    def accepted(invitation: Invitation) -> None:
        Invitation.objects.filter(pk=invitation.pk).update(mailed_at=timezone.now())

    refused = send_each(invitations, _mails(), accepted)
    return {reason: [each.user for each in those] for reason, those in refused.items()}


def mail_apart(invitation: Invitation) -> Thread:
    """Mails one in a thread of its own: how long it takes would tell whether there is such a person.

    Who asked is told nothing; a refusal is for the log, with the person's name and no number. The thread asks
    no database.
    """
    mail_to = _mails()

    def work() -> None:
        for reason in send_each([invitation], mail_to, lambda _sent: None):
            logger.error("no mail to %s, who forgot the password: %s", invitation.user.username, reason)

    thread = Thread(target=work)
    thread.start()
    return thread


def _mails() -> Callable[[Invitation, BaseEmailBackend], EmailMessage]:
    """Makes the mail of one, which names whom to ask now."""
    return partial(_mail_to, city_now().contact)


def _mail_to(contact: str, invitation: Invitation, connection: BaseEmailBackend) -> EmailMessage:
    user, number = invitation.user, number_of(invitation)
    context = {
        "invitation": invitation,
        "person": user,
        "number": number,
        "entrance": entrance(),
        "link": f"{entrance()}#{quote(user.username, safe='')}/{number}",
        "contact": contact,
    }
    subject = render_to_string("mail/invitation_subject.txt", context).strip()
    body = render_to_string("mail/invitation.txt", context)
    return EmailMessage(subject, body, to=[user.email], connection=connection)
