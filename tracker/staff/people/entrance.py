"""For those who cannot log in: setting a password by an invitation's number, and asking for one by mail."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.forms import SetPasswordMixin
from django.contrib.auth.password_validation import password_validators_help_text_html, validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from tracker.cycle import mailing
from tracker.models import User
from tracker.organisation import invitation_mails, invitations
from tracker.organisation.invitations import NO_SUCH_NUMBER, InvitationProblem
from tracker.staff.frame import lock_out
from tracker.staff.frame.fields import StaffForm
from tracker.staff.frame.site import show

LATER = "間違いが続いたため、しばらく受け付けていません。15 分ほどたってから、もう一度お試しください。"


class UserNameForm(StaffForm):
    """Whose password it is about."""

    username = forms.CharField(
        label="利用者名",
        max_length=150,
        error_messages={"required": "利用者名を入力してください。"},
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )


class InvitationForm(UserNameForm):
    """A number and the password that its owner chooses. The fields' names keep them out of kept texts."""

    password_number = forms.CharField(
        label="招待番号",
        max_length=50,
        help_text="紙かメールにある 12 文字です（ABCD-EFGH-JKLM の形）。",
        error_messages={"required": "招待番号を入力してください。"},
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )
    password1, password2 = SetPasswordMixin.create_password_fields(
        label1="新しいパスワード", label2="新しいパスワード（確認のため、もう一度）"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].help_text = password_validators_help_text_html()
        self.fields["password2"].help_text = ""
        for name in ("password1", "password2"):
            self.fields[name].required = True
            self.fields[name].error_messages["required"] = "パスワードを入力してください。"

    def refuse_password(self, user: User) -> bool:
        """Puts what is wrong with the password beside it; whether anything is."""
        first, second = (self.cleaned_data[name] for name in ("password1", "password2"))
        if first != second:
            self.add_error("password2", "2 つのパスワードが違います。同じものを入力してください。")
            return True
        try:
            validate_password(first, user)
        except ValidationError as problem:
            self.add_error("password1", problem)
        return bool(self.errors)


@require_http_methods(["GET", "HEAD", "POST"])
def set_password(request: HttpRequest) -> HttpResponse:
    """Sets the password of whom a number invites, and leads to the login.

    The login comes after it, not with it: there a person uses both once while they remember them, a browser
    can keep them, and whoever may not log in is kept out in one place.
    """
    form = InvitationForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _invitation_page(request, form)
    username, number = form.cleaned_data["username"], form.cleaned_data["password_number"]
    if lock_out.must_wait(request, lock_out.NUMBERS, username):
        form.add_error(None, LATER)
        return _invitation_page(request, form, status=429)
    invitation = invitations.find(username, number)
    if invitation is None:
        lock_out.count(request, lock_out.NUMBERS, username)
        form.add_error("password_number", NO_SUCH_NUMBER)
        return _invitation_page(request, form)
    if form.refuse_password(invitation.user):
        return _invitation_page(request, form)
    try:
        with transaction.atomic():
            user = invitations.accept(username, number, form.cleaned_data["password1"])
            lock_out.forget_numbers(user.username)
    except InvitationProblem as problem:  # used in another window since it was found
        form.add_error("password_number", str(problem))
        return _invitation_page(request, form)
    logout(request)  # whoever is logged in on this machine: the next login is the person's own
    messages.success(
        request, f"パスワードを設定しました。利用者名「{user.username}」でログインしてください。"
    )
    return redirect("admin:login")


def _invitation_page(request: HttpRequest, form: InvitationForm, status: int = 0) -> HttpResponse:
    return show(
        request, "people/set_password", status=status or form.status, title="パスワードを決める", form=form
    )


@require_http_methods(["GET", "HEAD", "POST"])
def forgotten(request: HttpRequest) -> HttpResponse:
    """Mails a link to who forgot the password. The answer does not tell whether there is such a person."""
    lacking = mailing.missing_settings()
    form = UserNameForm(request.POST if request.method == "POST" else None)
    if lacking or not form.is_valid():
        return _forgotten_page(request, form, status=409 if lacking and form.is_bound else form.status)
    username = form.cleaned_data["username"]
    if lock_out.must_wait(request, lock_out.ASKED, username):
        form.add_error(None, LATER)
        return _forgotten_page(request, form, status=429)
    lock_out.count(request, lock_out.ASKED, username)
    if invitation := invitations.ask(username):
        invitation_mails.mail_apart(invitation)
    return redirect(f"{reverse('staff-forgotten')}?sent=1")


def _forgotten_page(request: HttpRequest, form: UserNameForm, status: int) -> HttpResponse:
    return show(
        request,
        "people/forgotten",
        status=status,
        title="パスワードを忘れたとき",
        form=form,
        was_sent="sent" in request.GET and not form.is_bound,
        can_mail=not mailing.missing_settings(),
        minutes=int(invitations.ASKED_AGAIN.total_seconds() // 60),
    )
