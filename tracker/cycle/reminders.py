"""Mails to departments whose rows are still open near or past the due date.

Every recipient gets a mail of their own, for a server may accept one and refuse another. A mail is recorded
after the mail server has accepted it, never before. The next run sends what was not accepted. Should the
machine die between the two, that one mail is sent twice; none is ever lost. Runs take turns by a lock file in
the state folder.
"""

import fcntl
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from email.errors import MessageError
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import Q, QuerySet
from django.template.loader import render_to_string
from django.utils import timezone

from tracker.choices import OPEN_STATES, WRITABLE_ROUNDS, ActionState, Role
from tracker.models import Department, Reminder, ReportingRound, User, YearlyAction
from tracker.words.system_errors import in_words

DAYS = 7  # before the due date, when reminders begin
# What one mail can raise. smtplib's errors are OSErrors, a bad address is a ValueError.
SENDING_ERRORS = (OSError, ValueError, MessageError)


class ReminderProblem(Exception):  # noqa: N818 - the field's own word for it
    """Nothing can be sent just now; the message says why and what to do."""


@dataclass(frozen=True)
class Notice:
    """A mail to the people of a department (None: of the planning office) about its open rows of a round."""

    round: ReportingRound
    department: Department | None
    rows: list[YearlyAction]
    recipients: list[str]  # who has not got it today
    mailed: list[str] = field(default_factory=list)  # who has
    sent_at: str = ""  # the time at which the last of them got it; "" where nobody has
    days_left: int = 0

    @property
    def name(self) -> str:
        return self.department.name if self.department else str(Role.PLANNING.label)

    @property
    def has_address(self) -> bool:
        return bool(self.recipients or self.mailed)

    @property
    def subject(self) -> str:
        return render_to_string("mail/reminder_subject.txt", {"notice": self}).strip()

    @property
    def body(self) -> str:
        site = f"{settings.STAFF_SITE_URL.rstrip('/')}/"
        server = urljoin(site, "/").rstrip("/")
        context = {"notice": self, "site": site, "server": server, "contact": settings.CITY_CONTACT}
        return render_to_string("mail/reminder.txt", context)


@dataclass
class Delivery:
    """What a run did: the notices, each with the recipients that the mail server accepted, and those that it
    did not, with the reason.
    """

    sent: list[Notice] = field(default_factory=list)
    failed: list[tuple[Notice, str]] = field(default_factory=list)

    @property
    def sent_count(self) -> int:
        """How many mails were sent, one to a recipient."""
        return sum(len(notice.recipients) for notice in self.sent)

    @property
    def failed_count(self) -> int:
        return sum(len(notice.recipients) for notice, _why in self.failed)


def missing_settings() -> str:
    """What the settings lack for sending, in words; "" where they lack nothing."""
    if not settings.EMAIL_HOST:
        return "メールサーバーが設定されていません。EMAIL_HOST を設定してください。"
    if urlsplit(settings.STAFF_SITE_URL).scheme not in {"http", "https"}:
        words = "メールに書く職員用サイトのアドレスがありません。"
        return f"{words}STAFF_SITE_URL を https:// から始まる形で設定してください。"
    return ""


def rounds_to_remind(today: date, days: int = DAYS) -> QuerySet[ReportingRound]:
    """Rounds that take answers and are due within some days, or were due."""
    due = Q(state__in=WRITABLE_ROUNDS, due_on__lte=today + timedelta(days=days))
    return ReportingRound.objects.filter(due).select_related("manifesto")


def notices(round: ReportingRound, today: date) -> list[Notice]:
    """Notices to the departments with open rows, by code, then to planning. A constant number of queries."""
    rows: dict[Department | None, list[YearlyAction]] = {}
    for row in _open_rows(round):
        places: set[Department | None] = set(row.departments)
        for place in places or {None}:
            rows.setdefault(place, []).append(row)
    people = _recipients(department.pk for department in rows if department)
    mailed = _mailed(round, today)
    found = []
    for place in sorted(rows, key=lambda each: each.code if each else "~"):
        pk = place.pk if place else None
        has = mailed.get(pk, {})
        waiting = [address for address in people.get(pk, []) if address not in has]
        sent_at = f"{timezone.localtime(max(has.values())):%H:%M}" if has else ""
        found.append(
            Notice(round, place, rows[place], waiting, list(has), sent_at, round.days_left(today) or 0)
        )
    return found


def _mailed(round: ReportingRound, today: date) -> dict[int | None, dict[str, datetime]]:
    """Who got a mail today and when, by department."""
    found: dict[int | None, dict[str, datetime]] = {}
    records = Reminder.objects.filter(round=round, sent_on=today).order_by("sent_at", "pk")
    for pk, recipient, sent_at in records.values_list("department", "recipient", "sent_at"):
        found.setdefault(pk, {})[recipient] = sent_at
    return found


def _open_rows(round: ReportingRound) -> list[YearlyAction]:
    rows = YearlyAction.objects.filter(round=round, state__in=OPEN_STATES)
    found = rows.with_place().with_departments().in_table_order()
    return sorted(found, key=lambda row: OPEN_STATES.index(ActionState(row.state)))


def _recipients(departments: Iterable[int]) -> dict[int | None, list[str]]:
    """The addresses of the active people of each department, and of the planning office (None)."""
    people = User.objects.filter(is_active=True).exclude(email="").order_by("username")
    if not settings.DEMO:
        people = people.filter(is_demo=False)
    planners = people.filter(role=Role.PLANNING).values_list("email", flat=True)
    clerks = people.filter(role=Role.DEPARTMENT, departments__in=list(departments))
    found: dict[int | None, list[str]] = {None: list(dict.fromkeys(planners))}
    for pk, email in clerks.values_list("departments", "email"):
        if email not in found.setdefault(pk, []):
            found[pk].append(email)
    return found


@contextmanager
def one_run_at_a_time() -> Iterator[None]:
    """Holds the lock file of the state folder. Raises ReminderProblem while another run holds it."""
    settings.STATE_DIR.mkdir(parents=True, exist_ok=True)
    with (settings.STATE_DIR / "send_reminders.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as problem:
            words = "ほかで催促メールを送っているところです。終わってから、もう一度試してください。"
            raise ReminderProblem(words) from problem
        yield


def send(rounds: Sequence[ReportingRound], *, by: str) -> Delivery:
    """Mails everybody who was not mailed today. A mail that fails stays for the next run; the others go on.

    Raises ReminderProblem where the settings lack something, or while another run is sending.
    """
    if words := missing_settings():
        raise ReminderProblem(words)
    delivery = Delivery()
    with one_run_at_a_time():
        today = timezone.localdate()
        for notice in [each for round in rounds for each in notices(round, today) if each.recipients]:
            accepted, refused = _deliver(notice, today, by)
            if accepted:
                delivery.sent.append(replace(notice, recipients=accepted))
            delivery.failed += [(replace(notice, recipients=to), why) for why, to in refused.items()]
    return delivery


def _deliver(notice: Notice, today: date, by: str) -> tuple[list[str], dict[str, list[str]]]:
    """Mails each recipient, over one connection. Returns who was accepted, and the others by the reason."""
    accepted: list[str] = []
    refused: dict[str, list[str]] = {}
    try:
        with get_connection() as connection:
            for recipient in notice.recipients:
                try:
                    _mail(notice, recipient, connection).send()
                except SENDING_ERRORS as problem:
                    refused.setdefault(in_words(problem), []).append(recipient)
                else:
                    _record(notice, recipient, today, by)
                    accepted.append(recipient)
    except SENDING_ERRORS as problem:  # no server, or it hung up
        told = {*accepted, *(each for to in refused.values() for each in to)}
        if waiting := [each for each in notice.recipients if each not in told]:
            refused.setdefault(in_words(problem), []).extend(waiting)
    return accepted, refused


def _mail(notice: Notice, recipient: str, connection: BaseEmailBackend) -> EmailMessage:
    """The mail that one recipient gets. It names all of them, so that each knows who was asked."""
    named = {"To": ", ".join([*notice.mailed, *notice.recipients])}
    return EmailMessage(notice.subject, notice.body, to=[recipient], headers=named, connection=connection)


def _record(notice: Notice, recipient: str, today: date, by: str) -> None:
    Reminder.objects.create(
        round=notice.round,
        department=notice.department,
        sent_on=today,
        sent_at=timezone.now(),
        sent_by=by,
        recipient=recipient,
        row_count=len(notice.rows),
    )
