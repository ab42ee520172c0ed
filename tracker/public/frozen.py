"""Frozen pages: a page of reports that cannot change is rendered once and kept, and recognised by its ETag.

The key is the state of publication (every report's digest, the index's state, and the city), the version of
code, templates and settings, the path, the normalised query, and the host where a page names it. A page of a
date knows of its term's later reports only that there are some, so it stays when others follow. Nothing
private is ever part of a page, so its ETag tells nothing but what is public.
"""

import gzip
import hashlib
from collections.abc import Callable
from datetime import date
from functools import cache as once
from functools import wraps
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tracker import signing
from tracker.public.addresses import absolute_here
from tracker.public.context import AS_FILE, FRESHNESS, PageOfScope, tell_city
from tracker.public.published import Published, state_of
from tracker.public.scope import choose, published

SETTINGS_SHOWN = (
    *("CITY_NAME", "CITY_CODE", "CITY_CONTACT", "CITY_CONTACT_URL"),
    *("DATA_LICENSE", "SITE_NOTICE", "PUBLIC_URL"),
)
MOST_KEPT = 2_000_000  # bytes of one answer: a large file is read anew, so that 600 of them fill no memory
Knows = Callable[[list[Published], str], list[Published]]  # of the reports there are, and the path


@once
def code_version() -> str:
    """A digest of what pages are made from beside reports: code, templates, styles, the city's settings."""
    seen = hashlib.sha256()
    root = Path(settings.BASE_DIR)
    data = ("tracker/**/*.csv", "tracker/**/*.txt")
    for pattern in (*data, "tracker/**/*.py", "templates/**/*.*", "tracker/static/**/*"):
        for path in sorted(path for path in root.glob(pattern) if path.is_file()):
            seen.update(path.read_bytes())
    told = [getattr(settings, name) for name in SETTINGS_SHOWN]
    seen.update(repr([signing.public_key(), *told]).encode())
    return seen.hexdigest()


def normalised(request: HttpRequest, names: tuple[str, ...]) -> str:
    """The query in one spelling: known names only (no ?utm_source=), sorted, without empty ones.

    Several values of one name keep their order: the last is the one that counts.
    """
    asked = sorted((name, values) for name, values in request.GET.lists() if name in names and any(values))
    return urlencode([(name, value) for name, values in asked for value in values])


def all_of(rows: list[Published], _path: str) -> list[Published]:
    """A page that any report may change."""
    return rows


def told_at(rows: list[Published], slug: str | None, as_of: date | None) -> list[Published]:
    """The reports that a page of a date may tell of: not its term's later ones; without a date, all."""
    if as_of is None:
        return rows
    return [row for row in rows if row.slug != slug or row.as_of <= as_of]


def frozen_page(
    view: PageOfScope,
    *,
    query: tuple[str, ...] = (),
    needs_report: bool = True,
    names_host: bool = False,
    knows: Knows = all_of,
    tells_later: bool = False,
) -> Callable[..., HttpResponse]:
    """The view of an address, of (request, slug, as_of, edition, …), that answers from the cache.

    `view` makes the page from (request, scope, …). `query` names the parameters that the page understands.
    Where nothing is published yet, a page that needs a report says so with 200; another gets None for its
    scope. `names_host`: the page has absolute addresses even where PUBLIC_URL says no host, made from the
    request's (which Django has checked against ALLOWED_HOSTS), so each host has its own. `knows`: of which
    reports the page is made, for one that stays when others are published. `tells_later`: even under the
    address of a date the page tells of later reports.
    """

    @require_safe
    @wraps(view)
    def answer(
        request: HttpRequest,
        slug: str | None = None,
        as_of: date | None = None,
        edition: int | None = None,
        **arguments: Any,
    ) -> HttpResponse:
        rows = knows(published(), request.path)
        asked = normalised(request, query)
        if any(name in request.GET and not any(request.GET.getlist(name)) for name in query):
            return _shortened(request.path, asked)
        request.GET = QueryDict(asked)  # what is not part of the key is no part of the page
        if rows:
            tell_city(request, rows[0].city)
        told = rows if tells_later else told_at(rows, slug, as_of)
        key = _key(request, told, asked, is_older=len(told) < len(rows), names_host=names_host)
        if _knows(request, key):
            return _with_headers(HttpResponseNotModified(), key)
        if kept := cache.get(key):
            return _with_headers(_unpacked(request, *kept), key)
        scope = choose(rows, slug, as_of, edition)
        if scope is None and needs_report:
            return render(request, "public/nothing_yet.html")
        response = view(request, scope, **arguments)
        if response.status_code != 200:
            return response
        if AS_FILE in request.META:  # asked for once
            return _with_headers(response, key)
        kept = (gzip.compress(response.content, 4, mtime=0), dict(response.headers.items()))
        if len(kept[0]) <= MOST_KEPT:
            cache.set(key, kept)
        return _with_headers(_unpacked(request, *kept), key)

    return answer


def _key(request: HttpRequest, rows: list[Published], asked: str, *, is_older: bool, names_host: bool) -> str:
    """The digest of all that an answer is made of."""
    state = f"{code_version()} {state_of(rows)} {request.path} {asked}"
    if is_older:
        state += " older"
    if AS_FILE in request.META:
        state += " as a file"
    if names_host:
        state += f" {absolute_here(request, '/')}"
    return hashlib.sha256(state.encode()).hexdigest()


def _shortened(path: str, asked: str) -> HttpResponse:
    """Leads from what a form sends, ?q=&rating=A&field=, to the address that people share."""
    address = f"{path}?{asked}" if asked else path
    return HttpResponseRedirect(address, headers={"Cache-Control": FRESHNESS})


def _knows(request: HttpRequest, key: str) -> bool:
    known = request.META.get("HTTP_IF_NONE_MATCH", "")
    return bool(known) and f'"{key}"' in known


def _unpacked(request: HttpRequest, packed: bytes, headers: dict[str, str]) -> HttpResponse:
    if "gzip" in request.META.get("HTTP_ACCEPT_ENCODING", ""):
        return HttpResponse(packed, headers=headers | {"Content-Encoding": "gzip"})
    return HttpResponse(gzip.decompress(packed), headers=headers)


def _with_headers(response: HttpResponse, key: str) -> HttpResponse:
    response.headers["ETag"] = f'W/"{key}"'
    response.headers["Cache-Control"] = FRESHNESS
    response.headers["Vary"] = "Accept-Encoding"
    return response
