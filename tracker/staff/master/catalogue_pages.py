"""Pages of fields and sections, and of the pledges in them."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, F, ForeignKey, Model, Q, QuerySet
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from tracker.cycle import catalogue, permissions
from tracker.models import Category, Initiative, Manifesto, Pledge
from tracker.models.catalogue import PLEDGE_PLACE
from tracker.staff.frame.site import site
from tracker.staff.master import in_reports
from tracker.staff.master.by_name import ByName
from tracker.staff.master.by_place import PLACE_HELP, FoundByPlace
from tracker.staff.master.catalogue_resources import (
    PLEDGES_IN_ORDER,
    CategoryResource,
    PledgeResource,
    called_with_term,
)
from tracker.staff.master.exchange_pages import ExchangedAdmin
from tracker.staff.master.generic import ModelChoiceField, ModelForm
from tracker.staff.master.lists import ByField, ByManifesto, by_emptiness, count_of, place
from tracker.staff.master.master_admin import Inline
from tracker.staff.master.of_manifesto import (
    NamedChoice,
    OfManifesto,
    namer_of_fields,
    namer_of_pledges,
    namer_of_sections,
)
from tracker.staff.master.places import AddedForm, OrderedFormSet, PlacedRow
from tracker.words.folding import fold

CARRIES_ON_HELP = (
    "どの公約の続きかを、番号や文の一部で選びます。公開ページの両方に出ます。続きでなければ、空けておきます。"
)


class SectionForm(PlacedRow):
    place = "number"


class SectionFormSet(OrderedFormSet):
    """Sections belong to their field's manifesto."""

    def add_fields(self, form: ModelForm, index: int | None) -> None:
        super().add_fields(form, index)
        form.instance.manifesto_id = self.instance.manifesto_id


class SectionInline(Inline):
    model = Category
    fk_name = "parent"
    form = SectionForm
    formset = SectionFormSet
    fields = ("number", "name")
    verbose_name = "項目"
    verbose_name_plural = "この分野の項目"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Category]:
        return super().get_queryset(request).exclude(name="")


class CategoryForm(AddedForm):
    """A field, or a section of one: two levels, in one manifesto."""

    instance: Category
    place = "number"
    within = ("manifesto", "parent")

    def told_twin(self) -> str:
        beside, name = self.siblings(), fold(self.cleaned_data["name"])
        twins = (each for each in beside or () if isinstance(each, Category) and fold(each.name) == name)
        return next((f"同じ名称のものが {each.place} にあります。" for each in twins), "")

    def clean(self) -> None:
        super().clean()
        parent, manifesto = self.cleaned_data.get("parent"), self.cleaned_data.get("manifesto")
        if parent and manifesto and parent.manifesto_id != manifesto.pk:
            self.add_error("parent", "別のマニフェストの分野です。同じマニフェストの分野を選んでください。")
        if parent and self.instance.pk and self.instance.sections.exists():
            self.add_error("parent", "この分野には項目があるので、ほかの分野の項目にはできません。")


def links_to_pledges(pledges: QuerySet[Pledge]) -> list[str]:
    """A link for each, to where it can be deleted by itself."""
    found = pledges.select_related("section__parent").order_by(*PLEDGE_PLACE)
    pages = [(reverse("admin:tracker_pledge_change", args=[each.pk]), each.place, each) for each in found]
    return [format_html('<a href="{}">{} {}</a>', *page) for page in pages]


@admin.register(Category, site=site)
class CategoryAdmin(OfManifesto[Category], ExchangedAdmin[Category]):
    explained = "政策の分野と、その中の項目です。番号は公開ページのアドレスになります。"
    edited_with = ("sections",)
    resource_class = CategoryResource
    form = CategoryForm
    fields = ("manifesto", "parent", "number", "name", "is_another")
    list_display = (place, "name", "parent", "pledge_count", "manifesto")
    list_filter = (("manifesto", ByManifesto), ("parent", by_emptiness("段階", "分野", "項目")))
    list_display_links = ("name",)
    list_select_related = ("parent", "manifesto")
    search_fields = ("name",)
    stays = ("manifesto", "parent", "number")
    # A field, then its sections.
    ordering = (
        "manifesto",
        Coalesce("parent__number", "number"),
        F("parent").asc(nulls_first=True),
        "number",
    )

    def get_fields(self, request: HttpRequest, obj: Category | None = None) -> tuple[str, ...]:
        return self.fields[:-1] if obj else self.fields

    @admin.display(description="公約の数")
    def pledge_count(self, category: Category) -> int | None:
        """A section's; a field's own, which stand without a section."""
        own: int = category.pledge_count + category.without_section  # type: ignore[attr-defined]
        return own if own or category.parent_id else None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Category]:
        unnamed = Q(sections__name="")
        return (
            super()
            .get_queryset(request)
            .exclude(name="")
            .annotate(
                pledge_count=Count("pledges", distinct=True),
                without_section=Count("sections__pledges", filter=unnamed, distinct=True),
            )
        )

    def in_the_way(self, obj: Category) -> list[str]:
        """The pledges in it: the event of its deletion would not keep their words."""
        return links_to_pledges(Pledge.objects.filter(Q(section=obj) | Q(section__parent=obj)))

    def get_inlines(self, request: HttpRequest, obj: Category | None = None) -> list[type[Inline]]:  # type: ignore[override]
        return [] if obj and obj.parent_id else [SectionInline]

    def formfield_for_foreignkey(
        self, db_field: ForeignKey[Model, Model], request: HttpRequest, **kwargs: object
    ) -> ModelChoiceField | None:
        if db_field.name == "parent":
            fields, none = Category.objects.named().filter(parent=None), "なし（これは分野です）"
            label = db_field.verbose_name
            return NamedChoice(
                fields, label=label, required=False, empty_label=none, name_of=namer_of_fields()
            )
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class InitiativeInline(Inline):
    model = Initiative
    form = PlacedRow
    formset = OrderedFormSet
    fields = ("position", "first_fiscal_year")
    show_change_link = True
    verbose_name_plural = "この公約の取組"


def earlier_pledges(pledge: Pledge | None) -> QuerySet[Pledge]:
    """Those that a pledge, or a new one, may carry on: of terms before its own."""
    terms = Manifesto.objects.order_by("first_fiscal_year")
    latest = pledge.section.manifesto if pledge and pledge.pk else terms.last()
    found = Pledge.objects.select_related("section__parent", "section__manifesto").order_by(*PLEDGES_IN_ORDER)
    year = latest.first_fiscal_year if latest else 0
    return found.filter(section__manifesto__first_fiscal_year__lt=year)


def called_in_term(pledge: Pledge) -> str:
    """A pledge of another term, as it is chosen."""
    return f"{called_with_term(pledge)} {pledge.text}"


def places() -> QuerySet[Category]:
    """Where a pledge can stand: sections and fields, and where there is neither (`in_its_section`)."""
    found = Category.objects.filter(~Q(name="") | Q(parent__name=""))
    return found.select_related("parent", "manifesto")


def as_place(section: Category) -> Category:
    """The place that is chosen for a section: for an unnamed one its field."""
    return section if section.name or not (section.parent and section.parent.name) else section.parent


def in_its_section(place: Category) -> Category:
    """The section of a chosen place: of a field its unnamed one, which is made where it is not there."""
    return place if place.parent_id else catalogue.unnamed_section(place.manifesto, place)


class PledgeForm(AddedForm):
    """A pledge stands where none has stood in a report. It carries on one of an earlier term, or none."""

    instance: Pledge
    within = ("section",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if isinstance(field := self.fields.get("continues"), ByName):
            field.queryset = earlier_pledges(self.instance)
        if self.instance.pk:
            self.initial["section"] = as_place(self.instance.section).pk

    def told_twin(self) -> str:
        return catalogue.told_twin(self.cleaned_data["section"].manifesto, self.cleaned_data["text"])

    def clean_section(self) -> Category:
        return in_its_section(self.cleaned_data["section"])

    def clean(self) -> None:
        super().clean()
        section, position = self.cleaned_data.get("section"), self.cleaned_data.get("position")
        if section and self.instance.pk and section.manifesto_id != self.instance.section.manifesto_id:
            words = "別のマニフェストの項目です。ほかの任期で続けるときは、新しい公約にしてください。"
            self.add_error("section", words)
        elif section and position and (why := catalogue.why_taken(section, position, self.instance)):
            self.add_error("position", why)


def change_page(request: HttpRequest, pledge: int) -> str:
    """The page of what can be done with a pledge; "" for who may not."""
    return reverse("staff-pledge", args=[pledge]) if permissions.may_change_pledges(request.user) else ""


@admin.register(Pledge, site=site)
class PledgeAdmin(OfManifesto[Pledge], FoundByPlace[Pledge], ExchangedAdmin[Pledge]):
    explained = "項目ごとの公約と、その取組の並びです。"
    edited_with = ("initiatives",)
    resource_class = PledgeResource
    form = PledgeForm
    list_display = (place, "text", "number_label", "section_name", count_of("initiative_count", "取組の数"))
    manifesto_path = "section__manifesto"
    list_filter = (("section__manifesto", ByManifesto), ("section__parent", ByField))
    list_display_links = ("text",)
    list_select_related = ("section__parent",)
    search_fields = ("text", "section__name", "section__parent__name")
    search_help_text = PLACE_HELP
    place_path = PLEDGE_PLACE
    ordering = PLEDGES_IN_ORDER
    inlines = (InitiativeInline,)
    namer = staticmethod(namer_of_pledges)
    stays = ("section", "position")

    def in_the_way(self, obj: Pledge) -> list[str]:
        """The reports that tell it: without an initiative, nothing else in the database keeps it."""
        return [f"公表版 {each}（取組のない公約として載っています）" for each in in_reports.telling_bare(obj)]

    def changes_at(self, request: HttpRequest, obj: Pledge) -> str:
        return change_page(request, obj.pk)

    def get_fields(self, request: HttpRequest, obj: Pledge | None = None) -> list[str]:  # type: ignore[override]
        """Where there is no earlier term, none is asked for."""
        told = ["section", "position", "number_label", "text", *([] if obj else ["is_another"])]
        return [*told, "continues"] if earlier_pledges(obj).exists() else told

    @admin.display(description="項目")
    def section_name(self, pledge: Pledge) -> str:
        return pledge.section.name or pledge.section.path

    def get_queryset(self, request: HttpRequest) -> QuerySet[Pledge]:
        found = super().get_queryset(request).annotate(initiative_count=Count("initiatives"))
        return found.select_related("section__parent")

    def formfield_for_foreignkey(  # type: ignore[override]
        self, db_field: ForeignKey[Model, Model], request: HttpRequest, **kwargs: object
    ) -> ModelChoiceField | ByName[Pledge] | None:
        if db_field.name == "continues":
            return ByName(Pledge.objects.none(), called_in_term, db_field, CARRIES_ON_HELP)
        if db_field.name == "section":
            return NamedChoice(places(), label=db_field.verbose_name, name_of=namer_of_sections())
        return super().formfield_for_foreignkey(db_field, request, **kwargs)
