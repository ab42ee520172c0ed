"""Pages of initiatives with their duties, and of the plan projects that they belong to."""

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
from tracker.staff.master import catalogue_resources, in_reports
from tracker.staff.master.base import ByEmptiness, Inline
from tracker.staff.master.by_name import ByName
from tracker.staff.master.catalogue import ByField, PledgeAdmin, called_pledge
from tracker.staff.master.exchange import ExchangedAdmin
from tracker.staff.master.places import OrderedFormSet, PlacedForm, PlacedRow, next_place
from tracker.words.sdgs import GOALS


class ByEnd(ByEmptiness):
    words = ("続いているか", "続いている", "終わった")


class AssignmentFormSet(OrderedFormSet):
    """A department once from a year on."""

    def clean(self) -> None:
        super().clean()
        seen = set()
        for form in self.forms:
            if form.errors or self._is_going(form) or not form.cleaned_data.get("department"):
                continue
            duty = (form.cleaned_data["department"].pk, form.cleaned_data.get("from_fiscal_year"))
            if duty in seen:
                raise ValidationError(
                    "「{}」が同じ開始年度で二度書かれています。".format(form.cleaned_data["department"])
                )
            seen.add(duty)


class AssignmentInline(Inline):
    model = Assignment
    form = PlacedRow
    formset = AssignmentFormSet
    fields = ("position", "department", "from_fiscal_year", "to_fiscal_year")
    verbose_name_plural = "担当（年度は西暦。空欄は「初めから」「今も」）"


class InitiativeForm(PlacedForm):
    """SDGs as boxes to tick: some, none at all, or not known."""

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
        help_text="目標を選ばず、ここも外しておくと、公開ページでは「元の表から読み取れない」になります。",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["has_no_goals"] = self.instance.sdgs == []
        self.initial["goals"] = self.instance.sdgs or []

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if (
            (pledge := cleaned.get("pledge"))
            and cleaned.get("position") is None
            and "position" not in self.errors
        ):
            cleaned["position"] = next_place(Initiative.objects.filter(pledge=pledge))
        manifesto = self._manifesto(cleaned)
        if manifesto and any(each.manifesto_id != manifesto for each in cleaned.get("plan_projects") or []):
            self.add_error("plan_projects", "別のマニフェストの関連事業が入っています。外してください。")
        goals, has_none = cleaned.get("goals") or [], cleaned.get("has_no_goals")
        if goals and has_none:
            self.add_error("has_no_goals", "目標が選ばれています。どちらかを外してください。")
        self.instance.sdgs = sorted(goals) if goals or has_none else None
        return cleaned

    def _manifesto(self, cleaned: dict[str, Any]) -> int | None:
        pledge = cleaned.get("pledge") or (self.instance.pledge if self.instance.pledge_id else None)
        return pledge.section.manifesto_id if pledge else None


@admin.register(Initiative, site=site)
class InitiativeAdmin(ExchangedAdmin):
    explained = "報告の単位になる取組と、年度ごとの担当課、関連事業、SDGs です。"
    edited_with = ("assignments",)
    resource_class = catalogue_resources.InitiativeResource
    form = InitiativeForm
    fields = (
        *("pledge", "position", "first_fiscal_year", "ending", "plan_projects", "goals", "has_no_goals"),
        *("other_departments", "other_columns"),
    )
    list_display = ("place", "pledge_text", "running", "duties")
    list_filter = (
        "pledge__section__manifesto",
        ("pledge__section__parent", ByField),
        ("last_fiscal_year", ByEnd),
        ("assignments__department", admin.RelatedOnlyFieldListFilter),
    )
    list_display_links = ("pledge_text",)
    list_select_related = ("pledge__section__parent",)
    search_fields = ("pledge__text", "assignments__department__name", "plan_projects__name")
    ordering = (
        *("pledge__section__manifesto", "pledge__section__parent__number", "pledge__section__number"),
        *("pledge__position", "position"),
    )
    inlines = (AssignmentInline,)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """The pledge, by its place or words."""
        pledges = Pledge.objects.select_related("section__parent").order_by(*PledgeAdmin.ordering)
        return ByName(pledges, called_pledge, db_field, label=db_field.verbose_name)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Plan projects, by code or words."""
        help_text = "番号か名称の一部を入力すると候補が出ます。外すときは、欄を空にします。"
        projects = PlanProject.objects.all()
        return ByName(
            projects,
            str,
            db_field,
            takes_many=True,
            label=db_field.verbose_name,
            required=False,
            help_text=help_text,
        )

    @admin.display(description="公約")
    def pledge_text(self, initiative: Initiative) -> str:
        return initiative.pledge.text

    @admin.display(description="番号")
    def place(self, initiative: Initiative) -> str:
        return initiative.place

    @admin.display(description="年度")
    def running(self, initiative: Initiative) -> str:
        return f"{initiative.first_fiscal_year}～{initiative.last_fiscal_year or ''}"

    @admin.display(description="いまの担当課")
    def duties(self, initiative: Initiative) -> str:
        return "、".join(
            each.department.name for each in initiative.assignments.all() if each.to_fiscal_year is None
        )

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
        notes = ((heading, linebreaksbr(note)) for heading, note in initiative.notes.items())
        return format_html_join("", "<p><b>{}</b><br>{}</p>", notes)

    def get_fields(self, request: HttpRequest, obj: Initiative | None = None) -> Any:
        return self.fields if obj and obj.notes else self.fields[:-1]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("assignments__department")

    def get_readonly_fields(self, request: HttpRequest, obj: Initiative | None = None) -> tuple[str, ...]:
        return (
            *(("pledge", "position") if obj and in_reports.shows_initiative(obj) else ()),
            *("ending", "other_columns"),
        )


@admin.register(PlanProject, site=site)
class PlanProjectAdmin(ExchangedAdmin):
    explained = "総合計画実施計画の事業です。取組の「関連事業」で選びます。"
    resource_class = catalogue_resources.PlanProjectResource
    fields = ("manifesto", "code", "base_code", "name")
    list_display = ("name", "code", "base_code", "initiative_count")
    list_filter = ("manifesto",)
    search_fields = ("name", "code", "base_code")
    ordering = ("base_code", "code", "name")

    @admin.display(description="取組の数")
    def initiative_count(self, project: PlanProject) -> int:
        return project.initiative_count  # type: ignore[attr-defined, no-any-return]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        found: QuerySet[Any] = super().get_queryset(request).annotate(initiative_count=Count("initiatives"))
        return found

    def in_the_way(self, obj: PlanProject) -> list[str]:
        found = obj.initiatives.select_related("pledge__section__parent")
        return [
            format_html('<a href="{}">{}</a>', reverse("admin:tracker_initiative_change", args=[i.pk]), i)
            for i in found
        ]
