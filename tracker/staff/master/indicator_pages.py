"""Pages of indicators (指標): what is measured of an initiative or a pledge, with its targets."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from tracker.models import Indicator, Initiative
from tracker.models.catalogue import PLACE
from tracker.staff.frame.site import site
from tracker.staff.master.by_name import ByName
from tracker.staff.master.by_place import PLACE_HELP, FoundByPlace
from tracker.staff.master.exchange_pages import ExchangedAdmin
from tracker.staff.master.generic import DbField
from tracker.staff.master.indicator_resources import IN_ORDER, IndicatorResource
from tracker.staff.master.lists import ByManifesto
from tracker.staff.master.of_manifesto import OfManifesto, namer_of_initiatives
from tracker.staff.master.places import PlacedForm
from tracker.words.fiscal_years import short_label
from tracker.words.indicators import said

BY_PLACE = "番号か公約のことばの一部を入力すると候補が出ます。"
HAS_VALUES = "実績が入力されています。使わなくなったときは、消さずに「終わりの年度」を書いてください。"


class IndicatorForm(PlacedForm):
    """An indicator among those of its initiative."""

    within = ("initiative",)


@admin.register(Indicator, site=site)
class IndicatorAdmin(OfManifesto[Indicator], FoundByPlace[Indicator], ExchangedAdmin[Indicator]):
    explained = (
        "相談件数、整備率など、取組や公約の進み具合を測る数と、年度ごとの目標です。"
        "担当課が毎年の実績を入力し、達成率は計算されます。公開ページには、表とグラフが出ます。"
    )
    resource_class = IndicatorResource
    form = IndicatorForm
    fields = (
        *("initiative", "position", "name", "is_of_pledge", "unit", "decimals", "direction", "formula"),
        *("base_value", "base_fiscal_year", "target_lines", "note"),
        *("first_fiscal_year", "last_fiscal_year"),
    )
    list_display = ("place", "name", "unit", "direction", "aims", "is_of_pledge", "last_fiscal_year")
    list_display_links = ("name",)
    list_select_related = ("initiative__pledge__section__parent",)
    manifesto_path = "initiative__pledge__section__manifesto"
    place_path = tuple(f"initiative__{name}" for name in PLACE)
    list_filter = (("initiative__pledge__section__manifesto", ByManifesto), "direction", "is_of_pledge")
    search_fields = ("name", "initiative__pledge__text", "note")
    search_help_text = PLACE_HELP
    ordering = IN_ORDER

    @admin.display(description="取組")
    def place(self, indicator: Indicator) -> str:
        return indicator.initiative.place

    @admin.display(description="目標")
    def aims(self, indicator: Indicator) -> str:
        """The targets in words."""
        aims = indicator.targets.items()
        return "、".join(f"{short_label(year)} {said(indicator, aim)}" for year, aim in aims) or "―"

    def formfield_for_foreignkey(  # type: ignore[override]
        self, db_field: DbField, request: HttpRequest, **kwargs: object
    ) -> ByName[Initiative]:
        """The initiative, by its place or its pledge's words."""
        return ByName(initiatives(), namer_of_initiatives(), db_field, BY_PLACE)

    def in_the_way(self, obj: Indicator) -> list[str]:
        """Its actuals: an indicator is ended, never lost."""
        return [HAS_VALUES] if obj.has_values else []


def initiatives() -> QuerySet[Initiative]:
    """All initiatives, in the table's order within each manifesto."""
    found = Initiative.objects.select_related("pledge__section__parent", "pledge__section__manifesto")
    return found.order_by("pledge__section__manifesto", *PLACE)
