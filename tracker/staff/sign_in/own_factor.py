"""A person's own second factor: new recovery codes, or another app, against a code of the present one."""

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from tracker.models import User
from tracker.organisation.sign_in import second_factor
from tracker.staff.frame.entering import begin_second_step
from tracker.staff.frame.site import show
from tracker.staff.sign_in.second_step import ProofForm, keep_codes, status_of, tried


class EitherForm(ProofForm):
    """The app's code, or a recovery code."""

    proof, wrong, takes = "password_code", "確認コードか回復コードが違います。", second_factor.takes_either
    password_code = forms.CharField(
        label="確認コード（6 桁）か、回復コード",
        max_length=40,
        error_messages={"required": "確認コードか回復コードを入力してください。"},
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code"}),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def own_second_factor(request: HttpRequest) -> HttpResponse:
    """How it stands, and what can be done; for those without one the page is not there."""
    user = request.user
    if not isinstance(user, User) or not second_factor.has_factor(user):
        raise Http404
    form = EitherForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and tried(request, user, form):
        return _changed(request, user)
    left = second_factor.codes_left(user)
    return show(request, "sign_in/own", status=status_of(form), title="2 段階認証", form=form, left=left)


def _changed(request: HttpRequest, user: User) -> HttpResponse:
    """Does what the button says. The present app is good until the new one has given its first code."""
    here = reverse("staff-second-factor")
    if request.POST.get("act") == "replace":
        return begin_second_step(request, user, wanted=here, packed="", replaces=True)
    keep_codes(request, second_factor.make_codes(user, by=user), here)
    return redirect("staff-recovery-codes")
