"""What somebody typed before their session ended, with the button that sends it again."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from tracker.staff.frame import kept
from tracker.staff.frame.site import show


@require_http_methods(["GET", "HEAD", "POST"])
def kept_texts(request: HttpRequest) -> HttpResponse:
    """Shows what was kept, a form each; POST lets go of one."""
    if request.method == "POST":
        kept.forget(request, request.POST.get("key", ""))
    forms = kept.forms(request)
    if not forms:
        return redirect("staff-home")
    return show(request, "kept_texts", title="まだ送られていない入力", forms=[_shown(form) for form in forms])


def _shown(form: kept.KeptForm) -> dict[str, object]:
    fields = kept.shown(form["fields"])
    has_texts = any(is_text and value for _name, value, is_text in fields)
    return {**form, "fields": fields, "has_texts": has_texts}
