"""Public addresses. The pages of a report exist three times: latest, as of a date, and of one edition."""

from collections.abc import Callable
from datetime import date

from csp.constants import SELF
from csp.decorators import csp_update
from django.http.response import HttpResponseBase
from django.urls import URLPattern, URLResolver, include, path, register_converter
from django.urls.converters import StringConverter

from tracker.public import (
    closing,
    feed,
    health,
    list_index,
    original,
    overview,
    picture,
    plain_words,
    sitemap,
    views,
)
from tracker.public.filters import QUERY_NAMES
from tracker.public.frozen import frozen_page
from tracker.public.open_data import views as open_data
from tracker.public.open_data.files import stood_with

# Of all public pages only the list runs a script, which reads one file (docs/adr/0041).
with_script = csp_update({"script-src": [SELF], "connect-src": [SELF]})
ViewMaker = Callable[..., Callable[..., HttpResponseBase]]


class DateConverter:
    """An ISO date in an address: 2024-03-31."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> date:
        return date.fromisoformat(value)

    def to_url(self, value: date | str) -> str:
        return str(value)


class PledgeKeyConverter(StringConverter):
    """A pledge's place: field, section, position; or field and position, or the position alone."""

    regex = r"\d+(?:-\d+){0,2}"


register_converter(DateConverter, "date")
register_converter(PledgeKeyConverter, "pledge")


def manifesto_pages(as_view: ViewMaker) -> list[URLPattern | URLResolver]:
    """All pages below a manifesto's address, named in the namespaces latest, dated and edition.

    `as_view` makes an address's view from a page of (request, scope, …), with the options of `frozen_page`.
    """
    of_report = [
        path("", as_view(overview.overview), name="overview"),
        path("pledges/", with_script(as_view(views.pledges, query=QUERY_NAMES)), name="pledges"),
        path("pledges/page/<int:number>/", with_script(as_view(views.pledges)), name="pledges_page"),
        path("pledges/list.json", as_view(list_index.list_index), name="list_index"),
        path("pledges/<pledge:key>/", as_view(views.pledge), name="pledge"),
        path("pledges/<pledge:key>.json", as_view(open_data.pledge_data), name="pledge_data"),
        path("departments/", as_view(views.departments), name="departments"),
        path("departments/<slug:code>/", as_view(views.department), name="department"),
        path("sdgs/", as_view(views.sdgs), name="sdgs"),
        path("sdgs/<int:number>/", as_view(views.sdg), name="sdg"),
        path("plans/", as_view(views.plans), name="plans"),
        path("plans/<path:code>/", as_view(views.plan), name="plan"),
        path("ratings/", as_view(views.ratings), name="ratings"),
        path("easy/", as_view(plain_words.easy), name="easy"),
        path("english/", as_view(plain_words.english), name="english"),
        path("changes/", as_view(views.changes), name="changes"),
        path("data/", as_view(open_data.data, tells_later=True), name="data"),
        path("data/catalog.jsonld", as_view(open_data.catalog), name="catalog"),
        path("picture.png", as_view(picture.picture), name="picture"),
    ]
    table = "data/<str:code>_manifesto-table_<date:as_of>_e<int:edition>.xlsx"
    of_manifesto = [
        path("reports/", as_view(views.reports), name="reports"),
        path("closing/", as_view(closing.closing), name="closing"),
        path("original/<str:file_name>", as_view(original.original), name="original"),
        path("feed.atom", as_view(feed.feed, names_host=True), name="feed"),
        path(table, as_view(views.published_table, knows=stood_with), name="published_table"),
        path("data/<str:file_name>", as_view(open_data.data_file, knows=stood_with), name="data_file"),
    ]
    return [
        path("", include(([*of_report, *of_manifesto], "report"), "latest")),  # asked for most
        path("reports/<date:as_of>/", include((of_report, "report"), "dated")),
        path("reports/<date:as_of>/editions/<int:edition>/", include((of_report, "report"), "edition")),
    ]


urlpatterns = [
    path("", frozen_page(overview.overview), name="home"),
    path("accessibility/", frozen_page(views.accessibility, needs_report=False), name="accessibility"),
    path("livez", health.live, name="live"),
    path("readyz", health.ready, name="ready"),
    path("sitemap.xml", frozen_page(sitemap.sitemap, needs_report=False, names_host=True), name="sitemap"),
    path("robots.txt", health.robots, name="robots"),
    path("favicon.ico", health.favicon, name="favicon"),
    path("<slug:slug>/", include((manifesto_pages(frozen_page), "manifesto"))),
]
