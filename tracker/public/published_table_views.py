"""The published table (掲載表) of an edition, as the workbook that the city posts."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse

from tracker.models import ReportEntry
from tracker.public.frozen import frozen_page
from tracker.public.scope import Scope
from tracker.published_tables.file import writing
from tracker.published_tables.from_report import file_name, notes_of, table_of
from tracker.workbooks.bytes import CONTENT_TYPE
from tracker.workbooks.grid import FileProblem


@frozen_page()
def download(request: HttpRequest, scope: Scope, code: str) -> HttpResponse:
    """The workbook of the scope's edition. What no workbook can hold is told in words (409), never left out."""
    name = file_name(settings.CITY_CODE, scope.report, "xlsx")
    if not request.path.endswith(f"/{name}"):
        raise Http404
    entries = list(ReportEntry.objects.filter(report=scope.report).order_by("position"))
    try:
        content = writing.write(table_of(scope.report, entries), notes_of(scope.report, entries))
    except FileProblem as problem:
        return HttpResponse(problem.message, status=409, content_type="text/plain; charset=utf-8")
    return HttpResponse(content, content_type=CONTENT_TYPE, headers={"Content-Disposition": f'attachment; filename="{name}"'})
