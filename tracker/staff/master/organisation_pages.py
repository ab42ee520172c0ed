"""Pages of who answers: departments through reorganisations, and the people in them."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm, UserCreationForm
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from tracker.cycle import permissions
from tracker.models import Department, DepartmentSuccession, FormerName, Membership, User
from tracker.organisation.sessions import shut_out
from tracker.organisation.sign_in import second_factor
from tracker.organisation.sign_in.means import needs_second_factor, uses_password
from tracker.staff.frame import lock_out
from tracker.staff.frame.site import site
from tracker.staff.master import changes
from tracker.staff.master.exchange_pages import ExchangedAdmin
from tracker.staff.master.generic import ModelForm
from tracker.staff.master.lists import by_emptiness, count_of, when
from tracker.staff.master.master_admin import Inline, MasterAdmin, person
from tracker.staff.master.organisation_resources import DepartmentResource
from tracker.staff.people.pages import offices_of
from tracker.staff.people.standing import standing_of, with_standing


class SuccessionInline(Inline):
    model = DepartmentSuccession
    fk_name = "predecessor"
    fields = ("successor", "fiscal_year")
    verbose_name_plural = "引継ぎ先（この課がなくなったあと、どの課が引き継いだか）"


class FormerNameInline(Inline):
    model = FormerName
    fields = ("name", "division", "short_name", "last_fiscal_year")
    verbose_name_plural = "これまでの名称（その年度までの公表版と入力シートは、この名称です）"


@admin.register(Department, site=site)
class DepartmentAdmin(ExchangedAdmin[Department]):
    explained = "担当課の名称、存在した年度、組織改正の引継ぎ先です。"
    edited_with = ("successions", "former_names")
    resource_class = DepartmentResource
    fields = (
        *("code", "name", "division", "short_name", "renaming"),
        *("first_fiscal_year", "last_fiscal_year", "is_contact"),
    )
    readonly_fields = ("renaming",)
    list_display = (
        *("name", "code", "division", "first_fiscal_year", "last_fiscal_year"),
        *(count_of("duty_count", "担当する取組"), count_of("people_count", "使える利用者")),
    )
    list_filter = (("last_fiscal_year", by_emptiness("いまあるか", "いまある課", "なくなった課")),)
    search_fields = ("name", "code", "division", "short_name", "former_names__name")
    ordering = ("code",)
    inlines = (SuccessionInline, FormerNameInline)
    stays = ("code",)

    @admin.display(description="変わるとき")
    def renaming(self, department: Department) -> SafeString:
        """A typo is an edit here; whatever happens to a department is a reorganisation."""
        words = "上の名称は、誤字を直すときに書きかえます。名称が変わる、分かれる、なくなるときは、"
        address = reverse("staff-reorganisations")
        return format_html('{}<a href="{}">組織改正</a>を使います。', words, address)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Department]:
        duties = Count("assignments__initiative", filter=Q(assignments__to_fiscal_year=None), distinct=True)
        people = Count("memberships", filter=Q(memberships__user__is_active=True), distinct=True)
        return super().get_queryset(request).annotate(duty_count=duties, people_count=people)


class MembershipInline(Inline):
    may = staticmethod(permissions.may_keep_people)
    model = Membership
    fields = ("department", "is_concurrent", "is_head")
    verbose_name_plural = "所属（兼務のときは行を増やします）"


NAMES = ("username", "last_name", "first_name", "email")


class NewUserForm(UserCreationForm):  # type: ignore[type-arg]
    """A new person, with a first password or without: then they set it themselves, by an invitation."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("password1", "password2"):
            self.fields[name].required = False
        words = "空けておくと、登録したあとで案内を作り、本人がパスワードを決めます。"
        self.fields["password2"].help_text = f"同じものを、もう一度。2 つとも{words}"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        first, second = (cleaned.get(name, "") for name in ("password1", "password2"))
        if bool(first) != bool(second):
            self.add_error("password2", self.error_messages["password_mismatch"])
        return cleaned

    def set_password_and_save(self, user: User, *args: Any, commit: bool = True, **kwargs: Any) -> Any:
        if self.cleaned_data.get("password1"):
            return super().set_password_and_save(user, *args, commit=commit, **kwargs)  # type: ignore[misc]
        user.set_unusable_password()
        if commit:
            user.save()
        return user

    class Meta:
        model = User
        fields: tuple[str, ...] = (*NAMES, "role")
        labels = {"username": "利用者名", "is_active": "有効"}
        help_texts = {
            "username": "ログインに使う名前です。半角の英数字と @ . + - _ が使えます。"
            "履歴に残るので、使い回さないでください。",
            "is_active": "やめた人は、ここを外します。ログインできなくなり、履歴には残ります。",
        }


class PasswordForm(AdminPasswordChangeForm):  # type: ignore[type-arg]
    """Sets a password. Switching passwords off is not offered: `is_active` is how somebody is kept out."""

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(user, *args, **kwargs)
        self.fields.pop("usable_password", None)
        self.fields["password1"].required = self.fields["password2"].required = True


class PersonForm(ModelForm):
    """A person; nobody can shut themselves out."""

    by: User
    instance: User

    class Meta(NewUserForm.Meta):
        fields = (*NAMES, "role", "is_active")

    def clean(self) -> None:
        super().clean()
        if self.instance.pk == self.by.pk:
            for name in {"role", "is_active"} & set(self.changed_data):
                self.add_error(name, "自分の役割と「有効」は変えられません。ほかの管理者に頼んでください。")


@admin.register(User, site=site)
class PersonAdmin(MasterAdmin[User], UserAdmin):  # type: ignore[type-arg]
    """People are never deleted, only switched off: events name them, and rows point at them."""

    explained = "利用者とその役割、所属です。やめた人は「有効」を外します（削除はしません）。"
    may = staticmethod(permissions.may_keep_people)
    is_deletable = False
    edited_with = ("memberships",)
    change_list_template = "admin/people_list.html"
    form = PersonForm
    add_form = NewUserForm
    add_form_template = None
    change_form_template = "admin/change_form.html"
    change_password_form = PasswordForm
    fieldsets = ((None, {"fields": (*NAMES, "role", "is_active", "password_link", "lock_outs", "factor")}),)
    add_fieldsets = ((None, {"fields": (*NAMES, "role", "password1", "password2")}),)
    readonly_fields = ("password_link", "lock_outs", "factor")
    filter_horizontal = ()
    list_display = (
        *("login_name", "full_name", "role", "offices", "standing"),
        when("last_login", "最終ログイン"),
    )
    list_filter = ("role", "is_active", ("departments", admin.RelatedOnlyFieldListFilter))
    search_fields = ("username", "last_name", "first_name", "email", "departments__name")
    ordering = ("username",)
    inlines = (MembershipInline,)

    @admin.display(description="利用者名", ordering="username")
    def login_name(self, user: User) -> str:
        return user.username

    @admin.display(description="ログイン", ordering="is_active")
    def standing(self, user: User) -> str:
        """What would happen if they tried now."""
        return standing_of(user).words

    @admin.display(description="氏名")
    def full_name(self, user: User) -> str:
        return user.get_full_name() + ("（見本）" if user.is_demo else "")

    @admin.display(description="所属")
    def offices(self, user: User) -> str:
        return "、".join(offices_of(user))

    @admin.display(description="パスワード")
    def password_link(self, user: User) -> str:
        state = "設定されています。" if user.has_password else "まだ設定されていません。"
        address = reverse("admin:auth_user_password_change", args=[user.pk])
        ways = f"{reverse('staff-people')}?{urlencode({'q': user.username})}"
        words = ("パスワードを設定する", "本人が決めるための案内を作る")
        return format_html(
            '{} <a href="{}">{}</a>　<a href="{}">{}</a>', state, address, words[0], ways, words[1]
        )

    @admin.display(description="ログインの失敗")
    def lock_outs(self, user: User) -> str:
        if not lock_out.locks_of(user.username):
            return "止まっていません。"
        address = reverse("admin:tracker_user_unlock", args=[user.pk])
        words = "間違いが続いたため、ログインを止めています。"
        return format_html('{} <a href="{}">{}</a>', words, address, "すぐにログインできるようにする")

    @admin.display(description="2 段階認証")
    def factor(self, user: User) -> str:
        if not second_factor.has_factor(user):
            is_needed = uses_password(user) and needs_second_factor(user)
            return "次のログインで、本人が設定します。" if is_needed else "設定されていません。"
        address = reverse("admin:tracker_user_second_factor", args=[user.pk])
        left = second_factor.codes_left(user)
        words = f"設定されています（残りの回復コード {left} 個）。"
        return format_html('{} <a href="{}">{}</a>', words, address, "設定し直せるように解除する")

    def get_urls(self) -> list[URLPattern]:
        unlocking = self.admin_site.admin_view(self.unlock_page)
        removing = self.admin_site.admin_view(self.second_factor_page)
        return [
            path("<path:object_id>/unlock/", unlocking, name="tracker_user_unlock"),
            path("<path:object_id>/second-factor/", removing, name="tracker_user_second_factor"),
            *super().get_urls(),
        ]

    def second_factor_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """What becomes of a second factor that is taken off; POST does so. Nobody takes off their own."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        user = self.get_object(request, unquote(object_id))
        if user is None:
            raise Http404
        is_own = user.pk == request.user.pk
        if request.method != "POST" or is_own:
            own = {"opts": self.opts, "original": user, "is_own": is_own, "title": "2 段階認証の解除"}
            context = {**self.admin_site.each_context(request), **own, "has": second_factor.has_factor(user)}
            status = 409 if request.method == "POST" else 200
            return TemplateResponse(request, "admin/second_factor.html", context, status=status)
        if second_factor.remove(user, by=person(request).signature):  # a second click has nothing to do
            lock_out.forget_codes(user.username)
        self.message_user(request, f"{user} さんは、次のログインで 2 段階認証を設定し直します。")
        return redirect("admin:tracker_user_change", user.pk)

    def unlock_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """From where, and until when, a person cannot log in; POST lets them try again at once."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        user = self.get_object(request, unquote(object_id))
        if user is None:
            raise Http404
        locks = lock_out.locks_of(user.username)
        if request.method != "POST":
            own = {"opts": self.opts, "original": user, "locks": locks, "title": "ログインの失敗"}
            context = {**self.admin_site.each_context(request), **own}
            return TemplateResponse(request, "admin/unlock.html", context)
        if locks:  # a second click has nothing left to do
            with transaction.atomic():
                lock_out.unlock(user.username)
                self._tell(request, changes.recorded(user, "ログインの停止の解除", {}))
        self.message_user(request, f"{user} さんは、すぐにログインできます。")
        return redirect("admin:tracker_user_change", user.pk)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        people = with_standing(super().get_queryset(request))
        return people.prefetch_related("memberships__department")

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> type[ModelForm]:
        form = super().get_form(request, *args, **kwargs)
        if issubclass(form, PersonForm):
            form.by = person(request)
        return form

    def save_model(self, request: HttpRequest, obj: User, form: object, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if not obj.is_active:
            shut_out([obj.pk])

    # Django's page, with the password and its event in one transaction.
    user_change_password = method_decorator(transaction.atomic)(UserAdmin.user_change_password)

    def _record(self, request: HttpRequest, obj: User, act: str) -> None:
        if request.resolver_match and request.resolver_match.url_name == "auth_user_password_change":
            self._tell(request, changes.recorded(obj, "パスワードの設定", {}))
        else:
            super()._record(request, obj, act)
