"""Pages of manifestos with their scales."""

from typing import Any

from django.contrib import admin

from tracker.models import Manifesto, Rating
from tracker.staff.frame.site import site
from tracker.staff.master import in_reports
from tracker.staff.master.master_admin import Inline, MasterAdmin
from tracker.staff.master.places import OrderedFormSet, PlacedRow


class RatingForm(PlacedRow):
    """A step of the scale. Reports name it by its code."""

    instance: Rating

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and in_reports.shows_rating(self.instance):
            self.fields["code"].disabled = True

    def _get_validation_exclusions(self) -> set[str]:
        """A code that cannot be changed is not judged: it may be older than the rule."""
        fixed = {"code"} if self.fields["code"].disabled else set()
        return super()._get_validation_exclusions() | fixed


class RatingInline(Inline):
    model = Rating
    form = RatingForm
    formset = OrderedFormSet
    fields = ("position", "code", "label", "definition", "percent")
    verbose_name_plural = "実施状況の区分（1 が最も進んだ評価。公表版に載った記号は変えられません）"


@admin.register(Manifesto, site=site)
class ManifestoAdmin(MasterAdmin[Manifesto]):
    explained = "任期ごとのマニフェストの表題と、実施状況の区分（評価の段階）です。"
    edited_with = ("ratings",)
    list_display = ("title", "slug", "first_fiscal_year", "cumulative_year")
    search_fields = ("title", "slug")
    inlines = (RatingInline,)
    stays = ("slug",)
