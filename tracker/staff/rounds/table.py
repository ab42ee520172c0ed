"""The published table (掲載表) of a report as PDF, to be posted by the planning office."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from tracker.cycle import permissions
from tracker.models import Report
from tracker.published_tables import pdf as published_pdf
from tracker.published_tables.from_report import file_name, notes_of, table_of
from tracker.published_tables.pdf import PdfProblem, PdfUnavailable
from tracker.staff.frame.access import allowed
from tracker.staff.frame.site import show


@require_safe
def table_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The PDF; else a page that says why not, and what to do: 503 for now, 500 where it failed."""
    if not permissions.may_see_rounds(request.user):
        raise Http404
    allowed(request, permissions.may_publish, "掲載表を PDF で出せるのは企画の職員だけです。")
    report = get_object_or_404(Report, pk=pk)
    entries = list(report.entries.order_by("position"))
    try:
        content = published_pdf.write_pdf(table_of(report, entries), notes_of(report, entries))
    except (PdfUnavailable, PdfProblem) as problem:
        context = {"title": "PDF を作れません", "report": report, "problem": str(problem)}
        status = 503 if isinstance(problem, PdfUnavailable) else 500
        return show(request, "rounds/no_pdf", status=status, **context)
    name = file_name(settings.CITY_CODE, report.as_of, report.edition, "pdf")
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type="application/pdf", headers=headers)
