"""The manifesto as it was given to the voters, as a file: what reports name of it, and nothing else."""

from typing import NamedTuple

from django.http import Http404, HttpRequest, HttpResponse

from tracker.models import OriginalFile, Report
from tracker.public.scope import Scope
from tracker.words.codes import in_file_name


class OfferedOriginal(NamedTuple):
    """A report's original: where it can be had, and its size in bytes."""

    address: str
    size: int


def original_of(scope: Scope) -> OfferedOriginal | None:
    """The file that the scope's report names, if any."""
    about = scope.report.about
    if "original_sha256" not in about:
        return None
    return OfferedOriginal(
        scope.root.url("original", file_name=_name(scope, scope.report)), about["original_size"]
    )


def original(request: HttpRequest, scope: Scope, file_name: str) -> HttpResponse:
    """The file, to be kept and not to be shown: it is somebody's own document, and may hold anything."""
    reports = scope.reports_of(scope.reports).values()
    named = {_name(scope, report): report.about.get("original_sha256", "") for report in reports}
    found = OriginalFile.objects.filter(sha256=named.get(file_name) or "-").first()
    if found is None:
        raise Http404
    headers = {"Content-Disposition": f'attachment; filename="{file_name}"'}
    return HttpResponse(bytes(found.content), content_type="application/pdf", headers=headers)


def _name(scope: Scope, report: Report) -> str:
    """What the file is called: another one for each content."""
    return (
        f"{in_file_name(scope.city.code)}manifesto-original_"
        f"{report.about.get('original_sha256', '')[:16]}.pdf"
    )
