"""Pages of manifestos with their scales."""

from typing import Any

from django.contrib import admin

from tracker.models import Manifesto, Rating
from tracker.models.catalogue import refuse_taken_address
from tracker.staff.frame.site import site
from tracker.staff.master import in_reports
from tracker.staff.master.generic import ModelForm
from tracker.staff.master.master_admin import Inline, MasterAdmin
from tracker.staff.master.places import OrderedFormSet, PlacedRow


class RatingForm(PlacedRow):
    """A step of the scale. Reports name it by its code."""

    instance: Rating

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and in_reports.shows_rating(self.instance):
            self.fields["code"].disabled = True


class RatingInline(Inline):
    model = Rating
    form = RatingForm
    formset = OrderedFormSet
    fields = ("position", "code", "label", "definition", "percent")
    verbose_name_plural = "実施状況の区分（1 が最も進んだ評価。公表版に載った記号は変えられません）"


class ManifestoForm(ModelForm):
    """A manifesto. Its name in addresses is no other page's."""

    def clean_slug(self) -> str:
        slug: str = self.cleaned_data["slug"]
        refuse_taken_address(slug)
        return slug


@admin.register(Manifesto, site=site)
class ManifestoAdmin(MasterAdmin[Manifesto]):
    explained = "任期ごとのマニフェストの表題と、実施状況の区分（評価の段階）です。"
    edited_with = ("ratings",)
    form = ManifestoForm
    list_display = ("title", "slug", "first_fiscal_year", "cumulative_year")
    search_fields = ("title", "slug")
    inlines = (RatingInline,)
    stays = ("slug",)
