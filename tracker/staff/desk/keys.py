"""Single keys on the review page: what they do, and whether this person wants them (WCAG 2.1.4)."""

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from tracker.cycle import permissions
from tracker.staff.frame.access import allowed, row_number
from tracker.staff.frame.fields import StaffForm
from tracker.staff.frame.site import show

TITLE = "確認の画面のキー"
KEYS = (("a", "承認して、次の取組へ進みます。"), ("r", "差戻しの理由を書く欄へ移ります。送りはしません。"))


class DeskKeysForm(StaffForm):
    """Whether keys are used."""

    use = forms.ChoiceField(
        choices=[("yes", "使う"), ("no", "使わない")],
        error_messages=dict.fromkeys(
            ("required", "invalid_choice"), "「使う」か「使わない」を選んでください。まだ変えていません。"
        ),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def desk_keys(request: HttpRequest) -> HttpResponse:
    """The person's own setting, and the way back to the row that they came from.

    It is no event: it says nothing of a pledge, and nobody else sees it.
    """
    if not permissions.may_see_all_actions(request.user):
        raise Http404
    user = allowed(request, permissions.may_review, "キーで承認や差戻しができるのは、企画の職員だけです。")
    form, back = DeskKeysForm(request.POST or None), _back(request)
    if request.method == "POST" and form.is_valid():
        user.uses_desk_keys = form.cleaned_data["use"] == "yes"
        user.save(update_fields=["uses_desk_keys"])
        words = "使います。" if user.uses_desk_keys else "使わないことにしました。"
        messages.success(request, f"確認の画面のキーを{words}")
        return redirect(back)
    shown = {"keys": KEYS, "uses_keys": user.uses_desk_keys, "back": back}
    problems = form.errors.get("use", ())
    return show(request, "desk/keys", status=form.status, title=TITLE, problems=problems, **shown)


def _back(request: HttpRequest) -> str:
    """The row's page with its filter; the queue for whoever came from elsewhere."""
    query = request.GET.copy()
    pk = row_number("".join(query.pop("action", [])[-1:]))
    address = reverse("staff-queue") if pk is None else reverse("staff-review", args=[pk])
    return f"{address}?{query.urlencode()}" if query else address
