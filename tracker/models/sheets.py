"""Entry sheets on their way: what a sheet said when it was made, and what was uploaded."""

import secrets
from datetime import datetime, timedelta

from django.db import models
from django.db.models import CASCADE, PROTECT, SET_NULL, Q
from django.utils import timezone

from tracker.choices import BatchState
from tracker.models.organisation import Department, User
from tracker.models.reporting import ReportingRound
from tracker.models.rules import always

KEPT_FOR = timedelta(days=14)  # for an uploaded sheet that nobody confirms


def token() -> str:
    """A name that nobody can guess."""
    return secrets.token_urlsafe(12)


def expiry() -> datetime:
    """When a batch that is made now can no longer be confirmed."""
    return timezone.now() + KEPT_FOR


class SheetExport(models.Model):
    """入力シートの出力: what every cell of a sheet said when it was made, to compare it with on its return.

    `cells` are packed by `entry_sheets.bases`. `department` None: the whole round.
    """

    key = models.CharField(max_length=24, unique=True, default=token)
    round = models.ForeignKey(ReportingRound, CASCADE, related_name="sheet_exports", verbose_name="報告回")
    department = models.ForeignKey(
        Department, CASCADE, null=True, blank=True, related_name="+", verbose_name="担当課"
    )
    made_by = models.ForeignKey(User, PROTECT, related_name="+", verbose_name="作った人")
    made_at = models.DateTimeField("作った日時", default=timezone.now)
    cells = models.BinaryField()

    class Meta:
        verbose_name = verbose_name_plural = "入力シートの出力"
        ordering = ["-made_at"]

    def __str__(self) -> str:
        return self.key


class SheetBatch(models.Model):
    """入力シートの取込: an uploaded sheet, from reading to applying and, perhaps, undoing.

    `rows` (packed), `problems` and the number of rows, `total`, are what `entry_sheets.receiving` read.
    `picks` are the choices, {"<id>": {column name: "mine" | "theirs" | "both"}}, with the version of the row
    that they were made for; `left_out` are the ids of rows to leave alone. `taken` says what applying did,
    for undoing it: {"<id>": {"before": {...}, "version": 5}}.
    """

    key = models.CharField(max_length=24, unique=True, default=token)
    owner = models.ForeignKey(User, PROTECT, related_name="sheet_batches", verbose_name="取り込んだ人")
    round = models.ForeignKey(ReportingRound, CASCADE, related_name="sheet_batches", verbose_name="報告回")
    export = models.ForeignKey(SheetExport, SET_NULL, null=True, blank=True, related_name="batches")
    file_name = models.CharField("ファイル名", max_length=200)
    file_digest = models.CharField(max_length=64)
    uploaded_at = models.DateTimeField("取り込んだ日時", default=timezone.now)
    expires_at = models.DateTimeField("確認の期限", default=expiry)
    state = models.CharField("状態", max_length=20, choices=BatchState, default=BatchState.READY)
    submits = models.BooleanField("提出まで行う", default=False)
    rows = models.BinaryField(default=bytes)
    problems = models.JSONField(default=list)
    picks = models.JSONField(default=dict)
    left_out = models.JSONField(default=list)
    plan_digest = models.CharField(max_length=64, blank=True)
    taken = models.JSONField(default=dict)
    message = models.TextField(blank=True)
    confirmed_at = models.DateTimeField("確定した日時", null=True, blank=True)
    undone_at = models.DateTimeField("取り消した日時", null=True, blank=True)
    undone_by = models.ForeignKey(User, PROTECT, null=True, blank=True, related_name="+")
    total = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = verbose_name_plural = "入力シートの取込"
        ordering = ["-uploaded_at"]
        constraints = [always("batch_state_known", Q(state__in=BatchState.values), "その状態はありません。")]

    def __str__(self) -> str:
        return self.file_name

    @property
    def has_expired(self) -> bool:
        """Whether it waited too long for its confirmation."""
        return self.state == BatchState.READY and timezone.now() >= self.expires_at
