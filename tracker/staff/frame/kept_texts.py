"""What somebody typed before their session ended, with the button that sends it again."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from tracker.staff.frame import kept
from tracker.staff.frame.site import show


@require_http_methods(["GET", "HEAD", "POST"])
def kept_texts(request: HttpRequest) -> HttpResponse:
    """Shows what was kept; POST lets go of it."""
    content = kept.content(request)
    if request.method == "POST" or content is None:
        kept.forget(request)
        return redirect("staff-home")
    told = [(name, value, kept.is_typed(name) and not value.isdecimal()) for name, value in content["fields"]]
    has_texts = any(is_text and value for _name, value, is_text in told)
    own = {"address": content["path"], "fields": told, "has_texts": has_texts}
    return show(request, "kept_texts", title="まだ送られていない入力", **own)
