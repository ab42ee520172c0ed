"""Which addresses the public site has: those that the URLs name, and all that their pages link."""

import html
import re
from collections.abc import Iterable, Iterator
from functools import cache
from urllib.parse import unquote, urljoin, urlsplit

from django.urls import URLPattern, URLResolver, reverse

from tracker.models import Report, ReportEntry
from tracker.public import urls
from tracker.public.published import Pages, Term, terms_of
from tracker.public.scope import published
from tracker.site_export.apply_site import SiteProblem, is_plain

NOT_FOUND = "/404.html"  # no page; the answer to all that is none, where web servers look for it
LIVE_ONLY = ("live", "ready")
# How a kind of file names others.
LINKS = {
    "text/html": re.compile(r'(?:href|src|content)="((?:https?:/)?/[^"]*)"'),
    "text/css": re.compile(r"""url\(["']?([^"')]+)"""),
    "application/atom+xml": re.compile(r'href="([^"]+)"'),
    "application/ld+json": re.compile(r'"(/[^"]*)"'),
    "application/xml": re.compile(r"<loc>([^<]+)</loc>"),
    "text/xml": re.compile(r"<loc>([^<]+)</loc>"),
}


def named() -> list[str]:
    """Every address that has a name and needs no more than a report; each pledge, wherever it has stood.

    Not all of them are there: a term that goes on has no closing page.
    """
    found = [reverse(name) for name in _without_arguments(urls.urlpatterns)]
    for term in terms_of(published(), ()):
        found += _of_term(term)
    return [NOT_FOUND, *(path for path in found if is_exported(path))]


def _of_term(term: Term) -> Iterator[str]:
    keys = _places(term)
    for pages, names in _scopes(term):
        yield from (pages.url(name) for name in names)
        yield from (pages.pledge_pattern.format(key=key) for key in keys)


def _scopes(term: Term) -> Iterator[tuple[Pages, list[str]]]:
    """Where the pages of a report stand, with the names of those that take no arguments of their own."""
    names = {
        resolver.namespace: _without_arguments(resolver.url_patterns)
        for resolver in urls.manifesto_pages(lambda view, **_options: view)
        if isinstance(resolver, URLResolver)
    }
    yield term.latest.latest, names["latest"]
    for row in term.reports:
        yield row.dated, names["dated"]
        yield row.permanent, names["edition"]


def _without_arguments(patterns: Iterable[object]) -> list[str]:
    return [
        each.name
        for each in patterns
        if isinstance(each, URLPattern) and each.name and not each.pattern.converters
    ]


def _places(term: Term) -> list[str]:
    """Where pledges stand, or stood: addresses of today lead there, and those of then lead here."""
    pks = [row.pk for row in term.reports]
    entries = ReportEntry.objects.filter(report__in=pks).values_list("pledge_key", "former_pledge_keys")
    bare = [pledge for report in Report.objects.filter(pk__in=pks) for pledge in report.bare_pledges]
    told = [*entries, *((pledge["pledge_key"], pledge["former_pledge_keys"]) for pledge in bare)]
    return sorted({place for key, former in told for place in (key, *(former or ()))})


@cache
def _live_only() -> tuple[str, frozenset[str]]:
    """Where the staff site begins, and the addresses for watching over the server."""
    return reverse("staff-home"), frozenset(map(reverse, LIVE_ONLY))


def is_exported(path: str) -> bool:
    """Whether an address is for the public to read, and not for watching over the server."""
    staff, watching = _live_only()
    return not path.startswith(staff) and path not in watching


def links(content_type: str, address: str, path: str, body: bytes) -> set[str]:
    """The paths on this site that a file names, without what is asked of them and where in them."""
    kind = LINKS.get(content_type.partition(";")[0])
    targets = (
        urlsplit(urljoin(f"{address}{path}", html.unescape(link)))
        for link in set(kind.findall(body.decode()) if kind else ())
    )
    own = urlsplit(address)[:2]
    paths = {target.path or "/" for target in targets if target[:2] == own}
    return {found for found in paths if is_exported(found)}


def file_of(path: str) -> str:
    """The file of an address. Raises SiteProblem for one that no file can have."""
    name = unquote(path).lstrip("/") + ("index.html" if path.endswith("/") else "")
    if not is_plain(name):
        raise SiteProblem(f"{path} は、ファイルにできないアドレスです。")
    return name
