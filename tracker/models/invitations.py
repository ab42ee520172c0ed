"""Links by which people set their own passwords."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import CASCADE, PROTECT, F, Q
from django.utils import timezone

from tracker.models.organisation import User
from tracker.models.rules import always, once
from tracker.models.sheets import token

VALID_FOR = timedelta(days=7)


def end_of_validity() -> datetime:
    """When an invitation that is made now ends."""
    return timezone.now() + VALID_FOR


class Invitation(models.Model):
    """招待: the right to set a person's password once, until it ends. It is gone once it was used.

    The number that opens it is not stored: `organisation.invitations.number_of` makes it of the `key`.
    `made_by` None: the person asked for it (パスワードを忘れた). `batch` names those that were made together.
    """

    user = models.ForeignKey(User, CASCADE, related_name="invitations", verbose_name="利用者")
    key = models.CharField(max_length=24, unique=True, default=token)
    batch = models.CharField(max_length=24, db_index=True, default=token)
    made_at = models.DateTimeField("作った日時", default=timezone.now)
    expires_at = models.DateTimeField("期限", default=end_of_validity)
    made_by = models.ForeignKey(
        User, PROTECT, null=True, blank=True, related_name="+", verbose_name="作った人"
    )
    bound_to = models.CharField(max_length=64)
    by_mail = models.BooleanField("メールで送る", default=False)
    mailed_at = models.DateTimeField("メールを送った日時", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "招待"
        ordering = ["-made_at", "-pk"]
        constraints = [
            once(
                "invitation_asked_for_once", ("user",), "すでに案内を送っています。", Q(made_by__isnull=True)
            ),
            once("invitation_made_once", ("user",), "すでに招待しています。", Q(made_by__isnull=False)),
            always(
                "invitation_ends_after_start",
                Q(expires_at__gt=F("made_at")),
                "期限が、作った日時より前です。",
            ),
        ]

    def __str__(self) -> str:
        return str(self.user)

    @property
    def has_ended(self) -> bool:
        return timezone.now() >= self.expires_at
