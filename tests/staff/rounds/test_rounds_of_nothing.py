"""The pages of the rounds where no manifesto is there yet."""

from tests.public.markup import parse
from tests.staff.people import logged_in, make_cast, person
from tracker.choices import Role
from tracker.models import Department


def test_the_list_says_so_where_there_is_nothing(db: None) -> None:
    browser = logged_in(
        make_cast(*(Department.objects.create(code=code, name=code) for code in ("a", "b"))).planner
    )
    assert "マニフェストがまだ登録されていません" in browser.get("/staff/rounds/").content.decode()
    assert "はじめの準備" in browser.get("/staff/rounds/open/").content.decode()


def test_the_home_page_offers_no_round_where_there_is_nothing(db: None) -> None:
    page = parse(logged_in(person("planner", Role.PLANNING)).get("/staff/").content.decode())
    assert "はじめの準備" in page.text
    assert "/staff/tables/" in page.one("main").links
    assert "/staff/rounds/open/" not in page.links
