"""The second factor beside a password: the secret of a person's app, and codes for when it is lost."""

from django.db import models
from django.db.models import CASCADE
from django.utils import timezone

from tracker.models.organisation import User
from tracker.models.rules import once


class SecondFactor(models.Model):
    """2 段階認証: what a person's app makes its codes of. It is there once they have typed a right one.

    `sealed_secret` can be read with SECRET_KEY only (organisation.sign_in.second_factor). `last_step` is the
    newest half minute of which a code was taken: no code is taken twice. `drift`: by how many half minutes
    the app's clock is ahead of ours.
    """

    user = models.OneToOneField(User, CASCADE, related_name="second_factor", verbose_name="利用者")
    sealed_secret = models.CharField(max_length=300)
    last_step = models.BigIntegerField(default=0)
    drift = models.SmallIntegerField(default=0)
    made_at = models.DateTimeField("設定した日時", default=timezone.now)

    class Meta:
        verbose_name = verbose_name_plural = "2 段階認証"

    def __str__(self) -> str:
        return str(self.user)


class RecoveryCode(models.Model):
    """回復コード: lets a person in once in the place of their app. Its digest alone is kept."""

    user = models.ForeignKey(User, CASCADE, related_name="recovery_codes", verbose_name="利用者")
    digest = models.CharField(max_length=64)

    class Meta:
        verbose_name = verbose_name_plural = "回復コード"
        constraints = [once("recovery_code_once", ("user", "digest"), "同じ回復コードがあります。")]

    def __str__(self) -> str:
        return str(self.user)
