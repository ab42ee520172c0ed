"""What public templates are given: who publishes, and which page is shown."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tracker.public.scope import Scope

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
}


def city(request: HttpRequest) -> dict[str, object]:
    """The city's name, contact, notice and licence, from settings."""
    name, url = LICENSES[settings.DATA_LICENSE]
    return {
        "city": {
            "name": settings.CITY_NAME,
            "code": settings.CITY_CODE,
            "contact": settings.CITY_CONTACT,
            "contact_url": settings.CITY_CONTACT_URL,
            "notice": getattr(request, "notice", settings.SITE_NOTICE),  # a page may have its own
        },
        "license": {"name": name, "url": url},
    }


def public_page(view: Callable[Concatenate[HttpRequest, Scope, ...], Context]) -> PageOfScope:
    """A page from what gives its context, whose name its template and its address have, too."""

    @wraps(view)
    def show(request: HttpRequest, scope: Scope, **arguments: Any) -> HttpResponse:
        name, context = view.__name__, view(request, scope, **arguments)
        shown = {"page_name": name, "page_arguments": arguments, "section": ITEM.get(name, name)}
        return render(request, f"public/{name}.html", {"scope": scope, **shown, **context})

    return show
