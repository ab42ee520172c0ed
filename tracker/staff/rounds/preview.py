"""The public pages as they will be: a report that is published inside a transaction and rolled back after the
page is made.

The pages' own views draw them, without the cache of frozen pages, in a scope whose addresses lie below the
preview's.
"""

import inspect
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve, reverse
from django.utils.html import format_html
from django.views.decorators.http import require_safe

from tracker.public.frozen import View
from tracker.public.scope import Published, Scope, choose, published
from tracker.reports import publishing
from tracker.staff.rounds.access import a_round, planner

PAGES = "tracker.public.urls"


class PreviewedReport(Published):
    """A report whose own addresses lie below the preview's."""

    prefix: str

    @property
    def address(self) -> str:
        return moved(super().address, self.slug, self.prefix)

    @property
    def date_address(self) -> str:
        return moved(super().date_address, self.slug, self.prefix)


@dataclass(frozen=True)
class PreviewScope(Scope):
    """A scope of the preview: `base` and `root` begin with its prefix."""

    prefix: str = ""

    @property
    def root(self) -> str:
        return self.prefix


def moved(address: str, slug: str, prefix: str) -> str:
    """An address of a manifesto's pages as the preview has it."""
    return prefix + address.removeprefix(f"/{slug}/")


@require_safe
def page(request: HttpRequest, pk: int, rest: str) -> HttpResponse:
    """A public page of the round's manifesto, as if the round were published now. Nothing is kept."""
    round = a_round(pk)
    planner(request)
    slug, prefix = round.manifesto.slug, reverse("staff-preview", args=[pk])
    try:
        found = resolve(f"/{slug}/{rest}", PAGES)
    except Resolver404 as problem:
        raise Http404 from problem
    view: View = inspect.unwrap(found.func)
    if found.kwargs.pop("slug", None) != slug or view is found.func:  # a frozen page wraps what draws it
        raise Http404
    as_of, edition = found.kwargs.pop("as_of", None), found.kwargs.pop("edition", None)
    notice = "公表前の確認用です。まだ公表されていません。"
    link = format_html('<a href="{}">公表の画面へ戻る</a>', reverse("staff-publish", args=[pk]))
    request.notice = format_html("{} {}", notice, link)  # type: ignore[attr-defined]
    try:
        with publishing.rehearsal(round):
            scope = choose(published(), slug, as_of, edition)
            if scope is None:
                raise Http404
            return view(request, _previewed(scope, prefix), **found.kwargs)
    except publishing.PublishingProblem:
        return redirect("staff-publish", pk)  # which says why


def _previewed(scope: Scope, prefix: str) -> PreviewScope:
    base = moved(scope.base, scope.report.slug, prefix)
    return PreviewScope(
        scope.report, base, tuple(_report(row, prefix) for row in scope.reports), scope.others, prefix
    )


def _report(row: Published, prefix: str) -> PreviewedReport:
    previewed = PreviewedReport(*row)
    previewed.prefix = prefix
    return previewed
