"""The workspace: rounds, the yearly actions written in them, reminders, and the chain of events."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import CASCADE, PROTECT, Exists, F, OuterRef, Prefetch, Q, Subquery
from django.utils import timezone

from tracker import choices
from tracker.choices import HANDED_IN, OPEN_STATES, ActionField, ActionState, RoundState
from tracker.models.catalogue import PLACE, Initiative, Manifesto, Rating
from tracker.models.organisation import (
    DUTY_ORDER,
    MAX_SIGNATURE,
    Assignment,
    Department,
    User,
    this_fiscal_year,
)
from tracker.models.rules import always, in_order, once


class RoundQuerySet(models.QuerySet["ReportingRound"]):
    """Reads of rounds."""

    def of_tables(self) -> "RoundQuerySet":
        """Published ones, and those whose rows came with a table that waits to be published."""
        return self.filter(Q(state=RoundState.PUBLISHED) | Q(pk__in=self.imported()))

    def imported(self) -> "RoundQuerySet":
        """Closed ones whose rows all came with a table that was the last: nobody has written into them."""
        later = ReportingRound.objects.filter(
            manifesto=OuterRef("manifesto"), fiscal_year__gt=OuterRef("fiscal_year")
        )
        closed = self.filter(~Exists(later), state=RoundState.CLOSED, actions__is_imported=True)
        return closed.exclude(actions__is_imported=False)


class ReportingRound(models.Model):
    """報告回: the collection of one fiscal year. Its answers are due on `due_on` and true as of `as_of`."""

    manifesto = models.ForeignKey(Manifesto, CASCADE, related_name="rounds", verbose_name="マニフェスト")
    fiscal_year = models.PositiveSmallIntegerField("年度")
    state = models.CharField("状態", max_length=20, choices=RoundState, default=RoundState.OPEN)
    opens_on = models.DateField("受付開始日", null=True, blank=True)
    due_on = models.DateField("締切日", null=True, blank=True)
    as_of = models.DateField("時点")

    objects = RoundQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "報告回"
        ordering = ["manifesto", "fiscal_year"]
        constraints = [
            once("round_once", ("manifesto", "fiscal_year"), "この年度の報告回はすでにあります。"),
            once(
                "one_open_round", ("manifesto",), "受付中の報告回がほかにあります。", Q(state=RoundState.OPEN)
            ),
            always("round_state_known", Q(state__in=RoundState.values), "その状態はありません。"),
            always(
                "round_due_after_opening", in_order("opens_on", "due_on"), "締切日が受付開始日より前です。"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.manifesto.slug} {self.fiscal_year}"

    @property
    def subject(self) -> str:
        """What the round's events are filed under."""
        return f"round:{self.manifesto.slug}/{self.fiscal_year}"

    @property
    def is_writable(self) -> bool:
        """Whether departments may write into it."""
        return self.state in choices.WRITABLE_ROUNDS

    @property
    def is_imported(self) -> bool:
        """Whether it came with a table and waits to be published. Asks the database."""
        return ReportingRound.objects.imported().filter(pk=self.pk).exists()

    @property
    def is_public_here(self) -> bool:
        """Whether this site has published the year, itself or with a later one. Asks the database."""
        return self.manifesto.reports.filter(fiscal_year__gte=self.fiscal_year).exists()

    def days_left(self, today: date) -> int | None:
        """Days until the due date, negative past it. None where there is none."""
        return (self.due_on - today).days if self.due_on else None


ACTION_PLACE = tuple(f"initiative__{name}" for name in PLACE)


class YearlyActionQuerySet(models.QuerySet["YearlyAction"]):
    """Reads of yearly actions."""

    def unapproved(self) -> "YearlyActionQuerySet":
        return self.exclude(state=ActionState.APPROVED)

    def submitted(self) -> "YearlyActionQuerySet":
        return self.filter(state=ActionState.SUBMITTED)

    def answered_by(self, departments: Iterable[int]) -> "YearlyActionQuerySet":
        """Rows for which one of the departments (their ids) answers today."""
        return self.filter(answered_by(Q(department__in=list(departments))))

    def without_department(self) -> "YearlyActionQuerySet":
        """Rows for which no department answers today: the planning office's."""
        return self.exclude(answered_by(Q()))

    def in_table_order(self) -> "YearlyActionQuerySet":
        """The order of the published table."""
        return self.order_by(*ACTION_PLACE)

    def with_place(self) -> "YearlyActionQuerySet":
        """With all that a row's name, round and rating need, in one query."""
        named = ("round__manifesto", "initiative__pledge__section__parent", "rating", "reference_rating")
        return self.select_related(*named, "submitted_by", "approved_by")

    def with_departments(self) -> "YearlyActionQuerySet":
        """With the duties of all departments, for `YearlyAction.departments`."""
        duties = Assignment.objects.select_related("department").order_by(*DUTY_ORDER)
        return self.prefetch_related(Prefetch("initiative__assignments", duties))


def answered_by(department: Q) -> Exists:
    """Whether such a department answers today for a row: one of `YearlyAction.departments`.

    It is an EXISTS beside the row, so that it can stand in the UPDATE that it guards.
    """
    rounds, row = ReportingRound.objects.order_by(), OuterRef(OuterRef("round_id"))
    year, below = (Subquery(rounds.filter(pk=ref).values("fiscal_year")) for ref in (row, OuterRef(row)))
    own = Assignment.objects.filter(department, initiative=OuterRef("initiative_id"))
    return Exists(own.answering(year, below))


# `YearlyAction.has_rating` as a condition.
HAS_RATING = Q(rating__isnull=False) | Q(is_unrated=True)
# That the last report had the row, and `YearlyAction.rating_changed` is false. SQL's NULL neither equals nor
# differs from anything, so that 「評価なし」 on both sides is spelled out.
UNCHANGED_RATING = Q(was_reported=True) & (
    Q(rating__isnull=False, reference_rating__isnull=False, rating=F("reference_rating"))
    | Q(rating__isnull=True, reference_rating__isnull=True)
)


def late_rows(round: ReportingRound, path: str = "") -> Q:
    """`YearlyAction.is_late` as a condition; `path` leads from the table that is asked to the rows."""
    if round.due_on is None:
        return Q(pk__in=[])
    too_late = timezone.make_aware(datetime.combine(round.due_on + timedelta(days=1), time.min))
    late = Q(**{f"{path}state__in": HANDED_IN, f"{path}submitted_at__gte": too_late})
    return late | Q(**{f"{path}state__in": OPEN_STATES}) if timezone.now() >= too_late else late


class YearlyAction(models.Model):
    """年度別取組: an initiative's result and rating in the round's fiscal year, and its plan for the next.

    `version` grows with every write. A write names the version that it saw, so that a stale one is noticed.
    `was_reported`: the last report had the initiative when the round opened. `reference_rating` is its rating
    there (None: not rated). `is_unrated` is the explicit answer 「評価を付けない」. An imported row was
    approved elsewhere: it has neither submitter nor approver.
    """

    initiative = models.ForeignKey(Initiative, PROTECT, related_name="actions", verbose_name="取組")
    round = models.ForeignKey(ReportingRound, PROTECT, related_name="actions", verbose_name="報告回")
    result = models.TextField("主な取組", blank=True)
    plan = models.TextField("翌年度の取組予定", blank=True)
    rating = models.ForeignKey(
        Rating, PROTECT, null=True, blank=True, related_name="actions", verbose_name="実施状況"
    )
    is_unrated = models.BooleanField("評価を付けない", default=False)
    rating_reason = models.TextField("評価を変えた理由", blank=True)
    was_reported = models.BooleanField(default=False)
    reference_rating = models.ForeignKey(Rating, PROTECT, null=True, blank=True, related_name="+")
    state = models.CharField("状態", max_length=20, choices=ActionState, default=ActionState.NOT_STARTED)
    return_reason = models.TextField("差戻しの理由", blank=True)
    return_field = models.CharField("差戻しの対象", max_length=20, choices=ActionField, blank=True)
    saved_by = models.ForeignKey(User, PROTECT, null=True, blank=True, related_name="+")
    saved_at = models.DateTimeField("保存日時", null=True, blank=True)
    submitted_by = models.ForeignKey(User, PROTECT, null=True, blank=True, related_name="+")
    submitted_at = models.DateTimeField("提出日時", null=True, blank=True)
    approved_by = models.ForeignKey(User, PROTECT, null=True, blank=True, related_name="+")
    is_imported = models.BooleanField("取り込まれた", default=False)
    version = models.PositiveIntegerField(default=1)

    objects = YearlyActionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "年度別取組"
        ordering = ["round", "initiative"]
        constraints = [
            once("one_action_per_year", ("initiative", "round"), "この年度の取組はすでにあります。"),
            always("action_state_known", Q(state__in=ActionState.values), "その状態はありません。"),
            always(
                "returned_needs_reason",
                ~Q(state=ActionState.RETURNED) | ~Q(return_reason=""),
                "差し戻すときは、理由を書いてください。",
            ),
            always(
                "return_field_known",
                Q(return_field="") | Q(return_field__in=ActionField.values),
                "差戻しの対象が、入力欄ではありません。",
            ),
            always(
                "nobody_approves_their_own",
                Q(approved_by__isnull=True)
                | Q(submitted_by__isnull=True)
                | ~Q(approved_by=F("submitted_by")),
                "自分が提出したものは承認できません。",
            ),
            always(
                "submitted_needs_submitter",
                ~Q(state=ActionState.SUBMITTED) | Q(submitted_by__isnull=False, submitted_at__isnull=False),
                "提出した人が記録されていません。",
            ),
            always(
                "approved_needs_approver",
                ~Q(state=ActionState.APPROVED)
                | Q(is_imported=True)
                | Q(submitted_by__isnull=False, approved_by__isnull=False),
                "承認した人が記録されていません。",
            ),
            always(
                "changed_rating_needs_reason",
                ~Q(state__in=[ActionState.SUBMITTED, ActionState.APPROVED])
                | Q(was_reported=False)
                | UNCHANGED_RATING
                | ~Q(rating_reason=""),
                "評価が前回の公表と違うときは、評価を変えた理由を書いてください。",
            ),
            always(
                "rated_or_unrated",
                Q(is_unrated=False) | Q(rating__isnull=True),
                "評価を選ぶか、評価を付けないか、どちらかにしてください。",
            ),
        ]
        indexes = [models.Index(fields=["round", "state"], name="action_round_state")]

    def __str__(self) -> str:
        return f"{self.round.fiscal_year} {self.initiative}"

    def clean(self) -> None:
        """A trigger holds the same in the database (triggers.py)."""
        if self.rating and self.rating.manifesto_id != self.round.manifesto_id:
            raise ValidationError({"rating": "その評価は、このマニフェストの区分にありません。"})

    @property
    def subject(self) -> str:
        """What the row's events are filed under."""
        return f"action:{self.pk}"

    @property
    def place(self) -> str:
        """The initiative's key: field, section, pledge, initiative (1-1-2-3)."""
        return self.initiative.place

    @property
    def rating_changed(self) -> bool:
        """Whether the rating differs from the last report's. False for a row that it did not have."""
        return self.was_reported and self.rating_id != self.reference_rating_id

    @property
    def has_rating(self) -> bool:
        """Whether the question of the rating is answered: by a step, or by 「評価を付けない」."""
        return self.rating_id is not None or self.is_unrated

    @property
    def is_late(self) -> bool:
        """Whether it was, or still would be, submitted after the due date. What was imported never is."""
        due, moment = self.round.due_on, self.submitted_at if self.state in HANDED_IN else timezone.now()
        return due is not None and moment is not None and timezone.localdate(moment) > due

    @property
    def departments(self) -> list[Department]:
        """Who answers for the row today; none: the planning office. Queries without `with_departments`.

        The departments with the duty in the round's year. Where one of these is there no more, those that
        have the duty today (`AssignmentQuerySet.answering` is the same in SQL).
        """
        found = self._duty_in(self.round.fiscal_year)
        return list(
            dict.fromkeys(found + self._duty_in(this_fiscal_year()) if self.former_departments else found)
        )

    @property
    def former_departments(self) -> list[Department]:
        """Those with the duty in the round's year that are there no more: for whom others answer."""
        return [
            duty.department
            for duty in self.initiative.assignments.all()
            if duty.covers(self.round.fiscal_year) and not duty.department.is_there_in(this_fiscal_year())
        ]

    @property
    def in_charge(self) -> str:
        """Who answers, in words: 「商工振興課（旧 商工労働課）」."""
        names, former = "、".join(map(str, self.departments)), self.formerly
        return f"{names or '担当課なし（企画）'}{f'（旧 {former}）' if former else ''}"

    @property
    def formerly(self) -> str:
        """The names of `former_departments`."""
        return "、".join(map(str, self.former_departments))

    def _duty_in(self, fiscal_year: int) -> list[Department]:
        """The departments with the duty in a fiscal year that are there today."""
        return [
            duty.department
            for duty in self.initiative.assignments.all()
            if duty.covers(fiscal_year) and duty.department.is_there_in(this_fiscal_year())
        ]


class Reminder(models.Model):
    """催促: a mail to one person of a department, recorded after the mail server accepted it, never before.

    `department` None: of the planning office, about the rows that no department answers for.
    """

    round = models.ForeignKey(ReportingRound, PROTECT, related_name="reminders")
    department = models.ForeignKey(Department, PROTECT, null=True, blank=True, related_name="reminders")
    sent_on = models.DateField("送信日")
    sent_at = models.DateTimeField("送信日時")
    sent_by = models.CharField("送信した人", max_length=MAX_SIGNATURE)
    recipient = models.EmailField("宛先")
    row_count = models.PositiveIntegerField("取組の数")

    class Meta:
        verbose_name = verbose_name_plural = "催促メール"
        ordering = ["-sent_at", "-pk"]
        constraints = [
            once(
                "one_reminder_a_day",
                ("round", "department", "sent_on", "recipient"),
                "この課のこの宛先には、今日すでに送っています。",
            ),
            once(
                "one_reminder_to_planning_a_day",
                ("round", "sent_on", "recipient"),
                "企画のこの宛先には、今日すでに送っています。",
                Q(department__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sent_on} {self.department or choices.Role.PLANNING.label}"


class Event(models.Model):
    """履歴: one thing that happened, chained to the one before by its hash. Never changed or deleted."""

    number = models.PositiveBigIntegerField("番号", unique=True)
    happened_at = models.DateTimeField("日時")
    actor = models.CharField("行った人", max_length=MAX_SIGNATURE)
    kind = models.CharField("出来事", max_length=20, choices=choices.EventKind)
    subject = models.CharField("対象", max_length=200, db_index=True)
    from_state = models.CharField("前の状態", max_length=20, blank=True)
    to_state = models.CharField("後の状態", max_length=20, blank=True)
    reason = models.TextField("理由", blank=True)
    content = models.JSONField("そのときの内容", default=dict)
    previous_hash = models.CharField("前の履歴のハッシュ", max_length=64)
    own_hash = models.CharField("この履歴のハッシュ", max_length=64, unique=True)

    class Meta:
        verbose_name = verbose_name_plural = "履歴"
        ordering = ["number"]

    def __str__(self) -> str:
        return f"{self.number} {self.subject}"


class ChainHead(models.Model):
    """The end of the chain, in one row (id 1). A chain that was cut off goes on with a gap: it shows.

    `seal` proves that we wrote it (cycle/seals.py); "" for one from before version 1.1.
    """

    number = models.PositiveBigIntegerField()
    own_hash = models.CharField(max_length=64)
    seal = models.CharField(max_length=64, blank=True, default="")

    def __str__(self) -> str:
        return str(self.number)
