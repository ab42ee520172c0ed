"""Pages of manifestos with their scales."""

from typing import Any

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html

from tracker.cycle import terms
from tracker.models import Manifesto, Pledge, Rating
from tracker.staff.frame.site import site
from tracker.staff.master import in_reports
from tracker.staff.master.catalogue_pages import links_to_pledges
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
    fields = ("position", "code", "label", "definition", "percent", "is_ranked", "from_rate")
    verbose_name_plural = (
        "実施状況の区分（1 が最も進んだ評価。公表版に載った記号は変えられません。"
        "「対象外」のように進み具合の順に入らない区分は「順序がある」を外します。"
        "すべて外すと、平均も、上がった・下がったも出しません）"
    )


@admin.register(Manifesto, site=site)
class ManifestoAdmin(MasterAdmin[Manifesto]):
    explained = "任期ごとのマニフェストの表題と、実施状況の区分（評価の段階）です。"
    edited_with = ("ratings",)
    list_display = ("title", "slug", "first_fiscal_year", "last_fiscal_year", "cumulative_year")
    search_fields = ("title", "slug")
    inlines = (RatingInline,)
    stays = ("slug",)

    def in_the_way(self, obj: Manifesto) -> list[str]:
        """Its pledges: an event of this deletion would not keep their words, as that of taking back does."""
        pledges = links_to_pledges(Pledge.objects.filter(section__manifesto=obj))
        if not pledges or terms.why_fixed(obj):
            return pledges
        address = reverse("staff-term-take-back", args=[obj.pk])
        words = '<a href="{}">任期の開始を取り消す</a>と、公約もまるごとなくせます（内容は履歴に残ります）。'
        return [format_html(words, address), *pledges]
