"""What the pages that make a published table share: its options, and the PDF that is being made meanwhile."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header

from tracker.models import Report, ReportEntry
from tracker.public.frozen import code_version
from tracker.published_tables import making
from tracker.published_tables.from_report import Extras
from tracker.published_tables.pdf import PdfProblem, PdfUnavailable
from tracker.reports.identity import in_terms_of
from tracker.turns import Busy
from tracker.words.digests import canonical_json, sha256
from tracker.workbooks.bytes import CONTENT_TYPE


@dataclass(frozen=True)
class TableOptions:
    """What a person wants in the table beside the usual columns. The address tells it."""

    previous: bool = False
    reasons: bool = False
    columns: bool = False
    indicators: bool = False

    @classmethod
    def of(cls, request: HttpRequest) -> "TableOptions":
        return cls(**{each.name: bool(request.GET.get(each.name)) for each in fields(cls)})

    @property
    def query(self) -> str:
        """For an address: 「?previous=1」, or nothing."""
        asked = urlencode({name: 1 for name, is_wanted in vars(self).items() if is_wanted})
        return f"?{asked}" if asked else ""


@dataclass(frozen=True)
class Offered:
    """Which of the further columns a report has anything for: the page offers these."""

    previous: Report | None
    columns: str
    indicators: bool

    @classmethod
    def of(cls, report: Report, entries: Sequence[ReportEntry], before: Report | None) -> "Offered":
        labels = "、".join(column["label"] for column in report.extra_columns)
        return cls(before, labels, any(entry.indicators for entry in entries))


@dataclass(frozen=True)
class PdfState:
    """Whether the PDF is there; why not, where it failed."""

    is_ready: bool
    problem: str = ""


def former_report(report: Report) -> Report | None:
    """The report of the date before, whose ratings are the previous ones."""
    return Report.objects.of(report.slug).filter(as_of__lt=report.as_of).current_editions().first()


def extras(options: TableOptions, entries: Sequence[ReportEntry], before: Report | None) -> Extras:
    """The further columns' content."""
    wanted = Extras({}, options.reasons, options.columns, options.indicators)
    if not options.previous or before is None:
        return wanted
    older = in_terms_of({entry.key: entry for entry in entries}, before.entries.order_by("position"))
    return replace(wanted, previous_ratings={key: entry.rating_code for key, entry in older.items()})


def key_of(options: TableOptions, before: Report | None, *content: object) -> str:
    """The key of a PDF: a digest of what is in it, the options, and the code that makes it."""
    former = before.digest if before and options.previous else ""
    return sha256(canonical_json([code_version(), options.query, former, *content]))


def pdf_state(key: str, page: Callable[[], str]) -> PdfState:
    """How far the PDF is; begins it where it is not there."""
    if making.kept(key):
        return PdfState(is_ready=True)
    try:
        making.begin(key, page)
    except Busy:
        pass  # this one, or another that comes first
    except (PdfUnavailable, PdfProblem) as problem:
        return PdfState(is_ready=False, problem=str(problem))
    return PdfState(is_ready=making.kept(key) is not None)


def pdf_answer(file: Path, name: str) -> HttpResponse:
    return _file(file.read_bytes(), "application/pdf", name)


def workbook_answer(content: bytes, name: str) -> HttpResponse:
    return _file(content, CONTENT_TYPE, name)


def _file(content: bytes, content_type: str, name: str) -> HttpResponse:
    disposition = content_disposition_header(as_attachment=True, filename=name)
    headers = {"Content-Disposition": disposition or "attachment"}
    return HttpResponse(content, content_type=content_type, headers=headers)
