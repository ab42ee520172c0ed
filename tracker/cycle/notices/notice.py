"""A mail about a round to the people of a department, and its words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.template.loader import render_to_string

from tracker.choices import MailKind, Role
from tracker.models import Department, ReportingRound, YearlyAction
from tracker.words.digests import canonical_json, sha256


@dataclass(frozen=True)
class Notice:
    """A mail of a kind to the people of a department (None: of the planning office), about some of its rows.

    `due_at`: when it goes out by itself; somebody may send it before. `told`: what else its words need.
    """

    kind: MailKind
    occasion: str
    round: ReportingRound
    department: Department | None
    rows: list[YearlyAction]
    recipients: list[str]  # who has not got it
    due_at: datetime
    mailed: list[str] = field(default_factory=list)  # who has
    sent_at: str = ""  # the time at which the last of them got it; "" where nobody has
    manifesto: str = ""  # its name, where there are several
    told: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.department.name if self.department else str(Role.PLANNING.label)

    @property
    def has_address(self) -> bool:
        return bool(self.recipients or self.mailed)

    @property
    def subject(self) -> str:
        return render_to_string(f"mail/{self.kind}_subject.txt", self._context).strip()

    @property
    def body(self) -> str:
        return render_to_string(f"mail/{self.kind}.txt", self._context)

    @property
    def _context(self) -> dict[str, Any]:
        site = f"{settings.STAFF_SITE_URL.rstrip('/')}/"
        server = urljoin(site, "/").rstrip("/")
        named = {"notice": self, "round": self.round, "rows": self.rows, "site": site, "server": server}
        return {**self.told, **named}

    def mail_to(self, recipient: str, connection: BaseEmailBackend) -> EmailMessage:
        """The mail that one recipient gets. It names all of them, so that each knows who was asked.

        The same mail has the same number, should it ever come twice: mail programs then show it once.
        """
        key = [self.kind, self.occasion, self.round.pk, self.department and self.department.pk, recipient]
        host = urlsplit(settings.STAFF_SITE_URL).hostname
        headers = {
            "To": ", ".join([*self.mailed, *self.recipients]),
            "Message-ID": f"<{sha256(canonical_json(key))[:32]}@{host}>",
            "Auto-Submitted": "auto-generated",
        }
        return EmailMessage(self.subject, self.body, to=[recipient], headers=headers, connection=connection)
