"""What an import of a published table wrote, so that it can be taken back before it is published."""

from django.db import models
from django.utils import timezone

from tracker.models.reporting import ReportingRound


class TableImport(models.Model):
    """表の取込: one load of a table. `journal` holds every row that it wrote (published_tables/journal.py).

    `event_number` is that of its event. It is there until a report of the manifesto is published.
    """

    round = models.ForeignKey(
        ReportingRound, models.CASCADE, related_name="table_imports", verbose_name="報告回"
    )
    event_number = models.PositiveBigIntegerField("履歴の番号")
    file_name = models.TextField("ファイル名")
    made_at = models.DateTimeField("取り込んだ日時", default=timezone.now)
    journal = models.BinaryField()

    class Meta:
        verbose_name = verbose_name_plural = "表の取込"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.file_name
