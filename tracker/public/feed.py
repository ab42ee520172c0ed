"""The Atom feed (RFC 4287) of a manifesto's reports: an entry per edition, with what changed and why."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape
from django.utils.xmlutils import SimplerXMLGenerator

from tracker.models import Report, ReportEntry
from tracker.public.addresses import absolute_here
from tracker.public.bare_pledges import bare_counts
from tracker.public.context import LICENSES
from tracker.public.published import Published
from tracker.public.scope import Scope, predecessor
from tracker.reports.comparison import RATING_FIELDS, Comparison, compare_ratings
from tracker.reports.figures import RatingStep
from tracker.words.step_names import NOT_RATED

MOST_EDITIONS = 20
SHOWN_FIELDS = (
    *("pledge_key", "pledge_number", "pledge_text", "initiative_position", "initiative_name"),
    *("category_number", "category_name", "section_number", "section_name"),
)
NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class ReportFeed(Atom1Feed):
    """Atom with what changed as an entry's content."""

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        handler.addQuickElement("content", item["content"], {"type": "html"})


@dataclass(frozen=True)
class Edition:
    """One edition, and the report that its changes are counted from (none for the first)."""

    row: Published
    report: Report
    row_before: Published | None
    before: Report | None
    compared: Comparison | None

    @property
    def title(self) -> str:
        return f"{self.row.label} 第{self.row.edition}版{'（訂正）' if self.row.edition > 1 else ''}"


def feed(request: HttpRequest, scope: Scope) -> HttpResponse:
    """The newest editions first. Addresses and ids are of PUBLIC_URL, else of the host that was asked."""
    told = _feed(request, scope)
    for edition in _editions(scope):
        _add(told, request, edition)
    return HttpResponse(told.writeString("utf-8"), content_type=told.content_type)


def _editions(scope: Scope) -> Iterator[Edition]:
    """The newest editions, the last published first, in two queries."""
    newest = sorted(scope.reports, key=lambda row: row.pk, reverse=True)[:MOST_EDITIONS]
    pairs = [(row, predecessor(row, scope.reports)) for row in newest]
    rows = [row for pair in pairs for row in pair if row]
    reports = scope.reports_of(rows)
    entries = scope.entries_of(rows).only("report_id", *RATING_FIELDS, *SHOWN_FIELDS).by_report()
    for row, old in pairs:
        report, before = reports[row.pk], reports[old.pk] if old else None
        compared = _compared(entries, report, before) if before else None
        yield Edition(row, report, old, before, compared)


def _compared(entries: Mapping[int, Sequence[ReportEntry]], report: Report, before: Report) -> Comparison:
    return compare_ratings(
        entries[before.pk],
        entries[report.pk],
        report.rating_codes,
        before.rating_codes,
        [*report.unranked_codes, *before.unranked_codes],
    )


def _feed(request: HttpRequest, scope: Scope) -> ReportFeed:
    own = absolute_here(request, scope.root.url("feed"))
    return ReportFeed(
        # a report's title has its date
        title=f"{scope.city.name} 市長マニフェストの達成状況（{scope.report.slug}）",
        subtitle="公表版と、評価の変化のお知らせ",
        link=absolute_here(request, scope.root.url("overview")),
        feed_url=own,
        feed_guid=_tag(own, min(scope.reports, key=lambda row: row.pk).as_of),
        description="",
        language="ja",
        author_name=scope.city.name,
        feed_copyright=LICENSES[settings.DATA_LICENSE][0],
    )


def _add(told: ReportFeed, request: HttpRequest, edition: Edition) -> None:
    """Adds one edition. Its permanent address is its link and, as a tag URI, its id."""
    address = absolute_here(request, edition.row.url("overview"))
    context: dict[str, Any] = {
        "edition": edition,
        "host": absolute_here(request, "/").rstrip("/"),
        "names": _names(edition.report),
        "names_before": _names(edition.before) if edition.before else {},
    }
    told.add_item(
        title=edition.title,
        link=address,
        unique_id=_tag(address, edition.row.as_of),
        description=escape(_clean(_summary(edition))),
        content=_clean(render_to_string("public/feed_entry.html", context)),
        pubdate=edition.report.published_at,
        updateddate=edition.report.published_at,
    )


def _tag(address: str, day: date) -> str:
    """A tag URI (RFC 4151) for an address: it outlives a change of http, https or port."""
    parts = urlsplit(address)
    return f"tag:{parts.hostname},{day.isoformat()}:{parts.path}"


def _names(report: Report) -> dict[str, str]:
    """「C 一部達成」 by code, in the words of the report's time."""
    return {step.code: step.name for step in RatingStep.scale(report.ratings)} | {"": NOT_RATED}


def _summary(edition: Edition) -> str:
    """The counts, and the reasons for a correction and for unapproved rows."""
    report, compared, old = edition.report, edition.compared, edition.row_before
    parts = [f"取組{report.entry_count}件。"]
    if compared and old:
        parts.append(f"{old.label}（第{old.edition}版）と比べて、{_counts(compared)}。")
    else:
        parts.append("最初の公表版です。")
    bare = bare_counts(report)
    parts += [f"取組がまだない公約 {bare.waiting}件。"] if bare.waiting else []
    parts += [f"取組のないまま終わった公約 {bare.ended}件。"] if bare.ended else []
    if report.correction_reason:
        parts.append(f"訂正の理由：{report.correction_reason}")
    if compared and compared.carried:
        parts.append(f"承認前のため前の公表のまま載せた取組 {len(compared.carried)}件。")
    if report.unapproved_reason:
        parts.append(f"承認前の取組を残して公表した理由：{report.unapproved_reason}")
    return " ".join(parts)


def _counts(compared: Comparison) -> str:
    counts = {
        **({"評価が上がった取組": compared.improved} if compared.is_ranked else {}),
        **({"評価が下がった取組": compared.worsened} if compared.is_ranked else {}),
        f"{compared.undirected_name}取組": compared.newly_rated_or_unrated,
        "新しい取組": compared.new,
        "終わった取組": compared.ended,
    }
    return "、".join(f"{name} {len(found)}件" for name, found in counts.items())


def _clean(text: str) -> str:
    """Text without the characters that XML cannot hold."""
    return NOT_IN_XML.sub("", text)
