"""The workspace: rounds, the yearly actions written in them, and the chain of events."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from tracker.choices import ActionState, EventKind, RoundState
from tracker.models.catalogue import Initiative, Manifesto, Rating
from tracker.models.organisation import User


class ReportingRound(models.Model):
    """報告回: the collection of one fiscal year, with its due date and the date the answers are true as of."""

    manifesto = models.ForeignKey(Manifesto, models.CASCADE, related_name="rounds")
    fiscal_year = models.PositiveSmallIntegerField(_("年度"))
    state = models.CharField(_("状態"), max_length=20, choices=RoundState, default=RoundState.OPEN)
    opens_on = models.DateField(_("受付開始日"), null=True, blank=True)
    due_on = models.DateField(_("締切日"), null=True, blank=True)
    as_of = models.DateField(_("時点"))

    class Meta:
        verbose_name = verbose_name_plural = _("報告回")
        ordering = ["manifesto", "fiscal_year"]
        constraints = [
            models.UniqueConstraint(
                fields=["manifesto", "fiscal_year"],
                name="round_once",
                violation_error_message=_("この年度の報告回はすでにあります。"),
            ),
            models.UniqueConstraint(
                fields=["manifesto"],
                condition=Q(state=RoundState.OPEN),
                name="one_open_round",
                violation_error_message=_("受付中の報告回がほかにあります。"),
            ),
            models.CheckConstraint(
                condition=Q(state__in=RoundState.values),
                name="round_state_known",
                violation_error_message=_("その状態はありません。"),
            ),
            models.CheckConstraint(
                condition=Q(opens_on__isnull=True) | Q(due_on__isnull=True) | Q(due_on__gte=F("opens_on")),
                name="round_due_after_opening",
                violation_error_message=_("締切日が受付開始日より前です。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.manifesto.slug} {self.fiscal_year}"


class YearlyAction(models.Model):
    """年度別取組: what an initiative did in the round's fiscal year, its rating, and the plan for the year after.

    `version` grows with every write; a write names the version it saw, so that a stale one is noticed.
    """

    initiative = models.ForeignKey(Initiative, models.CASCADE, related_name="actions")
    round = models.ForeignKey(ReportingRound, models.PROTECT, related_name="actions")
    result = models.TextField(_("主な取組"), blank=True)
    plan = models.TextField(_("翌年度の取組予定"), blank=True)
    rating = models.ForeignKey(Rating, models.PROTECT, null=True, blank=True, related_name="actions", verbose_name=_("実施状況"))
    rating_reason = models.TextField(_("評価を変えた理由"), blank=True)
    state = models.CharField(_("状態"), max_length=20, choices=ActionState, default=ActionState.NOT_STARTED)
    return_reason = models.TextField(_("差戻しの理由"), blank=True)
    submitted_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    approved_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = verbose_name_plural = _("年度別取組")
        ordering = ["round", "initiative"]
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "round"],
                name="one_action_per_year",
                violation_error_message=_("この年度の取組はすでにあります。"),
            ),
            models.CheckConstraint(
                condition=Q(state__in=ActionState.values),
                name="action_state_known",
                violation_error_message=_("その状態はありません。"),
            ),
            models.CheckConstraint(
                condition=~Q(state=ActionState.RETURNED) | ~Q(return_reason=""),
                name="returned_needs_reason",
                violation_error_message=_("差し戻すときは、理由を書いてください。"),
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | Q(submitted_by__isnull=True) | ~Q(approved_by=F("submitted_by")),
                name="nobody_approves_their_own",
                violation_error_message=_("自分が提出したものは承認できません。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round.fiscal_year} {self.initiative}"


class Event(models.Model):
    """履歴: one thing that happened, chained to the one before by its hash (see events.py). Never changed or deleted."""

    number = models.PositiveBigIntegerField(_("番号"), unique=True)
    happened_at = models.DateTimeField(_("日時"))
    actor = models.CharField(_("行った人"), max_length=200)
    kind = models.CharField(_("出来事"), max_length=20, choices=EventKind)
    subject = models.CharField(_("対象"), max_length=200)
    from_state = models.CharField(max_length=20, blank=True)
    to_state = models.CharField(max_length=20, blank=True)
    reason = models.TextField(_("理由"), blank=True)
    content = models.JSONField(_("そのときの内容"), default=dict)
    previous_hash = models.CharField(max_length=64)
    own_hash = models.CharField(max_length=64, unique=True)

    class Meta:
        verbose_name = verbose_name_plural = _("履歴")
        ordering = ["number"]

    def __str__(self) -> str:
        return f"{self.number} {self.subject}"
