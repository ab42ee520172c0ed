"""指標: what is measured of an initiative, or of a whole pledge, with a target per year (docs/adr/0030)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, count
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import CASCADE, Q

from tracker.choices import IndicatorDirection, IndicatorFormula
from tracker.models.catalogue import Initiative
from tracker.models.extra_columns import MAX_DECIMALS, MAX_UNIT
from tracker.models.rules import always, in_order, once
from tracker.words import indicators
from tracker.words.extra_values import ColumnProblem
from tracker.words.indicators import Achievement, IndicatorColumn

MAX_NAME = 60  # characters
MAX_NOTE = 1_000
MAX_TARGETS = 4_000  # characters of all targets' lines
MAX_NUMBER = 24  # characters of a number as it is kept
STAYS = "実績が入力されているので、別の取組には移せません。この指標を終わらせて、新しい指標を作ってください。"
NEEDS_BASE = "基準値からの達成率には、基準値が要ります。"
NEEDS_WAY = "「維持」の達成率は、基準値からは計算できません。「実績と目標の比」を選んでください。"


class IndicatorQuerySet(models.QuerySet["Indicator"]):
    """Reads of indicators."""

    def asked_in(self, fiscal_year: int) -> "IndicatorQuerySet":
        """Those whose actual is asked for in a fiscal year (`extra_values.asked_in` as a condition)."""
        return self.filter(
            Q(first_fiscal_year__isnull=True) | Q(first_fiscal_year__lte=fiscal_year),
            Q(last_fiscal_year__isnull=True) | Q(last_fiscal_year__gte=fiscal_year),
        )


class Indicator(models.Model):
    """指標. `code` names its actuals in rows, reports and open data, and never changes.

    It is answered with the row of its initiative, also where it is of the whole pledge (`is_of_pledge`):
    so it is answered once. `target_lines` and `base_value` are kept in one spelling, which `clean` writes.
    """

    initiative = models.ForeignKey(
        Initiative, CASCADE, related_name="indicators", verbose_name="実績を入力する取組"
    )
    position = models.PositiveSmallIntegerField("順序")
    code = models.CharField("記号", max_length=12, unique=True, editable=False)
    name = models.CharField("名称", max_length=MAX_NAME)
    is_of_pledge = models.BooleanField(
        "公約全体の指標",
        default=False,
        help_text="公開ページでは、公約の初めに出します。"
        "実績は、上の取組の担当課が、その取組の入力画面で 1 度だけ書きます。",
    )
    unit = models.CharField("単位", max_length=MAX_UNIT, blank=True, help_text="件、人、％ など。")
    decimals = models.PositiveSmallIntegerField(
        "小数の桁数", default=0, validators=[MaxValueValidator(MAX_DECIMALS, "6 桁までです。")]
    )
    direction = models.CharField(
        "目指す方向",
        max_length=10,
        choices=IndicatorDirection,
        default=IndicatorDirection.UP,
        help_text="増やすものは目標以上で、減らすものは目標以下で、維持するものは目標と同じ値で、達成です。"
        "目標を上回ってもよいものは「増やす」を選びます。",
    )
    formula = models.CharField(
        "達成率の計算",
        max_length=10,
        choices=IndicatorFormula,
        default=IndicatorFormula.RATIO,
        help_text="実績と目標の比は、実績÷目標×100（減らすものは、目標÷実績×100）。"
        "基準値からは、（実績－基準値）÷（目標－基準値）×100。小数第 2 位から下は切り捨てます。",
    )
    base_value = models.CharField("基準値", max_length=MAX_NUMBER, blank=True)
    base_fiscal_year = models.PositiveSmallIntegerField("基準値の年度", null=True, blank=True)
    target_lines = models.TextField(
        "目標",
        blank=True,
        max_length=MAX_TARGETS,
        help_text="1 行に 1 年度ずつ、「令和6年度：1,200」のように書きます。目標のない年度は書きません。",
    )
    note = models.TextField(
        "説明", blank=True, max_length=MAX_NOTE, help_text="数え方や出典など。市民にも公表されます。"
    )
    first_fiscal_year = models.PositiveSmallIntegerField("始まりの年度", null=True, blank=True)
    last_fiscal_year = models.PositiveSmallIntegerField(
        "終わりの年度",
        null=True,
        blank=True,
        help_text="指標を使わなくなったら、最後に使う年度を書きます。それまでの実績は残ります。",
    )

    objects = IndicatorQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "指標"
        ordering = ["initiative_id", "position"]
        constraints = [
            once("indicator_position_once", ("initiative", "position"), "同じ順序の指標があります。"),
            once("indicator_name_once", ("initiative", "name"), "同じ名称の指標があります。"),
            always(
                "indicator_direction_known",
                Q(direction__in=IndicatorDirection.values),
                "その方向はありません。",
            ),
            always(
                "indicator_formula_known", Q(formula__in=IndicatorFormula.values), "その計算はありません。"
            ),
            always(
                "indicator_base_is_there",
                Q(formula=IndicatorFormula.RATIO)
                | (~Q(base_value="") & ~Q(direction=IndicatorDirection.KEEP)),
                "基準値からの達成率には、基準値と、増やすか減らすかの方向が要ります。",
            ),
            always(
                "indicator_ends_after_start",
                in_order("first_fiscal_year", "last_fiscal_year"),
                "終わりの年度が、始まりの年度より前です。",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Saves; a new indicator gets a code that no other has."""
        if not self.code:
            self.code = next(free_codes())
        super().save(*args, **kwargs)

    @property
    def columns(self) -> tuple[IndicatorColumn, IndicatorColumn]:
        """What is typed of it: its actual, and the note on it."""
        return indicators.columns_of(self)

    @property
    def targets(self) -> dict[int, str]:
        """Targets by fiscal year, as they are kept."""
        return indicators.targets_in(self.target_lines)

    @property
    def base_words(self) -> str:
        """The base value as people read it."""
        return indicators.said(self, self.base_value)

    @property
    def formula_words(self) -> str:
        """How its rate is reckoned, for people."""
        return indicators.formula_words(self.direction, self.formula)

    @property
    def has_values(self) -> bool:
        """Whether anything was typed of it: in a row, or in what a row said before."""
        rounds = self.initiative.pledge.section.manifesto.rounds
        codes = [column.code for column in self.columns]
        return (
            rounds.filter(actions__extra_values__has_any_keys=codes).exists()
            or rounds.filter(actions__former_texts__content__extra_values__has_any_keys=codes).exists()
        )

    def clean(self) -> None:
        """Targets and the base value in one spelling; what the rate needs; actuals stay where they are."""
        errors: dict[str, str] = {}
        for name in ("base_value", "target_lines"):
            try:
                setattr(self, name, self._spelled(name))
            except ColumnProblem as problem:
                errors[name] = str(problem)
        if self.formula == IndicatorFormula.FROM_BASE:
            if self.direction == IndicatorDirection.KEEP:
                errors["formula"] = NEEDS_WAY
            elif not self.base_value:
                errors.setdefault("base_value", NEEDS_BASE)
        stored = Indicator.objects.filter(pk=self.pk).first() if self.pk else None
        if stored and stored.initiative_id != self.initiative_id and stored.has_values:
            errors["initiative"] = STAYS
        if errors:
            raise ValidationError(errors)

    def _spelled(self, name: str) -> str:
        typed, places = str(getattr(self, name)), (self.unit, self.decimals or 0)
        if name == "base_value":
            return indicators.number_in(typed, *places)
        return indicators.target_lines(indicators.targets_in(typed, *places))


@dataclass(frozen=True)
class Measured:
    """An indicator in a fiscal year: its target, what was typed of it, and what that comes to."""

    indicator: Indicator
    fiscal_year: int
    target: str
    actual: str
    note: str

    @classmethod
    def of(cls, indicator: Indicator, fiscal_year: int, values: Mapping[str, str]) -> "Measured":
        """From the values of a row of that year."""
        actual, note = (values.get(column.code, "") for column in indicator.columns)
        return cls(indicator, fiscal_year, indicator.targets.get(fiscal_year, ""), actual, note)

    @property
    def achievement(self) -> Achievement:
        return indicators.achievement(
            self.indicator.direction,
            self.indicator.formula,
            self.indicator.base_value,
            self.target,
            self.actual,
        )

    @property
    def target_words(self) -> str:
        return indicators.said(self.indicator, self.target)

    @property
    def actual_words(self) -> str:
        return indicators.said(self.indicator, self.actual)


def free_codes() -> Iterator[str]:
    """The next codes: k1, k2 … One that a report has told stays its own when it is deleted."""
    entries = apps.get_model("tracker", "ReportEntry")  # whose module reads rows, and so this one
    told = entries._default_manager.filter(indicators__isnull=False).values_list("indicators", flat=True)
    published = (each["code"] for entry in told.iterator() for each in entry or ())
    codes = chain(Indicator.objects.values_list("code", flat=True), published)
    last = max((int(code[1:]) for code in codes), default=0)
    return map("k{}".format, count(last + 1))
