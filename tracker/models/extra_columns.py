"""追加の項目: columns that a manifesto defines as data, beside what every entry has (docs/adr/0024)."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import CASCADE, Q

from tracker.choices import COLUMN_FILLERS, ColumnKind, Role
from tracker.models.catalogue import Manifesto
from tracker.models.rules import always, in_order, once
from tracker.words import extra_values

MAX_LABEL = 40  # characters
MAX_UNIT = 20
MAX_DECIMALS = 6
MAX_CHOICES_TEXT = 4_000  # characters of all choices
KIND_STAYS = (
    "入力された値があるので、種類は変えられません。この項目を終わらせて、新しい項目を作ってください。"
)
CHOICE_IS_USED = (
    "「%s」は、すでに選ばれている取組があるので、消せません。"
    "もう使わないときは「使わなくなった選択肢」に移してください。"
)


class ExtraColumn(models.Model):
    """追加の項目. `code` names its values in rows, reports and open data, and never changes.

    `is_once`: a value holds for the initiative, whatever the year; a round's rows begin with the last one.
    A column is asked for from `first_fiscal_year` to `last_fiscal_year` (None: without limit there).
    """

    manifesto = models.ForeignKey(
        Manifesto, CASCADE, related_name="extra_columns", verbose_name="マニフェスト"
    )
    position = models.PositiveSmallIntegerField("順序")
    code = models.CharField("記号", max_length=12, editable=False)
    label = models.CharField("名称", max_length=MAX_LABEL)
    kind = models.CharField("種類", max_length=10, choices=ColumnKind, default=ColumnKind.TEXT)
    unit = models.CharField(
        "単位", max_length=MAX_UNIT, blank=True, help_text="数のときに書きます（千円、人、％など）。"
    )
    decimals = models.PositiveSmallIntegerField(
        "小数の桁数", default=0, validators=[MaxValueValidator(MAX_DECIMALS, "6 桁までです。")]
    )
    choice_lines = models.TextField(
        "選択肢", blank=True, max_length=MAX_CHOICES_TEXT, help_text="1 行に 1 つずつ書きます。"
    )
    ended_choice_lines = models.TextField(
        "使わなくなった選択肢",
        blank=True,
        max_length=MAX_CHOICES_TEXT,
        help_text="新しくは選べませんが、すでに選ばれているものはそのまま残ります。1 行に 1 つずつ書きます。",
    )
    is_once = models.BooleanField(
        "取組ごとに 1 つ",
        default=False,
        help_text="年度ごとに変わらないものです。次の報告回は、前の値から始まります。",
    )
    is_public = models.BooleanField(
        "市民に公表する",
        default=False,
        help_text="付けると、承認された値が、次の公表から、公開ページとオープンデータに出ます。",
    )
    filled_by = models.CharField("入力する人", max_length=20, choices=COLUMN_FILLERS, default=Role.DEPARTMENT)
    is_required = models.BooleanField(
        "必須",
        default=False,
        help_text="担当課の項目は提出の前に、企画の項目は承認の前に、入力しなければなりません。",
    )
    first_fiscal_year = models.PositiveSmallIntegerField("始まりの年度", null=True, blank=True)
    last_fiscal_year = models.PositiveSmallIntegerField(
        "終わりの年度",
        null=True,
        blank=True,
        help_text="項目を使わなくなったら、最後に使う年度を書きます。それまでの値は残ります。",
    )

    class Meta:
        verbose_name = verbose_name_plural = "追加の項目"
        ordering = ["manifesto", "position"]
        constraints = [
            once("extra_column_code_once", ("manifesto", "code"), "同じ記号の項目があります。"),
            once("extra_column_label_once", ("manifesto", "label"), "同じ名称の項目があります。"),
            once("extra_column_position_once", ("manifesto", "position"), "同じ順序の項目があります。"),
            always("extra_column_kind_known", Q(kind__in=ColumnKind.values), "その種類はありません。"),
            always(
                "extra_column_filler_known",
                Q(filled_by__in=[Role.DEPARTMENT, Role.PLANNING]),
                "入力する人は、担当課か企画です。",
            ),
            always(
                "extra_column_ends_after_start",
                in_order("first_fiscal_year", "last_fiscal_year"),
                "終わりの年度が、始まりの年度より前です。",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Saves; a new column gets a code that no other of its manifesto has."""
        if not self.code:
            self.code = free_code(self.manifesto)
        super().save(*args, **kwargs)

    @property
    def open_choices(self) -> list[str]:
        """What may be chosen now."""
        return _lines(self.choice_lines)

    @property
    def ended_choices(self) -> list[str]:
        """What was chosen formerly, and stays where it stands."""
        return _lines(self.ended_choice_lines)

    @property
    def is_of_planning(self) -> bool:
        """Whether the planning office fills it in, and nobody else."""
        return self.filled_by == Role.PLANNING

    @property
    def heading(self) -> str:
        """Its name with its unit: 「事業費（千円）」."""
        return extra_values.heading(self)

    @property
    def has_values(self) -> bool:
        """Whether it has a value anywhere: in a row, in what a row said before, or in a report."""
        rounds, reports = self.manifesto.rounds, self.manifesto.reports
        return (
            rounds.filter(actions__extra_values__has_key=self.code).exists()
            or rounds.filter(actions__former_texts__content__extra_values__has_key=self.code).exists()
            or reports.filter(entries__extra_values__has_key=self.code).exists()
        )

    def clean(self) -> None:
        """What has values keeps its kind, and the choices that rows have."""
        if self.kind == ColumnKind.CHOICE and not self.open_choices:
            raise ValidationError({"choice_lines": "選択肢を、1 行に 1 つずつ書いてください。"})
        if twice := _twice([*self.open_choices, *self.ended_choices]):
            raise ValidationError({"choice_lines": f"「{twice}」が 2 つあります。"})
        stored = ExtraColumn.objects.filter(pk=self.pk).first() if self.pk else None
        if stored is None or not stored.has_values:
            return
        if stored.kind != self.kind:
            raise ValidationError({"kind": KIND_STAYS})
        removed = {*stored.open_choices, *stored.ended_choices} - {*self.open_choices, *self.ended_choices}
        chosen = set(self.manifesto.rounds.values_list(f"actions__extra_values__{self.code}", flat=True))
        if removed & chosen:
            raise ValidationError({"choice_lines": CHOICE_IS_USED % min(removed & chosen)})


def free_code(manifesto: Manifesto) -> str:
    """The next code of a manifesto: x1, x2 …"""
    taken = [int(code[1:]) for code in manifesto.extra_columns.values_list("code", flat=True)]
    return f"x{max(taken, default=0) + 1}"


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _twice(names: list[str]) -> str:
    return next((name for name in names if names.count(name) > 1), "")
