"""A site in use: the list is out of the way, and a table disturbs nobody's work."""

from django.test import Client
from django.urls import reverse

from tests.public.markup import parse
from tests.published_tables.file.writing import small_text
from tests.staff.people import logged_in
from tests.staff.tables.books import address, uploaded
from tests.workspace import Workspace


def addresses(client: Client, path: str) -> list[str]:
    main = parse(client.get(path).content.decode()).one("main")
    return [link for link in main.links if link.startswith("/staff/")]


def test_a_site_in_use_shows_no_list_and_leads_to_it(space: Workspace) -> None:
    for user in (space.cast.administrator, space.cast.planner):
        page = logged_in(user).get(reverse("staff-home")).content.decode()
        assert "最初の報告回</" not in page
        assert "はじめの準備の一覧へ戻る" not in logged_in(user).get(reverse("staff-rounds")).content.decode()
    assert reverse("staff-setting-up") in addresses(logged_in(space.cast.administrator), "/staff/")
    shown = logged_in(space.cast.planner).get(reverse("staff-setting-up"))
    assert [step.is_done for step in shown.context["steps"]] == [False, True, True, True, True]


def test_departments_find_no_such_page(space: Workspace) -> None:
    assert logged_in(space.cast.clerk).get(reverse("staff-setting-up")).status_code == 404


def test_a_table_without_what_departments_work_on_is_refused(space: Workspace) -> None:
    client = logged_in(space.cast.planner)
    upload = uploaded(client, small_text().encode(), "表.txt")
    client.post(address(upload, "check"), {"act": "look", "into": space.manifesto.slug})
    page = client.get(address(upload, "check"))
    assert "この表にありません" in page.context["refusal"]
    assert "まだ何も変えていません" in page.content.decode()
    answer = client.post(address(upload, "check"), {"act": "load", "into": space.manifesto.slug})
    assert (answer.status_code, space.manifesto.rounds.count()) == (409, 2)
