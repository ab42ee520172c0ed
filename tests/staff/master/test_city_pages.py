"""The city in the master data: one page, changed with its event, told to every page of the staff site."""

import re

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.template import engines
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django.fixtures import Settings

from tests.public.markup import parse
from tests.staff.master.browsing import page, refused, save
from tests.staff.people import logged_in
from tests.the_city import write_city
from tests.workspace import Workspace
from tracker.cycle import event_words
from tracker.models import City, Event
from tracker.models.city import THE_ONE
from tracker.staff.frame.authentication import StaffBackend

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _row(db: None) -> None:
    write_city()


def address() -> str:
    return page(City, "change", 1)


def test_the_list_is_the_one_page(planner: Client) -> None:
    response = planner.get(page(City))
    assert (response.status_code, response["Location"]) == (302, address())
    assert planner.get(address()).status_code == 200
    assert planner.post(page(City, "add"), {"name": "x"}).status_code == 403
    assert planner.post(page(City, "delete", 1), {"post": "yes"}).status_code == 403


def test_the_page_makes_the_row_where_it_lacks(planner: Client, space: Workspace) -> None:
    City.objects.all().delete()
    assert logged_in(space.cast.clerk).get(address()).status_code in {403, 404}
    assert not City.objects.exists()
    assert planner.get(page(City), follow=True).status_code == 200
    City.objects.all().delete()
    save(planner, address(), name="前橋市")
    assert City.objects.get().name == "前橋市"
    assert Event.objects.filter(subject__startswith="city").count() == 1
    assert planner.get(page(City, "change", 2)).status_code == 404


def test_what_holds_while_a_field_is_empty_is_told(planner: Client, settings: Settings) -> None:
    """Of a city that has no name yet nothing else: the code would not be its own."""

    def told() -> list[str]:
        return re.findall("空けておくと、「(.*?)」になります。", planner.get(address()).content.decode())

    settings.CITY_NAME_IS_SAID = False
    assert told() == ["伊勢崎市"]
    settings.CITY_NAME_IS_SAID = True
    assert told() == ["伊勢崎市", "102041", "伊勢崎市 企画部 企画調整課"]
    City.objects.filter(pk=THE_ONE).update(name="星浜市")
    assert told() == ["伊勢崎市", "星浜市"]


def test_a_change_leaves_an_event_in_words(planner: Client) -> None:
    save(planner, address(), name="前橋市", code="１０２０１６", office_telephone="027-000-0000（内線 12）")
    event = Event.objects.order_by("number").last()
    assert event is not None
    told = event_words.told(event)
    assert (told.about, {line.words for line in told.lines}) == (  # PostgreSQL keeps no order of keys
        "市の名前と問い合わせ先",
        {
            "市の名前：（なし） → 前橋市",
            "全国地方公共団体コード：（なし） → 102016",
            "企画の電話番号：（なし） → 027-000-0000（内線 12）",
        },
    )
    listed = planner.get(reverse("admin:tracker_event_changelist"), {"subject": "city"})
    assert "市の名前と問い合わせ先" in listed.content.decode()


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("10204", "6 桁の数字で書いてください"),
        ("102042", "検査数字）が合いません"),
        ("伊勢崎市です", "6 桁の数字で書いてください"),
    ],
)
def test_a_wrong_code_is_refused_in_words(planner: Client, typed: str, words: str) -> None:
    assert words in refused(planner, address(), code=typed)
    assert City.objects.get().code == ""


def test_who_does_not_keep_master_data_may_not(space: Workspace) -> None:
    client = logged_in(space.cast.clerk)
    assert (client.get(address()).status_code, client.post(address(), {}).status_code) == (403, 403)
    assert client.get(page(City)).status_code == 403


def test_the_staff_site_tells_it_for_no_further_query(space: Workspace) -> None:
    client = logged_in(space.cast.clerk)
    with CaptureQueriesContext(connection) as before:
        client.get(reverse("staff-home"))
    write_city(name="前橋市", contact="前橋市 政策推進課")
    with CaptureQueriesContext(connection) as made:
        shown = client.get(reverse("staff-home"))
    assert len(made) == len(before)
    footer = parse(shown.content.decode()).one("footer")
    assert ("前橋市 市長マニフェスト 職員用" in footer.text, "前橋市 政策推進課" in footer.text) == (
        True,
        True,
    )


def test_every_template_can_name_the_planning_office(space: Workspace) -> None:
    write_city(office_name="企画調整課", office_telephone="0270-00-0000", office_mail="kikaku@example.jp")
    template = engines["django"].from_string("{{ planning_office.name }} {{ planning_office.telephone }}")
    request = RequestFactory().get("/staff/")
    assert template.render({}, request) == " "  # nobody has logged in
    request.user = StaffBackend().get_user(space.cast.clerk.pk) or AnonymousUser()
    with CaptureQueriesContext(connection) as made:
        assert template.render({}, request) == "企画調整課 0270-00-0000"
        engines["django"].from_string("…").render({}, RequestFactory().get("/staff/"))
    assert len(made) == 0


def test_who_is_told_to_ask_the_planning_office_is_told_its_number(space: Workspace) -> None:
    client = logged_in(space.cast.clerk)
    assert "困ったとき" not in client.get(reverse("staff-home")).content.decode()
    write_city(office_name="企画調整課", office_telephone="0270-00-0000")
    told = [client.get(reverse("staff-home")), client.get("/staff/actions/999999/")]
    assert ["企画調整課（電話 0270-00-0000）" in page.content.decode() for page in told] == [True, True]
    assert (
        "担当が変わったときは、企画調整課（電話 0270-00-0000）に連絡してください。"
        in told[1].content.decode()
    )
    assert "0270-00-0000" not in Client().get(reverse("admin:login")).content.decode()
