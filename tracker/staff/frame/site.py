"""The staff site itself: who may enter, what its pages know, and the strict policy under which they run."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from csp.constants import SELF
from csp.decorators import csp_update
from django.contrib.admin import AdminSite
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache

from tracker.cycle import permissions
from tracker.staff.frame import kept

View = Callable[..., HttpResponseBase]

# The index of 基本データ: groups of models by name, in the order in which one would fill them.
MASTER_GROUPS = (
    ("公約と取組", ("Manifesto", "Category", "Pledge", "Initiative", "PlanProject")),
    ("担当課と利用者", ("Department", "User")),
    ("記録（見るだけ）", ("ReportingRound", "YearlyAction", "Report", "Event")),
)

# The public pages run no script. Staff pages run ours and the admin's, from our own server only.
OWN_SCRIPTS = {"script-src": [SELF], "connect-src": [SELF]}


class LoginForm(AuthenticationForm):
    """User name and password; the words do not tell which of the two was wrong."""

    error_messages = {
        "invalid_login": (
            "利用者名かパスワードが違います。大文字と小文字を確かめてください。"
            "分からないときは管理者に連絡してください。"
        ),
        "inactive": "この利用者は使えなくなっています。管理者に連絡してください。",
    }


class Suggestions(AutocompleteJsonView):
    """The admin's autocomplete, with each thing called as its field expects it."""

    def serialize_result(self, obj: Model, to_field_name: str) -> dict[str, str]:
        called = getattr(site.get_model_admin(type(obj)), "called", str)
        return {"id": str(obj.pk), "text": called(obj)}


class StaffSite(AdminSite):
    """Django's admin with our roles, words and look."""

    site_header = site_title = "市長マニフェスト 職員用"
    index_title = "基本データ"
    enable_nav_sidebar = False
    login_form = LoginForm
    login_template = "staff/login.html"
    password_change_template = "staff/password_change.html"  # noqa: S105 - a template
    password_change_done_template = "staff/password_change_done.html"  # noqa: S105

    def has_permission(self, request: HttpRequest) -> bool:
        return permissions.may_enter(request.user)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        user = request.user
        links = [
            ("ホーム", "/staff/", permissions.may_enter(user)),
            ("承認待ち", "/staff/queue/", permissions.may_review(user)),
            ("報告回", "/staff/rounds/", permissions.may_see_rounds(user)),
            ("基本データ", "/staff/tracker/", permissions.may_keep_master_data(user)),
            ("履歴", "/staff/tracker/event/", permissions.may_see_events(user)),
        ]
        menu = [(name, address) for name, address, allowed in links if allowed]
        # The longest address that the page's own begins with is where one is.
        here = max(
            (address for _name, address in menu if request.path.startswith(address)), key=len, default=""
        )
        return {
            **super().each_context(request),
            "staff_menu": [(name, address, address == here) for name, address in menu],
            "has_kept": kept.exists(request),
        }

    def autocomplete_view(self, request: HttpRequest) -> HttpResponseBase:  # type: ignore[override]
        return Suggestions.as_view(admin_site=self)(request)

    def app_index(
        self, request: HttpRequest, app_label: str, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """基本データ: what each kind of master data is, in groups."""
        if not permissions.may_keep_master_data(request.user):
            raise PermissionDenied
        found = {
            model["object_name"]: model
            for app in self.get_app_list(request, app_label)
            for model in app["models"]
        }
        for model in found.values():
            model["explained"] = getattr(self._registry[model["model"]], "explained", "")
        groups = [
            (name, [found[each] for each in members if each in found]) for name, members in MASTER_GROUPS
        ]
        context = {
            **self.each_context(request),
            "title": self.index_title,
            "master_groups": groups,
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/app_index.html", context)

    def admin_view(self, view: View, cacheable: bool = False) -> View:  # type: ignore[override]  # any view, as Django has it
        """A page for those who may enter. What somebody typed whose session has ended is kept over the
        login.
        """
        inner = super().admin_view(view, cacheable)

        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if self.has_permission(request):
                response = inner(request, *args, **kwargs)
                kept.forget_when_sent(request, response)
                return response
            if (
                request.accepts("text/html")
                and request.method == "POST"
                and not request.path.endswith("/logout/")
            ):
                return self.login(request)
            if not request.accepts("text/html"):
                return JsonResponse({"error": "login"}, status=401)
            return inner(request, *args, **kwargs)

        return csp_update(OWN_SCRIPTS)(answer)

    @method_decorator(csp_update(OWN_SCRIPTS))
    @method_decorator(never_cache)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The login page; also the answer to a form sent after the session's end, which it carries along."""
        if request.path != "/staff/login/":
            # A file cannot be carried along: it is chosen once more on the page that it was sent to.
            carried = (
                {"next": request.get_full_path(), "lost_file": True}
                if request.FILES
                else {"kept": kept.pack(request)}
            )
            context = {
                **self.each_context(request),
                "form": LoginForm(request),
                "title": "ログイン",
                **carried,
            }
            return render(request, self.login_template, context, status=401)
        response = super().login(request, {"kept": request.POST.get("kept", ""), **(extra_context or {})})
        if request.method == "POST" and permissions.may_enter(request.user) and kept.store(request):
            response.headers["Location"] = "/staff/kept/"
        return response


site = StaffSite(name="admin")
