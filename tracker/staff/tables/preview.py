"""The public pages as they would be after a table is loaded and published: loaded, drawn, and taken back."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.html import format_html
from django.views.decorators.http import require_safe

from tracker.public.context import PageOfScope
from tracker.public.urls import manifesto_pages
from tracker.published_tables import uploads
from tracker.published_tables.row_writer import LoadingProblem
from tracker.staff.frame.site import site
from tracker.staff.rounds.access import nothing_written
from tracker.staff.rounds.preview import scope_of_draft
from tracker.staff.tables.access import loader, own_upload
from tracker.staff.tables.check import destination_of, preview_of

NOTICE = '取り込む前の確認用です。まだ取り込んでいません。 <a href="{}">確認の画面へ戻る</a>'


def drawn_before(view: PageOfScope, **_options: object) -> Callable[..., HttpResponseBase]:
    """The view of an address below an upload's preview, made from one of (request, scope, …)."""

    @require_safe
    def answer(
        request: HttpRequest,
        table: str,
        as_of: date | None = None,
        edition: int | None = None,
        **arguments: Any,
    ) -> HttpResponse:
        upload, user = own_upload(request, table), loader(request)
        check = reverse("staff-load-table-check", args=[table])
        if upload.is_loaded:
            return redirect("staff-load-table-reading", table)
        try:
            found = uploads.read_upload(upload)
            upload.slug = destination_of(found)
            with nothing_written():
                outcome = uploads.load_upload(found, by=user)
                below = preview_of(table)
                if (scope := scope_of_draft(outcome.round, below, as_of, edition)) is None:
                    return redirect(check)
                request.notice = format_html(NOTICE, check)  # type: ignore[attr-defined]
                return view(request, scope, **arguments)
        except LoadingProblem:
            return redirect(check)  # which says why

    return site.admin_view(answer)


@require_safe
def _nothing_there(request: HttpRequest, table: str, rest: str) -> HttpResponse:
    """404 for an address that no page has, after the same question who is asking."""
    own_upload(request, table)
    raise Http404


pages = [*manifesto_pages(drawn_before), path("<path:rest>", site.admin_view(_nothing_there))]
