"""Read-only lists of what came of the master data: rounds, yearly actions, reports and events."""

import json
from datetime import date
from typing import Any, TypeVar

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import BooleanField, Q, QuerySet, Value
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.timezone import localtime

from tracker.choices import ActionState, RoundState
from tracker.cycle import permissions
from tracker.models import Event, Report, ReportingRound, YearlyAction
from tracker.models.reporting import ACTION_PLACE
from tracker.staff.frame.site import site
from tracker.staff.master.by_place import PLACE_HELP, FoundByPlace, events_at
from tracker.staff.master.generic import M
from tracker.staff.master.lists import ByField, when
from tracker.staff.master.master_admin import MasterAdmin
from tracker.templatetags.tracker_public import date_and_time, japanese_date
from tracker.words.fiscal_years import short_label

Elsewhere = TypeVar("Elsewhere", ReportingRound, YearlyAction, Report)


class RecordAdmin(MasterAdmin[M]):
    """What is not edited here: workflow writes states, publishing reports, and all of them events."""

    is_writable = False
    list_display_links: tuple[str, ...] | None = None


class ElsewhereAdmin(RecordAdmin[Elsewhere]):
    """What has a page of its own, to which the list links."""

    def page_of(self, record: Elsewhere) -> str:
        return address_of(record.subject)

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
class RoundAdmin(ElsewhereAdmin[ReportingRound]):
    explained = "年度ごとの報告回です。開く・締め切る・公表するのは「報告回」の画面で行います。"
    may = staticmethod(permissions.may_see_rounds)
    list_display = (
        *("year", "manifesto", "state"),
        *(when("opens_on", "受付開始日"), when("due_on", "締切日"), when("as_of", "時点")),
    )
    list_filter = ("manifesto", "state")
    list_select_related = ("manifesto",)

    def page_of(self, record: ReportingRound) -> str:
        return reverse("staff-board", args=[record.pk])

    @admin.display(description="年度", ordering="fiscal_year")
    def year(self, round: ReportingRound) -> str:
        return self.linked(round, short_label(round.fiscal_year))


@admin.register(YearlyAction, site=site)
class ActionAdmin(FoundByPlace[YearlyAction], ElsewhereAdmin[YearlyAction]):
    explained = "取組ごと・年度ごとの報告です。書く・承認するのはそれぞれの画面で行います。"
    may = staticmethod(permissions.may_see_all_actions)
    list_display = ("address", "year", "pledge", "state", "rating", when("submitted_at", "提出日時"))
    list_filter = (
        *("round__manifesto", "round__fiscal_year", "state", "rating"),
        ("initiative__pledge__section__parent", ByField),
    )
    list_select_related = ("round", "rating", "initiative__pledge__section__parent")
    search_fields = ("initiative__pledge__text", "result", "plan")
    search_help_text = PLACE_HELP
    place_path = ACTION_PLACE
    ordering = ("-round__fiscal_year", *ACTION_PLACE)

    @admin.display(description="番号")
    def address(self, action: YearlyAction) -> str:
        return self.linked(action, action.place)

    @admin.display(description="年度", ordering="round__fiscal_year")
    def year(self, action: YearlyAction) -> str:
        return short_label(action.round.fiscal_year)

    @admin.display(description="公約")
    def pledge(self, action: YearlyAction) -> str:
        return action.initiative.pledge.text


@admin.register(Report, site=site)
class ReportAdmin(ElsewhereAdmin[Report]):
    explained = "公表した版です。変更も削除もできません。"
    may = staticmethod(permissions.may_see_rounds)
    list_display = (
        *("address", "title", "edition", "entry_count", when("published_at", "公表日時")),
        *("published_by", "correction_reason"),
    )
    list_filter = ("manifesto",)

    @admin.display(description="時点", ordering="as_of")
    def address(self, report: Report) -> str:
        return self.linked(report, japanese_date(report.as_of))


@admin.register(Event, site=site)
class EventAdmin(FoundByPlace[Event], RecordAdmin[Event]):
    explained = "だれが、いつ、何をしたか。変更も削除もできません。"
    may = staticmethod(permissions.may_see_events)
    list_display = ("number", "moment", "actor", "kind", "what", "states", "reason")
    list_display_links = ("number",)
    list_filter = ("kind", "happened_at")
    search_fields = ("subject", "actor", "reason")
    search_help_text = (
        "行った人、理由、対象のことばで探せます。取組や公約は、番号（1-1-2-2、1-1-2）でも探せます。"
        "対象は action:12（年度別取組の 12 番）のようにも書けます。"
    )
    ordering = ("-number",)
    fields = (*list_display, "told", "previous_hash", "own_hash")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Event]:
        """Each event knows whether its reader may see people's data: it tells no more than their page."""
        tells_people = Value(permissions.may_keep_people(request.user), output_field=BooleanField())
        return super().get_queryset(request).annotate(tells_people=tells_people)

    def at_place(self, place: str) -> Q:
        return events_at(place)

    @admin.display(description="日時", ordering="happened_at")
    def moment(self, event: Event) -> str:
        return str(date_and_time(localtime(event.happened_at)))

    @admin.display(description="対象", ordering="subject")
    def what(self, event: Event) -> str:
        address = "" if is_kept_back(event) else address_of(event.subject)
        return format_html('<a href="{}">{}</a>', address, name_of(event)) if address else name_of(event)

    @admin.display(description="状態")
    def states(self, event: Event) -> str:
        if not event.to_state or event.from_state == event.to_state:
            return ""
        return f"{STATES.get(event.from_state, '')} → {STATES.get(event.to_state, event.to_state)}"

    @admin.display(description="そのときの内容")
    def told(self, event: Event) -> str:
        told = ("act", "model", "name") if is_kept_back(event) else event.content.keys() - {"row_digests"}
        shown = {name: value for name, value in event.content.items() if name in told}
        if is_kept_back(event):
            shown["changes"] = "利用者の内容は、管理者だけが見られます。"
        content = json.dumps(shown, ensure_ascii=False, indent=2)
        return format_html('<pre class="event-content">{}</pre>', content)


def is_kept_back(event: Event) -> bool:
    """Whether an event is about a person whose page its reader may not open. Needs EventAdmin's queryset."""
    return event.subject.startswith("user:") and not event.tells_people  # type: ignore[attr-defined]


STATES = dict([*RoundState.choices, *ActionState.choices])


def name_of(event: Event) -> str:
    """What an event is about, in words."""
    kind, _colon, key = event.subject.partition(":")
    told = event.content
    if kind == "action" and "place" in told:
        return f"{short_label(told['fiscal_year'])} {told['place']}"
    if "name" in told and "model" in told:
        return f"{told['model']} {Truncator(told['name']).chars(30)}"
    if kind == "round" and key.rpartition("/")[2].isdigit():
        return "{}の報告回".format(short_label(int(key.rpartition("/")[2])))
    if kind == "report" and key.count("/") == 2:
        _slug, as_of, edition = key.split("/")
        return f"{japanese_date(date.fromisoformat(as_of))}時点の公表版 第{edition}版"
    names = {model._meta.model_name: model._meta.verbose_name for model in site._registry}
    return f"{names.get(kind, kind)} {key}"


def address_of(subject: str) -> str:
    """The page of what an event is filed under; "" where there is none."""
    kind, _colon, key = subject.partition(":")
    if kind == "action" and key.isdigit():
        return reverse("staff-entry", args=[key])
    if kind == "report" and key.count("/") == 2:
        return reverse("manifesto:edition:overview", args=key.split("/"))
    if key.isdigit() and kind in {"category", "pledge", "initiative", "planproject", "department", "user"}:
        return reverse(f"admin:tracker_{kind}_change", args=[key])
    return ""
