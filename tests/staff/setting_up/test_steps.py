"""はじめの準備: the list of a fresh site, as each person sees it, until its first round is open."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.public.markup import parse
from tests.staff.master.browsing import save
from tests.staff.people import logged_in, person
from tests.the_city import write_city
from tracker.choices import Role
from tracker.models import City, Department, Initiative, Manifesto, User
from tracker.staff.setting_up.steps import SetUpStep, steps_for

pytestmark = pytest.mark.django_db
NAMES = ["市の名前と問い合わせ先", "公約と取組", "担当課", "利用者", "最初の報告回"]


def told(steps: list[SetUpStep]) -> list[tuple[str, bool, bool]]:
    return [(step.name, step.is_done, step.is_next) for step in steps]


@pytest.fixture
def administrator(db: None) -> User:
    return User.objects.create_superuser("kanri", password="ながいあいことば2026")


def test_an_empty_site_begins_with_the_city(administrator: User) -> None:
    assert told(steps_for(administrator)) == [(name, False, name == NAMES[0]) for name in NAMES]


def test_the_city_s_step_leads_on_where_its_row_lacks(administrator: User) -> None:
    City.objects.all().delete()
    step = steps_for(administrator)[0]
    assert (step.is_done, step.is_next) == (False, True)
    save(logged_in(administrator), step.ways[0].address, name="前橋市")
    assert [step.is_next for step in steps_for(administrator)[:2]] == [False, True]


def test_an_empty_list_says_so_once(administrator: User) -> None:
    shown = parse(
        logged_in(administrator).get(reverse("admin:tracker_department_changelist")).content.decode()
    )
    assert shown.texts("p", "empty") == ["まだ 1 件もありません。「担当課を追加」で登録します。"]


def test_each_step_that_is_done_hands_on_to_the_next(administrator: User) -> None:
    write_city(name="前橋市")
    assert [step.is_next for step in steps_for(administrator)] == [False, True, False, False, False]
    Department.objects.create(code="001", name="土木課")
    assert [step.is_done for step in steps_for(administrator)] == [True, False, True, False, False]
    person("kikaku", Role.PLANNING)
    people = steps_for(administrator)[3]
    assert (people.told, people.lacking) == ("企画 1人・管理者 1人", "担当課の職員がまだ登録されていません。")


def test_every_page_that_a_step_names_is_there_and_leads_back(administrator: User) -> None:
    for user, count in ((administrator, 7), (person("kikaku", Role.PLANNING), 5)):
        client = logged_in(user)
        ways = {way.address for step in steps_for(user) for way in step.ways}
        assert len(ways) == count
        for address in ways:
            page = client.get(address)
            assert page.status_code == 200, (user, address)
            assert reverse("staff-setting-up") in parse(page.content.decode()).one("main").links, address


def test_home_has_the_list_until_a_round_is_open(administrator: User) -> None:
    page = logged_in(administrator).get(reverse("staff-home")).content.decode()
    assert [name in page for name in NAMES] == [True] * 5
    planner = person("kikaku", Role.PLANNING)
    told_planner = logged_in(planner).get(reverse("staff-home")).content.decode()
    assert ("はじめの準備" in told_planner, "登録は、管理者がします。" in told_planner) == (True, True)


def test_initiatives_without_a_department_are_told(administrator: User) -> None:
    manifesto = Manifesto.objects.create(slug="2025", title="公約", first_fiscal_year=2025)
    section = manifesto.categories.create(number=1, name="まち").sections.create(
        number=1, name="橋", manifesto=manifesto
    )
    Initiative.objects.create(
        pledge=section.pledges.create(position=1, text="橋"), position=1, first_fiscal_year=2025
    )
    Department.objects.create(code="001", name="土木課")
    departments = steps_for(administrator)[2]
    assert departments.lacking == "担当課のない取組が 1件あります。このままでは、企画が入力します。"
    assert reverse("admin:tracker_initiative_changelist") in [way.address for way in departments.ways]


def test_the_public_site_is_friendly_while_nothing_is_there(client: Client) -> None:
    page = client.get(reverse("home"))
    assert (page.status_code, "まだ公表されていません" in page.content.decode()) == (200, True)
