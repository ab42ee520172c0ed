"""The public pages as they will be: the report that publishing now would make, among the published ones.

The pages' own views draw them from the unsaved draft, below the preview's address. Nothing is written.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.html import format_html
from django.views.decorators.http import require_safe

from tracker.models import ReportingRound
from tracker.models.city import PUBLIC_COLUMNS, stored_city
from tracker.public.context import PageOfScope
from tracker.public.published import Pages, Published
from tracker.public.scope import Scope, Unpublished, choose, published
from tracker.public.urls import manifesto_pages
from tracker.reports.drafting import draft
from tracker.reports.publishing import completed
from tracker.staff.frame.site import site
from tracker.staff.rounds.access import a_round, own_report, planner
from tracker.staff.rounds.decision import REASONS

NOTICE = (
    '公表前の確認用です。まだ公表されていません。 <a href="{}">公表の画面へ戻る</a>'
    ' <a href="{}">決裁用の案を出す</a>'
)


def previewed(view: PageOfScope, **_options: object) -> Callable[..., HttpResponseBase]:
    """The view of an address below the preview, made from one of (request, scope, …)."""

    @require_safe
    def answer(
        request: HttpRequest, pk: int, as_of: date | None = None, edition: int | None = None, **arguments: Any
    ) -> HttpResponse:
        round = a_round(pk)
        planner(request)
        publish = reverse("staff-publish", args=[pk])
        scope = scope_of_draft(round, Pages("preview", {"pk": pk}), as_of, edition)
        if scope is None:
            return redirect(publish)  # which says why
        request.notice = format_html(NOTICE, publish, reverse("staff-decision", args=[pk]))  # type: ignore[attr-defined]
        return view(request, scope, **arguments)

    return site.admin_view(answer)


def scope_of_draft(
    round: ReportingRound, below: Pages, as_of: date | None, edition: int | None
) -> Scope | None:
    """The scope of an address as it would be if the round were published now; None where it cannot be.

    `below`: where the pages of its manifesto stand meanwhile.
    """
    new, last, slug = draft(round), own_report(round), round.manifesto.slug
    if not new.entries:
        return None
    rows = [row._replace(home=below) if row.slug == slug else row for row in published()]
    unpublished = {}
    if last is None or not new.same_content(last):
        report = completed(new, last, by="", **REASONS)
        report.pk = 1 + max((row.pk for row in rows), default=0)  # the newest report has the greatest key
        for entry in new.entries:
            entry.report = report
        unpublished[report.pk] = Unpublished(report, new.entries)
        told = (
            report.title,
            report.as_of,
            report.edition,
            report.digest,
            report.fiscal_year,
            report.round_name,
        )
        stored = rows[0]._asdict() if rows else stored_city(PUBLIC_COLUMNS)
        city = [stored.get(name, "") for name in PUBLIC_COLUMNS]
        row = Published._make((report.pk, slug, *told, None, None, *city, below))
        rows = sorted([row, *rows], key=lambda row: (row.as_of, row.edition, row.pk), reverse=True)
    return choose(rows, slug, as_of, edition, unpublished)


@require_safe
def _nothing(request: HttpRequest, pk: int, rest: str) -> HttpResponse:
    """404 for an address that no page has, after the same question who is asking."""
    a_round(pk)
    planner(request)
    raise Http404


pages = [*manifesto_pages(previewed), path("<path:rest>", site.admin_view(_nothing))]
