"""Mails to departments whose rows are still open near or past the due date.

A mail is recorded after the mail server has accepted it, never before. The next run sends what was not
accepted. Should the machine die between the two, that one mail is sent twice; none is ever lost. Runs take
turns by a lock file in the state folder.
"""

import fcntl
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from email.errors import MessageError
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
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
    """A mail to a department (None: to the planning office) about its open rows of a round."""

    round: ReportingRound
    department: Department | None
    rows: list[YearlyAction]
    recipients: list[str]
    sent_at: str = ""  # the time at which it was sent today; "" where it was not
    days_left: int = 0

    @property
    def name(self) -> str:
        return self.department.name if self.department else str(Role.PLANNING.label)

    @property
    def is_sendable(self) -> bool:
        return bool(self.recipients) and not self.sent_at

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
    """What a run did: the notices that the mail server accepted, and those that failed, with the reason."""

    sent: list[Notice] = field(default_factory=list)
    failed: list[tuple[Notice, str]] = field(default_factory=list)


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
    mailed = Reminder.objects.filter(round=round, sent_on=today).values_list("department", "sent_at")
    sent: dict[int | None, str] = {pk: f"{timezone.localtime(moment):%H:%M}" for pk, moment in mailed}
    found = []
    for place in sorted(rows, key=lambda each: each.code if each else "~"):
        pk = place.pk if place else None
        to, sent_at = people.get(pk, []), sent.get(pk, "")
        found.append(Notice(round, place, rows[place], to, sent_at, round.days_left(today) or 0))
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
    """Sends every notice that was not sent today. One that fails stays for the next run; the others go on.

    Raises ReminderProblem where the settings lack something, or while another run is sending.
    """
    if words := missing_settings():
        raise ReminderProblem(words)
    delivery = Delivery()
    with one_run_at_a_time():
        today = timezone.localdate()
        for notice in [each for round in rounds for each in notices(round, today) if each.is_sendable]:
            try:
                EmailMessage(notice.subject, notice.body, to=notice.recipients).send()
            except SENDING_ERRORS as problem:
                delivery.failed.append((notice, in_words(problem)))
            else:
                _record(notice, today, by)
                delivery.sent.append(notice)
    return delivery


def _record(notice: Notice, today: date, by: str) -> None:
    Reminder.objects.create(
        round=notice.round,
        department=notice.department,
        sent_on=today,
        sent_at=timezone.now(),
        sent_by=by,
        recipients=notice.recipients,
        row_count=len(notice.rows),
    )
