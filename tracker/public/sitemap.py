"""sitemap.xml: every page that search engines should know, at its canonical address."""

from collections.abc import Iterator, Sequence
from math import ceil

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse

from tracker.models import Report
from tracker.public.addresses import absolute_here
from tracker.public.pledge_parts import PLEDGES_PER_PAGE
from tracker.public.published import Term
from tracker.public.scope import Scope
from tracker.words.sdgs import GOALS

OF_LATEST = (
    *("overview", "pledges", "departments", "sdgs", "plans", "ratings", "changes", "data", "reports"),
    *("easy", "english"),
)
OF_OLDER = ("overview", "pledges", "changes")  # of an edition that is not the latest; the others are linked


def sitemap(request: HttpRequest, scope: Scope | None) -> HttpResponse:
    """All terms, in queries whose number depends on none of them."""
    pages = list(_pages(scope)) if scope else []
    context = {
        "pages": [(absolute_here(request, address), day) for address, day in pages],
        "further": [absolute_here(request, reverse("accessibility"))],
    }
    content = render_to_string("public/sitemap.xml", context)
    return HttpResponse(content, content_type="application/xml; charset=utf-8")


def _pages(scope: Scope) -> Iterator[tuple[str, str]]:
    """Addresses, and the day since which what they show is as it is."""
    latest = [term.latest for term in scope.terms]
    reports = Report.objects.defer("years").in_bulk([row.pk for row in latest])
    entries = scope.entries_of(latest).values("report_id", "pledge_key")
    keys = dict.fromkeys((entry["report_id"], entry["pledge_key"]) for entry in entries)
    published_on = dict(_days(scope))
    for term in scope.terms:
        row, report = term.latest, reports[term.latest.pk]
        pledges = [key for pk, key in keys if pk == row.pk]
        pledges += [pledge["pledge_key"] for pledge in report.bare_pledges]
        yield from ((address, published_on[row.pk]) for address in _of_latest(term, report, pledges))
        for older in term.reports[1:]:
            yield from ((older.url(name), published_on[older.pk]) for name in OF_OLDER)


def _days(scope: Scope) -> Iterator[tuple[int, str]]:
    pks = [row.pk for term in scope.terms for row in term.reports]
    for pk, published_at in Report.objects.filter(pk__in=pks).values_list("pk", "published_at"):
        yield pk, published_at.isoformat()


def _of_latest(term: Term, report: Report, pledge_keys: Sequence[str]) -> Iterator[str]:
    pages, outline = term.latest.latest, report.outline
    names = (*OF_LATEST, "closing") if term.has_next else OF_LATEST
    lacking = {"sdgs": not report.may_name_goals, "plans": not outline["plans"]}
    yield from (pages.url(name) for name in names if not lacking.get(name))
    list_pages = range(2, ceil(len(pledge_keys) / PLEDGES_PER_PAGE) + 1)
    yield from (pages.url("pledges_page", number=number) for number in list_pages)
    yield from (pages.url("pledge", key=key) for key in pledge_keys)
    yield from (pages.url("department", code=row["code"]) for row in outline["departments"])
    yield from (pages.url("plan", code=row["code"]) for row in outline["plans"])
    yield from (pages.url("sdg", number=number) for number in GOALS if report.may_name_goals)
