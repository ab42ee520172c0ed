"""The city's name and contact: what is kept as data is told everywhere, at once, for no further query."""

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.public.building import make_entry, save_report
from tests.public.conftest import Site
from tests.the_city import write_city
from tracker.models import City, Department

pytestmark = pytest.mark.django_db
OWN = {
    "name": "前橋市",
    "code": "102016",
    "contact": "前橋市 政策部 政策推進課",
    "contact_url": "https://www.city.example.jp/contact",
    "office_name": "政策推進課",
    "office_telephone": "027-000-0000",
}


@pytest.fixture(autouse=True)
def _report() -> None:
    cache.clear()
    write_city()
    save_report([make_entry(1)])


def test_a_page_that_is_kept_is_made_anew_when_the_city_changes(site: Site) -> None:
    before = site.get("/2017/")
    assert before.content.decode().count("前橋市") == 0
    write_city(**OWN)
    after = site.get("/2017/")
    page = after.content.decode()
    assert (before["ETag"] == after["ETag"], page.count("伊勢崎市")) == (False, 0)
    assert [words in page for words in (OWN["contact"], OWN["contact_url"])] == [True, True]
    assert [words in page for words in (OWN["office_name"] + "（", OWN["office_telephone"])] == [False, False]


def test_an_empty_row_leaves_every_byte_as_it_was(site: Site) -> None:
    paths = ("/2017/", "/2017/data/", "/2017/feed.atom", "/2017/data/2024-03-31/e1/catalog.jsonld")
    paths = tuple(path for path in paths if site.status(path) == 200)
    with_row = [site.get(path).content for path in paths]
    City.objects.all().delete()
    cache.clear()
    assert [site.get(path).content for path in paths] == with_row
    assert len(paths) >= 3


def test_a_kept_page_needs_one_query_still(site: Site) -> None:
    write_city(**OWN)
    site.get("/2017/")
    with CaptureQueriesContext(connection) as made:
        assert site.status("/2017/") == 200
    assert len(made) == 1


def test_files_are_named_and_filled_by_it(site: Site) -> None:
    write_city(**OWN)
    name = "102016_manifesto-initiatives_2024-03-31_e1.json"
    answer = site.get(f"/2017/data/{name}")
    assert answer.json()["rows"][0]["municipality_name"] == answer.json()["publisher"] == "前橋市"
    assert name in site.get("/2017/data/").content.decode()
    assert site.status("/2017/data/102041_manifesto-initiatives_2024-03-31_e1.json") == 404
    table = "/2017/data/102016_manifesto-table_2024-03-31_e1.xlsx"
    assert (site.status(table), table in site.get("/2017/reports/").content.decode()) == (200, True)


def test_the_department_that_is_marked_goes_before_what_is_written(site: Site) -> None:
    write_city(**OWN)
    Department.objects.create(code="991", name="市民課", division="市民部", is_contact=True)
    assert "前橋市 市民部 市民課" in site.get("/2017/").content.decode()


def test_a_page_that_is_not_there_names_it_too(site: Site) -> None:
    write_city(**OWN)
    assert "前橋市 政策部 政策推進課" in site.get("/nowhere/").content.decode()
