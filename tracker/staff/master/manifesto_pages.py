"""Pages of manifestos with their scales."""

from typing import Any

from django.contrib import admin
from django.forms import BooleanField, FileField
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from tracker.cycle import terms
from tracker.models import Manifesto, Pledge, Rating
from tracker.models.catalogue import FROM_THE_NEXT_REPORT
from tracker.models.original_files import MAX_MEGABYTES, MOST_BYTES, refuse_no_pdf, stored
from tracker.models.publication import let_go
from tracker.staff.frame.site import site
from tracker.staff.master import in_reports
from tracker.staff.master.catalogue_pages import links_to_pledges
from tracker.staff.master.generic import ModelForm
from tracker.staff.master.master_admin import Inline, MasterAdmin, person
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


class ManifestoForm(ModelForm):
    """A manifesto, with its original as a file that is sent along, or let go of."""

    original_pdf = FileField(
        label="マニフェストの原本のファイル（PDF）",
        required=False,
        help_text=f"選挙のときのマニフェストなど、{MAX_MEGABYTES} MB までの PDF です。選ぶと、いまのものに"
        f"代わります。市民がそのまま読めるので、個人の情報などがないかを確かめてください。{FROM_THE_NEXT_REPORT}",
    )
    drop_original = BooleanField(
        label="いまの原本のファイルを外す",
        required=False,
        help_text=f"公表した版に載ったファイルは、その版で読めるまま残ります。{FROM_THE_NEXT_REPORT}",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if original := self.instance.original:
            now = f"いまのファイル：{original.name}（{original.size:,} バイト）"
            self.fields["original_pdf"].help_text += now
        else:
            del self.fields["drop_original"]

    def clean_original_pdf(self) -> tuple[str, bytes] | None:
        """The file's name and content."""
        if not (sent := self.cleaned_data.get("original_pdf")):
            return None
        content = sent.read(MOST_BYTES + 1)
        refuse_no_pdf(content)
        return sent.name, content


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
    form = ManifestoForm
    fields = (
        *("slug", "title", "first_fiscal_year", "last_fiscal_year", "cumulative_year", "section_check"),
        *("mayor", "evaluator", "consideration", "original_url", "original_pdf", "drop_original"),
        *("easy", "english"),
    )
    inlines = (RatingInline,)
    stays = ("slug",)

    def get_fields(self, request: HttpRequest, obj: Manifesto | None = None) -> tuple[str, ...]:
        return tuple(name for name in self.fields if name != "drop_original" or (obj and obj.original))

    def save_model(self, request: HttpRequest, obj: Manifesto, form: object, change: bool) -> None:
        """The file is kept with its manifesto, under the name it was sent with; one that no manifesto and no
        report names is let go of.
        """
        answers: dict[str, Any] = form.cleaned_data  # type: ignore[attr-defined]
        before = obj.original
        name, content = answers.get("original_pdf") or ("", b"")
        if name:
            obj.original = stored(name, content, by=person(request).signature)
        elif answers.get("drop_original"):
            obj.original = None
        super().save_model(request, obj, form, change)
        if name and obj.original:
            obj.original.call(name)  # after the change was looked at, so that its event tells this, too
        if before and before != obj.original:
            let_go(before)

    def in_the_way(self, obj: Manifesto) -> list[str]:
        """Its pledges: an event of this deletion would not keep their words, as that of taking back does."""
        pledges = links_to_pledges(Pledge.objects.filter(section__manifesto=obj))
        if not pledges or terms.why_fixed(obj):
            return pledges
        address = reverse("staff-term-take-back", args=[obj.pk])
        words = '<a href="{}">任期の開始を取り消す</a>と、公約もまるごとなくせます（内容は履歴に残ります）。'
        return [format_html(words, address), *pledges]
