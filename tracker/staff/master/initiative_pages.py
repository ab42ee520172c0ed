"""Pages of initiatives with their duties, and of the plan projects that they belong to."""

import re
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import linebreaksbr
from django.urls import reverse
from django.utils.html import format_html, format_html_join

from tracker.models import Assignment, Initiative, PlanProject, Pledge
from tracker.staff.frame.site import site
from tracker.staff.master.by_name import ByName
from tracker.staff.master.by_place import PLACE_HELP, FoundByPlace
from tracker.staff.master.catalogue_pages import PledgeAdmin, change_page
from tracker.staff.master.exchange_pages import ExchangedAdmin
from tracker.staff.master.generic import BoundForm, DbField
from tracker.staff.master.initiative_resources import IN_ORDER, InitiativeResource, PlanProjectResource
from tracker.staff.master.lists import ByField, ByManifesto, by_emptiness, count_of, place
from tracker.staff.master.master_admin import Inline
from tracker.staff.master.of_manifesto import OfManifesto, namer_of_pledges, namer_of_projects
from tracker.staff.master.places import AddedForm, OrderedFormSet, PlacedRow
from tracker.words.fiscal_years import short_label, terms_overlap
from tracker.words.folding import fold
from tracker.words.numbering import behind
from tracker.words.sdgs import GOALS
from tracker.words.step_names import NOT_RATED


class AssignmentFormSet(OrderedFormSet):
    """A department once from a year on; a number may be taken again by who has the duty in other years."""

    collision = "順序が重なっています：%s。同じ年度に担当する課は、別々の数にしてください。"

    def collide(self, one: BoundForm, other: BoundForm) -> bool:
        names = ("from_fiscal_year", "to_fiscal_year")
        first, second = ([form.cleaned_data.get(name) for name in names] for form in (one, other))
        return terms_overlap(*first, *second)

    def clean(self) -> None:
        super().clean()
        staying = [form.cleaned_data for form in self.forms if not (form.errors or self.is_going(form))]
        duties = [(row.get("department"), row.get("from_fiscal_year")) for row in staying]
        for number, (department, since) in enumerate(duties):
            if department and (department, since) in duties[:number]:
                raise ValidationError(f"「{department}」が同じ開始年度で二度書かれています。")


class AssignmentInline(Inline):
    model = Assignment
    form = PlacedRow
    formset = AssignmentFormSet
    fields = ("position", "department", "from_fiscal_year", "to_fiscal_year")
    verbose_name_plural = "担当（年度は西暦。空欄は「初めから」「今も」）"


class InitiativeForm(AddedForm):
    """SDGs as boxes to tick: some, none at all, or not known."""

    instance: Initiative
    within = ("pledge",)
    goals = forms.TypedMultipleChoiceField(
        label="SDGs の目標",
        required=False,
        coerce=int,
        choices=[(goal.number, f"{goal.number} {goal.name}") for goal in GOALS.values()],
        widget=forms.CheckboxSelectMultiple,
    )
    has_no_goals = forms.BooleanField(
        label="どの目標にも当てはまらない",
        required=False,
        help_text="目標を選ばず、ここも外しておくと、公開ページでは目標が「分かりません」となります。",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["has_no_goals"] = self.instance.sdgs == []
        self.initial["goals"] = self.instance.sdgs or []

    def told_twin(self) -> str:
        """By name, first year and departments: most initiatives of a pledge differ in nothing else."""
        told, sent = self.cleaned_data, re.compile(r"assignments-\d+-department")
        duties = {value for name, value in self.data.items() if value and sent.fullmatch(name)}
        beside = told["pledge"].initiatives.with_place().prefetch_related("assignments")
        for each in beside.filter(first_fiscal_year=told["first_fiscal_year"]):
            own = {str(duty.department_id) for duty in each.assignments.all()}
            if (fold(each.name), own) == (fold(told["name"]), duties):
                return f"名前、始まりの年度、担当課が同じ取組が {each.place} にあります。"
        return ""

    def clean(self) -> None:
        super().clean()
        stored = self.instance.pledge if self.instance.pledge_id else None  # where the form has no field
        pledge = self.cleaned_data.get("pledge") or stored
        if pledge and stored and pledge.section.manifesto_id != stored.section.manifesto_id:
            self.add_error("pledge", "別のマニフェストの公約です。同じマニフェストの公約を選んでください。")
        chosen = self.cleaned_data.get("plan_projects") or []
        if pledge and any(each.manifesto_id != pledge.section.manifesto_id for each in chosen):
            self.add_error("plan_projects", "別のマニフェストの関連事業が入っています。外してください。")
        goals, has_none = self.cleaned_data.get("goals") or [], self.cleaned_data.get("has_no_goals")
        if goals and has_none:
            self.add_error("has_no_goals", "目標が選ばれています。どちらかを外してください。")
        self.instance.sdgs = sorted(goals) if goals or has_none else None


@admin.register(Initiative, site=site)
class InitiativeAdmin(OfManifesto[Initiative], FoundByPlace[Initiative], ExchangedAdmin[Initiative]):
    explained = "報告の単位になる取組と、年度ごとの担当課、関連事業、SDGs です。"
    edited_with = ("assignments",)
    resource_class = InitiativeResource
    form = InitiativeForm
    fields = (
        *("pledge", "position", "name", "first_fiscal_year", "ending", "plan_projects", "goals"),
        *("has_no_goals", "other_departments", "is_another", "other_columns"),
    )
    list_display = (place, "pledge_text", "running", "duties")
    manifesto_path = "pledge__section__manifesto"
    list_filter = (
        ("pledge__section__manifesto", ByManifesto),
        ("pledge__section__parent", ByField),
        ("last_fiscal_year", by_emptiness("続いているか", "続いている", "終わった")),
        ("assignments__department", admin.RelatedOnlyFieldListFilter),
    )
    list_display_links = ("pledge_text",)
    list_select_related = ("pledge__section__parent",)
    search_fields = ("pledge__text", "name", "assignments__department__name", "plan_projects__name")
    search_help_text = PLACE_HELP
    ordering = IN_ORDER
    inlines = (AssignmentInline,)
    readonly_fields = ("ending", "other_columns")
    stays = ("pledge", "position")

    def formfield_for_foreignkey(  # type: ignore[override]
        self, db_field: DbField, request: HttpRequest, **kwargs: object
    ) -> ByName[Pledge]:
        """The pledge, by its place or words."""
        pledges = Pledge.objects.select_related("section__parent").order_by(*PledgeAdmin.ordering)
        return ByName(pledges, namer_of_pledges(), db_field)

    def formfield_for_manytomany(  # type: ignore[override]
        self, db_field: DbField, request: HttpRequest, **kwargs: object
    ) -> ByName[PlanProject]:
        """Plan projects, by code or words."""
        words = "番号か名称の一部を入力すると候補が出ます。外すときは、欄を空にします。"
        return ByName(PlanProject.objects.all(), namer_of_projects(), db_field, words)

    def changes_at(self, request: HttpRequest, obj: Initiative) -> str:
        return change_page(request, obj.pledge_id)

    @admin.display(description="公約")
    def pledge_text(self, initiative: Initiative) -> str:
        return initiative.pledge.text + behind(initiative.name)

    @admin.display(description="年度")
    def running(self, initiative: Initiative) -> str:
        return f"{initiative.first_fiscal_year}～{initiative.last_fiscal_year or ''}"

    @admin.display(description="いまの担当課")
    def duties(self, initiative: Initiative) -> str:
        lasting = [each for each in initiative.assignments.all() if each.to_fiscal_year is None]
        return "、".join(each.department.name for each in lasting)

    @admin.display(description="終わりの年度")
    def ending(self, initiative: Initiative) -> str:
        """Ending is an act of its own, with a reason; here it is only shown."""
        if initiative.pk is None:
            return "続いています"
        if initiative.last_fiscal_year is not None:
            return str(initiative.last_fiscal_year)
        address = reverse("staff-initiative-end", args=[initiative.pk])
        return format_html('{} <a href="{}">{}</a>', "続いています。", address, "この取組を終わりにする")

    @admin.display(description="表にあったほかの列")
    def other_columns(self, initiative: Initiative) -> str:
        """What the imported table said in columns of its own; only shown."""
        ratings = {
            f"{short_label(int(year))}の評価": code or NOT_RATED
            for year, code in sorted(initiative.earlier_ratings.items())
        }
        told = {**initiative.notes, **ratings}
        notes = ((heading, linebreaksbr(note)) for heading, note in told.items())
        return format_html_join("", "<p><b>{}</b><br>{}</p>", notes)

    def get_fields(self, request: HttpRequest, obj: Initiative | None = None) -> tuple[str, ...]:
        *own, is_another, other_columns = self.fields
        if obj is None:
            return (*own, is_another)
        return (*own, other_columns) if obj.notes or obj.earlier_ratings else (*own,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Initiative]:
        return super().get_queryset(request).prefetch_related("assignments__department")


@admin.register(PlanProject, site=site)
class PlanProjectAdmin(OfManifesto[PlanProject], ExchangedAdmin[PlanProject]):
    explained = "総合計画実施計画の事業です。取組の「関連事業」で選びます。"
    resource_class = PlanProjectResource
    fields = ("manifesto", "code", "base_code", "name")
    list_display = ("name", "code", "base_code", count_of("initiative_count", "取組の数"))
    list_filter = (("manifesto", ByManifesto),)
    namer = staticmethod(namer_of_projects)
    search_fields = ("name", "code", "base_code")
    ordering = ("base_code", "code", "name")

    def get_queryset(self, request: HttpRequest) -> QuerySet[PlanProject]:
        return super().get_queryset(request).annotate(initiative_count=Count("initiatives"))

    def in_the_way(self, obj: PlanProject) -> list[str]:
        found = obj.initiatives.select_related("pledge__section__parent")
        pages = [(reverse("admin:tracker_initiative_change", args=[each.pk]), each) for each in found]
        return [format_html('<a href="{}">{}</a>', *page) for page in pages]
