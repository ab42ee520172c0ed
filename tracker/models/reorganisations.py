"""組織改正: documents of what changes in the organisation with a fiscal year."""

from django.db import models
from django.db.models import Q

from tracker.choices import ReorganisationState
from tracker.models.organisation import MAX_SIGNATURE
from tracker.models.rules import always


class Reorganisation(models.Model):
    """A reorganisation from the first day of `fiscal_year`: prepared in peace, applied whole, undone whole.

    `steps` are what happens, in order (organisation/steps.py). `version` grows with every write, and a write
    names the version that it saw. `written`: each row that applying it wrote, before and after
    (organisation/writing.py); undoing puts them back.
    """

    fiscal_year = models.PositiveSmallIntegerField("年度")
    title = models.CharField("件名", max_length=100, blank=True)
    steps = models.JSONField(default=list)
    state = models.CharField(
        "状態", max_length=20, choices=ReorganisationState, default=ReorganisationState.PREPARED
    )
    written = models.JSONField(default=list)
    version = models.PositiveIntegerField(default=1)
    applied_by = models.CharField("実施した人", max_length=MAX_SIGNATURE, blank=True)
    applied_at = models.DateTimeField("実施日時", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "組織改正"
        ordering = ["-fiscal_year", "-pk"]
        constraints = [
            always(
                "reorganisation_state_known",
                Q(state__in=ReorganisationState.values),
                "その状態はありません。",
            )
        ]

    def __str__(self) -> str:
        return self.title or f"{self.fiscal_year}年度の組織改正"

    @property
    def subject(self) -> str:
        """What its events are filed under."""
        return f"reorganisation:{self.pk}"
