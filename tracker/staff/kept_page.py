"""What somebody typed before their session ended, with the button that sends it again."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tracker.staff import kept
from tracker.staff.pages import show

UNSEEN = {"act", "version", "base", "rating", "rows"}  # sent again too, but nothing that a person would read


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """Shows what was kept; POST lets go of it."""
    content = kept.content(request)
    if request.method == "POST" or content is None:
        kept.forget(request)
        return redirect("/staff/")
    fields = [
        (name, value, name not in UNSEEN and not name.startswith("pick_") and not value.isdecimal())
        for name, value in content["fields"]
    ]
    return show(request, "kept", title=_("まだ送られていない入力"), address=content["path"], fields=fields)
