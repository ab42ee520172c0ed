"""Tables of the city on their way into the workspace, and how those of a manifesto are read."""

from django.db import models
from django.db.models import CASCADE, PROTECT, SET_NULL
from django.utils import timezone

from tracker.models.catalogue import Manifesto
from tracker.models.organisation import User
from tracker.models.reporting import ReportingRound
from tracker.models.sheets import expiry, token


class TableLayout(models.Model):
    """表の読み方: what a person said of a table that was loaded, for the next one with the same headings.

    `document` is a layout's (published_tables/file/document.py). `blocks` are its headings, each by its
    fingerprint and its number of rows; `last_year` is the latest fiscal year that they name. `fingerprint`
    stands for all of them.
    """

    manifesto = models.ForeignKey(
        Manifesto, CASCADE, related_name="table_layouts", verbose_name="マニフェスト"
    )
    fingerprint = models.CharField(max_length=64)
    blocks = models.JSONField(default=list)
    last_year = models.PositiveSmallIntegerField("見出しの最後の年度", null=True, blank=True)
    document = models.JSONField("読み方", default=dict)
    file_name = models.CharField("ファイル名", max_length=200)
    kept_by = models.ForeignKey(User, PROTECT, related_name="+", verbose_name="読み方を決めた人")
    kept_at = models.DateTimeField("読み方を決めた日時", default=timezone.now)

    class Meta:
        verbose_name = verbose_name_plural = "表の読み方"
        ordering = ["-kept_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["manifesto", "fingerprint"],
                name="table_layout_once",
                violation_error_message="同じ見出しの読み方があります。",
            )
        ]

    def __str__(self) -> str:
        return self.file_name


class TableUpload(models.Model):
    """表の読込: a table that was uploaded, with what its owner has said so far of how it is read.

    `grid` are its cells (packed). `document` is what the person said; `layout` was taken for its beginning.
    `slug` is the manifesto that it goes into. After loading, `round` and `event_number` tell where it went.
    """

    key = models.CharField(max_length=24, unique=True, default=token)
    owner = models.ForeignKey(User, PROTECT, related_name="table_uploads", verbose_name="読み込んだ人")
    file_name = models.CharField("ファイル名", max_length=200)
    file_digest = models.CharField(max_length=64)
    grid = models.BinaryField(default=bytes)
    document = models.JSONField("読み方", default=dict)
    layout = models.ForeignKey(TableLayout, SET_NULL, null=True, blank=True, related_name="+")
    slug = models.CharField("取り込み先", max_length=20, blank=True)
    end_missing = models.BooleanField("表にない取組を終わったものとする", default=False)
    uploaded_at = models.DateTimeField("読み込んだ日時", default=timezone.now)
    expires_at = models.DateTimeField("残しておく期限", default=expiry)
    round = models.ForeignKey(
        ReportingRound, SET_NULL, null=True, blank=True, related_name="+", verbose_name="報告回"
    )
    event_number = models.PositiveBigIntegerField("履歴の番号", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "表の読込"
        ordering = ["-uploaded_at", "-pk"]

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_loaded(self) -> bool:
        return self.event_number is not None
