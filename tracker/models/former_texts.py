"""What yearly actions said before somebody saved over it."""

from django.db import models
from django.utils import timezone

from tracker.models.organisation import User
from tracker.models.reporting import YearlyAction


class FormerText(models.Model):
    """前の内容: the fields of a yearly action as they stood, so that a save never ends a text for good.

    `content` has the fields of `workflow.Content`. It is no event: nobody decides by it, and it is bounded
    (`cycle.former_texts`).
    """

    action = models.ForeignKey(YearlyAction, models.CASCADE, related_name="former_texts")
    content = models.JSONField("内容")
    written_by = models.ForeignKey(
        User, models.SET_NULL, null=True, related_name="+", verbose_name="書いた人"
    )
    written_at = models.DateTimeField("書いた日時", null=True)
    replaced_by = models.ForeignKey(
        User, models.SET_NULL, null=True, related_name="+", verbose_name="上書きした人"
    )
    replaced_at = models.DateTimeField("上書きした日時", default=timezone.now)

    class Meta:
        verbose_name = verbose_name_plural = "前の内容"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.action_id} {self.replaced_at:%Y-%m-%d %H:%M}"
