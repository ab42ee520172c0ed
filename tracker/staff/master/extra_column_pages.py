"""Pages of extra columns (追加の項目): what a manifesto's rows hold beside the fields that all have."""

from django.contrib import admin

from tracker.entry_sheets.file.columns import heading_key, names_by_heading
from tracker.models import ExtraColumn
from tracker.staff.frame.site import site
from tracker.staff.master.lists import ByManifesto
from tracker.staff.master.master_admin import MasterAdmin
from tracker.staff.master.of_manifesto import OfManifesto
from tracker.staff.master.places import PlacedForm

SHEETS_OWN = "入力シートに、同じ見出しの列があります。別の名称にしてください。"


class ExtraColumnForm(PlacedForm):
    """A column whose heading the entry sheet's other columns do not have."""

    within = ("manifesto",)

    def clean(self) -> None:
        super().clean()
        manifesto, label = self.cleaned_data.get("manifesto"), self.cleaned_data.get("label", "")
        year = manifesto.first_fiscal_year if manifesto else 0
        if any(heading_key(label) in names_by_heading(each) for each in range(year, year + 10)):
            self.add_error("label", SHEETS_OWN)


@admin.register(ExtraColumn, site=site)
class ExtraColumnAdmin(OfManifesto[ExtraColumn], MasterAdmin[ExtraColumn]):
    explained = (
        "事業費、評価理由、外部評価など、主な取組・実施状況のほかに、取組ごとに書いてもらう項目です。"
        "入力フォーム・入力シート・公開ページに、そのまま加わります。"
    )
    form = ExtraColumnForm
    fields = (
        *("manifesto", "position", "label", "kind", "unit", "decimals", "choice_lines", "ended_choice_lines"),
        *("is_once", "is_public", "filled_by", "is_required", "first_fiscal_year", "last_fiscal_year"),
    )
    list_display = (
        *("label", "kind", "unit", "is_once", "is_public", "filled_by", "is_required", "last_fiscal_year"),
        *("position", "manifesto"),
    )
    list_filter = (("manifesto", ByManifesto), "kind", "is_public", "filled_by")
    list_select_related = ("manifesto",)
    search_fields = ("label",)
    ordering = ("manifesto", "position")

    def in_the_way(self, obj: ExtraColumn) -> list[str]:
        """Its values: a column is ended, never lost."""
        if not obj.has_values:
            return []
        return ["値が入力されています。使わなくなったときは、消さずに「終わりの年度」を書いてください。"]
