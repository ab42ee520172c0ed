"""The published table (掲載表) of a report, as the planning office posts it: the page, and its two files."""

from dataclasses import dataclass
from functools import cached_property

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from tracker.cycle import permissions
from tracker.models import Report, ReportEntry
from tracker.public.context import city_of
from tracker.published_tables import making, pdf
from tracker.published_tables.file.laid_table import Notes
from tracker.published_tables.file.table import PublishedTable
from tracker.published_tables.file.writing import write_workbook
from tracker.published_tables.from_report import file_name, notes_of, table_of
from tracker.staff.frame.access import allowed
from tracker.staff.frame.site import show
from tracker.staff.rounds import table_files
from tracker.staff.rounds.table_files import Offered, TableOptions
from tracker.workbooks.problems import FileProblem


@dataclass
class ReportsTable:
    """A report's table with the columns that a person wants."""

    report: Report
    options: TableOptions

    @cached_property
    def entries(self) -> list[ReportEntry]:
        return list(self.report.entries.order_by("position"))

    @cached_property
    def before(self) -> Report | None:
        return table_files.former_report(self.report)

    @cached_property
    def newer(self) -> Report | None:
        """The edition of the same date that has come after, if any."""
        current = Report.objects.of(self.report.slug).filter(as_of=self.report.as_of).current_editions()
        return current.exclude(pk=self.report.pk).first()

    @cached_property
    def key(self) -> str:
        return table_files.key_of(self.options, self.before, self.report.digest)

    def content(self) -> tuple[PublishedTable, Notes]:
        extras = table_files.extras(self.options, self.entries, self.before)
        return table_of(self.report, self.entries, extras), notes_of(self.report, self.entries, extras)

    def file_name(self, city_code: str, suffix: str) -> str:
        return file_name(city_code, self.report.as_of, self.report.edition, suffix)


def _asked(request: HttpRequest, pk: int) -> ReportsTable:
    if not permissions.may_see_rounds(request.user):
        raise Http404
    allowed(request, permissions.may_publish, "掲載表をここで出せるのは企画の職員だけです。")
    return ReportsTable(
        get_object_or_404(Report.objects.select_related("manifesto"), pk=pk), TableOptions.of(request)
    )


@require_safe
def table_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Offers both files, and has the PDF made meanwhile."""
    asked = _asked(request, pk)
    state = table_files.pdf_state(asked.key, lambda: pdf.html(*asked.content()))
    return show(
        request,
        "rounds/table",
        title="掲載表",
        manifesto=asked.report.manifesto,
        report=asked.report,
        newer=asked.newer,
        offered=Offered.of(asked.report, asked.entries, asked.before),
        options=asked.options,
        state=state,
        pdf_address=reverse("staff-table-pdf", args=[pk]) + asked.options.query,
        workbook_address=reverse("staff-table-workbook", args=[pk]) + asked.options.query,
    )


@require_safe
def table_pdf(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The PDF; the page where it is not there (any more), which has it made."""
    asked = _asked(request, pk)
    file = making.kept(asked.key)
    if file is None:
        return redirect(reverse("staff-table", args=[pk]) + asked.options.query)
    return table_files.pdf_answer(file, asked.file_name(city_of(request).code, "pdf"))


@require_safe
def table_workbook(request: HttpRequest, pk: int) -> HttpResponse:
    """The workbook; what none can hold is told in words (409)."""
    asked = _asked(request, pk)
    try:
        content = write_workbook(*asked.content())
    except FileProblem as problem:
        return HttpResponse(problem.message, status=409, content_type="text/plain; charset=utf-8")
    return table_files.workbook_answer(content, asked.file_name(city_of(request).code, "xlsx"))
