"""The public site as one file, for a public web server that stands elsewhere: the page, and the .zip."""

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_safe

from tracker import signing
from tracker.cycle import permissions
from tracker.public.scope import published
from tracker.site_export import making
from tracker.site_export.asking import is_known, public_address
from tracker.staff.frame.access import allowed
from tracker.staff.frame.site import show
from tracker.turns import Busy


def _asked(request: HttpRequest) -> tuple[str, str]:
    """The key of the .zip, and the address that is written into it."""
    if not permissions.may_see_rounds(request.user):
        raise Http404
    allowed(request, permissions.may_publish, "公開サイトのファイルを出せるのは企画の職員だけです。")
    address = public_address()
    return making.key_of(address), address


@require_safe
def site_files(request: HttpRequest) -> HttpResponse:
    """Offers the .zip, and has it made meanwhile."""
    key, address = _asked(request)
    is_published = bool(published())
    problem = _begin(key, address) if is_published else ""
    return show(
        request,
        "rounds/site_files",
        title="公開サイトのファイル",
        is_published=is_published,
        file=making.kept(key),
        problem=problem,
        address=address,
        is_local=not is_known(address),
        site_key=signing.public_key(),
    )


def _begin(key: str, address: str) -> str:
    """Why the last try failed; nothing where the file is there, or on its way."""
    if making.kept(key):
        return ""
    try:
        making.begin(key, address)
    except Busy:
        pass  # this one, or one that comes first
    except making.NotMade as problem:
        return str(problem)
    return ""


@require_safe
def site_package(request: HttpRequest) -> HttpResponseBase:
    """The .zip; the page where it is not there (any more), which has it made."""
    key, _address = _asked(request)
    if (file := making.kept(key)) is None:
        return redirect("staff-site-files")
    name = f"manifesto-site-{timezone.localdate():%Y%m%d}.zip"
    return FileResponse(file.open("rb"), as_attachment=True, filename=name)
