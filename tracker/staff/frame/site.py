"""The staff site itself: who may enter, what its pages know, and the strict policy under which they run."""

import logging
from collections.abc import Callable
from functools import cached_property, wraps
from typing import Any

from csp.constants import SELF
from csp.decorators import csp_update
from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.template.response import TemplateResponse
from django.urls import reverse, reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.log import log_response
from django.views.decorators.cache import never_cache

from tracker.choices import EventKind
from tracker.cycle import events, permissions
from tracker.models import User
from tracker.organisation.sign_in import means, proxy
from tracker.organisation.sign_in.means import SignInRefused
from tracker.organisation.sign_in.oidc import flow
from tracker.public.context import tell_city
from tracker.staff.frame import kept, lock_out, once
from tracker.staff.frame.entering import (
    WayIn,
    begin_second_step,
    comes_from_elsewhere,
    enter_by_proxy,
    is_through,
    remembered,
    told_of,
)
from tracker.staff.frame.manifestos import manifesto_here
from tracker.staff.frame.planning_office import city_of_person

LEFT = "staff_left"  # a cookie: whoever has logged out is logged in by a proxy's word after a click only
AnyView = Callable[..., HttpResponseBase]
logger = logging.getLogger(__name__)

MENU = (
    ("ホーム", reverse_lazy("staff-home"), permissions.may_enter),
    ("承認待ち", reverse_lazy("staff-queue"), permissions.may_review),
    ("報告回", reverse_lazy("staff-rounds"), permissions.may_see_rounds),
    ("利用者", reverse_lazy("staff-people"), permissions.may_invite),
    ("基本データ", reverse_lazy("admin:app_list", args=["tracker"]), permissions.may_keep_master_data),
    ("履歴", reverse_lazy("admin:tracker_event_changelist"), permissions.may_see_events),
)
# Where pages belong whose address does not begin with that of their item.
ITEM_OF = {
    "staff-review": "承認待ち",
    "staff-initiative-end": "報告回",
    "staff-reorganisation": "基本データ",
    "staff-term": "報告回",
    "staff-table": "報告回",
    "staff-setting-up": "ホーム",
    "staff-condition": "ホーム",
    "staff-load-table": "ホーム",
}
# The index of 基本データ: groups of models by name, in the order in which one would fill them.
MASTER_GROUPS = (
    ("市", ("City", "Synonym")),
    (
        "公約と取組",
        ("Manifesto", "Category", "Pledge", "Initiative", "Indicator", "PlanProject", "ExtraColumn"),
    ),
    ("担当課と利用者", ("Department", "User")),
    ("記録（見るだけ）", ("ReportingRound", "YearlyAction", "Report", "Event")),
)

# The public pages run no script. Staff pages run ours and the admin's, from our own server only.
OWN_SCRIPTS = {"script-src": [SELF], "connect-src": [SELF]}


class SecondStepNeeded(Exception):  # noqa: N818 - no error: the password was right
    """The password was right, and is not enough for this person."""

    def __init__(self, user: User) -> None:
        super().__init__()
        self.user = user


class LoginForm(AuthenticationForm):
    """User name and password; the words do not tell which of the two was wrong."""

    error_messages = {
        "invalid_login": "利用者名かパスワードが違います。大文字と小文字を確かめてください。"
        "分からないときは管理者に連絡してください。",
        "named_only": "利用者名かパスワードが違うか、パスワードでのログインが認められていません。"
        "上のボタンでログインしてください。",
        "inactive": "この利用者は使えなくなっています。管理者に連絡してください。",
    }

    def get_invalid_login_error(self) -> ValidationError:
        code = "named_only" if means.has_single_sign_on() else "invalid_login"
        return ValidationError(self.error_messages[code], code=code)

    def confirm_login_allowed(self, user: User) -> None:
        """Raises SecondStepNeeded."""
        super().confirm_login_allowed(user)
        if means.needs_second_factor(user):
            raise SecondStepNeeded(user)


class Suggestions(AutocompleteJsonView):
    """The admin's autocomplete, which calls each thing as its field expects it."""

    @cached_property
    def called(self) -> Callable[[Model], str]:
        namer = getattr(self.model_admin, "namer", None)
        return namer() if namer else str

    def serialize_result(self, obj: Model, to_field_name: str) -> dict[str, str]:
        return {"id": str(obj.pk), "text": self.called(obj)}


def _item_of(request: HttpRequest, menu: list[tuple[str, str]]) -> str:
    """The menu's item that a page belongs to: that of `ITEM_OF`, else the longest address above its own."""
    route = request.resolver_match.url_name or "" if request.resolver_match else ""
    if named := [item for name, item in ITEM_OF.items() if route.startswith(name)]:
        return named[0]
    above = {name: address for name, address in menu if request.path.startswith(address)}
    return max(above, key=lambda name: len(above[name]), default="")


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
        if city := city_of_person(request):
            tell_city(request, city)
        menu = [(name, str(address)) for name, address, may in MENU if may(request.user)]
        here = _item_of(request, menu)
        return {
            **super().each_context(request),
            "staff_menu": [(name, address, name == here) for name, address in menu],
            "is_setting_up": getattr(request.user, "is_setting_up", False)
            and permissions.may_keep_master_data(request.user),
            "has_kept": bool(kept.forms(request)),
            "has_second_factor": bool(told_of(request).get("second")),
            "comes_from_elsewhere": comes_from_elsewhere(request),
            "version": settings.VERSION,
        }

    def autocomplete_view(self, request: HttpRequest) -> HttpResponseBase:  # type: ignore[override]
        return Suggestions.as_view(admin_site=self)(request)

    @method_decorator(transaction.atomic)
    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """A person's own password, with its event. Wrong present ones are counted as at the login."""
        name = request.user.get_username()
        if request.method == "POST" and not lock_out.may_try_password(request, name):
            told = {**self.each_context(request), "must_wait": lock_out.locked_words()}
            return TemplateResponse(request, self.password_change_template, told, status=429)
        response = super().password_change(request, extra_context)
        if request.method == "POST" and "old_password" not in _errors(response):
            lock_out.forget_passwords(request, name)
        if request.method == "POST" and response.status_code == 302:
            _record_own_password(request.user)
        return response

    def app_index(self, request: HttpRequest, app_label: str, *args: Any, **kwargs: Any) -> TemplateResponse:
        """基本データ: what each kind of master data is, in groups."""
        if not permissions.may_keep_master_data(request.user):
            raise PermissionDenied
        apps = self.get_app_list(request, app_label)
        found = {model["object_name"]: model for app in apps for model in app["models"]}
        for model in found.values():
            model["explained"] = getattr(self._registry[model["model"]], "explained", "")
        groups = [(name, [found[each] for each in kinds if each in found]) for name, kinds in MASTER_GROUPS]
        context = {"title": self.index_title, "master_groups": groups}
        return super().app_index(request, app_label, context)

    def admin_view(self, view: AnyView, cacheable: bool = False) -> AnyView:  # type: ignore[override]  # any view, as Django has it
        """A page for those who may enter. What was typed is kept over a login that has to come first."""
        inner = super().admin_view(view, cacheable)

        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            is_known = self.has_permission(request)
            ask = once.answer_of_the_first if is_known else once.answer_in_the_new_session
            try:
                repeated = ask(request)
            except once.StillWorking:
                return still_working(request)
            if repeated:
                return repeated
            if is_known:
                response = inner(request, *args, **kwargs)
                kept.forget_when_sent(request, response)
                return response if response.status_code != 405 else _not_taken(request, response)
            if not request.accepts("text/html"):
                return login_needed()
            if request.method == "POST" and request.path != reverse("admin:logout"):
                return self.login(request)
            return inner(request, *args, **kwargs)

        return csp_update(OWN_SCRIPTS)(answer)

    def open_view(self, view: AnyView) -> AnyView:
        """A page for those who have not logged in; a form of theirs that is sent twice does its work once."""

        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            try:
                repeated = once.answer_of_the_first(request)
            except once.StillWorking:
                return still_working(request)
            return repeated or view(request, *args, **kwargs)

        return csp_update(OWN_SCRIPTS)(never_cache(answer))

    @method_decorator(csp_update(OWN_SCRIPTS))
    @method_decorator(never_cache)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The login page; also the answer to a form sent after the session's end, which it carries along."""
        if request.path != reverse("admin:login"):
            context = {**self.login_context(request), "form": LoginForm(request), "title": "ログイン"}
            if request.FILES:  # files cannot be carried along: the person chooses them again
                context |= {"next": request.get_full_path(), "lost_file": True}
            else:
                context["kept"] = kept.pack(request)
            return render(request, self.login_template, context, status=401)
        if request.method == "GET" and self.has_permission(request):
            return redirect(next_page(request))
        has_left = "left" in request.GET or LEFT in request.COOKIES
        if request.method == "GET" and not has_left and proxy.named_person(request):
            return self._by_proxy(request)
        packed = kept.packed_in(request) or remembered(request)
        context = {**self.login_context(request), "kept": packed, **(extra_context or {})}
        try:
            response = super().login(request, context)
        except SecondStepNeeded as needed:
            return begin_second_step(request, needed.user, wanted=next_page(request), packed=packed)
        if response.status_code == 302:
            is_through(request)
            if kept.store(request, packed):
                response.headers["Location"] = reverse("staff-kept-texts")
        return response

    def _by_proxy(self, request: HttpRequest) -> HttpResponse:
        """The proxy has said who it is: nothing is left to ask."""
        try:
            return enter_by_proxy(request, wanted=next_page(request), packed="")
        except SignInRefused as refused:
            return self.refused(request, refused)

    def login_context(self, request: HttpRequest) -> dict[str, Any]:
        """What a login page offers: buttons for single sign-on, and the password's form for whom it is."""
        return {
            **self.each_context(request),
            "provider": settings.OIDC_LABEL if settings.OIDC_ISSUER else "",
            "has_proxy": bool(settings.REMOTE_USER_HEADER),
            "named_by_proxy": proxy.named_person(request),
            "has_local": means.has_single_sign_on() and bool(settings.LOCAL_LOGIN),
            "left": request.GET.get("left", ""),
        }

    def refused(
        self, request: HttpRequest, refused: SignInRefused, *, packed: str = "", wanted: str = ""
    ) -> HttpResponse:
        """The login page that says why somebody was not let in; it carries on what they typed before."""
        told = {"refused": str(refused), "is_once_more": False, "kept": packed or remembered(request)}
        page = self.login_once_more(request, status=403, **told, next=wanted or next_page(request))
        said = f"not let in: {refused.reason}"  # names nobody, so that the log's JSON may tell it
        log_response(said, response=page, request=request, level="warning")
        return page

    @method_decorator(never_cache)
    def logout(  # type: ignore[override]  # Django says a template's, and redirects
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ends the login here, and where it came from."""
        told, from_elsewhere = told_of(request), comes_from_elsewhere(request)
        response: HttpResponse = super().logout(request, extra_context)
        if response.status_code == 302 and from_elsewhere:
            response = _answer_of_logout(request, told)
        return _noting_that_they_left(response) if request.method == "POST" else response

    def login_once_more(self, request: HttpRequest, *, status: int = 403, **told: object) -> HttpResponse:
        """The login page, in answer to a login that was not looked at; it carries on what it carried."""
        form = LoginForm(request, initial={"username": request.POST.get("username", "")})
        context = {
            **self.login_context(request),
            "form": form,
            "title": "ログイン",
            "next": next_page(request),
            "kept": request.POST.get("kept", ""),
            "is_once_more": True,
            **told,
        }
        return render(request, self.login_template, context, status=status)


def _errors(answer: TemplateResponse) -> dict[str, list[str]]:
    """What was wrong with the form that a page shows; nothing where it leads on."""
    form = (getattr(answer, "context_data", None) or {}).get("form")
    return form.errors if form else {}


def _record_own_password(user: permissions.Visitor) -> None:
    if permissions.may_enter(user):
        content = {"act": "パスワードの変更", "model": str(user._meta.verbose_name), "name": str(user)}
        subject = f"user:{user.pk}"
        events.record(by=user.signature, kind=EventKind.CATALOGUE, subject=subject, content=content)


site = StaffSite(name="admin")


def _answer_of_logout(request: HttpRequest, told: dict[str, Any]) -> HttpResponse:
    """Where the login came from, if it ends there; else our own page says that it goes on there."""
    if address := _end_elsewhere(request, told):
        return onward(request, address, "ログアウト")
    return redirect(f"{reverse('admin:login')}?left=here")


def _noting_that_they_left(response: HttpResponse) -> HttpResponse:
    """Behind a proxy, until the browser is closed or the button pressed: the next page logs nobody in."""
    if settings.REMOTE_USER_HEADER:
        path, is_secure = settings.SESSION_COOKIE_PATH, settings.SESSION_COOKIE_SECURE
        response.set_cookie(LEFT, "1", path=path, secure=is_secure, httponly=True, samesite="Lax")
    return response


def _end_elsewhere(request: HttpRequest, told: dict[str, Any]) -> str:
    """Where the login ends that somebody came from; "" where that is nowhere, or not to be asked now."""
    if told["way"] == WayIn.PROXY:
        return str(settings.REMOTE_USER_LOGOUT_URL)
    if told["way"] != WayIn.PROVIDER or not settings.OIDC_ISSUER:
        return ""
    back = request.build_absolute_uri(f"{reverse('admin:login')}?left=both")
    try:
        return flow.logout_address(str(told.get("id_token", "")), back)
    except SignInRefused as silent:
        logger.warning("logged out here only: %s", silent.reason)
        return ""


def onward(request: HttpRequest, address: str, title: str) -> HttpResponse:
    """A page that leads a browser to another site at once. No redirect: the policy forbids a form's answer to
    lead elsewhere, and a provider may redirect on to one that no setting knows.
    """
    return show(request, "sign_in/onward", title=title, address=address)


def next_page(request: HttpRequest) -> str:
    """Where a login leads on to: the page that was asked for, if it is one of ours, else home."""
    wanted = request.POST.get("next", "") or request.GET.get("next", "")
    is_ours = wanted.startswith(settings.SESSION_COOKIE_PATH)
    is_ours = is_ours and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if is_ours else reverse("staff-home")


def login_needed() -> JsonResponse:
    """What the entry page's script is told: it says so, and the person saves by the button."""
    return JsonResponse({"error": "login"}, status=401)


def _not_taken(request: HttpRequest, refusal: HttpResponseBase) -> HttpResponse:
    """405: this page takes nothing. What was sent all the same is shown for copying."""
    page = show(request, "405", status=405, typed=kept.typed_texts(request))
    page.headers["Allow"] = refusal.headers["Allow"]
    return page


def show(request: HttpRequest, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
    """templates/staff/<template>.html as a page of the site, with its menu."""
    here = {"manifesto_here": manifesto_here(request, context)}
    known = {**site.each_context(request), **here, **context}
    return render(request, f"staff/{template}.html", known, status=status)


def still_working(request: HttpRequest) -> HttpResponse:
    """503: the same form was sent before and has no answer yet. It is not done twice, and nothing is lost."""
    context = {"title": "まだ処理しています", "typed": kept.typed_texts(request)}
    response = show(request, "still_working", status=503, **context)
    response.headers["Retry-After"] = "10"  # seconds
    said = ("a form is still being worked on: %s", request.path)
    log_response(*said, response=response, request=request, level="warning")
    return response
