"""What all pages of master data share: who may, how forms are made, and the event that each change leaves."""

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib.admin.utils import get_deleted_objects, unquote
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import CharField as LineField
from django.db.models import QuerySet, URLField
from django.forms import CharField, Field, NumberInput
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from tracker.cycle import events, manifestos, one_writer, permissions
from tracker.models import Department, Event, Initiative, Pledge, User
from tracker.models.synonyms import search_for
from tracker.staff.frame.manifestos import ManifestoHere, manifesto_here, manifesto_id_of
from tracker.staff.history.pages import elided, events_of
from tracker.staff.master import changes, in_reports
from tracker.staff.master.cell_values import NO_YEAR, PLAUSIBLE_YEARS
from tracker.staff.master.generic import DbField, M, ModelAdmin, ModelForm, TabularInline
from tracker.words.digests import canonical_json, sha256
from tracker.words.fiscal_years import short_label
from tracker.words.folding import folded_pieces
from tracker.words.typed_text import control_refusal, line_refusal
from tracker.words.visible import is_empty_to_the_eye

NOTHING_TO_SEE = "見える文字がありません。書き直してください。"
FILTERS_LOOKUP = re.compile(r"(?:__(?:id__)?exact|__(?:isempty|isnull|gte|lt))$")  # what list filters ask


def no_controls(text: str) -> None:
    """Raises ValidationError for a text with a character that fits into no table and no workbook."""
    if words := control_refusal(text):
        raise ValidationError(words)


def no_line_breaks(text: str) -> None:
    """Raises ValidationError for a name or a title of several lines: no mail could have it in its heading."""
    if words := line_refusal(text):
        raise ValidationError(words)


def something_to_see(text: str) -> None:
    """Raises ValidationError for a name that nobody could see."""
    if is_empty_to_the_eye(text):
        raise ValidationError(NOTHING_TO_SEE)


class YearInput(NumberInput):
    """A fiscal year in figures, with what the site calls it beside it."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        drawn, year = super().render(name, value, attrs, renderer), str(value)
        if not (year.isdecimal() and int(year) in PLAUSIBLE_YEARS):
            return drawn
        return format_html('{} <span class="note">{}</span>', drawn, short_label(int(year)))


class OwnAdmin:
    """Permissions, asked of one predicate instead of Django's tables, and fields without pop-up windows."""

    may: Callable[[permissions.Visitor], bool] = staticmethod(permissions.may_keep_master_data)
    is_writable = True
    is_deletable = True

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return self.may(request.user)

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return self.is_writable and self.may(request.user)

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return self.is_deletable and self.has_change_permission(request)

    has_module_permission, has_add_permission = has_view_permission, has_change_permission

    def formfield_for_dbfield(self, db_field: DbField, request: HttpRequest, **more: object) -> Field | None:
        if isinstance(db_field, URLField):
            more["assume_scheme"] = "https"
        field: Field | None = super().formfield_for_dbfield(db_field, request, **more)  # type: ignore[misc]
        if field is None:
            return None
        if db_field.name.endswith("_year"):
            field.label = f"{field.label}（西暦）"
            field.widget = YearInput(field.widget.attrs)
        if isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget = field.widget.widget
        field.error_messages["required"] = f"「{field.label}」を入力してください。"
        field.error_messages["unique"] = f"同じ「{field.label}」のものが、すでにあります。"
        if isinstance(field, CharField):
            field.validators += [no_controls, *([something_to_see] if field.required else [])]
        if isinstance(db_field, LineField):
            field.validators.append(no_line_breaks)
        if db_field.name.endswith("_year"):
            first, last = PLAUSIBLE_YEARS[0], PLAUSIBLE_YEARS[-1]
            field.validators += [MinValueValidator(first, NO_YEAR), MaxValueValidator(last, NO_YEAR)]
        return field


class Inline(OwnAdmin, TabularInline):
    """Rows that are edited on their parent's page. One empty row is there without JavaScript."""

    extra = 1

    def formfield_for_dbfield(self, db_field: DbField, request: HttpRequest, **more: object) -> Field | None:
        """A field in a table has no label of its own but its column's heading."""
        field = super().formfield_for_dbfield(db_field, request, **more)
        if field:
            field.widget.attrs["aria-label"] = field.label
        return field


class Overtaken:
    """A form whose data have changed since it was opened: says so, and keeps what was typed."""

    def clean(self) -> None:
        super().clean()  # type: ignore[misc]
        words = "画面を開いたあとに、ほかの人がこのデータを変えました。まだ保存していません。"
        advice = "「変更の履歴」を別の画面で確かめてください。このまま保存すると、下の内容で置き換わります。"
        raise ValidationError(words + advice)


class MasterAdmin(OwnAdmin, ModelAdmin[M]):
    """A kind of master data: `explained` on its list and the index, `edited_with` rows by their accessors.

    `namer` makes what calls a thing where it is chosen; `stays`: its fields that a report holds fast.
    """

    explained = ""
    edited_with: Sequence[str] = ()
    namer: Callable[[], Callable[[M], str]] = staticmethod(lambda: str)
    stays: Sequence[str] = ()
    actions = None  # one thing at a time: what a deletion takes along is shown first
    list_per_page = 100
    show_full_result_count = False
    save_on_top = False
    view_on_site = False

    def get_readonly_fields(self, request: HttpRequest, obj: M | None = None) -> tuple[str, ...]:
        fixed = self.stays if obj and in_reports.shows(obj) else ()
        return (*super().get_readonly_fields(request, obj), *fixed)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[M], search_term: str
    ) -> tuple[QuerySet[M], bool]:
        """Rows that say every word, folded as in the public search: made here, as no column holds text so."""
        search, texts = search_for(search_term), defaultdict[int, set[str]](set)
        if not search.words:
            return queryset, False
        fields = self.get_search_fields(request)
        for pk, *own in self.model._default_manager.order_by().values_list("pk", *fields).iterator():
            texts[pk].update(filter(None, own))
        return queryset.filter(pk__in=[pk for pk in texts if search.finds(folded_pieces(texts[pk]))]), False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """An address asks what the list's own filters ask. Django would let it ask after any field in any
        way: letter by letter, or by an expression that no database comes to the end of.
        """
        offered = {each[0] if isinstance(each, (tuple, list)) else each for each in self.list_filter}
        return FILTERS_LOOKUP.sub("", lookup) in offered

    def _changeform_view(self, request: HttpRequest, *args: Any) -> HttpResponse:
        """The inside of Django's transaction, for a form that is sent."""
        if request.method == "POST":
            one_writer.wait_for_turn()
        return super()._changeform_view(request, *args)  # type: ignore[misc, no-any-return]

    def _delete_view(self, request: HttpRequest, *args: Any) -> HttpResponse:
        """As `_changeform_view`."""
        if request.method == "POST":
            one_writer.wait_for_turn()
        return super()._delete_view(request, *args)  # type: ignore[misc, no-any-return]

    def get_form(
        self, request: HttpRequest, obj: M | None = None, *args: Any, **kwargs: Any
    ) -> type[ModelForm]:
        """The form; one that refuses to be saved over what somebody else has changed since it was opened."""
        form = super().get_form(request, obj, *args, **kwargs)
        seen = request.POST.get("seen", "")
        if obj is None or not seen:
            return form
        type(obj)._default_manager.select_for_update().get(pk=obj.pk)  # until the end of the change
        return form if seen == self.seen(obj) else type("OvertakenForm", (Overtaken, form), {})

    def seen(self, obj: M) -> str:
        """What stands in the database now, as a digest: the page carries it to tell whether it still does."""
        return sha256(canonical_json(changes.values_of(self._stored(obj), self.edited_with)))

    def _stored(self, obj: M) -> M:
        return type(obj)._default_manager.get(pk=obj.pk)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        original = context["original"]
        context["seen"] = self.seen(original) if original else ""
        context["changes_at"] = self.changes_at(request, original) if original else ""
        context["manifesto_here"] = self._here(request, original)
        return super().render_change_form(request, context, *args, **kwargs)

    def delete_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        here = self._here(request, self.get_object(request, unquote(object_id)))
        return super().delete_view(request, object_id, {"manifesto_here": here})

    def _here(self, request: HttpRequest, obj: M | None) -> ManifestoHere | None:
        return manifesto_here(request, {"original": obj}, self.list_of)

    def list_of(self, manifesto_id: int) -> str:
        """The address at which the list has the things of another manifesto."""
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")

    def _get_obj_does_not_exist_redirect(
        self, request: HttpRequest, opts: object, object_id: str
    ) -> HttpResponse:
        """404, with what was typed for copying; Django would lead to the index without it."""
        raise Http404

    def save_model(self, request: HttpRequest, obj: M, form: object, change: bool) -> None:
        before = changes.values_of(self._stored(obj), self.edited_with) if change else {}
        request.before_change = before  # type: ignore[attr-defined]
        super().save_model(request, obj, form, change)

    def log_addition(self, request: HttpRequest, obj: M, message: object) -> None:  # type: ignore[override]
        self._record(request, obj, "追加")

    def log_change(self, request: HttpRequest, obj: M, message: object) -> None:  # type: ignore[override]
        self._record(request, obj, "変更")

    def log_deletions(self, request: HttpRequest, queryset: QuerySet[M]) -> None:  # type: ignore[override]
        for obj in queryset:
            gone = changes.changes_between(changes.values_of(obj, self.edited_with), {})
            self._tell(request, changes.recorded(obj, "削除", gone))

    def _record(self, request: HttpRequest, obj: M, act: str) -> None:
        before: changes.Values = request.before_change  # type: ignore[attr-defined]
        stored = self._stored(obj)
        if differing := changes.changes_between(before, changes.values_of(stored, self.edited_with)):
            self._tell(request, changes.recorded(stored, act, differing))

    def _tell(self, request: HttpRequest, *happenings: Event) -> None:
        events.record_all(happenings, by=person(request).signature)

    def changes_at(self, request: HttpRequest, obj: M) -> str:
        """The page of what can be done with it in mid-term; "" where there is none for this person."""
        return ""

    def in_the_way(self, obj: M) -> list[str]:
        """What, beyond the database's own rules, forbids a deletion."""
        return []

    def get_deleted_objects(
        self, objs: Sequence[M] | QuerySet[M], request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """Rows of models without pages protect, too. Who may delete this may delete what is in it."""
        listed, counts, _lacking, protected = get_deleted_objects(objs, request, self.admin_site)
        return listed, counts, set(), [*protected, *(why for obj in objs for why in self.in_the_way(obj))]

    def history_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """The events of this object, newest first, and the way to those of what belongs to it."""
        context: dict[str, object] = {"title": "変更の履歴"}
        if obj := self.get_object(request, unquote(object_id)):
            page, found = events_of(changes.subject_of(obj), request)
            context |= {
                "page": page,
                "numbers": elided(page),
                "events": found,
                "wider": self.wider_search(obj),
                "manifesto_here": self._here(request, obj),
                "wider_query": _wider_query(self.wider_search(obj), manifesto_id_of(obj)),
            }
        return super().history_view(request, object_id, context)

    def wider_search(self, obj: M) -> str:
        """The words under which the list of events has what else happened around a thing; "" for none."""
        if isinstance(obj, (Pledge, Initiative)):
            return obj.place
        return str(obj) if isinstance(obj, Department) else ""


def _wider_query(words: str, manifesto_id: int | None) -> str:
    """The words as a query of the list of events, in the thing's manifesto where there are several."""
    found = manifestos.names_of_all()
    slugs = [each.slug for each in found if each.pk == manifesto_id and len(found) > 1]
    return urlencode([("q", words), *(("manifesto", slug) for slug in slugs)])


def person(request: HttpRequest) -> User:
    """Who is logged in."""
    assert isinstance(request.user, User)  # noqa: S101 - admin_view has let nobody else in
    return request.user
