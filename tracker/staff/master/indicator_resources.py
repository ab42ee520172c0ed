"""The file of indicators (指標): a row each, with its targets as lines of a cell."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import cached_property

from django.core.exceptions import ValidationError
from django.db.models import QuerySet, TextChoices
from import_export.fields import Field

from tracker.choices import IndicatorDirection, IndicatorFormula
from tracker.models import Indicator, Initiative
from tracker.models.catalogue import PLACE
from tracker.staff.master.cell_values import NO, YES, answer_in, year_in
from tracker.staff.master.initiative_resources import InitiativeResource
from tracker.staff.master.resources import CellWidget, Key, MasterResource, Row
from tracker.words.folding import fold

IN_ORDER = ("initiative__pledge__section__manifesto", *(f"initiative__{name}" for name in PLACE), "position")


def choice_in(choices: type[TextChoices]) -> Callable[[str], str]:
    """Reads a choice by its label; blank is the first one. The reader raises ValueError."""

    def read(text: str) -> str:
        if not (asked := fold(text)):
            return str(choices.values[0])
        for choice in choices:
            if asked == fold(str(choice.label)):
                return str(choice.value)
        allowed = "".join(f"「{choice.label}」" for choice in choices)
        raise ValueError(f"「{text.strip()}」は読めません。{allowed}のどれかを書いてください。")

    return read


def places_in(text: str) -> int:
    """Decimal places; blank is none. Raises ValueError."""
    folded = fold(text) or "0"
    if not folded.isdecimal() or len(folded) > 2:
        raise ValueError(f"「{text.strip()}」は桁数として読めません。0 から 6 までの数を書いてください。")
    return int(folded)


class IndicatorResource(MasterResource[Indicator]):
    """An indicator is found by its initiative and its name, which the file does not change."""

    manifesto = Field(
        "initiative__pledge__section__manifesto__slug", "マニフェスト", CellWidget(fold), readonly=True
    )
    place = Field("initiative__place", "取組の番号", CellWidget(fold), readonly=True)
    name = Field("name", "名称", CellWidget())
    is_of_pledge = Field("is_of_pledge", "公約全体の指標", CellWidget(answer_in, {True: YES, False: NO}.get))
    unit = Field("unit", "単位", CellWidget())
    decimals = Field("decimals", "小数の桁数", CellWidget(places_in))
    direction = Field(
        "direction",
        "目指す方向",
        CellWidget(choice_in(IndicatorDirection), dict(IndicatorDirection.choices).get),
    )
    formula = Field(
        "formula", "達成率の計算", CellWidget(choice_in(IndicatorFormula), dict(IndicatorFormula.choices).get)
    )
    base_value = Field("base_value", "基準値", CellWidget())
    base_fiscal_year = Field("base_fiscal_year", "基準値の年度", CellWidget(year_in))
    target_lines = Field("target_lines", "目標", CellWidget())
    note = Field("note", "説明", CellWidget())
    first_fiscal_year = Field("first_fiscal_year", "始まりの年度", CellWidget(year_in))
    last_fiscal_year = Field("last_fiscal_year", "終わりの年度", CellWidget(year_in))

    class Meta:
        model = Indicator
        import_id_fields = ("manifesto", "place", "name")

    def get_queryset(self) -> QuerySet[Indicator]:
        above = "initiative__pledge__section"
        found = Indicator.objects.select_related(f"{above}__parent", f"{above}__manifesto")
        return found.order_by(*IN_ORDER)

    @cached_property
    def initiatives(self) -> Mapping[Key, Initiative]:
        return InitiativeResource(self.by).known

    @cached_property
    def last_positions(self) -> dict[int, int]:
        """The last place that is taken, by initiative."""
        found: dict[int, int] = defaultdict(int)
        for each in Indicator.objects.all():
            found[each.initiative_id] = max(found[each.initiative_id], each.position)
        return found

    def init_instance(self, row: Row) -> Indicator:
        """A new one, after the others of its initiative."""
        slug, place = self.manifesto_in(row).slug, fold(row["取組の番号"])
        if (initiative := self.initiatives.get((slug, place))) is None:
            words = f"「{place}」という取組はありません。1-1-2-1 のように、取組の番号を書いてください。"
            raise ValidationError({"place": words})
        self.last_positions[initiative.pk] += 1
        return Indicator(initiative=initiative, position=self.last_positions[initiative.pk])
