"""The second step after a password: the app's code, a recovery code, or setting the app up."""

from collections.abc import Callable
from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from tracker.cycle import permissions
from tracker.models import User
from tracker.organisation.sign_in import sealing, second_factor
from tracker.public.context import city_of
from tracker.staff.frame import lock_out
from tracker.staff.frame.entering import SecondStep, WayIn, enter, remembered, second_step
from tracker.staff.frame.fields import StaffForm
from tracker.staff.frame.site import show, site

WRONG = (
    "確認コードが違います。アプリにいま出ている 6 桁の数字を入力してください。一度使った数字は使えません。"
)
WRONG_CLOCK = "続けて違うときは、スマートフォンの時計が合っているか（自動設定か）を確かめてください。"
WRONG_RECOVERY = "回復コードが違うか、もう使ったものです。"
NEW_CODES = (
    "new_codes"  # in the session: recovery codes that nobody has noted yet, sealed; and where to go then
)


class ProofForm(StaffForm):
    """One field, whose name keeps it out of kept texts; what looks at it, and the words if it is wrong."""

    proof: ClassVar[str]
    wrong: ClassVar[str]
    takes: ClassVar[Callable[[User, str], bool]]


class CodeForm(ProofForm):
    """The app's code."""

    proof, wrong, takes = "password_code", f"{WRONG}{WRONG_CLOCK}", second_factor.takes_code
    password_code = forms.CharField(
        label="確認コード（6 桁）",
        max_length=20,
        error_messages={"required": "確認コードを入力してください。"},
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


class RecoveryForm(ProofForm):
    """A recovery code."""

    proof, wrong, takes = "password_recovery", WRONG_RECOVERY, second_factor.takes_recovery_code
    password_recovery = forms.CharField(
        label="回復コード",
        max_length=40,
        help_text="設定したときに控えた、ABCDE-FGHJK の形の 10 文字です。1 つを 1 回だけ使えます。",
        error_messages={"required": "回復コードを入力してください。"},
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def second_login_step(request: HttpRequest) -> HttpResponse:
    """Asks for the code of whoever has given the right password, or lets them set their app up."""
    step = second_step(request)
    if step is None:
        return _too_late(request)
    if step.replaces or not second_factor.has_factor(step.user):
        return _setting_up(request, step)
    sent = request.POST if request.method == "POST" else None
    is_recovery = "act" in request.POST
    code, recovery = CodeForm(None if is_recovery else sent), RecoveryForm(sent if is_recovery else None)
    form: ProofForm = recovery if is_recovery else code
    if form.is_valid() and tried(request, step.user, form):
        return _entered(request, step)
    return _step_page(
        request, step, "second_step", form, title="確認コードの入力", code=code, recovery=recovery
    )


def tried(request: HttpRequest, user: User, form: ProofForm) -> bool:
    """Whether the form's code is right; else the form says what is wrong. Counted as passwords are."""
    if not lock_out.may_try_code(request, user.username):
        form.add_error(None, lock_out.locked_words())
        return False
    is_right = type(form).takes(user, form.cleaned_data[form.proof])
    if is_right:
        lock_out.forget_codes(user.username)
    else:
        form.add_error(form.proof, form.wrong)
    return is_right


def _setting_up(request: HttpRequest, step: SecondStep) -> HttpResponse:
    """The QR code, and the first code of the app that has read it."""
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        code, by = form.cleaned_data["password_code"], step.user
        session = request.session.session_key or ""
        codes = second_factor.set_up(
            step.user, step.secret, code, by=by, replaces=step.replaces, session=session
        )
        if codes:
            answer = _entered(request, step)
            keep_codes(request, codes, answer.headers["Location"])
            return redirect("staff-recovery-codes")
        if second_factor.has_factor(step.user) and not step.replaces:
            return redirect("staff-second-step")  # another browser was first: it asks for that app's code
        form.add_error("password_code", f"{WRONG}{WRONG_CLOCK}")
    address = second_factor.address_for_apps(step.secret, step.user, _place(request))
    pieces = [step.secret[start : start + 4] for start in range(0, len(step.secret), 4)]
    context = {"qr_code": second_factor.qr_code(address), "pieces": pieces, "person": step.user}
    return _step_page(request, step, "set_up", form, title="2 段階認証の設定", **context)


def _place(request: HttpRequest) -> str:
    """What an app calls this site: 「伊勢崎市 市長マニフェスト」."""
    return f"{city_of(request).name} 市長マニフェスト"


def _entered(request: HttpRequest, step: SecondStep) -> HttpResponse:
    return enter(request, step.user, WayIn.PASSWORD, wanted=step.wanted, packed=step.packed, second=True)


def _step_page(
    request: HttpRequest, step: SecondStep, template: str, form: StaffForm, **context: Any
) -> HttpResponse:
    told = {"form": form, "has_texts": bool(step.packed), **context}
    return show(request, f"sign_in/{template}", status=status_of(form), **told)


def status_of(form: StaffForm) -> int:
    """429 where somebody has to wait."""
    return 429 if form.non_field_errors() else form.status


def _too_late(request: HttpRequest) -> HttpResponse:
    """No login waits: it has gone through, or took too long; then it begins anew, with what was typed."""
    if permissions.may_enter(request.user):
        return redirect("staff-home")
    if request.method != "POST":
        return redirect("admin:login")
    return site.login_once_more(request, kept=remembered(request))


def keep_codes(request: HttpRequest, codes: list[str], wanted: str) -> None:
    """Until the person has noted them: a reload, or a second click, must not cost them."""
    request.session[NEW_CODES] = {"sealed": sealing.seal(" ".join(codes)), "wanted": wanted}


@require_http_methods(["GET", "HEAD", "POST"])
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """New recovery codes, to be noted; POST says that they are, and nobody sees them again."""
    told = request.session.get(NEW_CODES)
    codes = (sealing.opened(told["sealed"]) or "").split() if told else []
    if told is None or not codes:
        return redirect("staff-home")
    if request.method == "POST":
        del request.session[NEW_CODES]
        return redirect(told["wanted"])
    return show(request, "sign_in/codes", title="回復コード", codes=codes)
