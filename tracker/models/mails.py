"""Mails about a round: which were accepted, which were refused, and which kinds a manifesto sends."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import CASCADE, PROTECT, Q

from tracker.choices import MailKind, Role
from tracker.models.catalogue import Manifesto
from tracker.models.organisation import MAX_SIGNATURE, Department
from tracker.models.reporting import ReportingRound
from tracker.models.rules import always, once

MAX_OCCASION = 40  # characters
# Between two tries that nobody asked for.
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=5), timedelta(days=1)
TO_PLANNING = Q(department__isnull=True)


class MailTo(models.Model):
    """A mail of a kind to one person of a department, about a round; `occasion` tells it from others alike.

    `department` None: of the planning office, about the rows that no department answers for.
    """

    kind = models.CharField("メールの種類", max_length=20, choices=MailKind)
    occasion = models.CharField("きっかけ", max_length=MAX_OCCASION)
    recipient = models.EmailField("宛先")

    class Meta:
        abstract = True


class SentMail(MailTo):
    """送ったメール: recorded after the mail server accepted it, never before."""

    round = models.ForeignKey(ReportingRound, PROTECT, related_name="sent_mails")
    department = models.ForeignKey(Department, PROTECT, null=True, blank=True, related_name="sent_mails")
    sent_at = models.DateTimeField("送信日時")
    sent_by = models.CharField("送信した人", max_length=MAX_SIGNATURE)
    row_count = models.PositiveIntegerField("取組の数")

    class Meta:
        verbose_name = verbose_name_plural = "送ったメール"
        ordering = ["-sent_at", "-pk"]
        constraints = [
            always("sent_mail_kind_known", Q(kind__in=MailKind.values), "その種類のメールはありません。"),
            once(
                "one_mail_an_occasion",
                ("round", "kind", "occasion", "department", "recipient"),
                "この課のこの宛先には、同じメールをすでに送っています。",
            ),
            once(
                "one_mail_to_planning_an_occasion",
                ("round", "kind", "occasion", "recipient"),
                "企画のこの宛先には、同じメールをすでに送っています。",
                TO_PLANNING,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.occasion} {self.department or Role.PLANNING.label}"


class RefusedMail(MailTo):
    """届けられなかったメール: the last one of its kind that the mail server did not accept for a person."""

    round = models.ForeignKey(ReportingRound, CASCADE, related_name="refused_mails")
    department = models.ForeignKey(Department, CASCADE, null=True, blank=True, related_name="refused_mails")
    why = models.TextField("理由")
    tries = models.PositiveIntegerField("試した回数", default=0)
    tried_at = models.DateTimeField("最後に試した日時")
    next_try_at = models.DateTimeField("次に試す日時")

    class Meta:
        verbose_name = verbose_name_plural = "届けられなかったメール"
        ordering = ["-tried_at", "-pk"]
        constraints = [
            always("refused_mail_kind_known", Q(kind__in=MailKind.values), "その種類のメールはありません。"),
            once(
                "one_refusal_a_kind",
                ("round", "kind", "department", "recipient"),
                "この課のこの宛先に届かなかったことは、すでに記録しています。",
            ),
            once(
                "one_refusal_to_planning_a_kind",
                ("round", "kind", "recipient"),
                "企画のこの宛先に届かなかったことは、すでに記録しています。",
                TO_PLANNING,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.recipient}"

    def refused_at(self, now: datetime, why: str) -> None:
        """Counts one more refusal. The next run tries again, then ever later ones: no server is pestered."""
        self.tries, self.tried_at, self.why = self.tries + 1, now, why
        doublings = min(self.tries - 1, 10)
        self.next_try_at = now + min(FIRST_PAUSE * (2**doublings - 1), LONGEST_PAUSE)


class MailSwitch(models.Model):
    """Whether a manifesto sends mails of a kind, and since when. Without a row it always did."""

    manifesto = models.ForeignKey(Manifesto, CASCADE, related_name="mail_switches")
    kind = models.CharField("メールの種類", max_length=20, choices=MailKind)
    is_on = models.BooleanField("送る", default=True)
    since = models.DateTimeField("切り替えた日時")

    class Meta:
        verbose_name = verbose_name_plural = "送るメールの種類"
        constraints = [
            always("mail_switch_kind_known", Q(kind__in=MailKind.values), "その種類のメールはありません。"),
            once("one_switch_a_kind", ("manifesto", "kind"), "この種類の設定は、すでにあります。"),
        ]

    def __str__(self) -> str:
        return f"{self.manifesto.slug} {self.get_kind_display()} {'送る' if self.is_on else '送らない'}"
