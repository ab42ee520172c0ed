"""The page of the city: one row, which is always there, and changed only."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.forms import Field
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse

from tracker.models import City
from tracker.models.city import THE_ONE, CityFacts
from tracker.staff.frame.site import site
from tracker.staff.master.generic import DbField
from tracker.staff.master.master_admin import MasterAdmin

MEANT = {
    "name": "公開ページの見出し、オープンデータ、メールに出ます。",
    "code": "検査数字を含む 6 桁の数字です。公開データのファイル名に入ります。公表を始めたあとで変えると、"
    "それまでのファイルのアドレスは使えなくなります。",
    "contact": "公開ページの下に出ます。基本データの「担当課」で問い合わせ先の課を決めたときは、"
    "その課を示します。",
    "contact_url": "問い合わせのページがあれば、https:// から書きます。",
    "office_name": "担当課の画面とメールに、問い合わせ先として出ます。公開ページには出ません。",
    "office_telephone": "内線番号もここに書けます。公開ページには出ません。",
    "office_mail": "公開ページには出ません。",
}
FROM_SETTINGS = "空けておくと、「{}」になります。"


def _instead(name: str) -> str:
    """What holds while a field is empty. Of a city that nobody has named, only what it is called then: a code
    that is another city's would go as soon as it has its name.
    """
    if name == "name":
        return CityFacts.of({}).name
    written = City.objects.values_list("name", flat=True).first() or ""
    is_named = written or settings.CITY_NAME_IS_SAID
    return str(getattr(CityFacts.of({"city_name": written}), name, "")) if is_named else ""


@admin.register(City, site=site)
class CityAdmin(MasterAdmin[City]):
    explained = "公開ページに出る市の名前と問い合わせ先、担当課が企画に尋ねるときの連絡先です。"
    is_deletable = False
    fields = tuple(MEANT)

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> City | None:
        """The row; made where the tables were emptied since the migration made it, for who may change it."""
        if object_id == str(THE_ONE) and self.has_change_permission(request):
            City.objects.get_or_create(pk=THE_ONE)
        return super().get_object(request, object_id, from_field)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """There is no list of one thing: its page."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return redirect(reverse("admin:tracker_city_change", args=[THE_ONE]))

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        return super().render_change_form(
            request, {**context, "is_the_one": True, "subtitle": self.explained}, *args, **kwargs
        )

    def response_post_save_change(self, request: HttpRequest, obj: City) -> HttpResponseRedirect:
        return redirect("admin:app_list", "tracker")

    def formfield_for_dbfield(self, db_field: DbField, request: HttpRequest, **more: object) -> Field | None:
        field = super().formfield_for_dbfield(db_field, request, **more)
        if field:
            instead = _instead(db_field.name)
            field.help_text = MEANT[db_field.name] + (FROM_SETTINGS.format(instead) if instead else "")
        return field
