"""The number of queries does not grow with the number of initiatives."""

from datetime import date
from urllib.parse import urljoin

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.public.building import copy_report, make_entry, save_report
from tests.public.conftest import Site
from tracker.models import Report

BASE = "/2017/"
PAGES = (
    *(
        "pledges/1-1-1/",
        "pledges/1-1-1.json",
        "picture.png",
        "departments/",
        "departments/001/",
        "sdgs/",
        "sdgs/11/",
        "plans/",
        "plans/2-2-3/",
        "ratings/",
        "changes/",
        "reports/",
    ),
    "feed.atom",
    *(
        "data/",
        "data/102041_manifesto-initiatives_2024-03-31_e1.csv",
        "data/102041_manifesto-actions_2024-03-31_e1.json",
        "data/102041_manifesto-summary_2024-03-31_e1.csv",
    ),
)


def queries(site: Site, path: str) -> int:
    """How many queries a first visit needs."""
    cache.clear()
    with CaptureQueriesContext(connection) as made:
        assert site.status(path) == 200
    return len(made)


def sized(count: int) -> Report:
    return save_report(make_entry(number) for number in range(1, count + 1))


@pytest.mark.parametrize("count", [20, 207, 2000])
def test_overview_and_list_need_as_many_queries_whatever_the_size(site: Site, db: None, count: int) -> None:
    sized(count)
    assert {
        path: queries(site, BASE + path)
        for path in ("", "pledges/", "pledges/?q=公約&sort=worst&rating=A", "pledges/?pledge_state=under_way")
    } == {
        "": 3,
        "pledges/": 6,
        "pledges/?q=公約&sort=worst&rating=A": 7,
        "pledges/?pledge_state=under_way": 7,
    }


def test_other_pages_need_as_many_queries_whatever_the_size(site: Site, demo: Report, db: None) -> None:
    """Both stand before the demo's term, whose pages are asked what they carry on."""
    small = save_report([make_entry(number) for number in range(1, 21)], slug="2013")
    assert small.entry_count == 20
    sized(400)
    few = {path: queries(site, f"/2013/{path}") for path in PAGES}
    assert few == {path: queries(site, BASE + path) for path in PAGES}
    assert max(few.values()) <= 7  # the data: two of them ask which tables an edition has


def test_pages_with_a_history_need_few_queries_whatever_its_length(site: Site, db: None) -> None:
    report = sized(30)
    paths = (
        "",
        "pledges/",
        "pledges/1-1-1/",
        "pledges/1-1-1.json",
        "/sitemap.xml",
        "data/102041_manifesto-summary_2024-03-31_e1.csv",
        "changes/",
        "reports/",
        "feed.atom",
        "pledges/?q=公約&changed_since=2024-03-31",
        "pledges/?pledge_state=under_way&changed_since=2024-03-31",
    )
    for year in (2025, 2026):
        copy_report(report, as_of=date(year, 3, 31))
    two = {path: queries(site, urljoin(BASE, path)) for path in paths}
    for year in (2027, 2028, 2029):
        copy_report(report, as_of=date(year, 3, 31))
    assert {path: queries(site, urljoin(BASE, path)) for path in paths} == two
    assert max(two.values()) <= 8


@pytest.mark.parametrize(
    "path",
    ["", "pledges/", "pledges/1-1-1/", "data/", "data/102041_manifesto-initiatives_2024-03-31_e1.xlsx"],
)
def test_second_visit_needs_one_query(site: Site, db: None, path: str) -> None:
    sized(20)
    queries(site, BASE + path)
    with CaptureQueriesContext(connection) as made:
        assert site.status(BASE + path) == 200
    assert len(made) == 1


def test_the_list_s_script_has_no_report_compared_twice(site: Site, db: None) -> None:
    """At the first asking each earlier report is read once, and the newer one once for all; then none is."""
    first = save_report([make_entry(1), make_entry(2)])
    path = f"{BASE}pledges/list.json"

    def asked() -> tuple[int, int]:
        return queries(site, path), queries(site, path)

    alone = asked()
    counts = []
    for year in (2025, 2026, 2027):
        copy_report(first, as_of=date(year, 3, 31))
        counts.append(asked())
    again = counts[0][1]
    assert counts == [(again + 2, again), (again + 3, again), (again + 4, again)]
    assert again <= alone[1] + 2  # the marks beside the ratings
