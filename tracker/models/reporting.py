"""The workspace: rounds, the yearly actions written in them, and the chain of events."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import (
    CASCADE,
    PROTECT,
    Exists,
    F,
    OuterRef,
    Prefetch,
    Q,
    Subquery,
    prefetch_related_objects,
)
from django.utils import timezone
from django.utils.functional import cached_property

from tracker import choices
from tracker.choices import (
    BOUND,
    FILLED_IN_LABEL,
    HANDED_IN,
    OUTSTANDING,
    ActionField,
    ActionState,
    RoundState,
)
from tracker.models.catalogue import PLACE, Initiative, Manifesto, Rating
from tracker.models.extra_columns import ExtraColumn
from tracker.models.indicators import Indicator, Measured
from tracker.models.organisation import MAX_SIGNATURE, Assignment, Department, User, this_fiscal_year
from tracker.models.rules import always, in_order, once
from tracker.words.answers import lacking
from tracker.words.duties import answering
from tracker.words.extra_values import FIELD, FilledColumn, asked_in, field_of, said
from tracker.words.fiscal_years import label, round_label
from tracker.words.indicators import IndicatorColumn

MAX_ROUND_NAME = 20  # characters


class RoundQuerySet(models.QuerySet["ReportingRound"]):
    """Reads of rounds."""

    def of_tables(self) -> "RoundQuerySet":
        """Published ones, and those that came with a table and wait to be published."""
        return self.filter(state__in=[RoundState.PUBLISHED, RoundState.IMPORTED])

    def before(self, round: "ReportingRound") -> "RoundQuerySet":
        """The rounds of the same manifesto that come before one."""
        return self.filter(_precedes(round.fiscal_year, round.as_of), manifesto=round.manifesto_id)

    def after(self, round: "ReportingRound") -> "RoundQuerySet":
        """The rounds of the same manifesto that come after one."""
        others = self.filter(manifesto=round.manifesto_id).exclude(pk=round.pk)
        return others.exclude(_precedes(round.fiscal_year, round.as_of))

    def newest_first(self) -> "RoundQuerySet":
        return self.order_by("-fiscal_year", "-as_of", "-pk")


def _precedes(fiscal_year: int, as_of: date) -> Q:
    """The order of rounds: by fiscal year, then by date."""
    return Q(fiscal_year__lt=fiscal_year) | Q(fiscal_year=fiscal_year, as_of__lt=as_of)


class ReportingRound(models.Model):
    """報告回: one collection of a fiscal year. Its answers are due on `due_on` and true as of `as_of`.

    A year may have several, each with a `name` (上半期); it is blank where there is one only. They follow
    each other by fiscal year and by date alike (cycle/round_dates.py). `number` tells a year's rounds apart
    for ever, cancelled ones too: names and dates may change. `picked_changes`: keys of those changes of the
    catalogue that its next edition takes over (reports/corrections.py).
    """

    manifesto = models.ForeignKey(Manifesto, CASCADE, related_name="rounds", verbose_name="マニフェスト")
    fiscal_year = models.PositiveSmallIntegerField("年度")
    name = models.CharField("報告回の名前", max_length=MAX_ROUND_NAME, blank=True, default="")
    number = models.PositiveSmallIntegerField("年度の中での番号", default=1)
    state = models.CharField("状態", max_length=20, choices=RoundState, default=RoundState.OPEN)
    opens_on = models.DateField("受付開始日", null=True, blank=True)
    due_on = models.DateField("締切日", null=True, blank=True)
    as_of = models.DateField("時点")
    picked_changes = models.JSONField(default=list)

    objects = RoundQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "報告回"
        ordering = ["manifesto", "fiscal_year", "as_of"]
        constraints = [
            once("round_once", ("manifesto", "as_of"), "この時点の報告回はすでにあります。"),
            once(
                "round_name_once",
                ("manifesto", "fiscal_year", "name"),
                "この年度には、同じ名前の報告回がすでにあります。",
            ),
            once(
                "round_number_once",
                ("manifesto", "fiscal_year", "number"),
                "この年度には、同じ番号の報告回がすでにあります。",
            ),
            once(
                "one_open_round", ("manifesto",), "受付中の報告回がほかにあります。", Q(state=RoundState.OPEN)
            ),
            always("round_state_known", Q(state__in=RoundState.values), "その状態はありません。"),
            always(
                "round_due_after_opening", in_order("opens_on", "due_on"), "締切日が受付開始日より前です。"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.manifesto.slug} {self.fiscal_year}{self.name and f' {self.name}'}"

    @property
    def subject(self) -> str:
        """What the round's events are filed under: a year's first round under the year alone."""
        return subject_of_round(self.manifesto.slug, self.fiscal_year, self.number)

    @property
    def label(self) -> str:
        """「令和6年度（2024年度）上半期」."""
        return f"{label(self.fiscal_year)}{self.name}"

    @property
    def short_label(self) -> str:
        """「令和6年度上半期」."""
        return round_label(self.fiscal_year, self.name)

    @cached_property
    def scale(self) -> list[Rating]:
        """Its ratings, best first; asked once."""
        return list(Rating.objects.filter(manifesto=self.manifesto_id).order_by("position"))

    @property
    def has_ranks(self) -> bool:
        """Whether its ratings have an order, so that one can go up or down."""
        return not self.scale or any(rating.is_ranked for rating in self.scale)

    @property
    def follows(self) -> "ReportingRound | None":
        """The earlier round of the same year with whose texts this one begins. Asks the database.

        A later round of a year always has a name.
        """
        if not self.name:
            return None
        same = ReportingRound.objects.before(self).filter(fiscal_year=self.fiscal_year)
        return same.newest_first().first()

    @property
    def is_writable(self) -> bool:
        """Whether departments may write into it."""
        return self.state in choices.WRITABLE_ROUNDS

    @property
    def is_imported(self) -> bool:
        """Whether it came with a table and waits to be published."""
        return self.state == RoundState.IMPORTED

    @property
    def is_public_here(self) -> bool:
        """Whether this site has published the round, itself or with a later one. Asks the database."""
        return self.manifesto.reports.filter(as_of__gte=self.as_of).exists()

    def days_left(self, today: date) -> int | None:
        """Days until the due date, negative past it. None where there is none."""
        return (self.due_on - today).days if self.due_on else None


def subject_of_round(slug: str, fiscal_year: int, number: int) -> str:
    """What the events of the how-manieth round of a year are filed under."""
    return f"round:{slug}/{fiscal_year}{f'/{number}' if number > 1 else ''}"


ACTION_PLACE = tuple(f"initiative__{name}" for name in PLACE)


class YearlyActionQuerySet(models.QuerySet["YearlyAction"]):
    """Reads of yearly actions."""

    def unapproved(self) -> "YearlyActionQuerySet":
        return self.exclude(state=ActionState.APPROVED)

    def as_begun(self) -> "YearlyActionQuerySet":
        """`YearlyAction.is_as_begun` as a condition."""
        return self.filter(state=ActionState.DRAFT, saved_by__isnull=True)

    def submitted(self) -> "YearlyActionQuerySet":
        return self.filter(state=ActionState.SUBMITTED)

    def in_section(self) -> "YearlyActionQuerySet":
        return self.filter(state=ActionState.IN_SECTION)

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
        """With all that a row's name, round and rating need and its extra columns, in two queries.

        `has_indicators` comes with it, so that a row without indicators does not ask for them; of many rows
        `read_indicators` reads them.
        """
        named = ("round__manifesto", "initiative__pledge__section__parent", "rating", "reference_rating")
        people = ("submitted_by", "confirmed_by", "approved_by")
        found = self.select_related(*named, *people).prefetch_related("round__manifesto__extra_columns")
        return found.annotate(
            has_indicators=Exists(Indicator.objects.filter(initiative=OuterRef("initiative")))
        )

    def with_last_values(self) -> "YearlyActionQuerySet":
        """With `last_extra_values`, those of the initiative's row before each; None where there is none."""
        year, day = OuterRef("round__fiscal_year"), OuterRef("round__as_of")
        before = Q(round__fiscal_year__lt=year) | Q(round__fiscal_year=year, round__as_of__lt=day)
        earlier = YearlyAction.objects.filter(before, initiative=OuterRef("initiative"))
        newest = earlier.order_by("-round__fiscal_year", "-round__as_of").values("extra_values")[:1]
        return self.annotate(last_extra_values=Subquery(newest))

    def with_departments(self) -> "YearlyActionQuerySet":
        """With the duties of all departments, for `YearlyAction.departments`."""
        return self.prefetch_related(
            Prefetch("initiative__assignments", Assignment.objects.with_department())
        )


def read_indicators(rows: "Iterable[YearlyAction]") -> None:
    """Reads the indicators of those rows that have some, once: one query, or none."""
    prefetch_related_objects([row.initiative for row in rows if may_have_indicators(row)], "indicators")


def may_have_indicators(row: "YearlyAction") -> bool:
    """What `with_place` found out; true of a row that was read without it."""
    return bool(vars(row).get("has_indicators", True))


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
    return late | Q(**{f"{path}state__in": OUTSTANDING}) if timezone.now() >= too_late else late


class YearlyAction(models.Model):
    """年度別取組: an initiative's result and rating in the round's fiscal year, and its plan for the next.

    `version` grows with every write. A write names the version that it saw, so that a stale one is noticed.
    `was_reported`: the last report had the initiative when the round opened. `reference_rating` is its rating
    there (None: not rated). `is_unrated` is the explicit answer 「評価を付けない」. `extra_values` has the
    values of the manifesto's extra columns that say something, by code. An imported row was
    approved elsewhere: it has neither submitter nor approver. `return_reason` (企画's) stays until the row is
    approved, `section_reason` (its head's) until the head confirms: whoever withdraws has them again
    (docs/adr/0021). `submitted_at` is when it reached whom it waits for: its head, or the planning office.
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
    extra_values: "models.JSONField[dict[str, str], dict[str, str]]" = models.JSONField(
        "追加の項目", default=dict, blank=True
    )
    was_reported = models.BooleanField(default=False)
    reference_rating = models.ForeignKey(Rating, PROTECT, null=True, blank=True, related_name="+")
    state = models.CharField("状態", max_length=20, choices=ActionState, default=ActionState.NOT_STARTED)
    return_reason = models.TextField("差戻しの理由", blank=True)
    return_field = models.CharField("差戻しの対象", max_length=20, blank=True)
    section_reason = models.TextField("課長が差し戻した理由", blank=True, default="")
    saved_by = models.ForeignKey(User, PROTECT, null=True, blank=True, related_name="+")
    saved_at = models.DateTimeField("保存日時", null=True, blank=True)
    submitted_by = models.ForeignKey(User, PROTECT, null=True, blank=True, related_name="+")
    submitted_at = models.DateTimeField("提出日時", null=True, blank=True)
    confirmed_by = models.ForeignKey(
        User, PROTECT, null=True, blank=True, related_name="+", verbose_name="確認した課長"
    )
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
                ~Q(state=ActionState.RETURNED) | ~Q(return_reason="") | ~Q(section_reason=""),
                "差し戻すときは、理由を書いてください。",
            ),
            always(
                "return_field_known",
                Q(return_field="")
                | Q(return_field__in=ActionField.values)
                | Q(return_field__startswith=FIELD),
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
                ~Q(state__in=[ActionState.IN_SECTION, ActionState.SUBMITTED])
                | Q(submitted_by__isnull=False, submitted_at__isnull=False),
                "提出した人が記録されていません。",
            ),
            always(
                "confirmed_was_handed_in",
                Q(confirmed_by__isnull=True) | Q(state__in=HANDED_IN),
                "課長が確認したのは、提出された取組だけです。",
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
                ~Q(state__in=BOUND) | Q(was_reported=False) | UNCHANGED_RATING | ~Q(rating_reason=""),
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
        return f"{self.round.fiscal_year}{self.round.name} {self.initiative}"

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
    def is_as_begun(self) -> bool:
        """Whether it has the earlier round's texts of the same year, and nobody has written into it."""
        return self.state == ActionState.DRAFT and self.saved_by_id is None

    @property
    def is_complete(self) -> bool:
        """Whether nothing that a submission needs is lacking."""
        return not lacking(self, self.reference_rating_id, self.was_reported, self.asked_columns)

    @property
    def extra_columns(self) -> list[ExtraColumn]:
        """The extra columns of the row's year, in order. Asks the database unless `with_place` did."""
        return asked_in(self.round.fiscal_year, self.round.manifesto.columns)

    @property
    def asked_columns(self) -> list[ExtraColumn]:
        """Those that departments fill in."""
        return [column for column in self.extra_columns if not column.is_of_planning]

    @property
    def indicators(self) -> list[Indicator]:
        """The indicators of the row's year. Asks the database where `with_place` found some."""
        return asked_in(self.round.fiscal_year, self.known_indicators)

    @property
    def known_indicators(self) -> list[Indicator]:
        """The indicators of all years."""
        read_indicators([self])
        return list(self.initiative.indicators.all()) if may_have_indicators(self) else []

    @property
    def indicator_columns(self) -> list[IndicatorColumn]:
        """What is typed of its indicators, in order."""
        return [column for each in self.indicators for column in each.columns]

    @property
    def answer_columns(self) -> list[FilledColumn]:
        """All that a person fills in beside the fields that every row has."""
        return [*self.extra_columns, *self.indicator_columns]

    @property
    def returnable_columns(self) -> list[FilledColumn]:
        """What a department fills in beside the fields that every row has: a return can be about it."""
        return [*self.asked_columns, *self.indicator_columns]

    @property
    def return_label(self) -> str:
        """What its return is about, for people; "" for the whole row. `return_field` names a form's field."""
        if not self.return_field.startswith(FIELD):
            return str(dict(ActionField.choices).get(self.return_field, ""))
        columns = {field_of(each.code): each.label for each in self.known_columns}
        return columns.get(self.return_field, self.return_field)

    @property
    def known_columns(self) -> list[FilledColumn]:
        """The columns that its values may be of, ended ones too."""
        of_indicators = (column for each in self.known_indicators for column in each.columns)
        return [*self.round.manifesto.columns, *of_indicators]

    @property
    def extra_answers(self) -> list[tuple[ExtraColumn, str]]:
        """Each extra column that is asked for or has a value here, and the value in words."""
        columns, values, asked = self.round.manifesto.columns, self.extra_values, self.extra_columns
        told = [each for each in columns if each in asked or each.code in values]
        return [(each, said(each, values.get(each.code, ""))) for each in told]

    @property
    def measured(self) -> list[Measured]:
        """Each indicator that is asked for or has an actual here, with what it comes to."""
        told, year, asked = self.extra_values, self.round.fiscal_year, self.indicators
        known = [each for each in self.known_indicators if each in asked or each.code in told]
        return [Measured.of(each, year, told) for each in known]

    @property
    def is_filled_in(self) -> bool:
        """Whether it is a draft that lacks nothing. Needs the row's texts."""
        return self.state == ActionState.DRAFT and self.is_complete

    @property
    def state_label(self) -> str:
        """Its state in a word; a draft that lacks nothing is 「入力済み」. Needs the row's texts."""
        if self.is_filled_in:
            return FILLED_IN_LABEL
        return str(ActionState(self.state).label)

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
        return answering(self._holders_in, _is_there, self.round.fiscal_year, this_fiscal_year())

    @property
    def former_departments(self) -> list[Department]:
        """Those with the duty in the round's year that are there no more: for whom others answer."""
        return [each for each in self._holders_in(self.round.fiscal_year) if not _is_there(each)]

    @property
    def in_charge(self) -> str:
        """Who answers, in words: 「商工振興課（旧 商工労働課）」."""
        names, former = "、".join(map(str, self.departments)), self.formerly
        return f"{names or '担当課なし（企画）'}{f'（旧 {former}）' if former else ''}"

    @property
    def formerly(self) -> str:
        """The names of `former_departments`."""
        return "、".join(map(str, self.former_departments))

    def _holders_in(self, fiscal_year: int) -> list[Department]:
        """The departments with the duty in a fiscal year."""
        return [duty.department for duty in self.initiative.assignments.all() if duty.covers(fiscal_year)]


def _is_there(department: Department) -> bool:
    return department.is_there_in(this_fiscal_year())


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
