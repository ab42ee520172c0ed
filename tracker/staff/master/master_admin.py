"""What all pages of master data share: who may, how forms are made, and the event that each change leaves."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import get_deleted_objects, unquote
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import PermissionDenied
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from tracker.cycle import events, permissions
from tracker.cycle.events import Happening
from tracker.models import Event, User
from tracker.staff.master import changes
from tracker.words import digests

YEARS = range(1900, 2200)  # fiscal years that are no slip of the finger

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    ModelAdmin = admin.ModelAdmin[Any]
    TabularInline = admin.TabularInline[Any, Any]
else:
    StrOrPromise = object
    ModelAdmin, TabularInline = admin.ModelAdmin, admin.TabularInline


class Kept:
    """The admin's permissions, all asked of one predicate; Django's own tables of permissions are not
    used.
    """

    kept_by: Callable[[permissions.Visitor], bool] = staticmethod(permissions.may_keep_master_data)
    is_writable = True
    is_deletable = True

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.kept_by(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.kept_by(request.user)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.is_writable and self.kept_by(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.is_writable and self.kept_by(request.user)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.is_writable and self.is_deletable and self.kept_by(request.user)


class PlainFields:
    """Form fields without the admin's pop-up windows beside them."""

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> forms.Field | None:
        field: forms.Field | None = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        if field and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget = field.widget.widget
        if field:
            field.error_messages["required"] = f"「{field.label}」を入力してください。"
        if field and db_field.name.endswith("_year"):
            words = "西暦 4 桁で書いてください（例：2024）。"
            field.validators += [MinValueValidator(YEARS[0], words), MaxValueValidator(YEARS[-1], words)]
        return field


class ByEmptiness(admin.EmptyFieldListFilter):
    """A filter by whether a field is empty, in words of its own."""

    words: tuple[StrOrPromise, StrOrPromise, StrOrPromise]  # title, empty, not empty

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = self.words[0]

    def choices(self, changelist: Any) -> Any:
        names = ("全て", *self.words[1:])
        for choice, name in zip(super().choices(changelist), names, strict=True):
            yield {**choice, "display": name}


class Inline(Kept, PlainFields, TabularInline):
    """Rows that are edited on their parent's page. One empty row is there without JavaScript."""

    extra = 1

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> forms.Field | None:
        """A field in a table has no label of its own but its column's heading."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field:
            field.widget.attrs["aria-label"] = field.label
        return field


class Overtaken:
    """A form whose data have changed since it was opened: says so, and keeps what was typed."""

    def clean(self) -> Any:
        super().clean()  # type: ignore[misc]
        words = "画面を開いたあとに、ほかの人がこのデータを変えました。まだ保存していません。"
        advice = "「変更の履歴」を別の画面で確かめてください。このまま保存すると、下の内容で置き換わります。"
        raise forms.ValidationError(words + advice)


class MasterAdmin(Kept, PlainFields, ModelAdmin):
    """A kind of master data. `explained` is its line on the index page; `edited_with` names the inlines'
    accessors.
    """

    explained: StrOrPromise = ""
    edited_with: Sequence[str] = ()
    actions = None  # one thing at a time: what a deletion takes along is shown first
    list_per_page = 100
    show_full_result_count = False
    save_on_top = False
    view_on_site = False

    def called(self, obj: Any) -> str:
        """What a thing is called where it is chosen by name; one with no other's name in it."""
        return str(obj)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return super().changelist_view(request, {"explained": self.explained, **(extra_context or {})})

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """The form; one that refuses to be saved over what somebody else has changed since it was opened."""
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        seen = request.POST.get("seen", "")
        if obj is None or not seen:
            return form
        type(obj)._default_manager.select_for_update().get(pk=obj.pk)  # until the end of the change
        return form if seen == self.seen(obj) else type("OvertakenForm", (Overtaken, form), {})

    def seen(self, obj: Model) -> str:
        """What stands in the database now, as a digest: the page carries it to tell whether it still does."""
        stored = type(obj)._default_manager.get(pk=obj.pk)
        return digests.sha256(digests.canonical_json(changes.snapshot(stored, self.edited_with)))

    def render_change_form(
        self,
        request: HttpRequest,
        context: Any,
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        context["seen"] = self.seen(obj) if obj else ""
        return super().render_change_form(request, context, add, change, form_url, obj)

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        """Remembers what was there, for the event."""
        stored = type(obj)._default_manager.get(pk=obj.pk) if change else None
        self._remember(request, changes.snapshot(stored, self.edited_with) if stored else {})
        super().save_model(request, obj, form, change)

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> None:  # type: ignore[override]
        self._record(request, obj, "追加")

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> None:  # type: ignore[override]
        self._record(request, obj, "変更")

    def log_deletions(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:  # type: ignore[override]
        for obj in queryset:
            gone = changes.differences(changes.snapshot(obj, self.edited_with), {})
            self._tell(request, changes.happening(obj, "削除", gone))

    def _record(self, request: HttpRequest, obj: Model, act: str) -> None:
        stored = type(obj)._default_manager.get(pk=obj.pk)
        differing = changes.differences(self._remembered(request), changes.snapshot(stored, self.edited_with))
        if differing:
            self._tell(request, changes.happening(stored, act, differing))

    def _tell(self, request: HttpRequest, *happenings: Happening) -> None:
        assert isinstance(request.user, User)  # noqa: S101 - admin_view has let nobody else in
        events.record_all(happenings, by=request.user.signature)

    def _remember(self, request: HttpRequest, before: changes.Values) -> None:
        request.before_change = before  # type: ignore[attr-defined]

    def _remembered(self, request: HttpRequest) -> changes.Values:
        before: changes.Values = request.before_change  # type: ignore[attr-defined]
        return before

    def in_the_way(self, obj: Any) -> list[str]:
        """What, beyond the database's own rules, forbids a deletion."""
        return []

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Also rows of models without pages of their own protect; who may delete this may delete what is in
        it.
        """
        listed, counts, _lacking, protected = get_deleted_objects(objs, request, self.admin_site)
        return listed, counts, set(), [*protected, *(why for obj in objs for why in self.in_the_way(obj))]

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """The events of this object, newest first."""
        obj = self.get_object(request, unquote(object_id))
        if obj is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined, no-any-return]
        if not self.has_view_permission(request, obj):
            raise PermissionDenied
        found = Event.objects.filter(subject=changes.subject_of(obj)).order_by("-number")[:200]
        context = {
            **self.admin_site.each_context(request),
            "title": "変更の履歴",
            "events": [(event, changes_in_words(event, obj)) for event in found],
            "object": obj,
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/object_history.html", context)


def changes_in_words(event: Event, obj: Model) -> list[tuple[str, Any, Any]]:
    """(what, before, after) of an event about master data, with the fields' Japanese names."""
    told = event.content.get("changes", {})
    return [(_label(obj, name), before, after) for name, (before, after) in told.items()]


def _label(obj: Model, name: str) -> str:
    """`text` is the field's name; `assignments:3` the name of such a row."""
    known = {field.name: field for field in obj._meta.get_fields()}
    field = known.get(name.partition(":")[0])
    if field is None:
        return name
    about = field.related_model._meta if ":" in name else field  # type: ignore[union-attr]
    return str(about.verbose_name)  # type: ignore[union-attr]
