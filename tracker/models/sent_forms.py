"""Forms of the staff site that were sent, so that one sent twice does its work once."""

from django.db import models
from django.utils import timezone


class SentForm(models.Model):
    """A form on its way, or accepted: `location` and `status` are its answer, None and "" until it has one;
    between its work's commit and its answer, `location` says that it is done (cycle/sent_forms).

    `session_key` is the session's new name, where the work gave it one: the first answer had the cookie.
    `key` tells it from every other form: its page, where to, and every word of it (staff/frame/once.py).
    """

    key = models.CharField(max_length=64, primary_key=True)
    begun_at = models.DateTimeField("受け取った日時", default=timezone.now, db_index=True)
    status = models.PositiveSmallIntegerField("答え", null=True)
    location = models.TextField("移った先", blank=True)
    session_key = models.CharField(max_length=40, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "送られた書式"
        ordering = ["begun_at"]

    def __str__(self) -> str:
        return self.key
