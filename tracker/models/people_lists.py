"""Lists of all people on their way: what was uploaded, until it is applied."""

from django.db import models
from django.db.models import PROTECT, Q
from django.utils import timezone

from tracker.choices import BatchState
from tracker.models.organisation import User
from tracker.models.rules import always
from tracker.models.sheets import expiry, token


class PeopleList(models.Model):
    """利用者の一覧の取込: an uploaded table of all people, from reading to applying.

    `rows` are what was read (packed); they are let go of once the list is applied. `closes_missing`: whoever
    is not in the table is switched off. `added` are the ids of those whom it brought.
    """

    key = models.CharField(max_length=24, unique=True, default=token)
    owner = models.ForeignKey(User, PROTECT, related_name="people_lists", verbose_name="取り込んだ人")
    file_name = models.CharField("ファイル名", max_length=200)
    fiscal_year = models.PositiveSmallIntegerField("年度")
    closes_missing = models.BooleanField("表にない人は使えなくする", default=False)
    rows = models.BinaryField(default=bytes)
    uploaded_at = models.DateTimeField("読み込んだ日時", default=timezone.now)
    expires_at = models.DateTimeField("確認の期限", default=expiry)
    state = models.CharField("状態", max_length=20, choices=BatchState, default=BatchState.READY)
    plan_digest = models.CharField(max_length=64, blank=True)
    counts = models.JSONField(default=dict)
    added = models.JSONField(default=list)
    confirmed_at = models.DateTimeField("確定した日時", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "利用者の一覧の取込"
        ordering = ["-uploaded_at", "-pk"]
        constraints = [
            always(
                "people_list_state_known",
                Q(state__in=[BatchState.READY, BatchState.APPLIED]),
                "その状態はありません。",
            )
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def has_expired(self) -> bool:
        """Whether it waited too long for its confirmation."""
        return self.state == BatchState.READY and timezone.now() >= self.expires_at
