"""Public addresses. The same pages exist three times: latest, as of a date, and of one edition."""

from datetime import date

from django.urls import URLPattern, include, path, register_converter

from tracker.public import feed, health, views
from tracker.public.open_data import views as open_data_views


class DateConverter:
    """An ISO date in an address: 2024-03-31."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> date:
        return date.fromisoformat(value)

    def to_url(self, value: date) -> str:
        return value.isoformat()


class PledgeKeyConverter:
    """A pledge's place: field, section, position."""

    regex = r"[1-9]\d{0,3}-[1-9]\d{0,3}-[1-9]\d{0,3}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(DateConverter, "date")
register_converter(PledgeKeyConverter, "pledge")

report_pages: list[URLPattern] = [
    path("", views.overview),
    path("pledges/", views.pledges),
    path("pledges/<pledge:key>/", views.pledge),
    path("departments/", views.departments),
    path("departments/<slug:code>/", views.department),
    path("sdgs/", views.sdgs),
    path("sdgs/<int:number>/", views.sdg),
    path("plans/", views.plans),
    path("plans/<str:code>/", views.plan),
    path("ratings/", views.ratings),
    path("changes/", views.changes),
    path("data/", open_data_views.index),
    path("data/catalog.jsonld", open_data_views.catalog),
]

urlpatterns = [
    path("", views.overview),
    path("accessibility/", views.accessibility),
    path("livez", health.live),
    path("readyz", health.ready),
    path("robots.txt", health.robots),
    path("favicon.ico", health.favicon),
    path("<slug:slug>/", include(report_pages)),  # asked for most
    path("<slug:slug>/reports/", views.reports),
    path("<slug:slug>/feed.atom", feed.feed),
    path("<slug:slug>/data/<str:code>_manifesto-table_<date:as_of>_e<int:edition>.xlsx", views.download),
    path("<slug:slug>/data/<str:file_name>", open_data_views.download),
    path("<slug:slug>/reports/<date:as_of>/", include(report_pages)),
    path("<slug:slug>/reports/<date:as_of>/editions/<int:edition>/", include(report_pages)),
]
