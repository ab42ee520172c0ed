"""Read-only lists of what came of the master data: rounds, yearly actions, reports and events."""

from typing import Any, TypeVar

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from tracker.cycle import permissions
from tracker.models import Event, Report, ReportingRound, YearlyAction
from tracker.models.reporting import ACTION_PLACE
from tracker.staff.frame.site import site
from tracker.staff.history.pages import event_list, event_page
from tracker.staff.master.by_place import PLACE_HELP, FoundByPlace
from tracker.staff.master.generic import M
from tracker.staff.master.lists import ByField, ByManifesto, ByRating, when
from tracker.staff.master.master_admin import MasterAdmin
from tracker.staff.master.of_manifesto import OfManifesto
from tracker.templatetags.tracker_public import japanese_date

Elsewhere = TypeVar("Elsewhere", ReportingRound, YearlyAction, Report)


class RecordAdmin(MasterAdmin[M]):
    """What is not edited here: workflow writes states, publishing reports, and all of them events."""

    is_writable = False
    list_display_links: tuple[str, ...] | None = None


class ElsewhereAdmin(RecordAdmin[Elsewhere]):
    """What has a page of its own, to which the list links."""

    def page_of(self, record: Elsewhere) -> str:
        raise NotImplementedError

    def linked(self, record: Elsewhere, words: str) -> SafeString:
        return format_html('<a href="{}">{}</a>', self.page_of(record), words)

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """Leads there. Raises PermissionDenied, or Http404 where there is no such record."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        found = self.get_object(request, unquote(object_id))
        if found is None:
            raise Http404
        return redirect(self.page_of(found))


@admin.register(ReportingRound, site=site)
class RoundAdmin(OfManifesto[ReportingRound], ElsewhereAdmin[ReportingRound]):
    explained = "年度ごとの報告回です。開く・締め切る・公表するのは「報告回」の画面で行います。"
    may = staticmethod(permissions.may_see_rounds)
    list_display = (
        *("year", "manifesto", "state"),
        *(when("opens_on", "受付開始日"), when("due_on", "締切日"), when("as_of", "時点")),
    )
    list_filter = (("manifesto", ByManifesto), "state")
    list_select_related = ("manifesto",)

    def page_of(self, record: ReportingRound) -> str:
        return reverse("staff-board", args=[record.pk])

    @admin.display(description="年度", ordering="fiscal_year")
    def year(self, round: ReportingRound) -> str:
        return self.linked(round, round.short_label)


@admin.register(YearlyAction, site=site)
class ActionAdmin(OfManifesto[YearlyAction], FoundByPlace[YearlyAction], ElsewhereAdmin[YearlyAction]):
    explained = "取組ごと・年度ごとの報告です。書く・承認するのはそれぞれの画面で行います。"
    may = staticmethod(permissions.may_see_all_actions)
    list_display = ("address", "year", "pledge", "state", "rating", when("submitted_at", "提出日時"))
    manifesto_path = "round__manifesto"
    list_filter = (
        *(("round__manifesto", ByManifesto), "round__fiscal_year", "state", ("rating", ByRating)),
        ("initiative__pledge__section__parent", ByField),
    )
    list_select_related = ("round", "rating", "initiative__pledge__section__parent")
    search_fields = ("initiative__pledge__text", "result", "plan")
    search_help_text = PLACE_HELP
    place_path = ACTION_PLACE
    ordering = ("-round__fiscal_year", "-round__as_of", *ACTION_PLACE)

    def page_of(self, record: YearlyAction) -> str:
        return reverse("staff-entry", args=[record.pk])

    @admin.display(description="番号")
    def address(self, action: YearlyAction) -> str:
        return self.linked(action, action.place)

    @admin.display(description="年度", ordering="round__fiscal_year")
    def year(self, action: YearlyAction) -> str:
        return action.round.short_label

    @admin.display(description="公約")
    def pledge(self, action: YearlyAction) -> str:
        return action.initiative.pledge.text


@admin.register(Report, site=site)
class ReportAdmin(OfManifesto[Report], ElsewhereAdmin[Report]):
    explained = "公表した版です。変更も削除もできません。"
    may = staticmethod(permissions.may_see_rounds)
    list_display = (
        *("address", "title", "edition", "entry_count", when("published_at", "公表日時")),
        *("published_by", "correction_reason"),
    )
    list_filter = (("manifesto", ByManifesto),)

    def page_of(self, record: Report) -> str:
        return reverse("manifesto:edition:overview", args=[record.slug, record.as_of, record.edition])

    @admin.display(description="時点", ordering="as_of")
    def address(self, report: Report) -> str:
        return self.linked(report, japanese_date(report.as_of))


@admin.register(Event, site=site)
class EventAdmin(RecordAdmin[Event]):
    """The pages are those of staff/history; here is who may see them, and their addresses."""

    explained = "だれが、いつ、何をしたか。変更も削除もできません。"
    may = staticmethod(permissions.may_see_events)

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The list, searched and filtered. Raises PermissionDenied."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return event_list(request)

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """One event. Raises PermissionDenied, or Http404 where there is no such event."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        found = self.get_object(request, unquote(object_id))
        if found is None:
            raise Http404
        return event_page(request, found)

    def history_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """An event has no history but itself."""
        return self.change_view(request, object_id)
