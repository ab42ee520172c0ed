"""決裁用の案: what publishing the round now would make public, as files to be decided on before that.

The table in them is the one that publishing would make of the very same draft. They are for the planning
office only, and no cache but ours has them, under a digest of all that they say.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from tracker.models import Report
from tracker.public.context import city_of
from tracker.published_tables import making, pdf
from tracker.published_tables.file.cover import MARK, Cover
from tracker.published_tables.file.laid_table import Notes
from tracker.published_tables.file.table import PublishedTable
from tracker.published_tables.file.writing import write_workbook
from tracker.published_tables.from_report import notes_of, table_of
from tracker.reports import drafting
from tracker.reports.publishing import completed
from tracker.staff.frame.site import show
from tracker.staff.rounds import table_files
from tracker.staff.rounds.access import a_round, planner
from tracker.staff.rounds.cover import cover_of
from tracker.staff.rounds.publish import Publication, reason_of_correction
from tracker.staff.rounds.table_files import Offered, TableOptions
from tracker.words.codes import in_file_name
from tracker.words.fiscal_years import day_label
from tracker.workbooks.problems import FileProblem

REASONS = {"reason": "（公表のときに書く訂正の理由）", "unapproved_reason": "（公表のときに書く理由）"}


@dataclass
class Decision:
    """A publication to be decided on, with the columns that a person wants in its table."""

    publication: Publication
    options: TableOptions

    @cached_property
    def before(self) -> Report | None:
        return table_files.former_report(self.publication.draft.report)

    @cached_property
    def reason(self) -> str:
        """Of the correction, as it was begun."""
        return reason_of_correction(self.publication) or REASONS["reason"]

    @cached_property
    def key(self) -> str:
        """Of all that is said, whenever it is."""
        said = cover_of(self.publication, "", self.reason)
        lists = [[table.heading, *map(list, table.rows)] for table in (*said.tables, *said.behind)]
        content = self.publication.draft.content_digest
        return table_files.key_of(self.options, self.before, MARK, content, [*map(list, said.facts)], lists)

    def content(self) -> tuple[PublishedTable, Notes, Cover]:
        """What the files are made of: the table as publishing would make it, and what is said before it."""
        draft = self.publication.draft
        now = timezone.localtime()
        made = f"{day_label(now.date())}{now:%H時%M分}の内容"
        cover = cover_of(self.publication, made, self.reason)
        reasons = REASONS | {"reason": self.reason}
        report = completed(draft, self.publication.last, by="", **reasons)
        extras = table_files.extras(self.options, draft.entries, self.before)
        table = table_of(report, draft.entries, extras)
        # A line more would move where pages begin, and the draft is to be page by page what is published.
        marked = replace(table, title=f"【{MARK}】{table.title}")
        return marked, notes_of(report, draft.entries, extras), cover

    def file_name(self, city_code: str, made: datetime, suffix: str) -> str:
        """「102041_掲載表_案_2025-03-31_第1版_20250601-1423.pdf」."""
        which = f"{self.publication.draft.report.as_of}_第{self.publication.edition}版"
        return in_file_name(city_code) + f"掲載表_{MARK}_{which}_{made:%Y%m%d-%H%M}.{suffix}"


def _asked(request: HttpRequest, pk: int) -> Decision | None:
    """None where nothing can be published, so that there is nothing to decide."""
    round = a_round(pk)
    planner(request)
    publication = Publication(round, drafting.draft(round))
    return Decision(publication, TableOptions.of(request)) if publication.can_publish else None


@require_safe
def decision_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Offers both files, and has the PDF made meanwhile."""
    decision = _asked(request, pk)
    if decision is None:
        return redirect("staff-publish", pk)  # which says why
    state = table_files.pdf_state(decision.key, lambda: pdf.html(*decision.content()))
    publication = decision.publication
    return show(
        request,
        "rounds/decision",
        title="決裁用の案",
        tab="publish",
        round=publication.round,
        publication=publication,
        offered=Offered.of(publication.draft.report, publication.draft.entries, decision.before),
        options=decision.options,
        state=state,
        pdf_address=reverse("staff-decision-pdf", args=[pk]) + decision.options.query,
        workbook_address=reverse("staff-decision-workbook", args=[pk]) + decision.options.query,
    )


@require_safe
def decision_pdf(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The PDF of what would be published now; the page where that has none yet, which has it made."""
    decision = _asked(request, pk)
    file = making.kept(decision.key) if decision else None
    if decision is None or file is None:
        return redirect(reverse("staff-decision", args=[pk]) + TableOptions.of(request).query)
    made = datetime.fromtimestamp(file.stat().st_mtime, tz=timezone.get_current_timezone())
    return table_files.pdf_answer(file, decision.file_name(city_of(request).code, made, "pdf"))


@require_safe
def decision_workbook(request: HttpRequest, pk: int) -> HttpResponse:
    """The workbook of what would be published now; what none can hold is told in words (409)."""
    decision = _asked(request, pk)
    if decision is None:
        return redirect("staff-publish", pk)
    try:
        content = write_workbook(*decision.content())
    except FileProblem as problem:
        return HttpResponse(problem.message, status=409, content_type="text/plain; charset=utf-8")
    name = decision.file_name(city_of(request).code, timezone.localtime(), "xlsx")
    return table_files.workbook_answer(content, name)
