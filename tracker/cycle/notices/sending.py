"""Mails what is due, one recipient at a time, and records each that the mail server has accepted.

Every recipient gets a mail of their own, for a server may accept one and refuse another. A mail is recorded
after the server has accepted it, never before. The next run sends what was not accepted. Should the machine
die between the two, that one mail is sent twice; none is ever lost. Runs take turns: by a lock file in the
state folder, and on PostgreSQL by a lock there, since several servers may share a database.
"""

import fcntl
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from tracker.choices import WRITABLE_ROUNDS, ActionState, MailKind, RoundState
from tracker.cycle.mailing import missing_settings, send_each
from tracker.cycle.notices.kinds import DAYS, STATES, notices_of
from tracker.cycle.notices.notice import Notice
from tracker.cycle.notices.occasions import RECENT
from tracker.models import RefusedMail, Report, ReportingRound, SentMail, YearlyAction
from tracker.server_locks import advisory_lock

LOCK = 0x6D616E6B  # PostgreSQL's advisory lock of mails ("mank")
LOCK_FILE = "send_mails.lock"
# Of one run: a server that hardly answers keeps neither a person waiting, nor the next run.
MOST_SECONDS = 60.0
AT_WORK = "ほかでメールを送っているところです。終わってから、もう一度試してください。"


class MailProblem(Exception):  # noqa: N818 - the field's own word for it
    """Nothing can be sent just now; the message says why and what to do."""


class OtherRun(MailProblem):
    """Another run is at work."""


@dataclass
class Delivery:
    """What a run did: the notices, each with the recipients that the mail server accepted, those that it did
    not, with the reason, those that were no longer true when it was their turn, and those that wait for the
    next run because this one took too long.
    """

    sent: list[Notice] = field(default_factory=list)
    failed: list[tuple[Notice, str]] = field(default_factory=list)
    untimely: list[Notice] = field(default_factory=list)
    left: list[Notice] = field(default_factory=list)

    @property
    def sent_count(self) -> int:
        """How many mails were sent, one to a recipient."""
        return mail_count(self.sent)

    @property
    def failed_count(self) -> int:
        return mail_count(notice for notice, _why in self.failed)


def mail_count(notices: Iterable[Notice]) -> int:
    """How many mails these are, one to a recipient."""
    return sum(len(notice.recipients) for notice in notices)


def rounds_with_mails(now: datetime) -> QuerySet[ReportingRound]:
    """Rounds that may have something to tell: those that take answers, and those published of late."""
    reports = Report.objects.filter(slug=OuterRef("manifesto__slug"), as_of=OuterRef("as_of"))
    is_news = Exists(reports.filter(published_at__gte=now - RECENT))
    told = Q(state__in=WRITABLE_ROUNDS) | Q(is_news, state=RoundState.PUBLISHED)
    return ReportingRound.objects.filter(told).select_related("manifesto").order_by("pk")


def rounds_to_remind(now: datetime, days: int = DAYS) -> QuerySet[ReportingRound]:
    """Rounds that take answers and are due within some days, or were due."""
    near = timezone.localdate(now) + timedelta(days=days)
    due = Q(state__in=WRITABLE_ROUNDS, due_on__lte=near)
    return ReportingRound.objects.filter(due).select_related("manifesto")


@contextmanager
def one_run_at_a_time() -> Iterator[None]:
    """Keeps all other runs out. Raises OtherRun while another one is at work."""
    settings.STATE_DIR.mkdir(parents=True, exist_ok=True)
    with (settings.STATE_DIR / LOCK_FILE).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as problem:
            raise OtherRun(AT_WORK) from problem
        if connection.vendor != "postgresql":
            yield
            return
        with advisory_lock(connection, LOCK) as try_lock:
            if not try_lock():
                raise OtherRun(AT_WORK)
            yield


def send(
    rounds: Sequence[ReportingRound],
    *,
    by: str,
    kinds: Collection[str] = tuple(MailKind),
    days: int = DAYS,
    by_itself: bool = False,
) -> Delivery:
    """Mails everybody who has not got a notice yet. What fails stays for a later run; the others go on.

    `by_itself`: nobody waits for it, so that what is not due yet, or was refused just now, waits its time.
    Raises MailProblem where the settings lack something, or while another run is at work.
    """
    if words := missing_settings():
        raise MailProblem(words)
    delivery, until = Delivery(), time.monotonic() + MOST_SECONDS
    with one_run_at_a_time():
        now = timezone.now()
        for round in rounds:
            found = notices_of(round, now, days=days, kinds=kinds)
            waiting = _ready(found, round, now) if by_itself else found
            for notice in waiting:
                if notice.recipients:
                    _take_turn(notice, delivery, by, is_late=time.monotonic() > until)
    return delivery


def _ready(notices: Iterable[Notice], round: ReportingRound, now: datetime) -> list[Notice]:
    """Those that are due, without the people whom the server refused just now."""
    refusals = RefusedMail.objects.filter(round=round, next_try_at__gt=now, tried_at__lte=now)
    resting = set(refusals.values_list("kind", "department", "recipient", "occasion"))
    found = []
    for notice in (each for each in notices if each.due_at <= now):
        pk = notice.department.pk if notice.department else None
        rested = [to for to in notice.recipients if (notice.kind, pk, to, notice.occasion) not in resting]
        found.append(replace(notice, recipients=rested))
    return found


def _take_turn(notice: Notice, delivery: Delivery, by: str, *, is_late: bool) -> None:
    if is_late:
        delivery.left.append(notice)
        return
    if not _still_holds(notice):
        delivery.untimely.append(notice)
        return
    accepted, refused = _deliver(notice, by)
    if accepted:
        delivery.sent.append(replace(notice, recipients=accepted))
    delivery.failed += [(replace(notice, recipients=to), why) for why, to in refused.items()]


def _still_holds(notice: Notice) -> bool:
    """Whether what it says is true now: a long run meets closed rounds, and rows that were answered."""
    rounds = ReportingRound.objects.filter(pk=notice.round.pk, state__in=STATES[notice.kind])
    if not rounds.exists():
        return False
    if notice.kind != MailKind.RETURNED:
        return True
    rows = YearlyAction.objects.filter(pk__in=[row.pk for row in notice.rows], state=ActionState.RETURNED)
    return rows.count() == len(notice.rows)


def _deliver(notice: Notice, by: str) -> tuple[list[str], dict[str, list[str]]]:
    """Mails each recipient, over one connection. Returns who was accepted, and the others by the reason."""
    accepted: list[str] = []

    def record(recipient: str) -> None:
        _record(notice, recipient, by)
        accepted.append(recipient)

    refused = send_each(notice.recipients, notice.mail_to, record)
    for why, recipients in refused.items():
        for recipient in recipients:
            _record_refusal(notice, recipient, why)
    return accepted, refused


def _same(notice: Notice, recipient: str) -> dict[str, object]:
    return {
        "round": notice.round,
        "department": notice.department,
        "kind": notice.kind,
        "recipient": recipient,
    }


@transaction.atomic
def _record(notice: Notice, recipient: str, by: str) -> None:
    """What was accepted. A refusal before it is settled."""
    if not _is_there(notice):
        return
    same = _same(notice, recipient)
    RefusedMail.objects.filter(**same).delete()
    values = {"sent_at": timezone.now(), "sent_by": by, "row_count": len(notice.rows)}
    SentMail.objects.create(**same, occasion=notice.occasion, **values)


@transaction.atomic
def _record_refusal(notice: Notice, recipient: str, why: str) -> None:
    """What was refused, and how often; another mail of the kind is tried afresh."""
    if not _is_there(notice):
        return
    same = _same(notice, recipient)
    before = RefusedMail.objects.filter(**same, occasion=notice.occasion).first()
    refusal = before or RefusedMail(**same, occasion=notice.occasion, tries=0)
    RefusedMail.objects.filter(**same).exclude(occasion=notice.occasion).delete()
    refusal.refused_at(timezone.now(), why)
    refusal.save()


def _is_there(notice: Notice) -> bool:
    """Whether the round was not cancelled while the mail was on its way, with all its records."""
    return ReportingRound.objects.select_for_update().filter(pk=notice.round.pk).exists()
