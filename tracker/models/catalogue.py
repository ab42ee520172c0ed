"""What was promised: the manifesto with its rating scale, its fields, pledges and initiatives."""

from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, RegexValidator
from django.db import models
from django.db.models import CASCADE, PROTECT, F, Q

from tracker.models.codes import (
    CodeField,
    NameField,
    refuse_a_date,
    refuse_no_plan_code,
    refuse_no_rating_code,
)
from tracker.models.rules import always, once
from tracker.words import codes
from tracker.words.cutting import cut
from tracker.words.fiscal_years import date_label
from tracker.words.numbering import behind, initiative_called, labelled
from tracker.words.scale_kinds import ScaleKind
from tracker.words.step_names import step_name
from tracker.words.titles import DATE_IN_TITLE, name_in

if TYPE_CHECKING:
    from tracker.models.extra_columns import ExtraColumn

MAX_TITLE = 200  # characters
MAX_SAID = 400  # characters of a text about a manifesto
MAX_EXPLAINED = 4000  # characters of a page's text
FROM_THE_NEXT_REPORT = "市民には次の公表から出ます。"
HIGHEST = 999  # number of a field or a section, position in one: all are parts of addresses
SLUG = RegexValidator(r"^[a-z0-9][a-z0-9-]*\Z", "半角の英小文字・数字・ハイフンで書いてください。")

# No manifesto's: other pages' addresses begin so (manifesto/urls.py, tracker/public/urls.py, STATIC_URL).
TAKEN_ADDRESSES = {"accessibility", "staff", "static"}


def refuse_taken_address(slug: str) -> None:
    """Raises ValidationError for a slug whose address is another page's."""
    if slug in TAKEN_ADDRESSES:
        raise ValidationError(f"「{slug}」は、ほかのページのアドレスです。別の名前にしてください。")


class Manifesto(models.Model):
    """A mayor's manifesto of one term. Its public addresses begin with `slug`, by default the first year.

    `last_fiscal_year` is the term's last year, None where nobody has said it. With `section_check` what a
    department submits waits for its head (課長) first. What it says of itself (`mayor` and the fields after
    it) goes into each report (docs/adr/0035).
    """

    slug = CodeField(
        "公開ページのアドレス", max_length=20, unique=True, validators=[SLUG, refuse_taken_address]
    )
    title = models.CharField("表題", max_length=MAX_TITLE)
    first_fiscal_year = models.PositiveSmallIntegerField("最初の年度")
    last_fiscal_year = models.PositiveSmallIntegerField("最後の年度", null=True, blank=True)
    cumulative_year = models.PositiveSmallIntegerField(
        "最初の列にまとめる年度",
        null=True,
        blank=True,
        help_text="「令和4年度までの主な取組」のように、それ以前の年度の分も入れる年度です。",
    )
    section_check = models.BooleanField(
        "課長確認を使う",
        default=False,
        help_text="担当課が提出した取組を、課長が確認してから企画に回します。課長は、利用者の「所属」で決めます。"
        "使うのをやめても、確認を待っている取組はそのまま残り、課長が確認するか、担当課が取り下げます。",
    )
    mayor = models.CharField(
        "市長の名前", max_length=50, blank=True, help_text=f"この任期の市長です。{FROM_THE_NEXT_REPORT}"
    )
    evaluator = models.CharField(
        "だれが評価しているか",
        max_length=MAX_SAID,
        blank=True,
        help_text="空のときは「市の自己評価です。取組ごとに担当課が評価し、企画部門が確かめています。」と出ます。"
        f"外部評価などがあれば、それに代わる文を書いてください。{FROM_THE_NEXT_REPORT}",
    )
    consideration = models.CharField(
        "「検討する」公約の評価",
        max_length=MAX_SAID,
        blank=True,
        help_text="「検討します」という公約で、最も進んだ評価が何を意味するかです。例：「検討する」とした公約は、"
        f"検討して結論を出したときに「達成」とします。評価の件数のそばと、その公約のページに出ます。{FROM_THE_NEXT_REPORT}",
    )
    original_url = models.URLField(
        "マニフェストの原本のページ",
        max_length=500,
        blank=True,
        help_text=f"選挙のときのマニフェストや、市の計画にした文書のあるページです。{FROM_THE_NEXT_REPORT}",
    )
    original = models.ForeignKey(
        "tracker.OriginalFile",
        PROTECT,
        null=True,
        blank=True,
        related_name="manifestos",
        verbose_name="マニフェストの原本のファイル",
    )
    easy = models.TextField(
        "やさしい日本語の説明",
        max_length=MAX_EXPLAINED,
        blank=True,
        help_text="「やさしい日本語」のページの説明です。空のときは、決まった文が出ます。評価の意味の表は、区分から"
        f"いつも作ります。{FROM_THE_NEXT_REPORT}",
    )
    english = models.TextField(
        "英語の説明",
        max_length=MAX_EXPLAINED,
        blank=True,
        help_text="「English」のページの説明です。空のときは、決まった文が出ます。評価の意味の表は、区分から"
        f"いつも作ります。{FROM_THE_NEXT_REPORT}",
    )

    class Meta:
        verbose_name = verbose_name_plural = "マニフェスト"
        ordering = ["first_fiscal_year", "slug"]
        constraints = [
            always(
                "manifesto_years_in_order",
                Q(last_fiscal_year__isnull=True) | Q(last_fiscal_year__gte=F("first_fiscal_year")),
                "最後の年度は、最初の年度かそれより後にしてください。",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @cached_property
    def columns(self) -> "list[ExtraColumn]":
        """Its extra columns, in order; asked once, and not at all where they were prefetched."""
        return list(self.extra_columns.all())

    @cached_property
    def scale_kind(self) -> ScaleKind:
        """Ranked where any step stands in the order, and where there is none yet."""
        ranked = [rating.is_ranked for rating in self.ratings.all()]
        return ScaleKind.CLASSES if ranked and not any(ranked) else ScaleKind.RANKED

    def clean(self) -> None:
        """A term stays after those whose pledges it carries on, and before those that carry on its own."""
        if self.pk is None or self.first_fiscal_year is None:
            return
        linked = Pledge.objects.filter(continues__isnull=False)
        before = Manifesto.objects.filter(
            categories__pledges__continued_by__in=linked.filter(section__manifesto=self)
        )
        if former := before.filter(first_fiscal_year__gte=self.first_fiscal_year).first():
            words = f"「{former}」の公約を引き継いでいるので、その最初の年度より後にしてください。"
            raise ValidationError({"first_fiscal_year": words})
        after = Manifesto.objects.filter(categories__pledges__continues__section__manifesto=self)
        if following := after.filter(first_fiscal_year__lte=self.first_fiscal_year).first():
            words = f"「{following}」が公約を引き継いでいるので、その最初の年度より前にしてください。"
            raise ValidationError({"first_fiscal_year": words})

    @property
    def name(self) -> str:
        """The title without the date that a published table's title carries."""
        return name_in(self.title)

    def title_as_of(self, day: date) -> str:
        """The title of a report of that day. A date in the title becomes that day, and may need its place."""
        if not (dated := DATE_IN_TITLE.search(self.title)):
            return self.title
        date_told = f"（{date_label(day)}）"
        return cut(self.title[: dated.start()], MAX_TITLE - len(date_told)) + date_told


class Rating(models.Model):
    """A step of a manifesto's rating scale. `percent` is its degree of progress, None where it has none.

    One that is not `is_ranked` stands outside the order: it is neither better nor worse than any other, and
    has no part in averages. Where none is ranked the steps are classes (docs/adr/0028).
    `from_rate`: from which rate of an indicator on it is suggested (percent); a person gives the rating.
    """

    manifesto = models.ForeignKey(Manifesto, CASCADE, related_name="ratings", verbose_name="マニフェスト")
    position = models.PositiveSmallIntegerField("順序", help_text="1 が最も進んだ評価です。")
    code = CodeField("記号", max_length=12, normal=codes.rating_code, validators=[refuse_no_rating_code])
    label = models.CharField("名称", max_length=50)
    definition = models.CharField("基準", max_length=200, blank=True)
    percent = models.PositiveSmallIntegerField(
        "進捗率（％）", null=True, blank=True, validators=[MaxValueValidator(100)]
    )
    is_ranked = models.BooleanField(
        "順序がある",
        default=True,
        help_text="「対象外」のように、進み具合の順に入らない区分では外します。"
        "すべて外すと、平均も、上がった・下がったも出しません。",
    )
    from_rate = models.PositiveSmallIntegerField(
        "指標の達成率（％以上）",
        null=True,
        blank=True,
        help_text="指標の達成率がこの値からのとき、入力画面にこの評価を目安として示します。自動では選びません。",
    )

    class Meta:
        verbose_name = verbose_name_plural = "実施状況の区分"
        ordering = ["manifesto", "position"]
        constraints = [
            once("rating_code_once", ("manifesto", "code"), "同じ記号の評価があります。"),
            once("rating_position_once", ("manifesto", "position"), "同じ順序の評価があります。"),
            always(
                "rating_percent_at_most_100",
                Q(percent__isnull=True) | Q(percent__lte=100),
                "進捗率は 0 から 100 までです。",
            ),
            always(
                "rating_without_rank_has_no_percent",
                Q(is_ranked=True) | Q(percent__isnull=True),
                "順序のない区分に、進捗率は付けられません。",
            ),
        ]

    def __str__(self) -> str:
        return step_name(self.code, self.label)

    def direction_from(self, before: "Rating") -> int:
        """-1 where it is better than another, 1 where it is worse; 0 where either has no rank."""
        if not (self.is_ranked and before.is_ranked):
            return 0
        return (self.position > before.position) - (self.position < before.position)


NO_CATEGORY, NO_SECTION = "（分野なし）", "（項目なし）"  # what is called so has no name
UNNAMED = 0  # its number


class CategoryQuerySet(models.QuerySet["Category"]):
    """Reads of fields and sections."""

    def named(self) -> "CategoryQuerySet":
        """Those that people know: without what only holds pledges that have no field or no section."""
        return self.exclude(name="")


class Category(models.Model):
    """A policy field (no parent) or a section of one. `number`, as printed, is part of addresses.

    One without a name, number 0, is no field or section at all: pledges of a field without sections stand in
    its unnamed section, those without a field in the unnamed section of the unnamed field (docs/adr/0026).
    """

    manifesto = models.ForeignKey(Manifesto, CASCADE, related_name="categories", verbose_name="マニフェスト")
    parent = models.ForeignKey(
        "self", CASCADE, null=True, blank=True, related_name="sections", verbose_name="上の分野"
    )
    number = models.PositiveSmallIntegerField("番号")
    name = models.CharField("名称", max_length=200)

    objects = CategoryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "分野"
        ordering = ["manifesto", F("parent__number").asc(nulls_first=True), "number"]
        constraints = [
            once("section_number_once", ("manifesto", "parent", "number"), "同じ番号の項目があります。"),
            once(
                "category_number_once",
                ("manifesto", "number"),
                "同じ番号の分野があります。",
                Q(parent__isnull=True),
            ),
            always(
                "category_without_name_is_0",
                ~Q(name="") | Q(number=0),
                "名称のない分野・項目に、番号は付けられません。",
            ),
        ]

    def __str__(self) -> str:
        if not self.name:
            return ""
        return f"{self.number}. {self.name}" if self.parent_id is None else f"({self.number}) {self.name}"

    @property
    def called(self) -> str:
        """The name; words for having none."""
        return self.name or (NO_CATEGORY if self.parent_id is None else NO_SECTION)

    @property
    def _named(self) -> list["Category"]:
        """The field, and the section, as far as they have names."""
        return [each for each in (self.parent, self) if each and each.name]

    @property
    def path(self) -> str:
        """「1. まち ＞ (1) 道路」, as far as there are names; 「（分野なし）」 where there is none."""
        return " ＞ ".join(map(str, self._named)) or NO_CATEGORY

    @property
    def place(self) -> str:
        """The key in addresses: field, or field and section (1-2); "" for neither."""
        return "-".join(str(each.number) for each in self._named)

    def place_of(self, position: int) -> str:
        """The place of the pledge at a position in it: 1-1-2, 1-2 or 2."""
        return "-".join(map(str, [*(each.number for each in self._named), position]))


class Pledge(models.Model):
    """A pledge in a section. The order is the identity; `number_label` (①) is only what was printed.

    `continues` is the pledge of an earlier term's manifesto that it carries on. `last_fiscal_year` is that of
    one that ended before an initiative of it began; others end with their initiatives.
    """

    section = models.ForeignKey(Category, CASCADE, related_name="pledges", verbose_name="項目")
    position = models.PositiveSmallIntegerField("順序")
    number_label = models.CharField("番号の表記", max_length=8, blank=True)
    text = models.TextField("公約")
    continues = models.ForeignKey(
        "self", PROTECT, null=True, blank=True, related_name="continued_by", verbose_name="前の任期の公約"
    )
    last_fiscal_year = models.PositiveSmallIntegerField(
        "終わりの年度", null=True, default=None, editable=False
    )

    class Meta:
        verbose_name = verbose_name_plural = "公約"
        ordering = ["section", "position"]
        constraints = [once("pledge_position_once", ("section", "position"), "同じ順序の公約があります。")]

    def __str__(self) -> str:
        return labelled(self.number_label, self.text)

    def clean(self) -> None:
        """It carries on a pledge of an earlier term only, so that none ever carries on itself."""
        if self.continues and (words := not_continued(self.section.manifesto, self.continues)):
            raise ValidationError({"continues": words})

    @property
    def place(self) -> str:
        """The key in addresses: field, section, pledge (1-1-2); without section 1-2, without field 2."""
        return self.section.place_of(self.position)


def not_continued(manifesto: Manifesto, former: Pledge) -> str:
    """Why no pledge of a manifesto can carry on another pledge; "" where one can."""
    before = former.section.manifesto
    if before.pk == manifesto.pk:
        return "同じマニフェストの公約は選べません。前の任期の公約を選んでください。"
    if before.first_fiscal_year >= manifesto.first_fiscal_year:
        return f"「{before}」は前の任期ではありません。前の任期の公約を選んでください。"
    return ""


class FormerPlace(models.Model):
    """A place at which reports have a pledge that stands elsewhere now. No other pledge ever gets it."""

    manifesto = models.ForeignKey(Manifesto, CASCADE, related_name="former_places")
    pledge = models.ForeignKey(Pledge, CASCADE, related_name="former_places", verbose_name="公約")
    place = models.CharField("以前の番号", max_length=30)

    class Meta:
        verbose_name = verbose_name_plural = "公約の以前の番号"
        ordering = ["pk"]  # as they were left
        constraints = [once("former_place_once", ("manifesto", "place"), "別の公約の以前の番号です。")]

    def __str__(self) -> str:
        return self.place


class PlanProject(models.Model):
    """A project of the city's plan. `code` as printed (2-2-3①③) is often misread; `base_code` (2-2-3) not."""

    manifesto = models.ForeignKey(
        Manifesto, CASCADE, related_name="plan_projects", verbose_name="マニフェスト"
    )
    code = models.CharField("番号の表記", max_length=30, blank=True, validators=[refuse_a_date])
    base_code = CodeField(
        "施策の番号",
        max_length=12,
        blank=True,
        db_index=True,
        normal=codes.plan_code,
        validators=[refuse_no_plan_code],
        help_text="公開ページで施策ごとにまとめる番号です。2-2-3 のように書きます。なければ空欄にします。",
    )
    name = models.CharField("施策と事業の名称", max_length=400)

    class Meta:
        verbose_name = verbose_name_plural = "総合計画実施計画の関連事業"
        ordering = ["base_code", "code", "name"]
        constraints = [once("plan_project_once", ("manifesto", "code", "name"), "同じ関連事業があります。")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}".strip()


# What an initiative's place is made of; sorted by it, initiatives stand in the order of the published table.
PLEDGE_PLACE = ("section__parent__number", "section__number", "position")
PLACE = (*(f"pledge__{name}" for name in PLEDGE_PLACE), "position")


class InitiativeQuerySet(models.QuerySet["Initiative"]):
    """Reads of initiatives."""

    def of(self, manifesto: Manifesto) -> "InitiativeQuerySet":
        return self.filter(pledge__section__manifesto=manifesto).with_place()

    def running_in(self, fiscal_year: int) -> "InitiativeQuerySet":
        """Those that have begun by a fiscal year and have not ended before it."""
        return self.filter(
            Q(last_fiscal_year__isnull=True) | Q(last_fiscal_year__gte=fiscal_year),
            first_fiscal_year__lte=fiscal_year,
        )

    def with_place(self) -> "InitiativeQuerySet":
        """With all that `place` needs, in one query."""
        return self.select_related("pledge__section__parent")

    def in_table_order(self) -> "InitiativeQuerySet":
        """The order of the published table."""
        return self.order_by(*PLACE)


class Initiative(models.Model):
    """取組, the unit that is reported on, from its first fiscal year to its last (None: still running).

    `sdgs` is a list of goal numbers, None where the source does not tell. `source` keeps the cells that the
    initiative was read from: [{"row": 18, "cells": [...]}]. `notes` keeps what stood in columns that the
    reader does not know: {heading: text}. `earlier_ratings` keeps how a table rated earlier years:
    {"2022": "B"}, None for unrated. `name` is what a city calls it beside its pledge; most have none.
    """

    pledge = models.ForeignKey(Pledge, CASCADE, related_name="initiatives", verbose_name="公約")
    position = models.PositiveSmallIntegerField("順序")
    name = NameField(
        "取組の名前",
        blank=True,
        default="",
        help_text="公約とは別に、取組ごとの名前があるときに書きます。取組の番号のうしろに出ます。"
        f"なければ空欄にします。{FROM_THE_NEXT_REPORT}",
    )
    plan_projects = models.ManyToManyField(
        PlanProject, verbose_name="関連事業", blank=True, related_name="initiatives"
    )
    sdgs = models.JSONField("SDGs の目標", null=True, blank=True, default=None)
    other_departments = models.BooleanField("ほかの担当課もある（外）", default=False)
    first_fiscal_year = models.PositiveSmallIntegerField("始まりの年度")
    last_fiscal_year = models.PositiveSmallIntegerField("終わりの年度", null=True, blank=True)
    source = models.JSONField("取り込んだ行", default=list, blank=True)
    notes = models.JSONField("表にあったほかの列", default=dict, blank=True)
    earlier_ratings = models.JSONField("表にあった前の年度の評価", default=dict, blank=True)

    objects = InitiativeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "取組"
        ordering = ["pledge", "position"]
        constraints = [
            once("initiative_position_once", ("pledge", "position"), "同じ順序の取組があります。"),
            always(
                "initiative_ends_after_start",
                Q(last_fiscal_year__isnull=True) | Q(last_fiscal_year__gte=F("first_fiscal_year") - 1),
                "終わりの年度が、始まりの年度より前です。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pledge} ({self.position}){behind(self.name)}"

    @property
    def called(self) -> str:
        """「取組2」, with its name 「取組2　駅前の整備」."""
        return initiative_called(self.position, self.name)

    @property
    def told_apart(self) -> str:
        """The same where its pledge alone would not say which it is, or what it is; else ""."""
        return self.called if self.name or self.position > 1 else ""

    @property
    def place(self) -> str:
        """The key in addresses and data: field, section, pledge, initiative (1-1-2-3)."""
        return f"{self.pledge.place}-{self.position}"


class InitiativeContinuation(models.Model):
    """引継ぎ: from `fiscal_year` on, `successor` carries on what `predecessor` did, wholly or in part."""

    predecessor = models.ForeignKey(
        Initiative, CASCADE, related_name="continued_by", verbose_name="引継ぎ元の取組"
    )
    successor = models.ForeignKey(
        Initiative, CASCADE, related_name="continues", verbose_name="引継ぎ先の取組"
    )
    fiscal_year = models.PositiveSmallIntegerField("引継ぎの年度")

    class Meta:
        verbose_name = verbose_name_plural = "取組の引継ぎ"
        constraints = [
            once("continuation_once", ("predecessor", "successor"), "同じ引継ぎがあります。"),
            always("continuation_by_another", ~Q(predecessor=F("successor")), "引継ぎ先が同じ取組です。"),
        ]

    def __str__(self) -> str:
        return f"{self.predecessor} → {self.successor}"
