"""Pages of fields and sections, and of the pledges in them."""

from django.contrib import admin
from django.db.models import Count, F, ForeignKey, Model, QuerySet
from django.db.models.functions import Coalesce
from django.http import HttpRequest

from tracker.models import Category, Initiative, Pledge
from tracker.models.catalogue import PLEDGE_PLACE
from tracker.staff.frame.site import site
from tracker.staff.master.by_place import PLACE_HELP, FoundByPlace
from tracker.staff.master.catalogue_resources import PLEDGES_IN_ORDER, CategoryResource, PledgeResource
from tracker.staff.master.exchange_pages import ExchangedAdmin
from tracker.staff.master.generic import ModelChoiceField, ModelForm
from tracker.staff.master.lists import ByField, by_emptiness, count_of, place
from tracker.staff.master.master_admin import Inline
from tracker.staff.master.places import OrderedFormSet, PlacedForm, PlacedRow


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


class CategoryForm(PlacedForm):
    """A field, or a section of one: two levels, in one manifesto."""

    instance: Category
    place = "number"
    within = ("manifesto", "parent")

    def clean(self) -> None:
        super().clean()
        parent, manifesto = self.cleaned_data.get("parent"), self.cleaned_data.get("manifesto")
        if parent and manifesto and parent.manifesto_id != manifesto.pk:
            self.add_error("parent", "別のマニフェストの分野です。同じマニフェストの分野を選んでください。")
        if parent and self.instance.pk and self.instance.sections.exists():
            self.add_error("parent", "この分野には項目があるので、ほかの分野の項目にはできません。")


@admin.register(Category, site=site)
class CategoryAdmin(ExchangedAdmin[Category]):
    explained = "政策の分野と、その中の項目です。番号は公開ページのアドレスになります。"
    edited_with = ("sections",)
    resource_class = CategoryResource
    form = CategoryForm
    fields = ("manifesto", "parent", "number", "name")
    list_display = (place, "name", "parent", "pledge_count", "manifesto")
    list_filter = ("manifesto", ("parent", by_emptiness("段階", "分野", "項目")))
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

    @admin.display(description="公約の数")
    def pledge_count(self, category: Category) -> int | None:
        return category.pledge_count if category.parent_id else None  # type: ignore[attr-defined]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Category]:
        return super().get_queryset(request).annotate(pledge_count=Count("pledges"))

    def get_inlines(self, request: HttpRequest, obj: Category | None = None) -> list[type[Inline]]:  # type: ignore[override]
        return [] if obj and obj.parent_id else [SectionInline]

    def formfield_for_foreignkey(
        self, db_field: ForeignKey[Model, Model], request: HttpRequest, **kwargs: object
    ) -> ModelChoiceField | None:
        if db_field.name == "parent":
            kwargs["queryset"] = Category.objects.filter(parent=None).select_related("manifesto")
            kwargs["empty_label"] = "なし（これは分野です）"
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class InitiativeInline(Inline):
    model = Initiative
    form = PlacedRow
    formset = OrderedFormSet
    fields = ("position", "first_fiscal_year")
    show_change_link = True
    verbose_name_plural = "この公約の取組"


class SectionChoice(ModelChoiceField):
    """Sections, each with its field."""

    def label_from_instance(self, section: Category) -> str:
        return f"{section.parent} ＞ {section}"


class PledgeForm(PlacedForm):
    within = ("section",)


def called_pledge(pledge: Pledge) -> str:
    """A pledge with its place: texts may repeat."""
    return f"{pledge.place} {pledge.text}"


@admin.register(Pledge, site=site)
class PledgeAdmin(FoundByPlace[Pledge], ExchangedAdmin[Pledge]):
    explained = "項目ごとの公約と、その取組の並びです。"
    edited_with = ("initiatives",)
    resource_class = PledgeResource
    form = PledgeForm
    fields = ("section", "position", "number_label", "text")
    list_display = (place, "text", "number_label", "section_name", count_of("initiative_count", "取組の数"))
    list_filter = ("section__manifesto", ("section__parent", ByField))
    list_display_links = ("text",)
    list_select_related = ("section__parent",)
    search_fields = ("text", "section__name", "section__parent__name")
    search_help_text = PLACE_HELP
    place_path = PLEDGE_PLACE
    ordering = PLEDGES_IN_ORDER
    inlines = (InitiativeInline,)
    called = staticmethod(called_pledge)
    stays = ("section", "position")

    @admin.display(description="項目")
    def section_name(self, pledge: Pledge) -> str:
        return pledge.section.name

    def get_queryset(self, request: HttpRequest) -> QuerySet[Pledge]:
        found = super().get_queryset(request).annotate(initiative_count=Count("initiatives"))
        return found.select_related("section__parent")

    def formfield_for_foreignkey(
        self, db_field: ForeignKey[Model, Model], request: HttpRequest, **kwargs: object
    ) -> ModelChoiceField | None:
        if db_field.name == "section":
            sections = Category.objects.filter(parent__isnull=False).select_related("parent")
            return SectionChoice(sections, label=db_field.verbose_name)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)
