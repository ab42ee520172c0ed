"""What public templates are given: who publishes, and which page is shown."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import SimpleLazyObject

from tracker.models.city import CityFacts, public_city_now
from tracker.public.scope import Scope

AS_FILE = "tracker.as_file"  # in a request's environment: the answer will be a file, which answers no query
FRESHNESS = "public, no-cache"  # may be kept, must be asked about: a correction shows at once
Context = dict[str, Any]  # what a template is given
PageOfScope = Callable[Concatenate[HttpRequest, Any, ...], HttpResponse]  # of (request, scope, …)
LICENSES = {
    "CC BY 4.0": (
        "クリエイティブ・コモンズ 表示 4.0 国際（CC BY 4.0）",
        "https://creativecommons.org/licenses/by/4.0/deed.ja",
    ),
    "PDL 1.0": (
        "公共データ利用規約（第1.0版）",
        "https://www.digital.go.jp/resources/open_data/public_data_license_v1.0",
    ),
}
# The item of the menu that a page belongs to, where it is not the page itself.
ITEM = {
    "pledge": "pledges",
    "department": "departments",
    "sdg": "sdgs",
    "plan": "plans",
    "changes": "reports",
    "closing": "reports",
}


def city_of(request: HttpRequest) -> CityFacts:
    """The city as this request has read it beside something else, else by a query of its own, once."""
    if not hasattr(request, "city"):
        try:
            tell_city(request, public_city_now())
        except DatabaseError:
            tell_last_city(request)
    return request.city  # type: ignore[attr-defined, no-any-return]


def tell_city(request: HttpRequest, told: CityFacts) -> None:
    """Says what the city is, to whoever asks within this request."""
    global _last_told
    request.city, _last_told = told, told  # type: ignore[attr-defined]


def tell_last_city(request: HttpRequest) -> None:
    """Likewise what this process knew last, else the settings: for a page that must not ask the database."""
    request.city = _last_told or CityFacts.of({})  # type: ignore[attr-defined]


_last_told: CityFacts | None = None


def city(request: HttpRequest) -> dict[str, object]:
    """The city, notice, licence and public address. A page may have its own notice."""
    name, url = LICENSES[settings.DATA_LICENSE]
    return {
        "city": SimpleLazyObject(lambda: city_of(request)),
        "site_notice": getattr(request, "notice", settings.SITE_NOTICE),
        "license": {"name": name, "url": url},
        "public_url": settings.PUBLIC_URL,
    }


def public_page(view: Callable[Concatenate[HttpRequest, Scope, ...], Context | HttpResponse]) -> PageOfScope:
    """A page from what gives its context, whose name its template and its address have, too.

    Instead of a context, it may give an answer: that the page stands elsewhere.
    """

    @wraps(view)
    def show(request: HttpRequest, scope: Scope, **arguments: Any) -> HttpResponse:
        name, context = view.__name__, view(request, scope, **arguments)
        if isinstance(context, HttpResponse):
            return context
        shown = {"page_name": name, "page_arguments": arguments, "section": ITEM.get(name, name)}
        told = {"scope": scope, "as_file": AS_FILE in request.META, **shown, **context}
        return render(request, f"public/{name}.html", told)

    return show
